"""Invitations to maintenance: the day by months and mileage, the task to call, the opt-out (S1-71)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from addons.contacts.models import Consent, Customer, OdometerReading, Vehicle
from addons.service.models import LabourRate, MaintenancePlan, MaintenanceRule
from addons.service.services import bookings, maintenance
from addons.service.services.maintenance import Known, forecast
from core.db.engine import WorkSession
from core.web.app import Application
from core.work.task_models import Task
from tests.service.conftest import book, client
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

BEGIN = datetime(2026, 1, 10, 12, tzinfo=UTC)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_months_count_from_the_last_maintenance() -> None:
    assert forecast(Known(serviced_at=BEGIN, serviced_km=30_000), 12, 15_000) == date(2027, 1, 10)


def test_who_drives_much_is_due_sooner() -> None:
    """100 km a day: 15,000 km after the maintenance at 30,000, of which 5,000 are driven."""
    known = Known(BEGIN, 25_000, BEGIN + timedelta(days=100), 35_000, BEGIN + timedelta(days=50), 30_000)
    assert forecast(known, 12, 15_000) == (BEGIN + timedelta(days=200)).date()


def test_of_a_car_that_nobody_has_seen_nothing_is_known() -> None:
    assert forecast(Known(), 12, 15_000) is None


@given(
    moments, moments, st.integers(0, 300_000), st.integers(0, 300_000), st.integers(1, 60), st.integers(1000, 60_000)
)
def test_a_day_is_never_later_than_the_months_say(
    first: datetime, last: datetime, first_km: int, last_km: int, months: int, kilometres: int
) -> None:
    due = forecast(Known(first, first_km, last, last_km), months, kilometres)
    assert due is not None
    assert due <= first.date() + timedelta(days=round(months * 30.44))


def read_long_ago(session: WorkSession, vehicle_id: int) -> None:
    session.add(OdometerReading(vehicle_id=vehicle_id, at=session.now() - timedelta(days=360), kilometres=10_000))


def calls(session: WorkSession) -> list[str]:
    return list(session.scalars(select(Task.state).where(Task.kind == maintenance.KIND)))


def test_who_is_due_soon_is_called_once_and_no_more_when_he_has_booked(dealership: Dealership) -> None:
    with dealership.session() as session:
        customer_id, vehicle_id = client(session)
        read_long_ago(session, vehicle_id)
    for _ in range(2):
        with dealership.session() as session:
            maintenance.sweep(session)
            assert calls(session) == ["open"]
    book(dealership, customer_id=customer_id, vehicle_id=vehicle_id)
    with dealership.session() as session:
        assert calls(session) == ["done"]
        maintenance.sweep(session)
        assert calls(session) == ["done"]


def test_a_car_that_is_expected_anyway_is_not_asked_about(dealership: Dealership) -> None:
    with dealership.session() as session:
        customer_id, vehicle_id = client(session)
        read_long_ago(session, vehicle_id)
    book(dealership, customer_id=customer_id, vehicle_id=vehicle_id)
    with dealership.session() as session:
        maintenance.sweep(session)
        assert calls(session) == []
        assert session.get_one(MaintenancePlan, vehicle_id).due_on is not None


def test_who_cancels_his_booking_is_invited_again(dealership: Dealership) -> None:
    with dealership.session() as session:
        customer_id, vehicle_id = client(session)
        read_long_ago(session, vehicle_id)
        maintenance.sweep(session)
    number = book(dealership, customer_id=customer_id, vehicle_id=vehicle_id)
    with dealership.session() as session:
        bookings.move(session, number, "cancelled", "Передумал")
        session.clock = lambda: datetime.now(UTC) + timedelta(days=1)
        maintenance.sweep(session)
        assert sorted(calls(session)) == ["done", "open"]


def test_a_day_that_moves_a_little_is_not_asked_for_again(dealership: Dealership) -> None:
    with dealership.session() as session:
        _, vehicle_id = client(session)
        read_long_ago(session, vehicle_id)
        maintenance.sweep(session)
        plan = session.get_one(MaintenancePlan, vehicle_id)
        assert plan.due_on is not None
        plan.invited_for = plan.due_on - timedelta(days=9)
        session.clock = lambda: datetime.now(UTC) + timedelta(days=1)
        maintenance.sweep(session)
        assert calls(session) == ["open"]
        plan.invited_for = plan.due_on - timedelta(days=300)
        maintenance.sweep(session)
        assert calls(session) == ["open", "open"]


@pytest.mark.parametrize("purpose", ["marketing", "processing"])
def test_who_has_withdrawn_a_consent_is_not_called(dealership: Dealership, purpose: str) -> None:
    """SEC-68; and again when he has given it anew."""
    with dealership.session() as session:
        customer_id, vehicle_id = client(session)
        read_long_ago(session, vehicle_id)
        now = session.now()
        given = {"customer_id": customer_id, "purpose": purpose, "channel": "paper"}
        session.add(Consent(**given, given_at=now - timedelta(days=9), withdrawn_at=now - timedelta(days=1)))
        session.flush()
        maintenance.sweep(session)
        assert calls(session) == []
        session.add(Consent(**given, given_at=now - timedelta(hours=1)))
        session.flush()
        maintenance.sweep(session)
        assert calls(session) == ["open"]


def test_who_cannot_be_called_is_nobodys_task(dealership: Dealership) -> None:
    """As a client whose data were erased."""
    with dealership.session() as session:
        customer_id, vehicle_id = client(session)
        read_long_ago(session, vehicle_id)
        session.get_one(Customer, customer_id).main_phone = ""
        session.flush()
        maintenance.sweep(session)
        assert calls(session) == []


def test_who_does_not_want_it_is_left_in_peace(dealership: Dealership, adviser: Visitor) -> None:
    with dealership.session() as session:
        _, vehicle_id = client(session)
        read_long_ago(session, vehicle_id)
        version = session.get_one(Vehicle, vehicle_id).version
    page = f"/vehicles/{vehicle_id}"
    sent = {"version": str(version), "section.maintenance": "1", "plate": "А123ВС77"}
    assert adviser.post(f"{page}/edit", sent).status_code == 303
    with dealership.session() as session:
        maintenance.sweep(session)
        assert calls(session) == []
    assert "Следующее ТО" in adviser.get("/vehicles").text


def test_what_is_for_everybody_is_said_once(dealership: Dealership, app: Application) -> None:
    """A fresh instance has one rate and one interval for everybody; of two the price of an hour would be chance."""
    admin = Visitor(app, "admin")
    rate, rule = {"hourly": "3000", "pay_type": ""}, {"months": "6", "kilometres": "9000", "active": "y"}
    assert admin.post("/service/rates/new", rate).status_code == 422
    assert admin.post("/service/maintenance/new", rule).status_code == 422
    assert admin.post("/service/rates/new", rate | {"pay_type": "warranty"}).status_code == 303
    with dealership.session() as session:
        usual = session.scalars(select(LabourRate).where(LabourRate.pay_type == "")).one()
        assert len(session.scalars(select(MaintenanceRule)).all()) == 1
    changed = {"version": str(usual.version), "hourly": "2600", "pay_type": ""}
    page = f"/service/rates/{usual.id}/edit"
    assert admin.post(page, changed | {"pay_type": "warranty"}).status_code == 422
    assert admin.post(page, changed).status_code == 303
