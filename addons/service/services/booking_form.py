"""What the generated form of a booking is filled with, and saving what it sends."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from typing import Any
from zoneinfo import ZoneInfo

from addons.contacts.models import Document, InboundContact, Vehicle
from addons.contacts.services.handling import create_document, get_contact
from addons.service.models import Bay, Booking
from addons.service.services import booked_jobs, bookings, clocks, slots
from addons.service.services.advisers import adviser_or_nobody
from addons.service.services.bookings import NewBooking
from addons.service.services.kinds import BOOKINGS
from addons.service.services.states import BOOKING
from addons.service.services.visits import anothers_car
from core import Doubt, Invalid, T, WorkSession

_NAMES = frozenset(each.name for each in fields(NewBooking))
_PARTY = ("customer_id", "vehicle_id")
HERE = ("checked_in", "in_progress")
"""The states of a booking whose car is in the workshop."""
_TEXTS = ("customer_text", "phone", "vehicle_text", "reason", "wishes")


def begin(session: WorkSession, contact_id: int) -> Mapping[str, Any]:
    """Everything the contact knows (S0-35)."""
    new = bookings.from_contact(session, get_contact(session, contact_id), session.access.user_id)
    known = {name: getattr(new, name) for name in _NAMES if name != "department_id"}
    return {**known, "adviser_id": adviser_or_nobody(session, new.adviser_id)}


def create(session: WorkSession, values: dict[str, Any]) -> Booking:
    """A booking made by hand; its author receives the car unless somebody else is named."""
    return _booking(session, _made(session, _new(values, session.access.user_id)))


def create_from(session: WorkSession, contact_id: int, values: dict[str, Any]) -> Booking:
    """A booking a contact turns into, in one transaction with the contact (S0-35, S0-44)."""

    def make(session: WorkSession, contact: InboundContact) -> Document:
        new = _new({**values, "department_id": contact.department_id}, session.access.user_id)
        return _made(session, new)

    return _booking(session, create_document(session, contact_id, BOOKINGS.thing, make))


def change(session: WorkSession, booking: Booking, values: dict[str, Any]) -> None:
    """The changed fields and works; the journal's head row follows. Its time has a form of its own (S0-37).

    :raises Conflict: for a booking that is over.
    :raises Invalid: for another client, car, duration or works when the car is here already, and what makes no sense.
    """
    BOOKINGS.expect_state(booking, BOOKING.open)
    _expect_same_party(booking, values)
    job_ids, minutes = values.pop("job_ids", None), values.pop("minutes", None) or booking.minutes
    new = _new({**{name: getattr(booking, name) for name in _NAMES - {"job_ids"}}, **values, "minutes": minutes}, None)
    bookings.check(session, new)
    if "adviser_id" in values:
        _change_adviser(session, booking, values["adviser_id"])
    for name, value in values.items():
        setattr(booking, name, (value or "") if name in _TEXTS else value)
    booking.customer_text = "" if booking.customer_id is not None else booking.customer_text
    booking.phone = bookings.phone_of(new)
    booking.vehicle_text = bookings.vehicle_text_of(session, new)
    if job_ids is not None:
        booked_jobs.change(session, booking, job_ids)
    _change_minutes(session, booking, minutes)
    bookings.follow(session, booking)


def fixed(booking: Booking) -> Collection[str]:
    """What the visit and the plan have to say from the moment at which the car is here."""
    return (*_PARTY, "minutes") if booking.state in HERE else ()


def _expect_same_party(booking: Booking, values: Mapping[str, Any]) -> None:
    party = _PARTY if booking.state in HERE else ()
    changed = [name for name in party if values.get(name, getattr(booking, name)) != getattr(booking, name)]
    if changed:
        raise Invalid({name: [T("The car is here already: its visit says whose it is and which.")] for name in changed})


def change_works(
    session: WorkSession, booking_id: int, job_ids: Collection[int], minutes: int | None = None
) -> Booking:
    """Other works; they last as long as their norms say, unless ``minutes`` are given.

    :raises Invalid: when the car is here already, and for a time that does not last so long.
    """
    booking = BOOKINGS.get(session, booking_id)
    BOOKINGS.expect(session, booking, "change")
    BOOKINGS.lock(session, booking)
    booked_jobs.change(session, booking, job_ids)
    norm = booked_jobs.minutes_of(booked_jobs.planned(session, booking))
    _change_minutes(session, booking, minutes or norm or booking.minutes)
    BOOKINGS.told(session, booking)
    return booking


def _change_minutes(session: WorkSession, booking: Booking, minutes: int) -> None:
    try:
        bookings.last(session, booking, minutes)
    except slots.Taken as taken:
        windows = windows_in_words(session, taken.windows)
        raise Invalid({"minutes": [taken.message]}, "Free next: %(windows)s.", windows=windows) from taken
    except Invalid as refusal:
        raise Invalid({"minutes": [text for texts in refusal.errors.values() for text in texts]}) from refusal


def _change_adviser(session: WorkSession, booking: Booking, adviser_id: int | None) -> None:
    try:
        bookings.change_adviser(session, booking, adviser_id)
    except slots.Taken as taken:
        raise Invalid({"adviser_id": [taken.message]}) from taken


def doubts(session: WorkSession, booking: Booking | None, values: Mapping[str, Any]) -> Sequence[Doubt]:
    """A time outside working hours or without its mechanic, and the car of another client, are looked at first."""
    if booking is not None:
        return []
    car = session.get(Vehicle, values.get("vehicle_id") or 0)
    return [*_time_doubts(session, values), *(anothers_car(car, values.get("customer_id")) if car is not None else ())]


def _time_doubts(session: WorkSession, values: Mapping[str, Any]) -> Sequence[Doubt]:
    bay = session.get(Bay, values.get("bay_id") or 0)
    if bay is None or values.get("starts_at") is None:
        return []
    mechanic_id = values.get("mechanic_id") or bay.mechanic_id
    return bookings.doubts(session, bay.department_id, values["starts_at"], values.get("minutes") or 60, mechanic_id)


def _new(values: Mapping[str, Any], adviser_id: int | None) -> NewBooking:
    known: dict[str, Any] = {
        name: (value or "") if name in _TEXTS else value for name, value in values.items() if name in _NAMES
    }
    return NewBooking(
        **{**known, "adviser_id": known.get("adviser_id") or adviser_id, "minutes": known.get("minutes") or 60}
    )


def _made(session: WorkSession, new: NewBooking) -> Document:
    """The booking; a time that was taken meanwhile is an error of the form, with the nearest free ones.

    Its doubts were asked by the form (:func:`doubts`).
    """
    try:
        return bookings.create_booking(session, new)
    except slots.Taken as taken:
        raise Invalid(
            {"starts_at": [taken.message]}, "Free next: %(windows)s.", windows=windows_in_words(session, taken.windows)
        ) from taken


def windows_in_words(session: WorkSession, windows: Sequence[slots.Window], zone: ZoneInfo | None = None) -> str:
    """Free windows in one line, by the clock they are typed in.

    :param zone: that of the form; without one it is the person's own, which generated forms go by.
    """
    clock = zone or session.access.zone
    titles = {window.bay_id: session.get_one(Bay, window.bay_id).title for window in windows}
    found = [f"{titles[window.bay_id]}: {clocks.in_words(window.starts_at, clock)}" for window in windows]
    return "; ".join(found) or "—"


def _booking(session: WorkSession, document: Document) -> Booking:
    return BOOKINGS.get(session, document.id)
