"""One among several processes: the one that ticks, the one that keeps a link to a telephone exchange.

Nothing is written down: the lock is the database's or the kernel's and goes with its holder, however he dies.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from core.db.engine import create_database_engine

_ALIVE = {"connect_timeout": "5", "keepalives_idle": "10", "keepalives_interval": "5", "tcp_user_timeout": "10000"}
"""A connection that is cut off is noticed within seconds, on both sides."""

_LONGEST_NAME = 63
"""Bytes that PostgreSQL keeps of what a connection calls itself."""

_HOLDER = text(
    "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)"
    " WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid::bigint = :high AND objid::bigint = :low"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)

log = structlog.get_logger("forecourt.jobs")


class Leader(Protocol):
    """A post that one process holds at a time."""

    def held(self) -> bool:
        """Whether this process holds the post at this moment; takes it when it is free."""

    def holder(self) -> str:
        """What whoever has the post says that he does with it; empty when he says nothing."""

    def release(self) -> None:
        """Give the post up, so that another one need not wait."""


def open_leader(database_url: str, folder: Path, name: str, deed: str = "") -> Leader:
    """The post of this name among all processes of an instance; used by one thread.

    :param folder: the instance's folder, where the lock of an instance on SQLite is.
    :param deed: what the post is wanted for, in ASCII; others are told while they wait.
    """
    if make_url(database_url).get_backend_name() == "postgresql":
        return PostgresLeader(database_url, name, deed)
    return FileLeader(folder / f"{name}.lock", deed)


class PostgresLeader:
    """An advisory lock of a session of its own; it needs a direct connection, like LISTEN."""

    def __init__(self, database_url: str, name: str, deed: str = "") -> None:
        named = {"application_name": deed[:_LONGEST_NAME]} if deed else {}
        url = make_url(database_url).update_query_dict(_ALIVE | named)
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

    def holder(self) -> str:
        key = self._key & 0xFFFF_FFFF_FFFF_FFFF
        halves = {"high": key >> 32, "low": key & 0xFFFF_FFFF}
        try:
            with self._engine.connect() as connection:
                return connection.scalar(_HOLDER, halves) or ""
        except SQLAlchemyError:
            return ""

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

    def __init__(self, path: Path, deed: str = "") -> None:
        self._path, self._deed = path, deed
        self._descriptor: int | None = None

    def held(self) -> bool:
        if self._descriptor is None:
            self._descriptor = _locked(self._path)
            if self._descriptor is not None:
                os.truncate(self._descriptor, 0)
                os.write(self._descriptor, self._deed.encode())
        return self._descriptor is not None

    def holder(self) -> str:
        try:
            return self._path.read_text(encoding="utf-8")
        except OSError:
            return ""

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _locked(path: Path) -> int | None:
    """The descriptor of the file with the lock on it, or nothing when another process has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = _opened(path)
    try:
        _lock(descriptor)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _opened(path: Path) -> int:
    """The file, made when it is not there; never another one that a link in its place leads to."""
    flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(path, flags)
    _give_to_owner_of(path.parent, descriptor)
    return descriptor


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _give_to_owner_of(_folder: Path, _descriptor: int) -> None:
        """Files here have no mode that would keep another one out."""
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _give_to_owner_of(folder: Path, descriptor: int) -> None:
        """Who commands may be root, and who serves is another: he is to have the lock as well."""
        owner = folder.stat()
        if os.geteuid() == 0:
            with contextlib.suppress(PermissionError):  # a volume of another machine, where root is nobody
                os.fchown(descriptor, owner.st_uid, owner.st_gid)
