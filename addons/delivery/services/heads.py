"""What the card of an order shows besides its fields: the client, the statuses, the goods, the money, the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from addons.contacts.models import Customer, Document
from addons.contacts.services.customers import phones_of
from addons.contacts.services.documents import first_contact
from addons.delivery.models import DeliveryOrder
from addons.delivery.services import contents, log, moves, orders, payments
from addons.delivery.services.judging import Answer
from addons.delivery.services.statuses import GROUPS, Group, statuses
from addons.delivery.services.vocabulary import (
    ANALOGUES,
    LOGGED,
    ORDER_TYPES,
    PAYMENT_METHODS,
    PAYMENT_STATUSES,
)
from core import T, WorkSession, get_record, names_of, reached

ACTIONS = ("change", "move", "log", "deliver", "pay", "approve")
LOG_SHOWN = 12


def context(session: WorkSession, order: DeliveryOrder) -> dict[str, Any]:
    """Everything its template needs."""
    known = statuses(session.hooks)
    rights = reached(session, order, [f"{orders.THING}.{action}" for action in ACTIONS])
    customer = get_record(session, Customer, order.customer_id) if order.customer_id is not None else None
    history, entries, paid = (
        moves.history_of(session, order.id),
        log.entries_of(session, order.id),
        payments.payments_of(session, order.id),
    )
    people = {each.created_by_id for each in (*history, *entries, *paid) if each.created_by_id is not None}
    return {
        "customer": customer,
        "client": _called(session, order, customer),
        "numbers": _numbers(session, order, customer),
        "contact": first_contact(session, order.id),
        "order_status": known[order.status],
        "known": known,
        "groups": list(_groups(moves.check_all(session, order))) if f"{orders.THING}.move" in rights else [],
        "lines": contents.lines_of(session, order.id),
        "suppliers": contents.suppliers_of(session, order.id),
        "analogues": ANALOGUES,
        "payments": paid,
        "payment_status": payments.status_of(order),
        "payment_statuses": PAYMENT_STATUSES,
        "payment_methods": PAYMENT_METHODS,
        "order_types": ORDER_TYPES,
        "entries": entries[::-1][:LOG_SHOWN],
        "logged": LOGGED,
        "history": history,
        "people": names_of(session, sorted(people)),
        "window_waits": orders.window_waits(session, order),
        "warnings": list(warnings(order)),
        "filled": filled(order),
        "can": {action: f"{orders.THING}.{action}" in rights for action in ACTIONS},
    }


def warnings(order: DeliveryOrder) -> Iterator[str]:
    """What does not agree with itself (S4-84)."""
    if order.method == "inside_mkad" and order.region not in ("", "moscow"):
        yield T("The way of delivery is inside the MKAD, and the region is not Moscow.")
    if order.method == "pickup" and order.carrier:
        yield T("The client collects it himself, and a carrier is named.")


def filled(order: DeliveryOrder) -> tuple[int, int]:
    """How many of the fields that a courier needs are filled in, and how many there are (S4-48)."""
    number = order.phone or order.customer_id
    wanted = (order.method, order.address, order.delivery_on, order.window, order.payment_method, number)
    return sum(1 for each in wanted if each), len(wanted)


def _groups(answers: list[Answer]) -> Iterator[tuple[Group, list[Answer]]]:
    for group in GROUPS:
        if mine := [answer for answer in answers if answer.status.group == group]:
            yield group, mine


def _called(session: WorkSession, order: DeliveryOrder, customer: Customer | None) -> str:
    """The client as whoever may see him reads him, else as the journal or the order calls him (SEC-4)."""
    if customer is not None:
        return customer.name
    document = get_record(session, Document, order.id)
    called = document.customer_text if document is not None else order.customer_text
    return called or order.number


def _numbers(session: WorkSession, order: DeliveryOrder, customer: Customer | None) -> list[str]:
    known = [phone.e164 for phone in phones_of(session, customer.id)] if customer is not None else []
    mine = [order.phone] if order.phone and (customer is not None or order.customer_id is None) else []
    return list(dict.fromkeys([*mine, *known]))
