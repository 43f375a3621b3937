"""Putting a booking somewhere in the plan: by dragging it, or by choosing one of the windows that are proposed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from addons.service.models import Bay, Booking, BookingJob, Job
from addons.service.services import bookings, slots
from addons.service.services.kinds import BOOKINGS
from core import Conflict, Invalid, T, WorkSession, calendar_of


@dataclass(frozen=True, slots=True)
class Wish:
    """Where somebody puts a booking; what is not named stays as it is.

    ``minutes`` is how long the work takes; ``ends_at`` says it by the moment at which it ends.
    """

    starts_at: datetime | None = None
    minutes: int | None = None
    ends_at: datetime | None = None
    bay_id: int | None = None
    mechanic_id: int | None = None


def place(session: WorkSession, booking_id: int, version: int, wish: Wish, confirmed: Collection[str] = ()) -> Booking:
    """Give a booking the time and place that is wished for it.

    :param version: of the row the person saw.
    :raises Conflict: when somebody has changed it meanwhile, or it is over.
    :raises Taken: when the time is taken, with the three nearest windows.
    :raises Confirmation: for a time that has to be looked at first.
    """
    booking = BOOKINGS.get(session, booking_id)
    BOOKINGS.expect(session, booking, "change")
    BOOKINGS.lock(session, booking)
    if booking.version != version:
        raise Conflict("Somebody has changed this booking meanwhile. Look at the plan again.")
    return bookings.reschedule(session, booking_id, _meant(session, booking, wish), confirmed)


def _meant(session: WorkSession, booking: Booking, wish: Wish) -> bookings.Time:
    """Another bay brings its mechanic with it, and a mechanic his bay where none is named yet."""
    bay = session.get(Bay, _bay_id(session, booking, wish) or 0)
    if bay is None:
        raise Invalid({"bay_id": [T("Choose a bay.")]})
    starts_at = wish.starts_at or booking.starts_at
    if starts_at is None:
        raise Invalid({"starts_at": [T("Fill this in.")]})
    minutes = wish.minutes or booking.minutes
    if wish.ends_at is not None:
        calendar = calendar_of(session, booking.department_id)
        minutes = int(slots.lasting(calendar, starts_at, wish.ends_at).total_seconds()) // 60
    mechanic_id = wish.mechanic_id or bookings.usual_mechanic(session, bay, booking)
    return bookings.Time(starts_at, bay.id, minutes, mechanic_id, booking.adviser_id)


def _bay_id(session: WorkSession, booking: Booking, wish: Wish) -> int | None:
    if wish.bay_id or booking.bay_id or wish.mechanic_id is None:
        return wish.bay_id or booking.bay_id
    his = (Bay.mechanic_id == wish.mechanic_id, Bay.department_id == booking.department_id, Bay.active)
    return session.scalars(select(Bay.id).where(*his).order_by(Bay.position, Bay.id).limit(1)).one_or_none()


def proposed(session: WorkSession, booking: Booking, around: datetime) -> list[slots.Window]:
    """The three nearest windows for a booking, in bays that are fit for its jobs; the time it has is none of them."""
    kinds = session.scalars(
        select(Job.bay_kind)
        .join(BookingJob, BookingJob.job_id == Job.id)
        .where(BookingJob.booking_id == booking.id, Job.bay_kind != "")
        .distinct()
    ).all()
    found = slots.nearest(
        session,
        booking.department_id,
        timedelta(minutes=booking.minutes),
        min(around, session.now() + bookings.FARTHEST),
        bay_kind=kinds[0] if len(kinds) == 1 else "",
        adviser_id=booking.adviser_id,
        but_booking=booking.id,
        count=slots.PROPOSED + 1,
    )
    return [each for each in found if (each.bay_id, each.starts_at) != (booking.bay_id, booking.starts_at)][
        : slots.PROPOSED
    ]
