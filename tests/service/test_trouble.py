"""Bad input: each has an answer in words at its field, and nothing is half done."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from addons.service.models import Booking, CarVisit, OrderLine, Recommendation, RepairOrder
from addons.service.services import order_lines, order_money, orders, visits
from addons.service.services.order_lines import NewLine
from core.web.app import Application
from tests.service.conftest import bays, book, client, receive, tick, tomorrow
from tests.service.test_roster import round_the_clock
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

PART = {"kind": "part", "title": "Фильтр", "quantity": "1", "price": "100"}
TOO_LONG, NOT_OF_THE_LIST, NO_NUMBER = "Слишком длинно", "Выберите значение из списка", "Это не число"


@pytest.fixture
def order(dealership: Dealership) -> int:
    """A fresh repair order."""
    number = receive(dealership)
    with dealership.session() as session:
        return visits.orders_of(session, session.get_one(CarVisit, number))[0].id


def told(page: str, name: str) -> str:
    """What the form of a step says at a field."""
    found = re.search(rf'id="[\w-]*{name}-error">(.*?)</div>', page, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", found[1]).strip() if found else ""


@pytest.mark.parametrize(
    ("step", "sent", "field", "words"),
    [
        ("line", PART | {"quantity": "-1"}, "quantity", "Больше нуля"),
        ("line", PART | {"quantity": "1001"}, "quantity", "не больше 1"),
        ("line", PART | {"quantity": "NaN"}, "quantity", NO_NUMBER),
        ("line", PART | {"price": "-1"}, "price", "не меньше нуля"),
        ("line", PART | {"price": "1e999"}, "price", "Это слишком много"),
        ("line", PART | {"discount": "100,01"}, "discount", "От 0 до 100"),
        ("line", PART | {"discount": "-5"}, "discount", "От 0 до 100"),
        ("line", PART | {"title": "Ф" * 201}, "title", TOO_LONG),
        ("line", PART | {"article": "Ф" * 61}, "article", TOO_LONG),
        ("line", PART | {"unit": "Ф" * 11}, "unit", TOO_LONG),
        ("line", PART | {"kind": "gift"}, "kind", NOT_OF_THE_LIST),
        ("line", PART | {"mechanic_id": "999999"}, "mechanic_id", NOT_OF_THE_LIST),
        ("line", PART | {"job_id": "999999"}, "job_id", NOT_OF_THE_LIST),
        ("line", PART | {"vat_rate_id": "9" * 30}, "vat_rate_id", NOT_OF_THE_LIST),
        ("line", PART | {"concern_id": "999999"}, "concern_id", NOT_OF_THE_LIST),
        ("discount", {"discount": "101"}, "discount", "От 0 до 100"),
        ("discount", {"discount": "10", "kinds": "gift"}, "kinds", NOT_OF_THE_LIST),
        ("pay", {"amount": "100", "method": "card"}, "amount", "больше"),
        ("pay", {"amount": "-100", "method": "card"}, "amount", "больше"),
        ("pay", {"amount": "1", "method": "gold"}, "method", NOT_OF_THE_LIST),
        ("approve", {"who": "", "how": "phone", "told": "0"}, "who", "кто согласовал"),
        ("approve", {"who": "И" * 161, "how": "phone", "told": "0"}, "who", TOO_LONG),
        ("concern", {"concern": "Ф" * 301}, "concern", TOO_LONG),
        ("recommend", {"text": "Ф" * 1001, "urgency": "later"}, "text", TOO_LONG),
        ("recommend", {"text": "Диски", "urgency": "later", "due_mileage": "3000000"}, "due_mileage", "2 999 999"),
        ("recommend", {"text": "Диски", "urgency": "later", "due_mileage": "-1"}, "due_mileage", "2 999 999"),
        ("recommend", {"text": "Диски", "urgency": "later", "due_mileage": "много"}, "due_mileage", NO_NUMBER),
        ("cancelled", {"words": ""}, "words", "почему"),
        ("cancelled", {"words": "Ф" * 301}, "words", TOO_LONG),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_makes_no_sense_in_an_order_is_refused_at_its_field(
    dealership: Dealership, app: Application, order: int, step: str, sent: dict[str, str], field: str, words: str
) -> None:
    answer = Visitor(app, "admin").post(f"/service/orders/{order}/{step}", sent)
    assert answer.status_code == 422
    assert words in told(answer.text, field)
    with dealership.session() as session:
        assert session.get_one(RepairOrder, order).state == "draft"
        assert [session.scalar(select(func.count(each.id))) for each in (OrderLine, Recommendation)] == [0, 0]


def test_what_cannot_be_done_now_is_said_on_the_form_with_what_was_typed(
    dealership: Dealership, adviser: Visitor, order: int
) -> None:
    said = {"who": "Жена клиента", "how": "phone", "note": "Вечером", "told": "0"}
    answer = adviser.post(f"/service/orders/{order}/approve", said)
    assert answer.status_code == 409
    assert "Сначала запишите работы" in answer.text
    assert 'value="Жена клиента"' in answer.text


def test_an_order_with_open_lines_or_a_balance_is_not_closed(
    dealership: Dealership, adviser: Visitor, order: int
) -> None:
    with dealership.session() as session:
        line = order_lines.add_line(session, order, NewLine(title="Колодки", quantity=1000, price=3_000_00)).id
        order_money.approve(session, order, "Иванов", "phone")
        orders.move(session, order, "in_work")
    undone = adviser.post(f"/service/orders/{order}/move", {"target": "done"})
    assert (undone.status_code, "Работ ещё не выполнено: 1" in undone.text) == (409, True)
    with dealership.session() as session:
        tick(dealership, session, order, line)
        orders.move(session, order, "done")
    unpaid = adviser.post(f"/service/orders/{order}/move", {"target": "closed"})
    assert (unpaid.status_code, "Не оплачено 3\xa0000 ₽" in unpaid.text) == (409, True)


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"starts_at": "2020-01-01T10:00"}, "starts_at", "прошло"),
        ({"starts_at": "2199-12-31T23:45"}, "starts_at", "на год вперёд"),
        ({"starts_at": "9999-12-31T23:59"}, "starts_at", ""),
        ({"starts_at": "скоро"}, "starts_at", ""),
        ({"minutes": "0"}, "minutes", ""),
        ({"minutes": "99999999999"}, "minutes", ""),
        ({"minutes": "1,5"}, "minutes", ""),
        ({"bay_id": "999999"}, "bay_id", ""),
        ({"bay_id": "9" * 30}, "bay_id", ""),
    ],
    ids=str,
)
def test_a_time_that_makes_no_sense_is_refused_at_its_field(
    dealership: Dealership, adviser: Visitor, sent: dict[str, str], field: str, words: str
) -> None:
    with dealership.session() as session:
        round_the_clock(session)
        bay = bays(session)[0]
    number = book(dealership)
    whole = {"starts_at": tomorrow().strftime("%Y-%m-%dT%H:%M"), "minutes": "60", "bay_id": str(bay)} | sent
    for path in (f"/service/bookings/{number}/time", "/service/bookings/new"):
        answer = adviser.post(path, whole | {"customer_text": "Олег", "reason": "Стук"})
        assert answer.status_code == 422, path
        assert told(answer.text, field), path
        assert words in told(answer.text, field), path
    with dealership.session() as session:
        assert session.scalars(select(Booking.starts_at)).all() == [None]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"mileage": "3000000"}, "mileage"),
        ({"mileage": "-1"}, "mileage"),
        ({"mileage": ""}, "mileage"),
        ({"promised_at": "2020-01-01T10:00"}, "promised_at"),
        ({"fuel": "водка"}, "fuel"),
        ({"vehicle_id": "999999"}, "vehicle_id"),
        ({"keys_taken": "10"}, "keys_taken"),
    ],
    ids=str,
)
def test_a_visit_that_makes_no_sense_is_refused_at_its_field(
    dealership: Dealership, adviser: Visitor, sent: dict[str, str], field: str
) -> None:
    with dealership.session() as session:
        customer_id, vehicle_id = client(session)
    whole: dict[str, Any] = {
        "customer_id": customer_id,
        "vehicle_id": vehicle_id,
        "mileage": "45000",
        "keys_taken": "1",
    }
    answer = adviser.post("/service/visits/new", whole | sent)
    assert (answer.status_code, bool(told(answer.text, field))) == (422, True)
    with dealership.session() as session:
        assert session.scalars(select(CarVisit.id)).all() == []


@pytest.mark.parametrize("kind", ["bookings", "visits"])
def test_the_car_of_another_client_is_asked_about(dealership: Dealership, adviser: Visitor, kind: str) -> None:
    with dealership.session() as session:
        owner, vehicle_id = client(session)
    with dealership.session() as session:
        customer_id, _ = client(session, plate="В777ВВ77")
    assert owner != customer_id
    whole = {
        "customer_id": customer_id,
        "vehicle_id": vehicle_id,
        "mileage": "45000",
        "minutes": "60",
        "keys_taken": "1",
    }
    answer = adviser.post(f"/service/{kind}/new", whole)
    assert answer.status_code == 409
    assert "Автомобиль другого клиента" in answer.text
    keys = re.findall(r'name="confirmed" value="([^"]+)"', answer.text)
    assert adviser.post(f"/service/{kind}/new", whole | {"confirmed": keys}).status_code == 303
