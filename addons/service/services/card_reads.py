"""What the cards of service read: small things, each card's in one statement (core.db.kept); an order's lines are another."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, literal_column, or_, select, union_all

from addons.contacts.models import Customer, Document, Vehicle
from addons.contacts.services.customers import phones_read
from addons.service.models import (
    Approval,
    Booking,
    BookingJob,
    CarVisit,
    Concern,
    Job,
    OrderLine,
    Payment,
    Recommendation,
    RepairOrder,
    VatRate,
)
from addons.service.services.clocks import place_read
from addons.service.services.recommendations import OPEN, SHOWN
from core import Read, User, shown_name

NOTHING = 0
"""The number that no record has."""


def of_party(document_id: int, customer_id: int | None) -> dict[str, Read]:
    """The client of any document, by name; what the person may not see has no row."""
    return {
        "document": Read(_DOCUMENT, {"document": document_id}),
        "customer": Read(_CUSTOMER, {"customer": customer_id or NOTHING}),
        "phones": phones_read(customer_id or NOTHING),
    }


def of_booking(booking: Booking) -> dict[str, Read]:
    """The visit it has become, the works that are planned, and by which clock its workshop goes."""
    return {
        "visit": Read(_ANSWER, {"booking": booking.id}),
        "jobs": Read(_JOBS, {"booking": booking.id}),
        "place": place_read(booking.department_id),
    }


def of_visit(visit: CarVisit) -> dict[str, Read]:
    """Its car, the booking it answers, its repair orders, the clock of its workshop."""
    return {
        "place": place_read(visit.department_id),
        "vehicle": Read(_VEHICLE, {"vehicle": visit.vehicle_id}),
        "booking": Read(_BOOKING, {"booking": visit.booking_id or NOTHING}),
        "orders": Read(_ORDERS, {"visit": visit.id}),
    }


def of_order(order: RepairOrder) -> dict[str, Read]:
    """Its car and visit, what was agreed, paid and recommended, and what everybody is called who had to do with it."""
    mine, car = {"order": order.id}, {"vehicle": order.vehicle_id or NOTHING}
    return {
        "vehicle": Read(_VEHICLE, car),
        "visit": Read(_VISIT, {"visit": order.visit_id or NOTHING}),
        "concerns": Read(_CONCERNS, mine),
        "payments": Read(_PAYMENTS, mine),
        "approvals": Read(_APPROVALS, mine),
        "recommendations": Read(_RECOMMENDATIONS, {**mine, **car}),
        "rates": Read(_RATES),
        "people": Read(_PEOPLE, mine),
    }


def lines_of(order: RepairOrder) -> Read:
    """The lines of an order in their order."""
    return Read(_LINES, {"order": order.id})


Rows = Select[*tuple[Any, ...]]
_ORDER, _CAR = bindparam("order", type_=BigInteger), bindparam("vehicle", type_=BigInteger)
_DOCUMENT: Rows = select(Document.id, Document.customer_text).where(
    Document.id == bindparam("document", type_=BigInteger)
)
_CUSTOMER: Rows = select(Customer.id, Customer.name).where(Customer.id == bindparam("customer", type_=BigInteger))
_VEHICLE: Rows = select(Vehicle.id, Vehicle.title, Vehicle.plate).where(Vehicle.id == _CAR)
_BOOKING: Rows = select(Booking.id, Booking.number).where(Booking.id == bindparam("booking", type_=BigInteger))
_VISIT: Rows = select(CarVisit.id, CarVisit.number).where(CarVisit.id == bindparam("visit", type_=BigInteger))
_ANSWER: Rows = select(CarVisit.id, CarVisit.number).where(
    CarVisit.booking_id == bindparam("booking", type_=BigInteger)
)
_JOBS: Rows = (
    select(Job.id, Job.title_ru, Job.title_en)
    .join(BookingJob, BookingJob.job_id == Job.id)
    .where(BookingJob.booking_id == bindparam("booking", type_=BigInteger))
    .order_by(Job.position, Job.id)
)
_ORDERS: Rows = (
    select(RepairOrder.id, RepairOrder.number, RepairOrder.pay_type, RepairOrder.total, RepairOrder.state)
    .where(RepairOrder.visit_id == bindparam("visit", type_=BigInteger))
    .order_by(RepairOrder.id)
)
_LINES: Rows = (
    select(
        OrderLine.id,
        OrderLine.kind,
        OrderLine.title,
        OrderLine.article,
        OrderLine.mechanic_id,
        OrderLine.performer,
        OrderLine.unit,
        OrderLine.quantity,
        OrderLine.price,
        OrderLine.vat_rate_id,
        OrderLine.amount,
        OrderLine.discount_amount,
        OrderLine.total,
        OrderLine.vat_amount,
        OrderLine.done,
        OrderLine.approval_id,
    )
    .where(OrderLine.order_id == _ORDER)
    .order_by(OrderLine.position, OrderLine.id)
)
_CONCERNS: Rows = (
    select(Concern.id, Concern.concern, Concern.cause, Concern.correction)
    .where(Concern.order_id == _ORDER)
    .order_by(Concern.position, Concern.id)
)
_PAYMENTS: Rows = (
    select(Payment.id, Payment.at, Payment.amount, Payment.method, Payment.note, Payment.created_by_id)
    .where(Payment.order_id == _ORDER)
    .order_by(Payment.id)
)
_APPROVALS: Rows = (
    select(Approval.id, Approval.at, Approval.who, Approval.how, Approval.total, Approval.note, Approval.created_by_id)
    .where(Approval.order_id == _ORDER)
    .order_by(Approval.id)
)
_RECOMMENDATIONS: Rows = (
    select(
        Recommendation.id,
        Recommendation.text,
        Recommendation.urgency,
        Recommendation.due_mileage,
        Recommendation.state,
        Recommendation.order_id,
        Recommendation.done_order_id,
    )
    .where(
        Recommendation.vehicle_id == _CAR,
        or_(Recommendation.state == OPEN, Recommendation.order_id == _ORDER, Recommendation.done_order_id == _ORDER),
    )
    .order_by(Recommendation.id.desc())
    .limit(literal_column(str(SHOWN)))
)
"""What is open for the car, what this order has recommended and what it has settled."""
_RATES: Rows = select(VatRate.id, VatRate.title_ru, VatRate.title_en, VatRate.exempt).order_by(
    VatRate.position, VatRate.id
)
_PEOPLE: Rows = select(User.id, shown_name.label("name")).where(
    User.id.in_(
        union_all(
            select(OrderLine.mechanic_id).where(OrderLine.order_id == _ORDER),
            select(Payment.created_by_id).where(Payment.order_id == _ORDER),
            select(Approval.created_by_id).where(Approval.order_id == _ORDER),
        )
    )
)
"""The mechanics of the lines, who has noted the payments and what the client agreed to."""
