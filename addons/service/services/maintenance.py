"""Inviting clients to maintenance: when a car is due by months and mileage, whom to call about it (S1-71).

Every night a sweep works out the day for cars that were here or whose odometer was read, and asks the workshop to call where
the day is near. A client who does not want it is left in peace.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Any

from sqlalchemy import func, or_, select

from addons.contacts.models import Consent, Customer, Document, OdometerReading, Vehicle
from addons.contacts.services.consents import agrees
from addons.service.models import (
    Booking,
    CarVisit,
    Job,
    MaintenancePlan,
    MaintenanceRule,
    OrderLine,
    RepairOrder,
)
from addons.service.services.states import BOOKING, VISIT
from core import Column, Daily, Field, FormSection, Setting, T, WorkSession, settings, subject_of, tasks
from core import Job as BackgroundJob

KIND = "service.invite"
"""The kind of the task to invite a client to maintenance."""
VEHICLES = "contacts.vehicles"
DAYS_BEFORE = Setting(
    "service.invite_days",
    int,
    14,
    T("Invite to maintenance so many days before"),
    T("Service"),
    T("0: never."),
    minimum=0,
    maximum=180,
)
_DAYS_OF_MONTH = 30.44
_SHORTEST_WATCH = timedelta(days=30)
"""Readings that lie closer together say nothing of how much somebody drives."""
_AT_ONCE = 500
_MOVED = timedelta(days=30)
_OVERDUE = timedelta(days=365)
"""Who has stayed away for so long after the day is no longer invited."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a car: its first and its last odometer reading, and its last maintenance, in km."""

    first_at: datetime | None = None
    first_km: int = 0
    last_at: datetime | None = None
    last_km: int = 0
    serviced_at: datetime | None = None
    serviced_km: int | None = None


def forecast(known: Known, months: int, kilometres: int) -> date | None:
    """The day on which a car is due: so many months after its last maintenance, or sooner when it has driven so far.

    :returns: nothing for a car of which nothing is known. Without a maintenance here its first reading counts as one.
    """
    since = known.serviced_at or known.first_at
    if since is None:
        return None
    by_time = since.date() + timedelta(days=round(months * _DAYS_OF_MONTH))
    by_distance = _reaches(known, (known.first_km if known.serviced_km is None else known.serviced_km) + kilometres)
    return by_time if by_distance is None else min(by_time, by_distance)


def _reaches(known: Known, kilometres: int) -> date | None:
    """The day on which the odometer will show this, at the pace of the readings; nothing where they tell no pace."""
    if known.first_at is None or known.last_at is None or known.last_at - known.first_at < _SHORTEST_WATCH:
        return None
    a_day = (known.last_km - known.first_km) / (known.last_at - known.first_at).days
    if a_day <= 0:
        return None
    left = min((kilometres - known.last_km) / a_day, _OVERDUE.days * 10)
    return known.last_at.date() + timedelta(days=round(left))


# --- the sweep --------------------------------------------------------------------------------------


def jobs() -> list[BackgroundJob]:
    """Once a night."""
    return [BackgroundJob("service.maintenance", sweep, Daily(time(5, 10)), T("Invitations to maintenance"))]


def sweep(session: WorkSession) -> None:
    """Work out the days anew, and ask to call where one is near; what was asked for is not asked for again."""
    rules = _rules(session)
    if not rules:
        return
    numbers = _candidates(session)
    for start in range(0, len(numbers), _AT_ONCE):
        _plan(session, numbers[start : start + _AT_ONCE], rules)
        session.commit()
    days = settings.read(session, DAYS_BEFORE)
    if days:
        _invite(session, session.now().date(), timedelta(days=days))


def _rules(session: WorkSession) -> dict[tuple[int | None, int | None], MaintenanceRule]:
    found = session.scalars(select(MaintenanceRule).where(MaintenanceRule.active))
    return {(rule.make_id, rule.model_id): rule for rule in found}


def _candidates(session: WorkSession) -> Sequence[int]:
    """Cars with a client and something to go by: an odometer reading or a repair order."""
    known = or_(
        Vehicle.id.in_(select(OdometerReading.vehicle_id)),
        Vehicle.id.in_(select(RepairOrder.vehicle_id).where(RepairOrder.state == "closed")),
    )
    return session.scalars(select(Vehicle.id).where(Vehicle.customer_id.is_not(None), known).order_by(Vehicle.id)).all()


def _plan(
    session: WorkSession, numbers: Sequence[int], rules: Mapping[tuple[int | None, int | None], MaintenanceRule]
) -> None:
    plans = {plan.id: plan for plan in session.scalars(select(MaintenancePlan).where(MaintenancePlan.id.in_(numbers)))}
    for number, make_id, model_id, known in _known(session, numbers):
        rule = rules.get((make_id, model_id)) or rules.get((make_id, None)) or rules.get((None, None))
        due = forecast(known, rule.months, rule.kilometres) if rule is not None else None
        plan = plans.get(number)
        if plan is None and due is not None:
            session.add(MaintenancePlan(id=number, due_on=due))
        elif plan is not None and plan.due_on != due:
            plan.due_on = due


def _known(session: WorkSession, numbers: Sequence[int]) -> Iterator[tuple[int, int | None, int | None, Known]]:
    readings = {
        row.vehicle_id: row
        for row in session.execute(
            select(
                OdometerReading.vehicle_id,
                func.min(OdometerReading.at).label("first_at"),
                func.min(OdometerReading.kilometres).label("first_km"),
                func.max(OdometerReading.at).label("last_at"),
                func.max(OdometerReading.kilometres).label("last_km"),
            )
            .where(OdometerReading.vehicle_id.in_(numbers))
            .group_by(OdometerReading.vehicle_id)
        )
    }
    serviced = {
        row.vehicle_id: row
        for row in session.execute(
            select(
                RepairOrder.vehicle_id,
                func.max(Document.at).label("at"),
                func.max(RepairOrder.mileage).label("km"),
            )
            .join(Document, Document.id == RepairOrder.id)
            .where(RepairOrder.vehicle_id.in_(numbers), RepairOrder.state == "closed", _HAD_MAINTENANCE)
            .group_by(RepairOrder.vehicle_id)
        )
    }
    cars = session.execute(select(Vehicle.id, Vehicle.make_id, Vehicle.model_id).where(Vehicle.id.in_(numbers)))
    for number, make_id, model_id in cars:
        read, done = readings.get(number), serviced.get(number)
        seen = (read.first_at, read.first_km, read.last_at, read.last_km) if read is not None else (None, 0, None, 0)
        yield number, make_id, model_id, Known(*seen, *((done.at, done.km) if done is not None else (None, None)))


_HAD_MAINTENANCE = RepairOrder.id.in_(
    select(OrderLine.order_id).join(Job, Job.id == OrderLine.job_id).where(Job.maintenance)
)


def _invite(session: WorkSession, today: date, ahead: timedelta) -> None:
    """Ask the workshop that knows the car to call; nobody is asked about a car that is here or expected."""
    here = chain(
        session.scalars(select(CarVisit.vehicle_id).where(CarVisit.state.in_(VISIT.open))),
        session.scalars(select(Booking.vehicle_id).where(Booking.state.in_(BOOKING.open))),
    )
    busy = set(here)
    statement = (
        select(MaintenancePlan, Vehicle, Customer)
        .join(Vehicle, Vehicle.id == MaintenancePlan.id)
        .join(Customer, Customer.id == Vehicle.customer_id)
        .where(
            MaintenancePlan.invite,
            MaintenancePlan.due_on.between(today - _OVERDUE, today + ahead),
            or_(MaintenancePlan.invited_for.is_(None), MaintenancePlan.invited_for < MaintenancePlan.due_on),
            Customer.merged_into_id.is_(None),
            Customer.main_phone != "",
        )
        .order_by(MaintenancePlan.due_on, MaintenancePlan.id)
    )
    for plan, vehicle, customer in session.execute(statement).all():
        if vehicle.id in busy or _is_asked_for(plan) or _wants_no_calls(session, customer):
            continue
        plan.invited_for = plan.due_on
        tasks.create_task(session, _task(session, today, vehicle, customer))


def _is_asked_for(plan: MaintenancePlan) -> bool:
    """A day that a new odometer reading has only moved a little is that of the same maintenance."""
    if plan.due_on is None or plan.invited_for is None:
        return plan.due_on is None
    return plan.due_on - plan.invited_for < _MOVED


def _wants_no_calls(session: WorkSession, customer: Customer) -> bool:
    """Who has withdrawn a consent is left in peace (SEC-68); a client of the house is called without one."""
    statement = select(Consent.purpose).where(Consent.customer_id == customer.id, Consent.withdrawn_at <= session.now())
    return any(not agrees(session, customer.id, purpose) for purpose in session.scalars(statement.distinct()).all())


def _task(session: WorkSession, today: date, vehicle: Vehicle, customer: Customer) -> tasks.NewTask:
    visits = select(CarVisit.department_id, CarVisit.branch_id, CarVisit.adviser_id)
    last = session.execute(
        visits.where(CarVisit.vehicle_id == vehicle.id).order_by(CarVisit.id.desc()).limit(1)
    ).one_or_none()
    department_id, branch_id, adviser_id = last if last is not None else (None, customer.branch_id, None)
    return tasks.NewTask(
        title=T("Invite to maintenance: %(client)s, %(car)s"),
        title_values={"client": customer.name, "car": vehicle.title},
        due_at=session.now(),
        kind=KIND,
        subject=subject_of(vehicle),
        assignee_id=adviser_id,
        role=None if adviser_id is not None else "service_adviser",
        department_id=department_id,
        branch_id=branch_id,
        once_key=f"{KIND}/{vehicle.id}/{today.isoformat()}",
    )


def answered(session: WorkSession, vehicle_id: int | None) -> None:
    """The client has booked a time or has come: nobody has to call him any more."""
    vehicle = session.get(Vehicle, vehicle_id) if vehicle_id is not None else None
    if vehicle is not None:
        with session.unlimited("an invitation that was answered"):
            tasks.end_with_cause(session, subject_of(vehicle), KIND)


def unanswered(session: WorkSession, vehicle_id: int | None) -> None:
    """The client has booked and will not come: where maintenance is still due he is invited again."""
    plan = session.get(MaintenancePlan, vehicle_id) if vehicle_id is not None else None
    if plan is not None:
        plan.invited_for = None
        session.flush()


# --- what it adds to the cars of contacts -----------------------------------------------------------


def columns(screen_key: str) -> list[Column] | None:
    """The day on which a car is due, beside it in the list."""
    if screen_key != VEHICLES:
        return None
    label = T("Next maintenance")
    return [Column("maintenance", label=label, kind="day", fetch=_due_days, order=45, right="service.visit.read")]


def _due_days(session: WorkSession, ids: Sequence[int]) -> Mapping[int, date]:
    statement = select(MaintenancePlan.id, MaintenancePlan.due_on).where(MaintenancePlan.id.in_(ids))
    return {number: due for number, due in session.execute(statement) if due is not None}


def form_sections(screen_key: str) -> list[FormSection] | None:
    """Whether the client wants to be invited, in the form of his car."""
    if screen_key != VEHICLES:
        return None
    fields = (Field("invite", T("Invite to maintenance"), kind="bool", default=True),)
    right = "service.visit.create"
    return [FormSection("maintenance", T("Maintenance"), fields, _load, _save, right=right)]


def _load(session: WorkSession, vehicle: Vehicle | None) -> Mapping[str, Any]:
    plan = session.get(MaintenancePlan, vehicle.id) if vehicle is not None else None
    return {"invite": plan.invite if plan is not None else True}


def _save(session: WorkSession, vehicle: Vehicle, values: Mapping[str, Any]) -> None:
    wanted = bool(values.get("invite"))
    plan = session.get(MaintenancePlan, vehicle.id)
    if plan is None and wanted:
        return
    if plan is None:
        plan = MaintenancePlan(id=vehicle.id)
        session.add(plan)
    plan.invite = wanted
    if not wanted:
        answered(session, vehicle.id)
