"""Engines and sessions: one way to read, one way to write, on SQLite and on PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session

from core.access.policy import NOBODY, Access
from core.clock import Clock, utcnow
from core.db.moved_away import refuse_moved

if TYPE_CHECKING:
    from core.host.plugins import Hooks

TRUSTED = 1.0
"""Seconds for which a connection to PostgreSQL that was just used is taken to be still there."""


class WorkSession(Session):
    """A database session that knows for whom it works.

    Services take it as their first argument and find everything they need on it: the rows, the
    person (:attr:`access`), the time (:meth:`now`) and the other addons (:attr:`hooks`).
    Row rules, stamps, audit and live events hang on it, so no caller can forget them.
    """

    access: Access
    clock: Clock
    hooks: Hooks
    writable: bool

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return self.clock()

    @contextmanager
    def unlimited(self, reason: str) -> Iterator[None]:
        """Work on rows that the session's own person need not see (SEC-9).

        For what follows by itself from a step he was allowed, such as a colleague's task that a worksheet keeps in
        time: never for the step, and never for what he is then shown. The audit trail says his name and the reason.
        """
        own = self.access
        self.access = own.without_limits(reason)
        try:
            yield
        finally:
            self.access = own

    def words(self, language: str, msgid: str) -> str:
        """A text in one language, for what is stored in words so that it outlives the addon it came from."""
        translate: Callable[[str, str], str] | None = self.info.get("words")
        return translate(language, msgid) if translate else msgid


class Database:
    """One database of one application object: its engines and its sessions.

    :param url: ``sqlite:////path`` or ``postgresql://…``.
    :param hooks: the enabled addons, handed to every session.
    :param after_commit: called once after each commit that published events, to wake the live hub.
    """

    def __init__(
        self,
        url: str | URL,
        hooks: Hooks,
        *,
        clock: Clock = utcnow,
        after_commit: Callable[[], None] | None = None,
        pool_size: int = 8,
    ) -> None:
        self.engine = create_database_engine(url, pool_size=pool_size)
        # Reads run without a transaction: no BEGIN, no ROLLBACK at return, and psycopg keeps
        # its prepared statements (measured: half the time of a list query).
        self._reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._hooks = hooks
        self._clock = clock
        self.after_commit = after_commit
        self.words: Callable[[str, str], str] | None = None
        self.secret_box: Callable[[], Any] | None = None
        """Makes what seals secrets with the instance's key (:mod:`core.access.sealed`)."""
        self._row_rules: dict[Any, Any] = {}

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    @property
    def hooks(self) -> Hooks:
        """The enabled addons."""
        return self._hooks

    def session(self, access: Access = NOBODY, *, write: bool = False) -> WorkSession:
        """A new session for one person. The caller closes it; a writing one must be committed."""
        bind = self.engine if write else self._reading
        session = WorkSession(bind=bind, expire_on_commit=False, autoflush=write)
        session.access = access
        session.clock = self._clock
        session.hooks = self._hooks
        session.writable = write
        session.info["after_commit"] = self.after_commit
        session.info["words"] = self.words
        session.info["secret_box"] = self.secret_box
        session.info["row_rules"] = self._row_rules
        return session

    @contextmanager
    def reading(self, access: Access) -> Iterator[WorkSession]:
        """A session for reading: it refuses to flush and to change rows (SEC-24)."""
        with self.session(access) as session:
            yield session

    @contextmanager
    def writing(self, access: Access) -> Iterator[WorkSession]:
        """A session that commits at the end, or rolls everything back on any error."""
        with self.session(access, write=True) as session:
            yield session
            session.commit()

    def dispose(self) -> None:
        """Close all connections; needed before a fork and at shutdown."""
        self.engine.dispose()


def create_database_engine(url: str | URL, *, pool_size: int = 8) -> Engine:
    """An engine with the settings Forecourt relies on (SEC-50, SEC-51)."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed, pool_size)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        engine = create_engine(
            parsed,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_reset_on_return=None,
        )
        _ping_who_rested(engine)
        return engine
    raise ValueError(f"Forecourt runs on SQLite and PostgreSQL, not on {parsed.get_backend_name()!r}")


def _ping_who_rested(engine: Engine) -> None:
    """Find out that the server has gone before a connection is used again; one used a moment ago is trusted.

    SQLAlchemy's own ``pool_pre_ping`` asks every time, which costs each request a round trip.
    """

    @event.listens_for(engine, "checkin")
    def rest(_connection: Any, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ask(connection: Any, record: Any, _proxy: object) -> None:
        rests_since = record.info.get("rests_since")
        if rests_since is None or time.monotonic() - rests_since < TRUSTED:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error  # the others have lost it too; the pool opens a new one


def _sqlite_engine(url: URL, pool_size: int) -> Engine:
    # The driver must not begin by itself: a deferred BEGIN fails read-then-write transactions under load, and hides
    # half-done migrations. And a connection must keep its kind: SQLAlchemy would change it by a PRAGMA after each
    # use, upon which SQLite forgets all statements it has prepared (a card's reads took 0.6 ms instead of 0.04).
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=pool_size,
        max_overflow=pool_size * 4,
        pool_reset_on_return=None,
        connect_args={"timeout": 15, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "busy_timeout=15000",
            "temp_store=MEMORY",
            "cache_size=-16000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        refuse_moved(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
