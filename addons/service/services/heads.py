"""What the cards of service show besides their fields: who it is, which car, where it goes from here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from addons.service.models import Booking, CarVisit, RepairOrder
from addons.service.services import (
    card_reads,
    missed,
    open_orders,
    order_lines,
    order_money,
    printing,
    recommendations,
    roster,
    trouble,
)
from addons.service.services.clocks import clock_in
from addons.service.services.kinds import BOOKINGS, ORDERS, VISITS
from addons.service.services.moves import Kind, offered, rights_to_move
from addons.service.services.places import bay_titles
from addons.service.services.vocabulary import AGREED_HOW, HAND_OVER, LINE_KINDS, PAY_TYPES, PAYMENT_METHODS, URGENCIES
from core import Read, WorkSession, kept, reach_of

Rows = Mapping[str, Sequence[Any]]


def booking_context(session: WorkSession, booking: Booking) -> dict[str, Any]:
    """The client and his numbers, the bay, the visit it has become."""
    found, rights = _known(session, BOOKINGS, booking, ["change"], card_reads.of_booking(booking))
    return {
        **_party(session, BOOKINGS, booking, found, rights),
        "bay": bay_titles(session, [booking.bay_id]).get(booking.bay_id, "") if booking.bay_id is not None else "",
        "visit": _one(found["visit"]),
        "jobs": found["jobs"],
        "can_undo": "service.booking.change" in rights and missed.can_undo(session, booking),
        "can_receive": booking.state in ("scheduled", "no_show") and session.access.may("service.visit.create"),
        "can_reschedule": booking.state == "scheduled" and "service.booking.change" in rights,
        "phone": booking.phone,
        "trouble": trouble.trouble_of(session, booking),
        **clock_in(session, found["place"]),
    }


def visit_context(session: WorkSession, visit: CarVisit) -> dict[str, Any]:
    """The client, the car, the booking it answers and its repair orders."""
    found, rights = _known(session, VISITS, visit, [], card_reads.of_visit(visit))
    return {
        **_party(session, VISITS, visit, found, rights),
        "vehicle": _one(found["vehicle"]),
        "booking": _one(found["booking"]),
        "orders": found["orders"],
        "order_states": ORDERS.machine,
        "hand_over": HAND_OVER,
        "pay_types": PAY_TYPES,
        **clock_in(session, found["place"]),
        "can_add_order": visit.state == "open" and session.access.may("service.order.create"),
        "phone": "",
    }


def order_context(session: WorkSession, order: RepairOrder) -> dict[str, Any]:
    """The client, the car, the visit; the lines with their sums, what was agreed and paid.

    The lines are one statement, all that is small beside them another: an order may have hundreds of lines.
    """
    lines = kept.read(session, card_reads.lines_of(order))
    found, rights = _known(session, ORDERS, order, ["change", "discount", "pay"], card_reads.of_order(order))
    return {
        **_party(session, ORDERS, order, found, rights),
        "phone": "",
        "vehicle": _one(found["vehicle"]),
        "visit": _one(found["visit"]),
        "concerns": found["concerns"],
        "lines": lines,
        "sums": order_lines.sums_of(lines),
        "vat": printing.vat_of(lines, found["rates"]),
        "recommendations": found["recommendations"],
        "recommended": recommendations.STATES,
        "urgencies": URGENCIES,
        "payments": found["payments"],
        "approvals": found["approvals"],
        "people": {each.id: each.name for each in found["people"]},
        "papers": printing.papers_of(order),
        "line_kinds": LINE_KINDS,
        "pay_types": PAY_TYPES,
        "payment_methods": PAYMENT_METHODS,
        "agreed_how": AGREED_HOW,
        "can_write": "service.order.change" in rights and order.state in open_orders.OPEN_FOR_WORK,
        "can_recommend": "service.order.change" in rights and not ORDERS.machine[order.state].terminal,
        "can_tick": "service.order.change" in rights and order.state == "in_work",
        "ticks": _ticks(session, order, lines),
        "can_discount": "service.order.discount" in rights and order.state in open_orders.OPEN_FOR_WORK,
        "can_pay": "service.order.pay" in rights and order_money.takes_money(order),
    }


def _ticks(session: WorkSession, order: RepairOrder, lines: Sequence[Any]) -> bool:
    """Whether work that is nobody's yet becomes that of the person when he ticks it; asked where there is such work."""
    nobodys = any(line.kind == "labour" and line.mechanic_id is None and not line.done for line in lines)
    mine = order.state == "in_work" and nobodys
    return mine and roster.repairs_in(session, session.access.user_id, order.department_id)


def _known(
    session: WorkSession, kind: Kind[Any], record: Any, actions: Iterable[str], own: Mapping[str, Read]
) -> tuple[Rows, frozenset[str]]:
    """What a card reads, in one statement, and which of the rights to these actions and to the moves reach the record."""
    asked = {f"{kind.thing}.{action}" for action in actions} | rights_to_move(kind, record)
    reach = reach_of(session, record, sorted(asked))
    found = kept.gather(session, {**card_reads.of_party(record.id, record.customer_id), **own, **reach.reads})
    return found, reach.rights(found.get("reach", ()))


def _party(session: WorkSession, kind: Kind[Any], record: Any, found: Rows, rights: frozenset[str]) -> dict[str, Any]:
    """The client as whoever may see him reads him, else as the journal calls him; and where the document goes from here."""
    customer, document = _one(found["customer"]), _one(found["document"])
    called = document.customer_text if document is not None else getattr(record, "customer_text", "")
    return {
        "customer": customer,
        "client": customer.name if customer is not None else called or record.number,
        "numbers": [phone.e164 for phone in found["phones"]] if customer is not None else [],
        "state": kind.machine[record.state],
        "machine": kind.machine,
        "moves": offered(session, kind, record, rights),
    }


def _one(rows: Sequence[Any]) -> Any:
    """The only row, if the person may see it."""
    return next(iter(rows), None)
