"""Huey's part: a tick every second, a queue of names, and threads that work them off.

What is due is decided by :mod:`core.jobs.runs` alone. A name that is lost from the queue, or is in it twice,
changes nothing: the next tick finds the job still due, and whoever comes second finds nothing to do.
"""

# huey's methods carry no annotations.
# mypy: disallow-untyped-calls=False, disallow-subclassing-any=False
from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from huey import PostgresHuey, SqliteHuey
from huey.api import Huey
from huey.consumer import Consumer, Scheduler
from huey.registry import Message
from huey.serializer import Serializer
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from core.db.engine import create_database_engine

FILE = "queue.db"
STOP_WITHIN = 2.0
"""Seconds a running job gets when the process must stop; then it is cut off, and due again."""

_AGAIN_AFTER = 60.0
"""Seconds after which a job that is still due is put into the queue again."""

_SQLITE_WAIT = 0.25
_TABLES = int.from_bytes(b"fc queue", "big", signed=True)

log = structlog.get_logger("forecourt.jobs")


class NameSerializer(Serializer):
    """Messages as JSON. Huey's own pickles would run whatever somebody writes into the table (SEC-29)."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(data).encode()

    def _deserialize(self, data: bytes) -> Message:
        return Message(*json.loads(data))


def open_queue(database_url: str, folder: Path) -> Huey:
    """The queue of an instance: a file of its own beside SQLite's database, tables of its own in PostgreSQL."""
    common = {"results": False, "serializer": NameSerializer()}
    if make_url(database_url).get_backend_name() != "postgresql":
        # Not in the database's file: there each look into the queue would wait for the writers and they for it.
        # Not synced: a name that a power failure loses is put in again by the next tick.
        return SqliteHuey("jobs", filename=str(folder / FILE), fsync=False, **common)
    address = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    # Without prepared statements it works behind a pooler as well.
    queue = PostgresHuey("jobs", dsn=address, prepare_threshold=None, create_tables=False, **common)
    _make_tables(queue, database_url)
    # Each thread that waits has a connection of its own, which only it can close.
    queue.on_shutdown("connections")(queue.storage.close)
    return queue


def _make_tables(queue: Huey, database_url: str) -> None:
    """Under a lock: of two ``CREATE TABLE IF NOT EXISTS`` at once PostgreSQL lets one fail."""
    engine = create_database_engine(database_url, pool_size=1)
    try:
        with engine.begin() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(_TABLES)))
            queue.storage.initialize_schema()
    finally:
        engine.dispose()


class Ticker(Scheduler):
    """Puts what is due into the queue, every second, each job once."""

    periodic_task_seconds = 1

    def __init__(self, due: Callable[[], Mapping[str, datetime]], put: Callable[[str], object], *args: Any) -> None:
        super().__init__(*args)
        self._due = due
        self._put = put
        self._queued: dict[str, tuple[datetime, float]] = {}

    def enqueue_periodic_tasks(self, now: datetime | None = None) -> None:  # noqa: ARG002 - Huey's signature
        try:
            self._tick()
        except Exception as error:
            log.warning("what is due could not be queued; the next tick tries again", error=str(error))

    def _tick(self) -> None:
        found = self._due()
        self._queued = {name: queued for name, queued in self._queued.items() if name in found}
        for name, since in found.items():
            if not self._is_waiting(name, since):
                self._put(name)
                self._queued[name] = (since, time.monotonic())

    def _is_waiting(self, name: str, since: datetime) -> bool:
        """Whether this very turn of the job is in the queue already, or was until a moment ago."""
        queued = self._queued.get(name)
        return queued is not None and queued[0] == since and time.monotonic() - queued[1] < _AGAIN_AFTER


class JobConsumer(Consumer):
    """Huey's consumer with our ticker.

    :param due: what the leader's tick asks; nothing is due where another process is the leader.
    :param run: runs one job by name; it raises nothing.
    :param threads: jobs that may run at the same time.
    """

    def __init__(
        self, queue: Huey, due: Callable[[], Mapping[str, datetime]], run: Callable[[str], object], *, threads: int
    ) -> None:
        self._due = due
        self._put = queue.task(name="run_job")(run)
        super().__init__(
            queue,
            workers=threads,
            max_delay=_SQLITE_WAIT,
            shutdown_timeout=STOP_WITHIN,
            graceful_signal="TERM",
        )

    def _create_scheduler(self) -> Ticker:
        return Ticker(self._due, self._put, self.huey, self.stop_flag, self.scheduler_interval, self.periodic)
