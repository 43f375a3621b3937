"""The board in a real browser: a card is dragged to another stage, and losing a deal asks why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from addons.sales.models import Worksheet
from tests.sales.conftest import add, stored
from tests.support.dealership import PASSWORD, Dealership, Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.addons("contacts", "sales"), pytest.mark.slow]


def _signed_in(browser: Browser, server: Server) -> Page:
    page = browser.new_context(locale="ru-RU", viewport={"width": 2600, "height": 900}).new_page()
    page.goto(f"{server.address}/signin")
    page.get_by_label("Имя для входа").fill("petukhov")
    page.get_by_label("Пароль", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Войти").click()
    page.wait_for_url(lambda url: "/signin" not in url)
    return page


def _drag(page: Page, number: int, stage: str) -> None:
    card = page.locator(f'.board-card[data-id="{number}"]')
    box = card.bounding_box()
    assert box is not None
    card.drag_to(
        page.locator(f'[data-state="{stage}"]'),
        source_position={"x": 20, "y": box["height"] - 8},
        target_position={"x": 60, "y": 20},
    )


def test_cards_are_dragged_and_a_loss_is_explained(dealership: Dealership, server: Server, browser: Browser) -> None:
    from playwright.sync_api import expect

    number = add(dealership)
    page = _signed_in(browser, server)
    page.goto(f"{server.address}/sales?view=board")
    with page.expect_response(lambda answer: answer.url.endswith("/sales/board/move")) as moved:
        _drag(page, number, "selection")
    assert moved.value.status == 204
    expect(page.locator(f'[data-state="selection"] .board-card[data-id="{number}"]')).to_be_visible()
    assert stored(dealership, number).stage == "selection"

    page.reload()
    _drag(page, number, "lost")
    dialog = page.get_by_role("dialog", name="Почему сделка не состоялась?")
    expect(dialog).to_be_visible()
    expect(page.locator(f'[data-state="selection"] .board-card[data-id="{number}"]')).to_have_count(1)
    dialog.get_by_text("Не устроила цена").click()
    dialog.get_by_label("Комментарий").fill("Дорого")
    dialog.get_by_role("button", name="Сделка не состоялась").click()
    page.wait_for_url(lambda url: "view=board" in url)
    expect(page.locator(f'[data-state="lost"] .board-card[data-id="{number}"]')).to_be_visible()
    with dealership.session() as session:
        row = session.execute(select(Worksheet.stage, Worksheet.lost_comment)).one()
    assert tuple(row) == ("lost", "Дорого")


def test_a_refused_move_says_why(dealership: Dealership, server: Server, browser: Browser) -> None:
    from playwright.sync_api import expect

    number = add(dealership)
    page = _signed_in(browser, server)
    page.goto(f"{server.address}/sales?view=board")
    with dealership.session() as session:
        session.get_one(Worksheet, number).stage = "delivered"
    _drag(page, number, "selection")
    expect(page.locator("#toasts")).to_contain_text("Сделка уже завершена")
    expect(page.locator(f'[data-state="consultation"] .board-card[data-id="{number}"]')).to_have_count(1)


def test_its_toolbar_is_one_line_on_a_phone(dealership: Dealership, server: Server, browser: Browser) -> None:
    add(dealership)
    page = _signed_in(browser, server)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server.address}/sales?view=board")
    bar = page.locator(".filterbar").bounding_box()
    assert bar is not None
    assert bar["height"] < 70
