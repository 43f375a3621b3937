"""Stories are played by people: each has a browser of his own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support.dealership import PASSWORD, Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Person = Callable[[str], "Page"]


@pytest.fixture
def person(browser: Browser, server: Server) -> Iterator[Person]:
    """``person("petukhov")``: the page of somebody who has signed in, in a browser of his own."""
    from playwright.sync_api import expect

    expect.set_options(timeout=20_000)  # how long to wait at most: a busy machine is slow, not wrong
    contexts = []

    def sign_in(login: str) -> Page:
        context = browser.new_context(locale="ru-RU", viewport={"width": 1440, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{server.address}/signin")
        page.get_by_label("Имя для входа").fill(login)
        page.get_by_label("Пароль", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Войти").click()
        page.wait_for_url(lambda url: "/signin" not in url)
        return page

    yield sign_in
    for context in contexts:
        context.close()
