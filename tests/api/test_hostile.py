"""Whatever is sent, the answer is a refusal and never a fault (SEC-30)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.web.api.limiting import RateLimit
from tests.api.conftest import Programs
from tests.api.program import Program

pytestmark = pytest.mark.addons("contacts", "sales")
SETTINGS = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

AT_ONCE = 20
"""So many operations are asked with what is made up at once: there is a limit to that."""

TEXTS = st.text(max_size=40) | st.sampled_from(
    ["", " ", "\x00", "a" * 30_000, "🚗" * 300, "%s%(x)s", "'; --", "\u202e"]
)
NUMBERS = st.integers() | st.sampled_from([0, -1, 2**31, 2**63 - 1, 2**63, 10**19, 10**25, -(2**63)]) | st.floats()
MOMENTS = st.sampled_from(["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "2026-02-30", "2026-11-20T11:07:00"])
SCALARS = TEXTS | NUMBERS | st.booleans() | st.none() | MOMENTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=8
)
MALFORMED = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"\xff\xfe",
    b'{"last_name": "\\ud800"}',
    b'{"last_name": "\xed\xa0\x80"}',
    b'{"last_name": "\\u0000"}',
    b'{"\\u0000": 1}',
    b'{"last_name": ' + b"[" * 40 + b"]" * 40 + b"}",
    b'{"last_name": ' + b"[" * 200_000 + b"}",
    b'{"responsible_id": ' + b"9" * 30 + b"}",
    b'{"responsible_id": ' + b"9" * 10_000 + b"}",
    b'{"responsible_id": 1e999}',
    b'{"responsible_id": NaN}',
    b'{"last_name": "x"}{"last_name": "y"}',
)


def steps(program: Program) -> list[tuple[str, str, list[str]]]:
    """Every operation: its method, its path with ``{id}``, and the names its body may have."""
    document: Any = program.get("/openapi.json?all=1").json
    found = []
    for path, item in document["paths"].items():
        for method, step in item.items():
            names: list[str] = []
            if "requestBody" in step:
                name = step["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                names = list(document["components"]["schemas"][name]["properties"])
            found.append((method.upper(), path.removeprefix("/api/v1"), names))
    return found


def test_malformed_bodies(program: Programs) -> None:
    admin = program("admin")
    admin.app.api_limit = RateLimit(10**9)
    wrong = []
    for method, path, _ in steps(admin):
        for data in MALFORMED if method != "GET" else ():
            status = admin.raw(method, path.replace("{id}", "1"), data).status_code
            if not 400 <= status < 500:
                wrong.append((method, path, data[:40], status))
    assert wrong == []


@pytest.mark.slow
def test_hostile_bodies(program: Programs) -> None:
    """Each operation with any JSON under its own names."""
    admin = program("admin")
    admin.app.api_limit = RateLimit(10**9)
    contact = admin.register()
    places = [str(contact["id"]), "999999", "0", "9223372036854775807", "9223372036854775808", "9" * 5000]
    known = [step for step in steps(admin) if step[0] != "GET"]
    assert known

    @SETTINGS
    @given(data=st.data())
    def run(some: list[tuple[str, str, list[str]]], data: st.DataObject) -> None:
        for method, path, names in some:
            body = data.draw(st.dictionaries(st.sampled_from([*names, "version", "x"]), VALUES, max_size=5))
            place = data.draw(st.sampled_from(places))
            text = json.dumps(body, ensure_ascii=data.draw(st.booleans()))
            sent = text.encode("utf-8", "surrogatepass")
            answer = admin.raw(method, path.replace("{id}", place), sent)
            assert answer.status_code < 500, (method, path, body, answer.text)

    for first in range(0, len(known), AT_ONCE):
        run(known[first : first + AT_ONCE])


def test_hostile_addresses(program: Programs) -> None:
    """Each list with any values of its own arguments."""
    admin = program("admin")
    admin.app.api_limit = RateLimit(10**9)
    admin.register()
    document: Any = admin.get("/openapi.json").json
    lists = {
        path.removeprefix("/api/v1"): [each["name"] for each in item["get"]["parameters"]]
        for path, item in document["paths"].items()
        if "get" in item and "{id}" not in path
    }
    spans = st.sampled_from(
        ["..", "1..2", "2026-11-14..", "..9999-12-31", "0001-01-01", "none", "me", "1e9", "9" * 400]
    )
    values = TEXTS | spans | st.integers().map(str)

    @SETTINGS
    @given(data=st.data())
    def run(data: st.DataObject) -> None:
        for path, names in lists.items():
            pairs = data.draw(st.lists(st.tuples(st.sampled_from(names), values), max_size=3))
            query = "&".join(f"{name}={quote(value, errors='surrogatepass')}" for name, value in pairs)
            answer = admin.get(f"{path}?{query[:8000]}")
            assert answer.status_code < 500, (path, pairs, answer.text)

    run()
