"""The three kinds of documents of service, and what must hold before they reach a state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, func, select

from addons.service.models import Booking, CarVisit, OrderLine, RepairOrder
from addons.service.services.moves import Guard, Kind
from addons.service.services.states import BOOKING, ORDER, VISIT
from core import Kopecks, Obstacle, T, WorkSession, calendar_of, numbers

BOOKING_SERIES = numbers.Series("service.booking", "ПЗ%(branch)d-%(short_year)02d-%(number)05d", True, True)
VISIT_SERIES = numbers.Series("service.visit", "МЗ%(branch)d-%(short_year)02d-%(number)05d", True, True)
ORDER_SERIES = numbers.Series("service.order", "ЗН%(branch)d-%(short_year)02d-%(number)05d", True, True)

LINES, APPROVALS, PAYMENTS, ORDERS_PART = "lines", "approvals", "payments", "orders"
"""The parts of the cards where what stands in the way is seen to."""
_OVER = (*(state.code for state in ORDER.states if state.terminal),)


def _orders_are_over(session: WorkSession, visit: CarVisit) -> Sequence[Obstacle]:
    """Nobody drives away while something is still to be done or paid (S0-42)."""
    return [
        Obstacle(
            T("Repair order %(number)s is not closed: %(state)s."),
            {"number": number, "state": ORDER[state].title},
            ORDERS_PART,
        )
        for number, state in session.execute(_orders(visit).where(RepairOrder.state.not_in(_OVER)))
    ]


def _orders_are_done(session: WorkSession, visit: CarVisit) -> Sequence[Obstacle]:
    unfinished = RepairOrder.state.not_in(("done", *_OVER))
    return [
        Obstacle(
            T("Repair order %(number)s is not done yet: %(state)s."),
            {"number": number, "state": ORDER[state].title},
            ORDERS_PART,
        )
        for number, state in session.execute(_orders(visit).where(unfinished))
    ]


def _orders_are_cancelled(session: WorkSession, visit: CarVisit) -> Sequence[Obstacle]:
    return [
        Obstacle(T("Cancel repair order %(number)s first."), {"number": number}, ORDERS_PART)
        for number, _ in session.execute(_orders(visit).where(RepairOrder.state != "cancelled"))
    ]


def _orders(visit: CarVisit) -> Any:
    return (
        select(RepairOrder.number, RepairOrder.state).where(RepairOrder.visit_id == visit.id).order_by(RepairOrder.id)
    )


class _Lines(NamedTuple):
    """What the guards of an order ask of its lines; ``unheard`` kopecks are what the client has not agreed to yet."""

    number: int
    undone: int
    done: int
    not_agreed: int
    unheard: int


Asked = Callable[[_Lines], Sequence[Obstacle]]


def _lines(*questions: Asked) -> Guard[RepairOrder]:
    """A guard that reads the lines once, whatever it asks of them: a card asks it for its buttons."""

    def guard(session: WorkSession, order: RepairOrder) -> Sequence[Obstacle]:
        lines = _Lines(*map(int, session.execute(_LINES.where(OrderLine.order_id == order.id)).one()))
        return [obstacle for question in questions for obstacle in question(lines)]

    return guard


def _sum(condition: ColumnElement[bool], value: Any = 1) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, value), else_=0)), 0)


_LINES = select(
    func.count(OrderLine.id),
    _sum(OrderLine.done.is_(False)),
    _sum(OrderLine.done & (OrderLine.kind != "part")),
    _sum(OrderLine.approval_id.is_(None)),
    _sum(OrderLine.approval_id.is_(None), OrderLine.total),
)


def _is_something(lines: _Lines) -> Sequence[Obstacle]:
    return [] if lines.number else [Obstacle(T("Write down the works first."), place=LINES)]


def _is_agreed(lines: _Lines) -> Sequence[Obstacle]:
    """Nothing is worked on that the payer has not agreed to, be it no dearer than what he had agreed to (S0-42)."""
    if not lines.not_agreed:
        return []
    missing = Kopecks(lines.unheard)
    return [Obstacle(T("The client has not agreed to %(sum)s yet. Note the approval."), {"sum": missing}, APPROVALS)]


def _is_done(lines: _Lines) -> Sequence[Obstacle]:
    return [Obstacle(T("Works that are not done yet: %(n)s."), {"n": lines.undone}, LINES)] if lines.undone else []


def _is_not_begun(lines: _Lines) -> Sequence[Obstacle]:
    return [Obstacle(T("Works that are done already: %(n)s."), {"n": lines.done}, LINES)] if lines.done else []


def _is_paid(_session: WorkSession, order: RepairOrder) -> Sequence[Obstacle]:
    """Whoever pays here has paid; a warranty, an insurer and the house settle by their own papers."""
    if order.pay_type != "customer" or order.paid == order.total:
        return []
    if order.paid > order.total:
        back = Kopecks(order.paid - order.total)
        return [Obstacle(T("%(sum)s have to be given back."), {"sum": back}, PAYMENTS)]
    return [Obstacle(T("%(sum)s are not paid yet."), {"sum": Kopecks(order.total - order.paid)}, PAYMENTS)]


def _nothing_is_paid(_session: WorkSession, order: RepairOrder) -> Sequence[Obstacle]:
    paid = Kopecks(order.paid)
    return [Obstacle(T("Give the %(sum)s back first."), {"sum": paid}, PAYMENTS)] if order.paid else []


def _has_begun(session: WorkSession, booking: Booking) -> Sequence[Obstacle]:
    """Nobody can have stayed away before he was to come."""
    if booking.starts_at is None or booking.starts_at <= session.now():
        return []
    zone = calendar_of(session, booking.department_id).zone
    at = f"{booking.starts_at.astimezone(zone):%d.%m.%Y %H:%M}"
    return [Obstacle(T("The client is to come at %(at)s."), {"at": at})]


BOOKINGS = Kind(
    model=Booking,
    machine=BOOKING,
    thing="service.booking",
    missing=T("There is no such booking."),
    topic="service.bookings",
    guards={"no_show": [_has_begun]},
)
VISITS = Kind(
    model=CarVisit,
    machine=VISIT,
    thing="service.visit",
    missing=T("There is no such car visit."),
    topic="service.visits",
    guards={
        "ready": [_orders_are_done],
        "handed_over": [_orders_are_over],
        "cancelled": [_orders_are_cancelled],
    },
)
ORDERS = Kind(
    model=RepairOrder,
    machine=ORDER,
    thing="service.order",
    missing=T("There is no such repair order."),
    topic="service.orders",
    guards={
        "agreed": [_lines(_is_something, _is_agreed)],
        "in_work": [_lines(_is_something, _is_agreed)],
        "done": [_lines(_is_something, _is_agreed, _is_done)],
        "closed": [_lines(_is_something, _is_agreed, _is_done), _is_paid],
        "cancelled": [_nothing_is_paid, _lines(_is_not_begun)],
    },
)
