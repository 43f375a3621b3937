"""What reception sees beside the form: who waits, what happened today, the staff of a goal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import Select, bindparam, func, literal_column, select

from addons.contacts.models import ContactGoal, Document, InboundContact
from addons.contacts.services.goals import GOAL_TITLE, colleagues_by_id, specialists
from addons.contacts.services.states import OPEN, REAL
from core import Access, Department, Read, User, WorkSession, kept, presence, shown_name

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


@dataclass(frozen=True, slots=True)
class Today:
    """The day so far in four figures; a call by mobile is a call (C-05)."""

    calls: int
    visits: int
    others: int
    untaken: int


@dataclass(frozen=True, slots=True)
class Side:
    """What stands beside the form: who waits, who has waited longest first (S0-23); the day; its last contacts (S0-51)."""

    waiting: list[WaitingVisitor]
    today: Today
    recent: list[RecentContact]


def side(session: WorkSession) -> Side:
    """The queue, the day and the last contacts, as they are now."""
    return side_in(kept.gather(session, side_reads(session)))


def side_reads(session: WorkSession) -> dict[str, Read]:
    """What stands beside the form, to be read for :func:`side_in`."""
    since = {"since": day_start(session)}
    return {
        "waiting": Read(_WAITING),
        "channels": Read(_CHANNELS, since),
        "untaken": Read(_UNTAKEN),
        "recent": Read(_RECENT, since),
    }


def side_in(found: Mapping[str, Sequence[Any]]) -> Side:
    """What stands beside the form, of the rows of :func:`side_reads`."""
    by_channel: dict[str, int] = dict(found["channels"])
    [(untaken,)] = found["untaken"]
    calls = by_channel.pop("phone", 0) + by_channel.pop("mobile_phone", 0)
    visits = by_channel.pop("visit", 0)
    return Side(
        waiting=[WaitingVisitor(*row) for row in found["waiting"]],
        today=Today(calls, visits, sum(by_channel.values()), untaken),
        recent=[RecentContact(*row) for row in found["recent"]],
    )


_SINCE = bindparam("since", type_=InboundContact.at.type)
_WAITING: Select[*tuple[Any, ...]] = (
    select(
        InboundContact.id,
        InboundContact.channel,
        InboundContact.client_text,
        *GOAL_TITLE,
        func.coalesce(shown_name, "").label("responsible"),
        InboundContact.waits_since,
        ContactGoal.norm_minutes,
    )
    .join(ContactGoal, ContactGoal.id == InboundContact.goal_id)
    .join(Department, Department.id == InboundContact.department_id)
    .outerjoin(User, User.id == InboundContact.responsible_id)
    .where(InboundContact.state == "waiting")
    .order_by(InboundContact.waits_since, InboundContact.id)
    .limit(literal_column(str(SHOWN_WAITING)))
)
_CHANNELS: Select[*tuple[Any, ...]] = (
    select(InboundContact.channel, func.count().label("number"))
    .where(InboundContact.at >= _SINCE, REAL)
    .group_by(InboundContact.channel)
)
_UNTAKEN: Select[*tuple[Any, ...]] = select(func.count(InboundContact.id).label("number")).where(
    InboundContact.state.in_(UNTAKEN)
)
_RECENT: Select[*tuple[Any, ...]] = (
    select(
        InboundContact.id,
        InboundContact.channel,
        InboundContact.client_text,
        *GOAL_TITLE,
        InboundContact.at,
        InboundContact.state,
        func.coalesce(Document.number, "").label("document"),
    )
    .join(ContactGoal, ContactGoal.id == InboundContact.goal_id)
    .join(Department, Department.id == InboundContact.department_id)
    .outerjoin(Document, Document.id == InboundContact.document_id)
    .where(InboundContact.at >= _SINCE)
    .order_by(InboundContact.at.desc(), InboundContact.id.desc())
    .limit(literal_column(str(SHOWN_RECENT)))
)


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
    ids = [person.id for person in people]
    where, beside = presence.presence_beside(session, ids, {"loads": Read(_LOADS, {"people": ids})})
    loads = _loads(beside["loads"])
    members = [
        StaffMember(
            person.id,
            person.name,
            person.extension,
            where[person.id].shown,
            where[person.id].until,
            where[person.id].note,
            *loads.get(person.id, (0, 0)),
        )
        for person in people
    ]
    rank = {"free": 0, "ringing": 1, "call": 1, "busy": 2, "away": 3, "off": 4}
    return sorted(members, key=lambda member: (rank.get(member.state, 9), member.open_contacts, member.name))


_LOADS: Select[*tuple[Any, ...]] = (
    select(InboundContact.responsible_id, InboundContact.state, func.count().label("number"))
    .where(
        InboundContact.responsible_id.in_(bindparam("people", expanding=True)),
        InboundContact.state.in_(OPEN),
    )
    .group_by(InboundContact.responsible_id, InboundContact.state)
)


def _loads(rows: Sequence[Any]) -> dict[int, tuple[int, int]]:
    """How many contacts each person has, and how many of those wait."""
    loads: dict[int, tuple[int, int]] = {}
    for person_id, state, count in rows:
        total, waits = loads.get(person_id, (0, 0))
        loads[person_id] = (total + count, waits + (count if state == "waiting" else 0))
    return loads
