"""One among several processes: the one that ticks, the one that keeps a link to a telephone exchange.

Nothing is written down: the lock is the database's or the kernel's and goes with its holder, however he dies.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from core.db.engine import create_database_engine

_ALIVE = {"connect_timeout": "5", "keepalives_idle": "10", "keepalives_interval": "5", "tcp_user_timeout": "10000"}
"""A connection that is cut off is noticed within seconds, on both sides."""

log = structlog.get_logger("forecourt.jobs")


class Leader(Protocol):
    """A post that one process holds at a time."""

    def held(self) -> bool:
        """Whether this process holds the post at this moment; takes it when it is free."""

    def release(self) -> None:
        """Give the post up, so that another one need not wait."""


def open_leader(database_url: str, folder: Path, name: str) -> Leader:
    """The post of this name among all processes of an instance; used by one thread.

    :param folder: the instance's folder, where the lock of an instance on SQLite is.
    """
    if make_url(database_url).get_backend_name() == "postgresql":
        return PostgresLeader(database_url, name)
    return FileLeader(folder / f"{name}.lock")


class PostgresLeader:
    """An advisory lock of a session of its own; it needs a direct connection, like LISTEN."""

    def __init__(self, database_url: str, name: str) -> None:
        url = make_url(database_url).update_query_dict(_ALIVE)
        self._engine: Engine = create_database_engine(url, pool_size=1)
        self._key = int.from_bytes(hashlib.blake2b(f"forecourt {name}".encode(), digest_size=8).digest(), signed=True)
        self._connection: Connection | None = None
        self._held = False

    def held(self) -> bool:
        """Whether the lock is this session's. A connection that was lost has lost the lock with it."""
        try:
            if self._connection is None:
                self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            wanted = select(1) if self._held else select(func.pg_try_advisory_lock(self._key))
            self._held = bool(self._connection.scalar(wanted))
        except SQLAlchemyError as error:
            log.warning("the post is lost with its connection", error=str(error))
            self._drop()
        return self._held

    def release(self) -> None:
        self._drop()
        self._engine.dispose()

    def _drop(self) -> None:
        """Close the session itself, not only give it back: the lock must not stay in a pool."""
        connection, self._connection, self._held = self._connection, None, False
        if connection is not None:
            connection.invalidate()
            connection.close()


class FileLeader:
    """A lock on a file, which the kernel takes back from a process that is gone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def held(self) -> bool:
        if self._descriptor is None:
            self._descriptor = _locked(self._path)
        return self._descriptor is not None

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _locked(path: Path) -> int | None:
    """The descriptor of the file with the lock on it, or nothing when another process has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
