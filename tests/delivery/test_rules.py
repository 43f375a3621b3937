"""S4-09…46 and S4-73…81: every rule of every status, accepting and refusing, as functions of data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from addons.delivery.services.facts import Facts, LineFacts
from addons.delivery.services.judging import Answer, judge
from addons.delivery.services.limits import Limits
from addons.delivery.services.rules import AFTER_CALL_BACK, LANDLINE, NOT_BUYING, usual_case
from addons.delivery.services.statuses import CANCELLED, GROUPS, STATUS, STATUSES

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
LINE = LineFacts("Коврики", suppliers=("Склад",))
ADDRESS = "Москва, ул. Ленина, д. 32"
AGREED = {"delivery_on": date(2026, 3, 14), "window": "10:00–13:00", "address": ADDRESS}
HERE = {"carrier": "courier_service", "region": "moscow"}


def asked(code: str, **facts: Any) -> Answer:
    """What the rules say of a status."""
    return judge(Facts(**facts), STATUS[code])


def said(code: str, **facts: Any) -> tuple[str, list[str]]:
    """The verdict, and the rules that refuse."""
    answer = asked(code, **facts)
    return answer.verdict, [lack.rule for lack in answer.lacks]


def log(*kinds: str) -> tuple[tuple[str, datetime], ...]:
    """What was logged before today."""
    return tuple((kind, NOW - timedelta(days=30)) for kind in kinds)


def line(**more: Any) -> tuple[LineFacts, ...]:
    """One line of an order."""
    return (replace(LINE, **more),)


def calls(*texts: str, zone: str = "Europe/Moscow") -> tuple[datetime, ...]:
    """Moments by the clocks of a place: ``09 10:00`` in March 2026."""
    place = ZoneInfo(zone)
    return tuple(datetime.strptime(f"2026-03-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=place) for text in texts)


def test_five_groups_of_seventeen_statuses_s4_09_73_to_78() -> None:
    counted = Counter(status.group.code for status in STATUSES)
    assert counted == {"approval": 2, "picking": 1, "delivery": 3, "done": 1, "cancelled": 10}
    assert [group.code for group in GROUPS] == list(counted)
    assert STATUSES[-1].code == "cancelled_other"
    codes = {status.code for status in STATUSES}
    assert len(codes) == 17
    assert not codes & {group.code for group in GROUPS}
    assert {status.code for status in STATUSES if status.terminal} == {
        "completed",
        *(status.code for status in STATUSES if status.group is CANCELLED),
    }


ALLOWED: list[tuple[str, str, Mapping[str, Any]]] = [
    ("S4-10", "awaiting_prepayment", {"log": log("invoice")}),
    ("S4-11", "awaiting_prepayment", {"payment_method": "site_card"}),
    ("S4-11", "awaiting_prepayment", {"payment_method": "site_wallet"}),
    ("S4-12", "call_back", {"log": log("consultation")}),
    ("S4-14", "hand_to_courier", {"carrier": "courier_service", "region": "moscow"}),
    ("S4-14", "hand_to_courier", {"carrier": "courier_service", "region": "moscow_region"}),
    ("S4-16", "handed_to_delivery", AGREED),
    ("S4-20", "picked_up", {"method": "pickup"}),
    ("S4-21", "collected_by_courier", {"status": "hand_to_courier"}),
    ("S4-22", "completed", {"lines": line(delivered=1000)}),
    ("S4-28", "out_of_stock", {"lines": (LINE,)}),
    ("S4-29", "out_of_stock", {"lines": line(listed=False, suppliers=()), "comment": "Спойлер на универсал"}),
    ("S4-31", "bought_elsewhere", {"answers": {"reason": "unknown"}}),
    *(
        ("S4-33", "delivery_unsuitable", {"log": log("talk"), "answers": {"reason": why}})
        for why in ("dates", "time", "cost")
    ),
    ("S4-34", "price_unsuitable", {"log": log("talk")}),
    ("S4-34", "price_unsuitable", {"log": log("consultation")}),
    ("S4-35", "unprofitable", {"answers": {"case": "wrong_price", "profit": 49_999, "delivery_cost": 50_000}}),
    ("S4-36", "unprofitable", {"total": 199_999, "answers": {"case": "small_order", "supplier_trip": True}}),
    ("S4-37", "discontinued", {"lines": line(discontinued=True, analogue="refused")}),
    *(("S4-39", "consultation", {"mobile": False, "foreign": False, "answers": {"case": case}}) for case in LANDLINE),
    ("S4-40", "consultation", {"foreign": True, "answers": {"case": "foreign"}}),
    *(("S4-41", "consultation", {"mobile": True, "foreign": False, "answers": {"case": case}}) for case in NOT_BUYING),
    *(("S4-42", "consultation", {"status": "call_back", "answers": {"case": case}}) for case in AFTER_CALL_BACK),
    ("S4-42", "consultation", {"had": frozenset({"call_back"}), "answers": {"case": "unreachable"}}),
    ("S4-42", "consultation", {"log": log("S4-42", "consultation"), "answers": {"case": "unreachable"}}),
    ("S4-43-44", "cancelled_other", {"comment": "Передумал", "answers": {"none_fits": True}}),
    ("S4-45", "showroom_wanted", {"lines": (LINE,)}),
]

REFUSED: list[tuple[str, Mapping[str, Any], list[str], str]] = [
    ("awaiting_prepayment", {"payment_method": "cash", "log": log("offer", "talk")}, ["S4-10"], ""),
    ("call_back", {"log": log("talk", "attempt", "offer")}, ["S4-12"], ""),
    ("hand_to_courier", {"carrier": "courier_service", "region": "other", **AGREED}, ["S4-15"], "handed_to_delivery"),
    ("hand_to_courier", {"carrier": "courier_service", "region": "other"}, ["S4-15"], ""),
    (
        "hand_to_courier",
        {"carrier": "transport_company", "region": "moscow", **AGREED},
        ["S4-15"],
        "handed_to_delivery",
    ),
    ("hand_to_courier", {"carrier": "own", "region": "moscow"}, ["S4-14"], ""),
    ("hand_to_courier", {"carrier": "own", "region": "moscow", **AGREED}, ["S4-14"], "handed_to_delivery"),
    (
        "hand_to_courier",
        {"status": "handed_to_delivery", "carrier": "own", "region": "moscow", **AGREED},
        ["S4-14"],
        "",
    ),
    ("hand_to_courier", {"method": "pickup", "region": "moscow"}, ["S4-14"], "picked_up"),
    ("hand_to_courier", {"carrier": "courier_service"}, ["S4-14"], ""),
    ("handed_to_delivery", {**AGREED, "delivery_on": None}, ["S4-16"], ""),
    ("handed_to_delivery", {**AGREED, "window": ""}, ["S4-16"], ""),
    ("handed_to_delivery", {**AGREED, "address": " "}, ["S4-16"], ""),
    ("handed_to_delivery", {}, ["S4-16", "S4-16", "S4-16"], ""),
    ("handed_to_delivery", {**AGREED, "window_waits": True}, ["S4-66"], ""),
    ("picked_up", {"method": "inside_mkad"}, ["S4-20"], ""),
    ("collected_by_courier", HERE, ["S4-21"], "hand_to_courier"),
    ("collected_by_courier", {"carrier": "own", "region": "moscow", **AGREED}, ["S4-21"], "handed_to_delivery"),
    ("collected_by_courier", {}, ["S4-21"], ""),
    ("completed", {}, ["S4-22"], ""),
    ("completed", {"lines": (*line(delivered=1000), *line(delivered=999))}, ["S4-22"], ""),
    ("completed", {"lines": (*line(delivered=1000), *line(returned=1000))}, ["S4-22"], ""),
    ("completed", {"lines": line(delivered=400, returned=600)}, ["S4-22"], ""),
    ("completed", {"lines": line(returned=1000)}, ["S4-22"], "cancelled_other"),
    ("no_answer", {"log": log("consultation")}, ["S4-27"], "consultation"),
    ("out_of_stock", {}, ["S4-30"], ""),
    ("out_of_stock", {"lines": line(suppliers=("А", "Б", "В"), unchecked=("В",))}, ["S4-28"], ""),
    ("out_of_stock", {"lines": line(suppliers=())}, ["S4-28"], ""),
    ("bought_elsewhere", {"answers": {"reason": "price"}}, ["S4-32"], "price_unsuitable"),
    ("bought_elsewhere", {"answers": {"reason": "price"}, "log": log("talk")}, ["S4-32"], "price_unsuitable"),
    ("bought_elsewhere", {"answers": {"reason": "delivery"}, "log": log("talk")}, ["S4-31"], "delivery_unsuitable"),
    ("bought_elsewhere", {"answers": {"reason": "other"}}, ["S4-31"], "cancelled_other"),
    ("delivery_unsuitable", {"log": log("attempt"), "answers": {"reason": "cost"}}, ["S4-33"], ""),
    ("price_unsuitable", {"log": log("offer")}, ["S4-34"], ""),
    ("unprofitable", {"answers": {"case": "wrong_price", "profit": 50_000, "delivery_cost": 50_000}}, ["S4-35"], ""),
    ("unprofitable", {"total": 200_000, "answers": {"case": "small_order", "supplier_trip": True}}, ["S4-36"], ""),
    ("unprofitable", {"total": 100, "answers": {"case": "small_order", "supplier_trip": False}}, ["S4-36"], ""),
    ("discontinued", {}, ["S4-37", "S4-37"], ""),
    ("discontinued", {"lines": (LINE,)}, ["S4-37"], ""),
    ("discontinued", {"lines": line(discontinued=True)}, ["S4-37"], ""),
    ("discontinued", {"lines": line(discontinued=True, analogue="offered")}, ["S4-37"], ""),
    ("consultation", {"mobile": True, "answers": {"case": "office"}}, ["S4-39"], ""),
    ("consultation", {"foreign": False, "answers": {"case": "foreign"}}, ["S4-40"], ""),
    ("consultation", {"answers": {"case": "foreign"}}, ["S4-40"], ""),
    ("consultation", {"answers": {"case": "unreachable"}}, ["S4-42"], ""),
    ("showroom_wanted", {}, ["S4-46"], ""),
]

NEEDS: list[tuple[str, Mapping[str, Any], list[str]]] = [
    ("bought_elsewhere", {}, ["reason"]),
    ("delivery_unsuitable", {"log": log("talk")}, ["reason"]),
    ("unprofitable", {}, ["case"]),
    ("unprofitable", {"answers": {"case": "wrong_price"}}, ["profit", "delivery_cost"]),
    ("unprofitable", {"answers": {"case": "small_order"}}, ["supplier_trip"]),
    ("consultation", {}, ["case"]),
    ("cancelled_other", {"comment": "Передумал"}, ["none_fits"]),
    ("cancelled_other", {"comment": "Передумал", "answers": {"none_fits": False}}, ["none_fits"]),
    ("cancelled_other", {"answers": {"none_fits": True}}, ["comment"]),
    ("out_of_stock", {"lines": line(listed=False, suppliers=())}, ["comment"]),
]


def named(rows: Sequence[tuple[Any, ...]], *of: int) -> list[str]:
    """What the tests of a table are called: by the rule and the status."""
    return [
        "-".join("-".join(dict.fromkeys([row[each]] if isinstance(row[each], str) else row[each])) for each in of)
        for row in rows
    ]


@pytest.mark.parametrize(("_rule", "code", "facts"), ALLOWED, ids=named(ALLOWED, 0, 1))
def test_allowed(_rule: str, code: str, facts: Mapping[str, Any]) -> None:
    assert said(code, **facts) == ("allowed", [])


@pytest.mark.parametrize(("code", "facts", "rules", "instead"), REFUSED, ids=named(REFUSED, 2, 0))
def test_refused_with_the_rule_and_the_status_instead_s4_79_80(
    code: str, facts: Mapping[str, Any], rules: list[str], instead: str
) -> None:
    answer = asked(code, **facts)
    assert (answer.verdict, [lack.rule for lack in answer.lacks], answer.instead) == ("refused", rules, instead)
    assert all(lack.text % lack.values if lack.values else lack.text for lack in answer.lacks)


@pytest.mark.parametrize(("code", "facts", "fields"), NEEDS)
def test_needs_something_first(code: str, facts: Mapping[str, Any], fields: list[str]) -> None:
    answer = asked(code, **facts)
    assert answer.verdict == "needs"
    assert [ask.name for ask in answer.needs] + [lack.field for lack in answer.missing] == fields


def test_every_status_is_tried_both_ways() -> None:
    """``no_answer`` has its own tables below."""
    accepted = {code for _, code, _ in ALLOWED} | {"no_answer"}
    hindered = {code for code, *_ in REFUSED} | {code for code, *_ in NEEDS}
    assert accepted == hindered == set(STATUS)


@pytest.mark.parametrize(
    ("facts", "instead"),
    [
        ({}, ""),
        ({"log": log("consultation")}, "call_back"),
        ({"log": log("consultation", "invoice")}, "awaiting_prepayment"),
        (AGREED, "handed_to_delivery"),
    ],
)
def test_an_analogue_that_is_taken_leads_to_what_came_of_it_s4_38(facts: Mapping[str, Any], instead: str) -> None:
    answer = asked("discontinued", lines=line(analogue="accepted"), **facts)
    assert answer.lacks[0].rule == "S4-38"
    assert answer.instead == instead


# --- «Недозвон» ----------------------------------------------------------------------------------

MONTH_OF_SUMMER_TIME = "Europe/Berlin"


@pytest.mark.parametrize(
    ("attempts", "verdict"),
    [
        ((), ["S4-23"]),
        (("10 10:00", "10 12:00"), ["S4-23"]),
        (("10 10:00", "10 12:00", "10 14:50"), []),
        (("10 10:00", "10 12:00", "10 15:00"), []),
        (("10 10:00", "10 12:00", "10 15:01"), ["S4-23"]),
        (("10 10:00", "10 13:00", "10 16:00"), ["S4-23"]),
        (("10 09:00", "10 12:00", "10 14:30", "10 16:30"), []),
        (("10 22:30", "10 23:30", "11 00:30"), ["S4-23"]),
        (("10 22:00", "10 23:00", "10 23:59"), []),
        (("10 10:00", "11 10:00", "12 10:00"), ["S4-23"]),
        (("10 10:00", "10 10:01", "10 10:02"), []),
    ],
)
def test_no_answer_without_earlier_contact_s4_23_c_11(attempts: tuple[str, ...], verdict: list[str]) -> None:
    assert said("no_answer", attempts=calls(*attempts))[1] == verdict


def test_calls_of_the_same_minute_count_once_and_it_says_so_s4_23() -> None:
    noted = tuple(("attempt", at) for at in calls("11 10:00", "11 10:00", "11 10:00"))
    facts = Facts(log=noted, attempts=calls("11 10:00"))
    told = [lack.text % lack.values for lack in judge(facts, STATUS["no_answer"]).lacks]
    assert told[-1] == "Calls of the same minute count as one."
    assert "1 of 3" in told[0]


def test_three_calls_spread_over_hours_c_11() -> None:
    """The other reading of «в течение 5-ти часов» is a setting."""
    spread = Limits(spread=timedelta(hours=2))
    assert said("no_answer", limits=spread, attempts=calls("10 10:00", "10 11:00", "10 11:59"))[1] == ["S4-23"]
    assert said("no_answer", limits=spread, attempts=calls("10 10:00", "10 11:00", "10 12:00"))[1] == []


@pytest.mark.parametrize("kind", ["talk", "offer", "invoice", "reserve", "agreement"])
def test_any_agreement_makes_it_two_days_s4_24_c_12(kind: str) -> None:
    one_day = calls("10 10:00", "10 11:00", "10 12:00")
    assert said("no_answer", attempts=one_day)[1] == []
    assert said("no_answer", attempts=one_day, log=log(kind))[1] == ["S4-24"]
    two_days = (*one_day, *calls("11 10:00", "11 11:00", "11 12:00"))
    assert said("no_answer", attempts=two_days, log=log(kind))[1] == []


FULL = ("10 10:00", "10 11:00", "10 12:00")


@pytest.mark.parametrize(
    ("attempts", "verdict"),
    [
        ((), ["S4-24"]),
        (FULL, ["S4-24"]),
        ((*FULL, "12 10:00", "12 11:00", "12 12:00"), ["S4-24"]),
        ((*FULL, "11 10:00", "11 11:00"), ["S4-25"]),
        ((*FULL, "11 10:00", "11 10:40", "11 12:00"), ["S4-26"]),
        ((*FULL, "11 10:00", "11 10:59", "11 11:59"), ["S4-26"]),
        ((*FULL, "11 10:00", "11 10:30", "11 11:00", "11 12:00"), []),
        ((*FULL, "11 09:00", "11 15:00", "11 21:00"), []),
        (("10 21:59", "10 22:59", "10 23:59", "11 00:00", "11 01:00", "11 02:00"), []),
        (("08 10:00", "08 11:00", "08 12:00", "09 10:00", "09 11:00", "09 12:00", "11 10:00"), []),
    ],
)
def test_two_days_in_a_row_s4_24_25_26(attempts: tuple[str, ...], verdict: list[str]) -> None:
    assert said("no_answer", attempts=calls(*attempts), log=log("offer"))[1] == verdict


def test_calls_before_the_last_talk_do_not_count() -> None:
    talked = (("talk", calls("10 11:30")[0]),)
    before = (*calls(*FULL), *calls("11 10:00", "11 11:00", "11 12:00"))
    assert said("no_answer", attempts=before, log=talked)[1] == ["S4-25"]
    after = (*calls("11 10:00", "11 11:00", "11 12:00"), *calls("12 10:00", "12 11:00", "12 12:00"))
    assert said("no_answer", attempts=after, log=talked)[1] == []


def test_after_a_conversation_in_substance_it_is_forbidden_however_often_one_has_called_s4_27_c_12() -> None:
    two_days = calls(*FULL, "11 10:00", "11 11:00", "11 12:00")
    answer = asked("no_answer", attempts=two_days, log=log("consultation", "offer"))
    assert ([lack.rule for lack in answer.lacks], answer.instead) == (["S4-27"], "consultation")
    assert said("consultation", log=log("consultation"), answers={"case": "unreachable"})[0] == "allowed"


def test_days_are_those_of_the_dealership_x_05() -> None:
    """The same calls are one day in Moscow and two in Vladivostok."""
    attempts = calls("10 16:00", "10 16:50", "10 17:10")
    assert said("no_answer", attempts=attempts)[1] == []
    assert said("no_answer", attempts=attempts, zone=ZoneInfo("Asia/Vladivostok"))[1] == ["S4-23"]


def test_the_night_on_which_clocks_are_put_forward_c_11() -> None:
    """On 29 March 2026 two o'clock is three: five hours are five hours that pass."""
    berlin = ZoneInfo(MONTH_OF_SUMMER_TIME)
    attempts = calls("29 01:00", "29 04:00", "29 07:00", zone=MONTH_OF_SUMMER_TIME)
    assert said("no_answer", attempts=tuple(at.astimezone(UTC) for at in attempts), zone=berlin)[1] == []
    later = calls("29 01:00", "29 04:00", "29 07:01", zone=MONTH_OF_SUMMER_TIME)
    assert said("no_answer", attempts=tuple(at.astimezone(UTC) for at in later), zone=berlin)[1] == ["S4-23"]


def test_the_night_on_which_clocks_are_put_back_s4_23_s4_26() -> None:
    """On 25 October 2026 it is half past two twice, with an hour between that counts."""
    berlin = ZoneInfo(MONTH_OF_SUMMER_TIME)
    night = [datetime(2026, 10, 25, 0, 30, tzinfo=UTC) + timedelta(hours=passed) for passed in range(3)]
    assert [at.astimezone(berlin).hour for at in night] == [2, 2, 3]
    evening = [datetime(2026, 10, 24, 10, tzinfo=UTC) + timedelta(hours=passed) for passed in range(3)]
    known = {"log": log("offer"), "zone": berlin}
    assert said("no_answer", attempts=(*evening, *night), **known)[1] == []
    nearer = (night[0], night[1] - timedelta(minutes=1), night[2])
    assert said("no_answer", attempts=(*evening, *nearer), **known)[1] == ["S4-26"]
    longest = [datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]
    for late, verdict in (("03:00", []), ("03:01", ["S4-23"])):
        last = datetime.fromisoformat(f"2026-10-25T{late}+00:00")
        assert said("no_answer", attempts=(*longest, last), zone=berlin)[1] == verdict


@pytest.mark.parametrize(
    ("facts", "usual"),
    [
        ({"foreign": True}, "foreign"),
        ({"foreign": False, "status": "call_back"}, "unreachable"),
        ({"log": log("consultation")}, "unreachable"),
        ({"log": log("talk")}, ""),
    ],
)
def test_the_case_that_the_order_speaks_for_is_proposed_s4_27_s4_40_s4_42(facts: Mapping[str, Any], usual: str) -> None:
    assert usual_case(Facts(**facts)) == usual


def test_numbers_are_settings_s4_81() -> None:
    two = Limits(calls=2, window=timedelta(minutes=30))
    assert said("no_answer", limits=two, attempts=calls("10 10:00", "10 10:30"))[1] == []
    assert said("no_answer", limits=two, attempts=calls("10 10:00", "10 10:31"))[1] == ["S4-23"]
    three_days = Limits(days=3, day_calls=1)
    attempts = calls("10 10:00", "11 10:00")
    assert said("no_answer", limits=three_days, attempts=attempts, log=log("offer"))[1] == ["S4-24"]
    assert said("no_answer", limits=three_days, attempts=(*attempts, *calls("12 9:00")), log=log("offer"))[1] == []
    near = Limits(days=1, gap=timedelta(minutes=10))
    assert said("no_answer", limits=near, attempts=calls("10 10:00", "10 10:10", "10 10:20"), log=log("offer"))[1] == []
    cheap = Limits(small_order=100_00)
    small = {"case": "small_order", "supplier_trip": True}
    assert said("unprofitable", limits=cheap, total=100_00, answers=small)[1] == ["S4-36"]
    assert said("unprofitable", limits=cheap, total=99_99, answers=small)[1] == []
