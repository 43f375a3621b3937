"""What reception sees beside the form: who waits, what happened today, the staff of a goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import Select, func, select

from addons.contacts.models import ContactGoal, Document, InboundContact
from addons.contacts.services.goals import GOAL_TITLE, Specialist, colleagues_by_id, specialists
from addons.contacts.services.states import OPEN, REAL
from core.access.models import Department, User
from core.access.policy import Access
from core.db.engine import WorkSession
from core.work import presence
from core.work.people import shown_name

SHOWN_WAITING = 30
SHOWN_RECENT = 12
UNTAKEN = ("unclaimed", "waiting", "assigned")
"""The states of what nobody has taken yet."""


@dataclass(frozen=True, slots=True)
class WaitingVisitor:
    """Somebody in the queue, with who is to take him and how long he has waited."""

    id: int
    channel: str
    client: str
    goal_ru: str
    goal_en: str
    responsible: str
    since: datetime
    norm_minutes: int


def waiting(session: WorkSession) -> list[WaitingVisitor]:
    """The waiting queue, who has waited longest first (S0-23)."""
    statement = (
        select(
            InboundContact.id,
            InboundContact.channel,
            InboundContact.client_text.label("client"),
            *GOAL_TITLE,
            func.coalesce(shown_name, "").label("responsible"),
            InboundContact.waits_since.label("since"),
            ContactGoal.norm_minutes,
        )
        .join(ContactGoal, ContactGoal.id == InboundContact.goal_id)
        .join(Department, Department.id == InboundContact.department_id)
        .outerjoin(User, User.id == InboundContact.responsible_id)
        .where(InboundContact.state == "waiting")
        .order_by(InboundContact.waits_since, InboundContact.id)
        .limit(SHOWN_WAITING)
    )
    return [WaitingVisitor(**row._mapping) for row in session.execute(statement)]


def waiting_count(_access: Access) -> Select[int]:
    """Counts the people who wait; the number on the rail."""
    return select(func.count(InboundContact.id)).where(InboundContact.state == "waiting")


@dataclass(frozen=True, slots=True)
class RecentContact:
    """A contact of today in the list of the last ones."""

    id: int
    channel: str
    client: str
    goal_ru: str
    goal_en: str
    at: datetime
    state: str
    document: str


def recent(session: WorkSession) -> list[RecentContact]:
    """The last contacts of today, the newest first (S0-51)."""
    statement = (
        select(
            InboundContact.id,
            InboundContact.channel,
            InboundContact.client_text.label("client"),
            *GOAL_TITLE,
            InboundContact.at,
            InboundContact.state,
            func.coalesce(Document.number, "").label("document"),
        )
        .join(ContactGoal, ContactGoal.id == InboundContact.goal_id)
        .join(Department, Department.id == InboundContact.department_id)
        .outerjoin(Document, Document.id == InboundContact.document_id)
        .where(InboundContact.at >= day_start(session))
        .order_by(InboundContact.at.desc(), InboundContact.id.desc())
        .limit(SHOWN_RECENT)
    )
    return [RecentContact(**row._mapping) for row in session.execute(statement)]


@dataclass(frozen=True, slots=True)
class Today:
    """The day so far in four figures; a call by mobile is a call (C-05)."""

    calls: int
    visits: int
    others: int
    untaken: int


def today(session: WorkSession) -> Today:
    """What has come in since midnight in the person's zone, and what nobody has taken yet."""
    since = day_start(session)
    statement = select(InboundContact.channel, func.count()).where(InboundContact.at >= since, REAL)
    by_channel = {row[0]: row[1] for row in session.execute(statement.group_by(InboundContact.channel))}
    untaken = select(func.count(InboundContact.id)).where(InboundContact.state.in_(UNTAKEN))
    calls = by_channel.pop("phone", 0) + by_channel.pop("mobile_phone", 0)
    visits = by_channel.pop("visit", 0)
    return Today(calls, visits, sum(by_channel.values()), session.scalar(untaken) or 0)


def day_start(session: WorkSession) -> datetime:
    """Midnight of today in the person's zone."""
    local = session.now().astimezone(session.access.zone)
    return datetime.combine(local.date(), time(), local.tzinfo)


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A specialist as the picker shows him: where he is and how much waits for him (S0-17, S0-18)."""

    id: int
    name: str
    extension: str
    state: str
    until: datetime | None
    note: str
    open_contacts: int
    waiting: int


def staff_of(session: WorkSession, goal_id: int, others: Sequence[int] = ()) -> list[StaffMember]:
    """The specialists of a goal, free ones first.

    :param others: colleagues who are to be among them for this contact (S2-22, S2-24).
    """
    people = specialists(session, goal_id)
    known = {person.id for person in people}
    people += colleagues_by_id(session, [user_id for user_id in others if user_id not in known])
    where = presence.presence_of(session, [person.id for person in people])
    loads = _loads(session, people)
    members = [
        StaffMember(
            person.id,
            person.name,
            person.extension,
            where[person.id].state.value,
            where[person.id].until,
            where[person.id].note,
            *loads.get(person.id, (0, 0)),
        )
        for person in people
    ]
    rank = {"free": 0, "busy": 1, "away": 2, "off": 3}
    return sorted(members, key=lambda member: (rank.get(member.state, 9), member.open_contacts, member.name))


def _loads(session: WorkSession, people: list[Specialist]) -> dict[int, tuple[int, int]]:
    statement = (
        select(InboundContact.responsible_id, InboundContact.state, func.count())
        .where(InboundContact.responsible_id.in_([person.id for person in people]), InboundContact.state.in_(OPEN))
        .group_by(InboundContact.responsible_id, InboundContact.state)
    )
    loads: dict[int, tuple[int, int]] = {}
    for person_id, state, count in session.execute(statement):
        if person_id is not None:
            total, waits = loads.get(person_id, (0, 0))
            loads[person_id] = (total + count, waits + (count if state == "waiting" else 0))
    return loads
