"""What core does by itself, each job on what it is for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from core.access.models import SignInAttempt
from core.access.policy import Access, Scope, system
from core.config import Config
from core.db import audit_chain, audit_heads
from core.db.audit import note_action
from core.db.audit_chain import AuditSeal
from core.jobs.beat import StreamBeat
from core.jobs.core_jobs import NIGHT, NOTIFICATIONS_KEPT, audit_key, core_jobs
from core.jobs.executor import Executor
from core.live.events import publish
from core.live.hub import Hub
from core.live.models import Event
from core.testing.clock import NOON
from core.web.once import OnceKey, remember_result
from core.work import drafts, notifications, presence
from core.work.models import Draft, Notification, Presence
from core.work.notifications import Message
from core.work.presence import PresenceState
from core.work.subjects import Subject
from core.work.tasks import NewTask, create_task
from tests.jobs.depot import MOSCOW, OLGA, Depot

SUBJECT = Subject("core_user", OLGA)
HERSELF = Access(
    user_id=OLGA, login="olga", grants={"core.notification.read": Scope.OWN, "core.profile.read": Scope.OWN}
)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(instance=tmp_path / "var", audit_heads=tmp_path / "outside" / "heads")


@pytest.fixture
def run(depot: Depot, config: Config) -> Callable[[str], bool]:
    """Run one of core's jobs by name, at its turn."""
    executor = Executor(depot.database, {job.name: job for job in core_jobs(config)}, MOSCOW)
    executor.register()

    def at_its_turn(name: str) -> bool:
        depot.clock.moment = max(depot.clock.moment, depot.row(name).next_at)
        done = executor.run(name)
        assert done, depot.row(name).error
        return done

    return at_its_turn


def number(depot: Depot, model: type) -> int:
    with depot.writing() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def notices(depot: Depot) -> list[str]:
    with depot.writing() as session:
        return list(session.scalars(select(Notification.title).where(Notification.closed_at.is_(None))))


def test_every_job_of_an_empty_instance_goes_well(depot: Depot, config: Config, run: Callable[[str], bool]) -> None:
    for job in core_jobs(config):
        assert run(job.name)


def test_names_are_core_s_own_and_have_titles(config: Config) -> None:
    jobs = core_jobs(config)

    assert len({job.name for job in jobs}) == len(jobs)
    assert all(job.name.startswith("core.") and job.title for job in jobs)
    assert any(job.every == NIGHT for job in jobs)


def test_a_task_is_reminded_of_when_its_time_has_come(depot: Depot, run: Callable[[str], bool]) -> None:
    with depot.writing() as session:
        times = {"due_at": NOON + timedelta(hours=1), "remind_at": NOON + timedelta(minutes=1)}
        create_task(session, NewTask(title="Позвонить", assignee_id=OLGA, **times))

    depot.clock.go(minutes=1)
    run("core.reminders")
    told = notices(depot)
    depot.clock.go(seconds=10)
    run("core.reminders")

    assert any("time" in title for title in told)
    assert notices(depot) == told


def test_a_notification_put_off_comes_back(depot: Depot, run: Callable[[str], bool]) -> None:
    with depot.writing() as session:
        (told,) = notifications.notify(session, [OLGA], "core.test", SUBJECT, Message("Hello"))
    with depot.database.writing(HERSELF) as session:
        notifications.snooze(session, told, NOON + timedelta(minutes=5))
    depot.clock.go(minutes=5)

    run("core.snoozed")

    with depot.writing() as session:
        assert session.scalars(select(Notification.snoozed_until)).all() == [None]


def test_who_is_not_seen_any_more_is_off(depot: Depot, run: Callable[[str], bool]) -> None:
    with depot.writing() as session:
        presence.seen(session, [OLGA])
    depot.clock.go(minutes=10)

    run("core.presence")

    with depot.writing() as session:
        assert session.scalars(select(Presence.state)).all() == [PresenceState.OFF.value]


def test_the_trail_is_sealed_and_its_head_kept_outside(
    depot: Depot, config: Config, run: Callable[[str], bool]
) -> None:
    """SEC-64."""
    assert config.audit_heads is not None
    with depot.writing() as session:
        for _ in range(3):
            note_action(session, "something")

    run("core.audit_seal")
    run("core.audit_head")

    assert number(depot, AuditSeal) == 1
    with depot.database.reading(system("test")) as session:
        kept = audit_heads.read_heads(config.audit_heads)
        assert len(kept) == 1
        assert audit_chain.verify(session, audit_key(config.secret()), kept) == []


def test_what_nobody_needs_is_tidied_at_night(depot: Depot, run: Callable[[str], bool]) -> None:
    with depot.database.writing(HERSELF) as session:
        drafts.save_draft(session, "core.test/new", {"name": "Иванов"})
        remember_result(session, "key", "/somewhere")
        session.add(SignInAttempt(at=NOON, kind="password", login="olga", network="192.0.2.1"))
        publish(session, "test.happened")
    with depot.writing() as session:
        notifications.notify(session, [OLGA], "core.test", SUBJECT, Message("Hello"))
        notifications.close_for_subject(session, SUBJECT, reason="done")
        notifications.notify(session, [OLGA], "core.test", SUBJECT, Message("Open"))
    depot.clock.moment = NOON + NOTIFICATIONS_KEPT + timedelta(hours=1)

    run("core.live_events")
    run("core.tidy")

    assert [number(depot, model) for model in (Draft, OnceKey, SignInAttempt, Event)] == [0, 0, 0, 0]
    assert notices(depot) == ["Open"]
    assert number(depot, Notification) == 1


def test_what_is_still_needed_stays(depot: Depot, run: Callable[[str], bool]) -> None:
    with depot.database.writing(HERSELF) as session:
        drafts.save_draft(session, "core.test/new", {"name": "Иванов"})
        publish(session, "test.happened")

    run("core.live_events")
    run("core.tidy")

    assert [number(depot, model) for model in (Draft, Event)] == [1, 1]


def test_open_streams_keep_their_people_present(depot: Depot) -> None:
    """S0-18: one beat for all of them; nobody there costs no write."""
    there: set[int] = set()
    also: list[int] = []
    beat = StreamBeat(depot.database, lambda: there, also=lambda: also.append(1))
    beat.beat()
    assert number(depot, Presence) == 0
    assert also == [1]

    there.add(OLGA)
    beat.beat()
    depot.clock.go(minutes=1)
    beat.beat()

    with depot.writing() as session:
        row = session.scalars(select(Presence)).one()
        assert (row.user_id, row.state, row.last_seen_at) == (OLGA, "free", depot.clock())


def test_the_hub_knows_whose_streams_are_open(depot: Depot) -> None:
    hub = Hub(depot.url)
    first, second = hub.subscribe(OLGA), hub.subscribe(OLGA)
    other = hub.subscribe(5)
    hub.unsubscribe(first)
    assert hub.user_ids == {OLGA, 5}

    for subscription in (second, other):
        hub.unsubscribe(subscription)
    assert hub.user_ids == set()


def test_a_beat_survives_a_database_that_is_away_and_stops_when_told(depot: Depot) -> None:
    beaten: list[int] = []

    def present() -> set[int]:
        beaten.append(1)
        if len(beaten) == 1:
            raise OSError("away")
        if len(beaten) == 3:
            beat._stopping.set()
        return set()

    beat = StreamBeat(depot.database, present, every=0.001)
    beat.start()
    beat._thread.join(20)
    beat.stop()

    assert len(beaten) == 3


def test_a_seal_that_was_tampered_with_is_found_after_the_job(
    depot: Depot, config: Config, run: Callable[[str], bool]
) -> None:
    run("core.audit_seal")
    with depot.writing() as session:
        note_action(session, "something")
    run("core.audit_seal")
    with depot.database.engine.begin() as connection:
        connection.execute(update(AuditSeal).values(mac="0" * 64))

    with depot.database.reading(system("test")) as session:
        assert audit_chain.verify(session, audit_key(config.secret()))
