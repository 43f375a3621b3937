"""The check: what the exchanges say against what is registered, call by call, with the reason of each difference (S2-45…47).

Zero is the aim: a call of a client without a contact is listed with what stands in its way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from addons.telephony.models import WAITING, Call, Line, Link, Pbx
from addons.telephony.services.figures import ANSWERED, HOUR, LATEST, joined, slot, spanned
from addons.telephony.services.registering import problem_in
from addons.telephony.services.vocabulary import DIRECTIONS, DISPOSITIONS, INTERNAL
from core import T, Table, Viewer, shown_name

SHOWN = 100
"""Calls that are listed on the page; the sheet has all."""

BY_HAND, BY_ITSELF, SHARED = "by_hand", "by_itself", "shared"
HOW = {
    BY_HAND: T("Registered by hand"),
    BY_ITSELF: T("Registered by itself"),
    SHARED: T("Answers the contact of an earlier call"),
}
"""How a call has come to its contact."""
LEFT, REFUSED, SOON, LOST = "left", "refused", "soon", "lost"
REASONS = {
    LEFT: T("Left to whoever talked for some minutes"),
    REFUSED: T("Cannot be registered"),
    SOON: T("Is about to be registered"),
    LOST: T("Its contact is gone"),
}
"""Why a call has none."""
TITLE = T("Calls without a contact")


@dataclass(slots=True)
class Day:
    """One day: calls of clients, and those that have a contact."""

    title: str
    calls: int = 0
    registered: int = 0

    @property
    def difference(self) -> int:
        """Calls without one."""
        return self.calls - self.registered


def load(viewer: Viewer, conditions: Sequence[ColumnElement[bool]]) -> Mapping[str, Any]:
    """What the page shows."""
    conditions, bounded = spanned(viewer, conditions)
    counted = _counted(viewer, conditions)
    registered = sum(counted.get(code, 0) for code in HOW)
    unregistered = sum(counted.get(code, 0) for code in REASONS)
    missing = list(viewer.session.execute(_missing(viewer, conditions).limit(SHOWN))) if unregistered else []
    return {
        "bounded": bounded,
        "span": LATEST.days,
        "calls": registered + unregistered,
        "registered": registered,
        "unregistered": unregistered,
        "answered": _answered(viewer, conditions) if unregistered else 0,
        "how": [(title, counted[code]) for code, title in HOW.items() if counted.get(code)],
        "why": [(title, counted[code]) for code, title in REASONS.items() if counted.get(code)],
        "missing": missing,
        "days": _days(viewer, conditions),
        "gaps": _gaps(viewer),
        "reasons": REASONS,
        "problem": partial(problem_in, viewer.translate),
        "directions": DIRECTIONS,
        "results": DISPOSITIONS,
    }


def table(viewer: Viewer, conditions: Sequence[ColumnElement[bool]]) -> Table:
    """Every call without a contact, and why it has none."""
    conditions, _ = spanned(viewer, conditions)
    heads = (T("Began"), T("Direction"), T("Client"), T("Line"), T("Result"), T("Employee"), T("Reason"), T("Problem"))
    words = viewer.translate

    def rows() -> Iterator[list[Any]]:
        for row in viewer.session.execute(_missing(viewer, conditions)):
            began = row.started_at.astimezone(viewer.zone).replace(tzinfo=None, microsecond=0)
            said = [
                words(DIRECTIONS[row.direction]),
                row.phone,
                row.line or row.did,
                words(DISPOSITIONS[row.disposition]),
            ]
            yield [began, *said, row.employee or "", words(REASONS[row.reason]), problem_in(words, row.contact_problem)]

    return Table(words(TITLE), [], [words(head) for head in heads], rows())


def _standing(viewer: Viewer) -> ColumnElement[str]:
    """How a call has come to its contact, or why it has none."""
    earlier = aliased(Call)
    answers = exists(
        select(earlier.id).where(earlier.contact_id == Call.contact_id, earlier.started_at < Call.started_at)
    )
    return case(
        (and_(Call.contact_state == WAITING, Call.contact_problem != ""), REFUSED),
        (and_(Call.contact_state == WAITING, Call.contact_due_at > viewer.session.now()), LEFT),
        (Call.contact_state == WAITING, SOON),
        (Call.contact_id.is_(None), LOST),
        (Call.contact_by_hand, BY_HAND),
        (answers, SHARED),
        else_=BY_ITSELF,
    )


def _of_clients(conditions: Sequence[ColumnElement[bool]]) -> tuple[ColumnElement[bool], ...]:
    """Calls inside the house need no contact, whatever the filter says."""
    return (*conditions, Call.direction != INTERNAL)


def _counted(viewer: Viewer, conditions: Sequence[ColumnElement[bool]]) -> dict[str, int]:
    standing = _standing(viewer).label("standing")
    inner = joined(select(Call.id, standing)).where(*_of_clients(conditions)).subquery()
    rows = viewer.session.execute(select(inner.c.standing, func.count().label("number")).group_by(inner.c.standing))
    return {row.standing: row.number for row in rows}


def _missing(viewer: Viewer, conditions: Sequence[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    statement = joined(
        select(
            Call.id,
            Call.started_at,
            Call.direction,
            Call.phone,
            Call.did,
            Call.disposition,
            Call.contact_problem,
            Call.contact_due_at,
            Line.title.label("line"),
            shown_name.label("employee"),
            _standing(viewer).label("reason"),
        )
    )
    without = or_(Call.contact_state == WAITING, Call.contact_id.is_(None))
    return statement.where(*_of_clients(conditions), without).order_by(Call.started_at.desc(), Call.id.desc())


def _answered(viewer: Viewer, conditions: Sequence[ColumnElement[bool]]) -> int:
    """How many of the calls without one somebody has answered: a missed one becomes a contact at once (C-18)."""
    missing = _missing(viewer, (*conditions, Call.disposition == ANSWERED)).order_by(None).subquery()
    return viewer.session.scalar(select(func.count()).select_from(missing)) or 0


def _days(viewer: Viewer, conditions: Sequence[ColumnElement[bool]]) -> list[Day]:
    """The days with calls, the latest first."""
    hour = slot(viewer.session).label("slot")
    there = func.sum(case((and_(Call.contact_id.is_not(None), Call.contact_state != WAITING), 1), else_=0))
    statement = joined(select(hour, func.count(Call.id).label("calls"), there.label("registered")))
    days: dict[date, Day] = {}
    for row in viewer.session.execute(statement.where(*_of_clients(conditions)).group_by("slot")):
        on = datetime.fromtimestamp(row.slot * HOUR, UTC).astimezone(viewer.zone).date()
        day = days.setdefault(on, Day(viewer.translate.day(on, viewer.zone, today=viewer.today)))
        day.calls += row.calls
        day.registered += row.registered
    return [days[on] for on in sorted(days, reverse=True)][:SHOWN]


def _gaps(viewer: Viewer) -> Sequence[Any]:
    """Exchanges of which calls may be missing here altogether, or which are not linked now."""
    away = or_(Link.gap_since.is_not(None), Link.dropped > 0, Link.state != "linked")
    statement = select(Pbx.name, Link.gap_since, Link.dropped, Link.state).join(Link, Link.pbx_id == Pbx.id)
    return viewer.session.execute(statement.where(Pbx.active, away).order_by(Pbx.name)).all()
