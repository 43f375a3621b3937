"""A step that is refused is answered on the card: what is missing, and the way to it (S0-42, SEC-38)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from addons.service.models import CarVisit, RepairOrder
from addons.service.services import order_lines, order_money, orders, visits
from addons.service.services.order_lines import NewLine
from tests.service.conftest import receive, tick
from tests.support.dealership import PASSWORD, Dealership, Server
from tests.support.visitors import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BRAKES = NewLine(title="Колодки", quantity=1000, price=3_000_00)


@pytest.fixture
def order(dealership: Dealership) -> int:
    """An order in work, with one work that is not done and nothing paid."""
    number = receive(dealership)
    with dealership.session() as session:
        order = visits.orders_of(session, session.get_one(CarVisit, number))[0].id
        order_lines.add_line(session, order, BRAKES)
        order_money.approve(session, order, "Иванов", "phone")
        orders.move(session, order, "in_work")
    return order


def _alert(page: str) -> str:
    """What the alert of a page says."""
    found = re.search(r'<div class="notice bad" role="alert".*?</div></div>', page, re.DOTALL)
    return found[0] if found else ""


def _done(dealership: Dealership, order: int) -> None:
    with dealership.session() as session:
        [line] = order_lines.lines_of(session, session.get_one(RepairOrder, order))
        tick(dealership, session, order, line.id)
        orders.move(session, order, "done")


def test_an_order_with_undone_works_says_so_on_its_card_and_leads_to_them(
    dealership: Dealership, adviser: Visitor, order: int
) -> None:
    refused = adviser.post(f"/service/orders/{order}/move", {"target": "done"})
    assert refused.status_code == 409
    assert '<a href="#lines">Работ ещё не выполнено: 1' in _alert(refused.text)
    for part in ('id="lines"', 'id="payments"', 'value="done"'):
        assert part in refused.text, "the whole card"


def test_an_order_with_a_balance_leads_to_its_payments(dealership: Dealership, adviser: Visitor, order: int) -> None:
    _done(dealership, order)
    refused = adviser.post(f"/service/orders/{order}/move", {"target": "closed"})
    assert refused.status_code == 409
    assert '<a href="#payments">Не оплачено 3\xa0000 ₽' in _alert(refused.text)
    with dealership.session() as session:
        assert session.get_one(RepairOrder, order).state == "done"


def test_all_that_stands_in_the_way_is_said_at_once(dealership: Dealership, adviser: Visitor, order: int) -> None:
    _done(dealership, order)
    with dealership.session() as session:
        orders.move(session, order, "in_work")
        order_lines.add_line(session, order, BRAKES)
    said = _alert(adviser.post(f"/service/orders/{order}/move", {"target": "done"}).text)
    assert said.index('href="#approvals"') < said.index('href="#lines"')


def test_a_step_out_of_its_order_is_refused_on_the_card(adviser: Visitor, order: int) -> None:
    refused = adviser.post(f"/service/orders/{order}/move", {"target": "closed"})
    assert refused.status_code == 409
    assert "Сейчас это невозможно: В работе." in _alert(refused.text)


def test_a_visit_whose_orders_are_not_done_leads_to_them(dealership: Dealership, adviser: Visitor, order: int) -> None:
    with dealership.session() as session:
        visit = session.get_one(RepairOrder, order).visit_id
    refused = adviser.post(f"/service/visits/{visit}/move", {"target": "ready"})
    assert refused.status_code == 409
    assert '<a href="#orders">Заказ-наряд' in _alert(refused.text)
    unticked = adviser.post(f"/service/visits/{visit}/move", {"target": "handed_over"})
    assert unticked.status_code == 422
    assert _alert(unticked.text)


def test_a_piece_of_the_page_is_refused_with_a_piece_and_otherwise_leads_to_the_card(
    dealership: Dealership, adviser: Visitor, order: int
) -> None:
    move, fragment = f"/service/orders/{order}/move", {"HX-Request": "true"}
    refused = adviser.post(move, {"target": "done"}, headers=fragment)
    assert (refused.status_code, "<html" in refused.text) == (409, False)
    assert 'href="#lines"' in _alert(refused.text)
    with dealership.session() as session:
        [line] = order_lines.lines_of(session, session.get_one(RepairOrder, order))
        tick(dealership, session, order, line.id)
    done = adviser.post(move, {"target": "done"}, headers=fragment)
    assert (done.status_code, done.headers["HX-Redirect"]) == (204, f"/service/orders/{order}")


@pytest.mark.slow
def test_the_card_stays_with_what_is_typed_and_the_refusal_has_the_focus(
    dealership: Dealership, server: Server, browser: Browser, order: int
) -> None:
    from playwright.sync_api import expect

    page = browser.new_context(locale="ru-RU").new_page()
    page.goto(f"{server.address}/signin")
    page.get_by_label("Имя для входа").fill("volkov")
    page.get_by_label("Пароль", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Войти").click()
    page.wait_for_url(lambda url: "/signin" not in url)
    page.goto(f"{server.address}/service/orders/{order}")
    page.locator("#feed-text").fill("Клиент заедет в пять")
    page.get_by_role("button", name="Всё выполнено").click()
    alert = page.locator("#refused [role=alert]")
    expect(alert).to_be_focused()
    expect(alert).to_contain_text("Работ ещё не выполнено: 1")
    expect(page.locator("#feed-text")).to_have_value("Клиент заедет в пять")
    alert.get_by_role("link").click()
    expect(page).to_have_url(re.compile("#lines$"))
