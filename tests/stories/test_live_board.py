"""The board of worksheets moves by itself when a colleague moves a card, and still can be used afterwards."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from addons.sales.services.worksheets import move
from tests.contacts.test_handling import Firm, firm
from tests.contacts.test_identifying import add_client
from tests.sales.test_repeat_clients import worksheet
from tests.stories.conftest import Person
from tests.support.dealership import Server

__all__ = ["firm"]

pytestmark = pytest.mark.addons("contacts", "sales")


def test_a_card_moves_in_another_browser(person: Person, server: Server, firm: Firm) -> None:
    one = worksheet(firm, add_client(firm, "Иванов"))
    manager = person("sokolova")
    manager.goto(f"{server.address}/sales?view=board")
    card = manager.locator(f'.board-card[data-id="{one}"]')
    first = manager.locator("[data-state]", has=card).get_attribute("data-state")
    with firm.as_("petukhov") as session:
        move(session, one, "test_drive")
    expect(manager.locator('[data-state="test_drive"]').locator(card)).to_be_visible()
    expect(manager.locator(f'[data-state="{first}"]').locator(card)).to_have_count(0)
    two = worksheet(firm, add_client(firm, "Петров"))
    expect(manager.locator(f'.board-card[data-id="{two}"]')).to_be_visible()
    assert manager.locator("#board").count() == 1
    assert manager.evaluate("!!Sortable.get(document.querySelector('#board [data-state]'))")
