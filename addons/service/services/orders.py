"""Repair orders: opened in a visit, moved from the draft into the archive."""

from __future__ import annotations

from typing import Any

from addons.contacts.models import Document, Vehicle
from addons.contacts.services.documents import NewDocument, add_document, head_of
from addons.contacts.services.lookup import visible_customer
from addons.service.models import CarVisit, RepairOrder
from addons.service.services.concerns import add_concern
from addons.service.services.kinds import ORDER_SERIES, ORDERS
from addons.service.services.moves import advance
from addons.service.services.states import ORDER
from addons.service.services.vocabulary import PAY_TYPES
from core import Invalid, T, WorkSession, expect_record


def add_order(session: WorkSession, visit: CarVisit, pay_type: str = "customer", payer: str = "") -> Document:
    """A repair order in a visit; its first one is made with it, others where somebody else pays.

    :raises Invalid: for a payer of an unknown kind.
    """
    if pay_type not in PAY_TYPES:
        raise Invalid({"pay_type": [T("Choose one of the list.")]})
    customer = visible_customer(session, visit.customer_id)
    vehicle = expect_record(session, Vehicle, visit.vehicle_id)
    document = add_document(
        session,
        NewDocument(
            type=ORDERS.thing,
            series=ORDER_SERIES,
            state=ORDER.first,
            title=visit.reason or vehicle.title,
            customer_id=customer.id,
            customer_text=customer.name,
            vehicle_id=vehicle.id,
            vehicle_text=vehicle.title,
            responsible_id=visit.adviser_id,
            department_id=visit.department_id,
            branch_id=visit.branch_id,
            amount=0,
        ),
    )
    order = RepairOrder(
        id=document.id,
        number=document.number,
        state=document.state,
        state_since=session.now(),
        at=document.at,
        visit_id=visit.id,
        customer_id=customer.id,
        vehicle_id=vehicle.id,
        pay_type=pay_type,
        payer=payer.strip(),
        adviser_id=visit.adviser_id,
        mileage=visit.mileage,
        department_id=visit.department_id,
        branch_id=visit.branch_id,
    )
    session.add(order)
    session.flush()
    if visit.reason:
        add_concern(session, order, visit.reason)
    ORDERS.told(session, order)
    return document


def client_of(session: WorkSession, order: RepairOrder) -> str:
    """What the journal calls the client of an order."""
    return head_of(session, order.id).customer_text


def move(session: WorkSession, order_id: int, target: str, words: str = "") -> RepairOrder:
    """Agreed, into work, done, into the archive, or cancelled with a reason.

    :raises Conflict: with what stands in the way.
    """
    from addons.service.services.visits import work_begins  # a visit makes its orders, an order tells its visit

    order = ORDERS.get(session, order_id)
    values: dict[str, dict[str, Any]] = {
        "cancelled": {"cancel_reason": words.strip()},
        "in_work": {"done_at": None},
        "done": {"done_at": order.done_at or session.now()},
    }
    if (
        advance(session, ORDERS, order, target, words=words, values=values.get(target))
        and target == "in_work"
        and order.visit_id
    ):
        work_begins(session, order.visit_id)
    return order
