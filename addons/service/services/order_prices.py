"""Another price for the lines that a repair order has already."""

from __future__ import annotations

from collections.abc import Iterable

from addons.service.models import RepairOrder
from addons.service.services.amounts import WHOLE, line_amounts
from addons.service.services.open_orders import open_order
from addons.service.services.order_lines import calculate, expect_discount, lines_of, note, sum_up
from addons.service.services.vocabulary import LINE_KINDS
from core import T, WorkSession


def give_discount(session: WorkSession, order_id: int, discount: int, kinds: Iterable[str] = LINE_KINDS) -> RepairOrder:
    """The same discount, in hundredths of a percent, on all lines of these kinds.

    :raises Forbidden: without the right to discounts.
    :raises Invalid: below 0 or above 100 %.
    """
    order = open_order(session, order_id)
    expect_discount(session, order, discount)
    wanted = set(kinds)
    for line in lines_of(session, order):
        if line.kind in wanted:
            amounts = line_amounts(line.quantity, line.price, discount, line.vat)
            line.approval_id = line.approval_id if amounts.total <= line.total else None
            line.discount = discount
            calculate(line, amounts)
    note(session, order, T("Discount of %(percent)s %%"), percent=f"{discount * 100 / WHOLE:g}")
    session.flush()
    sum_up(session, order)
    return order
