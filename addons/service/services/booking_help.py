"""What the form of a booking proposes while it is filled in: works with their norms, free windows, the client's cars."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from addons.contacts.models import Customer, Vehicle
from addons.service.models import Bay, Job
from addons.service.services import bookings, slots
from addons.service.services.booked_jobs import minutes_of
from addons.service.services.places import bay_titles, place_of
from core import Invalid, WorkSession, get_record, names_of


@dataclass(frozen=True, slots=True)
class Proposal:
    """A free window: ``starts_at`` is by the person's own clock, ``place`` what the bay is called."""

    bay: Bay
    place: str
    mechanic: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Help:
    """``minutes`` follow from the chosen works, or are those that were typed."""

    jobs: Sequence[Job]
    chosen: Collection[int]
    minutes: int
    windows: Sequence[Proposal]
    customer: Customer | None
    cars: Sequence[Vehicle]


def helping(
    session: WorkSession,
    *,
    job_ids: Collection[int] = (),
    minutes: int | None = None,
    around: datetime | None = None,
    bay_id: int | None = None,
    customer_id: int | None = None,
    adviser_id: int | None = None,
) -> Help:
    """What can be proposed for what was filled in so far.

    :param minutes: the duration that was typed; works that are chosen say it otherwise.
    :param adviser_id: who will receive the car, and so has to be free when it comes.
    :param around: the wished time; the windows are the next ones from it on, and never from before now.
    """
    jobs = list(session.scalars(select(Job).where(Job.active).order_by(Job.position, Job.id)))
    chosen = [job for job in jobs if job.id in set(job_ids)]
    lasts = minutes_of(chosen) or minutes or bookings.USUAL
    customer = get_record(session, Customer, customer_id) if customer_id is not None else None
    return Help(
        jobs=jobs,
        chosen={job.id for job in chosen},
        minutes=lasts,
        windows=_windows(session, lasts, around, bay_id, kind_of(chosen), adviser_id),
        customer=customer,
        cars=_cars(session, customer) if customer is not None else (),
    )


def kind_of(jobs: Collection[Job]) -> str:
    """The kind of bay works need; none where they need different ones or any will do."""
    kinds = {job.bay_kind for job in jobs if job.bay_kind}
    return kinds.pop() if len(kinds) == 1 else ""


def _windows(
    session: WorkSession,
    minutes: int,
    around: datetime | None,
    bay_id: int | None,
    bay_kind: str,
    adviser_id: int | None,
) -> list[Proposal]:
    if not bookings.SHORTEST <= minutes <= bookings.LONGEST:
        return []
    bay = session.get(Bay, bay_id) if bay_id is not None else None
    try:
        department_id, _ = place_of(session, bay.department_id if bay is not None else None)
    except Invalid:
        return []
    since = around or session.now()
    if since > session.now() + bookings.FARTHEST:
        return []
    duration = timedelta(minutes=minutes)
    found = slots.nearest(session, department_id, duration, since, bay_kind=bay_kind, adviser_id=adviser_id)
    bays = {window.bay_id: session.get_one(Bay, window.bay_id) for window in found}
    people, titles = names_of(session, [each.mechanic_id for each in bays.values()]), bay_titles(session, bays)
    zone = session.access.zone
    return [
        Proposal(
            bays[window.bay_id],
            titles[window.bay_id],
            people.get(bays[window.bay_id].mechanic_id or 0, ""),
            window.starts_at.astimezone(zone),
        )
        for window in found
    ]


def _cars(session: WorkSession, customer: Customer) -> list[Vehicle]:
    return list(session.scalars(select(Vehicle).where(Vehicle.customer_id == customer.id).order_by(Vehicle.id)))
