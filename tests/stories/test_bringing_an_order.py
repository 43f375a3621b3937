"""S4: an order from the call to «Выполнен»: the address split, a short interval approved, a red label read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from core import give_role
from tests.delivery.conftest import BASE as ORDERS
from tests.delivery.conftest import add, fill_in
from tests.stories.conftest import Person
from tests.support.dealership import Dealership, Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.addons("contacts", "delivery")
ADDRESS = "Тверская 12, подъезд 2, этаж 3, кв 5, позвонить за час"
WISH = "Хрупкое: везти отдельно"


def test_an_order_from_the_call_to_completed(person: Person, dealership: Dealership) -> None:
    """S4-17…22, S4-50…66: every one of the four has a browser of his own."""
    with dealership.session() as session:
        give_role(session, [dealership.people["sokolova"]], "delivery_desk")
        give_role(session, [dealership.people["volkov"]], "courier")
    reception, operator, desk, courier = map(person, ("lebedeva", "petukhov", "sokolova", "volkov"))
    call(reception, "Виктор")
    take(operator, "Виктор")
    operator.get_by_role("button", name=re.compile("^Заказ с доставкой")).click()
    write_down(operator)
    card = operator.url
    add_goods(operator)
    not_yet(operator, "Передан в доставку")

    desk.goto(f"{card.partition('/delivery')[0]}/delivery/desk?q=")
    waiting = desk.locator(".notice", has_text="ждёт согласования")
    expect(waiting).to_contain_text("Клиент уезжает в полдень")
    waiting.get_by_role("button", name=re.compile("^Согласовать")).click()
    expect(desk.locator(".notice", has_text="ждёт согласования")).to_have_count(0)

    operator.goto(card)
    operator.get_by_role("link", name="Передан в доставку").click()
    dialog = operator.get_by_role("dialog")
    dialog.get_by_label("Важно для отдела доставки").fill(WISH)
    dialog.get_by_role("button", name=re.compile("^Выставить статус")).click()
    expect(operator.locator("main")).to_contain_text("Без статуса → Передан в доставку")

    read_the_label(desk)
    give_to(desk, "Волков")
    bring(courier, card)

    desk.goto(card)
    desk.get_by_role("link", name="Выполнен", exact=True).click()
    desk.get_by_role("dialog").get_by_role("button", name=re.compile("^Выставить статус")).click()
    expect(desk.locator("main")).to_contain_text("Передан в доставку → Выполнен")


def test_a_dialog_asks_what_belongs_to_the_case(person: Person, server: Server, dealership: Dealership) -> None:
    """S4-35, S4-36: what another case asks is neither shown nor sent; what was typed for it is still there."""
    number = add(dealership)
    fill_in(dealership, number)
    operator = person("petukhov")
    operator.goto(f"{server.address}{ORDERS}/{number}")
    operator.get_by_role("link", name="Не выгодно").click()
    dialog = operator.get_by_role("dialog")
    case, trip = dialog.get_by_label("Почему не выгодно?"), dialog.get_by_label("Нужно ехать к поставщику")
    profit, cost = dialog.get_by_label("Прибыль, ₽"), dialog.get_by_label("Расходы на доставку, ₽")
    expect(trip).to_be_visible()
    expect(profit).to_be_hidden()
    case.select_option("wrong_price")
    expect(trip).to_be_hidden()
    profit.fill("100")
    case.select_option("small_order")
    expect(trip).to_be_visible()
    expect(cost).to_be_hidden()
    case.select_option("wrong_price")
    expect(profit).to_have_value("100")
    dialog.get_by_role("button", name=re.compile("^Выставить статус")).click()

    # He has not said what the delivery costs: the page that comes back asks the same.
    expect(operator.get_by_label("Расходы на доставку, ₽")).to_have_attribute("aria-invalid", "true")
    expect(operator.get_by_label("Прибыль, ₽")).to_have_value("100")
    expect(operator.get_by_label("Нужно ехать к поставщику")).to_be_hidden()
    operator.get_by_label("Почему не выгодно?").select_option("small_order")
    operator.get_by_label("Нужно ехать к поставщику").check()
    operator.get_by_role("button", name=re.compile("^Выставить статус")).click()
    expect(operator.locator("main")).to_contain_text("Без статуса → Не выгодно")
    expect(operator.locator("main")).not_to_contain_text("Прибыль")


# --- what people do -----------------------------------------------------------------------------------


def call(reception: Page, who: str) -> None:
    """Somebody unknown calls; reception passes him on to Petukhov."""
    reception.get_by_text("Покупка нового автомобиля").click()
    reception.get_by_role("combobox", name=re.compile("^Клиент")).fill(who)
    reception.get_by_role("textbox", name=re.compile("^Телефон")).fill("8 (903) 123-45-67")
    reception.locator(".person", has_text="Петухов Владимир").click()
    expect(reception.get_by_role("button", name=re.compile("^Перевести"))).to_contain_text("Петухов")
    reception.keyboard.press("Control+Enter")


def take(operator: Page, who: str) -> None:
    """He opens what has popped up."""
    expect(operator.locator(".toastfc", has_text=who)).to_be_visible()
    operator.keyboard.press("F4")
    expect(operator.locator("#contact-head")).to_contain_text("В работе")


def write_down(operator: Page) -> None:
    """The order with its address in fields; the interval is too short without a reason."""
    expect(operator.get_by_role("textbox", name="Или кто это, словами")).to_have_value("Виктор")
    operator.get_by_label("Способ доставки").select_option(label="В пределах МКАД")
    operator.get_by_label("Адрес доставки").fill(ADDRESS)
    operator.get_by_role("button", name=re.compile("Разбить адрес по отдельным полям")).click()
    expect(operator.get_by_label("Улица", exact=True)).to_have_value("Тверская")
    expect(operator.get_by_label("Дом", exact=True)).to_have_value("12")
    expect(operator.get_by_label("Город", exact=True)).to_have_value("")
    operator.get_by_role("button", name="Москва", exact=True).click()
    expect(operator.get_by_label("Город", exact=True)).to_have_value("Москва")
    operator.get_by_role("button", name="Перенести в комментарий клиента").click()
    expect(operator.get_by_label("Комментарий клиента")).to_have_value("позвонить за час")
    expect(operator.get_by_label("Адрес доставки")).to_have_value("Тверская 12, подъезд 2, этаж 3, кв 5")
    operator.get_by_label("Адрес проверен").check()
    expect(operator.locator("#address-fields")).to_contain_text("проверено: Петухов")
    expect(operator.locator("#address-complete")).to_contain_text("дата доставки")
    operator.get_by_label("Дата доставки").fill((datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%d"))
    expect(operator.locator("#address-complete")).not_to_contain_text("дата доставки")
    operator.get_by_label("Время доставки").fill("с 10 до 11")
    operator.keyboard.press("Control+Enter")
    expect(operator.locator("main")).to_contain_text("Интервал слишком короткий")
    operator.get_by_label("Почему интервал короче обычного?").fill("Клиент уезжает в полдень")
    operator.keyboard.press("Control+Enter")
    expect(operator.get_by_role("heading", name=re.compile("ЗД"))).to_be_visible()
    expect(operator.get_by_role("region", name="Адрес по полям")).to_contain_text("проверено: Петухов")


def add_goods(operator: Page) -> None:
    """What he wants to have brought."""
    operator.get_by_role("link", name=re.compile("^Товары")).click()
    dialog = operator.get_by_role("dialog")
    dialog.get_by_label("Название").fill("Коврики салона")
    dialog.get_by_label("Цена").fill("4650")
    dialog.get_by_role("button", name=re.compile("^Сохранить")).click()
    expect(operator.get_by_role("region", name="Состав заказа")).to_contain_text("Коврики салона")


def not_yet(operator: Page, status: str) -> None:
    """The status is among those that cannot be set."""
    expect(operator.get_by_role("link", name=status)).to_have_count(0)


def read_the_label(desk: Page) -> None:
    """It cannot be overlooked, and a click shows the wish."""
    desk.reload()
    label = desk.locator(".red-label")
    expect(label).to_contain_text("Важно")
    expect(label.get_by_text(WISH)).to_be_hidden()
    label.locator("summary").click()
    expect(label.get_by_text(WISH)).to_be_visible()


def give_to(desk: Page, courier: str) -> None:
    """All orders of the list go to one courier."""
    desk.locator("td input[data-select]").check()
    desk.get_by_role("button", name="Передать курьеру").click()
    chosen = desk.get_by_label("Курьер")
    chosen.select_option(label=chosen.locator("option", has_text=courier).inner_text())
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("table")).to_contain_text(courier)


def bring(courier: Page, card: str) -> None:
    """On his sheet are the address, the wish and the goods; he marks what he has brought."""
    day = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%d")
    courier.goto(f"{card.partition('/delivery')[0]}/delivery/route?day={day}")
    stop = courier.locator(".stop")
    expect(stop).to_contain_text(WISH)
    expect(stop).to_contain_text("Тверская")
    expect(stop).to_contain_text("позвонить за час")
    stop.get_by_role("button", name="Доставлено", exact=True).click()
    expect(courier.locator(".stop")).to_contain_text("Готово")
