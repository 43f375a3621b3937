"""What programs may do with bookings, car visits and repair orders: their steps, by the same services.

Sums are in kopecks, quantities in thousandths of the unit, discounts in hundredths of a percent, moments in UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from addons.contacts.models import Vehicle
from addons.service.models import Bay, Booking, CarVisit, RepairOrder
from addons.service.services import booking_form, bookings, missed, order_lines, order_money, orders, visits
from addons.service.services.kinds import BOOKINGS, ORDERS, VISITS
from addons.service.services.moves import D, Kind
from addons.service.services.order_lines import NewLine
from core import MAX_ID, Conflict, Operation, T, WorkSession, confirm

Number = Annotated[int, Meta(ge=1, le=MAX_ID, examples=[2])]
Moment = Annotated[datetime, Meta(tz=True)]
Words = Annotated[str, Meta(max_length=300)]
_THOUSANDTHS = str(T("In thousandths of the unit: 1000 is one piece or hour."))
_KOPECKS = str(T("In whole kopecks."))
_DISCOUNT = str(T("In hundredths of a percent: 500 is 5 %."))


class BookingShown(Struct, kw_only=True):
    """A booking after a step."""

    id: int
    number: str
    version: int
    state: str
    starts_at: datetime | None
    ends_at: datetime | None
    bay_id: int | None
    customer_id: int | None
    vehicle_id: int | None


class VisitShown(Struct, kw_only=True):
    """A car visit after a step."""

    id: int
    number: str
    version: int
    state: str
    booking_id: int | None
    customer_id: int
    vehicle_id: int
    mileage: int
    handed_over_at: datetime | None


class OrderShown(Struct, kw_only=True):
    """A repair order after a step."""

    id: int
    number: str
    version: int
    state: str
    visit_id: int | None
    pay_type: str
    total: int
    agreed_total: int
    paid: int


class Timing(Struct, kw_only=True, forbid_unknown_fields=True):
    """A time in the plan of the workshop; who repairs the car there is known unless somebody else is named.

    ``confirmed`` repeats the doubts that were looked at. ``version`` is that of the booking as it was read; another one is
    refused.
    """

    starts_at: Moment
    bay_id: Number
    minutes: Annotated[int, Meta(ge=15, le=20_160, examples=[60])] = 60
    mechanic_id: Number | None = None
    version: Number | None = None
    confirmed: list[str] = []


class Works(Struct, kw_only=True, forbid_unknown_fields=True):
    """The kinds of work a booking is for; they last as long as their norms say, unless ``minutes`` are given."""

    job_ids: Annotated[list[Number], Meta(max_length=100)]
    minutes: Annotated[int, Meta(ge=15, le=20_160, examples=[60])] | None = None


class Moving(Struct, kw_only=True, forbid_unknown_fields=True):
    """The state a document goes to; ``words`` say why, where that is asked."""

    state: Annotated[str, Meta(max_length=20, examples=["cancelled"])]
    words: Words = ""


class Undoing(Struct, kw_only=True, forbid_unknown_fields=True):
    """Taking back what was done a moment ago needs no words."""


class Receiving(Struct, kw_only=True, forbid_unknown_fields=True):
    """A car that is received. The mileage in km is asked every time. ``confirmed`` repeats the doubts that were looked at."""

    customer_id: Number
    vehicle_id: Number
    mileage: Annotated[int, Meta(examples=[45_000])]
    booking_id: Number | None = None
    promised_at: Moment | None = None
    reason: Words = ""
    condition: Annotated[str, Meta(max_length=4000)] = ""
    belongings: Words = ""
    department_id: Number | None = None
    confirmed: list[str] = []


class HandingOver(Struct, kw_only=True, forbid_unknown_fields=True):
    """What was done when the car was given back."""

    checked: Annotated[list[str], Meta(max_length=20, examples=[["works_shown"]])]


class Line(Struct, kw_only=True, forbid_unknown_fields=True):
    """A work, a part or a work done outside."""

    kind: Annotated[str, Meta(max_length=10, examples=["labour"])] = "labour"
    title: Annotated[str, Meta(max_length=200)] = ""
    job_id: Number | None = None
    article: Annotated[str, Meta(max_length=60)] = ""
    unit: Annotated[str, Meta(max_length=10)] = ""
    quantity: Annotated[Annotated[int, Meta(examples=[1_500])] | None, Meta(description=_THOUSANDTHS)] = None
    price: Annotated[Annotated[int, Meta(examples=[2_500_00])] | None, Meta(description=_KOPECKS)] = None
    discount: Annotated[int, Meta(description=_DISCOUNT)] = 0
    vat_rate_id: Number | None = None
    mechanic_id: Number | None = None
    performer: Annotated[str, Meta(max_length=160)] = ""
    concern_id: Number | None = None


class Approving(Struct, kw_only=True, forbid_unknown_fields=True):
    """Who has agreed to everything the order holds, and how; ``told`` is the sum in kopecks that was told him."""

    told: Annotated[int, Meta(ge=0, examples=[3_000_00], description=_KOPECKS)]
    who: Annotated[str, Meta(max_length=160, examples=["Иванов Виктор"])]
    how: Annotated[str, Meta(max_length=20, examples=["phone"])]
    note: Words = ""


class Paying(Struct, kw_only=True, forbid_unknown_fields=True):
    """Money that has come, in kopecks; below zero it is given back."""

    amount: Annotated[int, Meta(examples=[3_000_00], description=_KOPECKS)]
    method: Annotated[str, Meta(max_length=20, examples=["card"])]
    note: Annotated[str, Meta(max_length=200)] = ""


def operations() -> list[Operation]:
    """The steps of the workshop."""
    return [
        _step(BOOKINGS, "time", T("Give a booking its time"), "change", _time, Timing),
        _step(BOOKINGS, "undo_missed", T("Take back that a client did not come"), "change", _undo_missed, Undoing),
        _step(BOOKINGS, "works", T("Choose the works of a booking"), "change", _works, Works),
        _step(BOOKINGS, "move", T("Move a booking to a state"), "change", _move_booking, Moving),
        Operation(
            name="visit_receive",
            title=T("Receive a car"),
            path="/visits/receive",
            right="service.visit.create",
            run=_receive,
            show=_shown(VisitShown),
            gives=VisitShown,
            takes=Receiving,
            find=VISITS.get,
            creates="service.visits",
        ),
        _step(VISITS, "move", T("Move a car visit to a state"), "change", _move_visit, Moving),
        _step(VISITS, "hand_over", T("Hand a car over"), "hand_over", _hand_over, HandingOver),
        _step(ORDERS, "lines", T("Add a line to a repair order"), "change", _add_line, Line),
        _step(ORDERS, "approve", T("Note that the client agrees"), "change", _approve, Approving),
        _step(ORDERS, "pay", T("Note a payment"), "pay", _pay, Paying),
        _step(ORDERS, "move", T("Move a repair order to a state"), "read", _move_order, Moving),
    ]


_SHOWN: dict[str, tuple[str, type[Struct]]] = {
    BOOKINGS.thing: ("bookings", BookingShown),
    VISITS.thing: ("visits", VisitShown),
    ORDERS.thing: ("orders", OrderShown),
}


def _step(kind: Kind[D], name: str, title: str, action: str, run: Callable[..., D], takes: type[Struct]) -> Operation:
    base, gives = _SHOWN[kind.thing]
    return Operation(
        name=f"{kind.thing.partition('.')[2]}_{name}",
        title=title,
        path=f"/{base}/{{id}}/{name.replace('_', '-')}",
        right=f"{kind.thing}.{action}",
        run=run,
        show=_shown(gives),
        gives=gives,
        takes=takes,
        find=kind.get,
    )


def _shown(gives: type[Struct]) -> Callable[[WorkSession, Any], Struct]:
    return lambda _session, record: gives(**{name: getattr(record, name) for name in gives.__struct_fields__})


def _time(session: WorkSession, record_id: int, sent: Timing) -> Booking:
    booking = BOOKINGS.get(session, record_id)
    BOOKINGS.lock(session, booking)
    if sent.version not in (None, booking.version):
        raise Conflict("Somebody has changed this booking meanwhile. Look at the plan again.")
    bay = session.get(Bay, sent.bay_id)
    mechanic_id = sent.mechanic_id or (bookings.usual_mechanic(session, bay, booking) if bay is not None else None)
    time = bookings.Time(sent.starts_at, sent.bay_id, sent.minutes, mechanic_id, booking.adviser_id)
    return bookings.reschedule(session, record_id, time, sent.confirmed)


def _works(session: WorkSession, record_id: int, sent: Works) -> Booking:
    return booking_form.change_works(session, record_id, sent.job_ids, sent.minutes)


def _move_booking(session: WorkSession, record_id: int, sent: Moving) -> Booking:
    return bookings.move(session, record_id, sent.state, sent.words)


def _undo_missed(session: WorkSession, record_id: int, _sent: Undoing) -> Booking:
    return missed.undo(session, record_id)


def _receive(session: WorkSession, sent: Receiving) -> CarVisit:
    new = visits.NewVisit(**{name: getattr(sent, name) for name in sent.__struct_fields__ if name != "confirmed"})
    vehicle = session.get(Vehicle, sent.vehicle_id)
    booking = BOOKINGS.get(session, sent.booking_id) if sent.booking_id is not None else None
    doubts = visits.doubts(session, vehicle, new) if vehicle is not None else []
    confirm([*doubts, *visits.another_day(session, booking)], sent.confirmed)
    return VISITS.get(session, visits.open_visit(session, new).id)


def _move_visit(session: WorkSession, record_id: int, sent: Moving) -> CarVisit:
    return visits.move(session, record_id, sent.state, sent.words)


def _hand_over(session: WorkSession, record_id: int, sent: HandingOver) -> CarVisit:
    return visits.hand_over(session, record_id, sent.checked)


def _add_line(session: WorkSession, record_id: int, sent: Line) -> RepairOrder:
    order_lines.add_line(session, record_id, NewLine(**{name: getattr(sent, name) for name in sent.__struct_fields__}))
    return ORDERS.get(session, record_id)


def _approve(session: WorkSession, record_id: int, sent: Approving) -> RepairOrder:
    order_money.approve(session, record_id, sent.who, sent.how, sent.note, told=sent.told)
    return ORDERS.get(session, record_id)


def _pay(session: WorkSession, record_id: int, sent: Paying) -> RepairOrder:
    order_money.pay(session, record_id, sent.amount, sent.method, sent.note)
    return ORDERS.get(session, record_id)


def _move_order(session: WorkSession, record_id: int, sent: Moving) -> RepairOrder:
    return orders.move(session, record_id, sent.state, sent.words)
