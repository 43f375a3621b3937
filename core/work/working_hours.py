"""Deciding when a department works: its week, its exceptions, whether it rests on public holidays (X-06)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

from sqlalchemy import select

from core.access.models import Department
from core.db.change import expect_record, get_record
from core.db.engine import WorkSession
from core.errors import Forbidden, Invalid, NotFound
from core.text.msgids import T
from core.work.calendar import Stretch
from core.work.office_models import CalendarException, DepartmentCalendar, WorkingHours

CHANGE = "core.calendar.change"
DAY = 1440
LONGEST_REASON = 200
COUNTRIES = ("RU", "BY", "KZ", "AM", "KG", "UZ")
"""Whose public holidays a department can rest on."""

Week = Mapping[int, Sequence[Stretch]]
"""The stretches of each weekday, 0 for Monday; a day that is missing is free."""


def may_change(session: WorkSession, department: Department) -> bool:
    """Whether the person decides about the hours of this department."""
    return session.access.reaches(CHANGE, department.id, department.branch_id)


def set_week(session: WorkSession, department_id: int, week: Week) -> None:
    """Exactly these hours; a week without any means that the department works at any time.

    :raises Invalid: for the field ``day-<number>`` of a day whose stretches overlap or run into the next day's.
    """
    department = _department(session, department_id)
    wanted = {day: sorted(stretches) for day, stretches in week.items() if stretches}
    errors = {f"day-{day}": [T("These hours overlap.")] for day in _overlapping(wanted)}
    if errors:
        raise Invalid(errors)
    kept: set[tuple[int, Stretch]] = set()
    for row in session.scalars(select(WorkingHours).where(WorkingHours.department_id == department.id)):
        if (row.opens, row.closes) in wanted.get(row.weekday, []):
            kept.add((row.weekday, (row.opens, row.closes)))
        else:
            session.delete(row)
    for day, stretches in wanted.items():
        for opens, closes in stretches:
            if (day, (opens, closes)) not in kept:
                session.add(WorkingHours(department_id=department.id, weekday=day, opens=opens, closes=closes))
    session.flush()


def _overlapping(week: Mapping[int, Sequence[Stretch]]) -> set[int]:
    """The days whose stretches meet another one, that of the day after included."""
    minutes = sorted(
        (day * DAY + opens, day * DAY + closes, day) for day, stretches in week.items() for opens, closes in stretches
    )
    wrong = {day for (_, closes, day), (opens, _, _) in pairwise(minutes) if opens < closes}
    if minutes and minutes[-1][1] > minutes[0][0] + 7 * DAY:
        wrong.add(minutes[-1][2])
    return wrong


def set_holidays(session: WorkSession, department_id: int, *, rests: bool, country: str) -> None:
    """Whether the department rests on public holidays, and on whose.

    :raises Invalid: for a country whose holidays are not known.
    """
    department = _department(session, department_id)
    if country not in COUNTRIES:
        raise Invalid({"country": [T("Choose one of the list.")]})
    row = session.scalars(
        select(DepartmentCalendar).where(DepartmentCalendar.department_id == department.id)
    ).one_or_none()
    if row is None:
        row = DepartmentCalendar(department_id=department.id)
        session.add(row)
    row.rests_on_holidays, row.country = rests, country
    session.flush()


def holidays_of(session: WorkSession, department_id: int) -> tuple[bool, str]:
    """Whether a department rests on public holidays, and on whose; they are those of Russia until decided."""
    statement = select(DepartmentCalendar.rests_on_holidays, DepartmentCalendar.country)
    row = session.execute(statement.where(DepartmentCalendar.department_id == department_id)).one_or_none()
    return (False, COUNTRIES[0]) if row is None else (row.rests_on_holidays, row.country)


def exceptions_of(session: WorkSession, department_id: int, since: date) -> list[CalendarException]:
    """The days from ``since`` on that are not as their weekday, in order."""
    mine = (CalendarException.department_id == department_id, CalendarException.day >= since)
    statement = select(CalendarException).where(*mine).order_by(CalendarException.day, CalendarException.opens)
    return list(session.scalars(statement))


def add_exception(
    session: WorkSession, department_id: int, day: date, hours: Stretch | None, reason: str = ""
) -> CalendarException:
    """A day that is not as its weekday: closed without ``hours``; several stretches make a broken day.

    :raises Invalid: when the day has been closed already, or these hours overlap with others of it.
    """
    department = _department(session, department_id)
    same_day = (CalendarException.department_id == department.id, CalendarException.day == day)
    for other in session.scalars(select(CalendarException).where(*same_day)):
        if hours is None or other.opens is None or other.closes is None:
            raise Invalid({"day": [T("This day has an exception already. Remove it first.")]})
        if hours[0] < other.closes and other.opens < hours[1]:
            raise Invalid({"opens": [T("These hours overlap.")]})
    opens, closes = hours if hours is not None else (None, None)
    added = CalendarException(
        department_id=department.id, day=day, opens=opens, closes=closes, reason=reason.strip()[:LONGEST_REASON]
    )
    session.add(added)
    session.flush()
    return added


def remove_exception(session: WorkSession, department_id: int, exception_id: int) -> None:
    """The day is as its weekday again.

    :raises NotFound: the department has no such exception.
    """
    department = _department(session, department_id)
    found = get_record(session, CalendarException, exception_id)
    if found is None or found.department_id != department.id:
        raise NotFound(T("There is no such exception."))
    session.delete(found)
    session.flush()


def _department(session: WorkSession, department_id: int) -> Department:
    """The department, for somebody who may decide about it.

    :raises NotFound: there is none; :raises Forbidden: it is not within reach of the person's right.
    """
    session.access.require(CHANGE)
    department = expect_record(session, Department, department_id, T("There is no such department."))
    if not may_change(session, department):
        raise Forbidden(T("You have no right to do this."))
    return department
