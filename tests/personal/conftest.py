"""Fixtures: a small dealership with one client about whom everything is known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.db.engine import Database
from core.testing.clock import SetClock
from core.testing.databases import Databases
from core.work.filestore import FileStore
from tests.personal.dealership import Dealership, fill, make_hooks


@pytest.fixture
def dealership(databases: Databases, tmp_path: Path) -> Iterator[Dealership]:
    """The dealership in a fresh database."""
    url = databases.prepared("personal", fill)
    clock = SetClock()
    database = Database(url, make_hooks(), clock=clock)
    yield Dealership(database, clock, FileStore(tmp_path / "files"), url)
    database.dispose()
    databases.drop(url)
