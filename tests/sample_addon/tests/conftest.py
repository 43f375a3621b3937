"""A goal at the gate, a client with a car, and the guard who lets him in."""

from __future__ import annotations

import pytest
from parking.services.gate import AT_ONCE, GATE
from sqlalchemy import select

from addons.contacts.models import ContactGoal, Customer, GoalSpecialist, Vehicle
from addons.contacts.services.customers import CustomerData, create_customer
from core import Department


@pytest.fixture
def goal(session, user) -> ContactGoal:
    """Who speaks into the intercom of the gate gets a pass at once; the tester handles it."""
    department = session.scalars(select(Department.id).order_by(Department.id)).first()
    goal = ContactGoal(
        channel=GATE.code,
        department_id=department,
        purpose_ru="Заезд",
        purpose_en="Coming in",
        category="other",
        route=AT_ONCE.code,
    )
    session.add(goal)
    session.flush()
    session.add(GoalSpecialist(goal_id=goal.id, user_id=user.id))
    session.commit()
    return goal


@pytest.fixture
def viktor(session) -> Customer:
    """A client."""
    return create_customer(session, CustomerData(last_name="Ivanov", first_name="Viktor", phones=["89031234567"]))


@pytest.fixture
def car(session, viktor) -> Vehicle:
    """His car."""
    car = Vehicle(customer_id=viktor.id, title="Kia Rio", plate="A123BC777")
    session.add(car)
    session.flush()
    return car
