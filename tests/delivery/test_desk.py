"""The delivery desk: the day's list and board, red labels, couriers and their sheets (S4-08, S4-17…19, S4-66, S4-85)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from addons.delivery.models import AddressPart, DeliveryOrder, Zone
from addons.delivery.services import contents, dispatch, moves, orders, payments
from addons.delivery.services import desk as desk_panels
from core import Branch, UserRole, give_role
from core.errors import Conflict, Invalid
from core.testing.statements import Statements
from core.web.app import Application
from tests.delivery.conftest import BASE, add, client, fill_in, logged, stored
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

TOMORROW = datetime.now(UTC).date() + timedelta(days=1)
PLACE: dict[str, Any] = {"delivery_on": TOMORROW, "window": "10-13", "address": "Москва, Тверская, 1"}
DESK, ROUTE = "/delivery/desk", "/delivery/route"
NOTE = "Хрупкое, позвонить за час"


@pytest.fixture
def desk(app: Application, dealership: Dealership) -> Visitor:
    """The delivery department."""
    employ(dealership, "sokolova", "delivery_desk")
    return Visitor(app, "sokolova")


@pytest.fixture
def courier(app: Application, dealership: Dealership) -> Visitor:
    """Who drives and nothing else."""
    employ(dealership, "lebedeva", "courier")
    return Visitor(app, "lebedeva")


def employ(dealership: Dealership, login: str, role: str) -> None:
    with dealership.session() as session:
        give_role(session, [dealership.people[login]], role)


def give(dealership: Dealership, number: int, login: str | None = "lebedeva") -> None:
    """An order to a courier."""
    with dealership.session() as session:
        order = orders.get_order(session, number)
        dispatch.give(session, order, {"courier_id": dealership.people[login] if login else None})


def hand_over(dealership: Dealership, note: str = NOTE, **more: Any) -> int:
    """An order that was handed to delivery with a message."""
    number = add(dealership, **(PLACE | more))
    fill_in(dealership, number)
    with dealership.session() as session:
        moves.set_status(session, number, "handed_to_delivery", answers={"message": note})
    return number


def sheet(visitor: Visitor, day: date = TOMORROW, **more: Any) -> str:
    query = "&".join(f"{name}={value}" for name, value in {"day": day, **more}.items())
    answer = visitor.get(f"{ROUTE}?{query}")
    assert answer.status_code == 200
    return answer.text


def test_the_red_label_stands_in_the_lists_with_text_and_icon_s4_18_s4_19(
    dealership: Dealership, desk: Visitor, operator: Visitor
) -> None:
    hand_over(dealership)
    add(dealership, **PLACE)
    for visitor, path in ((desk, f"{DESK}?q="), (desk, f"{DESK}?view=board"), (operator, f"{BASE}?q=")):
        page = visitor.get(path).text
        assert page.count('class="red-label"') == 1
        label = page.partition('class="red-label"')[2].partition("</details>")[0]
        assert "<svg" in label
        assert "Важно" in label
        assert NOTE in label


def test_the_label_goes_with_the_status_s4_18(dealership: Dealership, desk: Visitor) -> None:
    number = hand_over(dealership)
    with dealership.session() as session:
        contents.mark_delivered(session, number, contents.lines_of(session, number)[0].id)
        moves.set_status(session, number, "completed")
    assert "red-label" not in desk.get(f"{DESK}?q=").text


def test_handing_over_asks_for_the_message_s4_17(dealership: Dealership, operator: Visitor) -> None:
    number = add(dealership, **PLACE)
    assert "Важно для отдела доставки" in operator.get(f"{BASE}/{number}/status?to=handed_to_delivery").text
    assert operator.post(f"{BASE}/{number}/status?to=handed_to_delivery", {"message": NOTE}).status_code == 303
    assert stored(dealership, number).dispatch_note == NOTE


def test_the_operators_comment_is_where_it_is_needed_s4_08_s4_71_s4_72(
    dealership: Dealership, operator: Visitor, courier: Visitor
) -> None:
    customer = client(dealership, first_name="Иван", phones=["+79035550011"], branch_id=1)
    said = {"operator_comment": "Клиент сложный", "client_comment": "Спит ребёнок", "customer_id": customer}
    number = add(dealership, **PLACE, **said)
    other = add(dealership, customer_id=customer)
    give(dealership, number)
    assert "Клиент сложный" in operator.get(f"{BASE}/{number}").text
    assert "Клиент сложный" in operator.get(f"{BASE}/{other}").text
    page = sheet(courier)
    assert "Клиент сложный" in page
    assert "Спит ребёнок" in page


def test_couriers_see_theirs_only_s4_85(dealership: Dealership, courier: Visitor, operator: Visitor) -> None:
    mine, others = (
        hand_over(dealership, customer_text="Мой клиент"),
        hand_over(dealership, customer_text="Чужой клиент"),
    )
    give(dealership, mine)
    assert "Мой клиент" in sheet(courier)
    assert "Чужой клиент" not in sheet(courier)
    assert "Мой клиент" in sheet(courier, courier=dealership.people["petukhov"])
    assert courier.get(f"{BASE}/{others}").status_code == 404
    assert courier.get(f"{BASE}/{mine}").status_code == 200
    assert "Чужой клиент" not in courier.get(f"{DESK}?q=").text
    assert courier.post(f"{ROUTE}/{others}/brought").status_code == 404
    assert courier.post(f"{BASE}/{mine}/status?to=completed").status_code == 403
    assert operator.get(ROUTE).status_code == 403


def test_a_courier_can_ring_whoever_he_goes_to(dealership: Dealership, courier: Visitor) -> None:
    customer = client(dealership, first_name="Иван", phones=["+79035550011"], branch_id=1)
    give(dealership, add(dealership, **PLACE, customer_id=customer, phone=""))
    assert 'href="tel:+79035550011"' in sheet(courier)


def test_a_line_is_brought_or_brought_back_with_a_reason(dealership: Dealership, courier: Visitor) -> None:
    number = hand_over(dealership)
    give(dealership, number)
    with dealership.session() as session:
        [line] = [each.id for each in contents.lines_of(session, number)]
    at = f"{ROUTE}/{number}/lines/{line}?day={TOMORROW}"
    refused = courier.post(at, {"what": "returned", "reason": " "})
    assert refused.status_code == 422
    assert "Укажите, почему возвращено" in refused.text
    assert courier.post(at, {"what": "returned", "reason": "Не тот цвет"}).status_code == 303
    assert "Не тот цвет" in sheet(courier)
    assert "Готово" in sheet(courier)
    assert courier.post(at, {"what": "delivered"}).status_code == 303
    with dealership.session() as session:
        [found] = contents.lines_of(session, number)
        assert (found.delivered, found.returned, found.return_reason) == (1000, 0, "")
    assert courier.post(at, {"what": "returned", "reason": "Поздно"}).status_code == 422


def test_all_of_an_order_is_brought_at_once(dealership: Dealership, courier: Visitor) -> None:
    number = hand_over(dealership)
    fill_in(dealership, number, title="Коврики")
    give(dealership, number)
    assert courier.post(f"{ROUTE}/{number}/brought?day={TOMORROW}").status_code == 303
    with dealership.session() as session:
        assert all(line.delivered == line.quantity for line in contents.lines_of(session, number))


def test_all_delivered_leaves_what_is_brought_back(dealership: Dealership, desk: Visitor, courier: Visitor) -> None:
    number = hand_over(dealership)
    fill_in(dealership, number, title="Коврики")
    give(dealership, number)
    with dealership.session() as session:
        first = contents.lines_of(session, number)[0]
        contents.mark_delivered(session, number, first.id, 400)
        contents.mark_returned(session, number, first.id, "Не тот цвет")
    assert courier.post(f"{ROUTE}/{number}/brought?day={TOMORROW}").status_code == 303
    assert amounts(dealership, number) == [(400, 600, "Не тот цвет"), (1000, 0, "")]
    assert "Не тот цвет" in desk.get(f"{BASE}/{number}").text


def test_another_day_other_goods_or_fewer_take_the_return_away(dealership: Dealership, courier: Visitor) -> None:
    number = hand_over(dealership)
    with dealership.session() as session:
        [line] = contents.lines_of(session, number)
        order = orders.get_order(session, number)
        order.route_position = 3
        contents.mark_delivered(session, number, line.id, 400)
        contents.mark_returned(session, number, line.id, "Никого нет")
        fewer = contents.NewLine(title=line.title, quantity=700, price=1)
        assert contents.change_line(session, number, line.id, fewer).returned == 300
        orders.change_order(session, order, {"client_comment": "Завтра"})
        assert (line.returned, order.route_position) == (300, 3)
        orders.change_order(session, order, {"delivery_on": TOMORROW + timedelta(days=1)})
        assert (line.returned, line.return_reason, order.route_position) == (0, "", 0)
        contents.mark_returned(session, number, line.id, "Никого нет")
        contents.note_analogue(session, number, line.id, "accepted", "Щётки другие")
        assert (line.returned, line.return_reason) == (0, "")


def test_nothing_is_brought_of_what_was_cancelled_nor_taken_back_of_what_is_completed_s4_22(
    dealership: Dealership, courier: Visitor
) -> None:
    cancelled, done = hand_over(dealership), hand_over(dealership)
    logged(dealership, cancelled, "talk")
    for number in (cancelled, done):
        give(dealership, number)
    with dealership.session() as session:
        moves.set_status(session, cancelled, "price_unsuitable")
        contents.deliver_rest(session, done)
        moves.set_status(session, done, "completed")
        [line], [delivered] = (contents.lines_of(session, each) for each in (cancelled, done))
    for path, sent in (
        (f"{cancelled}/brought", {}),
        (f"{cancelled}/lines/{line.id}", {"what": "delivered"}),
        (f"{cancelled}/lines/{line.id}", {"what": "returned", "reason": "Поздно"}),
        (f"{done}/lines/{delivered.id}", {"what": "open"}),
    ):
        assert courier.post(f"{ROUTE}/{path}?day={TOMORROW}", sent).status_code == 409
    assert amounts(dealership, cancelled) == [(0, 0, "")]
    assert amounts(dealership, done) == [(1000, 0, "")]


def amounts(dealership: Dealership, number: int) -> list[tuple[int, int, str]]:
    """Of each line what was delivered, what was brought back and why."""
    with dealership.session() as session:
        lines = contents.lines_of(session, number)
        return [(line.delivered, line.returned, line.return_reason) for line in lines]


@pytest.mark.parametrize("role", ["order_operator", "delivery_desk", "courier", "delivery_head"])
def test_everybody_who_reads_orders_finds_them(app: Application, dealership: Dealership, role: str) -> None:
    number = hand_over(dealership, customer_text="Мой клиент")
    other = hand_over(dealership, customer_text="Чужой клиент", phone="+79030000000")
    with dealership.session() as session:
        somebody = dealership.people["sokolova"]
        for held in session.scalars(select(UserRole).where(UserRole.user_id == somebody)):
            session.delete(held)
        session.flush()
        give_role(session, [somebody], role)
        order = orders.get_order(session, number)
        order.courier_id = somebody
        [line] = contents.lines_of(session, number)
        contents.change_line(session, number, line.id, contents.NewLine(title="Коврики", price=1))
        told = order.number
    visitor = Visitor(app, "sokolova")
    for typed in ("мой", "коврик", "9031234567", told):
        for path in (BASE, DESK):
            page = visitor.get(f"{path}?q={typed}").text
            assert f'data-row="{number}"' in page
            assert f'data-row="{other}"' not in page


def test_what_a_client_collects_waits_for_no_courier_s4_20(dealership: Dealership, desk: Visitor) -> None:
    driven = add(dealership, **PLACE, method="inside_mkad")
    collected = add(dealership, **PLACE, method="pickup")
    page = desk.get(f"{DESK}?nobodys=1").text
    assert f'data-row="{driven}"' in page
    assert f'data-row="{collected}"' not in page
    assert 'Без курьера: <b class="num">1</b>' in desk.get(f"{DESK}?q=").text


def test_without_a_day_the_desk_shows_what_is_open(dealership: Dealership, desk: Visitor) -> None:
    number, cancelled = hand_over(dealership), hand_over(dealership)
    logged(dealership, cancelled, "talk")
    with dealership.session() as session:
        contents.deliver_rest(session, number)
        moves.set_status(session, number, "completed")
        moves.set_status(session, cancelled, "price_unsuitable")
    for query, shown in {
        "q=": set(),
        f"delivery_on={TOMORROW}..{TOMORROW}": {number},
        "status=completed": {number},
        "status_group=cancelled": {cancelled},
    }.items():
        page = desk.get(f"{DESK}?{query}").text
        assert {each for each in (number, cancelled) if f'data-row="{each}"' in page} == shown, query


def test_the_sheet_says_that_the_address_has_changed_s4_54(dealership: Dealership, courier: Visitor) -> None:
    number = hand_over(dealership)
    give(dealership, number)
    with dealership.session() as session:
        part = AddressPart(order_id=number, name="house", value="1", origin="said", confirmed_at=session.now())
        session.add(part)
        session.flush()
    assert "от прежнего" not in sheet(courier)
    with dealership.session() as session:
        orders.change_order(session, orders.get_order(session, number), {"address": "Москва, Тверская, 2"})
    assert "от прежнего" in sheet(courier)


def test_the_desk_gives_orders_to_couriers_and_zones(
    dealership: Dealership, desk: Visitor, courier: Visitor, operator: Visitor
) -> None:
    number, second = hand_over(dealership), hand_over(dealership)
    with dealership.session() as session:
        session.add(Zone(title="Центр"))
    rows = {"query": "", "id": [number, second], "answered": "1"}
    sent = {**rows, "courier_id": dealership.people["lebedeva"]}
    assert desk.post(f"{DESK}/bulk/give", sent).status_code == 303
    assert desk.post(f"{DESK}/bulk/zone", {**rows, "zone_id": 1}).status_code == 303
    assert (stored(dealership, number).courier_id, stored(dealership, second).zone_id) == (
        dealership.people["lebedeva"],
        1,
    )
    page = desk.get(f"{DESK}?q=").text
    assert f"courier={dealership.people['lebedeva']}" in page
    assert "Центр" in page
    assert operator.post(f"{DESK}/bulk/give", sent).status_code in (403, 404)


def test_nobody_but_a_courier_is_given_orders(dealership: Dealership, order: int) -> None:
    with pytest.raises(Invalid):
        give(dealership, order, "volkov")


def test_what_is_cancelled_goes_to_nobody(dealership: Dealership, courier: Visitor) -> None:
    number = add(dealership, **PLACE)
    logged(dealership, number, "talk")
    with dealership.session() as session:
        moves.set_status(session, number, "price_unsuitable")
    with pytest.raises(Conflict):
        give(dealership, number)
    assert "Иванов" not in sheet(courier)


def test_the_stops_of_a_sheet_are_put_in_their_order(dealership: Dealership, desk: Visitor, courier: Visitor) -> None:
    early, late = hand_over(dealership), hand_over(dealership, window="18-22")
    give(dealership, early)
    give(dealership, late)
    page = sheet(courier)
    assert page.index(f"stop-{early}") < page.index(f"stop-{late}")
    asked = f"{ROUTE}/{late}/move?courier={dealership.people['lebedeva']}&day={TOMORROW}"
    assert desk.post(asked, {"way": "earlier"}).status_code == 303
    page = sheet(courier)
    assert page.index(f"stop-{late}") < page.index(f"stop-{early}")
    assert courier.post(asked, {"way": "earlier"}).status_code == 403


def test_short_intervals_are_approved_at_the_desk_s4_66(
    dealership: Dealership, desk: Visitor, operator: Visitor
) -> None:
    number = add(dealership, **PLACE | {"window": "10-11", "window_reason": "Уезжает"})
    for _ in range(desk_panels.SHOWN_WAITING):
        late = add(dealership, **PLACE | {"window": "10-13", "window_reason": "Уезжает"})
    assert stored(dealership, late).window_reason == ""
    assert "ждёт согласования" in desk.get(f"{DESK}?q=").text
    with dealership.session() as session:
        orders.get_order(session, number).window_reason = ""
    assert "ждёт согласования" in desk.get(f"{DESK}?q=").text
    assert operator.post(f"{DESK}/{number}/approve").status_code == 403
    assert desk.post(f"{DESK}/{number}/approve").status_code == 303
    assert stored(dealership, number).window_approved_by_id == dealership.people["sokolova"]
    assert "ждёт согласования" not in desk.get(f"{DESK}?q=").text


def test_what_waits_costs_no_more_with_more_branches_s4_66(
    app: Application, dealership: Dealership, desk: Visitor
) -> None:
    add(dealership, **PLACE | {"window": "10-11", "window_reason": "Уезжает"})
    asked = []
    for _ in range(2):
        with Statements(app.database) as seen:
            assert "ждёт согласования" in desk.get(f"{DESK}?q=").text
        asked.append(len(seen.sent))
        with dealership.session() as session:
            session.add_all(Branch(title_ru=f"Филиал {number}", title_en=f"Branch {number}") for number in range(5))
    assert asked[0] == asked[1]


def test_the_day_begins_at_the_desk_or_on_the_own_sheet(desk: Visitor, courier: Visitor) -> None:
    assert desk.get("/delivery/today").headers["Location"].startswith(f"{DESK}?delivery_on=")
    assert courier.get("/delivery/today").headers["Location"] == ROUTE


def test_a_day_that_is_none_is_today(courier: Visitor) -> None:
    for day in ("2026-13-40", "завтра", "9999-01-01"):
        assert courier.get(f"{ROUTE}?day={day}").status_code == 200


def test_the_day_leaves_as_a_file_with_clients_and_wishes(dealership: Dealership, desk: Visitor) -> None:
    hand_over(dealership, customer_text="Мой клиент")
    answer = desk.post(f"{DESK}/export", {"query": "", "format": "csv"})
    assert answer.status_code == 200
    assert "Мой клиент" in answer.get_data(as_text=True)


def test_who_may_read_an_order_reads_whom_it_is_for_and_what_it_brings(
    dealership: Dealership, courier: Visitor
) -> None:
    number = hand_over(dealership, customer_text="Мой клиент")
    give(dealership, number)
    page = courier.get(f"{BASE}?q=").text
    assert "Мой клиент" in page
    assert "Щётки стеклоочистителя" in page
    assert "Мой клиент" in courier.get(f"{BASE}/{number}").text


def test_an_orders_card_takes_few_statements(app: Application, dealership: Dealership, operator: Visitor) -> None:
    number = hand_over(dealership)
    operator.get(f"{BASE}/{number}")
    with Statements(app.database) as seen:
        assert operator.get(f"{BASE}/{number}").status_code == 200
    assert len(seen.about("delivery_")) <= 5, seen.texts
    with dealership.session() as session:
        assert session.scalar(select(DeliveryOrder.id)) == number


def test_nobody_pays_for_what_was_brought_back(dealership: Dealership, desk: Visitor, courier: Visitor) -> None:
    number = hand_over(dealership, payment_method="cash")
    fill_in(dealership, number, title="Коврики", price=100_000, quantity=2000)
    give(dealership, number)
    with dealership.session() as session:
        payments.pay(session, number, 50_000, "card")
        mats = contents.lines_of(session, number)[1]
        contents.mark_delivered(session, number, mats.id, 1000)
        contents.mark_returned(session, number, mats.id, "Не тот цвет")
        order = orders.get_order(session, number)
        # 1,999.99 and one of two mats, less what is paid.
        assert payments.to_collect(order, contents.lines_of(session, number)) == 249_999
        assert session.scalar(select(payments.TO_COLLECT).where(DeliveryOrder.id == number)) == 249_999
    for page in (sheet(courier), desk.get(f"{BASE}/{number}").text, desk.get(f"{DESK}?q=").text):
        assert "2\u202f499,99" in page or "2\xa0499,99" in page


def test_what_was_kept_is_all_that_can_be_paid_s4_68_s4_70(dealership: Dealership, desk: Visitor) -> None:
    number = hand_over(dealership)
    fill_in(dealership, number, title="Коврики", price=100_000, quantity=2000)
    with dealership.session() as session:
        mats = contents.lines_of(session, number)[1]
        contents.mark_returned(session, number, mats.id, "Не подошло")
    with pytest.raises(Invalid) as refused, dealership.session() as session:
        payments.pay(session, number, 200_000, "card")
    assert refused.value.values["sum"] == 199_999
    with dealership.session() as session:
        payments.pay(session, number, 199_999, "card")
        order = orders.get_order(session, number)
        assert payments.status_of(order, contents.lines_of(session, number)) == "paid"
        assert session.scalar(select(payments.STATUS).where(DeliveryOrder.id == number)) == "paid"


def test_what_was_paid_above_what_is_kept_is_given_back_s4_68(dealership: Dealership, desk: Visitor) -> None:
    """The dialog of a payment proposes it; once it is given back the card is silent of it."""
    number = hand_over(dealership)
    fill_in(dealership, number, title="Коврики", price=100_000, quantity=2000)
    with dealership.session() as session:
        payments.pay(session, number, 399_999, "card")
        mats = contents.lines_of(session, number)[1]
        contents.mark_delivered(session, number, mats.id, 500)
    assert "Вернуть клиенту" not in desk.get(f"{BASE}/{number}").text
    with dealership.session() as session:
        contents.mark_returned(session, number, mats.id, "Не подошло")
    card, form = (desk.get(f"{BASE}/{number}{page}").text for page in ("", "/pay"))
    assert re.search(r"Вернуть клиенту</div><div[^>]*>1\s500\s₽", card)
    assert 'name="amount" value="1500"' in form
    assert 'name="returned" value="1" checked' in form
    sent = {"amount": "1500", "method": "card", "returned": "1"}
    assert desk.post(f"{BASE}/{number}/pay", sent).status_code == 303
    assert stored(dealership, number).paid == 249_999
    card, form = (desk.get(f"{BASE}/{number}{page}").text for page in ("", "/pay"))
    assert "Вернуть клиенту" not in card
    assert 'name="amount" value=""' in form
    assert 'name="returned" value="1" checked' not in form


def test_a_prepayment_is_given_back_when_the_order_is_cancelled_s4_68(dealership: Dealership, desk: Visitor) -> None:
    """But for what the client has got."""
    number = hand_over(dealership)
    fill_in(dealership, number, title="Коврики", price=100_000, quantity=2000)
    with dealership.session() as session:
        payments.pay(session, number, 300_000, "card")
        mats = contents.lines_of(session, number)[1]
        contents.mark_delivered(session, number, mats.id, 1000)
    logged(dealership, number, "talk")
    with dealership.session() as session:
        moves.set_status(session, number, "price_unsuitable")
        order = orders.get_order(session, number)
        assert payments.to_give_back(session, order, contents.lines_of(session, number)) == 200_000


@pytest.mark.parametrize("changed", [{"method": "pickup"}, {"carrier": "courier_service"}])
def test_what_our_couriers_bring_no_more_is_on_no_sheet_s4_20(
    dealership: Dealership, courier: Visitor, changed: dict[str, str]
) -> None:
    number = hand_over(dealership)
    give(dealership, number)
    assert f'id="stop-{number}"' in sheet(courier)
    with dealership.session() as session:
        orders.change_order(session, orders.get_order(session, number), changed)
    assert stored(dealership, number).courier_id is None
    with pytest.raises(Conflict):
        give(dealership, number)
    with dealership.session() as session:
        orders.get_order(session, number).courier_id = dealership.people["lebedeva"]
    assert f'id="stop-{number}"' not in sheet(courier)


def test_nothing_is_to_be_collected_for_a_cancelled_order(dealership: Dealership, desk: Visitor) -> None:
    number = hand_over(dealership)
    assert '<div class="grow">Получить' in desk.get(f"{BASE}/{number}").text
    logged(dealership, number, "talk")
    with dealership.session() as session:
        moves.set_status(session, number, "price_unsuitable")
    assert '<div class="grow">Получить' not in desk.get(f"{BASE}/{number}").text


@pytest.mark.parametrize("method", ["invoice", "site_card", "site_wallet"])
def test_a_courier_takes_nothing_of_what_is_paid_otherwise(
    dealership: Dealership, courier: Visitor, method: str
) -> None:
    number = hand_over(dealership, payment_method=method)
    give(dealership, number)
    page = sheet(courier)
    assert "Получать ничего не нужно" in page
    assert "1\u202f999,99" not in page
    assert "1\xa0999,99" not in page
    with dealership.session() as session:
        assert session.scalar(select(payments.TO_COLLECT).where(DeliveryOrder.id == number)) == 0


def test_the_sheet_of_a_stop_has_its_number_and_its_zone_and_is_no_paper_for_the_client_s4_72(
    dealership: Dealership, desk: Visitor, courier: Visitor
) -> None:
    number = hand_over(dealership)
    give(dealership, number)
    with dealership.session() as session:
        zone = Zone(title="Юго-запад")
        session.add(zone)
        session.flush()
        dispatch.set_zone(session, orders.get_order(session, number), {"zone_id": zone.id})
    page = sheet(courier)
    assert f'orders/{number}">{stored(dealership, number).number}<' in page
    assert "Юго-запад" in page
    assert "подпись" not in page
    card = desk.get(f"{BASE}/{number}").text
    assert "<dt>Зона</dt><dd>Юго-запад</dd>" in card
    assert "<dt>Курьер</dt>" in card
    feed = desk.get(f"/timeline/delivery_order/{number}").text
    assert "Зона: Юго-запад" in feed
    assert "Курьер: " in feed


def test_only_what_a_courier_brings_waits_for_one(dealership: Dealership, desk: Visitor) -> None:
    hand_over(dealership)
    hand_over(dealership, method="pickup")
    hand_over(dealership, carrier="courier_service")
    page = desk.get(f"{DESK}?q=").text
    assert re.search(r'Без курьера: <b class="num">1<', page)
    assert len(re.findall(r"ЗД\d+-\d\d-\d+</a>", desk.get(f"{DESK}?nobodys=1").text)) == 1
