"""When a department works: the week, the exceptions, the public holidays, in its branch's zone (X-05, X-06).

The database knows local rules, the callers know UTC moments; :class:`Calendar` stands between them
and does no query, so that it can be asked for many moments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Select, bindparam, select

from core.access.models import Branch, Department
from core.db.engine import WorkSession
from core.db.kept import Read, gather
from core.errors import NotFound
from core.work.office_models import CalendarException, DepartmentCalendar, WorkingHours

Stretch = tuple[int, int]
"""From and to in minutes of the branch's local day; the end may lie in the next day."""

LOOK_AHEAD = 366
FRIDAY, MONDAY = 4, 0


@dataclass(frozen=True, slots=True)
class Holidays:
    """The public holidays of a year, and the weekend days that are worked instead of a moved one."""

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working rules of one department. Without a week it is open at any time.

    ``country`` is empty when the department works on public holidays.
    """

    zone: ZoneInfo
    week: Mapping[int, tuple[Stretch, ...]] = field(default_factory=dict)
    exceptions: Mapping[date, tuple[Stretch, ...]] = field(default_factory=dict)
    country: str = ""

    def is_open(self, at: datetime) -> bool:
        """Whether the department works at this moment."""
        return not self.week or self.next_opening(at) == at

    def next_opening(self, at: datetime) -> datetime | None:
        """The moment itself when the department works, else when it opens next, in UTC.

        Nothing when it does not open within a year.
        """
        if not self.week:
            return at.astimezone(UTC)
        for opens, closes in self.openings(at):
            if at < closes:
                return max(opens, at.astimezone(UTC))
        return None

    def add_working_time(self, start: datetime, duration: timedelta) -> datetime | None:
        """When so much working time will have passed since ``start``, in UTC; nothing if not within a year."""
        if not self.week:
            return start.astimezone(UTC) + duration
        left, reached = duration, start.astimezone(UTC)
        for opens, closes in self.openings(start):
            begins = max(opens, reached)
            if closes <= begins:
                continue
            if closes - begins >= left:
                return begins + left
            left, reached = left - (closes - begins), closes
        return None

    def openings(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The stretches of work from the day before ``since`` on, in UTC, in order."""
        first = since.astimezone(self.zone).date() - timedelta(days=1)
        for offset in range(LOOK_AHEAD + 2):
            day = first + timedelta(days=offset)
            for opens, closes in self.hours(day):
                yield self._moment(day, opens), self._last_moment(day, closes)

    def hours(self, day: date) -> tuple[Stretch, ...]:
        """The stretches of one local day: its exception, else its holiday, else its weekday."""
        if day in self.exceptions:
            return self.exceptions[day]
        holidays = public_holidays(self.country, day.year) if self.country else Holidays()
        if day in holidays.off:
            return ()
        usual = self.week.get(day.weekday(), ())
        if day in holidays.worked and not usual:
            return self.week.get(FRIDAY) or self.week.get(MONDAY, ())
        return usual

    def _moment(self, day: date, minutes: int, *, fold: int = 0) -> datetime:
        """A local wall-clock time as UTC; of a time the clock shows twice it is the first."""
        local = datetime.combine(day, time()) + timedelta(minutes=minutes)
        return local.replace(tzinfo=self.zone, fold=fold).astimezone(UTC)

    def _last_moment(self, day: date, minutes: int) -> datetime:
        """The same for a closing, which is the second of two; one that is skipped is not before its opening."""
        return max(self._moment(day, minutes), self._moment(day, minutes, fold=1))


@lru_cache(maxsize=64)
def public_holidays(country: str, year: int) -> Holidays:
    """The public holidays of a country in a year, moved days off and moved working days included."""
    import holidays  # slow to import, and most processes never ask

    known = holidays.country_holidays(country, years=year)
    worked: set[date] = getattr(known, "weekend_workdays", set())
    return Holidays(frozenset(known), frozenset(day for day in worked if day.year == year))


def is_open(session: WorkSession, department_id: int, at: datetime) -> bool:
    """Whether a department works at this moment.

    :raises NotFound: there is no such department.
    """
    return calendar_of(session, department_id).is_open(at)


def next_opening(session: WorkSession, department_id: int, at: datetime) -> datetime | None:
    """The moment itself when the department works, else its next opening; see :meth:`Calendar.next_opening`."""
    return calendar_of(session, department_id).next_opening(at)


def add_working_time(session: WorkSession, department_id: int, start: datetime, duration: timedelta) -> datetime | None:
    """When the department will have worked so long since ``start``; see :meth:`Calendar.add_working_time`."""
    return calendar_of(session, department_id).add_working_time(start, duration)


def calendar_of(session: WorkSession, department_id: int) -> Calendar:
    """The working rules of a department, read once for any number of questions.

    :raises NotFound: there is no such department.
    """
    values = {"department": department_id}
    found = gather(session, {name: Read(statement, values) for name, statement in _RULES.items()})
    if not found["place"]:
        raise NotFound("There is no such department.")
    [place] = found["place"]
    return Calendar(
        zone=ZoneInfo(place.time_zone),
        week=_stretches(found["week"]),
        exceptions=_stretches(found["exceptions"]),
        country=place.country if place.rests_on_holidays else "",
    )


_DEPARTMENT = bindparam("department", type_=BigInteger)
_RULES: dict[str, Select[*tuple[Any, ...]]] = {
    "place": (
        select(Branch.time_zone, DepartmentCalendar.country, DepartmentCalendar.rests_on_holidays)
        .join(Department, Department.branch_id == Branch.id)
        .outerjoin(DepartmentCalendar, DepartmentCalendar.department_id == Department.id)
        .where(Department.id == _DEPARTMENT)
    ),
    "week": (
        select(WorkingHours.weekday, WorkingHours.opens, WorkingHours.closes)
        .where(WorkingHours.department_id == _DEPARTMENT)
        .order_by(WorkingHours.weekday, WorkingHours.opens)
    ),
    "exceptions": (
        select(CalendarException.day, CalendarException.opens, CalendarException.closes)
        .where(CalendarException.department_id == _DEPARTMENT)
        .order_by(CalendarException.day, CalendarException.opens)
    ),
}


def _stretches(rows: Iterable[Any]) -> dict[Any, tuple[Stretch, ...]]:
    """When each day is worked, of rows of day, opening and closing; a day without hours is a day off."""
    days: dict[Any, tuple[Stretch, ...]] = {}
    for day, opens, closes in rows:
        stretch = () if opens is None or closes is None else ((opens, closes),)
        days[day] = (*days.get(day, ()), *stretch)
    return days
