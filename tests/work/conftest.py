"""Fixtures: the small company of :mod:`tests.work.office` in a fresh database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.db.engine import Database
from core.host import hookspecs
from core.host.plugins import Hooks
from core.testing.clock import SetClock
from core.testing.databases import Databases
from tests.work.office import Office, fill


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def office(databases: Databases, clock: SetClock) -> Iterator[Office]:
    """The company in a fresh database."""
    url = databases.prepared("work", fill)
    hooks = Hooks()
    hooks.add_specs(hookspecs)
    database = Database(url, hooks, clock=clock)
    yield Office(database, clock)
    database.dispose()
    databases.drop(url)
