"""Car visits: a car is received, worked on under one or more repair orders, and handed over (S0-38..42)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from addons.contacts.models import Document, InboundContact, Vehicle
from addons.contacts.services.documents import NewDocument, add_document
from addons.contacts.services.lookup import visible_customer
from addons.contacts.services.vehicles import (
    NO_MILEAGE,
    correct_mileage,
    mileage_doubt,
    no_mileage,
    note_mileage,
    take_back_mileage,
)
from addons.service.models import Booking, CarVisit, RepairOrder
from addons.service.services import booked_jobs, bookings, maintenance, orders, reminders, slots
from addons.service.services.kinds import BOOKINGS, VISIT_SERIES, VISITS
from addons.service.services.moves import advance
from addons.service.services.places import place_of
from addons.service.services.states import ORDER, VISIT
from addons.service.services.vocabulary import HAND_OVER
from core import Conflict, Doubt, Invalid, T, WorkSession, calendar_of, confirm, expect_record

NEAR = timedelta(days=1)
"""So much too early or too late a client still comes for his booking."""


@dataclass(frozen=True, slots=True)
class NewVisit:
    """What is written down when a car is received. ``mileage`` in km is asked every time (S1-71)."""

    customer_id: int | None = None
    vehicle_id: int | None = None
    mileage: int | None = None
    booking_id: int | None = None
    promised_at: datetime | None = None
    adviser_id: int | None = None
    reason: str = ""
    condition: str = ""
    belongings: str = ""
    keys_taken: int = 1
    papers_taken: str = ""
    fuel: str = ""
    department_id: int | None = None


def from_contact(session: WorkSession, contact: InboundContact) -> NewVisit:
    """What a contact and the client's booking know; the mileage stays empty (S1-71)."""
    booking = expected(session, contact.customer_id, contact.vehicle_id)
    if booking is not None:
        known = from_booking(session, booking)
        return replace(known, vehicle_id=known.vehicle_id or contact.vehicle_id)
    return NewVisit(
        customer_id=contact.customer_id,
        vehicle_id=contact.vehicle_id,
        adviser_id=contact.responsible_id or session.access.user_id,
        reason=contact.note[:300],
        department_id=contact.department_id,
    )


def from_booking(session: WorkSession, booking: Booking) -> NewVisit:
    """What a booking knows; a client who comes too late is promised another time."""
    in_time = booking.ends_at is not None and booking.ends_at > session.now()
    return NewVisit(
        customer_id=booking.customer_id,
        vehicle_id=booking.vehicle_id,
        booking_id=booking.id,
        promised_at=booking.ends_at if in_time else None,
        adviser_id=booking.adviser_id,
        reason=booking.reason,
        department_id=booking.department_id,
    )


def expected(session: WorkSession, customer_id: int | None, vehicle_id: int | None) -> Booking | None:
    """The client's booking that waits for him about now, of this car or of one nobody has named; that of this car first.

    One in three weeks, or of another car, waits on: its client has come about something else.
    """
    if customer_id is None:
        return None
    now = session.now()
    near = or_(Booking.starts_at.is_(None), Booking.starts_at.between(now - NEAR, now + NEAR))
    statement = select(Booking).where(Booking.customer_id == customer_id, Booking.state == "scheduled", near)
    if vehicle_id is not None:
        statement = statement.where(or_(Booking.vehicle_id.is_(None), Booking.vehicle_id == vehicle_id))
    order = (Booking.vehicle_id.is_(None), Booking.starts_at.is_(None), Booking.starts_at, Booking.id)
    return session.scalars(statement.order_by(*order).limit(1)).one_or_none()


def create_from_contact(session: WorkSession, contact: InboundContact) -> Document:
    """A visit of a car whose mileage somebody has asked with the contact.

    :raises Invalid: where client, car or mileage are not known; the form asks for them.
    :raises Confirmation: where something has to be looked at first, which the form asks too.
    """
    new = replace(from_contact(session, contact), mileage=contact.mileage)
    vehicle = session.get(Vehicle, new.vehicle_id) if new.vehicle_id else None
    booking = session.get(Booking, new.booking_id) if new.booking_id is not None else None
    confirm([*(doubts(session, vehicle, new) if vehicle is not None else ()), *another_day(session, booking)], ())
    return open_visit(session, new)


def open_visit(session: WorkSession, new: NewVisit) -> Document:
    """Receive a car: a visit with its first repair order; a booking it answers is checked in.

    What to look at first is asked before (:func:`doubts`).

    :raises Invalid: naming the fields that are missing or wrong.
    :raises Conflict: when the car is here already, or its booking was answered meanwhile or is another client's.
    :returns: the visit's head row in the journal of documents.
    """
    vehicle = _check(session, new)
    customer = visible_customer(session, new.customer_id or 0)
    _expect_elsewhere(session, vehicle)
    booking = BOOKINGS.get(session, new.booking_id) if new.booking_id is not None else None
    department_id, branch_id = place_of(session, booking.department_id if booking is not None else new.department_id)
    document = add_document(
        session,
        NewDocument(
            type=VISITS.thing,
            series=VISIT_SERIES,
            state=VISIT.first,
            title=new.reason.strip() or vehicle.title,
            customer_id=customer.id,
            customer_text=customer.name,
            vehicle_id=vehicle.id,
            vehicle_text=vehicle.title,
            responsible_id=new.adviser_id or session.access.user_id,
            department_id=department_id,
            branch_id=branch_id,
        ),
    )
    visit = CarVisit(
        id=document.id,
        number=document.number,
        state=document.state,
        state_since=session.now(),
        booking_id=new.booking_id,
        customer_id=customer.id,
        vehicle_id=vehicle.id,
        mileage=new.mileage,
        arrived_at=session.now(),
        promised_at=new.promised_at,
        adviser_id=document.responsible_id,
        reason=new.reason.strip(),
        condition=new.condition.strip(),
        belongings=new.belongings.strip(),
        keys_taken=new.keys_taken,
        papers_taken=new.papers_taken.strip(),
        fuel=new.fuel,
        department_id=department_id,
        branch_id=branch_id,
    )
    session.add(visit)
    session.flush()
    note_mileage(session, vehicle, visit.mileage, at=visit.arrived_at)
    maintenance.answered(session, vehicle.id)
    if booking is not None:
        _check_in(session, booking, customer.id)
    order = orders.add_order(session, visit)
    if booking is not None:
        booked_jobs.write_down(session, booking, order.id)
    VISITS.told(session, visit)
    return document


def _check(session: WorkSession, new: NewVisit) -> Vehicle:
    errors: dict[str, list[str]] = {}
    vehicle = session.get(Vehicle, new.vehicle_id) if new.vehicle_id else None
    if new.customer_id is None:
        errors["customer_id"] = [T("Choose the client.")]
    if vehicle is None:
        errors["vehicle_id"] = [T("Choose the car.")]
    if new.mileage is None:
        errors["mileage"] = [T("Ask for the mileage.")]
    elif no_mileage(new.mileage):
        errors["mileage"] = [NO_MILEAGE]
    if new.keys_taken < 0:
        errors["keys_taken"] = [T("This is less than allowed.")]
    if new.promised_at is not None and new.promised_at <= session.now():
        errors["promised_at"] = [T("This time is over.")]
    elif new.promised_at is not None and new.promised_at > session.now() + bookings.FARTHEST:
        errors["promised_at"] = [T("A year ahead at most.")]
    if errors or vehicle is None:
        raise Invalid(errors)
    return vehicle


def doubts(session: WorkSession, vehicle: Vehicle, new: NewVisit) -> list[Doubt]:
    """A mileage below the last one, and the car of another client, may be meant so (S1-71)."""
    return [*mileage_doubt(session, vehicle, new.mileage), *anothers_car(vehicle, new.customer_id)]


def anothers_car(vehicle: Vehicle, customer_id: int | None) -> list[Doubt]:
    """The car of another client may be brought by this one; nobody is told whose it is."""
    if customer_id is None or vehicle.customer_id in (None, customer_id):
        return []
    return [Doubt(f"owner.{vehicle.id}", vehicle.title, (), (T("The car of another client"),))]


def another_day(session: WorkSession, booking: Booking | None) -> list[Doubt]:
    """A client may come on another day than he has booked; more often another booking is meant."""
    if booking is None or booking.starts_at is None:
        return []
    zone = calendar_of(session, booking.department_id).zone
    comes = booking.starts_at.astimezone(zone)
    if comes.date() == session.now().astimezone(zone).date():
        return []
    reason = T("The client has booked another day")
    return [Doubt(f"day.{booking.id}", f"{booking.number}: {comes:%d.%m.%Y %H:%M}", (), (reason,))]


def _expect_elsewhere(session: WorkSession, vehicle: Vehicle) -> None:
    """A car is in one visit at a time, whoever may see it."""
    session.refresh(vehicle, with_for_update=True)
    here = select(CarVisit.number).where(CarVisit.vehicle_id == vehicle.id, CarVisit.state.in_(VISIT.open))
    with session.unlimited("whether a car is here already"):
        number = session.scalars(here.limit(1)).first()
    if number is not None:
        raise Conflict("This car is here already: %(number)s.", number=number)


def _check_in(session: WorkSession, booking: Booking, customer_id: int) -> None:
    BOOKINGS.lock(session, booking)
    if booking.customer_id not in (None, customer_id):
        raise Conflict("This booking is another client's: %(number)s. Correct it first.", number=booking.number)
    if booking.state not in ("scheduled", "no_show"):
        raise Conflict("This booking was answered already: %(number)s.", number=booking.number)
    advance(session, BOOKINGS, booking, "checked_in", by_hand=False)
    bookings.regain(session, booking)
    reminders.keep(session, booking)


def booking_of(session: WorkSession, visit: CarVisit) -> Booking | None:
    """The booking a visit answers."""
    return session.get(Booking, visit.booking_id) if visit.booking_id is not None else None


def orders_of(session: WorkSession, visit: CarVisit) -> list[RepairOrder]:
    """The repair orders of a visit that the person may see, the first one first."""
    return list(session.scalars(select(RepairOrder).where(RepairOrder.visit_id == visit.id).order_by(RepairOrder.id)))


def add_order(session: WorkSession, visit_id: int, pay_type: str, payer: str = "") -> Document:
    """Another repair order in a visit that is not over: what somebody else pays for.

    :raises Conflict: for a car that is ready or gone.
    """
    visit = VISITS.get(session, visit_id)
    session.access.require("service.order.create")
    VISITS.expect(session, visit, "change")
    VISITS.lock(session, visit)
    if visit.state != "open":
        raise Conflict("This cannot be done now: %(state)s.", state=VISIT[visit.state].title)
    return orders.add_order(session, visit, pay_type, payer)


def work_begins(session: WorkSession, visit_id: int) -> None:
    """The plan shows that the car is worked on, from the first order that is taken into work."""
    with session.unlimited("the booking of a car visit"):
        visit = session.get_one(CarVisit, visit_id)
        booking = booking_of(session, visit)
        if booking is not None and booking.state == "checked_in":
            advance(session, BOOKINGS, booking, "in_progress", by_hand=False)


def move(session: WorkSession, visit_id: int, target: str, words: str = "") -> CarVisit:
    """Ready, back to the workshop, or cancelled with a reason; see :func:`hand_over` for the end."""
    visit = VISITS.get(session, visit_id)
    if target == "handed_over":
        raise Invalid({"checked": [T("Tick what was done at the hand-over.")]})
    if advance(session, VISITS, visit, target, words=words) and target == "cancelled":
        take_back_mileage(session, vehicle_of(session, visit), visit.arrived_at)
        _end_booking(session, visit, "scheduled")
    return visit


def change_mileage(session: WorkSession, visit: CarVisit, kilometres: int) -> None:
    """The odometer was misread: the visit, its repair orders that are not over and the car show what it really said."""
    visit.mileage = kilometres
    correct_mileage(session, vehicle_of(session, visit), visit.arrived_at, kilometres)
    with session.unlimited("the mileage of a visit's repair orders"):
        for order in orders_of(session, visit):
            if not ORDER[order.state].terminal:
                order.mileage = kilometres
    session.flush()


def hand_over(session: WorkSession, visit_id: int, checked: Iterable[str]) -> CarVisit:
    """The client takes his car: every point of the list was ticked, every order is closed.

    :raises Invalid: naming what was not ticked.
    :raises Conflict: with the first order that is not closed.
    """
    visit = VISITS.get(session, visit_id)
    ticked = [code for code in HAND_OVER if code in set(checked)]
    missing = [title for code, title in HAND_OVER.items() if code not in ticked]
    if missing and visit.state != "handed_over":
        raise Invalid({"checked": missing}, "Tick every point of the hand-over.")
    values = {"checked": ticked, "handed_over_at": session.now()}
    if advance(session, VISITS, visit, "handed_over", values=values):
        _end_booking(session, visit, "completed")
    return visit


def _end_booking(session: WorkSession, visit: CarVisit, state: str) -> None:
    with session.unlimited("the booking of a car visit"):
        booking = booking_of(session, visit)
        if booking is None or booking.state not in ("checked_in", "in_progress"):
            return
        advance(session, BOOKINGS, booking, state, by_hand=False)
        if state == "scheduled":
            visit.booking_id = None
            bookings.regain(session, booking)
            reminders.keep(session, booking, new_time=True)
        elif booking.ends_at is not None and booking.ends_at > session.now():
            slots.release(session, booking.id)


def vehicle_of(session: WorkSession, visit: CarVisit) -> Vehicle:
    """The car of a visit."""
    return expect_record(session, Vehicle, visit.vehicle_id)
