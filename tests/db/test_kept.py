"""Reads that go to the driver directly fail as any statement does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import Integer, func, literal, select
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from core.access.policy import NOBODY
from core.db.engine import Database, WorkSession
from core.db.kept import Read, gather, read
from core.host.plugins import Hooks
from tests.support.databases import cut_all_connections

Ask = Callable[[WorkSession, Read], object]

ONE = Read(select(literal(1).label("one")), everything=True)
UNKNOWN = Read(select(func.no_such_function(type_=Integer).label("value")), everything=True)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, Hooks())
    yield database
    database.dispose()


@pytest.mark.parametrize("ask", [read, lambda session, wanted: gather(session, {"one": ONE, "other": wanted})])
def test_an_error_of_the_driver_comes_as_one_of_sqlalchemy(database: Database, ask: Ask) -> None:
    with database.reading(NOBODY) as session, pytest.raises((OperationalError, ProgrammingError)) as failed:
        ask(session, UNKNOWN)
    assert "no_such_function" in str(failed.value.statement)
    with database.reading(NOBODY) as session:
        assert [tuple(row) for row in read(session, ONE)] == [(1,)]


def test_when_one_connection_is_lost_none_is_used_again(database: Database, database_url: str) -> None:
    """PostgreSQL has gone for all of them, however lately they were used; SQLite cannot go."""
    goes = database.dialect == "postgresql"
    with ExitStack() as opened:
        for session in [opened.enter_context(database.reading(NOBODY)) for _ in range(4)]:
            read(session, ONE)
        cut_all_connections(database_url)
    failed: list[DBAPIError] = []
    for _ in range(2):
        with ExitStack() as opened:
            for session in [opened.enter_context(database.reading(NOBODY)) for _ in range(4)]:
                try:
                    assert [tuple(row) for row in read(session, ONE)] == [(1,)]
                except DBAPIError as error:
                    failed.append(error)
                    break
    assert [error.connection_invalidated for error in failed] == [True] * goes
