"""docs/api.md cannot lie about addresses and statuses."""

from __future__ import annotations

import re

import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound

from core.web.api.limiting import PER_MINUTE
from core.web.app import Application
from tests.support.addons import ROOT

GUIDE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
_CALL = re.compile(r"curl (?:-X (\w+) )?(?:[^\n]|\\\n)*?https://forecourt\.example(/api/v1/[\w/.]*)")


@pytest.mark.addons("contacts", "sales", "delivery")
def test_every_call_of_the_guide_is_served(app: Application) -> None:
    calls = [(found[1] or "GET", found[2]) for found in _CALL.finditer(GUIDE)]
    assert len(calls) == 9
    addresses = app.router.map.bind("")
    wrong = []
    for method, path in calls:
        try:
            endpoint, _ = addresses.match(path, method)
            assert app.router.routes[endpoint].api
        except (NotFound, MethodNotAllowed):
            wrong.append(f"{method} {path}")
    assert wrong == []


def test_the_limit_is_the_one_in_force() -> None:
    assert f"over {PER_MINUTE} requests" in GUIDE
