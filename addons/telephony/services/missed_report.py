"""Missed calls by why they were lost, by whose phone rang in vain, and by the hour: how well calls are answered (S1-21).

Rows of other branches are left out by the rule of calls, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from addons.telephony.models import Call, CallLeg
from addons.telephony.services.figures import HOUR, slot
from addons.telephony.services.missed import CALL_BACK_WITHIN
from addons.telephony.services.vocabulary import IN, LOSS_REASONS, MISSED
from core import User, WorkSession, settings, shown_name


@dataclass(frozen=True, slots=True)
class Figures:
    """Missed calls of one kind; the wait in seconds is the mean one. ``answered`` is of the same, or nothing where it has none."""

    title: str
    missed: int
    wait: int
    reached: int
    in_time: int
    answered: int | None = None

    @property
    def share(self) -> int | None:
        """Per cent of the calls that were missed."""
        if self.answered is None or not self.missed + self.answered:
            return None
        return round(100 * self.missed / (self.missed + self.answered))


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a period; reasons are codes, hours those of the person's zone."""

    since: datetime
    until: datetime
    within_minutes: int
    total: Figures
    waiting: int
    reasons: Sequence[Figures]
    people: Sequence[Figures]
    hours: Sequence[Figures]


def report(session: WorkSession, since: datetime, until: datetime) -> Report:
    """The missed calls that began in a period, its end left out."""
    within = settings.read(session, CALL_BACK_WITHIN)
    return _Reporting(session, since, until, within).report()


class _Reporting:
    """One period."""

    def __init__(self, session: WorkSession, since: datetime, until: datetime, within: int) -> None:
        self._session, self._since, self._until, self._within = session, since, until, within
        self._period = (Call.direction == IN, Call.started_at >= since, Call.started_at < until)
        in_time = case((Call.reached_ms <= within * 60_000, 1), else_=0)
        self._figures: tuple[ColumnElement[Any], ...] = (
            func.count(Call.id.distinct()).label("missed"),
            func.coalesce(func.avg(Call.wait_ms), 0).label("wait"),
            func.count(Call.reached_ms).label("reached"),
            func.coalesce(func.sum(in_time), 0).label("in_time"),
        )

    def report(self) -> Report:
        answered = self._count(Call.answered_at.is_not(None))
        total = self._session.execute(select(*self._figures).where(*self._missed())).one()
        return Report(
            self._since,
            self._until,
            self._within,
            _figures("", total, answered),
            self._count(Call.waits_for_call.is_(True)),
            self._reasons(),
            self._people(),
            self._hours(),
        )

    def _missed(self) -> tuple[ColumnElement[bool], ...]:
        return (*self._period, Call.disposition == MISSED)

    def _count(self, condition: ColumnElement[bool]) -> int:
        return self._session.scalar(select(func.count(Call.id)).where(*self._period, condition)) or 0

    def _reasons(self) -> list[Figures]:
        statement = select(Call.loss_reason, *self._figures).where(*self._missed()).group_by(Call.loss_reason)
        rows = {row.loss_reason: row for row in self._session.execute(statement)}
        known = [code for code in LOSS_REASONS if code in rows]
        return [_figures(code, rows[code]) for code in [*known, *sorted(rows.keys() - LOSS_REASONS.keys())]]

    def _people(self) -> list[Figures]:
        """Whose phone rang in vain; a call that rang at three of them counts with each."""
        rang = (
            select(CallLeg.call_id, CallLeg.user_id)
            .where(CallLeg.user_id.is_not(None), CallLeg.answered_at.is_(None))
            .distinct()
            .subquery()
        )
        lost = (
            select(User.id, shown_name.label("name"), *self._figures)
            .join(rang, rang.c.call_id == Call.id)
            .join(User, User.id == rang.c.user_id)
            .where(*self._missed())
            .group_by(User.id, User.short_name, User.full_name)
        )
        took = select(Call.employee_id, func.count(Call.id)).where(*self._period, Call.answered_at.is_not(None))
        answered = dict(self._session.execute(took.group_by(Call.employee_id)).all())
        found = [_figures(row.name, row, answered.get(row.id, 0)) for row in self._session.execute(lost)]
        return sorted(found, key=lambda each: (-each.missed, each.title))

    def _hours(self) -> list[Figures]:
        """By the hour of the day in the person's zone: the database knows hours since 1970, which every zone can read."""
        hour = slot(self._session).label("hour")
        zone = self._session.access.zone
        lost = self._session.execute(select(hour, *self._figures).where(*self._missed()).group_by(hour)).all()
        took = select(hour, func.count(Call.id)).where(*self._period, Call.answered_at.is_not(None)).group_by(hour)
        found: dict[int, list[Any]] = {}
        for row in lost:
            found.setdefault(_local(row.hour, zone), []).append(row)
        answered: dict[int, int] = {}
        for number, calls in self._session.execute(took):
            answered[_local(number, zone)] = answered.get(_local(number, zone), 0) + calls
        return [_sum(clock, found.get(clock, ()), answered.get(clock, 0)) for clock in sorted({*found, *answered})]


def _local(hour: int, zone: Any) -> int:
    return datetime.fromtimestamp(hour * HOUR, UTC).astimezone(zone).hour


def _figures(title: str, row: Any, answered: int | None = None) -> Figures:
    return Figures(title, row.missed, round(float(row.wait) / 1000), row.reached, int(row.in_time), answered)


def _sum(clock: int, rows: Iterable[Any], answered: int) -> Figures:
    """Several hours of different days that are the same by the clock."""
    found = list(rows)
    missed = sum(row.missed for row in found)
    wait = sum(float(row.wait) * row.missed for row in found) / missed / 1000 if missed else 0.0
    reached, in_time = sum(row.reached for row in found), sum(int(row.in_time) for row in found)
    return Figures(f"{clock:02}:00", missed, round(wait), reached, in_time, answered)
