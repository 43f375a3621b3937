"""The order that is written into: what is wrong with the car, what is done about it."""

from __future__ import annotations

from addons.service.models import RepairOrder
from addons.service.services.kinds import ORDERS
from core import WorkSession

OPEN_FOR_WORK = ("draft", "agreed", "in_work")
"""The states in which lines may still come and go."""


def open_order(session: WorkSession, order_id: int) -> RepairOrder:
    """An order whose lines and complaints may change, as it is now and nobody else's until this transaction ends.

    :raises Forbidden: for who may not change it.
    :raises Conflict: for an order that is done or over.
    """
    order = ORDERS.get(session, order_id)
    ORDERS.expect(session, order, "change")
    ORDERS.lock(session, order)
    ORDERS.expect_state(order, OPEN_FOR_WORK)
    return order
