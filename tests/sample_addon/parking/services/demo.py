"""Guests of the demonstration: who is here, who is expected, who has left; and a goal that gives out passes."""

from __future__ import annotations

from sqlalchemy import select

from addons.contacts.models import ContactGoal, Customer, Vehicle
from core import Department, WorkSession
from parking.models import Pass, Zone
from parking.services import passes, shipped
from parking.services.gate import AT_ONCE, GATE

GUESTS = 9


def fill(session: WorkSession) -> None:
    """Add guests to a filled demonstration; one that has some already is left as it is."""
    if session.scalar(select(Pass.id).limit(1)) is not None:
        return
    shipped.bring(session)
    _goals(session)
    zones = list(session.scalars(select(Zone.id).order_by(Zone.position)))
    for number, (vehicle, customer) in enumerate(_guests(session)):
        new = passes.NewPass(
            plate=vehicle.plate or "",
            car=vehicle.title,
            customer_id=customer.id,
            host_id=customer.responsible_id,
            zone_id=zones[number % len(zones)],
            branch_id=customer.branch_id,
            vehicle_id=vehicle.id,
            price=50_000 if number % 3 else None,
        )
        issued = passes.issue(session, new)
        if number % 3:
            passes.enter(session, issued.id)
        if number % 3 == 2:
            passes.leave(session, issued.id)


def _guests(session: WorkSession) -> list[tuple[Vehicle, Customer]]:
    cars = select(Vehicle, Customer).join(Customer, Customer.id == Vehicle.customer_id)
    rows = session.execute(cars.where(Vehicle.plate != "").order_by(Vehicle.id).limit(GUESTS))
    return [(vehicle, customer) for vehicle, customer in rows]


def _goals(session: WorkSession) -> None:
    for department in session.scalars(select(Department).where(Department.kind == "showroom")):
        goal = ContactGoal(
            channel=GATE.code,
            department_id=department.id,
            purpose_ru="Заезд на парковку",
            purpose_en="Entering the parking",
            route=AT_ONCE.code,
        )
        session.add(goal)
    session.flush()
