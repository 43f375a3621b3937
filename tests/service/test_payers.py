"""Another payer of a draft: its works take his price of an hour, what a person has priced stays (S0-42)."""

from __future__ import annotations

import pytest

from addons.contacts.models import Document
from addons.service.models import CarVisit, LabourRate, RepairOrder
from addons.service.services import order_lines, order_money, order_prices, visits
from addons.service.services.order_lines import NewLine
from core.web.app import Application
from tests.api.program import Program
from tests.service.conftest import receive
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

USUAL, WARRANTY = 2_500_00, 1_800_00
LINES = (
    NewLine(title="Колодки", quantity=1_200),
    NewLine(title="Осмотр", quantity=1_000, price=USUAL),
    NewLine(title="Договорная", quantity=1_000, price=3_000_00),
    NewLine(kind="part", title="Комплект", quantity=1_000, price=USUAL),
)


@pytest.fixture
def order(dealership: Dealership) -> int:
    """A draft with two works by the price of an hour, one by a price of its own, and a part."""
    visit = receive(dealership)
    with dealership.session() as session:
        [found] = visits.orders_of(session, session.get_one(CarVisit, visit))
        for line in LINES:
            order_lines.add_line(session, found.id, line)
        return found.id


@pytest.fixture(autouse=True)
def _rates(dealership: Dealership) -> None:
    with dealership.session() as session:
        session.add(LabourRate(pay_type="warranty", hourly=WARRANTY))


def prices(dealership: Dealership, order: int) -> list[int]:
    with dealership.session() as session:
        found = session.get_one(RepairOrder, order)
        lines = order_lines.lines_of(session, found)
        assert found.total == session.get_one(Document, order).amount == sum(line.total for line in lines)
        return [line.price for line in lines]


def paid_by(visitor: Visitor, dealership: Dealership, order: int, pay_type: str) -> int:
    """What saving the form of the order with another payer answers."""
    with dealership.session() as session:
        version = session.get_one(RepairOrder, order).version
    sent = {"version": str(version), "pay_type": pay_type, "payer": ""}
    return visitor.post(f"/service/orders/{order}/edit", sent).status_code


def test_works_take_the_price_of_who_pays(dealership: Dealership, adviser: Visitor, order: int) -> None:
    """The adviser gives no discount by it: the price is that of the directory."""
    assert paid_by(adviser, dealership, order, "warranty") == 303
    assert prices(dealership, order) == [WARRANTY, WARRANTY, 3_000_00, USUAL]
    told = "Работы переоценены для другого плательщика: 2; нормо-час 2\xa0500 ₽ → 1\xa0800 ₽"
    assert told in adviser.get(f"/timeline/service_order/{order}").text
    assert paid_by(adviser, dealership, order, "customer") == 303
    assert prices(dealership, order) == [USUAL, USUAL, 3_000_00, USUAL]


def test_a_discount_stays(dealership: Dealership, adviser: Visitor, order: int) -> None:
    with dealership.session() as session:
        order_prices.give_discount(session, order, 1_000)
    assert paid_by(adviser, dealership, order, "warranty") == 303
    with dealership.session() as session:
        [first, *_] = order_lines.lines_of(session, session.get_one(RepairOrder, order))
        assert (first.discount, first.amount, first.total) == (1_000, 2_160_00, 1_944_00)


def test_a_payer_without_a_price_of_his_own_changes_none(dealership: Dealership, adviser: Visitor, order: int) -> None:
    assert paid_by(adviser, dealership, order, "insurance") == 303
    assert prices(dealership, order) == [USUAL, USUAL, 3_000_00, USUAL]
    assert "переоценены" not in adviser.get(f"/timeline/service_order/{order}").text


def test_what_the_client_has_agreed_to_keeps_its_price(dealership: Dealership, adviser: Visitor, order: int) -> None:
    with dealership.session() as session:
        order_money.approve(session, order, "Иванов", "in_person")
    assert paid_by(adviser, dealership, order, "warranty") == 303
    assert prices(dealership, order) == [USUAL, USUAL, 3_000_00, USUAL]


def test_a_program_prices_the_same_way(app: Application, dealership: Dealership, order: int) -> None:
    program, path = Program(app, dealership, "volkov"), f"/service/orders/{order}"
    sent = {"version": program.get(path).json["version"], "pay_type": "warranty"}
    assert program.patch(path, sent).status_code == 200
    assert prices(dealership, order) == [WARRANTY, WARRANTY, 3_000_00, USUAL]


@pytest.mark.parametrize("login", ["petukhov", "lebedeva"])
def test_who_may_not_change_an_order_prices_nothing(
    app: Application, dealership: Dealership, order: int, login: str
) -> None:
    assert paid_by(Visitor(app, login), dealership, order, "warranty") in (403, 404)
    with dealership.session() as session:
        version = session.get_one(RepairOrder, order).version
    sent = {"version": version, "pay_type": "warranty"}
    answer = Program(app, dealership, login).patch(f"/service/orders/{order}", sent)
    assert answer.status_code in (403, 404)
    assert prices(dealership, order) == [USUAL, USUAL, 3_000_00, USUAL]
