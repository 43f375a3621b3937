"""When a department works: its week, its exceptions, its public holidays (X-06)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from core.access.models import Branch, Department
from core.db.change import expect_record, get_record
from core.errors import Invalid
from core.web.http import Request, redirect
from core.web.i18n import T
from core.web.routing import Route
from core.web.screens import Panel
from core.web.shell import Page
from core.work import working_hours
from core.work.calendar import Calendar, Stretch, calendar_of

POST = ("POST",)
CHANGE = working_hours.CHANGE
PER_DAY = 2
DAYS = (T("Monday"), T("Tuesday"), T("Wednesday"), T("Thursday"), T("Friday"), T("Saturday"), T("Sunday"))
COUNTRIES: Mapping[str, str] = {
    "RU": T("Russia"),
    "BY": T("Belarus"),
    "KZ": T("Kazakhstan"),
    "AM": T("Armenia"),
    "KG": T("Kyrgyzstan"),
    "UZ": T("Uzbekistan"),
}
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::00)?")


def routes() -> list[Route]:
    """The form of the working hours."""
    one = "/admin/departments/<int:record_id>/hours"
    return [
        Route(one, "hours", show, right="core.calendar.read", menu="administration"),
        Route(one, "hours_save", save, POST, right=CHANGE, menu="administration"),
        Route(f"{one}/days", "hours_add", add_day, POST, right=CHANGE, menu="administration"),
        Route(f"{one}/days/<int:exception_id>/remove", "hours_remove", remove_day, POST, right=CHANGE),
    ]


def panels(request: Request, department: Department) -> list[Panel]:
    """The week in short on the card of a department."""

    def load() -> dict[str, Any]:
        return {
            "department": department,
            "week": _week_in_words(request, calendar_of(request.session, department.id)),
            "days": _exceptions(request, department),
            "may_change": working_hours.may_change(request.session, department),
        }

    return [
        Panel("hours", T("Working hours"), "admin/hours_panel.html", load, order=10, right="core.calendar.read"),
    ]


def _week_in_words(request: Request, calendar: Calendar) -> list[tuple[str, str]]:
    if not calendar.week:
        return []
    return [
        (request.translate(title), ", ".join(span(stretch) for stretch in calendar.week.get(day, ())))
        for day, title in enumerate(DAYS)
    ]


def span(stretch: Stretch) -> str:
    """Hours as people write them: «9:00–18:00»."""
    return "–".join(clock(minutes) for minutes in stretch)


def clock(minutes: int) -> str:
    """Minutes of a day as a clock shows them; midnight at the end of a day is 00:00."""
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


# --- the page ---------------------------------------------------------------------------------


def show(request: Request, record_id: int) -> Response:
    """The week and the days that are not as their weekday."""
    return _page(request, _department(request, record_id))


def _page(
    request: Request,
    department: Department,
    errors: Mapping[str, list[str]] | None = None,
    form: str = "",
    status: int = 200,
) -> Response:
    calendar = calendar_of(request.session, department.id)
    rests, country = working_hours.holidays_of(request.session, department.id)
    title = department.title_ru if request.translate.language == "ru" else department.title_en
    return request.render(
        "admin/hours.html",
        status,
        page=Page(
            request.translate(T("Working hours")),
            crumbs=(
                (request.translate(T("Departments")), request.url("core.departments")),
                (title, request.url("core.departments.card", record_id=department.id)),
            ),
            menu="administration",
        ),
        department=department,
        zone=calendar.zone.key,
        week=_entered_week(request) if form == "week" else _stored_week(calendar),
        titles=DAYS,
        rests=request.form.get("rests") == "1" if form == "week" else rests,
        country=country,
        countries=COUNTRIES,
        days=_exceptions(request, department),
        may_change=working_hours.may_change(request.session, department),
        wrong=form,
        entered=request.form,
        saved=request.args.get("saved", ""),
        was=request.form.get("was", "") if form == "week" else _state_of(request, department.id),
        errors={name: [request.translate(text) for text in texts] for name, texts in (errors or {}).items()},
    )


def _state_of(request: Request, department_id: int) -> str:
    """The week and the holidays as one word: a form made from others is refused (SEC-49)."""
    week = _stored_week(calendar_of(request.session, department_id))
    told = repr((week, working_hours.holidays_of(request.session, department_id)))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _stored_week(calendar: Calendar) -> list[list[tuple[str, str]]]:
    """For each day the texts of its two pairs of fields."""
    return [
        _filled([(clock(opens), clock(closes)) for opens, closes in calendar.week.get(day, ())]) for day in range(7)
    ]


def _entered_week(request: Request) -> list[list[tuple[str, str]]]:
    return [
        [(request.form.get(f"opens-{day}-{n}", ""), request.form.get(f"closes-{day}-{n}", "")) for n in range(PER_DAY)]
        for day in range(7)
    ]


def _filled(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [*pairs, *[("", "")] * (PER_DAY - len(pairs))]


def _exceptions(request: Request, department: Department) -> list[dict[str, Any]]:
    branch = get_record(request.session, Branch, department.branch_id)
    zone = ZoneInfo(branch.time_zone if branch is not None else "UTC")
    today = request.session.now().astimezone(zone).date()
    return [
        {
            "id": each.id,
            "day": each.day,
            "hours": span((each.opens, each.closes)) if each.opens is not None and each.closes is not None else "",
            "reason": each.reason,
        }
        for each in working_hours.exceptions_of(request.session, department.id, today)
    ]


# --- saving -----------------------------------------------------------------------------------


def save(request: Request, record_id: int) -> Response:
    """Store the week and the holidays, both or neither."""
    department = _department(request, record_id)
    if "was" in request.form and request.form["was"] != _state_of(request, department.id):
        raise StaleDataError(f"the hours of department {department.id}")
    try:
        working_hours.set_week(request.session, department.id, _read_week(request))
        working_hours.set_holidays(
            request.session,
            department.id,
            rests=request.form.get("rests") == "1",
            country=request.form.get("country", ""),
        )
    except Invalid as refusal:
        return _refused(request, record_id, refusal, "week")
    return redirect(request.url("core.hours", record_id=record_id, saved="1"))


def _read_week(request: Request) -> dict[int, list[Stretch]]:
    """The hours as they were typed.

    :raises Invalid: for each day with half an entry or with something that is no time.
    """
    errors: dict[str, list[str]] = {}
    week: dict[int, list[Stretch]] = {}
    for day, pairs in enumerate(_entered_week(request)):
        try:
            week[day] = [stretch for pair in pairs if (stretch := _stretch(*pair)) is not None]
        except ValueError:
            errors[f"day-{day}"] = [T("Enter both times, such as 9:00 and 18:00.")]
    if errors:
        raise Invalid(errors)
    return week


def _stretch(opens: str, closes: str) -> Stretch | None:
    """From and to in minutes; a night shift ends on the next day."""
    if not opens and not closes:
        return None
    first, last = _minutes(opens), _minutes(closes)
    return first, last if last > first else last + working_hours.DAY


def _minutes(text: str) -> int:
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return int(found[1]) * 60 + int(found[2])


def add_day(request: Request, record_id: int) -> Response:
    """A day that is not as its weekday."""
    department = _department(request, record_id)
    try:
        working_hours.add_exception(
            request.session, department.id, _day(request), _day_hours(request), request.form.get("reason", "")
        )
    except Invalid as refusal:
        return _refused(request, record_id, refusal, "day")
    return redirect(f"{request.url('core.hours', record_id=record_id)}#days")


def _day(request: Request) -> date:
    try:
        day = datetime.strptime(request.form.get("day", ""), "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise Invalid({"day": [T("This is not a date.")]}) from error
    if not 2000 <= day.year <= 2200:
        raise Invalid({"day": [T("This is not a date.")]})
    return day


def _day_hours(request: Request) -> Stretch | None:
    try:
        return _stretch(request.form.get("opens", ""), request.form.get("closes", ""))
    except ValueError as error:
        raise Invalid({"opens": [T("Enter both times, such as 9:00 and 18:00.")]}) from error


def remove_day(request: Request, record_id: int, exception_id: int) -> Response:
    """The day is as its weekday again."""
    department = _department(request, record_id)
    working_hours.remove_exception(request.session, department.id, exception_id)
    return redirect(f"{request.url('core.hours', record_id=record_id)}#days")


def _refused(request: Request, record_id: int, refusal: Invalid, form: str) -> Response:
    request.session.rollback()
    return _page(request, _department(request, record_id), refusal.errors, form, refusal.status)


def _department(request: Request, record_id: int) -> Department:
    return expect_record(request.session, Department, record_id)
