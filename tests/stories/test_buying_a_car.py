"""S0 part 1: buying a car, from the first call to the handover."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from core.access.models import Branch, Department
from tests.stories.conftest import Person
from tests.support.dealership import Dealership

pytestmark = pytest.mark.addons("contacts", "sales")


def test_first_contact_a_call(person: Person) -> None:
    """S0-55: an unknown buyer calls; reception passes him on, the manager opens a worksheet."""
    manager = person("petukhov")
    reception = person("lebedeva")

    expect(reception.get_by_role("heading", name="Ресепшн")).to_be_visible()
    reception.get_by_text("Покупка нового автомобиля").click()
    reception.get_by_role("combobox", name=re.compile("^Клиент")).fill("Виктор")
    reception.get_by_role("textbox", name=re.compile("^Телефон")).fill("8 (903) 123-45-67")
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
    manager.wait_for_url(re.compile("/contact/"))
    expect(manager.locator("#contact-head")).to_be_visible()
    manager.reload()
    expect(manager.locator("#contact-head")).to_contain_text("Обработано")
    expect(manager.locator("#contact-outcome").get_by_role("link", name=re.compile("РЛ-"))).to_be_visible()


def test_second_contact_a_visit(person: Person, dealership: Dealership) -> None:
    """S0-56: the known buyer comes while his manager is busy: the queue, a click that clears it, the worksheet attached."""
    ivanov, worksheet = known_buyer(dealership)
    manager = person("petukhov")
    reception = person("lebedeva")

    reception.keyboard.press("Alt+Digit1")
    reception.keyboard.press("Digit2")
    expect(reception.get_by_role("button", name=re.compile("^В очередь"))).to_be_visible()
    client = reception.get_by_role("combobox", name=re.compile("^Клиент"))
    client.fill("bdfyjd")
    expect(reception.locator("#customer_id-popup .lookup-note")).to_contain_text("иванов")
    reception.get_by_role("option", name=re.compile("Иванов Виктор")).click()
    expect(reception.locator("#customer_id")).to_contain_text(worksheet)
    reception.locator(".person", has_text="Петухов Владимир").click()
    reception.keyboard.press("Control+Shift+Enter")
    queue = reception.get_by_role("region", name="Ожидают")
    expect(queue).to_contain_text(ivanov)

    popup = manager.locator(".toastfc", has_text=ivanov)
    expect(popup).to_contain_text("ожидает")
    manager.keyboard.press("F4")
    expect(manager.get_by_text("Чем закончилось обращение")).to_be_visible()
    expect(queue).not_to_contain_text(ivanov)

    manager.locator(".attach", has_text=worksheet).get_by_role("button", name="Прикрепить").click()
    expect(manager.locator("#contact-head")).to_contain_text("Обработано")
    expect(manager.locator("#contact-outcome").get_by_role("link", name=worksheet)).to_be_visible()


def test_third_contact_a_silent_visit(person: Person, dealership: Dealership) -> None:
    """S0-57: a silent visitor collects his car: a description, the manager, the worksheet found among all documents."""
    _, worksheet = known_buyer(dealership)
    manager = person("petukhov")
    reception = person("lebedeva")

    reception.keyboard.press("Alt+Digit1")
    reception.keyboard.press("Digit2")
    reception.get_by_text("Выдача автомобиля").click()
    reception.get_by_role("combobox", name=re.compile("^Клиент")).fill("мужчина в красной куртке")
    reception.locator(".person", has_text="Петухов Владимир").click()
    expect(reception.get_by_role("button", name=re.compile("^Перевести"))).to_contain_text("Петухов")
    reception.keyboard.press("Control+Enter")

    expect(manager.locator(".toastfc", has_text="мужчина в красной куртке")).to_be_visible()
    manager.keyboard.press("F4")
    manager.get_by_role("link", name="Все документы").click()
    expect(manager.get_by_role("heading", name="Документы")).to_be_visible()
    manager.get_by_role("row", name=re.compile(worksheet)).get_by_role("button", name="Прикрепить").click()
    expect(manager.locator("#contact-head")).to_contain_text("Обработано")
    expect(manager.locator("#contact-outcome").get_by_role("link", name=worksheet)).to_be_visible()
    expect(manager.locator("#contact-head")).to_contain_text("Иванов Виктор")


def known_buyer(dealership: Dealership) -> tuple[str, str]:
    """A client with an open worksheet at Petukhov: his name and its number."""
    from addons.contacts.services.customers import CustomerData, create_customer
    from addons.sales.services.worksheets import NewWorksheet, create_worksheet

    with dealership.session() as session:
        branch = session.scalars(select(Branch.id)).first()
        showroom = session.scalars(select(Department.id).where(Department.kind == "showroom")).one()
        customer = create_customer(
            session,
            CustomerData(last_name="Иванов", first_name="Виктор", phones=["8 (903) 123-45-67"], branch_id=branch),
        )
        new = NewWorksheet(
            customer_id=customer.id,
            interest="Mercedes-Benz A-класс",
            responsible_id=dealership.people["petukhov"],
            department_id=showroom,
        )
        return customer.name, create_worksheet(session, new).number
