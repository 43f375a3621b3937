"""The dealership with its workshop, asked without a browser."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from addons.contacts.models import Customer, Vehicle
from addons.contacts.services.customers import CustomerData, create_customer
from addons.contacts.services.records import create_vehicle
from addons.service.models import Bay, Booking, Employee, Hold, OrderLine
from addons.service.services.bookings import NewBooking, create_booking
from addons.service.services.order_lines import mark_done
from addons.service.services.visits import NewVisit, open_visit
from core.access.models import Department
from core.db.engine import WorkSession
from core.web.app import Application
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

MECHANICS = ("petukhov", "kravtsov")


@pytest.fixture(autouse=True)
def _mechanics(request: pytest.FixtureRequest) -> None:
    """Colleagues who repair cars, in every dealership of these tests."""
    if "dealership" not in request.fixturenames:
        return
    dealership: Dealership = request.getfixturevalue("dealership")
    with dealership.session() as session:
        place = workshop(session).id
        session.add_all(
            Employee(user_id=dealership.people[login], department_id=place, mechanic=True) for login in MECHANICS
        )


@pytest.fixture
def adviser(app: Application) -> Visitor:
    """Who receives the cars."""
    return Visitor(app, "volkov")


def workshop(session: WorkSession) -> Department:
    """The department that repairs cars, the first one of several."""
    return session.scalars(
        select(Department).where(Department.kind == "workshop").order_by(Department.id).limit(1)
    ).one()


def bays(session: WorkSession) -> list[int]:
    """Its bays, in their order."""
    return list(session.scalars(select(Bay.id).order_by(Bay.position, Bay.id)))


def held(session: WorkSession, booking_id: int) -> int:
    """How many quarters a booking has taken."""
    return session.scalar(select(func.count(Hold.id)).where(Hold.booking_id == booking_id)) or 0


def client(session: WorkSession, **more: Any) -> tuple[int, int]:
    """A client and his car."""
    customer = create_customer(session, CustomerData(last_name="Иванов", first_name="Виктор", phones=["+79031234567"]))
    vehicle = create_vehicle(session, {"title": "Kia Rio", "plate": "А123ВС77", "customer_id": customer.id, **more})
    assert isinstance(customer, Customer)
    assert isinstance(vehicle, Vehicle)
    return customer.id, vehicle.id


def tomorrow(hour: int = 10, minute: int = 0) -> datetime:
    """A time on the next day, in UTC."""
    return (datetime.now(UTC) + timedelta(days=1)).replace(hour=hour, minute=minute, second=0, microsecond=0)


def clock_change(zone: ZoneInfo, *, forward: bool) -> date:
    """The next day on which the clocks of a place are put forward, or back: 23 or 25 hours long."""
    today = datetime.now(zone).date()
    lengths = {day: _begins(day + timedelta(days=1), zone) - _begins(day, zone) for day in _year_from(today)}
    return next(day for day, length in lengths.items() if length == timedelta(hours=23 if forward else 25))


def _year_from(today: date) -> list[date]:
    return [today + timedelta(days=days) for days in range(1, 366)]


def _begins(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def book(dealership: Dealership, **more: Any) -> int:
    """A booking of volkov's."""
    with dealership.session() as session:
        values: dict[str, Any] = {
            "customer_text": "Иванов Виктор",
            "reason": "Стук в подвеске",
            "adviser_id": dealership.people["volkov"],
            "department_id": workshop(session).id,
        }
        return create_booking(session, NewBooking(**(values | more))).id


def receive(dealership: Dealership, **more: Any) -> int:
    """A visit of a client's car."""
    with dealership.session() as session:
        customer_id, vehicle_id = client(session)
        values: dict[str, Any] = {
            "customer_id": customer_id,
            "vehicle_id": vehicle_id,
            "mileage": 45_000,
            "reason": "Стук в подвеске",
            "adviser_id": dealership.people["volkov"],
            "department_id": workshop(session).id,
        }
        return open_visit(session, NewVisit(**(values | more))).id


def tick(dealership: Dealership, session: WorkSession, order_id: int, line_id: int) -> None:
    """A mechanic has done what a line says."""
    session.get_one(OrderLine, line_id).mechanic_id = dealership.people["petukhov"]
    mark_done(session, order_id, line_id)


def begins(session: WorkSession, booking_id: int) -> datetime:
    """It is time: the client was to come at the last full hour."""
    booking = session.get_one(Booking, booking_id)
    booking.starts_at = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    booking.ends_at = booking.starts_at + timedelta(hours=1)
    session.flush()
    return booking.starts_at
