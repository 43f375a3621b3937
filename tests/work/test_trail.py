"""The trail tells from what to what, however a value was set (SEC-63); who reads writes nothing (SEC-24)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select, update

from core.db import guards
from core.db.audit import AuditEntry, AuditValue
from core.db.change import change_where
from core.db.engine import WorkSession
from tests.work.office import ANNA, Office
from tests.work.records import Ticket


@pytest.fixture
def number(office: Office) -> int:
    """A stored ticket."""
    with office.by(ANNA) as session:
        ticket = Ticket(state="new", reason="asked")
        session.add(ticket)
        session.flush()
        return ticket.id


def told(office: Office) -> list[dict[str, Any]]:
    """What the trail says of the ticket after it was made."""
    with office.by_system() as session:
        statement = select(AuditValue.changes).join(AuditEntry, AuditEntry.id == AuditValue.audit_id)
        return list(session.scalars(statement.where(AuditEntry.action != "create").order_by(AuditEntry.id)))


def take(session: WorkSession, number: int, **values: Any) -> list[int]:
    conditions = [Ticket.id == number, Ticket.state == "new"]
    return change_where(session, Ticket, conditions, {"state": "taken", **values}, action="take")


def test_a_conditional_change_tells_what_was_there_before(office: Office, number: int) -> None:
    with office.by(ANNA) as session:
        assert take(session, number, reason="asked") == [number]
        assert take(session, number) == []
    assert told(office) == [{"state": ["new", "taken"]}]


def test_so_does_what_is_set_after_it(office: Office, number: int) -> None:
    with office.by(ANNA) as session:
        ticket = session.get_one(Ticket, number)
        take(session, number)
        ticket.reason = "called back"
    assert told(office)[1:] == [{"reason": ["asked", "called back"]}]


def test_so_does_what_is_set_after_an_expiry(office: Office, number: int) -> None:
    with office.by(ANNA) as session:
        ticket = session.get_one(Ticket, number)
        session.expire_all()
        ticket.reason, ticket.state = "called back", "new"
    assert told(office) == [{"reason": ["asked", "called back"]}]


def test_a_session_for_reading_writes_nothing(office: Office, number: int) -> None:
    """SEC-24."""
    with office.database.reading(office.access(ANNA)) as session:
        session.get_one(Ticket, number).reason = "written by a reader"
        with pytest.raises(guards.ReadOnly):
            session.flush()
        session.expunge_all()
        session.add(Ticket(state="made by a reader"))
        with pytest.raises(guards.ReadOnly):
            session.flush()
        session.expunge_all()
        session.delete(session.get_one(Ticket, number))
        with pytest.raises(guards.ReadOnly):
            session.flush()
        session.expunge_all()
        statement = update(Ticket).values(reason="x").execution_options(audited=True)
        for each in (statement, insert(Ticket).values(state="x")):
            with pytest.raises(guards.ReadOnly):
                session.execute(each)
        session.flush()
    with office.by_system() as session:
        assert session.execute(select(Ticket.state, Ticket.reason)).all() == [("new", "asked")]
