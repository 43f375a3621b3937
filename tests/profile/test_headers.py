"""What every answer carries, whatever it answers (SEC-26, SEC-28)."""

from __future__ import annotations

import re

import pytest

from core.web.app import Application
from tests.support.visitors import Visitor

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def _file_of(app: Application) -> str:
    found = re.search(r'"(/static/[^"]+\.css)"', Visitor(app).get("/signin").text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("path", ["/signin", "/profile", "/no/such/page", "/api/v1/nothing", "/static/none.css", ""])
def test_sec_26_every_answer_is_hardened(app: Application, path: str) -> None:
    """Also a file of the front end: an SVG that is opened by itself is a page."""
    answer = Visitor(app).get(path or _file_of(app), base_url="https://localhost")
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS, answer.status
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" in answer.headers


def test_files_stay_in_the_caches_of_browsers(app: Application) -> None:
    answer = Visitor(app).get(_file_of(app))
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/admin//settings", "//profile", "/search//?q=1"])
def test_sec_28_a_tidied_address_stays_on_this_host(app: Application, path: str) -> None:
    """Whatever host the request claims."""
    environ = {"PATH_INFO": path.partition("?")[0], "QUERY_STRING": path.partition("?")[2]}
    answer = Visitor(app).get("/", headers={"Host": "evil.example"}, environ_overrides=environ)
    assert answer.status_code == 303
    assert re.match(r"/(?!/)", answer.location), answer.location
    assert "evil" not in answer.location
