"""The steps of a booking: another time, missed, cancelled, scheduled again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from addons.service.models import Bay, Booking
from addons.service.services import booking_form, bookings, clocks, missed, placing, slots
from addons.service.services.kinds import BOOKINGS
from addons.service.services.places import bay_titles
from core import (
    Invalid,
    Request,
    T,
    asking,
    calendar_of,
    clock_skips,
    local_moment,
    moment_input,
    names_of,
    number_of,
    step_on_card,
    whole_number,
)


def _bays(request: Request, booking: Booking) -> list[tuple[str, str]]:
    """The bays in use, and the one that it is planned in."""
    offered = or_(Bay.active, Bay.id == booking.bay_id)
    statement = select(Bay).where(Bay.department_id == booking.department_id, offered)
    bays = request.session.scalars(statement.order_by(Bay.position, Bay.id)).all()
    people = names_of(request.session, [bay.mechanic_id for bay in bays])
    named = [(bay, people.get(bay.mechanic_id or 0, "")) for bay in bays]
    return [(str(bay.id), f"{bay.title} · {who}" if who else bay.title) for bay, who in named]


def _time_boxes(request: Request, booking: Booking) -> Sequence[asking.Box]:
    zone = _zone(request, booking)
    at = moment_input(booking.starts_at, zone) if booking.starts_at is not None else ""
    return [
        asking.Box("starts_at", T("Date and time"), "moment", at, required=True, apart=900),
        asking.Box("minutes", T("Duration, minutes"), "number", str(booking.minutes), required=True),
        asking.Box("bay_id", T("Bay"), "select", str(booking.bay_id or ""), _bays(request, booking), required=True),
    ]


def _zone(request: Request, booking: Booking) -> ZoneInfo:
    """A bay's times are typed as the clock of its workshop shows them."""
    return calendar_of(request.session, booking.department_id).zone


def _zone_note(request: Request, booking: Booking) -> str:
    """Whose clock it is, for whoever lives by another one."""
    name = clocks.name_for(request.session, _zone(request, booking))
    return f"({name})" if name else ""


def _nearest(request: Request, booking: Booking) -> list[tuple[str, str]]:
    """The three nearest free windows besides the time it has, a button each."""
    session, zone = request.session, _zone(request, booking)
    windows = placing.proposed(session, booking, booking.starts_at or session.now())
    titles = bay_titles(session, {window.bay_id for window in windows})
    return [
        (
            f"{window.starts_at.isoformat()} {window.bay_id}",
            f"{clocks.in_words(window.starts_at, zone)} · {titles[window.bay_id]}",
        )
        for window in windows
    ]


def _chosen(request: Request) -> tuple[datetime, int] | None:
    """The window whose button was pressed.

    :raises Invalid: for what no button sends.
    """
    way = request.form.get("way", "")
    if not way:
        return None
    at, _, bay = way.partition(" ")
    try:
        moment, bay_id = datetime.fromisoformat(at), number_of(bay)
    except ValueError:
        moment, bay_id = None, None
    if moment is None or moment.tzinfo is None or bay_id is None:
        raise Invalid({"starts_at": [T("Choose one of the list.")]})
    return moment, bay_id


def _reschedule(request: Request, booking: Booking) -> None:
    sent = request.form
    way, typed, zone = _chosen(request), sent.get("starts_at", ""), _zone(request, booking)
    if way is None and clock_skips(typed, zone):
        raise Invalid({"starts_at": [T("The clock is put forward that night and skips this time.")]})
    starts_at, bay_id = way or (local_moment(typed, zone), number_of(sent.get("bay_id", "")))
    minutes = whole_number(sent.get("minutes", ""))
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
        bookings.reschedule(request.session, booking.id, time, asking.confirmed(request))
    except slots.Taken as taken:
        windows = booking_form.windows_in_words(request.session, taken.windows, zone)
        raise Invalid({"starts_at": [taken.message]}, "Free next: %(windows)s.", windows=windows) from taken


def undo_missed(request: Request, record_id: int) -> Response:
    """The client has not stayed away: whoever said so has meant another booking."""
    return step_on_card(request, "service.bookings", record_id, lambda: missed.undo(request.session, record_id))


TIME = asking.Step(
    "time",
    BOOKINGS,
    T("Date and time"),
    T("Save the time"),
    _time_boxes,
    _reschedule,
    note=_zone_note,
    whole=True,
    ways=_nearest,
    ways_title=T("Nearest free times"),
)
