"""The works of a booking: what a contact has wished for, what is planned, and what its repair order begins with."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from sqlalchemy import delete, insert, select

from addons.contacts.models import ContactReason
from addons.service.models import Booking, BookingJob, Job, RepairOrder
from addons.service.services import order_lines, roster, slots
from addons.service.services.states import BOOKING
from core import Invalid, WorkSession

HOUR = 60
QUARTER = int(slots.QUARTER.total_seconds()) // 60
LONGEST = int(slots.LONGEST.total_seconds()) // 60


def minutes_of(jobs: Collection[Job]) -> int:
    """How long works take by their norms, in whole quarters of an hour; 0 for none."""
    norm = sum(job.norm for job in jobs) * HOUR
    quarters = -(-norm // (QUARTER * 100))
    return min(quarters * QUARTER, LONGEST)


def wished(session: WorkSession, contact_id: int) -> list[Job]:
    """The works that answer what a contact has asked for, by the reasons the directory links them with."""
    statement = (
        select(Job)
        .join(ContactReason, ContactReason.reason_id == Job.reason_id)
        .where(ContactReason.contact_id == contact_id, Job.active)
    )
    return list(session.scalars(statement.order_by(Job.position, Job.id)))


def planned(session: WorkSession, booking: Booking) -> list[Job]:
    """The works that are planned, in the order of the directory."""
    statement = select(Job).join(BookingJob, BookingJob.job_id == Job.id).where(BookingJob.booking_id == booking.id)
    return list(session.scalars(statement.order_by(Job.position, Job.id)))


def plan(session: WorkSession, booking: Booking, job_ids: Iterable[int], before: Collection[int] = ()) -> None:
    """Let exactly these works be planned.

    :param before: what was planned until now; of the works that are out of use only these may stay.
    """
    if before:
        session.execute(delete(BookingJob).where(BookingJob.booking_id == booking.id))
    if not (asked := list(job_ids)):
        return
    wanted = session.scalars(select(Job.id).where(Job.id.in_(asked), Job.active | Job.id.in_(before)))
    if rows := [{"booking_id": booking.id, "job_id": job_id} for job_id in sorted(wanted)]:
        session.execute(insert(BookingJob), rows)


def change(session: WorkSession, booking: Booking, job_ids: Collection[int]) -> None:
    """Other works for a car that is still to come; what it has come for stands in its repair order.

    :raises Invalid: when the car is here already.
    """
    before = {job.id for job in planned(session, booking)}
    if before == set(job_ids):
        return
    if booking.state != BOOKING.first.code:
        raise Invalid({}, "The car is here already: change the works in its repair order.")
    plan(session, booking, job_ids, before)
    booking.updated_at = session.now()  # its version goes up: of two who choose works the second sees it


def write_down(session: WorkSession, booking: Booking, order_id: int) -> None:
    """Begin a repair order with the works that were booked: their norms at the rate of who pays, for who repairs the car."""
    order = session.get_one(RepairOrder, order_id)
    repairs = booking.mechanic_id is not None and roster.repairs_in(session, booking.mechanic_id, order.department_id)
    line = order_lines.NewLine(mechanic_id=booking.mechanic_id if repairs else None)
    for job in planned(session, booking):
        order_lines.write_line(session, order, replace(line, job_id=job.id))
