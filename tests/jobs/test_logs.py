"""The log cannot be forged and gives nothing away (SEC-65)."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from core import logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(form: str, message: str = "happened", **values: Any) -> list[str]:
    stream = io.StringIO()
    logs.setup(form, stream)
    structlog.get_logger("forecourt.test").warning(message, **values)
    return stream.getvalue().splitlines()


def logged(message: str = "happened", **values: Any) -> dict[str, Any]:
    (line,) = lines("json", message, **values)
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_line_says_when_who_and_what() -> None:
    logs.begin_request()
    logs.add(user=7, addon="sales", nothing=None)

    found = logged(path="/x")

    assert found["event"] == "happened"
    assert (found["user"], found["addon"], found["path"], found["level"]) == (7, "sales", "/x", "warning")
    assert len(found["request"]) == 8
    assert "nothing" not in found
    assert found["timestamp"].endswith("Z")


def test_nothing_of_one_request_stays_for_the_next() -> None:
    logs.begin_request()
    logs.add(user=7)
    logs.begin_request()

    assert "user" not in logged()


def test_what_a_block_is_about_ends_with_it() -> None:
    with logs.about(job="core.test"):
        assert logged()["job"] == "core.test"
    assert "job" not in logged()


@pytest.mark.parametrize("form", logs.FORMATS)
@given(text=st.text(), name=st.sampled_from(["what", "path", "login"]))
def test_no_text_can_make_a_line_of_its_own(form: str, text: str, name: str) -> None:
    hostile = f"{text}\r\n2026-01-01 forged\u2028\u202eabc\x00\x1b[31m\x85{text}"

    (line,) = lines(form, hostile, **{name: [hostile], "nested": {"x": hostile}})

    assert not any(mark in line for mark in "\u2028\u202e\x00\x1b\x85\r")


def test_a_traceback_on_the_console_cannot_pass_for_a_line() -> None:
    stream = io.StringIO()
    logs.setup("console", stream)
    try:
        raise ValueError("evil\n2026-01-01T00:00:00Z info forged")
    except ValueError:
        structlog.get_logger("forecourt.test").exception("failed")

    first, *rest = stream.getvalue().splitlines()
    assert "failed" in first
    assert all(line.startswith("    | ") for line in rest)


@pytest.mark.parametrize(
    "name", ["password", "new_password", "token", "csrf_token", "Cookie", "secret", "Authorization", "code", "otp"]
)
def test_secrets_by_name_are_hidden(name: str) -> None:
    found = logged(**{name: "abc123", "inside": {name: "abc123"}})

    assert (found[name], found["inside"][name]) == (logs.HIDDEN, logs.HIDDEN)


@pytest.mark.parametrize(
    "text",
    [
        "password=hunter2",
        "token: 'hunter2'",
        "Authorization: Bearer hunter2",
        '{"secret": "hunter2"}',
        "postgresql://forecourt:hunter2@db/forecourt",
        "csrf_token=hunter2&x=1",
    ],
)
def test_secrets_within_texts_are_hidden(text: str) -> None:
    assert "hunter2" not in json.dumps(logged(text, error=text))


def test_an_exit_code_is_no_secret() -> None:
    assert logged(exit_code=-9)["exit_code"] == -9


@pytest.mark.parametrize("phone", ["+79161234567", "8 (916) 123-45-67", "+7 916 123 45 67", "79161234567"])
def test_of_a_phone_the_last_digits_stay(phone: str) -> None:
    found = logged(f"call from {phone} missed")["event"]

    assert "4567" in found.replace("-", "")
    assert "916" not in found


@pytest.mark.parametrize(
    "text",
    ["2026-03-10T09:00:00.123456+00:00", "0001_initial", "seal 12 of 345", "3f2b9c1d-1234-5678-9012-abcdefabcdef"],
)
def test_other_numbers_stay_whole(text: str) -> None:
    assert logged(text)["event"] == text


def test_libraries_speak_through_the_same_place() -> None:
    stream = io.StringIO()
    logs.setup("json", stream)
    logging.getLogger("huey").info("not of interest")
    logging.getLogger("sqlalchemy.pool").warning("lost %s", "password=hunter2\n")

    found = json.loads(stream.getvalue())
    assert found["event"] == f"lost password={logs.HIDDEN}\\n"
    assert found["logger"] == "sqlalchemy.pool"
