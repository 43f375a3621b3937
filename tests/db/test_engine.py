"""Connections: replaced when the server has closed them, and left as they are from use to use."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from core.access.policy import NOBODY
from core.db import engine as engines
from core.db.engine import Database, create_database_engine
from core.host.plugins import Hooks
from tests.support.databases import cut_all_connections


def backend(engine: Engine) -> int:
    """The server's process behind a connection of the pool; on SQLite the connection itself."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            return id(connection.connection.dbapi_connection)
        return int(connection.scalar(text("SELECT pg_backend_pid()")) or 0)


def test_a_connection_that_rested_is_asked_before_it_is_used(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_database_engine(database_url)
    first = backend(engine)
    assert backend(engine) == first
    monkeypatch.setattr(engines, "TRUSTED", 0.0)
    cut_all_connections(database_url)
    assert (backend(engine) == first) == database_url.startswith("sqlite")
    engine.dispose()


def test_one_that_was_just_used_is_not_asked(database_url: str) -> None:
    engine = create_database_engine(database_url)
    opened: list[object] = []
    event.listen(engine, "connect", lambda connection, _record: opened.append(connection))
    asked: list[object] = []
    engine.dialect.do_ping = asked.append  # type: ignore[method-assign, assignment]
    for _ in range(3):
        backend(engine)
    assert (len(opened), asked) == (1, [])
    engine.dispose()


def test_a_use_leaves_the_prepared_statements_of_sqlite_alone(tmp_path: Path) -> None:
    """A PRAGMA of the kind that changes a connection's ways makes SQLite prepare every statement anew."""
    database = Database(f"sqlite:///{tmp_path / 'kept.db'}", Hooks())
    said: list[str] = []
    event.listen(database.engine, "checkout", lambda connection, *_: connection.set_trace_callback(said.append))
    for _ in range(2):
        with database.reading(NOBODY) as session:
            session.execute(text("SELECT 1"))
        with database.writing(NOBODY) as session:
            session.execute(text("SELECT 2"))
    database.dispose()
    assert said == ["SELECT 1", "BEGIN IMMEDIATE", "SELECT 2", "COMMIT"] * 2
