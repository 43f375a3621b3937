"""Fixtures: the firm of :mod:`tests.access.firm` in a fresh database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.access.identity import SignInRules
from core.access.passwords import Passwords
from core.access.signin import make_authenticator
from core.db.engine import Database
from core.host.plugins import Hooks
from core.testing.clock import SetClock
from core.testing.databases import Databases
from tests.access.firm import Firm, fill


@pytest.fixture(scope="session")
def passwords() -> Passwords:
    return Passwords(["Автомир Плюс"])


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def firm(databases: Databases, clock: SetClock, passwords: Passwords) -> Iterator[Firm]:
    """The firm, where rights on roles need a second factor."""
    url = databases.prepared("access", fill)
    database = Database(url, Hooks(), clock=clock)
    rules = SignInRules(guarded_rights=frozenset({"core.role.change"}))
    yield Firm(database, clock, make_authenticator("a secret", "Автомир Плюс", rules=rules, passwords=passwords))
    database.dispose()
    databases.drop(url)
