"""Repair orders: lines, approval, discounts, payments, archive (S0-42)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from addons.contacts.models import Document
from addons.service.models import Booking, CarVisit, Job, OrderLine, RepairOrder
from addons.service.services import order_lines, order_money, order_prices, orders, visits
from addons.service.services.order_lines import NewLine
from core.errors import Conflict, Invalid
from core.text.msgids import Kopecks
from tests.service.conftest import book, receive, tick
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

BRAKES = NewLine(title="Колодки", quantity=1_200, price=2_500_00)
PADS = NewLine(kind="part", title="Комплект колодок", quantity=1_000, price=4_800_00, article="GDB-3461")


@pytest.fixture
def order(dealership: Dealership) -> int:
    """The number of a fresh order."""
    number = receive(dealership)
    with dealership.session() as session:
        return visits.orders_of(session, session.get_one(CarVisit, number))[0].id


def test_a_job_brings_its_norm_and_the_price_of_an_hour(dealership: Dealership, order: int) -> None:
    with dealership.session() as session:
        job = session.scalars(select(Job).where(Job.title_en == "Brake pads, replace")).one()
        line = order_lines.add_line(session, order, NewLine(job_id=job.id))
        assert (line.title, line.quantity, line.unit, line.price) == (job.title_ru, 1_200, "н/ч", 2_500_00)
        assert (line.total, line.vat) == (3_000_00, 2200)
        assert session.get_one(RepairOrder, order).total == session.get_one(Document, order).amount == 3_000_00


def test_extra_work_needs_the_clients_word(dealership: Dealership, order: int) -> None:
    """S0-42: what is added to an agreed order holds it up until the client has agreed."""
    with dealership.session() as session:
        order_lines.add_line(session, order, BRAKES)
        order_money.approve(session, order, "Иванов", "in_person")
        orders.move(session, order, "in_work")
        added = order_lines.add_line(session, order, PADS)
        tick(dealership, session, order, session.scalars(select(OrderLine.id).order_by(OrderLine.id)).first() or 0)
    with dealership.session() as session, pytest.raises(Conflict) as refused:
        orders.move(session, order, "done")
    assert refused.value.values == {"sum": Kopecks(4_800_00)}
    with dealership.session() as session:
        approval = order_money.approve(session, order, "Иванова Ольга", "phone", "перезвонила сама")
        assert (approval.total, session.get_one(OrderLine, added.id).approval_id) == (7_800_00, approval.id)
        orders.move(session, order, "done")
        assert session.get_one(RepairOrder, order).state == "done"


def test_an_order_closes_when_all_is_done_and_paid_and_only_once(dealership: Dealership, order: int) -> None:
    with dealership.session() as session:
        line = order_lines.add_line(session, order, BRAKES).id
        order_money.approve(session, order, "Иванов", "in_person")
        orders.move(session, order, "in_work")
    with dealership.session() as session, pytest.raises(Conflict):
        orders.move(session, order, "done")
    with dealership.session() as session:
        tick(dealership, session, order, line)
        orders.move(session, order, "done")
    with dealership.session() as session, pytest.raises(Conflict) as refused:
        orders.move(session, order, "closed")
    assert refused.value.values == {"sum": Kopecks(3_000_00)}
    with dealership.session() as session:
        order_money.pay(session, order, 3_000_00, "card")
        orders.move(session, order, "closed")
        orders.move(session, order, "closed")
        assert session.get_one(Document, order).open is False
    with dealership.session() as session, pytest.raises(Conflict):
        order_lines.add_line(session, order, PADS)


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (NewLine(title="", quantity=1000, price=1), "title"),
        (NewLine(title="x", quantity=-1000, price=1), "quantity"),
        (NewLine(title="x", quantity=1000, price=-1), "price"),
        (NewLine(title="x", quantity=1000, price=1, discount=10_001), "discount"),
        (NewLine(title="x", quantity=1000, price=1, discount=-1), "discount"),
        (NewLine(kind="gift", title="x", quantity=1000, price=1), "kind"),
        (NewLine(title="x", quantity=1000, price=1, vat_rate_id=999_999), "vat_rate_id"),
    ],
)
def test_what_makes_no_sense_is_refused(dealership: Dealership, order: int, new: NewLine, field: str) -> None:
    with dealership.session() as session, pytest.raises(Invalid) as refused:
        order_lines.add_line(session, order, new)
    assert list(refused.value.errors) == [field]
    with dealership.session() as session:
        assert session.get_one(RepairOrder, order).total == 0


def test_only_jobs_in_use_and_mechanics_of_the_workshop_are_chosen_anew(dealership: Dealership, order: int) -> None:
    people = dealership.people
    with dealership.session() as session:
        job = session.scalars(select(Job).where(Job.title_en == "Brake pads, replace")).one()
        line = order_lines.add_line(session, order, NewLine(job_id=job.id, mechanic_id=people["petukhov"]))
        job.active = False
        session.flush()
        order_lines.change_line(session, order, line.id, NewLine(job_id=job.id, mechanic_id=people["petukhov"]))
    for new, fields in (
        (NewLine(title="x", quantity=1_000, job_id=job.id), ["job_id"]),
        (NewLine(title="x", quantity=1_000, job_id=999_999, mechanic_id=people["sokolova"]), ["job_id", "mechanic_id"]),
    ):
        with dealership.session() as session, pytest.raises(Invalid) as refused:
            order_lines.add_line(session, order, new)
        assert list(refused.value.errors) == fields


def test_money_that_is_not_owed_is_not_taken(dealership: Dealership, order: int) -> None:
    with dealership.session() as session:
        order_lines.add_line(session, order, BRAKES)
        order_money.pay(session, order, 1_000_00, "cash")
    for amount in (2_000_01, -1_000_01, 0):
        with dealership.session() as session, pytest.raises(Invalid) as refused:
            order_money.pay(session, order, amount, "cash")
        assert list(refused.value.errors) == ["amount"]
    with dealership.session() as session:
        order_money.pay(session, order, -1_000_00, "cash")
        assert session.get_one(RepairOrder, order).paid == 0


steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "change", "remove", "discount"]),
        st.integers(1, 5_000),
        st.integers(0, 50_000_00),
        st.integers(0, 10_000),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(steps)
def test_whatever_is_done_to_its_lines_the_order_says_their_sum(dealership: Dealership, order: int, steps: Any) -> None:
    with dealership.session() as session:
        for step, quantity, price, discount, place in steps:
            lines = order_lines.lines_of(session, session.get_one(RepairOrder, order))
            line = lines[place % len(lines)] if lines else None
            new = NewLine(kind="part", title="Деталь", quantity=quantity, price=price, discount=discount)
            if step == "discount":
                order_prices.give_discount(session, order, discount)
            elif step == "add" or line is None:
                order_lines.add_line(session, order, new)
            elif step == "change":
                order_lines.change_line(session, order, line.id, new)
            else:
                order_lines.remove_line(session, order, line.id)
        found = session.get_one(RepairOrder, order)
        lines = order_lines.lines_of(session, found)
        assert found.total == sum(line.total for line in lines) == session.get_one(Document, order).amount
        for line in lines:
            assert line.total == line.amount - line.discount_amount


BELT = NewLine(title="Ремень ГРМ", quantity=1_000, price=2_900_00)


@pytest.mark.parametrize(
    ("instead", "agreed"),
    [
        (BELT, False),
        (replace(BRAKES, quantity=1_300, price=1_000_00), False),
        (replace(BRAKES, price=2_500_01), False),
        (replace(BRAKES, price=0, title="Осмотр"), False),
        (BRAKES, True),
        (replace(BRAKES, quantity=1_100, price=2_400_00), True),
    ],
)
def test_other_work_is_agreed_to_again_though_it_is_no_dearer(
    dealership: Dealership, order: int, instead: NewLine, agreed: bool
) -> None:
    """S0-42: the client has agreed to works, not to a sum that may be filled with others."""
    with dealership.session() as session:
        line = order_lines.add_line(session, order, BRAKES).id
        order_money.approve(session, order, "Иванов", "in_person")
        order_lines.change_line(session, order, line, instead)
    with dealership.session() as session:
        if agreed:
            assert orders.move(session, order, "in_work").state == "in_work"
            return
        with pytest.raises(Conflict):
            orders.move(session, order, "in_work")


def test_work_in_the_place_of_another_is_agreed_to_again(dealership: Dealership, order: int, adviser: Visitor) -> None:
    with dealership.session() as session:
        line = order_lines.add_line(session, order, BRAKES).id
        order_money.approve(session, order, "Иванов", "in_person")
        order_lines.remove_line(session, order, line)
        order_lines.add_line(session, order, replace(BELT, price=3_000_00))
    page = adviser.get(f"/service/orders/{order}").text
    assert "ещё не согласовано" in page
    assert f"/service/orders/{order}/approve" in page
    with dealership.session() as session, pytest.raises(Conflict):
        orders.move(session, order, "in_work")
    with dealership.session() as session:
        order_money.approve(session, order, "Иванов", "phone")
        assert orders.move(session, order, "in_work").state == "in_work"
    assert f"/service/orders/{order}/approve" not in adviser.get(f"/service/orders/{order}").text


def test_a_discount_that_is_taken_back_is_agreed_to_again(dealership: Dealership, order: int) -> None:
    with dealership.session() as session:
        order_lines.add_line(session, order, BRAKES)
        order_prices.give_discount(session, order, 1_000)
        order_money.approve(session, order, "Иванов", "in_person")
        order_prices.give_discount(session, order, 0)
    with dealership.session() as session, pytest.raises(Conflict):
        orders.move(session, order, "in_work")


def _in_work(dealership: Dealership, order: int, *lines: NewLine) -> list[int]:
    with dealership.session() as session:
        numbers = [order_lines.add_line(session, order, line).id for line in lines]
        order_money.approve(session, order, "Иванов", "in_person")
        orders.move(session, order, "in_work")
        return numbers


def test_a_part_is_there_and_work_is_done_whatever_it_was_before(dealership: Dealership, order: int) -> None:
    brakes, pads = _in_work(dealership, order, BRAKES, PADS)
    with dealership.session() as session:
        assert order_lines.change_line(session, order, brakes, replace(PADS, title="Колодки")).done is True
        assert order_lines.change_line(session, order, pads, replace(BRAKES, title="Комплект")).done is False


def test_what_is_done_stays_as_it_was_done(dealership: Dealership, order: int) -> None:
    washing = NewLine("outside", "Мойка", quantity=1_000, price=500_00)
    numbers = dict(zip((BRAKES, washing), _in_work(dealership, order, BRAKES, washing), strict=True))
    for new, number in numbers.items():
        with dealership.session() as session:
            tick(dealership, session, order, number)
        for other in (replace(new, quantity=1), replace(new, title="Осмотр"), replace(new, kind="part")):
            with dealership.session() as session, pytest.raises(Conflict):
                order_lines.change_line(session, order, number, other)
        with dealership.session() as session, pytest.raises(Conflict):
            order_lines.remove_line(session, order, number)
        with dealership.session() as session:
            cheaper = replace(new, price=400_00, mechanic_id=dealership.people["petukhov"])
            assert order_lines.change_line(session, order, number, cheaper).price == 400_00


def test_an_order_without_works_comes_to_nothing(dealership: Dealership, order: int) -> None:
    """Its client takes the car away: it is cancelled with the reason, not archived empty (S1-64)."""
    [brakes] = _in_work(dealership, order, BRAKES)
    with dealership.session() as session:
        tick(dealership, session, order, brakes)
    with dealership.session() as session, pytest.raises(Conflict):
        orders.move(session, order, "cancelled", "Клиент забирает автомобиль")
    with dealership.session() as session:
        order_lines.mark_done(session, order, brakes, done=False)
        order_lines.remove_line(session, order, brakes)
    with dealership.session() as session, pytest.raises(Conflict):
        orders.move(session, order, "done")
    with dealership.session() as session, pytest.raises(Invalid):
        orders.move(session, order, "cancelled")
    with dealership.session() as session:
        assert orders.move(session, order, "cancelled", "Клиент забирает автомобиль").state == "cancelled"


def test_a_visit_without_work_gives_its_booking_back(dealership: Dealership) -> None:
    booked = book(dealership)
    visit = receive(dealership, booking_id=booked)
    with dealership.session() as session:
        [order] = visits.orders_of(session, session.get_one(CarVisit, visit))
    _in_work(dealership, order.id, BRAKES)
    with dealership.session() as session:
        assert session.get_one(Booking, booked).state == "in_progress"
        orders.move(session, order.id, "cancelled", "Клиент забирает автомобиль")
        visits.move(session, visit, "cancelled", "Клиент забирает автомобиль")
        assert session.get_one(Booking, booked).state == "scheduled"
