"""The steps of a booking: another time, missed, cancelled, scheduled again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from addons.service.models import Bay, Booking
from addons.service.services import booking_form, bookings, slots
from addons.service.services.clocks import name_for
from addons.service.services.kinds import BOOKINGS
from addons.service.views.asking import Box, Step, confirmed
from core import (
    Invalid,
    Request,
    T,
    calendar_of,
    clock_skips,
    local_moment,
    moment_input,
    names_of,
    number_of,
    whole_number,
)


def _bays(request: Request, booking: Booking) -> list[tuple[str, str]]:
    statement = select(Bay).where(Bay.department_id == booking.department_id, Bay.active)
    bays = request.session.scalars(statement.order_by(Bay.position, Bay.id)).all()
    people = names_of(request.session, [bay.mechanic_id for bay in bays])
    named = [(bay, people.get(bay.mechanic_id or 0, "")) for bay in bays]
    return [(str(bay.id), f"{bay.title} · {who}" if who else bay.title) for bay, who in named]


def _time_boxes(request: Request, booking: Booking) -> Sequence[Box]:
    zone = _zone(request, booking)
    at = moment_input(booking.starts_at, zone) if booking.starts_at is not None else ""
    return [
        Box("starts_at", T("Date and time"), "moment", at, required=True),
        Box("minutes", T("Duration, minutes"), "number", str(booking.minutes), required=True),
        Box("bay_id", T("Bay"), "select", str(booking.bay_id or ""), _bays(request, booking), required=True),
    ]


def _zone(request: Request, booking: Booking) -> ZoneInfo:
    """A bay's times are typed as the clock of its workshop shows them."""
    return calendar_of(request.session, booking.department_id).zone


def _nearest(request: Request, booking: Booking) -> str:
    """The three nearest free windows, to be typed over."""
    around = booking.starts_at or request.session.now()
    duration = timedelta(minutes=booking.minutes)
    free = slots.nearest(
        request.session,
        booking.department_id,
        duration,
        around,
        adviser_id=booking.adviser_id,
        but_booking=booking.id,
    )
    return request.translate(T("Free next: %(windows)s."), windows=_in_words(request, booking, free))


def _in_words(request: Request, booking: Booking, windows: Sequence[slots.Window]) -> str:
    zone = _zone(request, booking)
    words, name = booking_form.windows_in_words(request.session, windows, zone), name_for(request.session, zone)
    return f"{words} ({name})" if name else words


def _reschedule(request: Request, booking: Booking) -> None:
    sent = request.form
    typed, zone = sent.get("starts_at", ""), _zone(request, booking)
    if clock_skips(typed, zone):
        raise Invalid({"starts_at": [T("The clock is put forward that night and skips this time.")]})
    starts_at = local_moment(typed, zone)
    minutes, bay_id = whole_number(sent.get("minutes", "")), number_of(sent.get("bay_id", ""))
    errors = {
        name: [T("Fill this in.")]
        for name, value in (("starts_at", starts_at), ("minutes", minutes), ("bay_id", bay_id))
        if value is None
    }
    if errors or starts_at is None or minutes is None or bay_id is None:
        raise Invalid(errors)
    bay = request.session.get(Bay, bay_id)
    mechanic_id = bookings.usual_mechanic(request.session, bay, booking) if bay is not None else None
    time = bookings.Time(starts_at, bay_id, minutes, mechanic_id, booking.adviser_id)
    try:
        bookings.reschedule(request.session, booking.id, time, confirmed(request))
    except slots.Taken as taken:
        windows = _in_words(request, booking, taken.windows)
        raise Invalid({"starts_at": [taken.message]}, "Free next: %(windows)s.", windows=windows) from taken


TIME = Step(
    "time", BOOKINGS, T("Date and time"), T("Save the time"), _time_boxes, _reschedule, note=_nearest, whole=True
)
