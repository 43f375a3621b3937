"""Setting a status: the same answer from screen, API and code; history, tasks, settings, other addons (S4-13, 17, 47, 79…82)."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from addons.delivery.models import LogEntry, StatusChange
from addons.delivery.services import contents, dispatch, limits, log, moves, orders
from addons.delivery.services.statuses import STATUS, STATUSES
from core import Branch
from core.errors import Conflict, Refusal
from core.host.plugins import Hooks, hookimpl
from core.testing.statements import Statements
from core.web.app import Application
from core.work import settings
from core.work.task_models import Task
from tests.api.program import Program
from tests.delivery.conftest import API, BASE, add, client, fill_in, logged, steps_of, stored
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

HOUR = timedelta(hours=1)


def give(dealership: Dealership, number: int, code: str, **more: Any) -> None:
    """Set a status by code."""
    with dealership.session() as session:
        moves.set_status(session, number, code, **more)


def history(dealership: Dealership, number: int) -> list[tuple[str, str, str]]:
    """From, to and why, the first step first."""
    with dealership.session() as session:
        steps = steps_of(session, number)
        return [(each.before, each.after, each.comment) for each in reversed(steps)]


def test_a_change_may_carry_a_comment_and_is_kept_s4_47(dealership: Dealership, operator: Visitor, order: int) -> None:
    logged(dealership, order, "invoice")
    sent = {"comment": "Оплатит сегодня", "seen": "new"}
    assert operator.post(f"{BASE}/{order}/status?to=awaiting_prepayment", sent).status_code == 303
    give(dealership, order, "cancelled_other", comment="Передумал", answers={"none_fits": True})
    assert history(dealership, order) == [
        ("new", "awaiting_prepayment", "Оплатит сегодня"),
        ("awaiting_prepayment", "cancelled_other", "Передумал"),
    ]
    with dealership.session() as session:
        first = session.scalars(select(StatusChange).order_by(StatusChange.id).limit(1)).one()
        assert first.created_by_id == dealership.people["petukhov"]
        assert first.seconds >= 0
    page = operator.get(f"{BASE}/{order}").text
    assert "Оплатит сегодня" in page
    assert "Петухов В." in page


def test_a_double_click_sets_it_once(dealership: Dealership, order: int) -> None:
    logged(dealership, order, "invoice")
    for _ in range(2):
        give(dealership, order, "awaiting_prepayment")
    assert len(history(dealership, order)) == 1


def test_screen_api_and_code_refuse_with_the_same_words_s4_79(
    dealership: Dealership, operator: Visitor, robot: Program, order: int
) -> None:
    russian = "В журнале нет предметного разговора с подробной консультацией."
    with dealership.session() as session, pytest.raises(moves.RuleRefusal) as refusal:
        moves.set_status(session, order, "call_back")
    assert [lack.rule for lack in refusal.value.answer.lacks] == ["S4-12"]
    page = operator.post(f"{BASE}/{order}/status?to=call_back", {})
    assert page.status_code == 409
    assert russian in page.text
    assert "S4-12" in page.text
    for language, words in (("ru", russian), ("en", refusal.value.message)):
        told = Program(robot.app, dealership, "petukhov", language)
        answer = told.post(f"{API}/{order}/status", {"status": "call_back"})
        assert (answer.status_code, answer.json["detail"]) == (409, words)
        assert answer.json["errors"] == {"S4-12": [words]}
        checked = told.post(f"{API}/{order}/status/check", {"status": "call_back"}).json
        assert checked["verdict"] == "refused"
        assert (answer.json["verdict"], answer.json["lacks"]) == ("refused", checked["lacks"])
        assert checked["lacks"] == [{"rule": "S4-12", "text": words, "instead": "", "field": ""}]
    assert stored(dealership, order).status == "new"


def test_the_status_instead_is_one_click_s4_15_80(dealership: Dealership, operator: Visitor) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    place = {"address": "г. Тула, ул. Советская, 15", "region": "other", "carrier": "transport_company"}
    number = add(dealership, delivery_on=tomorrow, window="10-13", **place)
    asked = operator.get(f"{BASE}/{number}/status?to=hand_to_courier").text
    assert "S4-15" in asked
    assert f"{BASE}/{number}/status?to=handed_to_delivery" in asked
    assert operator.post(f"{BASE}/{number}/status?to=handed_to_delivery", {"seen": "new"}).status_code == 303
    assert stored(dealership, number).status == "handed_to_delivery"


def test_the_message_for_the_delivery_department_s4_17_19(dealership: Dealership, operator: Visitor) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    number = add(dealership, delivery_on=tomorrow, window="с 10 до 13", address="Москва, Тверская, 1")
    sent = {"message": "Хрупкое, везти отдельно", "seen": "new"}
    assert operator.post(f"{BASE}/{number}/status?to=handed_to_delivery", sent).status_code == 303
    assert stored(dealership, number).dispatch_note == "Хрупкое, везти отдельно"
    page = operator.get(f"{BASE}/{number}").text
    assert 'id="dispatch-note"' in page
    assert "Хрупкое, везти отдельно" in page


def test_a_change_takes_few_statements(app: Application, dealership: Dealership, operator: Visitor) -> None:
    first, second = add(dealership), add(dealership)
    for number in (first, second):
        logged(dealership, number, "invoice")
    sent = {"comment": "", "seen": "new"}
    operator.post(f"{BASE}/{first}/status?to=awaiting_prepayment", sent)
    with Statements(app.database) as seen:
        assert operator.post(f"{BASE}/{second}/status?to=awaiting_prepayment", sent).status_code == 303
    # Telephony is asked for calls too; SQLite writes the trail row by row.
    most = {"sqlite": 20, "postgresql": 18}[app.database.dialect]
    assert len(seen.texts) <= most, "\n".join(seen.texts)


def test_to_be_called_back_makes_the_task_and_its_end_s4_13_c_15(dealership: Dealership, order: int) -> None:
    logged(dealership, order, "consultation")
    give(dealership, order, "call_back")
    with dealership.session() as session:
        task = session.scalars(select(Task).where(Task.kind == moves.CALL_BACK)).one()
        due = moves.call_back_at(session.now(), moves.facts_of(session, orders.get_order(session, order)))
        assert timedelta(0) <= task.due_at - due + timedelta(minutes=1) < timedelta(days=5)
        assert task.due_at - session.now() > timedelta(days=2) - timedelta(minutes=1)
        assert (task.assignee_id, task.state) == (dealership.people["petukhov"], "open")
    give(dealership, order, "consultation", answers={"case": "irrelevant"})
    with dealership.session() as session:
        assert session.scalars(select(Task.state).where(Task.kind == moves.CALL_BACK)).one() == "done"


def test_two_days_later_it_is_as_late_by_the_clocks_s4_13_c_15(dealership: Dealership, order: int) -> None:
    """Over the night of 29 March 2026 two days have 47 hours in Berlin."""
    with dealership.session() as session:
        found = orders.get_order(session, order)
        session.get_one(Branch, found.branch_id).time_zone = "Europe/Berlin"
        session.flush()
        session.clock = lambda: datetime(2026, 3, 28, 9, tzinfo=UTC)
        assert moves.call_back_at(session.now(), moves.facts_of(session, found)) == datetime(2026, 3, 30, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "to", "chosen"),
    [
        ({}, "bought_elsewhere", ""),
        ({"price": 199_999}, "unprofitable", "small_order"),
        ({"price": 200_000}, "unprofitable", ""),
        ({}, "consultation", ""),
    ],
)
def test_a_dialog_begins_with_what_is_usual_s4_31_s4_36(
    dealership: Dealership, operator: Visitor, order: int, line: dict[str, Any], to: str, chosen: str
) -> None:
    fill_in(dealership, order, **line)
    page = operator.get(f"{BASE}/{order}/status?to={to}").text
    found = re.findall(r'<option[^>]*?value="([^"]*)"[^>]*selected|<option selected[^>]*value="([^"]*)"', page)
    assert "".join(map("".join, found)) == chosen


@pytest.mark.parametrize(
    ("passed", "said"),
    [(timedelta(minutes=50), "50 мин"), (timedelta(hours=1), "1 ч 0 мин"), (timedelta(days=1), "1 дн. 0 ч")],
)
def test_how_long_a_status_has_lasted_s4_47(
    dealership: Dealership, operator: Visitor, order: int, passed: timedelta, said: str
) -> None:
    logged(dealership, order, "invoice")
    with dealership.session() as session:
        orders.get_order(session, order).status_since -= passed
    give(dealership, order, "awaiting_prepayment")
    assert f">{said}<" in operator.get(f"{BASE}/{order}").text


def test_days_until_the_call_back_are_a_setting_s4_81(dealership: Dealership, order: int) -> None:
    found = stored(dealership, order)
    with dealership.session() as session:
        settings.write(session, limits.CALL_BACK_DAYS, 5)
        due, zone = moves.call_back_at(session.now(), moves.facts_of(session, found)), ZoneInfo("Europe/Moscow")
        assert (due.astimezone(zone).date() - session.now().astimezone(zone).date()).days == 5


def test_every_number_of_the_rules_is_a_setting_s4_81(dealership: Dealership, order: int) -> None:
    branch = stored(dealership, order).branch_id
    with dealership.session() as session:
        assert limits.limits_of(session, branch) == limits.Limits()
        for setting in limits.NUMBERS:
            settings.write(session, setting, setting.default + 1)
        changed = limits.limits_of(session, branch)
        assert all(getattr(changed, name) != getattr(limits.Limits(), name) for name in limits.Limits.__slots__)


def test_calls_noted_by_hand_prove_it_without_telephony_s4_82(
    dealership: Dealership, robot: Program, order: int
) -> None:
    noon = datetime.combine(datetime.now(UTC).date() - timedelta(days=1), time(9), tzinfo=UTC)
    refused = robot.post(f"{API}/{order}/status", {"status": "no_answer"})
    assert (refused.status_code, list(refused.json["errors"])) == (409, ["S4-23"])
    for minutes in (0, 60, 120):
        at = (noon + timedelta(minutes=minutes)).isoformat()
        assert robot.post(f"{API}/{order}/log", {"kind": "attempt", "at": at}).status_code == 200
    assert robot.post(f"{API}/{order}/status", {"status": "no_answer"}).json["status"] == "no_answer"


def test_a_call_that_two_have_noted_is_one(dealership: Dealership, order: int) -> None:
    logged(dealership, order, "attempt", timedelta(seconds=20), timedelta(seconds=50), HOUR)
    with dealership.session() as session:
        assert len(moves.facts_of(session, orders.get_order(session, order)).attempts) == 2


def test_nothing_is_logged_that_is_still_to_come(dealership: Dealership, robot: Program, order: int) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    refused = robot.post(f"{API}/{order}/log", {"kind": "attempt", "at": tomorrow})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["at"])


@pytest.mark.parametrize(("phone", "verdict"), [("+375291234567", "allowed"), ("+79031234567", "refused")])
def test_the_country_of_the_number_s4_40_83(dealership: Dealership, phone: str, verdict: str) -> None:
    number = add(dealership, phone=phone)
    with dealership.session() as session:
        answer = moves.check(session, orders.get_order(session, number), "consultation", "", {"case": "foreign"})
        assert answer.verdict == verdict


def test_the_number_of_the_directory_counts_where_the_order_has_none_s4_40(dealership: Dealership) -> None:
    number = add(dealership, customer_id=client(dealership, phones=["+375291234567"]), phone="")
    with dealership.session() as session:
        assert moves.facts_of(session, orders.get_order(session, number)).foreign is True


def test_delivered_in_full_s4_22(dealership: Dealership, operator: Visitor, order: int) -> None:
    fill_in(dealership, order, quantity=2000)
    with dealership.session() as session:
        [line] = contents.lines_of(session, order)
        contents.mark_delivered(session, order, line.id, 1000)
    assert operator.post(f"{BASE}/{order}/status?to=completed", {}).status_code == 409
    with dealership.session() as session:
        contents.mark_delivered(session, order, line.id)
    assert operator.post(f"{BASE}/{order}/status?to=completed", {}).status_code == 303


def test_suppliers_are_asked_by_a_click_s4_28(dealership: Dealership, operator: Visitor, order: int) -> None:
    fill_in(dealership, order, suppliers=["Склад", "Автодекор", "Тюнинг"])
    with dealership.session() as session:
        asked = [each.id for found in contents.suppliers_of(session, order).values() for each in found]
    sent = {"comment": "Щётки на старый кузов"}
    for supplier in asked[:2]:
        assert operator.post(f"{BASE}/{order}/suppliers/{supplier}/asked", {"asked": "1"}).status_code == 303
    refused = operator.post(f"{BASE}/{order}/status?to=out_of_stock", sent)
    assert refused.status_code == 409
    assert "Тюнинг" in refused.text
    operator.post(f"{BASE}/{order}/suppliers/{asked[2]}/asked", {"asked": "1"})
    assert operator.post(f"{BASE}/{order}/status?to=out_of_stock", {}).status_code == 422
    assert operator.post(f"{BASE}/{order}/status?to=out_of_stock", sent).status_code == 303


@pytest.mark.parametrize(("cents", "code"), [("1999,99", 303), ("2000,00", 409)])
def test_a_small_order_by_its_form_s4_36(
    dealership: Dealership, operator: Visitor, order: int, cents: str, code: int
) -> None:
    operator.post(f"{BASE}/{order}/line", {"title": "Щётки", "quantity": "1", "price": cents})
    sent = {"case": "small_order", "supplier_trip": "1"}
    assert operator.post(f"{BASE}/{order}/status?to=unprofitable", sent).status_code == code


def test_profit_is_typed_in_roubles_s4_35(dealership: Dealership, operator: Visitor, order: int) -> None:
    sent = {"case": "wrong_price", "profit": "499,99", "delivery_cost": "500"}
    assert operator.post(f"{BASE}/{order}/status?to=unprofitable", sent).status_code == 303
    with dealership.session() as session:
        [step] = steps_of(session, order)
        assert step.answers == {"case": "wrong_price", "profit": 49_999, "delivery_cost": 50_000}


def test_what_another_case_asks_does_not_count_s4_35_36(dealership: Dealership, operator: Visitor, order: int) -> None:
    """Where no script runs, the inputs of every case are there."""
    fill_in(dealership, order)
    form = operator.get(f"{BASE}/{order}/status?to=unprofitable").text
    places = re.findall(
        r'data-asked-with="(\w+)" data-asked="(\w+)">\s*(?:<[^>]+>\s*)*?<label[^>]*for="box-(\w+)"', form
    )
    assert places == [("case", "wrong_price", "profit"), ("case", "wrong_price", "delivery_cost")]
    assert 'data-asked-with="case" data-asked="small_order"' in form
    sent = {"case": "small_order", "supplier_trip": "1", "profit": "неизвестна", "delivery_cost": "9" * 20}
    assert operator.post(f"{BASE}/{order}/status?to=unprofitable", sent).status_code == 303
    with dealership.session() as session:
        [step] = steps_of(session, order)
        assert step.answers == {"case": "small_order", "supplier_trip": True}


def test_the_last_status_of_its_group_asks_twice_s4_43_44(operator: Visitor, order: int) -> None:
    path = f"{BASE}/{order}/status?to=cancelled_other"
    assert operator.post(path, {"comment": "Передумал"}).status_code == 422
    assert operator.post(path, {"none_fits": "1"}).status_code == 422
    assert operator.post(path, {"none_fits": "1", "comment": "Передумал"}).status_code == 303


@pytest.mark.parametrize("answers", [{"case": "elsewhere"}, {"case": 7}, {"case": "wrong_price", "profit": "much"}])
def test_an_answer_that_cannot_be_one_is_refused(robot: Program, order: int, answers: dict[str, Any]) -> None:
    refused = robot.post(f"{API}/{order}/status", {"status": "unprofitable", "answers": answers})
    assert refused.status_code == 422


def test_an_unknown_status_is_refused(operator: Visitor, robot: Program, order: int) -> None:
    assert operator.get(f"{BASE}/{order}/status?to=lost").status_code == 404
    assert robot.post(f"{API}/{order}/status", {"status": "lost"}).status_code == 422


def test_a_short_interval_waits_for_the_delivery_department_s4_65_66(dealership: Dealership, operator: Visitor) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    known = {"delivery_on": tomorrow, "address": "Москва, Тверская, 1"}
    number = add(dealership, window="10–12:59", window_reason="Уезжает в час", **known)
    with dealership.session() as session:
        found = orders.get_order(session, number)
        assert orders.window_waits(found, limits.Limits())
        assert [each.rule for each in moves.check(session, found, "handed_to_delivery").lacks] == ["S4-66"]
    assert operator.post(f"{BASE}/{number}/approve").status_code == 403
    with dealership.session() as session:
        orders.approve_window(session, number)
    give(dealership, number, "handed_to_delivery")
    with dealership.session() as session:
        orders.change_order(session, orders.get_order(session, number), {"window": "11-13"})
    assert stored(dealership, number).window_approved_at is None


def test_who_saw_another_status_is_told_whose_it_is(dealership: Dealership, operator: Visitor, order: int) -> None:
    logged(dealership, order, "invoice")
    operator.post(f"{BASE}/{order}/status?to=awaiting_prepayment", {"seen": "new"})
    with dealership.session() as session, pytest.raises(Conflict) as refusal:
        moves.set_status(session, order, "showroom_wanted", seen="new")
    assert refusal.value.values["name"] == "Петухов В."


def test_the_card_tells_of_all_seventeen(operator: Visitor, order: int) -> None:
    page = operator.get(f"{BASE}/{order}").text
    titles = [
        "Ожидаем предоплаты",
        "Передать в КС",
        "Забрала КС",
        "Недозвон",
        "Не выгодно",
        "Нужен шоурум",
        "Консультация",
    ]
    assert [title for title in titles if title not in page] == []


@pytest.mark.parametrize("group", ["approval", "picking", "delivery", "done", "cancelled"])
def test_the_list_by_group_s4_73_to_78(dealership: Dealership, operator: Visitor, group: str) -> None:
    codes = [status.code for status in STATUSES if status.group.code == group]
    numbers = []
    for code in (codes[0], "new"):
        number = add(dealership)
        with dealership.session() as session:
            orders.get_order(session, number).status = code
        numbers.append(stored(dealership, number).number)
    page = operator.get(BASE, query_string={"status_group": group}).text
    assert (numbers[0] in page, numbers[1] in page) == (True, False)


# --- other addons --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Added:
    """A status of an addon."""

    code: str
    title: str
    group: str
    guard: Any


@contextmanager
def answering(hooks: Hooks, **answers: Any) -> Iterator[None]:
    """An addon «parking» that answers these hooks, for as long as it lasts."""
    module = types.ModuleType("parking_of_a_test")
    for name, answer in answers.items():
        setattr(module, name, hookimpl(answer))
    hooks.register("parking", module)
    try:
        yield
    finally:
        hooks.unregister("parking")


def test_another_addon_adds_a_status_with_a_guard(dealership: Dealership, order: int) -> None:
    def full(_session: Any, _order: Any) -> Refusal | None:
        return Conflict("No place is free.") if free == 0 else None

    def delivery_statuses() -> list[Added]:
        return [Added("parking.on_the_lot", "On the lot", "picking", full)]

    free = 0
    with dealership.session() as session, answering(session.hooks, delivery_statuses=delivery_statuses):
        with pytest.raises(moves.RuleRefusal) as refusal:
            moves.set_status(session, order, "parking.on_the_lot")
        assert (refusal.value.message, refusal.value.answer.lacks[0].rule) == (
            "No place is free.",
            "parking.on_the_lot",
        )
        free = 1
        assert moves.set_status(session, order, "parking.on_the_lot").status == "parking.on_the_lot"
    with dealership.session() as session:
        [step] = steps_of(session, order)
        assert step.after == "parking.on_the_lot"
    give(dealership, order, "cancelled_other", comment="Передумал", answers={"none_fits": True})


def test_another_addon_knows_of_calls_s4_82(dealership: Dealership, order: int) -> None:
    noon = datetime.combine(datetime.now(UTC).date() - timedelta(days=1), time(9), tzinfo=UTC)

    def contacts_call_attempts() -> list[datetime]:
        return [noon, noon + HOUR]

    with dealership.session() as session, answering(session.hooks, contacts_call_attempts=contacts_call_attempts):
        log.log(session, order, "attempt", noon + timedelta(seconds=30))
        assert moves.facts_of(session, orders.get_order(session, order)).attempts == (noon, noon + HOUR)
        log.log(session, order, "attempt", noon + 2 * HOUR)
        assert moves.set_status(session, order, "no_answer").status == "no_answer"


def test_what_another_addon_cancels_is_on_no_sheet_x_14(dealership: Dealership, order: int) -> None:
    def delivery_statuses() -> list[Added]:
        return [Added("parking.gone", "Gone", "cancelled", None)]

    with dealership.session() as session:
        found = orders.get_order(session, order)
        found.delivery_on, found.courier_id, found.status = session.now().date(), 1, "parking.gone"
        session.flush()
        assert [stop.order.id for stop in dispatch.route_of(session, 1, found.delivery_on)] == [order]
        with answering(session.hooks, delivery_statuses=delivery_statuses):
            assert dispatch.route_of(session, 1, found.delivery_on) == []
            with pytest.raises(Conflict):
                contents.deliver_rest(session, order)
        session.rollback()


def test_the_status_that_a_rule_names_begins_with_its_case_s4_27(dealership: Dealership, operator: Visitor) -> None:
    number = add(dealership, phone="+4915112345678")
    answer = operator.post(f"{BASE}/{number}/status?to=consultation", {"seen": "new"})
    assert answer.status_code == 422
    assert re.search(r'<option value="foreign"[^>]* selected', answer.text)


def test_what_was_brought_back_is_taken_out_and_the_rest_is_completed_s4_22(
    dealership: Dealership, operator: Visitor, order: int
) -> None:
    fill_in(dealership, order)
    fill_in(dealership, order, title="Коврики", quantity=2000)
    with dealership.session() as session:
        brushes, mats = contents.lines_of(session, order)
        contents.mark_delivered(session, order, brushes.id)
        contents.mark_delivered(session, order, mats.id, 1000)
        contents.mark_returned(session, order, mats.id, "Не тот цвет")
    refused = operator.post(f"{BASE}/{order}/status?to=completed", {})
    assert refused.status_code == 409
    assert "Исправьте количество на то, что клиент взял" in refused.text
    with dealership.session() as session:
        contents.change_line(session, order, mats.id, contents.NewLine(title="Коврики", quantity=1000, price=199_999))
    assert operator.post(f"{BASE}/{order}/status?to=completed", {}).status_code == 303


def test_nothing_is_logged_from_before_the_order_s4_23_x_05(dealership: Dealership, robot: Program, order: int) -> None:
    made = stored(dealership, order).at
    day = made.astimezone(ZoneInfo("Europe/Moscow")).replace(hour=0, minute=0, second=0, microsecond=0)
    for early in ("1900-01-01T10:00:00Z", (day - timedelta(seconds=1)).isoformat()):
        refused = robot.post(f"{API}/{order}/log", {"kind": "attempt", "at": early})
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["at"])
    assert robot.post(f"{API}/{order}/log", {"kind": "attempt", "at": day.isoformat()}).status_code == 200
    with dealership.session() as session:
        # As an earlier release has let it in.
        session.add(LogEntry(order_id=order, at=day - timedelta(days=1), kind="attempt"))
        session.flush()
        assert moves.facts_of(session, orders.get_order(session, order)).attempts == (day,)


def test_the_card_tells_who_has_approved_the_interval_and_why_a_status_was_set_s4_47_s4_66(
    dealership: Dealership, operator: Visitor
) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    number = add(dealership, delivery_on=tomorrow, window="10-11", window_reason="Уезжает")
    with dealership.session() as session:
        orders.approve_window(session, number)
        moves.set_status(session, number, "bought_elsewhere", answers={"reason": "unknown"})
    page = operator.get(f"{BASE}/{number}").text
    assert "<dt>Короткий интервал согласован</dt>" in page
    feed = operator.get(f"/timeline/delivery_order/{number}").text
    assert "Согласован короткий интервал: 10:00–11:00" in feed
    assert re.search(r"Почему купил в другом месте\?:</span> [^<]+<", page)


def test_a_refusal_by_a_rule_is_called_one_and_says_what_fits_s4_80(dealership: Dealership, robot: Program) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    number = add(dealership, delivery_on=tomorrow, window="10-13", address="Тула", carrier="own", region="other")
    refused = robot.post(f"{API}/{number}/status", {"status": "hand_to_courier"})
    assert (refused.json["title"], refused.json["status"]) == ("A rule forbids this", 409)
    assert (refused.json["verdict"], refused.json["instead"]) == ("refused", "handed_to_delivery")
    wanted = robot.post(f"{API}/{number}/status", {"status": "bought_elsewhere"})
    assert list(wanted.json["errors"]) == ["answers.reason"]
    assert wanted.json["needs"][0]["choices"] == ["unknown", "price", "delivery", "other"]
    wrong = robot.post(f"{API}/{number}/status/check", {"status": "bought_elsewhere", "answers": {"reason": "x"}})
    assert list(wrong.json["errors"]) == ["answers.reason"]


def test_the_description_of_the_api_has_units_and_statuses(robot: Program, order: int) -> None:
    schemas = robot.get("/openapi.json").json["components"]["schemas"]
    assert "thousandths" in schemas["delivery.Line"]["properties"]["quantity"]["description"]
    assert "kopecks" in schemas["delivery.Line"]["properties"]["price"]["description"]
    wanted = schemas["delivery.StatusWanted"]["properties"]
    assert [each["const"] for each in wanted["status"]["anyOf"][:-1]] == list(STATUS)
    assert wanted["answers"]["description"]
    assert wanted["seen"]["description"]


def test_a_program_reads_client_and_label_by_their_names(dealership: Dealership, robot: Program) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    number = add(dealership, delivery_on=tomorrow, window="10-13", address="Москва, Тверская, 1")
    with dealership.session() as session:
        moves.set_status(session, number, "handed_to_delivery", answers={"message": "Код 15"})
    found = robot.get(f"{API}/{number}").json
    assert (found["client"], found["label"]) == ("Иванов Виктор", "Код 15")
    assert "number_2" not in found
