"""Connections that the server has closed are replaced before anybody notices."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, event, text

from core.db import engine as engines
from core.db.engine import create_database_engine


def backend(engine: Engine) -> int:
    """The server's process behind a connection of the pool; on SQLite the connection itself."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            return id(connection.connection.dbapi_connection)
        return int(connection.scalar(text("SELECT pg_backend_pid()")) or 0)


def cut(database_url: str, backend: int) -> None:
    """End a connection from the server's side; SQLite has none."""
    if database_url.startswith("sqlite"):
        return
    other = create_database_engine(database_url)
    with other.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": backend})
    other.dispose()


def test_a_connection_that_rested_is_asked_before_it_is_used(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_database_engine(database_url)
    first = backend(engine)
    assert backend(engine) == first
    monkeypatch.setattr(engines, "TRUSTED", 0.0)
    cut(database_url, first)
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
