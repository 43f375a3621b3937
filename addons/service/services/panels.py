"""What service shows on others' cards: what is open for a client, what became of a contact, what was done to a car.

Orders that another program has kept stand among them by the day they were closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, ColumnClause, Select, bindparam, func, literal_column, or_, select

from addons.contacts.models import InboundContact, OdometerReading, Vehicle
from addons.contacts.services.portrait import ClientBadge
from addons.service.models import ORDER_SUM, Booking, CarVisit, Recommendation, RepairOrder
from addons.service.services.recommendations import STATES
from addons.service.services.states import BOOKING, ORDER, VISIT
from addons.service.services.vocabulary import URGENCIES
from core import Panel, Read, Record, T

BLOCK: ColumnClause[int] = literal_column("5")
"""How much a block of the portrait shows at most."""
CARD: ColumnClause[int] = literal_column("20")
"""How much a box of a card shows at most."""
_BOOKING, _VISIT, _ORDER = "service.booking.read", "service.visit.read", "service.order.read"


def portrait(customer_id: int) -> list[Panel]:
    """The client's requests, repair orders and recommendations of the day (S1-57)."""
    client = {"customer": customer_id}
    return [
        Panel(
            "requests",
            T("Current repair requests"),
            "service/portrait_requests.html",
            _requests,
            order=20,
            right=_BOOKING,
            reads={"bookings": Read(_BOOKINGS, client), "visits": Read(_VISITS, client)},
        ),
        Panel(
            "orders",
            T("Repair orders"),
            "service/portrait_orders.html",
            partial(_rows, "orders", states=ORDER.titles),
            order=21,
            right=_ORDER,
            reads={"found": Read(_ORDERS, client)},
        ),
        Panel(
            "recommendations",
            T("Recommendations"),
            "service/portrait_recommendations.html",
            partial(_rows, "recommendations", urgencies=URGENCIES, states={}),
            order=22,
            right=_ORDER,
            reads={"found": Read(_ADVISED, client)},
        ),
    ]


def badges(customer_id: int) -> list[ClientBadge]:
    """How many cars of his are in the workshop now: a fact for everybody who talks with him, in every branch."""
    here = Read(_HERE, {"customer": customer_id}, everything=True)
    return [ClientBadge(T("In the workshop: %(number)s"), here, "teal", "car-garage")]


def of_contact(contact: InboundContact) -> list[Panel]:
    """The repair orders of the visit that a contact has led to, as soon as it is made (S0-39)."""
    if contact.document_id is None:
        return []
    reads = {"found": Read(_OPENED, {"document": contact.document_id})}
    load = partial(_rows, "orders", states=ORDER.titles)
    return [Panel("order", T("Repair order"), "service/portrait_orders.html", load, right=_ORDER, reads=reads)]


def of_card(subject: Record) -> list[Panel] | None:
    """What the workshop knows of a car: its visits and repairs, what was recommended, what its odometer showed when."""
    if not isinstance(subject, Vehicle):
        return None
    car = {"vehicle": subject.id}
    return [
        Panel(
            "visits",
            T("Car visits"),
            "service/panel_visits.html",
            partial(dict, states=VISIT.titles),
            order=40,
            right=_VISIT,
            reads={"visits": Read(_STAYS, car)},
        ),
        Panel(
            "orders",
            T("Repair orders"),
            "service/portrait_orders.html",
            partial(_rows, "orders", states=ORDER.titles),
            order=41,
            right=_ORDER,
            reads={"found": Read(_REPAIRS, car)},
        ),
        Panel(
            "recommendations",
            T("Recommendations"),
            "service/portrait_recommendations.html",
            partial(_rows, "recommendations", urgencies=URGENCIES, states=STATES),
            order=42,
            place="side",
            right=_ORDER,
            reads={"found": Read(_ALL_ADVISED, car)},
        ),
        Panel(
            "odometer",
            T("Odometer readings"),
            "service/panel_odometer.html",
            partial(_rows, "readings"),
            order=43,
            place="side",
            right="contacts.vehicle.read",
            reads={"found": Read(_READINGS, car)},
        ),
    ]


def _requests(bookings: Sequence[Any], visits: Sequence[Any]) -> dict[str, Any] | None:
    if not bookings and not visits:
        return None
    return {"bookings": bookings, "visits": visits, "booking_states": BOOKING.titles, "visit_states": VISIT.titles}


def _rows(name: str, /, found: Sequence[Any], **more: Any) -> dict[str, Any] | None:
    return {name: found, **more} if found else None


# The statements of the cards, made once and run with other values.
_CUSTOMER = bindparam("customer", type_=BigInteger)
_CAR = bindparam("vehicle", type_=BigInteger)
_DOCUMENT = bindparam("document", type_=BigInteger)

_BOOKINGS: Select[*tuple[Any, ...]] = (
    select(Booking.id, Booking.number, Booking.state, Booking.starts_at, Booking.vehicle_text, Booking.reason)
    .where(Booking.customer_id == _CUSTOMER, Booking.state == "scheduled")
    .order_by(Booking.starts_at.is_(None), Booking.starts_at, Booking.id)
    .limit(BLOCK)
)
_VISITS: Select[*tuple[Any, ...]] = (
    select(CarVisit.id, CarVisit.number, CarVisit.state, CarVisit.promised_at, CarVisit.reason, Vehicle.title)
    .join(Vehicle, Vehicle.id == CarVisit.vehicle_id)
    .where(CarVisit.customer_id == _CUSTOMER, CarVisit.state.in_(VISIT.open))
    .order_by(CarVisit.id.desc())
    .limit(BLOCK)
)


def _order_rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            RepairOrder.id,
            RepairOrder.number,
            RepairOrder.state,
            RepairOrder.state_since,
            ORDER_SUM.label("total"),
            func.coalesce(Vehicle.title, "").label("vehicle"),
        )
        .outerjoin(Vehicle, Vehicle.id == RepairOrder.vehicle_id)
        .order_by(RepairOrder.state_since.desc(), RepairOrder.id.desc())
        .limit(BLOCK)
    )


_ORDERS = _order_rows().where(RepairOrder.customer_id == _CUSTOMER, RepairOrder.state != "cancelled")
_OPENED = (
    _order_rows()
    .outerjoin(CarVisit, CarVisit.id == RepairOrder.visit_id)
    .where(or_(RepairOrder.id == _DOCUMENT, CarVisit.id == _DOCUMENT, CarVisit.booking_id == _DOCUMENT))
)
_REPAIRS = _order_rows().where(RepairOrder.vehicle_id == _CAR, RepairOrder.state != "cancelled").limit(CARD)
_HERE = select(func.count(CarVisit.id)).where(CarVisit.customer_id == _CUSTOMER, CarVisit.state.in_(VISIT.open))


def _advised_rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Recommendation.id,
            Recommendation.text,
            Recommendation.urgency,
            Recommendation.due_mileage,
            Recommendation.state,
            Vehicle.title.label("vehicle"),
        )
        .join(Vehicle, Vehicle.id == Recommendation.vehicle_id)
        .order_by(Recommendation.id.desc())
    )


_ADVISED = _advised_rows().where(Vehicle.customer_id == _CUSTOMER, Recommendation.state == "open").limit(BLOCK)
_ALL_ADVISED = _advised_rows().where(Recommendation.vehicle_id == _CAR).limit(CARD)
_STAYS: Select[*tuple[Any, ...]] = (
    select(CarVisit.id, CarVisit.number, CarVisit.state, CarVisit.arrived_at, CarVisit.mileage, CarVisit.reason)
    .where(CarVisit.vehicle_id == _CAR)
    .order_by(CarVisit.id.desc())
    .limit(CARD)
)
_READINGS: Select[*tuple[Any, ...]] = (
    select(OdometerReading.at, OdometerReading.kilometres)
    .where(OdometerReading.vehicle_id == _CAR)
    .order_by(OdometerReading.at.desc(), OdometerReading.id.desc())
    .limit(CARD)
)
