"""S0 part 2: repairing a car, from the first call to the hand-over."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from core.access.models import Branch, Department
from tests.stories.conftest import Person
from tests.support.dealership import Dealership

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.addons("contacts", "service")


def test_first_contact_a_call(person: Person) -> None:
    """S0-58, S1-02: somebody unknown calls about a repair; reception passes him on, the adviser books a time for him."""
    adviser, reception = person("volkov"), person("lebedeva")
    for_the_workshop(reception, "Ремонт автомобиля")
    reception.get_by_text("Нет, впервые").click()
    reception.get_by_role("textbox", name=re.compile("^Клиент")).fill("Виктор")
    reception.get_by_role("textbox", name=re.compile("^Телефон")).fill("8 (903) 123-45-67")
    reception.get_by_placeholder("Марка").fill("киа")
    reception.get_by_role("option", name=re.compile("Kia")).click()
    reception.get_by_label("Со слов клиента").fill("Стук в подвеске")
    pass_on(reception)

    take(adviser, "Виктор", "Звонок")
    contact = adviser.url
    adviser.get_by_role("button", name=re.compile("^Предварительная запись")).click()
    expect(adviser.get_by_role("textbox", name="Или кто это, словами")).to_have_value("Виктор")
    expect(adviser.get_by_role("textbox", name="Причина обращения")).to_have_value("Стук в подвеске")
    adviser.locator("label.chip", has_text="ТО-30 000").click()
    expect(adviser.get_by_label("Длительность, минут")).to_have_value("150")
    expect(adviser.locator("[data-window]")).to_have_count(3)
    window = adviser.locator("[data-window]").first
    at = window.get_attribute("data-window") or ""
    window.click()
    expect(adviser.get_by_label("Дата и время")).to_have_value(at)
    adviser.keyboard.press("Control+Enter")
    expect(adviser.get_by_role("heading", name=re.compile("ПЗ"))).to_be_visible()
    expect(adviser.locator("main")).to_contain_text("Запланирована")

    adviser.goto(contact)
    expect(adviser.locator("#contact-head")).to_contain_text("Обработано")
    expect(adviser.locator("#contact-outcome").get_by_role("link", name=re.compile("ПЗ"))).to_be_visible()


def test_second_contact_another_time(person: Person, dealership: Dealership) -> None:
    """S0-59: who has booked calls to move his appointment; the contact is attached to the booking, the time changed."""
    booking = Known(dealership).book()
    adviser, reception = person("volkov"), person("lebedeva")
    for_the_workshop(reception, "Ремонт автомобиля")
    find_ivanov(reception)
    pass_on(reception)

    take(adviser, "Иванов Виктор", "Звонок")
    adviser.locator(".attach", has_text=booking).get_by_role("button", name="Прикрепить").click()
    expect(adviser.locator("#contact-head")).to_contain_text("Обработано")
    adviser.locator("#contact-outcome").get_by_role("link", name=booking).click()
    move_to_another_day(adviser)
    expect(adviser.locator("main")).to_contain_text("переносов: 1")
    expect(adviser.locator("#timeline")).to_contain_text("Время записи изменено")


def test_third_contact_the_car_is_received(person: Person, dealership: Dealership) -> None:
    """S0-60: who has booked comes; a car visit with its repair order is made, and both are on the contact's card."""
    booking = Known(dealership).book(timedelta())  # for this hour: of another day the adviser would be asked
    adviser, reception = person("volkov"), person("lebedeva")
    visit_to_the_workshop(reception, "Ремонт автомобиля")
    find_ivanov(reception)
    pass_on(reception)

    take(adviser, "Иванов Виктор", "Визит")
    contact = adviser.url
    adviser.get_by_role("button", name=re.compile("^Машинозаезд")).click()
    adviser.get_by_label("Пробег, км").fill("45200")
    adviser.keyboard.press("Control+Enter")
    expect(adviser.get_by_role("heading", name=re.compile("МЗ"))).to_be_visible()
    expect(adviser.get_by_role("link", name=booking)).to_be_visible()
    expect(adviser.get_by_role("link", name=re.compile("^ЗН"))).to_be_visible()

    adviser.goto(contact)
    expect(adviser.locator("#contact-head")).to_contain_text("Обработано")
    expect(adviser.locator("#contact-outcome").get_by_role("link", name=re.compile("^МЗ"))).to_be_visible()


def test_fourth_contact_works_are_added(person: Person, dealership: Dealership) -> None:
    """S0-61: whose car is in repair calls; the contact goes to the car visit, works are added with his word."""
    visit, order = Known(dealership).receive()
    adviser, reception = person("volkov"), person("lebedeva")
    for_the_workshop(reception, "Вопрос об автомобиле в ремонте")
    find_ivanov(reception)
    pass_on(reception)

    take(adviser, "Иванов Виктор", "Звонок")
    add_work_to(adviser, visit, order)
    adviser.get_by_role("link", name="Клиент согласен").click()
    adviser.get_by_role("button", name=re.compile("^Записать согласие")).click()
    agreed = adviser.get_by_role("region", name="Что согласовал клиент")
    expect(agreed).to_contain_text("Иванов Виктор")
    expect(agreed).to_contain_text("По телефону")
    expect(adviser.locator("main")).not_to_contain_text("ещё не согласовано")


def test_fifth_contact_a_silent_visit(person: Person, dealership: Dealership) -> None:
    """S0-62: a silent visitor collects his car: the visit is found among all documents, the car is handed over."""
    visit, _ = Known(dealership).receive(ready=True)
    adviser, reception = person("volkov"), person("lebedeva")
    visit_to_the_workshop(reception, "Получение автомобиля из ремонта")
    reception.get_by_role("combobox", name=re.compile("^Клиент")).fill("мужчина в красной куртке")
    pass_on(reception)

    take(adviser, "мужчина в красной куртке", "Визит")
    adviser.get_by_role("link", name="Все документы").click()
    adviser.get_by_role("row", name=re.compile(visit)).get_by_role("button", name="Прикрепить").click()
    expect(adviser.locator("#contact-head")).to_contain_text("Обработано")
    expect(adviser.locator("#contact-head")).to_contain_text("Иванов Виктор")
    adviser.locator("#contact-outcome").get_by_role("link", name=visit).click()
    adviser.get_by_role("link", name="Выдать автомобиль").click()
    for box in adviser.locator("#ask-form").get_by_role("checkbox").all():
        box.check()
    adviser.get_by_role("button", name=re.compile("^Выда")).click()
    expect(adviser.locator("main")).to_contain_text("Выдан")


# --- what people do -----------------------------------------------------------------------------------


def for_the_workshop(reception: Page, goal: str) -> None:
    """A call for the workshop, with its goal."""
    reception.locator("label.chip", has_text=re.compile("^Сервис$")).click()
    expect(reception.locator("#rcp-staff")).to_contain_text("Волков Сергей")
    reception.get_by_text(goal, exact=True).click()


def visit_to_the_workshop(reception: Page, goal: str) -> None:
    """Somebody has come in to the workshop."""
    reception.keyboard.press("Alt+Digit1")
    with reception.expect_response(re.compile("/reception/form")):
        reception.keyboard.press("Digit2")
    expect(reception.get_by_role("button", name=re.compile("^В очередь"))).to_be_visible()
    for_the_workshop(reception, goal)


def find_ivanov(reception: Page) -> None:
    """The client is in the directory."""
    reception.get_by_role("combobox", name=re.compile("^Клиент")).fill("иванов")
    reception.get_by_role("option", name=re.compile("Иванов Виктор")).click()
    expect(reception.locator("#customer_id")).to_contain_text("Иванов Виктор")


def pass_on(reception: Page) -> None:
    """To the adviser."""
    reception.locator(".person", has_text="Волков Сергей").click()
    expect(reception.get_by_role("button", name=re.compile("^Перевести"))).to_contain_text("Волков")
    reception.keyboard.press("Control+Enter")


def take(adviser: Page, who: str, channel: str) -> None:
    """The adviser opens what has popped up."""
    expect(adviser.locator(".toastfc", has_text=channel).filter(has_text=who)).to_be_visible()
    adviser.keyboard.press("F4")
    expect(adviser.locator("#contact-head")).to_contain_text("В работе")


def move_to_another_day(adviser: Page) -> None:
    """A booking, to another day and another bay."""
    adviser.get_by_role("link", name="Другое время").click()
    at = (datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%dT14:00")
    asked = adviser.locator("#ask-form")
    asked.get_by_label("Дата и время").fill(at)
    asked.get_by_label("Пост").select_option(index=2)
    adviser.get_by_role("button", name=re.compile("^Сохранить время")).click()


def add_work_to(adviser: Page, visit: str, order: str) -> None:
    """A contact is of a visit that is there; its repair order gets more work, which the client has not agreed to yet."""
    adviser.locator(".attach", has_text=visit).get_by_role("button", name="Прикрепить").click()
    expect(adviser.locator("#contact-head")).to_contain_text("Обработано")
    adviser.locator("#contact-outcome").get_by_role("link", name=visit).click()
    adviser.get_by_role("link", name=order, exact=True).click()
    add_work(adviser)
    expect(adviser.locator("main")).to_contain_text("ещё не согласовано")


def add_work(adviser: Page) -> None:
    """Half an hour more on a repair order."""
    adviser.get_by_role("link", name="Работа или запчасть").click()
    asked = adviser.locator("#ask-form")
    asked.get_by_label("Название").fill("Замена щёток стеклоочистителя")
    asked.get_by_label("Количество").fill("0,5")
    asked.get_by_label("Цена").fill("2500")
    adviser.get_by_role("button", name=re.compile("^Сохранить")).click()


# --- what was there before ----------------------------------------------------------------------------


class Known:
    """A client with his car, whom Volkov looks after."""

    def __init__(self, dealership: Dealership, phone: str = "8 903 123-45-67") -> None:
        from addons.contacts.services.customers import CustomerData, create_customer
        from addons.contacts.services.records import create_vehicle

        self.dealership, self.adviser = dealership, dealership.people["volkov"]
        with dealership.session() as session:
            branch = session.scalars(select(Branch.id)).first()
            self.department = session.scalars(select(Department.id).where(Department.kind == "workshop")).one()
            data = CustomerData(last_name="Иванов", first_name="Виктор", phones=[phone], branch_id=branch)
            self.customer = create_customer(session, data).id
            car = {"title": "Kia Rio", "plate": "А123ВС77", "customer_id": self.customer}
            self.vehicle = create_vehicle(session, car).id

    def book(self, ahead: timedelta = timedelta(days=2)) -> str:
        """A booking so far ahead; returns its number."""
        from addons.service.models import Bay
        from addons.service.services.bookings import NewBooking, create_booking

        with self.dealership.session() as session:
            new = NewBooking(
                customer_id=self.customer,
                vehicle_id=self.vehicle,
                reason="Стук в подвеске",
                adviser_id=self.adviser,
                department_id=self.department,
                bay_id=session.scalars(select(Bay.id).order_by(Bay.position)).first(),
                starts_at=(datetime.now(UTC) + ahead).replace(minute=0, second=0, microsecond=0),
            )
            return create_booking(session, new).number

    def receive(self, *, ready: bool = False) -> tuple[str, str]:
        """A car in work, or ready and paid; returns the numbers of its visit and its repair order."""
        from addons.service.services import order_lines, order_money, orders, visits

        with self.dealership.session() as session:
            new = visits.NewVisit(
                customer_id=self.customer,
                vehicle_id=self.vehicle,
                mileage=45_000,
                reason="Стук в подвеске",
                adviser_id=self.adviser,
                department_id=self.department,
            )
            visit = visits.open_visit(session, new)
            [order] = visits.orders_of(session, visits.VISITS.get(session, visit.id))
            line = order_lines.add_line(
                session, order.id, order_lines.NewLine(title="Замена стоек", quantity=1000, price=2_500_00)
            )
            order_money.approve(session, order.id, "Иванов Виктор", "in_person")
            orders.move(session, order.id, "in_work")
            if ready:
                line.mechanic_id = self.dealership.people["petukhov"]
                order_lines.mark_done(session, order.id, line.id)
                orders.move(session, order.id, "done")
                order_money.pay(session, order.id, 2_500_00, "card")
                orders.move(session, order.id, "closed")
                visits.move(session, visit.id, "ready")
            return visit.number, order.number
