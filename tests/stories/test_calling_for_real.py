"""The calls of S0 by telephones on a real Asterisk: who calls pops up, answering opens the form, the client goes with his contact."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from addons.contacts.models import InboundContact
from addons.telephony.models import Call as StoredCall
from addons.telephony.models import Link, Pbx
from addons.telephony.services import exchanges
from core.access.models import User
from tests.pbx.by_hand import Hands, hands
from tests.pbx.console import ACCOUNT
from tests.pbx.server import SECRET
from tests.pbx.server import Pbx as Asterisk
from tests.pbx.telephone import Call, Telephone
from tests.stories.conftest import Person
from tests.stories.test_repairing_a_car import (
    Known,
    add_work_to,
    for_the_workshop,
    move_to_another_day,
    pass_on,
)
from tests.support.dealership import Dealership

if TYPE_CHECKING:
    from playwright.sync_api import Page

DESKS = {"lebedeva": 1, "petukhov": 2, "volkov": 3}
"""Whose phone is which of the house."""


class Line:
    """A dealership that is linked to the exchange, with a phone on three desks."""

    def __init__(self, dealership: Dealership, taken: Hands) -> None:
        self.dealership, self.hands = dealership, taken
        self.phones: dict[str, Telephone] = {login: taken.phone(place) for login, place in DESKS.items()}

    def linked(self, page: Page) -> None:
        """Wait until the server listens to the exchange."""
        for _ in range(600):
            with self.dealership.session() as session:
                if session.scalar(select(Link.state)) == "linked":
                    return
            page.wait_for_timeout(100)
        raise AssertionError("the server did not link itself to the exchange")

    def client_calls(self, reception: Page, who: str) -> Call:
        """A client calls, presses 0 in the menu, and reception picks up; the form is open then. Returns the client's call."""
        call = self.hands.do(self.hands.house.calls_in, "00")
        self.hands.wait(call.until_answered())
        self.hands.do(call.press, "0")
        mine = self.hands.wait(self.phones["lebedeva"].rung())
        expect(reception.locator(".toastfc", has_text="Входящий звонок")).to_contain_text(who)
        self.hands.do(mine.answer)
        expect(reception).to_have_url(re.compile(r"/reception\?.*origin=telephony"))
        expect(reception.locator(".fc-strips .callbar")).to_contain_text("вы говорите")
        return call

    def picks_up(self, login: str) -> Call:
        """The phone of somebody rings, and he takes it."""
        call = self.hands.wait(self.phones[login].rung())
        self.hands.do(call.answer)
        self.hands.wait(call.until_answered())
        return call

    def hangs_up(self, call: Call, *pages: Page) -> None:
        """The client ends the call; nobody has it on the line any more."""
        self.hands.do(call.hang_up)
        for page in pages:
            expect(page.locator(".fc-strips .callbar")).to_have_count(0)

    def one_contact(self, page: Page, words: set[str], by: list[str]) -> None:
        """The call is stored with those who talked, in order, and is the call of the only contact, whose card shows it."""
        extensions = [self.phones[login].user for login in by]
        for _ in range(600):
            with self.dealership.session() as session:
                found = session.execute(select(StoredCall.answered_by, StoredCall.contact_id)).all()
                contacts = session.scalars(select(InboundContact.id)).all()
            if found and found[0].contact_id is not None:
                break
            page.wait_for_timeout(100)
        assert [tuple(each) for each in found] == [(extensions, contacts[0])]
        assert len(contacts) == 1
        page.goto(f"{page.url.split('/', 3)[0]}//{page.url.split('/', 3)[2]}/contact/{contacts[0]}")
        for word in words:
            expect(page.locator("#contact-head")).to_contain_text(word)


@pytest.fixture
def line(dealership: Dealership, asterisk: Callable[[str], Asterisk]) -> Iterator[Line]:
    exchange = asterisk("22")
    with hands(exchange, 31) as taken:
        with dealership.session() as session:
            for login, place in DESKS.items():
                session.get_one(User, dealership.people[login]).extension = taken.house.extension(place)
            pbx = Pbx(
                name="north",
                host="127.0.0.1",
                port=exchange.ami_port,
                account=ACCOUNT,
                log=str(exchange.log),
                context="internal",
            )
            session.add(pbx)
            session.flush()
            exchanges.set_secret(session, pbx, SECRET)
        yield Line(dealership, taken)


@pytest.mark.addons("contacts", "sales", "telephony")
def test_somebody_unknown_wants_to_buy_a_car(line: Line, person: Person) -> None:
    """S0-55: a client calls; reception registers him while they talk, he is put through, the manager opens a worksheet."""
    manager, reception = person("petukhov"), person("lebedeva")
    line.linked(reception)
    call = line.client_calls(reception, "Номера нет в базе")
    expect(reception.locator("#phone")).to_have_value(f"+{line.hands.house.client()}")
    reception.get_by_text("Покупка нового автомобиля").click()
    reception.get_by_label("Имя").fill("Виктор")
    reception.get_by_placeholder("Марка").fill("мерс")
    reception.get_by_role("option", name=re.compile("Mercedes-Benz")).click()
    reception.locator(".person", has_text="Петухов Владимир").click()
    expect(reception.get_by_role("button", name=re.compile("^Перевести"))).to_contain_text("Петухов")
    reception.keyboard.press("Control+Enter")
    expect(reception.locator(".rcp-done")).to_contain_text("Виктор")
    line.picks_up("petukhov")
    expect(reception.locator(".fc-strips .callbar")).to_have_count(0)
    expect(manager.locator(".fc-strips .callbar")).to_contain_text("вы говорите")
    expect(manager).to_have_url(re.compile("/contact/[0-9]+$"))
    expect(manager.locator("#contact-head")).to_contain_text("В работе")
    manager.keyboard.press("1")
    expect(manager.get_by_role("heading", name=re.compile("РЛ-"))).to_be_visible()
    line.hangs_up(call, manager, reception)
    line.one_contact(manager, {"Покупка нового автомобиля", "Обработано"}, by=["lebedeva", "petukhov"])


@pytest.mark.addons("contacts", "service", "telephony")
def test_a_repair_is_asked_for(line: Line, person: Person) -> None:
    """S0-58, S1-02: somebody unknown calls about a repair and is put through to the adviser, who books a time for him."""
    adviser, reception = person("volkov"), person("lebedeva")
    line.linked(reception)
    call = line.client_calls(reception, "Номера нет в базе")
    expect(reception.locator("#phone")).to_have_value(f"+{line.hands.house.client()}")
    for_the_workshop(reception, "Ремонт автомобиля")
    reception.get_by_label("Имя").fill("Виктор")
    reception.get_by_placeholder("Марка").fill("киа")
    reception.get_by_role("option", name=re.compile("Kia")).click()
    reception.get_by_label("Со слов клиента").fill("Стук в подвеске")
    pass_on(reception)
    line.picks_up("volkov")
    expect(adviser).to_have_url(re.compile("/contact/[0-9]+$"))
    adviser.get_by_role("button", name=re.compile("^Предварительная запись")).click()
    expect(adviser.get_by_role("textbox", name="Причина обращения")).to_have_value("Стук в подвеске")
    adviser.locator("label.chip", has_text="ТО-30 000").click()
    adviser.locator("[data-window]").first.click()
    adviser.keyboard.press("Control+Enter")
    expect(adviser.get_by_role("heading", name=re.compile("ПЗ"))).to_be_visible()
    line.hangs_up(call, adviser, reception)
    line.one_contact(adviser, {"Ремонт автомобиля", "Обработано"}, by=["lebedeva", "volkov"])


@pytest.mark.addons("contacts", "service", "telephony")
def test_an_appointment_is_moved(line: Line, person: Person, dealership: Dealership) -> None:
    """S0-59: who has booked is known by his number; he is put through, the contact goes to the booking, the time changes."""
    booking = Known(dealership, phone=line.hands.house.client()).book()
    adviser, reception = person("volkov"), person("lebedeva")
    line.linked(reception)
    call = line.client_calls(reception, "Иванов Виктор")
    expect(reception.locator("#customer_id")).to_contain_text("Иванов Виктор")
    for_the_workshop(reception, "Ремонт автомобиля")
    pass_on(reception)
    line.picks_up("volkov")
    expect(adviser).to_have_url(re.compile("/contact/[0-9]+$"))
    adviser.locator(".attach", has_text=booking).get_by_role("button", name="Прикрепить").click()
    expect(adviser.locator("#contact-head")).to_contain_text("Обработано")
    adviser.locator("#contact-outcome").get_by_role("link", name=booking).click()
    move_to_another_day(adviser)
    expect(adviser.locator("main")).to_contain_text("переносов: 1")
    line.hangs_up(call, adviser, reception)
    line.one_contact(adviser, {"Ремонт автомобиля", "Обработано"}, by=["lebedeva", "volkov"])


@pytest.mark.addons("contacts", "service", "telephony")
def test_the_specialist_is_away(line: Line, person: Person, dealership: Dealership) -> None:
    """S0-61: whose car is in repair calls while the adviser is away: his contact waits for the adviser, works are added."""
    visit, order = Known(dealership, phone=line.hands.house.client()).receive()
    reception = person("lebedeva")
    line.linked(reception)
    call = line.client_calls(reception, "Иванов Виктор")
    expect(reception.locator("#customer_id")).to_contain_text("Иванов Виктор")
    for_the_workshop(reception, "Вопрос об автомобиле в ремонте")
    reception.locator(".person", has_text="Волков Сергей").click()
    reception.get_by_label("Что сделать").fill("Добавить замену щёток")
    reception.get_by_role("button", name=re.compile("^Перезвонить")).click()
    expect(reception.locator(".rcp-done")).to_contain_text("Иванов Виктор")
    line.hangs_up(call, reception)

    adviser = person("volkov")
    expect(adviser.locator(".toastfc", has_text="Новая задача")).to_contain_text("Перезвонить: Иванов Виктор")
    adviser.get_by_role("region", name="Мои обращения").get_by_role("link", name="Иванов Виктор").click()
    expect(adviser.locator("#contact-head")).to_contain_text("В работе")
    add_work_to(adviser, visit, order)
    line.one_contact(adviser, {"Вопрос об автомобиле в ремонте", "Обработано"}, by=["lebedeva"])
