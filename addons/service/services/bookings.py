"""Bookings: made from a contact or by hand, given a time in the plan, moved, kept or missed (S0-35..37)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, select

from addons.contacts.models import Document, InboundContact, Make, Vehicle, VehicleModel
from addons.contacts.services.documents import NewDocument, add_document, head_of, index_document
from addons.contacts.services.lookup import visible_customer
from addons.contacts.services.vehicles import vehicle_title
from addons.service.models import Bay, Booking, Hold
from addons.service.services import booked_jobs, maintenance, reminders, roster, slots
from addons.service.services.kinds import BOOKING_SERIES, BOOKINGS
from addons.service.services.moves import advance
from addons.service.services.places import place_of
from addons.service.services.states import BOOKING
from core import (
    Calendar,
    Conflict,
    Doubt,
    Invalid,
    T,
    WorkSession,
    calendar_of,
    confirm,
    name_of,
    parse_phone,
    subject_of,
    timeline,
)

RESCHEDULED = "service.rescheduled"
"""The kind of the timeline's entry about another time (S0-37)."""
SHORTEST = 15
USUAL = 60
"""Minutes of a booking of which nothing is known."""
LONGEST = int(slots.LONGEST.total_seconds()) // 60
FARTHEST = timedelta(days=366)
"""How far ahead a car can be booked."""


@dataclass(frozen=True, slots=True)
class NewBooking:
    """What a booking begins with. Moments are aware, ``phone`` is as typed, ``minutes`` how long the work takes.

    Without ``starts_at`` it waits in the unassigned queue.
    """

    customer_id: int | None = None
    customer_text: str = ""
    phone: str = ""
    vehicle_id: int | None = None
    make_id: int | None = None
    model_id: int | None = None
    vehicle_text: str = ""
    reason: str = ""
    wishes: str = ""
    job_ids: Sequence[int] = ()
    minutes: int = 60
    starts_at: datetime | None = None
    bay_id: int | None = None
    mechanic_id: int | None = None
    adviser_id: int | None = None
    department_id: int | None = None


@dataclass(frozen=True, slots=True)
class Time:
    """When a booking is and where: the bay, who repairs the car, who receives it. ``minutes`` is how long the work takes."""

    starts_at: datetime
    bay_id: int
    minutes: int
    mechanic_id: int | None = None
    adviser_id: int | None = None


def from_contact(session: WorkSession, contact: InboundContact, adviser_id: int | None) -> NewBooking:
    """What a contact knows already, and the works that answer what it asks for (S0-35)."""
    jobs = booked_jobs.wished(session, contact.id)
    return NewBooking(
        customer_id=contact.customer_id,
        customer_text=contact.client_text,
        phone=contact.phone,
        vehicle_id=contact.vehicle_id,
        make_id=contact.make_id,
        model_id=contact.model_id,
        vehicle_text=contact.vehicle_text,
        reason=contact.note[:300],
        job_ids=[job.id for job in jobs],
        minutes=booked_jobs.minutes_of(jobs) or USUAL,
        adviser_id=contact.responsible_id or adviser_id,
        department_id=contact.department_id,
    )


def create_from_contact(session: WorkSession, contact: InboundContact) -> Document:
    """A booking with everything the contact knows, waiting for its time in the unassigned queue."""
    return create_booking(session, from_contact(session, contact, session.access.user_id))


def create_booking(session: WorkSession, new: NewBooking) -> Document:
    """Make a booking, with its time where one is given; in the workshop of its bay where one is chosen. What to look at first is asked before (:func:`doubts`).

    :raises Invalid: for a client nobody can name, a wrong phone, a time in the past or a bay of another department.
    :raises Taken: when the time was taken meanwhile.
    :returns: its head row in the journal of documents.
    """
    check(session, new)
    bay = session.get(Bay, new.bay_id) if new.bay_id is not None else None
    department_id, branch_id = place_of(session, bay.department_id if bay is not None else new.department_id)
    customer = visible_customer(session, new.customer_id) if new.customer_id else None
    vehicle_text = vehicle_text_of(session, new)
    document = add_document(
        session,
        NewDocument(
            type=BOOKINGS.thing,
            series=BOOKING_SERIES,
            state=BOOKING.first,
            title=new.reason.strip() or vehicle_text,
            customer_id=customer.id if customer else None,
            customer_text=customer.name if customer else new.customer_text.strip(),
            vehicle_id=new.vehicle_id,
            vehicle_text=vehicle_text,
            responsible_id=new.adviser_id,
            department_id=department_id,
            branch_id=branch_id,
        ),
    )
    booking = Booking(
        id=document.id,
        number=document.number,
        state=document.state,
        state_since=session.now(),
        customer_id=document.customer_id,
        customer_text="" if customer else document.customer_text,
        phone=phone_of(new),
        vehicle_id=new.vehicle_id,
        make_id=new.make_id,
        model_id=new.model_id,
        vehicle_text=vehicle_text,
        reason=new.reason.strip(),
        wishes=new.wishes.strip(),
        adviser_id=new.adviser_id,
        minutes=new.minutes,
        department_id=department_id,
        branch_id=branch_id,
    )
    session.add(booking)
    session.flush()
    booked_jobs.plan(session, booking, new.job_ids)
    if new.starts_at is not None:
        time = _time_of(session, new, new.starts_at)
        _expect_time(session, booking, time)
        _give_time(session, booking, time)
    reminders.keep(session, booking, new_time=True)
    maintenance.answered(session, booking.vehicle_id)
    BOOKINGS.told(session, booking)
    return document


def check(session: WorkSession, new: NewBooking) -> None:
    """Refuse what makes no sense, all of it at once.

    :raises Invalid: naming the fields.
    """
    errors: dict[str, list[str]] = {}
    if new.customer_id is None and not new.customer_text.strip():
        errors["customer_id"] = errors["customer_text"] = [T("Choose a client or write who it is.")]
    if new.phone.strip() and parse_phone(new.phone) is None:
        errors["phone"] = [T("This is no phone number.")]
    if not SHORTEST <= new.minutes <= LONGEST:
        errors["minutes"] = [T("From a quarter of an hour to two weeks.")]
    if new.starts_at is not None and new.bay_id is None:
        errors["bay_id"] = [T("Choose a bay.")]
    model = session.get(VehicleModel, new.model_id) if new.model_id else None
    if model is not None and model.make_id != new.make_id:
        errors["model_id"] = [T("This model belongs to another make.")]
    if errors:
        raise Invalid(errors)


def phone_of(new: NewBooking) -> str:
    """The number as it is stored; nothing where none was given."""
    parsed = parse_phone(new.phone) if new.phone.strip() else None
    return parsed.e164 if parsed is not None else ""


def vehicle_text_of(session: WorkSession, new: NewBooking) -> str:
    """What the car is called: from the directory if it is in one, else in the client's words."""
    vehicle = session.get(Vehicle, new.vehicle_id) if new.vehicle_id else None
    if vehicle is not None:
        return vehicle.title
    make = session.get(Make, new.make_id) if new.make_id else None
    model = session.get(VehicleModel, new.model_id) if new.model_id else None
    return vehicle_title(make, model) or new.vehicle_text.strip()


def _time_of(session: WorkSession, new: NewBooking, starts_at: datetime) -> Time:
    bay = session.get(Bay, new.bay_id or 0)
    mechanic_id = new.mechanic_id or (usual_mechanic(session, bay) if bay is not None else None)
    return Time(starts_at, new.bay_id or 0, new.minutes, mechanic_id, new.adviser_id)


def usual_mechanic(session: WorkSession, bay: Bay, booking: Booking | None = None) -> int | None:
    """Who repairs a car in a bay when nobody is named: who was to do it there, else the bay's own; whoever still works here."""
    before = booking.mechanic_id if booking is not None and booking.bay_id == bay.id else None
    known = (before, bay.mechanic_id)
    return next((each for each in known if each and roster.repairs_in(session, each, bay.department_id)), None)


def reschedule(session: WorkSession, booking_id: int, time: Time, confirmed: Collection[str] = ()) -> Booking:
    """Another time or another bay: what it had is free, the new time is taken, the history says so (S0-37).

    :raises Conflict: for a booking that is over.
    :raises Invalid: for a time in the past, or a bay that is not one of its department.
    :raises Confirmation: for a time outside working hours, or at which the mechanic is not there.
    :raises Taken: when somebody has that time, with the three nearest free ones; nothing has changed.
    """
    booking = BOOKINGS.get(session, booking_id)
    BOOKINGS.expect(session, booking, "change")
    BOOKINGS.lock(session, booking)
    if booking.state != "scheduled":
        raise Conflict("This cannot be done now: %(state)s.", state=BOOKING[booking.state].title)
    _expect_time(session, booking, time)
    before = booking.starts_at
    now = (before, booking.minutes, booking.bay_id, booking.mechanic_id)
    if now == (time.starts_at, time.minutes, time.bay_id, time.mechanic_id):
        return booking
    confirm(doubts(session, booking.department_id, time.starts_at, time.minutes, time.mechanic_id), confirmed)
    _give_time(session, booking, time)
    if before is not None:
        booking.rescheduled += 1
    _note_time(session, booking, before)
    session.flush()
    reminders.keep(session, booking, new_time=True)
    BOOKINGS.told(session, booking)
    return booking


def last(session: WorkSession, booking: Booking, minutes: int) -> None:
    """Let the work on a car that is still to come take longer or shorter, where it has a time from the same moment on.

    :raises Invalid: when the car is here already, and for more than can be booked.
    :raises Taken: when somebody has the time that is added. Nothing has changed.
    """
    if minutes == booking.minutes:
        return
    if booking.state != BOOKING.first.code:
        raise Invalid({"minutes": [T("The car is here already: its time in the plan stays.")]})
    if booking.starts_at is None or booking.bay_id is None:
        booking.minutes = minutes
        return
    time = Time(booking.starts_at, booking.bay_id, minutes, booking.mechanic_id, booking.adviser_id)
    _expect_time(session, booking, time)
    _give_time(session, booking, time)


def _expect_time(session: WorkSession, booking: Booking, time: Time) -> None:
    """Refuse a time no car can be booked for, all that is wrong with it at once.

    :raises Invalid: naming the fields.
    """
    errors: dict[str, list[str]] = {}
    bay = session.get(Bay, time.bay_id)
    if bay is None or not bay.active or bay.department_id != booking.department_id:
        errors["bay_id"] = [T("Choose a bay of this department.")]
    if time.mechanic_id and not roster.repairs_in(session, time.mechanic_id, booking.department_id):
        errors["mechanic_id"] = [T("Choose a mechanic of this department.")]
    if not SHORTEST <= time.minutes <= LONGEST:
        errors["minutes"] = [T("From a quarter of an hour to two weeks.")]
    elif time.starts_at > session.now() + FARTHEST:
        errors["starts_at"] = [T("A year ahead at most.")]
    elif (ends_at := _ends_at(session, booking, time)) <= session.now():
        errors["starts_at"] = [T("This time is over.")]
    elif ends_at - time.starts_at > slots.LONGEST:
        errors["minutes"] = [T("From a quarter of an hour to two weeks.")]
    if errors:
        raise Invalid(errors)


def _ends_at(session: WorkSession, booking: Booking, time: Time) -> datetime:
    calendar = calendar_of(session, booking.department_id)
    return slots.ends_of(calendar, time.starts_at, timedelta(minutes=time.minutes))


def _give_time(session: WorkSession, booking: Booking, time: Time) -> None:
    ends_at = _ends_at(session, booking, time)
    wanted = slots.Wanted(time.bay_id, time.starts_at, ends_at, time.mechanic_id, time.adviser_id)
    try:
        slots.take(session, booking.id, wanted)
    except slots.Taken as taken:
        duration = timedelta(minutes=time.minutes)
        free = slots.nearest(
            session,
            booking.department_id,
            duration,
            time.starts_at,
            bay_kind=session.get_one(Bay, time.bay_id).kind,
            adviser_id=time.adviser_id,
            but_booking=booking.id,
        )
        raise slots.Taken(taken.message, free, _what_is_there(session, booking, wanted)) from taken
    booking.bay_id, booking.mechanic_id, booking.adviser_id = time.bay_id, time.mechanic_id, time.adviser_id
    booking.starts_at, booking.ends_at, booking.minutes = time.starts_at, ends_at, time.minutes
    session.flush()


def _what_is_there(session: WorkSession, booking: Booking, wanted: slots.Wanted) -> str:
    """The first booking that stands in the bay then, with its time by the workshop's clock."""
    zone = calendar_of(session, booking.department_id).zone
    theirs = (Hold.booking_id == Booking.id, Hold.bay_id == wanted.bay_id, Booking.id != booking.id)
    quarters = slots.slots_between(wanted.starts_at, wanted.ends_at)
    statement = (
        select(Booking.number, Booking.starts_at, Booking.ends_at)
        .join(Hold, and_(*theirs))
        .where(Hold.slot.between(quarters.start, quarters.stop - 1))
        .order_by(Booking.starts_at)
        .limit(1)
    )
    for number, starts_at, ends_at in session.execute(statement):
        if starts_at is not None and ends_at is not None:
            return f"{number}, {starts_at.astimezone(zone):%d.%m %H:%M}–{ends_at.astimezone(zone):%H:%M}"
    return ""


def doubts(
    session: WorkSession, department_id: int, starts_at: datetime, minutes: int, mechanic_id: int | None = None
) -> list[Doubt]:
    """A time at which the workshop is closed, or the mechanic is not there, may be meant so: somebody works longer."""
    calendar = calendar_of(session, department_id)
    ends_at = slots.ends_of(calendar, starts_at, timedelta(minutes=minutes))
    slot, found = slots.slot_of(starts_at), []
    if not (calendar.is_open(starts_at) and calendar.is_open(ends_at - slots.QUARTER)):
        local = f"{starts_at.astimezone(calendar.zone):%d.%m.%Y %H:%M}"
        found.append(Doubt(f"closed.{slot}", local, (), (T("The workshop is closed then"),)))
    if mechanic_id is not None and (why := _why_not(session, calendar, mechanic_id, starts_at, ends_at)):
        found.append(Doubt(f"away.{mechanic_id}.{slot}", name_of(session, mechanic_id), (), (why,)))
    return found


def _why_not(session: WorkSession, calendar: Calendar, mechanic_id: int, starts_at: datetime, ends_at: datetime) -> str:
    there = roster.roster_of(session, calendar.zone, starts_at, ends_at)
    return there.why_not_all(mechanic_id, roster.worked_of(calendar, starts_at, ends_at))


def _note_time(session: WorkSession, booking: Booking, before: datetime | None) -> None:
    """The history keeps the moments themselves, so that everybody reads them in his own zone."""
    moments = {
        "before": before.isoformat() if before else "",
        "after": booking.starts_at.isoformat() if booking.starts_at else "",
    }
    title = T("The time was changed") if before is not None else T("The time was set")
    timeline.add_entry(session, [subject_of(booking)], RESCHEDULED, title, data=moments)


def move(session: WorkSession, booking_id: int, target: str, words: str = "") -> Booking:
    """Missed, cancelled with a reason, or scheduled again; the time of one that is over is free for others.

    :raises Conflict: where no such step leads from its state.
    """
    booking = BOOKINGS.get(session, booking_id)
    values: dict[str, dict[str, Any]] = {
        "cancelled": {"cancel_reason": words.strip()},
        "scheduled": {"starts_at": None, "ends_at": None, "cancel_reason": ""},
    }
    if advance(session, BOOKINGS, booking, target, words=words, values=values.get(target)):
        if target != "scheduled":
            maintenance.unanswered(session, booking.vehicle_id)
        slots.release(session, booking.id)
        reminders.keep(session, booking)
    return booking


def regain(session: WorkSession, booking: Booking) -> None:
    """Let a booking have its time again that it may have given back; where others have it by now, it has none."""
    before = booking.starts_at
    if before is None or booking.ends_at is None or booking.bay_id is None:
        return
    wanted = slots.Wanted(booking.bay_id, before, booking.ends_at, booking.mechanic_id, booking.adviser_id)
    try:
        slots.take(session, booking.id, wanted)
    except slots.Taken:
        booking.starts_at = booking.ends_at = None
        _note_time(session, booking, before)
        session.flush()


def change_adviser(session: WorkSession, booking: Booking, adviser_id: int | None) -> None:
    """Another colleague receives the client: at the time of a booking that waits he must be free, and the one before is.

    :raises Taken: when he receives another car then. Nothing has changed.
    """
    before = booking.adviser_id
    if adviser_id == before:
        return
    if booking.state == "scheduled" and booking.starts_at and booking.ends_at and booking.bay_id:
        wanted = slots.Wanted(booking.bay_id, booking.starts_at, booking.ends_at, booking.mechanic_id, adviser_id)
        slots.take(session, booking.id, wanted)
    booking.adviser_id = adviser_id
    session.flush()
    reminders.hand_over(session, booking, before)


def meet(session: WorkSession, document: Document) -> None:
    """Take over the client whom the contact's specialist has identified meanwhile."""
    with session.unlimited("the client of a booking"):
        booking = session.get_one(Booking, document.id)
        booking.customer_id, booking.customer_text = document.customer_id, ""
        session.flush()
        reminders.keep(session, booking)
    BOOKINGS.told(session, booking)


def follow(session: WorkSession, booking: Booking) -> None:
    """The journal's row says the same as the booking (S0-52)."""
    document = head_of(session, booking.id)
    document.customer_id, document.vehicle_id = booking.customer_id, booking.vehicle_id
    document.customer_text = booking.customer_text or document.customer_text
    document.vehicle_text, document.responsible_id = booking.vehicle_text, booking.adviser_id
    document.title = booking.reason or booking.vehicle_text
    index_document(session, document)
    session.flush()
    reminders.keep(session, booking)
