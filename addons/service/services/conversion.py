"""What became of inbound traffic in the workshop: the flags «Запись» and «Заезд» of the registry, and how many requests
turn into visits (S2-02, S2-41…43).

Each flag tells of the bookings and visits that the person may see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, func, literal_column, or_, select

from addons.contacts.models import InboundContact
from addons.contacts.screens.traffic import TRAFFIC
from addons.service.models import Booking, CarVisit, RepairOrder
from core import Choice, Column, ConditionFilter, Filter, Strip, T, Viewer, WorkSession

MOST = 5_000
"""Contacts that a conversion is worked out of; of a longer registry those that came last."""

BOOKED: ColumnElement[bool] = exists().where(Booking.id == InboundContact.document_id)
"""A booking was made of the contact, or it was attached to one (S2-41)."""
_ITS_ORDER = exists().where(RepairOrder.visit_id == CarVisit.id, RepairOrder.id == InboundContact.document_id)
VISITED: ColumnElement[bool] = exists().where(
    CarVisit.state != "cancelled",
    or_(CarVisit.id == InboundContact.document_id, CarVisit.booking_id == InboundContact.document_id, _ITS_ORDER),
)
"""The car has come: with the contact itself, for the booking that was made of it, or its repair order is the contact's
document (S2-42). A visit that was cancelled was none."""

_FLAGS = (
    ("booked", T("Booked"), BOOKED, "service.booking.read"),
    ("visited", T("Car has come"), VISITED, "service.visit.read"),
)


def columns(screen_key: str) -> list[Column] | None:
    """The two flags in the registry of traffic."""
    if screen_key != TRAFFIC.key:
        return None
    return [
        Column(name, label=title, kind="bool", fetch=_fetch(flag), order=65 + number, right=right)
        for number, (name, title, flag, right) in enumerate(_FLAGS)
    ]


def filters(screen_key: str) -> list[Filter] | None:
    """Contacts with and without each flag."""
    if screen_key != TRAFFIC.key:
        return None
    choices = (Choice("yes", T("yes")), Choice("no", T("no")))
    return [
        ConditionFilter(name, title, _condition(flag), choices, order=200 + number, right=right)
        for number, (name, title, flag, right) in enumerate(_FLAGS)
    ]


def strips(screen_key: str) -> list[Strip] | None:
    """How many of the contacts shown have led to a booking and to a visit (S2-43)."""
    return (
        [Strip("service/conversion.html", figures, right="service.visit.read")] if screen_key == TRAFFIC.key else None
    )


def figures(viewer: Viewer, conditions: Sequence[ColumnElement[bool]]) -> Mapping[str, Any]:
    """The figures of the contacts that meet the conditions, no more than :data:`MOST` of them."""
    chosen = select(InboundContact.id)
    for join in TRAFFIC.joins:
        chosen = chosen.outerjoin(join.entity, join.on)
    newest = chosen.where(*conditions).order_by(InboundContact.at.desc()).limit(literal_column(str(MOST)))
    counted = select(func.count(), func.count().filter(BOOKED), func.count().filter(VISITED))
    statement = counted.select_from(InboundContact).where(InboundContact.id.in_(newest))
    requests, bookings, visits = viewer.session.execute(statement).one()
    return {
        "requests": requests,
        "bookings": bookings,
        "visits": visits,
        "percent": round(100 * visits / requests) if requests else 0,
        "cut": requests == MOST,
    }


def _fetch(flag: ColumnElement[bool]) -> Callable[[WorkSession, Sequence[int]], Mapping[int, Any]]:
    def fetch(session: WorkSession, ids: Sequence[int]) -> Mapping[int, Any]:
        statement = select(InboundContact.id).where(InboundContact.id.in_(ids), flag)
        found = set(session.scalars(statement))
        return {number: number in found for number in ids}

    return fetch


def _condition(flag: ColumnElement[bool]) -> Callable[[Viewer, str], ColumnElement[bool]]:
    return lambda _viewer, value: flag if value == "yes" else ~flag
