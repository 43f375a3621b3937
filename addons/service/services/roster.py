"""Who is there when: shifts and absences of colleagues; whoever has neither works as long as his department is open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Date, and_, bindparam, exists, func, or_, select, true

from addons.service.models import Absence, Bay, Employee, Shift
from core import Calendar, Read, T, User, UtcDateTime, WorkSession, kept

Stretch = tuple[datetime, datetime]
Days = tuple[date, date]

NEAR = timedelta(weeks=4)
"""Whoever has a shift this near to a moment is there in his shifts only; of others nobody writes the shifts down."""
_INSTANT = timedelta(microseconds=1)

_SHIFTS = (
    select(Shift.user_id, Shift.starts_at, Shift.ends_at)
    .where(
        Shift.ends_at > bindparam("since", type_=UtcDateTime), Shift.starts_at < bindparam("until", type_=UtcDateTime)
    )
    .order_by(Shift.user_id, Shift.starts_at)
)
_ABSENCES = select(Absence.user_id, Absence.first_day, Absence.last_day).where(
    Absence.last_day >= bindparam("since", type_=Date), Absence.first_day <= bindparam("until", type_=Date)
)


@dataclass(frozen=True, slots=True)
class Roster:
    """Shifts in UTC, those that follow each other made one, and absences in whole days of the workshop's ``zone``."""

    zone: ZoneInfo
    shifts: Mapping[int, Sequence[Stretch]] = field(default_factory=dict)
    absences: Mapping[int, Sequence[Days]] = field(default_factory=dict)

    def is_there(self, user_id: int, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether somebody is there from the one moment to the other."""
        return not self.why_not(user_id, starts_at, ends_at)

    def why_not(self, user_id: int, starts_at: datetime, ends_at: datetime) -> str:
        """The msgid of why he is not there all the time; empty when he is."""
        first, last = starts_at.astimezone(self.zone).date(), (ends_at - _INSTANT).astimezone(self.zone).date()
        if any(since <= last and until >= first for since, until in self.absences.get(user_id, ())):
            return T("The mechanic is away then")
        shifts = self._near(user_id, starts_at, ends_at)
        if shifts and not any(since <= starts_at and until >= ends_at for since, until in shifts):
            return T("The mechanic has no shift then")
        return ""

    def why_not_all(self, user_id: int, stretches: Iterable[Stretch]) -> str:
        """The msgid of why he is not there in one of some stretches; empty when he is in all of them."""
        return next((why for since, until in stretches if (why := self.why_not(user_id, since, until))), "")

    def _near(self, user_id: int, starts_at: datetime, ends_at: datetime) -> list[Stretch]:
        shifts = self.shifts.get(user_id, ())
        return [(since, until) for since, until in shifts if since < ends_at + NEAR and until > starts_at - NEAR]


def reads(zone: ZoneInfo, since: datetime, until: datetime) -> tuple[Read, Read]:
    """What :func:`made_of` needs to answer for moments between these two."""
    days = {"since": since.astimezone(zone).date(), "until": until.astimezone(zone).date()}
    return Read(_SHIFTS, {"since": since - NEAR, "until": until + NEAR}), Read(_ABSENCES, days)


def made_of(
    zone: ZoneInfo, shifts: Iterable[tuple[int, datetime, datetime]], absences: Iterable[tuple[int, date, date]]
) -> Roster:
    """The roster these rows make."""
    worked: dict[int, list[Stretch]] = {}
    for user_id, since, until in shifts:
        mine = worked.setdefault(user_id, [])
        if mine and mine[-1][1] >= since:
            mine[-1] = (mine[-1][0], max(mine[-1][1], until))
        else:
            mine.append((since, until))
    away: dict[int, list[Days]] = {}
    for user_id, first, last in absences:
        away.setdefault(user_id, []).append((first, last))
    return Roster(zone, worked, away)


def roster_of(session: WorkSession, zone: ZoneInfo, since: datetime, until: datetime) -> Roster:
    """Who is there between two moments."""
    shifts, absences = (kept.read(session, each) for each in reads(zone, since, until))
    return made_of(zone, shifts, absences)


def repairs_in(session: WorkSession, user_id: int | None, department_id: int) -> bool:
    """Whether somebody repairs cars in a workshop: as its mechanic, or because a bay of it is usually his."""
    usual = exists().where(Bay.mechanic_id == User.id, Bay.department_id == department_id, Bay.active)
    mechanic = and_(Employee.mechanic, Employee.department_id == department_id)
    statement = (
        select(User.id)
        .outerjoin(Employee, Employee.user_id == User.id)
        .where(User.id == user_id, User.active, func.coalesce(Employee.active, true()), or_(mechanic, usual))
    )
    return session.scalar(statement) is not None


def worked(openings: Iterable[Stretch], starts_at: datetime, ends_at: datetime) -> Iterator[Stretch]:
    """What of a stretch lies in working hours: a car that stays for days needs nobody at night."""
    for opens, closes in openings:
        if opens >= ends_at:
            return
        if closes > starts_at:
            yield max(opens, starts_at), min(closes, ends_at)


def worked_of(calendar: Calendar, starts_at: datetime, ends_at: datetime) -> list[Stretch]:
    """What of a stay lies in working hours; all of it where nothing does, for then somebody works longer."""
    return list(worked(calendar.openings(starts_at), starts_at, ends_at)) or [(starts_at, ends_at)]
