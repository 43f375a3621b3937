"""The rules of the statuses, one function each, in the words of the product documents (S4-10…46).

A rule looks at :class:`Facts` and gives what is lacking, as data. It never asks the database, so a card, a dialog, the API
and a test get the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from addons.delivery.services import reaching
from addons.delivery.services.facts import Facts
from addons.delivery.services.vocabulary import (
    AGREEMENTS,
    ATTEMPT,
    COURIER_REGIONS,
    INVOICE,
    ONLINE,
    SUBSTANTIVE,
    TALKS,
)
from core import T, to_roubles


@dataclass(frozen=True, slots=True)
class Lack:
    """What a rule misses: the rule's id, its words as a msgid with values, the status to set instead.

    :param field: the input of the dialog that would satisfy it; empty for what has to be so before.
    :param settled: ``instead`` is the one to set even while its own rules miss something, which its dialog then says.
    """

    rule: str
    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
    instead: str = ""
    field: str = ""
    settled: bool = False


Rule = Callable[[Facts], Iterator[Lack]]


def invoice_or_online(facts: Facts) -> Iterator[Lack]:
    if not facts.logged(INVOICE) and facts.payment_method not in ONLINE:
        yield Lack("S4-10", T("No invoice was issued, and the client does not pay through the services of the site."))


def consulted(facts: Facts) -> Iterator[Lack]:
    if not facts.logged(SUBSTANTIVE):
        yield Lack("S4-12", T("No conversation in substance with a detailed consultation is in the log."))


def by_courier_service_here(facts: Facts) -> Iterator[Lack]:
    if facts.carrier == "courier_service" and facts.region in COURIER_REGIONS:
        return
    if facts.region == "other" or facts.carrier == "transport_company":
        text = T("It goes to another region or by a transport company: «Handed to delivery» is set then.")
        yield Lack("S4-15", text, instead="handed_to_delivery")
        return
    if facts.carrier != "courier_service":
        ours = "handed_to_delivery" if facts.carrier == "own" else ""
        fits = "picked_up" if facts.method == "pickup" else ours
        yield Lack("S4-14", T("It is not delivered by a courier service of others."), instead=fits)
    if facts.region not in COURIER_REGIONS:
        yield Lack("S4-14", T("The region is not said: only Moscow and the Moscow region are served by couriers."))


def day_time_place(facts: Facts) -> Iterator[Lack]:
    if facts.delivery_on is None:
        yield Lack("S4-16", T("The day of delivery is not agreed."))
    if not facts.window:
        yield Lack("S4-16", T("The time of delivery is not agreed."))
    if not facts.address.strip():
        yield Lack("S4-16", T("The place of delivery is not agreed."))
    if facts.window_waits:
        yield Lack("S4-66", T("The short interval waits for the approval of the delivery department."))


def pickup(facts: Facts) -> Iterator[Lack]:
    if facts.method != "pickup":
        yield Lack("S4-20", T("The client does not collect it himself: the way of delivery is another one."))


def after_hand_over(facts: Facts) -> Iterator[Lack]:
    if facts.status != "hand_to_courier":
        text = T("It was not handed over to a courier service: «Hand over to courier service» comes before.")
        yield Lack("S4-21", text, instead="hand_to_courier")


def delivered_in_full(facts: Facts) -> Iterator[Lack]:
    if not facts.lines:
        yield Lack("S4-22", T("Nothing is in the order that could have been delivered."))
    taken = any(line.delivered for line in facts.lines)
    for line in facts.lines:
        if line.delivered + line.returned < line.quantity:
            text = T("Not delivered in full: %(title)s. Mark it as delivered when the client has got it.")
            yield Lack("S4-22", text, {"title": line.title})
        elif line.delivered:
            if line.returned:
                text = T("Brought back in part: %(title)s. Change its quantity to what the client has taken.")
                yield Lack("S4-22", text, {"title": line.title})
        elif taken:
            text = T("Brought back: %(title)s. Remove it from the order, or agree another day and bring it again.")
            yield Lack("S4-22", text, {"title": line.title})
        else:
            text = T("Brought back: %(title)s. The client has taken nothing: agree another day, or cancel the order.")
            yield Lack("S4-22", text, {"title": line.title}, instead="cancelled_other")


def not_consulted(facts: Facts) -> Iterator[Lack]:
    if facts.logged(SUBSTANTIVE):
        text = T("There was a conversation in substance: whoever cannot be reached after it gets «Consultation».")
        yield Lack("S4-27", text, instead="consultation")


def not_reached(facts: Facts) -> Iterator[Lack]:
    """Two days after any agreement, one day without; what a conversation in substance forbids is another rule (C-12)."""
    if facts.logged(SUBSTANTIVE):
        return
    lacks = list(_two_days(facts) if facts.logged(*AGREEMENTS) else _one_day(facts))
    yield from lacks
    noted = [at for kind, at in facts.log if kind == ATTEMPT]
    if lacks and len(reaching.distinct(noted)) < len(noted):
        yield Lack(lacks[0].rule, T("Calls of the same minute count as one."))


def _one_day(facts: Facts) -> Iterator[Lack]:
    limits = facts.limits
    days = reaching.by_day(facts).values()
    found = max((reaching.most_within(each, limits.window, limits.spread, limits.calls) for each in days), default=0)
    if found < limits.calls:
        hours = f"{limits.window.total_seconds() / 3600:g}"
        text = T("Calls without an answer within %(hours)s h of one day: %(found)s of %(needed)s.")
        yield Lack("S4-23", text, {"hours": hours, "found": found, "needed": limits.calls})


def _two_days(facts: Facts) -> Iterator[Lack]:
    limits, days = facts.limits, reaching.by_day(facts)
    runs = [reaching.days_before(last, limits.days) for last in days]
    if any(all(reaching.apart(days.get(day, []), limits.gap) >= limits.day_calls for day in run) for run in runs):
        return
    if not runs:
        text = T("There were talks or agreements: the client must be unreachable %(days)s days in a row.")
        yield Lack("S4-24", text, {"days": limits.days})
        return
    for day in max(runs):
        calls = days.get(day, [])
        said = {"day": f"{day:%d.%m.%Y}", "found": len(calls), "needed": limits.day_calls}
        if not calls:
            text = T("There were talks or agreements, so %(days)s days in a row count; no call on %(day)s.")
            yield Lack("S4-24", text, {**said, "days": limits.days})
        elif len(calls) < limits.day_calls:
            yield Lack("S4-25", T("Calls without an answer on %(day)s: %(found)s of %(needed)s."), said)
        elif reaching.apart(calls, limits.gap) < limits.day_calls:
            gap = int(limits.gap.total_seconds() // 60)
            text = T("The calls of %(day)s are less than %(gap)s minutes apart.")
            yield Lack("S4-26", text, {**said, "gap": gap})


def suppliers_asked(facts: Facts) -> Iterator[Lack]:
    for line in facts.lines:
        if line.unchecked:
            text = T("%(title)s: not asked yet: %(suppliers)s.")
            yield Lack("S4-28", text, {"title": line.title, "suppliers": ", ".join(line.unchecked)})
        elif line.listed and not line.suppliers:
            yield Lack("S4-28", T("%(title)s: no supplier is named that was asked."), {"title": line.title})


def unlisted_named(facts: Facts) -> Iterator[Lack]:
    if any(not line.listed for line in facts.lines) and not facts.comment.strip():
        yield Lack(
            "S4-29", T("It is not on the site: the comment has to say which goods were asked for."), field="comment"
        )


def filled(rule: str) -> Rule:
    """The order has lines; «unlisted» ones count (C-13)."""

    def check(facts: Facts) -> Iterator[Lack]:
        if not facts.lines:
            yield Lack(rule, T("The order is empty: write down what was asked for."))

    return check


def reason_unknown(facts: Facts) -> Iterator[Lack]:
    text = T("The reason is known, so the status of this reason is set.")
    known = facts.answers.get("reason")
    instead = {"price": "price_unsuitable", "delivery": "delivery_unsuitable", "other": "cancelled_other"}
    if known in instead:
        yield Lack("S4-32" if known == "price" else "S4-31", text, instead=instead[str(known)], settled=True)


def talked(rule: str) -> Rule:
    """He has said so in a conversation."""

    def check(facts: Facts) -> Iterator[Lack]:
        if not facts.logged(*TALKS):
            yield Lack(rule, T("No conversation is in the log in which the client has said so."))

    return check


def does_not_pay(facts: Facts) -> Iterator[Lack]:
    given, limits = facts.answers, facts.limits
    case, profit, cost = given.get("case"), given.get("profit"), given.get("delivery_cost")
    if case == "wrong_price" and profit is not None and cost is not None and int(profit) >= int(cost):
        yield Lack("S4-35", T("The profit covers what the delivery costs."))
    if case == "small_order" and facts.total >= limits.small_order:
        text = T("The order is not below %(limit)s ₽: it comes to %(total)s ₽.")
        values = {"limit": str(to_roubles(limits.small_order)), "total": str(to_roubles(facts.total))}
        yield Lack("S4-36", text, values)
    if case == "small_order" and given.get("supplier_trip") is False:
        yield Lack("S4-36", T("Nobody has to drive to the supplier for it."))


def analogue_refused(facts: Facts) -> Iterator[Lack]:
    if any(line.analogue == "accepted" for line in facts.lines):
        yield Lack("S4-38", T("The client takes an analogue: the status follows what came of it."), instead="outcome")
    gone = [line for line in facts.lines if line.discontinued]
    if not gone:
        yield Lack("S4-37", T("Nothing in the order is marked as discontinued."))
    for line in gone:
        if line.analogue == "":
            yield Lack("S4-37", T("%(title)s: no analogue was offered."), {"title": line.title})
        elif line.analogue == "offered":
            text = T("%(title)s: the client has not answered to the analogue.")
            yield Lack("S4-37", text, {"title": line.title})


LANDLINE = {
    "office": T("Landline: an office"),
    "secretary": T("Landline: a secretary"),
    "someone_else": T("Landline: somebody else at home"),
    "earlier_caller": T("Landline: who called cannot be reached"),
}
FOREIGN = {"foreign": T("The number is of another country")}
NOT_BUYING = {
    "pickup_address": T("Asked only where the pickup point is"),
    "regions": T("Asked only whether we deliver to the regions"),
    "how_to_buy": T("Asked only how one can buy from us"),
}
AFTER_CALL_BACK = {
    "unreachable": T("After a consultation: cannot be reached"),
    "irrelevant": T("After a consultation: calling again is pointless"),
}


def usual_case(facts: Facts) -> str:
    """The case of a consultation that the order itself speaks for (S4-27, S4-40, S4-42)."""
    if facts.foreign:
        return "foreign"
    return "unreachable" if facts.status == "call_back" or facts.logged(SUBSTANTIVE) else ""


def case_holds(facts: Facts) -> Iterator[Lack]:
    case = facts.answers.get("case")
    if case in LANDLINE and facts.mobile:
        yield Lack("S4-39", T("The client's number is a mobile one, not a landline."))
    if case in FOREIGN and not facts.foreign:
        yield Lack("S4-40", T("The client's number is not of another country."))
    if case in AFTER_CALL_BACK and "call_back" not in {facts.status, *facts.had} and not facts.logged(SUBSTANTIVE):
        text = T("The order was not in «Call back», and no conversation in substance is in the log.")
        yield Lack("S4-42", text)


def reason_written(facts: Facts) -> Iterator[Lack]:
    if not facts.comment.strip():
        yield Lack("S4-44", T("The comment has to say why the order is cancelled."), field="comment")
