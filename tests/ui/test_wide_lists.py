"""A list that is wider than the screen shows so, and is moved sideways with the keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.dealership import PASSWORD, Dealership, Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

LAYERS = "element => getComputedStyle(element).backgroundAttachment"
LEFT = "element => element.scrollLeft"
WIDER = "element => element.scrollWidth - element.clientWidth"


def _list(browser: Browser, server: Server, width: int) -> Page:
    page = browser.new_context(locale="ru-RU", viewport={"width": width, "height": 800}).new_page()
    page.goto(f"{server.address}/signin")
    page.get_by_label("Имя для входа").fill("lebedeva")
    page.get_by_label("Пароль", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Войти").click()
    page.wait_for_url(lambda url: "/signin" not in url)
    page.goto(f"{server.address}/traffic?q=")
    return page


def test_a_wide_list_is_a_named_region_that_the_keyboard_moves(
    dealership: Dealership, server: Server, browser: Browser
) -> None:
    from playwright.sync_api import expect

    assert dealership.people
    page = _list(browser, server, 800)
    region = page.get_by_role("region", name="Трафик").and_(page.locator(".tw"))
    page.locator(".tw .grid").evaluate("table => { table.style.minWidth = '1600px'; }")  # as long names do
    assert region.evaluate(WIDER) > 0
    # Two layers of the surface go along with the rows and cover the two shadows at the ends of the way.
    assert region.evaluate(LAYERS).startswith("local, local, scroll, scroll")
    region.focus()
    expect(region).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('.tw').scrollLeft > 0")
    assert region.evaluate(LEFT) > 0
