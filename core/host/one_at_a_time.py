"""One change of an instance's addons at a time: upgrade, enable, disable, uninstall, restore, move.

Whoever comes second is told who is at it, waits, and is refused when it takes too long.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL, make_url

from core.config import Config, load_config
from core.db.engine import create_database_engine
from core.host.registry import AddonError

if TYPE_CHECKING:
    from core.jobs.leader import Leader

Say = Callable[[str], object]

LONGEST = 600
"""Seconds a command waits for another change."""

LOCK = "upgrade"
"""The name of the lock; it is the one that earlier releases take for an upgrade."""

_PAUSE = 0.2


def silent(_text: str) -> None:
    """Say nothing."""


class UnderWay(AddonError):
    """Another change of the instance is under way; nothing was changed."""

    def __init__(self, other: str) -> None:
        super().__init__(f"under way already: {other}. Try again when that is done; nothing was changed")
        self.other = other


class TurnLost(AddonError):
    """The lock is gone in the middle of a change: the database has ended its session."""

    def __init__(self) -> None:
        super().__init__("the connection that held the instance's lock is lost: look at the database, then try again")


class Turn:
    """The instance's lock, for whoever has it."""

    def __init__(self, lock: Leader) -> None:
        self._lock, self._lost = lock, False

    def expect_held(self) -> None:
        """Asked before what was done is committed: whoever has lost the lock may not be alone any more.

        :raises TurnLost: from then on each time, for the lock could be taken anew.
        """
        self._lost = self._lost or not self._lock.held()
        if self._lost:
            raise TurnLost


@dataclass(frozen=True, slots=True)
class Patience:
    """How long somebody waits for his turn, in seconds, and to whom it is said that he does."""

    say: Say = silent
    seconds: float = LONGEST


PATIENT = Patience()


@contextmanager
def one_at_a_time(config: Config, deed: str, patience: Patience = PATIENT) -> Iterator[Turn]:
    """Hold the instance's one lock for changes; the kernel or the database takes it back from whoever is killed.

    :param deed: what is done, for the others, in ASCII: ``"addon enable sales"``.
    :raises UnderWay: when another change goes on for longer than one waits.
    :raises AddonError: when the settings name another database after the wait: the other change was a move.
    """
    from core.jobs.leader import open_leader

    lock = open_leader(_for_the_lock(config.database_url), config.instance, LOCK, _told(deed))
    try:
        named = load_config(config.instance).database_url
        if not lock.held():
            _wait(lock, patience)
            if load_config(config.instance).database_url != named:
                raise AddonError("the instance was moved to another database meanwhile; run this again")
        yield Turn(lock)
    finally:
        lock.release()


def _wait(lock: Leader, patience: Patience) -> None:
    deadline = time.monotonic() + patience.seconds
    patience.say(f"Under way already: {_other(lock)}. Waiting for its end …")
    while not lock.held():
        if time.monotonic() > deadline:
            raise UnderWay(_other(lock))
        time.sleep(_PAUSE)


def _other(lock: Leader) -> str:
    return lock.holder() or "another change of this instance"


def _told(deed: str) -> str:
    return f"{deed}, process {os.getpid()} on {socket.gethostname()}"


def _for_the_lock(database_url: str) -> str:
    """The address for a session that does nothing but hold the lock, however long the change goes on.

    A database that is away is told of now, not after a wait for the lock.
    """
    url = make_url(database_url)
    if url.get_backend_name() != "postgresql":
        return database_url
    engine = create_database_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            return _never_idle(connection, url).render_as_string(hide_password=False)
    finally:
        engine.dispose()


def _never_idle(connection: Connection, url: URL) -> URL:
    """PostgreSQL ends sessions that do nothing, if it is told to; before release 14 it did not know how."""
    if not connection.scalar(text("SELECT 1 FROM pg_settings WHERE name = 'idle_session_timeout'")):
        return url
    given = url.query.get("options", "")
    options = " ".join([given] if isinstance(given, str) else given)
    return url.update_query_dict({"options": f"{options} -c idle_session_timeout=0".strip()})
