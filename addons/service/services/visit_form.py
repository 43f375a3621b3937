"""What the generated form of a car visit is filled with, and saving what it sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from addons.contacts.models import Document, InboundContact, Vehicle
from addons.contacts.services.documents import head_of, index_document
from addons.contacts.services.handling import create_document, get_contact
from addons.service.models import Booking, CarVisit
from addons.service.services import visits
from addons.service.services.advisers import adviser_or_nobody
from addons.service.services.clocks import clock_of
from addons.service.services.kinds import BOOKINGS, VISITS
from addons.service.services.places import own_workshop
from addons.service.services.states import VISIT
from addons.service.services.visits import NewVisit
from core import Doubt, WorkSession

_NAMES = frozenset(each.name for each in fields(NewVisit))
_TEXTS = ("reason", "condition", "belongings", "papers_taken", "fuel")


def begin_from_contact(session: WorkSession, contact_id: int) -> Mapping[str, Any]:
    """What the contact and the client's booking know; the mileage is asked every time (S1-71)."""
    new = visits.from_contact(session, get_contact(session, contact_id))
    return {**_begun(session, new), "department_id": own_workshop(session, new.department_id)}


def begin_from_booking(session: WorkSession, booking_id: int) -> Mapping[str, Any]:
    """What the booking knows."""
    return _begun(session, visits.from_booking(session, BOOKINGS.get(session, booking_id)))


def create(session: WorkSession, values: dict[str, Any]) -> CarVisit:
    """A car that came without a word before."""
    return VISITS.get(session, visits.open_visit(session, _new(values)).id)


def create_from_contact(session: WorkSession, contact_id: int, values: dict[str, Any]) -> CarVisit:
    """A visit a contact turns into; it answers the booking of the client and the car that have come (S0-38, S0-39)."""

    def make(session: WorkSession, contact: InboundContact) -> Document:
        booking = visits.expected(session, values.get("customer_id"), values.get("vehicle_id"))
        origin = {"booking_id": booking.id if booking is not None else None}
        return visits.open_visit(session, _new({"department_id": contact.department_id, **values, **origin}))

    return VISITS.get(session, create_document(session, contact_id, VISITS.thing, make).id)


def create_from_booking(session: WorkSession, booking_id: int, values: dict[str, Any]) -> CarVisit:
    """The client has come."""
    booking = BOOKINGS.get(session, booking_id)
    origin = {"booking_id": booking.id, "department_id": booking.department_id}
    return VISITS.get(session, visits.open_visit(session, _new({**values, **origin})).id)


def answered_by_contact(session: WorkSession, contact_id: int) -> Mapping[str, Any] | None:
    """The booking of the client that a visit out of his contact answers."""
    contact = get_contact(session, contact_id)
    return _answered(session, visits.expected(session, contact.customer_id, contact.vehicle_id))


def answered(session: WorkSession, booking_id: int) -> Mapping[str, Any] | None:
    """The booking that a visit answers."""
    return _answered(session, BOOKINGS.get(session, booking_id))


def _answered(session: WorkSession, booking: Booking | None) -> Mapping[str, Any] | None:
    return {"booking": booking, **clock_of(session, booking.department_id)} if booking is not None else None


def change(session: WorkSession, visit: CarVisit, values: dict[str, Any]) -> None:
    """The changed fields; the journal's head row follows. What was written down at the reception stays so at the end.

    :raises Conflict: for a visit that is over.
    """
    VISITS.expect_state(visit, VISIT.open)
    if (kilometres := values.pop("mileage", None)) is not None and kilometres != visit.mileage:
        visits.change_mileage(session, visit, kilometres)
    for name, value in values.items():
        setattr(visit, name, (value or "") if name in _TEXTS else value)
    document = head_of(session, visit.id)
    document.responsible_id, document.title = visit.adviser_id, visit.reason or document.vehicle_text
    index_document(session, document)
    session.flush()
    VISITS.told(session, visit)


def doubts(session: WorkSession, visit: CarVisit | None, values: Mapping[str, Any]) -> Sequence[Doubt]:
    """A falling mileage and another client's car are looked at first."""
    vehicle = session.get(Vehicle, values.get("vehicle_id") or 0)
    if visit is not None or vehicle is None:
        return []
    return visits.doubts(session, vehicle, _new(values))


def contact_doubts(session: WorkSession, _contact_id: int, values: Mapping[str, Any]) -> Sequence[Doubt]:
    """The booking that it would answer may be of another day."""
    return visits.another_day(session, visits.expected(session, values.get("customer_id"), values.get("vehicle_id")))


def booking_doubts(session: WorkSession, booking_id: int, _values: Mapping[str, Any]) -> Sequence[Doubt]:
    """The booking may be of another day."""
    return visits.another_day(session, BOOKINGS.get(session, booking_id))


def _begun(session: WorkSession, new: NewVisit) -> Mapping[str, Any]:
    """Whoever is no adviser is not proposed as one: the form would refuse him."""
    known = {name: getattr(new, name) for name in _NAMES if name not in ("booking_id", "department_id", "mileage")}
    return {**known, "adviser_id": adviser_or_nobody(session, new.adviser_id)}


def _new(values: Mapping[str, Any]) -> NewVisit:
    known: dict[str, Any] = {
        name: (value or "") if name in _TEXTS else value for name, value in values.items() if name in _NAMES
    }
    return NewVisit(**known)
