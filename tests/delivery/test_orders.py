"""Orders: made by hand and from contacts, numbered, found, read by colleagues, filled with goods and paid."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from addons.contacts.models import Customer, Document, InboundContact
from addons.delivery.models import DeliveryOrder, Item, Payment
from addons.delivery.services import contents, heads, orders, payments
from addons.delivery.services.contents import NewLine
from addons.delivery.services.vocabulary import METHODS, PAYMENT_METHODS
from addons.delivery.views import order as order_views
from core import Branch, User
from core.errors import Invalid
from core.web.app import Application
from tests.api.program import Program
from tests.delivery.conftest import API, BASE, add, client, fill_in, stored
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor


def test_numbers_of_a_branch_and_year_have_no_gaps(dealership: Dealership) -> None:
    first = stored(dealership, add(dealership))
    with pytest.raises(Invalid):
        add(dealership, customer_text="")
    second = stored(dealership, add(dealership))
    assert first.number == f"ЗД{first.branch_id}-{first.at.year % 100:02d}-00001"
    assert second.number == f"ЗД{first.branch_id}-{first.at.year % 100:02d}-00002"


@pytest.mark.parametrize(
    ("legal_form", "order_type"), [("person", "person"), ("company", "legal"), ("government", "legal")]
)
def test_the_clients_group_decides_the_type_s4_02(dealership: Dealership, legal_form: str, order_type: str) -> None:
    customer = client(dealership, legal_form, first_name="Иван")
    said = "legal" if order_type == "person" else "person"
    assert stored(dealership, add(dealership, customer_id=customer, order_type=said)).order_type == order_type


def test_a_private_client_has_his_full_name_in_its_fields_s4_07(operator: Visitor, dealership: Dealership) -> None:
    customer = client(dealership, first_name="Иван", middle_name="Сергеевич")
    with dealership.session() as session:
        found = session.get_one(Customer, customer)
        assert (found.last_name, found.first_name, found.middle_name) == ("Петров", "Иван", "Сергеевич")
    number = add(dealership, customer_id=customer)
    assert stored(dealership, number).order_type == "person"
    assert "Петров Иван Сергеевич" in operator.get(f"{BASE}/{number}").text


def test_a_contact_becomes_an_order_with_everything_filled_in(dealership: Dealership, app: Application) -> None:
    number = Program(app, dealership, "admin").register(phone="+7 903 123-45-67", note="Ждёт багажник")["id"]
    with dealership.session() as session:
        contact = session.get_one(InboundContact, number)
        document = orders.create_from_contact(session, contact)
    found = stored(dealership, document.id)
    assert (found.customer_text, found.phone, found.operator_comment) == ("Виктор", "+79031234567", "Ждёт багажник")
    page = Visitor(app, "admin").get(f"{BASE}/new?contact={number}")
    assert page.status_code == 200
    assert "Ждёт багажник" in page.text


def test_the_address_is_kept_to_the_letter_s4_50(dealership: Dealership) -> None:
    address = "ул.  Ленина д. 32,\nкв 5 "
    assert stored(dealership, add(dealership, address=address)).address == address


@pytest.mark.parametrize("typed", ["с 10 до 13", "10-13", "10:00–13:00"])
def test_an_interval_in_any_spelling_is_one_interval_s4_62(dealership: Dealership, typed: str) -> None:
    assert stored(dealership, add(dealership, window=typed)).window == "10:00–13:00"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"window": "10–12:59"}, "window"),
        ({"window": "25:00"}, "window"),
        ({"method": "balloon"}, "method"),
        ({"customer_text": " "}, "customer_id"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_s4_64(
    dealership: Dealership, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        add(dealership, **wrong)
    assert field in refusal.value.errors


def test_a_past_day_is_refused_and_stays_where_it_is_one_s4_61(dealership: Dealership, order: int) -> None:
    with dealership.session() as session:
        found = orders.get_order(session, order)
        yesterday = session.now().date() - timedelta(days=2)
        with pytest.raises(Invalid) as refusal:
            orders.change_order(session, found, {"delivery_on": yesterday})
        assert list(refusal.value.errors) == ["delivery_on"]
        found.delivery_on = yesterday
        orders.change_order(session, found, {"client_comment": "Спит ребёнок", "delivery_on": yesterday})
    assert stored(dealership, order).client_comment == "Спит ребёнок"


def test_an_order_is_found_by_number_client_and_goods(dealership: Dealership, operator: Visitor, order: int) -> None:
    fill_in(dealership, order)
    number = stored(dealership, order).number
    for query in (number, "Иванов", "щётки"):
        assert number in operator.get(BASE, query_string={"q": query}).text
    assert number not in operator.get(BASE, query_string={"q": "нет такого"}).text


def test_a_colleague_reads_the_order_and_does_not_change_it_s4_85(
    dealership: Dealership, app: Application, order: int
) -> None:
    colleague = Visitor(app, "sokolova")
    page = colleague.get(f"{BASE}/{order}")
    assert page.status_code == 200
    assert f"{BASE}/{order}/edit" not in page.text
    refused = colleague.post(f"{BASE}/{order}/status?to=cancelled_other", {"comment": "Передумал", "none_fits": "1"})
    assert refused.status_code == 403
    assert stored(dealership, order).status == "new"


def test_reception_knows_nothing_of_orders(app: Application, order: int) -> None:
    assert Visitor(app, "lebedeva").get(f"{BASE}/{order}").status_code in (403, 404)


def test_payment_in_stages_s4_68_69_70(dealership: Dealership, order: int) -> None:
    fill_in(dealership, order)

    def status() -> str:
        with dealership.session() as session:
            lines = contents.lines_of(session, order)
            return payments.status_of(orders.get_order(session, order), lines)

    seen = [status()]
    for amount in (100_000, 99_999):
        with dealership.session() as session:
            payments.pay(session, order, amount, "cash")
        seen.append(status())
    assert seen == ["unpaid", "partly", "paid"]
    assert stored(dealership, order).paid == 199_999


def test_money_is_given_back_as_far_as_it_was_paid_s4_68(dealership: Dealership, operator: Visitor, order: int) -> None:
    fill_in(dealership, order)
    with dealership.session() as session:
        payments.pay(session, order, 100_000, "cash")
    given = {"method": "cash", "returned": "1"}
    assert operator.post(f"{BASE}/{order}/pay", {"amount": "1000,01", **given}).status_code == 422
    assert operator.post(f"{BASE}/{order}/pay", {"amount": "400", **given}).status_code == 303
    assert stored(dealership, order).paid == 60_000
    with dealership.session() as session:
        assert list(session.scalars(select(Payment.amount).order_by(Payment.id))) == [100_000, -40_000]


@pytest.mark.parametrize(
    ("amount", "cents"), [("2000", 0), ("1999,99", 199_999), ("-0,01", 0), ("0", 0), ("0,001", 0), ("много", 0)]
)
def test_a_payment_is_a_sum_that_is_still_to_be_paid_s4_68(
    dealership: Dealership, operator: Visitor, order: int, amount: str, cents: int
) -> None:
    fill_in(dealership, order)
    answer = operator.post(f"{BASE}/{order}/pay", {"amount": amount, "method": "card"})
    assert (answer.status_code, stored(dealership, order).paid) == (303 if cents else 422, cents)


def test_a_program_pays_within_the_sum_too_s4_68(dealership: Dealership, robot: Program, order: int) -> None:
    fill_in(dealership, order)
    for amount in (200_000, -1, 0, 0.001):
        refused = robot.post(f"{API}/{order}/payments", {"amount": amount, "method": "card"})
        assert refused.status_code in (400, 422), amount
    assert stored(dealership, order).paid == 0


def test_a_refused_payment_says_how_much_is_left(dealership: Dealership, operator: Visitor, order: int) -> None:
    fill_in(dealership, order)
    answer = operator.post(f"{BASE}/{order}/pay", {"amount": "2000", "method": "card"})
    assert "Осталось заплатить 1 999,99 ₽" in " ".join(answer.text.split())
    answer = operator.post(f"{BASE}/{order}/pay", {"amount": "1", "method": "card", "returned": "1"})
    assert "Оплачено 0 ₽" in answer.text


def test_goods_without_a_price_are_told_that_it_is_missing(operator: Visitor, order: int) -> None:
    answer = operator.post(f"{BASE}/{order}/line", {"title": "Щётки", "quantity": "1", "price": ""})
    assert answer.status_code == 422
    assert "Введите цену" in answer.text


def test_all_mistakes_of_a_form_are_said_together_s4_62_s4_64(operator: Visitor) -> None:
    """An interval that is none hides no other mistake; one that is too short says what would be long enough."""
    page = operator.post(f"{BASE}/new", {"order_type": "person", "window": "25:00", "delivery_on": "2020-01-01"}).text
    for words in ("Напишите интервал так", "Выберите клиента", "Этот день", "Проверьте отмеченные поля"):
        assert words in page
    page = operator.post(f"{BASE}/new", {"order_type": "person", "window": "10-11", "customer_text": "Иванов"}).text
    for words in ("Самый короткий интервал в филиале – 3:00", "согласует отдел доставки"):
        assert words in page


def test_nothing_of_a_closed_order_waits_s4_66(dealership: Dealership, operator: Visitor) -> None:
    number = add(dealership, window="10–12", window_reason="Уезжает")
    assert "Короткий интервал 10:00–12:00 ждёт" in operator.get(f"{BASE}/{number}").text
    with dealership.session() as session:
        orders.get_order(session, number).status = "completed"
    assert "Короткий интервал 10:00–12:00 ждёт" not in operator.get(f"{BASE}/{number}").text


def test_words_from_right_to_left_leave_what_stands_beside_them(
    dealership: Dealership, operator: Visitor, order: int
) -> None:
    fill_in(dealership, order, title="عجلة", article="\u202eX1")
    page = operator.get(f"{BASE}/{order}").text
    assert "<bdi>عجلة</bdi>" in page
    assert "<bdi>\u202eX1</bdi>" in page


@pytest.mark.parametrize(("way", "chosen"), [("method", METHODS), ("payment_method", PAYMENT_METHODS)])
def test_ways_of_delivery_and_of_payment_s4_49_s4_67(dealership: Dealership, way: str, chosen: dict[str, str]) -> None:
    assert {getattr(stored(dealership, add(dealership, **{way: code})), way) for code in chosen} == set(chosen)
    with pytest.raises(Invalid) as refusal:
        add(dealership, **{way: "barter"})
    assert list(refusal.value.errors) == [way]


@pytest.mark.parametrize(
    ("order", "city", "warned"),
    [
        ({"method": "inside_mkad", "region": "moscow"}, "Москва", 0),
        ({"method": "inside_mkad", "region": "moscow_region"}, "", 1),
        ({"method": "inside_mkad"}, "Химки", 1),
        ({"method": "outside_mkad", "region": "moscow_region"}, "Химки", 0),
        ({"method": "pickup", "carrier": "courier_service"}, "", 1),
        ({"method": "pickup"}, "", 0),
    ],
)
def test_way_and_region_agree_s4_84(order: dict[str, str], city: str, warned: int) -> None:
    known = DeliveryOrder(**{"method": "", "carrier": "", "region": "", **order})
    assert len(list(heads.warnings(known, {"city": city}))) == warned


def test_a_day_is_over_by_the_clocks_of_the_branch_s4_61_x_05(dealership: Dealership, order: int) -> None:
    """Where the day ends last on earth it is still today; where it begins first it is over."""
    last = datetime.now(ZoneInfo("Etc/GMT+12")).date()
    for zone, over in (("Etc/GMT+12", False), ("Pacific/Kiritimati", True)):
        with dealership.session() as session:
            found = orders.get_order(session, order)
            found.delivery_on = None
            session.get_one(Branch, found.branch_id).time_zone = zone
            session.flush()
            if not over:
                orders.change_order(session, found, {"delivery_on": last})
                continue
            with pytest.raises(Invalid) as refusal:
                orders.change_order(session, found, {"delivery_on": last})
            assert list(refusal.value.errors) == ["delivery_on"]


def test_more_than_was_ordered_is_never_delivered_s4_22(dealership: Dealership, order: int) -> None:
    fill_in(dealership, order)
    for quantity in (1001, -1):
        with dealership.session() as session:
            [line] = contents.lines_of(session, order)
            with pytest.raises(Invalid) as refusal:
                contents.mark_delivered(session, order, line.id, quantity)
            assert list(refusal.value.errors) == ["delivered"]
    with dealership.session() as session:
        assert [line.delivered for line in contents.lines_of(session, order)] == [0]


def test_a_line_of_the_directory_brings_its_price_and_suppliers(dealership: Dealership, order: int) -> None:
    with dealership.session() as session:
        item = Item(title="Фаркоп", price=2_780_000, suppliers="Склад\nТюнинг", discontinued=True)
        session.add(item)
        session.flush()
        line = contents.add_line(session, order, NewLine(item_id=item.id, quantity=2000))
        assert (line.total, line.discontinued) == (5_560_000, True)
        assert [each.name for each in contents.suppliers_of(session, order)[line.id]] == ["Склад", "Тюнинг"]
    with dealership.session() as session:
        head = session.get_one(Document, order)
        assert (head.amount, head.title) == (5_560_000, "Фаркоп")


def test_an_analogue_that_is_taken_becomes_the_line_s4_38(dealership: Dealership, order: int) -> None:
    fill_in(dealership, order, discontinued=True)
    with dealership.session() as session:
        [line] = contents.lines_of(session, order)
        contents.note_analogue(session, order, line.id, "accepted", "Щётки бескаркасные")
        assert (line.title, line.discontinued) == ("Щётки бескаркасные", False)
        assert line.analogue_title == "Щётки стеклоочистителя"


def test_the_card_and_its_forms_open(dealership: Dealership, operator: Visitor, order: int) -> None:
    fill_in(dealership, order, discontinued=True, suppliers=["Склад"])
    with dealership.session() as session:
        [line] = contents.lines_of(session, order)
    pages = ["", "/line", f"/line?part={line.id}", f"/analogue?part={line.id}", "/log", "/pay", "/status?to=no_answer"]
    assert [operator.get(f"{BASE}/{order}{page}").status_code for page in pages] == [200] * len(pages)


def test_a_line_keeps_its_goods_when_they_are_offered_no_more(
    dealership: Dealership, operator: Visitor, order: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor when they are too far down the list: saving something else must not lose them."""
    monkeypatch.setattr(order_views, "_ITEMS", 1)
    with dealership.session() as session:
        session.add_all([Item(title="Автоковрики"), own := Item(title="Щётки", price=100_00)])
        session.flush()
        line = contents.add_line(session, order, NewLine(item_id=own.id))
        own.active = False
        chosen, address = own.id, f"{BASE}/{order}/line?part={line.id}"
    assert f'<option value="{chosen}" selected>Щётки</option>' in operator.get(address).text
    assert "Автоковрики" in operator.get(f"{BASE}/{order}/line").text
    sent = {"item_id": str(chosen), "title": "Щётки", "quantity": "2", "price": "100"}
    assert operator.post(address, sent).status_code == 303
    with dealership.session() as session:
        [kept] = contents.lines_of(session, order)
        assert (kept.item_id, kept.quantity) == (chosen, 2_000)


@pytest.mark.parametrize(
    ("language", "quantity", "shown", "price"),
    [("ru", "250,5", "250,5 × 99,50", "99,5"), ("en", "250.5", "250.5 × 99.50", "99.5")],
)
def test_numbers_are_written_as_in_the_persons_language(
    dealership: Dealership, operator: Visitor, order: int, language: str, quantity: str, shown: str, price: str
) -> None:
    fill_in(dealership, order, quantity=250_500, price=9_950)
    with dealership.session() as session:
        session.get_one(User, dealership.people["petukhov"]).language = language
        [line] = contents.lines_of(session, order)
    assert shown in operator.get(f"{BASE}/{order}").text
    form = operator.get(f"{BASE}/{order}/line?part={line.id}").text
    typed = dict(re.findall(r'name="(quantity|price)" value="([^"]*)"', form))
    assert typed == {"quantity": quantity, "price": price}
    sent = {"title": "Щётки", "discontinued": "", **typed}
    assert operator.post(f"{BASE}/{order}/line?part={line.id}", sent).status_code == 303
    with dealership.session() as session:
        [kept] = contents.lines_of(session, order)
        assert (kept.quantity, kept.price) == (250_500, 9_950)


@pytest.mark.parametrize("sent", [{}, {"discontinued": "1"}])
def test_a_flag_in_a_refused_form_is_as_it_was_sent(
    dealership: Dealership, operator: Visitor, order: int, sent: dict[str, str]
) -> None:
    fill_in(dealership, order, discontinued=True)
    with dealership.session() as session:
        [line] = contents.lines_of(session, order)
    address = f"{BASE}/{order}/line?part={line.id}"
    ticked = 'name="discontinued" value="1" checked'
    assert ticked in operator.get(address).text
    refused = operator.post(address, {"title": "Щётки", "quantity": "много", "price": "100", **sent})
    assert refused.status_code == 422
    assert (ticked in refused.text) == bool(sent)


def test_steps_of_the_card_by_their_forms(dealership: Dealership, operator: Visitor, order: int) -> None:
    sent = {"title": "Коврики", "quantity": "1,5", "price": "4 650", "suppliers": "Склад\nАвтодекор"}
    assert operator.post(f"{BASE}/{order}/line", sent).status_code == 303
    assert stored(dealership, order).total == 697_500
    assert operator.post(f"{BASE}/{order}/line", {"title": "", "quantity": "x"}).status_code == 422
    assert operator.post(f"{BASE}/{order}/attempt").status_code == 303
    assert operator.post(f"{BASE}/{order}/pay", {"amount": "1000", "method": "card"}).status_code == 303
    assert stored(dealership, order).paid == 100_000
    page = operator.get(f"{BASE}/{order}").text
    assert "Звонок без ответа" in page
    assert "Автодекор" in page


def test_a_program_makes_and_fills_an_order(robot: Program) -> None:
    made = robot.post(API, {"customer_text": "Виктор", "window": "13-18"})
    assert made.status_code == 201, made.text
    filled = robot.post(f"{API}/{made.json['id']}/lines", {"title": "Коврики", "price": 100_00})
    assert filled.json["total"] == 100_00, filled.text


def test_a_refused_button_is_answered_on_the_card(dealership: Dealership, operator: Visitor, order: int) -> None:
    fill_in(dealership, order)
    with dealership.session() as session:
        line = contents.lines_of(session, order)[0].id
        contents.mark_delivered(session, order, line)
    answer = operator.post(f"{BASE}/{order}/lines/{line}/remove")
    assert answer.status_code == 409
    assert "Это уже доставлено." in answer.text.partition('id="refused"')[2]
    assert "Щётки стеклоочистителя" in answer.text
