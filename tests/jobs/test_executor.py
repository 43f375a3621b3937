"""A job runs once when it is due, leaves nothing half-done, and hurts no other (SEC-52)."""

from __future__ import annotations

import threading
from datetime import time, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from core.access.policy import system
from core.db.engine import Database, WorkSession
from core.errors import NotFound
from core.host.plugins import Hooks
from core.jobs import runs
from core.jobs.runs import ATTEMPTS, LEASE
from core.jobs.schedule import Daily
from core.live.models import Event
from core.testing.clock import NOON
from core.work.models import Notification
from core.work.office_models import NumberSeries
from tests.jobs.depot import MINUTE, OLGA, Depot, job


def write(session: WorkSession) -> None:
    """Leave a mark: one more row."""
    marks = session.scalar(select(func.count()).select_from(NumberSeries)) or 0
    session.add(NumberSeries(code="mark", branch_id=marks, year=2026, last=0))
    session.flush()


def marks(depot: Depot) -> int:
    with depot.database.reading(system("test")) as session:
        return session.scalar(select(func.count()).select_from(NumberSeries)) or 0


def explode(session: WorkSession) -> None:
    write(session)
    raise ValueError("it\x00 broke\nbadly")


def test_a_new_job_is_due_at_once_and_then_after_its_interval(depot: Depot) -> None:
    executor = depot.executor(job(write))
    assert list(executor.due()) == ["core.test"]

    assert executor.run("core.test")

    assert executor.due() == {}
    assert not executor.run("core.test")
    row = depot.row("core.test")
    assert (row.outcome, row.started_at, row.ended_at, row.next_at) == ("ok", NOON, NOON, NOON + MINUTE)
    depot.clock.go(minutes=1)
    assert executor.run("core.test")
    assert marks(depot) == 2


def test_a_nightly_job_waits_for_its_night(depot: Depot) -> None:
    executor = depot.executor(job(write, every=Daily(time(3, 15))))
    assert not executor.run("core.test")

    depot.clock.go(hours=15, minutes=15)

    assert executor.run("core.test")
    assert depot.row("core.test").next_at == NOON + timedelta(days=1, hours=15, minutes=15)


def test_a_missed_turn_is_made_up_once(depot: Depot) -> None:
    executor = depot.executor(job(write))
    depot.clock.go(hours=5)

    assert executor.run("core.test")
    assert not executor.run("core.test")


def test_of_many_at_once_one_runs(depot: Depot) -> None:
    """SEC-52: two workers, three threads each, one turn."""
    others = [Database(depot.url, Hooks(), clock=depot.clock) for _ in range(2)]
    executors = [depot.executor(job(write), database=other) for other in others]
    barrier, done = threading.Barrier(6), []

    def run(executor: object) -> None:
        barrier.wait()
        done.append(executor.run("core.test"))  # type: ignore[attr-defined]

    threads = [threading.Thread(target=run, args=(executor,)) for executor in executors * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in others:
        other.dispose()

    assert sorted(done) == [False] * 5 + [True]
    assert marks(depot) == 1


def test_a_failed_run_leaves_nothing_and_is_tried_again_after_growing_pauses(depot: Depot) -> None:
    executor = depot.executor(job(explode))
    pauses = []
    for _ in range(4):
        assert not executor.run("core.test")
        row = depot.row("core.test")
        pauses.append((row.next_at - depot.clock()).total_seconds())
        depot.clock.moment = row.next_at

    assert pauses == [10, 20, 40, 80]
    assert marks(depot) == 0
    assert row.outcome == "failed"
    assert row.error == r"ValueError: it\x00 broke\nbadly"


def test_a_success_forgets_the_failures(depot: Depot) -> None:
    trouble = [ValueError("once"), None]

    def sometimes(_session: WorkSession) -> None:
        error = trouble.pop(0)
        if error:
            raise error

    executor = depot.executor(job(sometimes))
    executor.run("core.test")
    depot.clock.go(seconds=10)
    executor.run("core.test")

    row = depot.row("core.test")
    assert (row.failures, row.error, row.outcome) == (0, "", "ok")


def fail_until_parked(depot: Depot, executor: object) -> None:
    for _ in range(ATTEMPTS):
        executor.run("core.test")  # type: ignore[attr-defined]
        depot.clock.moment = depot.row("core.test").next_at


def test_after_the_last_attempt_it_is_parked_and_the_administrators_are_told(depot: Depot) -> None:
    executor = depot.executor(job(explode))

    fail_until_parked(depot, executor)

    assert depot.row("core.test").parked_at is not None
    depot.clock.go(days=30)
    assert executor.due() == {}
    with depot.writing() as session:
        notices = session.scalars(select(Notification)).all()
    assert [(notice.user_id, notice.kind) for notice in notices] == [(OLGA, "core.job_parked")]


def test_a_parked_job_runs_again_when_an_administrator_says_so(depot: Depot) -> None:
    executor = depot.executor(job(explode))
    fail_until_parked(depot, executor)

    with depot.writing() as session:
        runs.run_again(session, depot.row("core.test").id)

    assert list(executor.due()) == ["core.test"]
    with depot.writing() as session:
        assert session.scalars(select(Notification.closed_reason)).all() == ["done"]
        with pytest.raises(NotFound):
            runs.run_again(session, 999)


def test_one_that_fails_keeps_no_other_from_running(depot: Depot) -> None:
    executor = depot.executor(job(explode, "core.bad"), job(write, "core.good"))
    for name in executor.due():
        executor.run(name)

    assert depot.row("core.good").outcome == "ok"
    assert depot.row("core.bad").outcome == "failed"
    assert marks(depot) == 1


def test_an_exit_in_a_job_is_a_failure_like_any_other(depot: Depot) -> None:
    """SEC-59: an addon's ``sys.exit`` ends its own run only."""

    def leave(_session: WorkSession) -> None:
        raise SystemExit(3)

    executor = depot.executor(job(leave))

    assert not executor.run("core.test")
    assert depot.row("core.test").failures == 1


def test_trouble_of_the_database_counts_against_no_job(depot: Depot) -> None:
    """SEC-54: whatever was down an hour, nothing is parked for it."""

    def locked(_session: WorkSession) -> None:
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    executor = depot.executor(job(locked))
    for _ in range(ATTEMPTS + 1):
        assert not executor.run("core.test")

    assert depot.row("core.test").failures == 0
    assert list(executor.due()) == ["core.test"]


def test_a_job_that_commits_on_its_way_keeps_its_turn(depot: Depot) -> None:
    inner = []

    def long(session: WorkSession) -> None:
        write(session)
        session.commit()
        inner.append(executor.run("core.test"))
        write(session)

    executor = depot.executor(job(long))

    assert executor.run("core.test")
    assert inner == [False]
    assert marks(depot) == 2
    assert depot.row("core.test").next_at == NOON + MINUTE


def test_a_process_that_died_after_a_commit_loses_its_turn_in_the_end(depot: Depot) -> None:
    executor = depot.executor(job(write))
    with depot.writing() as session:
        assert runs.begin(session, job(write)) is not None

    assert not executor.run("core.test")
    depot.clock.go(seconds=LEASE.total_seconds())
    assert executor.run("core.test")


def test_a_process_that_died_in_its_transaction_loses_it_at_once(depot: Depot) -> None:
    executor = depot.executor(job(write))
    with depot.database.session(system("test"), write=True) as session:
        assert runs.begin(session, job(write)) is not None
        session.rollback()

    assert executor.run("core.test")


def test_a_job_of_an_absent_addon_waits(depot: Depot) -> None:
    """SEC-61: its row stays, and nobody here touches it."""
    depot.executor(job(write, "sales.test"))
    executor = depot.executor(job(write))

    assert list(executor.due()) == ["core.test"]
    assert not executor.run("sales.test")
    assert depot.row("sales.test").outcome == ""


def test_a_shorter_interval_counts_from_the_next_start_on(depot: Depot) -> None:
    depot.executor(job(write, every=timedelta(days=1))).run("core.test")

    executor = depot.executor(job(write, every=timedelta(seconds=5)))

    depot.clock.go(seconds=5)
    assert executor.run("core.test")


def test_what_a_job_publishes_leaves_with_its_commit(depot: Depot) -> None:
    from core.live.events import publish

    depot.executor(job(lambda session: publish(session, "test.done", number=7))).run("core.test")

    with depot.writing() as session:
        assert session.scalars(select(Event.topic)).all() == ["test.done"]
