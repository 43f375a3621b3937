"""Who may do what in the workshop, and what is told and erased of a client."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from addons.contacts.models import Customer
from addons.service.models import (
    Approval,
    Booking,
    CarVisit,
    Concern,
    Hold,
    OrderLine,
    Recommendation,
    RepairOrder,
)
from addons.service.services import order_lines, order_money, recommendations, visits
from addons.service.services.kinds import BOOKINGS, ORDERS, VISITS
from addons.service.services.moves import Kind
from addons.service.services.order_lines import NewLine
from addons.service.services.vocabulary import AUDIT
from core.web.app import Application
from core.work.personal_erasure import erase
from core.work.personal_file import subject_file
from core.work.subjects import subject_of
from tests.api.program import Program
from tests.service.conftest import bays, book, receive, tomorrow
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor


@pytest.fixture
def order(dealership: Dealership) -> int:
    """An order with a line."""
    visit = receive(dealership)
    with dealership.session() as session:
        [found] = visits.orders_of(session, session.get_one(CarVisit, visit))
        order_lines.add_line(session, found.id, NewLine(title="Осмотр", quantity=1_000, price=1_000_00))
        return found.id


def _booked(dealership: Dealership) -> int:
    """A booking with its time in the plan."""
    with dealership.session() as session:
        [bay, *_] = bays(session)
    return book(dealership, starts_at=tomorrow(), bay_id=bay)


STEPS = ("line", "approve", "pay", "discount", "concern", "recommend", "cancelled")
POSTED = ("move", "lines/%(line)d/done", "lines/%(line)d/remove", "recommendations/%(advice)d")
"""What is a button alone."""


@pytest.mark.parametrize("step", STEPS)
def test_who_sells_cars_has_no_step_of_an_order(app: Application, order: int, step: str) -> None:
    visitor, address = Visitor(app, "petukhov"), f"/service/orders/{order}/{step}"
    assert visitor.get(address).status_code in (403, 404)
    assert visitor.post(address, {"title": "x", "amount": "1"}).status_code in (403, 404)


@pytest.mark.parametrize("step", POSTED)
def test_who_sells_cars_has_no_button_of_an_order(
    app: Application, dealership: Dealership, order: int, step: str
) -> None:
    with dealership.session() as session:
        advice = recommendations.recommend(session, order, "Заменить диски").id
        line = session.scalars(select(OrderLine.id)).one()
    address = f"/service/orders/{order}/{step % {'line': line, 'advice': advice}}"
    sent = {"target": "draft", "done": "1", "state": "done"}
    assert Visitor(app, "petukhov").post(address, sent).status_code in (403, 404)
    with dealership.session() as session:
        assert session.get_one(OrderLine, line).done is False
        assert session.get_one(Recommendation, advice).state == "open"


@pytest.mark.parametrize("kind", [BOOKINGS, VISITS], ids=["booking", "visit"])
def test_who_may_only_read_moves_nothing(app: Application, dealership: Dealership, kind: Kind[Any]) -> None:
    """Neither to another state nor to the one it is in, which would give its time away."""
    booked = _booked(dealership)
    visit = receive(dealership, booking_id=booked)
    number, reception = booked if kind is BOOKINGS else visit, Visitor(app, "lebedeva")
    for state in kind.machine.states:
        if state.code == "handed_over":  # has a step of its own
            continue
        answer = reception.post(f"/service/{kind.thing.partition('.')[2]}s/{number}/move", {"target": state.code})
        assert answer.status_code == 403, state.code
    with dealership.session() as session:
        assert session.get_one(Booking, booked).state == "checked_in"
        assert session.scalar(select(func.count(Hold.id))) > 0


def test_what_is_under_way_keeps_its_time(app: Application, dealership: Dealership) -> None:
    """Moving a booking where it stands already is nothing, for people and for programs."""
    booked = _booked(dealership)
    receive(dealership, booking_id=booked)
    with dealership.session() as session:
        held = session.scalar(select(func.count(Hold.id)))
    path = f"/service/bookings/{booked}/move"
    assert Visitor(app, "volkov").post(path, {"target": "checked_in"}).status_code == 303
    assert Program(app, dealership, "volkov").post(path, {"state": "checked_in"}).status_code == 200
    with dealership.session() as session:
        assert session.scalar(select(func.count(Hold.id))) == held


def test_an_adviser_gives_no_discount_and_has_no_button_for_it(adviser: Visitor, order: int) -> None:
    page = adviser.get(f"/service/orders/{order}").text
    assert f"/service/orders/{order}/line" in page
    assert f"/service/orders/{order}/discount" not in page
    assert adviser.post(f"/service/orders/{order}/discount", {"discount": "5"}).status_code == 403


def test_reception_reads_bookings_and_changes_none(app: Application, dealership: Dealership) -> None:
    number, reception = book(dealership), Visitor(app, "lebedeva")
    page = reception.get(f"/service/bookings/{number}")
    assert page.status_code == 200
    assert not re.search(rf'/service/bookings/{number}/(time|cancelled)"', page.text)
    assert reception.post(f"/service/bookings/{number}/cancelled", {"words": "x"}).status_code == 403


def test_a_clients_repairs_are_in_his_file_and_go_with_him(dealership: Dealership, order: int) -> None:
    """SEC-69, SEC-70: what he told and agreed to is told him, and blanked."""
    with dealership.session() as session:
        order_money.approve(session, order, "Иванова Ольга", "phone", "перезвонила")
        customer = session.scalars(select(Customer)).one()
        told = repr(subject_file(session, subject_of(customer)))
        for words in ("Стук в подвеске", "Иванова Ольга", "Осмотр"):
            assert words in told
    with dealership.session() as session:
        erase(session, subject_of(customer), "demand", None)
    with dealership.session() as session:
        assert set(session.scalars(select(Concern.concern))) == {""}
        assert [tuple(row) for row in session.execute(select(Approval.who, Approval.note))] == [("", "")]
        assert session.get_one(RepairOrder, order).total == 1_000_00
        assert session.scalars(select(OrderLine.total)).all() == [1_000_00]


def test_what_is_done_in_the_workshop_has_words_in_the_trail(app: Application) -> None:
    """SEC-63: the moves of every kind of document, and the tables that have no screen of their own."""
    assert {f"{kind.thing.partition('.')[2]}.moved" for kind in (BOOKINGS, VISITS, ORDERS)} <= AUDIT.actions.keys()
    tables = [table for table in app.words.tables() if table.startswith("service_")]
    assert tables
    assert [table for table in tables if app.words.thing(table) == table] == []
