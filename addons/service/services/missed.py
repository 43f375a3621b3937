"""A client who was said not to have come, and taking that back: a click on the wrong booking costs no time in the plan."""

from __future__ import annotations

from datetime import timedelta

from addons.service.models import Booking
from addons.service.services import bookings, maintenance, reminders
from addons.service.services.kinds import BOOKINGS
from addons.service.services.moves import advance
from core import Conflict, WorkSession

WITHIN = timedelta(minutes=5)


def can_undo(session: WorkSession, booking: Booking) -> bool:
    """Whether it was said a moment ago that the client has not come."""
    return booking.state == "no_show" and booking.state_since >= session.now() - WITHIN


def undo(session: WorkSession, booking_id: int) -> Booking:
    """Expect the client again at the time he had, as far as nobody else has got it; nobody has to call him.

    :raises Conflict: for a booking that was not missed just now.
    """
    booking = BOOKINGS.get(session, booking_id)
    BOOKINGS.expect(session, booking, "change")
    BOOKINGS.lock(session, booking)
    if booking.state == BOOKINGS.machine.first.code:
        return booking
    if not can_undo(session, booking):
        raise Conflict("It is too late to take this back. Schedule the booking again.")
    advance(session, BOOKINGS, booking, BOOKINGS.machine.first.code)
    maintenance.answered(session, booking.vehicle_id)
    bookings.regain(session, booking)
    reminders.keep(session, booking)
    return booking
