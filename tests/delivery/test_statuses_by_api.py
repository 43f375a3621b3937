"""S4-09…47 through the API: each of the seventeen statuses is refused with its rule, and given when the order has what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from addons.delivery.services import contents, log, orders
from addons.delivery.services.statuses import STATUS
from tests.api.program import Program
from tests.delivery.conftest import API, add, fill_in, stored
from tests.support.dealership import Dealership

TODAY = datetime.now(UTC).date()
YESTERDAY_NOON = datetime.combine(TODAY - timedelta(days=1), time(9), tzinfo=UTC)
AGREED = {"delivery_on": TODAY + timedelta(days=2), "window": "10-13", "address": "Москва, Тверская, 1"}
HERE = {"carrier": "courier_service", "region": "moscow"}


@dataclass(frozen=True)
class Way:
    """How an order gets a status: what hinders a fresh one, and what it takes.

    :param rules: the rules that refuse it, by their ids.
    :param needs: the inputs that are asked for instead, where it is not refused.
    """

    code: str
    rules: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    order: Mapping[str, Any] = field(default_factory=dict)
    line: Mapping[str, Any] | None = None
    logged: tuple[str, ...] = ()
    before: str = "new"
    sent: Mapping[str, Any] = field(default_factory=dict)

    @property
    def named(self) -> list[str]:
        """The inputs as a program sends them."""
        return [name if name == "comment" else f"answers.{name}" for name in self.needs]

    @property
    def name(self) -> str:
        """By the rule and the status."""
        return "-".join((*self.rules, self.code))


WAYS = (
    Way("awaiting_prepayment", ("S4-10",), logged=("invoice",)),
    Way("call_back", ("S4-12",), logged=("consultation",)),
    Way("hand_to_courier", ("S4-14",), order=HERE),
    Way("handed_to_delivery", ("S4-16",), order=AGREED, sent={"answers": {"message": "Хрупкое"}}),
    Way("picked_up", ("S4-20",), order={"method": "pickup"}),
    Way("collected_by_courier", ("S4-21",), order=HERE, before="hand_to_courier"),
    Way("completed", ("S4-22",), line={}, before="delivered"),
    Way("no_answer", ("S4-23",), logged=("attempt", "attempt", "attempt")),
    Way("out_of_stock", ("S4-30",), line={}, sent={"comment": "Щётки на старый кузов"}),
    Way("bought_elsewhere", (), ("reason",), sent={"answers": {"reason": "unknown"}}),
    Way("delivery_unsuitable", ("S4-33",), logged=("talk",), sent={"answers": {"reason": "cost"}}),
    Way("price_unsuitable", ("S4-34",), logged=("talk",)),
    Way("unprofitable", (), ("case",), line={}, sent={"answers": {"case": "small_order", "supplier_trip": True}}),
    Way("discontinued", ("S4-37",), line={"discontinued": True}, before="refused"),
    Way("consultation", (), ("case",), sent={"answers": {"case": "how_to_buy"}}),
    Way("showroom_wanted", ("S4-46",), line={}),
    Way("cancelled_other", (), ("none_fits", "comment"), sent={"comment": "Передумал", "answers": {"none_fits": True}}),
)


def test_all_seventeen_are_tried_s4_09() -> None:
    assert [way.code for way in WAYS] == list(STATUS)


@pytest.mark.parametrize("way", WAYS, ids=[way.name for way in WAYS])
def test_a_program_is_refused_by_the_rule_and_then_gets_the_status(
    dealership: Dealership, robot: Program, way: Way
) -> None:
    fresh = add(dealership)
    refused = robot.post(f"{API}/{fresh}/status", {"status": way.code})
    assert (refused.status_code, set(refused.json["errors"])) == (409 if way.rules else 422, {*way.rules, *way.named})
    assert {each["rule"] for each in refused.json["lacks"]} >= set(way.rules)
    assert {each["name"] for each in refused.json["needs"]} >= set(way.needs) - {"comment"}
    assert stored(dealership, fresh).status == "new"
    number = made_ready(dealership, robot, way)
    sent = {"status": way.code, **way.sent}
    assert robot.post(f"{API}/{number}/status/check", sent).json["verdict"] == "allowed"
    given = robot.post(f"{API}/{number}/status", sent)
    assert (given.status_code, given.json["status"]) == (200, way.code)


def made_ready(dealership: Dealership, robot: Program, way: Way) -> int:
    """An order with everything that the status takes."""
    number = add(dealership, **way.order)
    if way.line is not None:
        fill_in(dealership, number, **way.line)
    with dealership.session() as session:
        for hours, kind in enumerate(way.logged):
            log.log(session, number, kind, YESTERDAY_NOON + timedelta(hours=hours))
        for line in contents.lines_of(session, number):
            if way.before == "delivered":
                contents.mark_delivered(session, number, line.id)
            elif way.before == "refused":
                contents.note_analogue(session, number, line.id, "refused", "Щётки другой марки")
        assert orders.get_order(session, number).status == "new"
    if way.before in STATUS:
        assert robot.post(f"{API}/{number}/status", {"status": way.before}).status_code == 200
    return number
