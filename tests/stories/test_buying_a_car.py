"""S0 part 1: buying a car, from the first call to the handover."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.stories.conftest import Person

pytestmark = pytest.mark.addons("contacts", "sales")


def test_first_contact_a_call(person: Person) -> None:
    """S0-55: an unknown buyer calls; reception passes him on, the manager opens a worksheet."""
    manager = person("petukhov")
    reception = person("lebedeva")

    expect(reception.get_by_role("heading", name="Ресепшн")).to_be_visible()
    reception.get_by_text("Покупка нового автомобиля").click()
    reception.get_by_role("combobox", name=re.compile("^Клиент")).fill("Виктор")
    reception.get_by_label("Телефон").fill("8 (903) 123-45-67")
    reception.get_by_placeholder("Марка").fill("мерс")
    reception.get_by_role("option", name=re.compile("Mercedes-Benz")).click()
    reception.locator(".person", has_text="Петухов Владимир").click()
    transfer = reception.get_by_role("button", name=re.compile("^Перевести"))
    expect(transfer).to_contain_text("Петухов")
    reception.keyboard.press("Control+Enter")
    expect(reception.locator("#rcp-side")).to_contain_text("Виктор")

    popup = manager.locator(".toastfc", has_text="Виктор")
    expect(popup).to_be_visible()
    expect(popup).to_contain_text("Звонок")
    manager.keyboard.press("F4")
    expect(manager.get_by_text("Чем закончилось обращение")).to_be_visible()
    expect(manager.locator("#contact-head")).to_contain_text("В работе")
    manager.keyboard.press("1")
    expect(manager.get_by_role("heading", name=re.compile("РЛ-"))).to_be_visible()

    manager.go_back()
    manager.reload()
    expect(manager.locator("#contact-head")).to_contain_text("Обработано")
    expect(manager.get_by_role("link", name=re.compile("РЛ-"))).to_be_visible()
