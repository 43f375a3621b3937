"""Publishing: in the transaction of the cause, once, and only when it is committed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select

from core.access.policy import NOBODY
from core.db.engine import Database, WorkSession
from core.live.events import prune, publish
from core.live.models import Event
from core.testing.statements import Statements


def stored(database: Database) -> list[tuple[str, int | None, dict[str, Any]]]:
    """Topic, person and payload of every event, oldest first."""
    with database.reading(NOBODY) as session:
        rows = session.execute(select(Event.topic, Event.user_id, Event.payload).order_by(Event.id))
        return [(topic, user_id, payload) for topic, user_id, payload in rows]


def test_events_are_rows_of_the_same_commit(database: Database) -> None:
    with database.writing(NOBODY) as session:
        publish(session, "contact.claimed", users=[3, 2, 3], contact=7, goal=None)
        publish(session, "presence.changed", user=2)
        assert stored_in(session) == 0
    assert stored(database) == [
        ("contact.claimed", 2, {"contact": 7}),
        ("contact.claimed", 3, {"contact": 7}),
        ("presence.changed", None, {"user": 2}),
    ]


def stored_in(session: WorkSession) -> int:
    return len(session.scalars(select(Event.id)).all())


def test_many_events_cost_one_statement(database: Database) -> None:
    with Statements(database) as statements, database.writing(NOBODY) as session:
        for number in range(5):
            publish(session, "contact.registered", users=range(20), contact=number)
    assert len(statements.texts) == 1
    assert statements.texts[0].startswith("INSERT INTO core_event")
    assert len(stored(database)) == 100


def test_nobody_to_tell_means_no_event(database: Database) -> None:
    with database.writing(NOBODY) as session:
        publish(session, "contact.claimed", users=[], contact=7)
    assert stored(database) == []


def test_wakes_the_hub_once_after_the_commit(database: Database) -> None:
    seen: list[int] = []
    database.after_commit = lambda: seen.append(len(stored(database)))
    with database.writing(NOBODY) as session:
        publish(session, "one")
        publish(session, "two")
    assert seen == [2]


def test_a_commit_without_events_wakes_nobody(database: Database) -> None:
    calls: list[int] = []
    database.after_commit = lambda: calls.append(1)
    with database.writing(NOBODY) as session:
        session.execute(select(Event.id)).all()
    assert calls == []


@pytest.mark.parametrize("before_anything_else", [True, False])
def test_a_rollback_announces_nothing(database: Database, before_anything_else: bool) -> None:
    calls: list[int] = []
    database.after_commit = lambda: calls.append(1)
    with database.session(write=True) as session:
        if not before_anything_else:
            stored_in(session)
        publish(session, "never")
        session.rollback()
        session.commit()
    assert stored(database) == []
    assert calls == []


def test_a_failed_commit_announces_nothing(database: Database) -> None:
    calls: list[int] = []
    database.after_commit = lambda: calls.append(1)
    with database.session(write=True) as session:
        publish(session, "never")
        event.listen(session, "before_commit", _fail)
        with pytest.raises(RuntimeError):
            session.commit()
        session.rollback()
    assert stored(database) == []
    assert calls == []


def _fail(session: WorkSession) -> None:
    raise RuntimeError("the commit fails after the events were written")


def test_a_savepoint_takes_its_events_with_it(database: Database) -> None:
    with database.writing(NOBODY) as session:
        publish(session, "before")
        with pytest.raises(ValueError, match="listener"):
            _fail_in_a_savepoint(session)
        with session.begin_nested():
            publish(session, "kept")
        publish(session, "after")
    assert [topic for topic, _, _ in stored(database)] == ["before", "kept", "after"]


def _fail_in_a_savepoint(session: WorkSession) -> None:
    with session.begin_nested():
        publish(session, "lost")
        with session.begin_nested():
            publish(session, "lost too")
        raise ValueError("a listener failed")


def test_what_a_flush_publishes_belongs_to_its_commit(database: Database) -> None:
    with database.session(write=True) as session:
        event.listen(session, "after_flush", lambda session, _context: publish(session, "from the flush"))
        session.add(Event(at=session.now(), topic="row", payload={}))
        session.commit()
    assert sorted(topic for topic, _, _ in stored(database)) == ["from the flush", "row"]


def test_the_events_own_names_are_refused(database: Database) -> None:
    with database.session(write=True) as session, pytest.raises(ValueError, match="id"):
        publish(session, "x", id=1)


def test_pruning_keeps_young_events_and_numbers_are_not_used_twice(database: Database) -> None:
    with database.writing(NOBODY) as session:
        now = session.now()
        rows = [{"at": now - timedelta(hours=hours), "topic": str(hours), "payload": {}} for hours in (1, 23, 25, 90)]
        session.execute(insert(Event), rows)
    with database.writing(NOBODY) as session:
        assert prune(session, now - timedelta(hours=24)) == 2
        assert sorted(session.scalars(select(Event.topic))) == ["1", "23"]
        highest = max(session.scalars(select(Event.id)))
        assert prune(session, now) == 2
        publish(session, "next")
    with database.reading(NOBODY) as session:
        assert session.scalars(select(Event.id)).one() > highest
