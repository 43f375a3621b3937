"""S0 part 3: traffic that leads to nothing, and still is answered for."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.contacts.test_handling import Firm, firm
from tests.contacts.test_identifying import mine
from tests.stories.conftest import Person
from tests.support.dealership import Server

__all__ = ["firm"]

pytestmark = pytest.mark.addons("contacts")


def test_a_stranger_is_ignored_with_a_reason(person: Person) -> None:
    """S0-63: nobody is chosen, all are notified, one takes it and ignores it as «Прочее» with a comment."""
    one, other = person("petukhov"), person("sokolova")
    reception = person("lebedeva")

    reception.keyboard.press("Alt+Digit1")
    reception.keyboard.press("Digit2")
    reception.get_by_text("Покупка нового автомобиля").click()
    reception.get_by_role("combobox", name=re.compile("^Клиент")).fill("женщина с коляской")
    reception.keyboard.press("Control+Enter")

    for manager in (one, other):
        expect(manager.locator(".toastfc", has_text="женщина с коляской")).to_be_visible()
    one.locator(".toastfc").get_by_role("button", name="Взять").click()
    expect(other.locator(".toastfc", has_text="женщина с коляской")).to_be_hidden()
    expect(one.locator("#contact-head")).to_contain_text("В работе")

    one.wait_for_load_state()
    one.keyboard.press("KeyI")
    dialog = one.get_by_role("dialog")
    expect(dialog.get_by_role("radio").first).to_be_focused()
    dialog.get_by_text("Прочее").click()
    dialog.get_by_role("button", name="Игнорировать").click()
    expect(one.get_by_text("Опишите причину в комментарии.")).to_be_visible()
    dialog = one.get_by_role("dialog")
    dialog.get_by_label("Комментарий").fill("Зашла переждать дождь")
    dialog.get_by_role("button", name="Игнорировать").click()
    expect(one.locator("#contact-head")).to_contain_text("Игнорировано")
    expect(one.locator("#contact-outcome")).to_contain_text("Зашла переждать дождь")
    expect(one.locator("#events")).to_contain_text("Зашла переждать дождь")

    card = one.url
    one.go_back()  # over what was refused at first, which is not sent again
    expect(one).to_have_url(card)
    expect(one.locator("#contact-head")).to_contain_text("Игнорировано")


def test_a_new_client_begins_with_what_the_contact_knows(person: Person, server: Server, firm: Firm) -> None:
    """His name stands there already; the first field that is empty is the one to type in."""
    contact = mine(firm, client_text="Виктор с трейд-ином", phone="8 903 555-01-01")
    manager = person("petukhov")
    manager.goto(f"{server.address}/contact/{contact}")
    manager.get_by_role("link", name="Новый клиент").click()
    dialog = manager.get_by_role("dialog")
    expect(dialog.get_by_label("Имя или контактное лицо")).to_have_value("Виктор")
    expect(dialog).to_contain_text("+7 903 555-01-01")
    expect(dialog.get_by_label("Фамилия или краткое название")).to_be_focused()


def test_wanted_work_is_written_into_the_note_and_taken_out_again(person: Person, server: Server, firm: Firm) -> None:
    """S1-74: also where the data are checked; what somebody has written himself stays."""
    manager = person("petukhov")
    manager.goto(f"{server.address}/contact/{mine(firm)}/data")
    note, box = (
        manager.get_by_label("Со слов клиента"),
        manager.locator("label.chip", has=manager.locator("[data-adds]")),
    )
    work = box.first.inner_text().strip()
    for typed, ticked in ((f"{work}, химчистка", f"{work}, химчистка; {work}"), ("", work), (work, work)):
        note.fill(typed)
        box.first.click()
        expect(note).to_have_value(ticked)
        box.first.click()
        expect(note).to_have_value(typed)


def test_redirecting_to_another_department_offers_its_people(person: Person, server: Server, firm: Firm) -> None:
    """S1-54: the goal that is chosen decides who can be chosen; what is typed stays."""
    contact, manager = mine(firm), person("petukhov")
    manager.goto(f"{server.address}/contact/{contact}")
    manager.keyboard.press("KeyR")
    dialog = manager.get_by_role("dialog")
    expect(dialog.get_by_role("radio", name="Соколова Анна")).to_be_focused()
    expect(dialog.locator("#transfer-staff")).to_contain_text("Соколова Анна")
    dialog.get_by_label("Комментарий").fill("Приедет к шести")
    dialog.get_by_label("Цель контакта").select_option(label="Сервис. Ремонт автомобиля")
    expect(dialog.locator("#transfer-staff")).to_contain_text("Волков Сергей")
    expect(dialog.locator("#transfer-staff")).not_to_contain_text("Соколова Анна")
    dialog.get_by_text("Волков Сергей").click()
    dialog.get_by_role("button", name="Перенаправить").click()
    receiver = person("volkov")
    receiver.goto(f"{server.address}/contact/{contact}")
    expect(receiver.locator("#events")).to_contain_text("Приедет к шести")
