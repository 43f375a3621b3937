"""Reception at work: the choices of the form follow each other, and nothing is asked twice."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from addons.contacts.models import InboundContact
from addons.contacts.services.customers import CustomerData, create_customer
from addons.contacts.services.registration import Way
from core.access.models import Branch
from tests.contacts.test_handling import Firm, come_in, firm
from tests.stories.conftest import Person
from tests.support.dealership import Dealership, Server

__all__ = ["firm"]

pytestmark = pytest.mark.addons("contacts", "sales")


def test_a_call_for_the_workshop(person: Person, dealership: Dealership) -> None:
    """S0-03, S0-17, S1-73, S1-74: another department brings its goals and people; chosen works become words."""
    reception = person("lebedeva")
    expect(reception.get_by_role("combobox", name=re.compile("^Клиент"))).to_be_focused()  # S2-16
    reception.keyboard.type("Ольга")
    reception.locator("label.chip", has_text=re.compile("^Сервис$")).click()
    expect(reception.locator("#rcp-staff")).to_contain_text("Волков Сергей")
    expect(reception.locator("#rcp-staff")).not_to_contain_text("Петухов")
    works = reception.get_by_role("group", name="Описание работ").locator("label.chip")
    first, second = works.nth(0).inner_text().strip(), works.nth(1).inner_text().strip()
    note = reception.get_by_label("Со слов клиента")
    works.nth(0).click()
    expect(note).to_have_value(first)
    note.fill(f"{first}, срочно")
    works.nth(1).click()
    expect(note).to_have_value(f"{first}, срочно; {second}")
    works.nth(1).click()
    expect(note).to_have_value(f"{first}, срочно")
    reception.locator(".person", has_text="Волков Сергей").click()
    expect(reception.get_by_role("button", name=re.compile("^Перевести"))).to_contain_text("Волков")
    reception.keyboard.press("Control+Enter")
    expect(reception.locator(".rcp-done")).to_contain_text("ВТ-000001")
    expect(reception).to_have_url(re.compile(r"/reception$"))
    reception.reload()
    expect(reception.locator("#rcp-form")).to_be_visible()
    expect(reception.locator(".rcp-done")).to_have_count(0)
    with dealership.session() as session:
        contact = session.scalars(select(InboundContact)).one()
        assert contact.responsible_id == dealership.people["volkov"]
        assert (contact.client_text, contact.note) == ("Ольга", f"{first}, срочно")


def test_presence_moves_the_picker(person: Person) -> None:
    """S0-18: who is busy is marked so in the open form, and what is typed stays."""
    reception, manager = person("lebedeva"), person("petukhov")
    note = reception.get_by_label("Со слов клиента")
    note.fill("ждёт ответа")
    row = reception.locator(".person", has_text="Петухов Владимир")
    for state in ("Свободен", "Занят"):
        manager.locator(".fc-me").click()
        manager.locator("#me").get_by_role("button", name=state).click()
        expect(row).to_contain_text(state)
    reception.get_by_label("Только свободные").check()
    expect(row).to_be_hidden()
    reception.locator("label.chip", has_text="Тест-драйв").click()
    expect(reception.get_by_label("Только свободные")).to_be_checked()
    expect(row).to_be_hidden()
    reception.get_by_label("Только свободные").uncheck()
    expect(row).to_be_visible()
    expect(note).to_have_value("ждёт ответа")


def test_have_you_been_our_client_before(person: Person) -> None:
    """S0-15, S2-29, S2-30: yes leads to the search, no to the client's words and his car."""
    reception = person("lebedeva")
    reception.locator("label.chip", has_text=re.compile("^Сервис$")).click()
    expect(reception.locator("#rcp-staff")).to_contain_text("Волков Сергей")
    question = reception.get_by_role("radiogroup", name="Вы ранее у нас обслуживались?")
    question.get_by_text("Да, найти").click()
    expect(reception.get_by_role("combobox", name=re.compile("^Клиент"))).to_be_focused()
    question.get_by_text("Нет, впервые").click()
    name = reception.get_by_role("textbox", name=re.compile("^Клиент"))
    expect(name).to_be_focused()
    name.fill("Олег")
    expect(reception.get_by_label("Год выпуска")).to_be_visible()
    reception.keyboard.press("Control+Enter")
    expect(reception.locator("#make_id-error")).to_be_visible()
    reception.get_by_placeholder("Марка").fill("киа")
    reception.get_by_role("option", name=re.compile("Kia")).click()
    reception.keyboard.press("Control+Enter")
    expect(reception.locator(".rcp-done")).to_contain_text("Олег")


def test_a_known_number_and_a_registration_undone(person: Person, dealership: Dealership) -> None:
    """S2-04, S2-25: the client is offered as soon as his number is written; undo fills the form again."""
    with dealership.session() as session:
        branch = session.scalars(select(Branch.id).limit(1)).one()
        ivanov = CustomerData(last_name="Иванов", first_name="Виктор", phones=["89031234567"], branch_id=branch)
        create_customer(session, ivanov)
    reception, manager = person("lebedeva"), person("petukhov")
    reception.get_by_role("textbox", name=re.compile("^Телефон")).fill("8 903 123 45 67")
    reception.keyboard.press("Tab")
    reception.locator("#caller-box").get_by_text("Иванов Виктор").click()
    expect(reception.locator(".clientcard")).to_contain_text("Иванов Виктор")
    reception.locator(".person", has_text="Петухов Владимир").click()
    expect(reception.get_by_role("button", name=re.compile("^Перевести"))).to_contain_text("Петухов")
    reception.keyboard.press("Control+Enter")
    popup = manager.locator(".toastfc", has_text="Иванов Виктор")
    expect(popup).to_be_visible()
    reception.locator(".rcp-done").get_by_role("button", name="Отменить").click()
    expect(popup).to_have_count(0)
    expect(reception.locator(".clientcard")).to_contain_text("Иванов Виктор")
    reception.get_by_role("button", name="Убрать клиента").click()
    expect(reception.get_by_role("combobox", name=re.compile("^Клиент"))).to_be_visible()


def test_a_client_is_made_while_he_talks(person: Person, axe: str) -> None:
    """S1-76: from the look-up, without leaving the form; what the form asks can be read by everybody."""
    reception = person("lebedeva")
    reception.get_by_role("combobox", name=re.compile("^Клиент")).fill("тарасов пётр")
    reception.get_by_role("option", name=re.compile("Новый клиент «тарасов пётр»")).click()
    expect(reception.get_by_label("Фамилия")).to_have_value("тарасов")
    reception.get_by_label("Фамилия").fill("Тарасов")
    reception.get_by_label("Имя").fill("Пётр")
    reception.get_by_role("textbox", name=re.compile("^Телефон")).fill("89031234567")
    reception.keyboard.press("Control+Enter")
    expect(reception.locator(".rcp-done")).to_contain_text("Тарасов Пётр")
    reception.evaluate(axe)
    found = reception.evaluate("axe.run()")
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]] == []


def test_nobody_can_talk_now(person: Person) -> None:
    """X-01, S2-23, S2-36: the call back lies on the specialist's desk, with its time."""
    reception, manager = person("lebedeva"), person("petukhov")
    manager.locator(".fc-me").click()
    manager.locator("#me").get_by_role("button", name="Занят").click()
    busy = reception.locator(".person", has_text="Петухов Владимир")
    expect(busy).to_contain_text("Занят")
    reception.get_by_role("combobox", name=re.compile("^Клиент")).fill("Виктор")
    reception.get_by_role("textbox", name=re.compile("^Телефон")).fill("89031234567")
    busy.click()
    expect(reception.get_by_role("button", name=re.compile("^Перевести"))).to_contain_text("Петухов")
    expect(reception.get_by_label("Когда перезвонить")).not_to_have_value("")
    reception.get_by_role("button", name="Перезвонить").click()
    expect(reception.locator(".rcp-done")).to_contain_text("Виктор")
    expect(manager.locator(".toastfc", has_text="Перезвонить: Виктор")).to_be_visible()


def test_on_a_tablet_one_sees_who_waits_and_can_act(person: Person, server: Server, firm: Firm) -> None:
    """S0-24, S0-51: who waits stands under the form; a reminder is told of, and redirecting asks here to whom."""
    contact = come_in(firm, responsible_id=firm.people["petukhov"], way=Way.QUEUE)
    reception = person("lebedeva")
    for width in (768, 1024, 1100):
        reception.set_viewport_size({"width": width, "height": 768})
        waiting = reception.locator("#rcp-side section", has=reception.get_by_role("heading", name="Ожидают"))
        expect(waiting.get_by_role("heading")).to_be_in_viewport()
        remind = waiting.get_by_role("button", name="Напомнить")
        remind.scroll_into_view_if_needed()
        expect(remind).to_be_in_viewport()
    remind.click()
    expect(reception.locator("#toasts")).to_contain_text("Напоминание отправлено: Петухов В.")
    waiting.get_by_role("link", name="Перенаправить").click()
    dialog = reception.get_by_role("dialog", name="Перенаправить")
    dialog.get_by_text("Соколова Анна").click()
    dialog.get_by_role("button", name="Перенаправить").click()
    expect(reception).to_have_url(re.compile(r"/reception$"))
    expect(waiting).to_contain_text("Соколова А.")
    reception.goto(f"{server.address}/contact/{contact}")
    expect(reception.locator("#events")).to_contain_text("Напоминание отправлено: Петухов В.")
