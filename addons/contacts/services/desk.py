"""What lies on a specialist's desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from addons.contacts.models import ContactGoal, Document, GoalSpecialist, InboundContact
from addons.contacts.services.goals import GOAL_TITLE
from addons.contacts.services.reception import day_start
from addons.contacts.services.states import OPEN, REAL
from core import Department, DueList, WorkSession, due_list

SHOWN = 50


@dataclass(frozen=True, slots=True)
class DeskContact:
    """A contact on the desk."""

    id: int
    number: str
    channel: str
    client: str
    goal_ru: str
    goal_en: str
    vehicle: str
    note: str
    state: str
    at: datetime
    norm_minutes: int
    document: str


def mine(session: WorkSession) -> list[DeskContact]:
    """The person's own open contacts, the oldest first."""
    conditions = [InboundContact.responsible_id == session.access.user_id, InboundContact.state.in_(OPEN)]
    return _contacts(session, conditions, oldest_first=True)


def free(session: WorkSession) -> list[DeskContact]:
    """Contacts of the person's goals that nobody has taken yet (S0-27)."""
    my_goals = select(GoalSpecialist.goal_id).where(GoalSpecialist.user_id == session.access.user_id)
    conditions = [
        InboundContact.responsible_id.is_(None),
        InboundContact.state.in_(OPEN),
        InboundContact.goal_id.in_(my_goals),
    ]
    return _contacts(session, conditions, oldest_first=True)


def finished_today(session: WorkSession) -> list[DeskContact]:
    """What the person has finished today, the latest first."""
    conditions = [
        InboundContact.responsible_id == session.access.user_id,
        InboundContact.finished_at >= day_start(session),
        REAL,
    ]
    return _contacts(session, conditions, oldest_first=False)


def tasks(session: WorkSession) -> DueList:
    """The person's open tasks: overdue, today, later."""
    return due_list(session)


def _contacts(
    session: WorkSession, conditions: Sequence[ColumnElement[bool]], *, oldest_first: bool
) -> list[DeskContact]:
    order = (
        (InboundContact.at, InboundContact.id)
        if oldest_first
        else (InboundContact.finished_at.desc(), InboundContact.id)
    )
    statement = (
        select(
            InboundContact.id,
            InboundContact.number,
            InboundContact.channel,
            InboundContact.client_text.label("client"),
            *GOAL_TITLE,
            InboundContact.vehicle_text.label("vehicle"),
            func.substr(InboundContact.note, 1, 120).label("note"),
            InboundContact.state,
            InboundContact.at,
            ContactGoal.norm_minutes,
            func.coalesce(Document.number, "").label("document"),
        )
        .join(ContactGoal, ContactGoal.id == InboundContact.goal_id)
        .join(Department, Department.id == InboundContact.department_id)
        .outerjoin(Document, Document.id == InboundContact.document_id)
        .where(*conditions)
        .order_by(*order)
        .limit(SHOWN)
    )
    return [DeskContact(**row._mapping) for row in session.execute(statement)]
