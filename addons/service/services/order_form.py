"""Saving what the generated form of a repair order sends."""

from __future__ import annotations

from typing import Any

from addons.contacts.services.documents import head_of
from addons.service.models import RepairOrder
from addons.service.services.kinds import ORDERS
from addons.service.services.labour_rates import hourly_price
from addons.service.services.open_orders import OPEN_FOR_WORK
from addons.service.services.order_prices import follow_rate
from addons.service.services.states import ORDER
from core import Invalid, T, WorkSession


def change(session: WorkSession, order: RepairOrder, values: dict[str, Any]) -> None:
    """Who pays and who is responsible; the journal's head row follows, and in a draft the price of an hour.

    :raises Conflict: for an order that is over.
    :raises Invalid: for another payer of what is done or paid already.
    """
    ORDERS.expect_state(order, ORDER.open)
    _expect_same_payer(order, values)
    before = hourly_price(session, order)
    for name, value in values.items():
        setattr(order, name, (value or "") if name == "payer" else value)
    head_of(session, order.id).responsible_id = order.adviser_id
    session.flush()
    if order.state == ORDER.first.code:
        follow_rate(session, order, before)
    ORDERS.told(session, order)


def _expect_same_payer(order: RepairOrder, values: dict[str, Any]) -> None:
    """Or a debt would be a warranty for as long as it takes to close the order."""
    if values.get("pay_type", order.pay_type) == order.pay_type:
        return
    if order.state not in OPEN_FOR_WORK:
        raise Invalid({"pay_type": [T("Take the order back into work first.")]})
    if order.paid:
        raise Invalid({"pay_type": [T("Give back first what was paid.")]})
