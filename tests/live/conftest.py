"""What the tests of live events share: a database with the event table, and a running hub."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.db.base import Base
from core.db.engine import Database
from core.host.plugins import Hooks
from core.live.hub import Hub
from core.live.models import Event
from tests.live.running import RunningServer


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database that holds the event table alone."""
    database = Database(database_url, Hooks())
    Base.metadata.create_all(database.engine, tables=[Base.metadata.tables[Event.__tablename__]])
    yield database
    database.dispose()


@pytest.fixture
def hub(database: Database, database_url: str) -> Iterator[Hub]:
    """A hub that is woken by this database's commits, as in a web process."""
    with Hub(database_url) as hub:
        database.after_commit = hub.wake
        yield hub


@pytest.fixture
def server(database: Database, database_url: str, tmp_path: Path) -> Iterator[RunningServer]:
    """A server with two workers on a free port of this machine, stopped after the test."""
    running = RunningServer(database_url, tmp_path)
    yield running
    running.close()
