"""Another price for the lines that a repair order has already."""

from __future__ import annotations

from collections.abc import Iterable

from addons.service.models import OrderLine, RepairOrder
from addons.service.services import order_story
from addons.service.services.amounts import WHOLE, line_amounts
from addons.service.services.discounts import expect_percent
from addons.service.services.kinds import ORDERS
from addons.service.services.labour_rates import hourly_price
from addons.service.services.open_orders import open_order
from addons.service.services.order_lines import calculate, lines_of, sum_up
from addons.service.services.vocabulary import LINE_KINDS
from core import WorkSession


def give_discount(session: WorkSession, order_id: int, discount: int, kinds: Iterable[str] = LINE_KINDS) -> RepairOrder:
    """The same discount, in hundredths of a percent, on all lines of these kinds.

    :raises Forbidden: without the right to discounts.
    :raises Invalid: below 0 or above 100 %.
    """
    order = open_order(session, order_id)
    ORDERS.expect(session, order, "discount")
    expect_percent(discount)
    wanted = set(kinds)
    for line in lines_of(session, order):
        if line.kind in wanted:
            _price(line, discount)
    before = order.total
    session.flush()
    sum_up(session, order)
    order_story.discounted(session, order, f"{discount * 100 / WHOLE:g}", before)
    return order


def follow_rate(session: WorkSession, order: RepairOrder, before: int) -> None:
    """The works of an order that somebody else pays for take his price of an hour; the timeline tells how many.

    A price that a person has set stays. So does every price where nobody has said what an hour costs now.

    :param before: the price of an hour in kopecks until now: what costs as much was priced by it.
    """
    hourly = hourly_price(session, order)
    priced = [line for line in lines_of(session, order) if line.kind == "labour" and line.price == before]
    if hourly in (0, before) or not priced:
        return
    for line in priced:
        line.price = hourly
        _price(line, line.discount)
    session.flush()
    sum_up(session, order)
    order_story.follows_payer(session, order, len(priced), before, hourly)


def _price(line: OrderLine, discount: int) -> None:
    """What a line costs now; the client's word stands for what is no dearer."""
    amounts = line_amounts(line.quantity, line.price, discount, line.vat)
    line.approval_id = line.approval_id if amounts.total <= line.total else None
    line.discount = discount
    calculate(line, amounts)
