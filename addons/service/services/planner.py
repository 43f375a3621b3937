"""The plan of a workshop for a day or a week: what stands in which bay or with which mechanic, and what waits for a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import islice
from typing import Any

from sqlalchemy import BigInteger, String, and_, bindparam, or_, select

from addons.contacts.models import Document
from addons.service.models import Bay, Booking, Employee
from addons.service.services import roster, slots, trouble
from addons.service.services.places import has_bays
from addons.service.services.roster import Roster, Stretch
from addons.service.services.states import BOOKING
from core import (
    Branch,
    Calendar,
    Department,
    Read,
    T,
    User,
    UtcDateTime,
    WorkSession,
    calendar_of,
    shown_name,
    within,
)

BAYS, MASTERS, WEEK = "bays", "masters", "week"
SHOWN = ("scheduled", "checked_in", "in_progress", "completed")
"""The states of the bookings that stand in the plan."""
LONGEST_QUEUE = 100
NOBODY = 0
"""The lane of the masters' view for what no mechanic of the workshop is named for."""

Gather = Callable[[Mapping[str, Read]], Mapping[str, Sequence[Any]]]

_DEPARTMENTS = (
    select(
        Department.id,
        Department.title_ru,
        Department.title_en,
        Department.branch_id,
        Branch.title_ru.label("branch_ru"),
        Branch.title_en.label("branch_en"),
    )
    .join(Branch, Branch.id == Department.branch_id)
    .where(has_bays)
    .order_by(Department.id)
)
_BAYS = (
    select(Bay.id, Bay.title, Bay.kind, Bay.mechanic_id, Bay.active)
    .where(Bay.department_id == bindparam("department", type_=BigInteger))
    .order_by(Bay.position, Bay.id)
)
_PEOPLE = (
    select(
        User.id,
        shown_name.label("name"),
        User.active,
        Employee.mechanic,
        Employee.active.label("employed"),
        Employee.department_id,
    )
    .outerjoin(Employee, Employee.user_id == User.id)
    .where(
        or_(
            Employee.id.is_not(None),
            User.id.in_(select(Bay.mechanic_id)),
            User.id.in_(
                select(Booking.mechanic_id).where(
                    Booking.department_id == bindparam("department", type_=BigInteger),
                    Booking.starts_at >= bindparam("since", type_=UtcDateTime),
                    Booking.starts_at < bindparam("until", type_=UtcDateTime),
                )
            ),
        )
    )
    .order_by(shown_name)
)
"""Whoever works here, and whoever has left while a car of his still stands in the plan."""
_QUEUE = (
    select(*trouble.WAITING)
    .select_from(Booking)
    .join(Document, Document.id == Booking.id)
    .where(
        Booking.department_id == bindparam("department", type_=BigInteger),
        Booking.starts_at.is_(None),
        Booking.state == bindparam("state", type_=String),
    )
    .order_by(Booking.id)
    .limit(LONGEST_QUEUE)
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked at: a workshop, the first day, in which view."""

    department_id: int
    day: date
    view: str = BAYS

    @property
    def days(self) -> int:
        return 7 if self.view == WEEK else 1

    @property
    def first(self) -> date:
        """The day itself, or the Monday of its week."""
        return self.day - timedelta(days=self.day.weekday()) if self.view == WEEK else self.day


@dataclass(frozen=True, slots=True)
class Stay:
    """A car in the plan, its fields in the order of the columns that are read. ``trouble`` is a msgid: why it cannot stay there; without ``readable`` only its time is known."""

    id: int
    number: str
    client: str
    vehicle: str
    reason: str
    state: str
    version: int
    bay_id: int
    mechanic_id: int | None
    starts_at: datetime
    ends_at: datetime
    readable: bool
    movable: bool
    overtime: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of the plan: a bay or a master. ``load`` is the taken part of its working time, in percent."""

    id: int
    title: str
    kind: str = ""
    note: str = ""
    load: int = 0
    gone: bool = False
    """It stands in the plan only because something is still planned there."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A booking that needs a time: it has none, or its place there is gone. ``trouble`` is a msgid that says why."""

    id: int
    number: str
    client: str
    vehicle: str
    reason: str
    minutes: int
    version: int
    created_at: datetime
    starts_at: datetime | None = None
    trouble: str = ""


@dataclass(frozen=True)
class Plan:
    """Everything the page shows. ``opens`` and ``closes`` are hours of the day, wide enough for all that is planned."""

    scope: Scope
    calendar: Calendar
    departments: Sequence[Any]
    lanes: Sequence[Lane]
    stays: Sequence[Stay]
    queue: Sequence[Waiting]
    load: int
    opens: int
    closes: int

    @property
    def overtime(self) -> int:
        """How many cars are worked on while the workshop is closed."""
        return sum(stay.overtime for stay in self.stays)

    @property
    def troubled(self) -> list[Stay]:
        """What needs another place or another mechanic."""
        return [stay for stay in self.stays if stay.trouble and stay.readable]

    def lane_of(self, stay: Stay) -> int:
        """In which row a car stands; that of nobody where its own is not shown."""
        lane = (stay.mechanic_id or NOBODY) if self.scope.view == MASTERS else stay.bay_id
        return lane if lane in self._shown else NOBODY

    @cached_property
    def _shown(self) -> frozenset[int]:
        """The lanes by their ids: there are hundreds of stays in a week."""
        return frozenset(lane.id for lane in self.lanes)


@dataclass(frozen=True, slots=True)
class _Time:
    """The time that is looked at: its beginning and end, and the working hours in it."""

    begins: datetime
    ends: datetime
    openings: Sequence[Stretch]

    def open_slots(self) -> set[int]:
        return {slot for opens, closes in self.openings for slot in slots.slots_between(opens, closes)}


def workshops(session: WorkSession) -> Sequence[Any]:
    """The departments that have bays."""
    return session.execute(_DEPARTMENTS).all()


def plan_of(session: WorkSession, scope: Scope, departments: Sequence[Any], gather: Gather) -> Plan:
    """The plan as it is now; ``gather`` reads several things in one go."""
    calendar = calendar_of(session, scope.department_id)
    at = _time_of(calendar, scope)
    shifts, absences = roster.reads(calendar.zone, at.begins, at.ends)
    here = {"department": scope.department_id}
    rows = gather(
        {
            "bays": Read(_BAYS, here),
            "people": Read(_PEOPLE, {**here, "since": at.begins - slots.LONGEST, "until": at.ends}),
            "queue": Read(_QUEUE, {**here, "state": "scheduled"}),
            "suspects": trouble.suspects(session, calendar, scope.department_id),
            "shifts": shifts,
            "absences": absences,
        }
    )
    there = roster.made_of(calendar.zone, rows["shifts"], rows["absences"])
    found = _stays(session, scope, at)
    stays = list(_judged(found, rows["bays"], rows["people"], there, at, session.now()))
    lanes = _lanes(scope, stays, rows["bays"], rows["people"], there, at)
    used = [lane.load for lane in lanes if not lane.gone and lane.id != NOBODY]
    opens, closes = _hours(calendar, at, stays)
    return Plan(
        scope=scope,
        calendar=calendar,
        departments=departments,
        lanes=lanes,
        stays=stays,
        queue=_queue(session, calendar, rows["queue"], rows["suspects"]),
        load=round(sum(used) / len(used)) if used else 0,
        opens=opens,
        closes=closes,
    )


def _queue(session: WorkSession, calendar: Calendar, untimed: Sequence[Any], suspects: Sequence[Any]) -> list[Waiting]:
    """What has lost its place comes first: its client counts on a time."""
    lost = [
        _waiting(row, row.starts_at, wrong)
        for row, wrong in islice(trouble.judged(session, calendar, suspects), LONGEST_QUEUE)
    ]
    return [*lost, *map(_waiting, untimed)]


def _waiting(row: Any, starts_at: datetime | None = None, wrong: str = "") -> Waiting:
    return Waiting(
        row.id,
        row.number,
        row.client,
        row.vehicle,
        row.reason,
        row.minutes,
        row.version,
        row.created_at,
        starts_at,
        wrong,
    )


def _time_of(calendar: Calendar, scope: Scope) -> _Time:
    begins, ends = (
        datetime.combine(day, time(), tzinfo=calendar.zone).astimezone(UTC)
        for day in (scope.first, scope.first + timedelta(days=scope.days))
    )
    every = calendar.openings(begins) if calendar.week else [(begins, ends)]
    return _Time(begins, ends, list(roster.worked(every, begins, ends)))


def _stays(session: WorkSession, scope: Scope, at: _Time) -> list[Stay]:
    """What stands in the plan; of what the person may not read, that its time is taken.

    A taken time has to look taken to whoever plans, in his branch or not, or it would be promised twice; so the row
    rules do not choose the rows here, but what of each is told. The queue is read under the rules.
    """
    readable, movable = (within(session, Booking, f"service.booking.{action}") for action in ("read", "change"))
    statement = (
        select(
            Booking.id,
            Booking.number,
            Document.customer_text.label("client"),
            Booking.vehicle_text.label("vehicle"),
            Booking.reason,
            Booking.state,
            Booking.version,
            Booking.bay_id,
            Booking.mechanic_id,
            Booking.starts_at,
            Booking.ends_at,
            readable.label("readable"),
            and_(movable, Booking.state == "scheduled").label("movable"),
        )
        .join(Document, Document.id == Booking.id)
        .where(
            Booking.department_id == scope.department_id,
            Booking.starts_at >= at.begins - slots.LONGEST,
            Booking.starts_at < at.ends,
            Booking.ends_at > at.begins,
            Booking.state.in_(SHOWN),
        )
        .order_by(Booking.starts_at, Booking.id)
    )
    with session.unlimited("which times of the workshop are taken"):
        rows = session.execute(statement).all()
    return [_stay(row) for row in rows]


def _stay(row: Any) -> Stay:
    stay = Stay(*row)
    return stay if stay.readable else replace(stay, number="", client="", vehicle="", reason="", movable=False)


def _judged(
    stays: Iterable[Stay],
    bays: Sequence[Any],
    people: Sequence[Any],
    there: Roster,
    at: _Time,
    now: datetime,
) -> Iterable[Stay]:
    """The stays with what is wrong with them."""
    used = {bay.id for bay in bays if bay.active}
    usual = {bay.mechanic_id for bay in bays}
    left = {person.id for person in people if not (person.active and _works(person, usual))}
    opened, open_states = at.open_slots(), BOOKING.open
    for stay in stays:
        begun, over = slots.slot_of(stay.starts_at), slots.slot_of(stay.ends_at - slots.QUARTER)
        outside = (stay.starts_at >= at.begins and begun not in opened) or (
            stay.ends_at <= at.ends and over not in opened
        )
        needs_place = stay.state in open_states and stay.ends_at > now
        wrong = _trouble(stay, used, left, there, at) if needs_place else ""
        yield replace(stay, overtime=outside, trouble=wrong) if outside or wrong else stay


def _trouble(stay: Stay, used: set[int], left: set[int], there: Roster, at: _Time) -> str:
    begins, ends = max(stay.starts_at, at.begins), min(stay.ends_at, at.ends)
    stretches = list(roster.worked(at.openings, begins, ends)) or [(begins, ends)]
    return trouble.why(stay.bay_id in used, stay.mechanic_id in left, stay.mechanic_id, stretches, there)


def _lanes(
    scope: Scope, stays: Sequence[Stay], bays: Sequence[Any], people: Sequence[Any], there: Roster, at: _Time
) -> list[Lane]:
    opened = at.open_slots()
    names = {person.id: person.name for person in people}
    if scope.view != MASTERS:
        taken = _taken(stays, lambda stay: stay.bay_id, opened)
        return [
            Lane(
                bay.id,
                bay.title,
                kind=bay.kind,
                note=names.get(bay.mechanic_id, ""),
                load=_percent(len(taken.get(bay.id, ())), len(opened)),
                gone=not bay.active,
            )
            for bay in bays
            if bay.active or bay.id in {stay.bay_id for stay in stays}
        ]
    taken = _taken(stays, lambda stay: stay.mechanic_id or NOBODY, opened)
    usual: dict[int, list[str]] = {}
    for bay in bays:
        if bay.active and bay.mechanic_id is not None:
            usual.setdefault(bay.mechanic_id, []).append(bay.title)
    here = {person.id for person in people if _is_master(person, scope.department_id) or person.id in usual}
    masters = [
        Lane(
            person.id,
            person.name,
            note=", ".join(usual.get(person.id, ())),
            load=_percent(len(taken.get(person.id, ())), _worked_slots(person.id, opened, there)),
            gone=person.id not in here or not person.active,
        )
        for person in people
        if (person.id in here and person.active) or person.id in taken
    ]
    known = {lane.id for lane in masters}
    alone = any((stay.mechanic_id or NOBODY) not in known for stay in stays)
    return [*masters, Lane(NOBODY, T("Without a mechanic"))] if alone else masters


def _works(person: Any, usual: Collection[int | None]) -> bool:
    """Whether somebody still repairs cars: as an employee of a workshop, or as the usual mechanic of a bay."""
    return bool(person.employed) or (person.employed is None and person.id in usual)


def _is_master(person: Any, department_id: int) -> bool:
    return bool(person.mechanic and person.employed and person.department_id == department_id)


def _taken(stays: Iterable[Stay], lane: Callable[[Stay], int], opened: set[int]) -> dict[int, set[int]]:
    """The quarters of working time that are taken, by lane; every lane that has a stay is there."""
    taken: dict[int, set[int]] = {}
    for stay in stays:
        taken.setdefault(lane(stay), set()).update(
            opened.intersection(slots.slots_between(stay.starts_at, stay.ends_at))
        )
    return taken


def _worked_slots(user_id: int, opened: set[int], there: Roster) -> int:
    moments = map(slots.moment_of, opened)
    return sum(there.is_there(user_id, moment, moment + slots.QUARTER) for moment in moments)


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 100 * bool(part)


def _hours(calendar: Calendar, at: _Time, stays: Sequence[Stay]) -> tuple[int, int]:
    """From which hour to which the day is drawn: the working hours, wider where something is planned outside them."""
    spans = [*at.openings, *((stay.starts_at, stay.ends_at) for stay in stays if stay.overtime)]
    local = [(since.astimezone(calendar.zone), until.astimezone(calendar.zone)) for since, until in spans]
    if any(since.date() != until.date() for since, until in local):
        return 0, 24
    begins = min((since.hour for since, _ in local), default=9)
    ends = max((until.hour + bool(until.minute) for _, until in local), default=20)
    return begins, max(ends, begins + 1)


STATES = [BOOKING[code] for code in SHOWN]
"""For the legend, in the order of a booking's life."""
