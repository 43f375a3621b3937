"""What the card of an order shows besides its fields: the client, the statuses, the goods, the money, the log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from addons.delivery.models import DeliveryOrder
from addons.delivery.services import card_reads, contents, moves, orders, payments, splitting
from addons.delivery.services.completeness import Completeness, missing_of
from addons.delivery.services.judging import Answer
from addons.delivery.services.limits import limits_in
from addons.delivery.services.statuses import GROUPS, Ask, Group, Status, statuses
from addons.delivery.services.vocabulary import (
    ANALOGUES,
    LOGGED,
    ORDER_TYPES,
    ORIGINS,
    PART_TITLES,
    PAYMENT_METHODS,
    PAYMENT_STATUSES,
)
from core import T, WorkSession, kept, reach_of

ACTIONS = ("change", "move", "log", "deliver", "pay", "approve", "plan")
LOG_SHOWN = 12
_NEEDED = ("method", "phone", "customer_id", "payment_method", "address", "delivery_on", "window")


def context(session: WorkSession, order: DeliveryOrder) -> dict[str, Any]:
    """Everything its template needs."""
    known = statuses(session.hooks)
    reach = reach_of(session, order, [f"{orders.THING}.{action}" for action in ACTIONS])
    found = kept.gather(session, {**card_reads.of_order(order), **reach.reads})
    rights = reach.rights(*(found[name] for name in reach.reads))
    customer = found["customer"][0] if found["customer"] else None
    answers = moves.check_all(session, order, found) if f"{orders.THING}.move" in rights else []
    parts = splitting.shown({part.name: part for part in found["parts"]})
    return {
        "customer": customer,
        "client": _called(order, customer, found["document"]),
        "numbers": _numbers(order, customer, found["phones"]),
        "contact": found["contact"][0] if found["contact"] else None,
        "order_status": known[order.status],
        "known": known,
        "groups": list(_groups(answers)),
        "lines": found["lines"],
        "suppliers": contents.by_line(found["suppliers"]),
        "analogues": ANALOGUES,
        "payments": found["payments"],
        "payment_status": payments.status_of(order, found["lines"]),
        "payment_statuses": PAYMENT_STATUSES,
        "payment_methods": PAYMENT_METHODS,
        "order_types": ORDER_TYPES,
        "entries": found["entries"][::-1][:LOG_SHOWN],
        "logged": LOGGED,
        "history": found["history"],
        "given": [list(_given(known[step.after], step.answers or {})) for step in found["history"]],
        "window_waits": not known[order.status].group.closed and orders.window_waits(order, limits_in(found["limits"])),
        "warnings": list(warnings(order, {part.name: part.value for part in parts})),
        "parts": parts,
        "part_titles": PART_TITLES,
        "origins": ORIGINS,
        "stale": splitting.stale(order, parts),
        "to_check": sum(1 for part in parts if part.needs_check),
        "in_doubt": any(part.in_doubt for part in parts),
        "filled": filled(order, parts),
        "others": found["others"],
        "way": found["way"][0] if found["way"] else None,
        "to_collect": payments.to_collect(order, found["lines"]),
        "to_give_back": payments.to_give_back(session, order, found["lines"]),
        "left_to_pay": payments.left_to_pay(order, found["lines"]),
        "can": {action: f"{orders.THING}.{action}" in rights for action in ACTIONS},
    }


def warnings(order: DeliveryOrder, parts: Mapping[str, str]) -> Iterator[str]:
    """What does not agree with itself (S4-84)."""
    city = parts.get("city") or parts.get("settlement")
    elsewhere = bool(city) and city != "Москва"
    if order.method == "inside_mkad" and (order.region not in ("", "moscow") or elsewhere):
        yield T("The way of delivery is inside the MKAD, and the region is not Moscow.")
    if order.method == "pickup" and order.carrier:
        yield T("The client collects it himself, and a carrier is named.")


def filled(order: DeliveryOrder, parts: Sequence[splitting.Shown]) -> Completeness:
    """How much of what a courier needs is filled in (S4-48)."""
    values = {name: str(getattr(order, name) or "") for name in _NEEDED}
    fields = {part.name: part.value for part in parts}
    return missing_of(values, fields, checked=not any(part.needs_check for part in parts))


def _groups(answers: Sequence[Answer]) -> Iterator[tuple[Group, list[Answer]]]:
    for group in GROUPS:
        if mine := [answer for answer in answers if answer.status.group == group]:
            yield group, mine


def _given(status: Status, answers: Mapping[str, Any]) -> Iterator[tuple[Ask, str, Any]]:
    """What was given for a status (S4-47): each input with the words of its choice, which others have none of."""
    for ask in status.asks:
        if (value := answers.get(ask.name)) not in (None, "") and ask.name != "none_fits":
            yield ask, ask.choices.get(str(value), ""), value


def _called(order: DeliveryOrder, customer: Any, documents: Sequence[Any]) -> str:
    """The client as whoever may see him reads him, else as the journal or the order calls him (SEC-4)."""
    if customer is not None:
        return str(customer.name)
    called = documents[0].customer_text if documents else order.client
    return called or order.number


def _numbers(order: DeliveryOrder, customer: Any, phones: Sequence[Any]) -> list[str]:
    known = [phone.e164 for phone in phones] if customer is not None else []
    mine = [order.phone] if order.phone and (customer is not None or order.customer_id is None) else []
    return list(dict.fromkeys([*mine, *known]))
