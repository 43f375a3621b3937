"""Reading new event rows as they are committed: one way on SQLite, one on PostgreSQL."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from sqlalchemy import ColumnElement, Select, Text, func, or_, true
from sqlalchemy import cast as sql_cast
from sqlalchemy import select as sql_select
from sqlalchemy.engine import URL, Connection, Engine, make_url

from core.db.engine import create_database_engine
from core.live.events import CHANNEL
from core.live.models import Event
from core.live.position import LastId, Position, Snapshot

if TYPE_CHECKING:
    import psycopg  # an instance on SQLite does without: it is a tenth of what a worker holds

SQLITE_POLL = 0.02
"""Seconds between two looks at ``PRAGMA data_version``, about 5 µs each."""

SAFETY_POLL = 5.0
"""Seconds after which PostgreSQL is asked even without a NOTIFY (a pooler may swallow it)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One event as it was read; ``order`` is what a :class:`Position` covers or does not."""

    id: int
    topic: str
    user_id: int | None
    payload: dict[str, int | str]
    order: int


class Tail(Protocol):
    """One connection to the event table, used by one thread; only :meth:`wake` is for others."""

    def now(self) -> Position:
        """The position after everything that is committed."""

    def parse(self, text: str) -> Position | None:
        """A position a browser sent; None when it is malformed."""

    def read(self, since: Position, *, only_for: int | None = None, limit: int | None = None) -> Read:
        """The rows that became visible since, in the order of their ids.

        :param only_for: leave out what is for other people.
        :param limit: at most so many rows, the oldest.
        """

    def wait(self, most: float | None = None) -> bool:
        """Sleep until there may be new rows (True), or somebody called :meth:`wake` or ``most`` seconds are over (either)."""

    def wake(self) -> None:
        """End a :meth:`wait` early; from any thread."""

    def close(self) -> None:
        """Give the connection back."""


Read = tuple[Sequence[Row], Position]


def open_tail(url: str | URL, engine: Engine | None = None) -> Tail:
    """The tail that fits the database; ``engine`` is one of :func:`tail_engine`, made earlier."""
    engine = engine or tail_engine(url)
    if make_url(url).get_backend_name() == "sqlite":
        return SqliteTail(engine)
    return PostgresTail(engine)


def tail_engine(url: str | URL) -> Engine:
    """An engine that a tail has used once and that holds no connection.

    What SQLAlchemy learns of the database and of the tail's statements is then learned before the workers are forked,
    not by each of them: 3 MB of every worker.
    """
    engine = create_database_engine(url, pool_size=1)
    tail = open_tail(url, engine)
    try:
        for _ in range(2):  # with a plain statement, and with that for the second time
            tail.read(tail.now())
    finally:
        tail.close()
    return engine


class SqliteTail:
    """Woken by this process's own commits, and by ``data_version`` for those of other processes."""

    def __init__(self, engine: Engine, *, poll: float = SQLITE_POLL) -> None:
        self._engine = engine
        self._connection = _autocommit(engine)
        self._poll = poll
        self._woken = threading.Event()
        self._version = self._data_version()

    def now(self) -> LastId:
        return LastId(self._connection.scalar(sql_select(func.max(Event.id))) or 0)

    def parse(self, text: str) -> LastId | None:
        return LastId.parse(text)

    def read(self, since: Position, *, only_for: int | None = None, limit: int | None = None) -> Read:
        last = cast(LastId, since).id
        statement = _columns(Event.id).where(Event.id > last, _for_person(only_for)).order_by(Event.id).limit(limit)
        rows = [Row(*row) for row in self._connection.execute(statement)]
        return rows, LastId(rows[-1].id if rows else last)

    def wait(self, most: float | None = None) -> bool:
        self._woken.wait(self._poll if most is None else min(self._poll, most))
        self._woken.clear()
        before, self._version = self._version, self._data_version()
        return before != self._version

    def wake(self) -> None:
        self._woken.set()

    def close(self) -> None:
        self._connection.close()
        self._engine.dispose()

    def _data_version(self) -> int:
        version: int = self._connection.exec_driver_sql("PRAGMA data_version").scalar_one()
        return version


class PostgresTail:
    """Woken by NOTIFY; reads what no earlier snapshot of its own has shown."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection = _autocommit(engine)
        self._driver = cast("psycopg.Connection[Any]", self._connection.connection.driver_connection)
        self._waker, self._woken = socket.socketpair()
        self._waker.setblocking(False)
        self._woken.setblocking(False)
        self._selector = selectors.DefaultSelector()
        for source in (self._driver, self._woken):
            self._selector.register(source, selectors.EVENT_READ)
        self._connection.exec_driver_sql(f"LISTEN {CHANNEL}")

    def now(self) -> Snapshot:
        return _snapshot(self._connection.scalar(sql_select(_SNAPSHOT_NOW)))

    def parse(self, text: str) -> Snapshot | None:
        return Snapshot.parse(text)

    def read(self, since: Position, *, only_for: int | None = None, limit: int | None = None) -> Read:
        found = self._connection.execute(_unseen(cast(Snapshot, since), only_for, limit)).all()
        rows = [Row(*row[1:]) for row in found if row.id is not None]
        return rows, _snapshot(found[0][0])

    def wait(self, most: float | None = None) -> bool:
        if self._notified():
            return True
        ready = [
            key.fileobj for key, _ in self._selector.select(SAFETY_POLL if most is None else min(SAFETY_POLL, most))
        ]
        if self._woken in ready:
            self._woken.recv(4096)
        return not ready or self._notified()

    def wake(self) -> None:
        with contextlib.suppress(BlockingIOError):  # enough wake-ups are waiting already
            self._waker.send(b"w")

    def close(self) -> None:
        self._selector.close()
        self._waker.close()
        self._woken.close()
        self._connection.close()
        self._engine.dispose()

    def _notified(self) -> bool:
        """Take all notifications that arrived, also those that came with the answer to a query."""
        return len(list(self._driver.notifies(timeout=0))) > 0


_SNAPSHOT_NOW = sql_cast(func.pg_current_snapshot(), Text)


def _unseen(since: Snapshot, only_for: int | None, limit: int | None) -> Select[Any]:
    """Rows invisible in that snapshot and visible now, with the snapshot they were read in.

    The snapshot must come from the same statement; an outer join brings it also without rows.
    Rows of a restored backup may carry transactions this cluster has not reached: left out.
    """
    unseen = (
        or_(Event.xid >= since.xmax, Event.xid.in_(sorted(since.running)))
        if since.running
        else (Event.xid >= since.xmax)
    )
    reached = Event.xid < sql_cast(sql_cast(func.pg_snapshot_xmax(func.pg_current_snapshot()), Text), Event.xid.type)
    fresh = _columns(Event.xid).where(unseen, reached, _for_person(only_for)).order_by(Event.id).limit(limit).subquery()
    snapshot = sql_select(_SNAPSHOT_NOW.label("snapshot")).subquery()
    return sql_select(snapshot, fresh).outerjoin_from(snapshot, fresh, true()).order_by(fresh.c.id)


def _columns(order: ColumnElement[Any] | Any) -> Select[Any]:
    return sql_select(Event.id, Event.topic, Event.user_id, Event.payload, order.label("order"))


def _for_person(user_id: int | None) -> ColumnElement[bool]:
    return true() if user_id is None else or_(Event.user_id.is_(None), Event.user_id == user_id)


def _autocommit(engine: Engine) -> Connection:
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def _snapshot(text: str | None) -> Snapshot:
    snapshot = Snapshot.parse(text or "")
    if snapshot is None:
        raise RuntimeError(f"PostgreSQL answered with an unknown snapshot: {text!r}")
    return snapshot
