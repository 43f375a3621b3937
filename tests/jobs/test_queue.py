"""The tick and the queue: what is due gets done, once, and a lost name changes nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from huey.api import Huey
from sqlalchemy import inspect

from core.db.engine import create_database_engine
from core.jobs.queue import JobConsumer, NameSerializer, Ticker, open_queue
from core.testing.clock import NOON
from tests.support.databases import cut_all_connections

SOON = 20


@pytest.fixture
def queue(database_url: str, tmp_path: Path) -> Iterator[Huey]:
    found = open_queue(database_url, tmp_path)
    yield found
    found.storage.close()


class Plan:
    """What is due, as the test says; what was run, as it happened."""

    def __init__(self) -> None:
        self.due: dict[str, datetime] = {}
        self.done: list[str] = []
        self.reached = threading.Semaphore(0)

    def __call__(self) -> dict[str, datetime]:
        return dict(self.due)

    def run(self, name: str) -> None:
        self.done.append(name)
        self.due.pop(name, None)
        self.reached.release()


@contextmanager
def working(consumer: JobConsumer) -> Iterator[None]:
    """The threads of a consumer at work."""
    threads = [thread for _, thread in consumer.worker_threads]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        consumer.stop_flag.set()
        for thread in threads:
            thread.join(SOON)


def test_what_is_due_is_run_by_a_thread_of_the_consumer(queue: Huey) -> None:
    plan = Plan()
    plan.due = {"core.one": NOON, "core.two": NOON}
    consumer = JobConsumer(queue, plan, plan.run, threads=2)
    consumer.scheduler.start()
    with working(consumer):
        assert plan.reached.acquire(timeout=SOON)
        assert plan.reached.acquire(timeout=SOON)
    consumer.scheduler.join()

    assert sorted(plan.done) == ["core.one", "core.two"]


def test_another_process_takes_names_from_the_same_queue(database_url: str, tmp_path: Path) -> None:
    """In a group the leader ticks and all workers work."""
    plan, theirs = Plan(), Plan()
    leader, follower = open_queue(database_url, tmp_path), open_queue(database_url, tmp_path)
    ticking = JobConsumer(leader, plan, plan.run, threads=1)
    ticking._put("core.one")

    with working(JobConsumer(follower, theirs, theirs.run, threads=1)):
        assert theirs.reached.acquire(timeout=SOON)

    assert (theirs.done, plan.done) == (["core.one"], [])
    leader.storage.close()
    follower.storage.close()


def ticker(due: object, put: object) -> Ticker:
    return Ticker(due, put, None, threading.Event(), 1, True)  # type: ignore[arg-type]


def test_a_turn_is_queued_once_however_often_it_ticks() -> None:
    plan, queued = Plan(), []
    plan.due = {"core.one": NOON}
    ticking = ticker(plan, queued.append)
    for _ in range(3):
        ticking.enqueue_periodic_tasks()
    assert queued == ["core.one"]

    plan.due = {"core.one": NOON + timedelta(seconds=5)}
    ticking.enqueue_periodic_tasks()

    assert queued == ["core.one", "core.one"]


def test_a_turn_that_was_lost_is_queued_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-52: the row is the truth; a name lost with the queue costs a minute."""
    passed = [0.0]
    monkeypatch.setattr("core.jobs.queue.time.monotonic", lambda: passed[0])
    queued: list[str] = []
    ticking = ticker(lambda: {"core.one": NOON}, queued.append)
    ticking.enqueue_periodic_tasks()
    passed[0] = 61.0
    ticking.enqueue_periodic_tasks()

    assert queued == ["core.one", "core.one"]


def test_a_tick_survives_a_database_that_is_away() -> None:
    def away() -> dict[str, datetime]:
        raise OSError("no database")

    ticker(away, None).enqueue_periodic_tasks()


def test_lost_connections_are_opened_anew(queue: Huey, database_url: str) -> None:
    """SEC-51: a restart of PostgreSQL costs a tick, no job and no restart of the worker."""
    plan = Plan()
    consumer = JobConsumer(queue, plan, plan.run, threads=1)
    consumer.scheduler.start()
    with working(consumer):
        plan.due = {"core.one": NOON}
        assert plan.reached.acquire(timeout=SOON)
        cut_all_connections(database_url)
        plan.due = {"core.two": NOON}
        assert plan.reached.acquire(timeout=SOON)
    consumer.scheduler.join()

    assert plan.done == ["core.one", "core.two"]


def test_messages_are_names_and_no_code(queue: Huey) -> None:
    """SEC-29: whoever can write into the queue's table cannot have the worker run what he likes."""
    plan = Plan()
    consumer = JobConsumer(queue, plan, plan.run, threads=1)
    consumer._put("core.one")

    stored = queue.storage.enqueued_items()

    assert len(stored) == 1
    assert bytes(stored[0]).startswith(b"[")
    assert isinstance(queue.serializer, NameSerializer)
    assert queue.dequeue().args == ["core.one"]


def test_the_queue_is_not_in_the_databases_own_file(queue: Huey, database_url: str, tmp_path: Path) -> None:
    engine = create_database_engine(database_url)
    tables = set(inspect(engine).get_table_names())
    engine.dispose()

    if database_url.startswith("sqlite"):
        assert tables == set()
        assert (tmp_path / "queue.db").exists()
    else:
        assert tables == {"huey_counter", "huey_kv", "huey_schedule", "huey_task"}


def test_processes_that_start_at_once_make_its_tables_together(database_url: str, tmp_path: Path) -> None:
    barrier, faults = threading.Barrier(4), []

    def start() -> None:
        barrier.wait()
        try:
            open_queue(database_url, tmp_path).storage.close()
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
