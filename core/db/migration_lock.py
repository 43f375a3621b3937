"""Connections for migrations: one at a time, in transactions that leave nothing half-done.

The lock lives in the database, so threads, processes and machines that start at once all queue: SQLite's write
lock (``BEGIN IMMEDIATE``), PostgreSQL's advisory lock. Both end with the transaction, also behind a
transaction-pooling proxy and when the process is killed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, func, select

# How long a worker waits for another one's step; a rebuild of a large table takes tens of seconds.
_WAIT_MS = 300_000
# How long a step waits for tables others are using. While it waits, everybody behind it waits too.
_TABLE_WAIT_MS = 10_000
# "forecourt" read as a number: the advisory locks of one database share one space.
_ADVISORY_KEY = int.from_bytes(b"forecour", "big", signed=True)

# Alembic's ``op`` is one object for the whole process, so its lock has to be as well.
_ALEMBIC_OP = threading.Lock()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection for looking only: no transaction, no lock."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """A connection of its own for migrations; threads of this process take turns."""
    with _ALEMBIC_OP, engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            _prepare_sqlite(connection)
        yield connection


def _prepare_sqlite(connection: Connection) -> None:
    """Foreign keys off: a table rebuild with them on deletes the rows that cascade from it.

    The pragma has no effect inside a transaction, so it is set on the driver's connection; that one
    is taken out of the pool, so nobody else ever works without foreign keys.
    """
    driver = connection.connection.driver_connection
    assert driver is not None
    connection.detach()
    driver.isolation_level = None
    driver.execute("PRAGMA foreign_keys=OFF")
    driver.execute(f"PRAGMA busy_timeout={_WAIT_MS}")


@contextmanager
def step(connection: Connection) -> Iterator[None]:
    """One transaction under the lock: committed at the end, or nothing of it stays.

    A lost connection or any error rolls back; what the database says about the past must be read inside.
    """
    with connection.begin():
        if connection.dialect.name == "postgresql":
            _lock_postgresql(connection)
        yield


def _lock_postgresql(connection: Connection) -> None:
    # lock_timeout counts for advisory locks too: long for the queue, short for the tables.
    connection.execute(select(func.set_config("lock_timeout", str(_WAIT_MS), True)))
    connection.execute(select(func.pg_advisory_xact_lock(_ADVISORY_KEY)))
    connection.execute(select(func.set_config("lock_timeout", str(_TABLE_WAIT_MS), True)))
