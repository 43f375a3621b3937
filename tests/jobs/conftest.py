"""Fixtures: the depot of :mod:`tests.jobs.depot` in a fresh database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.db.engine import Database
from core.host import hookspecs
from core.host.plugins import Hooks
from core.testing.clock import SetClock
from core.testing.databases import Databases
from tests.jobs.depot import Depot, fill


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def depot(databases: Databases, clock: SetClock) -> Iterator[Depot]:
    """The tables of core, one administrator, and a clock that stands until it is moved."""
    url = databases.prepared("jobs", fill)
    hooks = Hooks()
    hooks.add_specs(hookspecs)
    database = Database(url, hooks, clock=clock)
    yield Depot(url, database, clock)
    database.dispose()
    databases.drop(url)
