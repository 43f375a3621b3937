"""Figures of calls: by hour, day, employee, line, result and wait, of the calls that a filter leaves (S2-45).

Every figure is counted by the database. Moments are counted by hours of UTC and put into the reader's hours and days
here, so that a day has 23 or 25 hours where it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnClause,
    ColumnElement,
    Row,
    Select,
    and_,
    case,
    cast,
    distinct,
    extract,
    func,
    select,
)
from sqlalchemy.sql.visitors import iterate

from addons.contacts.models import InboundContact
from addons.telephony.models import Call, CallCheck, CallLeg, Line
from addons.telephony.services.vocabulary import DISPOSITIONS, IN, LOSS_REASONS, MISSED
from core import T, Table, User, Viewer, WorkSession, shown_name

HOUR = 3600
MOST_DAYS = 62
"""Days of which each has a column of its own; of more, each month has one."""
MOST_ROWS = 50
"""Rows of a table at most: the busiest ones."""
WAITS, TALKS = (10, 20, 30, 60, 120, 300), (15, 30, 60, 180, 300, 600)
"""Seconds at which a wait, or a talk, counts as the next longer one."""
ANSWERED = "answered"
NO_LINE, NOBODY, NOT_LOST = T("no line"), T("Nobody"), T("not lost")


LATEST = timedelta(days=92)
"""What is counted where no period is chosen: not all that there ever was."""


@dataclass(slots=True)
class Figure:
    """What is counted of some calls. ``waited`` are calls of clients, who alone wait; sums are milliseconds.

    ``mark`` is what stands under its column. ``refused`` are those at which somebody was rung and did not pick up: it is counted of employees.
    """

    title: str
    mark: str = ""
    calls: int = 0
    answered: int = 0
    missed: int = 0
    waited: int = 0
    wait_ms: int = 0
    talk_ms: int = 0
    refused: int = 0

    def add(self, row: Any) -> None:
        """Count more calls."""
        self.calls += row.calls
        self.answered += row.answered
        self.missed += row.missed
        self.waited += row.waited
        self.wait_ms += row.wait_ms
        self.talk_ms += row.talk_ms

    @property
    def other(self) -> int:
        """Calls of ours that reached nobody."""
        return self.calls - self.answered - self.missed

    @property
    def wait(self) -> int:
        """How long a client waited on average, in seconds."""
        return round(self.wait_ms / self.waited / 1000) if self.waited else 0

    @property
    def talk(self) -> int:
        """How long a talk was on average, in seconds."""
        return round(self.talk_ms / self.answered / 1000) if self.answered else 0


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Calls by something: its name, what it is by, and the figures in order. A ``chart`` has a column for each."""

    name: str
    title: str
    figures: list[Figure]
    chart: bool = False

    @property
    def most(self) -> int:
        """The most calls of one figure; at least one."""
        return max((each.calls for each in self.figures), default=0) or 1


def load(viewer: Viewer, conditions: Sequence[ColumnElement[bool]]) -> Mapping[str, Any]:
    """What the page shows."""
    conditions, bounded = spanned(viewer, conditions)
    whole = _whole(viewer, conditions)
    return {"bounded": bounded, "days": LATEST.days, "whole": whole, "breakdowns": _breakdowns(viewer, conditions)}


def table(viewer: Viewer, conditions: Sequence[ColumnElement[bool]]) -> Table:
    """The same figures as a sheet, a row for each."""
    heads = (
        T("By what"),
        T("Which"),
        T("Phone calls"),
        T("Answered calls"),
        T("Missed calls"),
        T("Average wait, s"),
        T("Average talk, s"),
        T("Talk, s"),
        T("Rung and not answered"),
    )
    conditions, _ = spanned(viewer, conditions)
    shown = [Breakdown("all", T("All calls"), [_whole(viewer, conditions)]), *_breakdowns(viewer, conditions)]
    rows = ([viewer.translate(each.title), *_cells(figure)] for each in shown for figure in each.figures)
    return Table(viewer.translate(TITLE), [], [viewer.translate(head) for head in heads], rows)


TITLE = T("Statistics of calls")


def _cells(figure: Figure) -> list[Any]:
    numbers = (figure.calls, figure.answered, figure.missed, figure.wait, figure.talk, round(figure.talk_ms / 1000))
    return [figure.title, *numbers, figure.refused]


def _breakdowns(viewer: Viewer, conditions: Sequence[ColumnElement[bool]]) -> list[Breakdown]:
    session, words = viewer.session, viewer.translate
    hours, days = _by_time(viewer, conditions)
    if not days:
        return []
    of_clients, talks = (*conditions, Call.direction == IN), (*conditions, Call.disposition == ANSWERED)
    few = (max(days) - min(days)).days < MOST_DAYS
    return [
        Breakdown("hours", T("By hour of the day"), hours, chart=True),
        Breakdown("days", T("By day"), _every_day(viewer, days), chart=True)
        if few
        else Breakdown("days", T("By month"), _months(days), chart=True),
        Breakdown("waits", T("By wait of clients"), _by_length(session, of_clients, Call.wait_ms, WAITS), chart=True),
        Breakdown("talks", T("By length of the talk"), _by_length(session, talks, Call.talk_ms, TALKS), chart=True),
        Breakdown("employees", T("By employee"), _by_employee(viewer, conditions)),
        Breakdown("lines", T("By line"), _by(session, conditions, Call.line_id, Line.title, words(NO_LINE))),
        Breakdown("results", T("By result"), _coded(viewer, conditions, Call.disposition, DISPOSITIONS, "")),
        Breakdown(
            "reasons", T("By why it was lost"), _coded(viewer, conditions, Call.loss_reason, LOSS_REASONS, NOT_LOST)
        ),
    ]


# --- counting -------------------------------------------------------------------------------------


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _figures(*keys: Any) -> Select[*tuple[Any, ...]]:
    """The figures of calls, beside what they are told apart by."""
    of_client = Call.direction == IN
    return select(
        *keys,
        func.count(Call.id).label("calls"),
        _number(Call.disposition == ANSWERED).label("answered"),
        _number(Call.disposition == MISSED).label("missed"),
        _number(of_client).label("waited"),
        cast(func.coalesce(func.sum(case((of_client, Call.wait_ms), else_=0)), 0), BigInteger).label("wait_ms"),
        cast(func.coalesce(func.sum(Call.talk_ms), 0), BigInteger).label("talk_ms"),
    )


def joined(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Calls with what the screen's filters may look at."""
    return (
        statement.select_from(Call)
        .outerjoin(InboundContact, InboundContact.id == Call.contact_id)
        .outerjoin(Line, Line.id == Call.line_id)
        .outerjoin(CallCheck, CallCheck.call_id == Call.id)
        .outerjoin(User, User.id == Call.employee_id)
    )


def slot(session: WorkSession) -> ColumnElement[int]:
    """The hour since 1970 in which a call began."""
    seconds = extract("epoch", Call.started_at)
    if session.connection().dialect.name == "sqlite":
        return cast(seconds, BigInteger) // HOUR
    return cast(func.floor(seconds / HOUR), BigInteger)


def spanned(viewer: Viewer, conditions: Sequence[ColumnElement[bool]]) -> tuple[Sequence[ColumnElement[bool]], bool]:
    """The conditions with an end to the time that they look back, and whether that had to be put to them."""
    began = Call.started_at.key
    if any(isinstance(part, ColumnClause) and part.key == began for each in conditions for part in iterate(each)):
        return conditions, False
    return (*conditions, Call.started_at > viewer.session.now() - LATEST), True


def _whole(viewer: Viewer, conditions: Sequence[ColumnElement[bool]]) -> Figure:
    found = Figure("")
    found.add(viewer.session.execute(joined(_figures()).where(*conditions)).one())
    return found


def _by_time(viewer: Viewer, conditions: Sequence[ColumnElement[bool]]) -> tuple[list[Figure], dict[date, Figure]]:
    """Every hour of the day, and every day from the first to the last that has calls."""
    hour = slot(viewer.session).label("slot")
    rows = viewer.session.execute(joined(_figures(hour)).where(*conditions).group_by("slot").order_by("slot")).all()
    hours = [Figure(f"{number:02d}:00–{number:02d}:59", str(number)) for number in range(24)]
    days: dict[date, Figure] = {}
    for row in rows:
        began = datetime.fromtimestamp(row.slot * HOUR, UTC).astimezone(viewer.zone)
        hours[began.hour].add(row)
        days.setdefault(began.date(), Figure("")).add(row)
    return hours, days


def _every_day(viewer: Viewer, days: Mapping[date, Figure]) -> list[Figure]:
    """The days from the first to the last, with those on which nobody called."""
    found = []
    for number in range(min(days).toordinal(), max(days).toordinal() + 1):
        day = date.fromordinal(number)
        figure = days.get(day) or Figure("")
        figure.title, figure.mark = viewer.translate.day(day, viewer.zone, today=date.min), str(day.day)
        found.append(figure)
    return found


def _months(days: Mapping[date, Figure]) -> list[Figure]:
    months: dict[str, Figure] = {}
    for day, figure in days.items():
        month = day.isoformat()[:7]
        months.setdefault(month, Figure(month, month)).add(figure)
    return list(months.values())


def _by_length(
    session: WorkSession, conditions: Sequence[ColumnElement[bool]], milliseconds: Any, limits: Sequence[int]
) -> list[Figure]:
    """How long something took, shortest first; ``limits`` are the seconds at which it counts as the next longer one."""
    step = case(*((milliseconds < limit * 1000, limit) for limit in limits), else_=0).label("step")
    steps = zip((0, *limits), (*limits, 0), strict=True)
    found = {high: Figure(_length(low, high), _short(low, high)) for low, high in steps}
    for row in session.execute(joined(_figures(step)).where(*conditions).group_by("step")):
        found[row.step].add(row)
    return list(found.values())


def _length(low: int, high: int) -> str:
    """From one length to the next longer one; none is longer than the last."""
    begin = f"{low // 60}:{low % 60:02}"
    return f"{begin}–{high // 60}:{high % 60:02}" if high else f"{begin}+"


def _short(low: int, high: int) -> str:
    """The same in the width of a column: seconds as 30″, minutes as 3′."""
    unit, sign = (60, "′") if low >= 60 else (1, "″")
    return f"{low // unit}–{high // unit}{sign}" if high else f"{low // unit}{sign}+"


def _by(
    session: WorkSession, conditions: Sequence[ColumnElement[bool]], key: Any, title: Any, empty: str
) -> list[Figure]:
    """By a record that calls have, the busiest first."""
    statement = joined(_figures(key.label("key"), func.max(title).label("title"))).where(*conditions).group_by(key)
    return _listed(session.execute(statement.order_by(func.count(Call.id).desc(), key).limit(MOST_ROWS)), empty)


def _listed(rows: Iterable[Row[Any]], empty: str) -> list[Figure]:
    found = []
    for row in rows:
        figure = Figure(row.title or empty)
        figure.add(row)
        found.append(figure)
    return found


def _coded(
    viewer: Viewer, conditions: Sequence[ColumnElement[bool]], key: Any, words: Mapping[str, str], empty: str
) -> list[Figure]:
    """By one of a few fixed values, in their order."""
    found = {}
    for row in viewer.session.execute(joined(_figures(key.label("key"))).where(*conditions).group_by(key)):
        figure = found[row.key] = Figure(viewer.translate(words.get(row.key) or empty or row.key))
        figure.add(row)
    return [found[code] for code in (*words, "") if code in found]


def _by_employee(viewer: Viewer, conditions: Sequence[ColumnElement[bool]]) -> list[Figure]:
    """Who talked, and who was rung and did not pick up."""
    nobody = viewer.translate(NOBODY)
    key = Call.employee_id
    statement = joined(_figures(key.label("key"), func.max(shown_name).label("title"))).where(*conditions)
    figures: dict[int | None, Figure] = {}
    for row in viewer.session.execute(statement.group_by(key)):
        figure = figures[row.key] = Figure(row.title or nobody)
        figure.add(row)
    rung = (
        joined(select(CallLeg.user_id, func.count(distinct(Call.id)).label("refused")))
        .join(CallLeg, and_(CallLeg.call_id == Call.id, CallLeg.answered_at.is_(None), CallLeg.user_id.is_not(None)))
        .where(*conditions)
        .group_by(CallLeg.user_id)
    )
    refused = {row.user_id: row.refused for row in viewer.session.execute(rung)}
    named = select(User.id, shown_name.label("title")).where(User.id.in_(sorted(refused.keys() - figures.keys())))
    figures |= {row.id: Figure(row.title) for row in viewer.session.execute(named)}
    for id_, number in refused.items():
        figures[id_].refused = number
    return sorted(figures.values(), key=lambda each: (-each.calls, -each.refused, each.title))[:MOST_ROWS]
