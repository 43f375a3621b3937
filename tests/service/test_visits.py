"""Car visits: received, worked on, handed over (S0-38..42, S1-71)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from addons.contacts.models import OdometerReading, Vehicle
from addons.contacts.services.customers import CustomerData, create_customer
from addons.contacts.services.records import create_vehicle
from addons.contacts.services.vehicles import HIGHEST_MILEAGE
from addons.service.models import Booking, CarVisit, RepairOrder
from addons.service.services import bookings, concerns, order_lines, order_money, orders, visit_form, visits
from addons.service.services.order_lines import NewLine
from addons.service.services.visits import NewVisit
from addons.service.services.vocabulary import HAND_OVER
from core.errors import Conflict, Invalid
from core.web.app import Application
from tests.service.conftest import bays, begins, book, client, held, receive, tick, tomorrow, workshop
from tests.service.test_answers import come_in
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor


def test_a_car_is_received_with_its_first_order_and_its_mileage(dealership: Dealership) -> None:
    number = receive(dealership)
    with dealership.session() as session:
        visit = session.get_one(CarVisit, number)
        [order] = visits.orders_of(session, visit)
        assert (order.state, order.pay_type, order.mileage) == ("draft", "customer", 45_000)
        assert [each.concern for each in concerns.concerns_of(session, order)] == ["Стук в подвеске"]
        assert session.get_one(Vehicle, visit.vehicle_id).mileage == 45_000
        assert session.scalars(select(OdometerReading.kilometres)).all() == [45_000]


def test_mileage_is_asked_and_a_lower_one_is_looked_at(dealership: Dealership) -> None:
    with dealership.session() as session:
        customer_id, vehicle_id = client(session, mileage=50_000)
        vehicle = session.get_one(Vehicle, vehicle_id)
        lower = NewVisit(customer_id=customer_id, vehicle_id=vehicle_id, mileage=45_000)
        assert [doubt.key for doubt in visits.doubts(session, vehicle, lower)] == ["mileage.45000"]
    for mileage in (None, -1, HIGHEST_MILEAGE + 1):
        with dealership.session() as session, pytest.raises(Invalid) as refused:
            visits.open_visit(session, NewVisit(customer_id=customer_id, vehicle_id=vehicle_id, mileage=mileage))
        assert list(refused.value.errors) == ["mileage"]


def test_a_car_is_here_once(dealership: Dealership) -> None:
    number = receive(dealership)
    with dealership.session() as session:
        visit = session.get_one(CarVisit, number)
        again = NewVisit(customer_id=visit.customer_id, vehicle_id=visit.vehicle_id, mileage=45_001)
    with dealership.session() as session, pytest.raises(Conflict) as refused:
        visits.open_visit(session, again)
    assert refused.value.values == {"number": visit.number}


def test_the_booking_follows_the_car(dealership: Dealership) -> None:
    """S0-38: checked in, in progress with the first order in work, completed at the hand-over."""
    with dealership.session() as session:
        customer_id, vehicle_id = client(session)
        place = workshop(session).id
    booked = book(dealership, customer_id=customer_id, vehicle_id=vehicle_id)
    with dealership.session() as session:
        assert visits.expected(session, customer_id, vehicle_id) is session.get_one(Booking, booked)
        new = NewVisit(
            customer_id=customer_id, vehicle_id=vehicle_id, mileage=1, booking_id=booked, department_id=place
        )
        number = visits.open_visit(session, new).id
        assert session.get_one(Booking, booked).state == "checked_in"
        [order] = visits.orders_of(session, session.get_one(CarVisit, number))
        line = order_lines.add_line(session, order.id, NewLine(title="Осмотр", quantity=1000, price=1_000_00))
        order_money.approve(session, order.id, "Иванов", "phone")
        orders.move(session, order.id, "in_work")
        assert session.get_one(Booking, booked).state == "in_progress"
        tick(dealership, session, order.id, line.id)
        orders.move(session, order.id, "done")
        visits.move(session, number, "ready")
    with dealership.session() as session, pytest.raises(Conflict):
        visits.hand_over(session, number, HAND_OVER)
    with dealership.session() as session:
        order_money.pay(session, order.id, 1_000_00, "card")
        orders.move(session, order.id, "closed")
    with dealership.session() as session, pytest.raises(Invalid) as refused:
        visits.hand_over(session, number, ["works_shown"])
    assert list(refused.value.errors) == ["checked"]
    with dealership.session() as session:
        visits.hand_over(session, number, HAND_OVER)
        visits.hand_over(session, number, HAND_OVER)
        assert session.get_one(CarVisit, number).state == "handed_over"
        assert session.get_one(Booking, booked).state == "completed"
        assert session.scalars(select(RepairOrder.state)).all() == ["closed"]


def test_a_visit_by_mistake_is_cancelled_and_its_booking_waits_again(dealership: Dealership) -> None:
    with dealership.session() as session:
        customer_id, vehicle_id = client(session)
    booked = book(dealership, customer_id=customer_id, vehicle_id=vehicle_id)
    with dealership.session() as session:
        new = NewVisit(customer_id=customer_id, vehicle_id=vehicle_id, mileage=1, booking_id=booked)
        number = visits.open_visit(session, new).id
        [order] = visits.orders_of(session, session.get_one(CarVisit, number))
    with dealership.session() as session, pytest.raises(Conflict):
        visits.move(session, number, "cancelled", "Ошибка")
    with dealership.session() as session:
        orders.move(session, order.id, "cancelled", "Ошибка")
        visits.move(session, number, "cancelled", "Ошибка")
        assert session.get_one(Booking, booked).state == "scheduled"
        assert visits.open_visit(session, new)


def test_who_comes_after_all_has_his_time_unless_somebody_else_has_it(dealership: Dealership) -> None:
    """A booking stands in the plan only with quarters that are its own (S0-37)."""
    with dealership.session() as session:
        customer_id, vehicle_id = client(session)
        [bay, *_] = bays(session)
    late = book(
        dealership, customer_id=customer_id, vehicle_id=vehicle_id, starts_at=tomorrow(), bay_id=bay, adviser_id=None
    )
    new = NewVisit(customer_id=customer_id, vehicle_id=vehicle_id, mileage=1, booking_id=late)
    with dealership.session() as session:
        began = begins(session, late)
        bookings.move(session, late, "no_show")
        visit = visits.open_visit(session, new).id
        assert (session.get_one(Booking, late).starts_at, held(session, late)) == (began, 4)
        [order] = visits.orders_of(session, session.get_one(CarVisit, visit))
        orders.move(session, order.id, "cancelled", "Ошибка")
        visits.move(session, visit, "cancelled", "Ошибка")
        assert (session.get_one(Booking, late).starts_at, held(session, late)) == (began, 4)
        bookings.move(session, late, "no_show")
    other = book(dealership, starts_at=began, bay_id=bay, adviser_id=None)
    with dealership.session() as session:
        visits.open_visit(session, new)
        assert (session.get_one(Booking, late).starts_at, held(session, late)) == (None, 0)
        assert held(session, other) == 4


def test_a_booking_of_another_car_or_of_another_day_waits_on(dealership: Dealership) -> None:
    with dealership.session() as session:
        customer_id, vehicle_id = client(session)
        other = create_vehicle(session, {"title": "Lada", "plate": "О777ОО77", "customer_id": customer_id}).id
        [bay, *_] = bays(session)
    known = {"customer_id": customer_id, "bay_id": bay, "minutes": 15}
    book(dealership, vehicle_id=vehicle_id, starts_at=tomorrow() + timedelta(days=20), **known)
    with dealership.session() as session:
        assert visits.expected(session, customer_id, vehicle_id) is None
        soon = session.now() + timedelta(hours=3)
    booked = book(dealership, vehicle_id=vehicle_id, starts_at=soon, **known)
    unnamed = book(dealership, customer_id=customer_id)
    with dealership.session() as session:
        found = [visits.expected(session, customer_id, car) for car in (vehicle_id, other, None)]
        assert [each.id if each else None for each in found] == [booked, unnamed, booked]


def test_the_form_of_a_contact_answers_the_booking_of_the_car_that_was_chosen(
    dealership: Dealership, app: Application
) -> None:
    with dealership.session() as session:
        customer_id, vehicle_id = client(session)
        other = create_vehicle(session, {"title": "Lada", "plate": "О777ОО77", "customer_id": customer_id}).id
    booked = book(dealership, customer_id=customer_id, vehicle_id=vehicle_id)
    contact = come_in(app, dealership, customer_id=customer_id, vehicle_id=vehicle_id)
    with dealership.session() as session:
        made = visit_form.create_from_contact(
            session, contact, {"customer_id": customer_id, "vehicle_id": other, "mileage": 5}
        )
        assert made.booking_id is None
        assert session.get_one(Booking, booked).state == "scheduled"


def test_a_booking_of_another_client_is_not_answered(dealership: Dealership) -> None:
    with dealership.session() as session:
        customer_id, vehicle_id = client(session)
        stranger = create_customer(session, CustomerData(last_name="Орлов", first_name="Олег")).id
    booked = book(dealership, customer_id=stranger)
    new = NewVisit(customer_id=customer_id, vehicle_id=vehicle_id, mileage=1, booking_id=booked)
    with dealership.session() as session, pytest.raises(Conflict) as refused:
        visits.open_visit(session, new)
    assert "another client" in refused.value.message


def test_a_misread_mileage_can_be_put_right(dealership: Dealership, adviser: Visitor) -> None:
    number = receive(dealership, mileage=450_000)
    with dealership.session() as session:
        version = session.get_one(CarVisit, number).version
    assert (
        adviser.post(f"/service/visits/{number}/edit", {"version": str(version), "mileage": "45000"}).status_code == 303
    )
    with dealership.session() as session:
        visit = session.get_one(CarVisit, number)
        [order] = visits.orders_of(session, visit)
        car = session.get_one(Vehicle, visit.vehicle_id)
        assert (visit.mileage, order.mileage, car.mileage) == (45_000, 45_000, 45_000)
        assert session.scalars(select(OdometerReading.kilometres)).all() == [45_000]


def test_a_cancelled_visit_has_read_no_odometer(dealership: Dealership) -> None:
    with dealership.session() as session:
        customer_id, vehicle_id = client(session, mileage=40_000)
        new = NewVisit(customer_id=customer_id, vehicle_id=vehicle_id, mileage=450_000)
        number = visits.open_visit(session, new).id
        [order] = visits.orders_of(session, session.get_one(CarVisit, number))
        orders.move(session, order.id, "cancelled", "Ошибка")
        visits.move(session, number, "cancelled", "Ошибка")
    with dealership.session() as session:
        assert session.get_one(Vehicle, vehicle_id).mileage == 40_000
        assert session.scalars(select(OdometerReading.kilometres)).all() == [40_000]


def test_the_workshop_at_a_glance(dealership: Dealership, adviser: Visitor) -> None:
    """What is in work, ready, promised for today, overdue; whatever the list shows."""
    number = receive(dealership)
    with dealership.session() as session:
        visit = session.get_one(CarVisit, number)
        visit.promised_at = session.now() - timedelta(minutes=1)
    told = adviser.get("/service/visits?state=cancelled").text
    assert re.findall(r'<b class="num[ \w-]*">(\d)</b>', told) == ["1", "0", "0", "1"]
