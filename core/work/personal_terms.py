"""The law's deadlines and terms: why data is erased, by when, and how long acts are kept (SEC-70…72)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.db.engine import WorkSession
from core.errors import Invalid
from core.text.msgids import T
from core.work.calendar import public_holidays
from core.work.personal_traces import DEADLINE
from core.work.settings import Setting
from core.work.subjects import Subject
from core.work.task_models import Task
from core.work.tasks import NewTask, create_task, end_with_cause

ACT_KEPT = timedelta(days=3 * 365 + 1)
"""Acts and journal extracts are kept three years (Order 179, item 8)."""

HOLDERS_ROLE = "administrator"
"""The role whose people look after personal data: they get the deadlines and the warnings."""

SATURDAY = 5
COUNTRY = "RU"

OPERATOR = Setting(
    "core.personal_operator",
    str,
    "",
    title=T("Operator of personal data: name and address for acts"),
    group=T("Personal data"),
    maximum=300,
)
SYSTEM = Setting(
    "core.personal_system",
    str,
    "Forecourt",
    title=T("Name of the information system in acts and journal"),
    group=T("Personal data"),
    minimum=1,
    maximum=120,
)
SETTINGS = (OPERATOR, SYSTEM)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why data is erased: in words, and how long the law gives for it."""

    title: str
    days: int = 0
    working_days: int = 0


REASONS: Mapping[str, Reason] = {
    "withdrawn": Reason(T("Consent withdrawn (152-FZ, art. 21 part 5)"), days=30),
    "purpose": Reason(T("Purpose of processing reached (152-FZ, art. 21 part 4)"), days=30),
    "unlawful": Reason(T("Unlawful processing (152-FZ, art. 21 part 3)"), working_days=10),
    "demand": Reason(T("Demand of the person: data unneeded or unlawfully obtained (152-FZ, art. 20 part 3)"), 0, 7),
    "term": Reason(T("Storage term is over (152-FZ, art. 5 part 7)"), days=30),
}

STOP_WORKING_DAYS = 3
"""Unlawful processing has to stop within so many working days, before anything is erased."""


def ask_erasure(
    session: WorkSession,
    person: Subject,
    reference: str,
    reason: str,
    since: datetime | None = None,
    *,
    cause: str = "",
) -> Task:
    """Make the deadline task for an erasure; the same cause makes one task.

    :param reference: what the person is called without naming him.
    :param since: when the withdrawal or demand arrived, or the violation was found; now without it.
    :param cause: what tells this cause from another of the same person, such as ``consent.5``.
    :raises Invalid: for an unknown reason.
    """
    if reason not in REASONS:
        raise Invalid({"reason": [T("Choose why the data is erased.")]})
    start = since or session.now()
    key = f"personal.{reason}:{person.type}:{person.id}:{cause or start.date().isoformat()}"
    if REASONS[reason].working_days and reason == "unlawful":
        stop_by = working_days_after(start, STOP_WORKING_DAYS)
        _deadline(session, person, reference, T("Stop processing the data of: %(person)s"), stop_by, f"{key}:stop")
    due = due_at(reason, start)
    return _deadline(session, person, reference, T("Erase the data of: %(person)s"), due, key)


def _deadline(session: WorkSession, person: Subject, reference: str, title: str, due: datetime, key: str) -> Task:
    return create_task(
        session,
        NewTask(
            title=title,
            title_values={"person": reference},
            due_at=due,
            remind_at=max(session.now(), due - timedelta(days=3)),
            kind=DEADLINE,
            subject=person,
            role=HOLDERS_ROLE,
            origin="personal_data",
            once_key=key[:120],
        ),
    )


def due_at(reason: str, since: datetime) -> datetime:
    """Until when the law allows for an erasure for this reason."""
    known = REASONS[reason]
    return working_days_after(since, known.working_days) if known.working_days else since + timedelta(days=known.days)


def working_days_after(since: datetime, number: int) -> datetime:
    """The same time of day so many working days later, by the public holidays of the country."""
    moment = since
    while number:
        moment += timedelta(days=1)
        holidays = public_holidays(COUNTRY, moment.year)
        day = moment.date()
        worked = day in holidays.worked or (day.weekday() < SATURDAY and day not in holidays.off)
        number -= int(worked)
    return moment


def end_deadlines(session: WorkSession, person: Subject) -> int:
    """End the deadline tasks of a person whose data has been erased; returns how many."""
    return end_with_cause(session, person, DEADLINE)


def years_after(since: datetime, years: int) -> datetime:
    """The same day so many years later, in UTC; the 29th of February gives the 1st of March."""
    try:
        return since.astimezone(UTC).replace(year=since.year + years)
    except ValueError:
        return since.astimezone(UTC).replace(year=since.year + years, month=3, day=1)
