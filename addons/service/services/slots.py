"""The plan in quarters of an hour: what is taken, what is free, and taking it so that the database decides who was first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.exc import IntegrityError

from addons.service.models import Bay, Hold
from addons.service.services.roster import Roster, Stretch, roster_of, worked, worked_of
from core import Calendar, Conflict, T, WorkSession, calendar_of

QUARTER = timedelta(minutes=15)
_SECONDS = int(QUARTER.total_seconds())
PROPOSED = 3
APART = timedelta(hours=2)
"""How far from each other windows of one day begin that are proposed."""
LOOK_AHEAD = timedelta(days=21)
LONGEST = timedelta(days=14)
"""The longest a car may stand in one bay."""


class Window(NamedTuple):
    """A free stretch of a bay, long enough for what was asked; moments are in UTC."""

    bay_id: int
    starts_at: datetime
    ends_at: datetime


class Taken(Conflict):
    """Somebody else has this time already; ``windows`` are the nearest ones that are free.

    ``there`` says what stands in the bay then, as far as the person may know of it.
    """

    def __init__(self, message: str, windows: Sequence[Window], there: str = "") -> None:
        super().__init__(message)
        self.windows, self.there = tuple(windows), there


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a booking takes: a bay and its mechanic for as long as the work lasts, the adviser for the reception."""

    bay_id: int
    starts_at: datetime
    ends_at: datetime
    mechanic_id: int | None = None
    adviser_id: int | None = None


def slot_of(at: datetime) -> int:
    """The quarter of an hour a moment lies in, counted in UTC."""
    return int(at.timestamp()) // _SECONDS


def moment_of(slot: int) -> datetime:
    """When a quarter begins."""
    return datetime.fromtimestamp(slot * _SECONDS, UTC)


def slots_between(starts_at: datetime, ends_at: datetime) -> range:
    """The quarters a stretch touches."""
    return range(slot_of(starts_at), _next_slot(ends_at))


def ends_of(calendar: Calendar, starts_at: datetime, duration: timedelta) -> datetime:
    """When work is over that begins then: what is longer than its working day goes on in the hours of the next one.

    What begins outside working hours, or lasts no longer than they do, is not interrupted.
    """
    for opens, closes in calendar.openings(starts_at) if calendar.week else ():
        if closes > starts_at:
            longer = opens <= starts_at and duration > closes - opens
            ends_at = calendar.add_working_time(starts_at, duration) if longer else None
            return ends_at or starts_at + duration
    return starts_at + duration


def lasting(calendar: Calendar, starts_at: datetime, ends_at: datetime) -> timedelta:
    """How much work there is between two moments: what :func:`ends_of` makes the second out of, where anything does."""
    clock = ends_at - starts_at
    if ends_of(calendar, starts_at, clock) == ends_at:
        return clock
    return sum((until - since for since, until in worked_of(calendar, starts_at, ends_at)), timedelta())


def take(session: WorkSession, booking_id: int, wanted: Wanted) -> None:
    """Let a booking have this time instead of what it had; of two at once one gets it, on both databases.

    :raises Taken: when the bay or a person has another car then. Nothing has changed.
    """
    rows: list[dict[str, int | None]] = [
        {"booking_id": booking_id, "bay_id": wanted.bay_id, "user_id": None, "slot": slot}
        for slot in slots_between(wanted.starts_at, wanted.ends_at)
    ]
    rows += [
        {"booking_id": booking_id, "bay_id": None, "user_id": user_id, "slot": slot}
        for user_id, slot in sorted(_people(wanted))
    ]
    session.flush()
    try:
        with session.begin_nested():
            release(session, booking_id)
            session.execute(insert(Hold), rows)
    except IntegrityError as error:
        why = _who_has_it(session, booking_id, wanted)
        if why is None:
            raise
        raise Taken(why, ()) from error


def _people(wanted: Wanted) -> Iterator[tuple[int, int]]:
    """Whose quarters it takes; one who receives the car and repairs it himself is taken once."""
    if wanted.mechanic_id is not None:
        yield from ((wanted.mechanic_id, slot) for slot in slots_between(wanted.starts_at, wanted.ends_at))
    if wanted.adviser_id is not None and wanted.adviser_id != wanted.mechanic_id:
        yield wanted.adviser_id, slot_of(wanted.starts_at)


def _who_has_it(session: WorkSession, booking_id: int, wanted: Wanted) -> str | None:
    """The msgid of what is in the way of a time; nothing where nothing is, so that something else was wrong."""
    quarters, people = slots_between(wanted.starts_at, wanted.ends_at), set(_people(wanted))
    theirs = or_(Hold.bay_id == wanted.bay_id, Hold.user_id.in_({user_id for user_id, _ in people}))
    statement = select(Hold.bay_id, Hold.user_id, Hold.slot).where(
        Hold.booking_id != booking_id, Hold.slot.between(quarters.start, quarters.stop - 1), theirs
    )
    rows = session.execute(statement).all()
    busy = {row.user_id for row in rows if (row.user_id, row.slot) in people}
    if any(row.bay_id is not None for row in rows):
        return T("This time is taken. Choose another one.")
    if wanted.mechanic_id in busy:
        return T("The mechanic has another car then. Choose another time.")
    return T("The adviser receives another car then. Choose another time.") if busy else None


def release(session: WorkSession, booking_id: int) -> None:
    """Give back what a booking has taken."""
    session.execute(delete(Hold).where(Hold.booking_id == booking_id))


def nearest(
    session: WorkSession,
    department_id: int,
    duration: timedelta,
    around: datetime,
    *,
    bay_kind: str = "",
    bay_ids: Collection[int] = (),
    adviser_id: int | None = None,
    but_booking: int | None = None,
    count: int = PROPOSED,
) -> list[Window]:
    """The free windows next to a moment that a client can really choose between, in the order of time.

    The first is the soonest one there is, within working hours and from now on. Each further one begins at least two
    hours (:data:`APART`) after the one before it, and they are never all of one day: who cannot come on that day has no
    use for its hours. Where less is free in three weeks, the soonest of what is left fill up.

    A bay with a mechanic of its own is free when he is there and has no other car. Of one start one bay is proposed.

    :param bay_kind: only bays fit for this.
    :param bay_ids: only these bays.
    :param adviser_id: who receives the car, and so has to be free when it comes.
    :param but_booking: whose own time counts as free.
    """
    begin = max(around, session.now())
    calendar = calendar_of(session, department_id)
    bays = _bays(session, department_id, bay_kind, bay_ids)
    plan = _plan(session, calendar, bays, begin, adviser_id, but_booking)
    starts = _starts(calendar, begin, duration)
    found = (window for start, stretches in starts for window in islice(plan.free(start, stretches), 1))
    return _spread(found, calendar.zone, count)


def _spread(found: Iterator[Window], zone: ZoneInfo, count: int) -> list[Window]:
    """The choice among all free windows that :func:`nearest` makes."""
    chosen: list[Window] = []
    left: list[Window] = []
    for window in found:
        if _differs(window, chosen, zone, last=len(chosen) == count - 1):
            chosen.append(window)
        elif len(left) < count:
            left.append(window)
        if len(chosen) == count:
            break
    return sorted([*chosen, *left[: count - len(chosen)]], key=lambda window: window.starts_at)


def _differs(window: Window, chosen: Sequence[Window], zone: ZoneInfo, *, last: bool) -> bool:
    if not chosen:
        return True
    day, *others = {each.starts_at.astimezone(zone).date() for each in chosen}
    if last and not others:
        return window.starts_at.astimezone(zone).date() != day
    return window.starts_at >= chosen[-1].starts_at + APART


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is taken of some bays and people, as pairs of their number and a quarter."""

    bays: Mapping[int, int | None]
    """Each bay with its own mechanic."""
    adviser_id: int | None
    taken: Collection[tuple[int, int]]
    busy: Collection[tuple[int, int]]
    roster: Roster

    def free(self, quarters: range, stretches: Sequence[Stretch]) -> Iterator[Window]:
        """The bays in which these quarters are free, ``stretches`` being what of them is worked."""
        if self.adviser_id is not None and not self._receives(self.adviser_id, quarters.start):
            return
        for bay, mechanic in self.bays.items():
            if any((bay, each) in self.taken for each in quarters):
                continue
            if mechanic is None or self._works(mechanic, quarters, stretches):
                yield Window(bay, moment_of(quarters.start), moment_of(quarters.stop))

    def _receives(self, user_id: int, slot: int) -> bool:
        starts = moment_of(slot)
        return (user_id, slot) not in self.busy and self.roster.is_there(user_id, starts, starts + QUARTER)

    def _works(self, user_id: int, quarters: range, stretches: Sequence[Stretch]) -> bool:
        if any((user_id, each) in self.busy for each in quarters):
            return False
        return all(self.roster.is_there(user_id, starts, ends) for starts, ends in stretches)


def _bays(session: WorkSession, department_id: int, bay_kind: str, bay_ids: Collection[int]) -> dict[int, int | None]:
    statement = select(Bay.id, Bay.mechanic_id).where(Bay.department_id == department_id, Bay.active)
    if bay_kind:
        statement = statement.where(Bay.kind == bay_kind)
    if bay_ids:
        statement = statement.where(Bay.id.in_(bay_ids))
    return {row.id: row.mechanic_id for row in session.execute(statement.order_by(Bay.position, Bay.id))}


def _plan(
    session: WorkSession,
    calendar: Calendar,
    bays: Mapping[int, int | None],
    since: datetime,
    adviser_id: int | None,
    but_booking: int | None,
) -> _Plan:
    until = since + LOOK_AHEAD + LONGEST
    people = {each for each in (*bays.values(), adviser_id) if each is not None}
    statement = select(Hold.bay_id, Hold.user_id, Hold.slot).where(
        or_(Hold.bay_id.in_(bays), Hold.user_id.in_(people)), Hold.slot.between(slot_of(since), slot_of(until))
    )
    if but_booking is not None:
        statement = statement.where(Hold.booking_id != but_booking)
    rows = session.execute(statement).all()
    return _Plan(
        bays,
        adviser_id,
        taken={(row.bay_id, row.slot) for row in rows if row.bay_id is not None},
        busy={(row.user_id, row.slot) for row in rows if row.user_id is not None},
        roster=roster_of(session, calendar.zone, since, until),
    )


def _starts(calendar: Calendar, begin: datetime, duration: timedelta) -> Iterator[tuple[range, Sequence[Stretch]]]:
    """Every time at which work may begin: the quarters it takes, and those stretches of them that are worked.

    What is longer than a day goes on the next one.
    """
    always = [(begin, begin + LOOK_AHEAD)]
    for opens, closes in calendar.openings(begin) if calendar.week else always:
        if opens > begin + LOOK_AHEAD:
            return
        for slot in range(max(slot_of(opens), _next_slot(begin)), slot_of(closes)):
            starts, ends = moment_of(slot), moment_of(slot) + duration
            if duration > closes - opens:
                ends = ends_of(calendar, starts, duration)
                if ends - starts > LONGEST:
                    return
                yield slots_between(starts, ends), list(worked(calendar.openings(starts), starts, ends))
            elif ends > closes:
                break
            else:
                yield slots_between(starts, ends), [(starts, ends)]


def _next_slot(at: datetime) -> int:
    """The first quarter that begins then or later."""
    return -int(-at.timestamp() // _SECONDS)
