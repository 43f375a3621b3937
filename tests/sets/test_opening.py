"""Every page and every address of the API opens, whichever addons are there, and with the data of those that are not.

What a page links to opens too: an address of an addon that is off stands nowhere (X-11, X-12, X-13).
"""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import select

from core.access.models import User
from core.access.policy import system
from core.config import Config
from core.host import instance
from core.web.app import Application
from tests.sets.walking import Walker

ADMINISTRATOR = "admin"


def two_people(app: Application) -> list[str]:
    """The administrator, and somebody who is none: of reception where there is one."""
    with app.database.reading(system("test")) as session:
        others = list(session.scalars(select(User.login).where(User.login != ADMINISTRATOR).order_by(User.id)))
    return [ADMINISTRATOR, *others[:1]]


def test_every_page_opens(app: Application, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        walkers = [Walker(app, login) for login in two_people(app)]
        for walker in walkers:
            walker.walk()
    assert [problem for walker in walkers for problem in walker.problems] == []
    assert [record.getMessage() for record in caplog.records] == []
    assert {each: counted.failures for each, counted in app.host.hooks.statistics.items() if counted.failures} == {}
    assert all(sum(walker.opened.values()) > 20 for walker in walkers)


def test_every_address_of_the_api_answers(app: Application, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        walkers = [Walker(app, login) for login in two_people(app)]
        for walker in walkers:
            walker.call()
    assert [problem for walker in walkers for problem in walker.problems] == []
    assert [record.getMessage() for record in caplog.records] == []


def test_the_set_is_what_runs(app: Application, house: Config, addon_set: tuple[str, ...]) -> None:
    assert instance.enabled(house) == sorted(addon_set)
    assert set(app.host.running) == set(addon_set)
    assert app.host.failures == []
