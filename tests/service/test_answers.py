"""What service answers to others: portrait, contact, car, registry of traffic, search, programs."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from addons.contacts.models import ContactGoal, Customer, InboundContact
from addons.contacts.services.customers import CustomerData, create_customer
from addons.service.models import CarVisit, RepairOrder
from addons.service.services import order_lines, orders, recommendations, visits
from addons.service.services.order_lines import NewLine
from addons.service.services.vocabulary import HAND_OVER
from core.errors import Confirmation
from core.web.app import Application
from tests.api.program import Program
from tests.service.conftest import bays, book, client, receive, tick, tomorrow
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor


@pytest.fixture
def admin(app: Application) -> Visitor:
    """Who may see everything."""
    return Visitor(app, "admin")


@pytest.fixture
def robot(app: Application, dealership: Dealership) -> Program:
    """A program of the adviser's."""
    return Program(app, dealership, "volkov")


def come_in(app: Application, dealership: Dealership, **links: Any) -> int:
    """A contact about a repair, with what became of it."""
    with dealership.session() as session:
        repair = select(ContactGoal.id).where(ContactGoal.category == "repair", ContactGoal.channel == "phone")
        goal = session.scalars(repair.limit(1)).one()
    number: int = Program(app, dealership, "admin").register(goal_id=goal)["id"]
    with dealership.session() as session:
        contact = session.get_one(InboundContact, number)
        for name, value in links.items():
            setattr(contact, name, value)
    return number


def test_who_may_not_open_an_order_reads_of_it_on_the_clients_card(app: Application, dealership: Dealership) -> None:
    """The journal of documents reaches further than the documents themselves."""
    visit = receive(dealership)
    with dealership.session() as session:
        found = session.get_one(CarVisit, visit)
        [order] = visits.orders_of(session, found)
        customer, number = found.customer_id, order.number
        session.get_one(Customer, customer).branch_id = found.branch_id
    page = Visitor(app, "lebedeva").get(f"/clients/{customer}").text
    assert number in page
    assert f"/service/orders/{order.id}" not in page


def test_a_contact_shows_the_order_of_the_visit_it_led_to(
    app: Application, dealership: Dealership, admin: Visitor
) -> None:
    """S0-39, S1-57: number and link of the order, and the three blocks of the portrait."""
    visit = receive(dealership)
    with dealership.session() as session:
        found = session.get_one(CarVisit, visit)
        [order] = visits.orders_of(session, found)
        recommendations.recommend(session, order.id, "Заменить диски")
        customer, number = found.customer_id, order.number
    contact = come_in(app, dealership, document_id=visit, customer_id=customer)
    page = admin.get(f"/contact/{contact}").text
    assert page.count(f'href="/service/orders/{order.id}">{number}') == 2, "beside the outcome and in the portrait"
    for words in ("Текущие заявки на ремонт", "Заменить диски", "В сервисе: 1"):
        assert words in page


def test_the_flags_of_the_registry_and_the_conversion(app: Application, dealership: Dealership, admin: Visitor) -> None:
    """S2-41…43: a booking whose car has come counts as both."""
    visit = receive(dealership)
    booked, waiting = book(dealership), book(dealership)
    with dealership.session() as session:
        session.get_one(CarVisit, visit).booking_id = booked
    come_in(app, dealership, document_id=booked, client_text="Пришедший")
    come_in(app, dealership, document_id=waiting, client_text="Записанный")
    come_in(app, dealership, client_text="Спросивший")

    def shown(query: str) -> set[str]:
        page = admin.get(f"/traffic?{query}").text
        return {name for name in ("Пришедший", "Записанный", "Спросивший") if name in page}

    assert shown("booked=yes") == {"Пришедший", "Записанный"}
    assert shown("visited=yes") == {"Пришедший"}
    assert shown("booked=no") == {"Спросивший"}
    page = admin.get("/traffic?q=").text
    assert ">3</b> · записей: " in page
    assert "33 %" in page


def test_a_contact_of_a_repair_order_has_led_to_a_visit_unless_that_was_cancelled(
    app: Application, dealership: Dealership, admin: Visitor
) -> None:
    visit = receive(dealership)
    with dealership.session() as session:
        [order] = visits.orders_of(session, session.get_one(CarVisit, visit))
    contact = come_in(app, dealership, document_id=order.id, client_text="Пришедший")
    assert "Пришедший" in admin.get("/traffic?visited=yes").text
    assert f'href="/service/orders/{order.id}">{order.number}' in admin.get(f"/contact/{contact}").text
    with dealership.session() as session:
        orders.move(session, order.id, "cancelled", "Ошибка")
        visits.move(session, visit, "cancelled", "Ошибка")
    assert "Пришедший" not in admin.get("/traffic?visited=yes").text


def test_reception_sees_what_became_of_its_contacts(app: Application, dealership: Dealership) -> None:
    come_in(app, dealership, document_id=book(dealership), client_text="Записанный")
    assert "Записанный" in Visitor(app, "lebedeva").get("/traffic?booked=yes").text


def test_the_cars_card_tells_its_history(dealership: Dealership, admin: Visitor) -> None:
    visit = receive(dealership)
    with dealership.session() as session:
        found = session.get_one(CarVisit, visit)
        [order] = visits.orders_of(session, found)
        recommendations.recommend(session, order.id, "Заменить диски")
        vehicle, number = found.vehicle_id, found.number
    page = admin.get(f"/clients/vehicles/{vehicle}")
    page = page if page.status_code == 200 else admin.get(f"/vehicles/{vehicle}")
    for words in (number, "Заменить диски", "Показания одометра"):
        assert words in page.text


@pytest.mark.parametrize("query", ["ЗН1-26-00001", "А123ВС77", "A123BC 77"])
def test_number_and_plate_find_an_order(dealership: Dealership, adviser: Visitor, query: str) -> None:
    visit = receive(dealership)
    with dealership.session() as session:
        [order] = visits.orders_of(session, session.get_one(CarVisit, visit))
        number = order.number
    sought = number if query.startswith("ЗН") else query
    assert f"/service/orders/{order.id}" in adviser.get("/search", query_string={"q": sought}).text


def test_a_program_takes_a_car_through_the_workshop(dealership: Dealership, robot: Program, app: Application) -> None:
    booked = book(dealership, starts_at=None)
    with dealership.session() as session:
        customer, vehicle = client(session)
        [bay, *_] = bays(session)
    path = f"/service/bookings/{booked}"
    time = {"starts_at": tomorrow(10).isoformat(), "bay_id": bay, "confirmed": []}
    answer = robot.post(f"{path}/time", time)
    if answer.status_code == 409:  # the workshop is closed on that day: the doubt is looked at
        answer = robot.post(f"{path}/time", time | {"confirmed": [each["key"] for each in answer.json["doubts"]]})
    assert (answer.status_code, answer.json["bay_id"]) == (200, bay)
    receiving = {"customer_id": customer, "vehicle_id": vehicle, "mileage": 45_000, "booking_id": booked}
    visit = robot.post("/service/visits/receive", receiving | {"confirmed": [f"day.{booked}"]})
    assert (visit.status_code, visit.json["state"]) == (201, "open")
    with dealership.session() as session:
        order = session.scalars(select(RepairOrder.id)).one()
    path = f"/service/orders/{order}"
    lined = robot.post(f"{path}/lines", {"title": "Осмотр", "quantity": 1_000, "price": 1_000_00})
    assert (lined.status_code, lined.json["total"]) == (200, 1_000_00)
    assert robot.post(f"{path}/approve", {"who": "Иванов", "how": "phone", "told": 1_000_00}).json["state"] == "agreed"
    assert robot.post(f"{path}/move", {"state": "in_work"}).json["state"] == "in_work"
    with dealership.session() as session:
        for line in order_lines.lines_of(session, session.get_one(RepairOrder, order)):
            tick(dealership, session, order, line.id)
    assert robot.post(f"{path}/move", {"state": "done"}).json["state"] == "done"
    assert robot.post(f"{path}/move", {"state": "closed"}).status_code == 409
    assert robot.post(f"{path}/pay", {"amount": 1_000_00, "method": "card"}).json["paid"] == 1_000_00
    assert robot.post(f"{path}/move", {"state": "closed"}).json["state"] == "closed"
    path = f"/service/visits/{visit.json['id']}"
    assert robot.post(f"{path}/move", {"state": "ready"}).json["state"] == "ready"
    assert robot.post(f"{path}/hand-over", {"checked": []}).status_code == 422
    assert robot.post(f"{path}/hand-over", {"checked": list(HAND_OVER)}).json["state"] == "handed_over"


def test_a_program_is_asked_what_a_person_is_asked(dealership: Dealership, robot: Program) -> None:
    """A mileage below the last one, and the car of another client (S1-71)."""
    with dealership.session() as session:
        _, vehicle = client(session, mileage=50_000)
        stranger = create_customer(session, CustomerData(last_name="Орлов", first_name="Олег")).id
    receiving = {"customer_id": stranger, "vehicle_id": vehicle, "mileage": 45_000}
    asked = robot.post("/service/visits/receive", receiving)
    keys = [each["key"] for each in asked.json["doubts"]]
    assert (asked.status_code, keys) == (409, ["mileage.45000", f"owner.{vehicle}"])
    assert robot.post("/service/visits/receive", receiving | {"confirmed": keys}).status_code == 201


def test_a_document_of_a_contact_is_asked_about_too(app: Application, dealership: Dealership) -> None:
    with dealership.session() as session:
        _, vehicle = client(session)
        stranger = create_customer(session, CustomerData(last_name="Орлов", first_name="Олег")).id
    contact = come_in(app, dealership, customer_id=stranger, vehicle_id=vehicle, mileage=45_000)
    with dealership.session() as session, pytest.raises(Confirmation):
        visits.create_from_contact(session, session.get_one(InboundContact, contact))


@pytest.mark.parametrize("at", ["2026-11-24T10:00:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"])
def test_a_moment_no_car_can_come_at_is_refused(dealership: Dealership, robot: Program, at: str) -> None:
    booked = book(dealership)
    with dealership.session() as session:
        customer, vehicle = client(session)
        [bay, *_] = bays(session)
    timed = robot.post(f"/service/bookings/{booked}/time", {"starts_at": at, "bay_id": bay})
    assert timed.status_code in (400, 422)
    receiving = {"customer_id": customer, "vehicle_id": vehicle, "mileage": 1, "promised_at": at}
    assert robot.post("/service/visits/receive", receiving).status_code in (400, 422)


def test_a_program_may_not_what_its_person_may_not(app: Application, dealership: Dealership, robot: Program) -> None:
    visit = receive(dealership)
    with dealership.session() as session:
        [order] = visits.orders_of(session, session.get_one(CarVisit, visit))
        order_lines.add_line(session, order.id, NewLine(title="Осмотр", quantity=1_000, price=1_000_00))
    path = f"/service/orders/{order.id}"
    assert robot.post(f"{path}/lines", {"title": "x", "quantity": 1, "discount": 100}).status_code == 422
    stranger = Program(app, dealership, "petukhov")
    assert stranger.post(f"{path}/pay", {"amount": 100, "method": "card"}).status_code in (403, 404)
