"""Money of an order: in stages, given back, and what is still owed (S4-67…70)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, case, cast, func, select

from addons.delivery.models import DeliveryOrder, OrderLine, Payment
from addons.delivery.services.contents import THOUSAND, lines_of, sum_of
from addons.delivery.services.orders import locked_order, told
from addons.delivery.services.statuses import CANCELLED, in_groups
from addons.delivery.services.vocabulary import NOT_TO_COURIER, PAYMENT_METHODS
from core import Invalid, Kopecks, T, WorkSession

MOST = 1_000_000_000_00
OWED = T("Check the marked fields. Still to be paid: %(sum)s.")
PAID = T("Check the marked fields. Paid until now: %(sum)s.")


def status_of(order: DeliveryOrder, lines: Iterable[Any]) -> str:
    """«Статус оплаты» (S4-70): ``unpaid``, ``partly`` or ``paid``, of what was not brought back.

    :param lines: the order's, as in :func:`left_to_pay`.
    """
    return "unpaid" if order.paid <= 0 else "partly" if left_to_pay(order, lines) else "paid"


def left_to_pay(order: DeliveryOrder, lines: Iterable[Any]) -> int:
    """What is still to be paid, in kopecks: nobody pays for what was brought back.

    :param lines: the order's, each with its ``quantity``, ``returned`` and ``price``.
    """
    kept = sum(sum_of(line.quantity - line.returned, line.price) for line in lines)
    return max(kept - order.paid, 0)


def to_give_back(session: WorkSession, order: DeliveryOrder, lines: Iterable[Any]) -> int:
    """What the client is to get back, in kopecks: what he has paid above what he keeps (S4-68).

    Of a cancelled order he keeps what was delivered, of any other what was not brought back.

    :param lines: the order's, as in :func:`left_to_pay`, each with what was ``delivered`` too.
    """
    cancelled = order.status in in_groups(session.hooks, CANCELLED)
    kept = sum(sum_of(line.delivered if cancelled else line.quantity - line.returned, line.price) for line in lines)
    return max(order.paid - kept, 0)


def to_collect(order: DeliveryOrder, lines: Iterable[Any]) -> int:
    """What the courier has to take, in kopecks: what is left to pay, unless it is paid in a way that passes him by."""
    return 0 if order.payment_method in NOT_TO_COURIER else left_to_pay(order, lines)


# As sum_of: halves are rounded up.
_KEPT_OF_LINE = ((OrderLine.quantity - OrderLine.returned) * OrderLine.price + THOUSAND // 2) // THOUSAND
_KEPT = (
    select(cast(func.coalesce(func.sum(_KEPT_OF_LINE), 0), BigInteger))
    .where(OrderLine.order_id == DeliveryOrder.id)
    .correlate(DeliveryOrder)
    .scalar_subquery()
)
STATUS: ColumnElement[str] = case(
    (DeliveryOrder.paid <= 0, "unpaid"), (DeliveryOrder.paid < _KEPT, "partly"), else_="paid"
)
"""What :func:`status_of` says, in a list."""
TO_COLLECT: ColumnElement[int] = case(
    (DeliveryOrder.payment_method.in_(sorted(NOT_TO_COURIER)), 0),
    (DeliveryOrder.paid < _KEPT, _KEPT - DeliveryOrder.paid),
    else_=0,
)
"""What :func:`to_collect` says, in a list."""


def pay(
    session: WorkSession, order_id: int, amount: int, method: str, note: str = "", *, returned: bool = False
) -> Payment:
    """Money has come from the client, or was given back to him.

    :param amount: kopecks, above zero; what is given back is kept with a minus.
    :raises Invalid: for no sum, more than is still to be paid, or more back than was paid.
    """
    order = locked_order(session, order_id, "pay")
    left = order.paid if returned else left_to_pay(order, lines_of(session, order.id))
    errors: dict[str, list[str]] = {}
    if method not in PAYMENT_METHODS:
        errors["method"] = [T("Choose one of the list.")]
    if not 0 < amount <= MOST:
        errors["amount"] = [T("Enter a sum.")]
    elif returned and amount > left:
        errors["amount"] = [T("More than was paid cannot be given back.")]
    elif amount > left:
        errors["amount"] = [T("This is more than what is still to be paid.")]
    if "amount" in errors and 0 < amount <= MOST:
        raise Invalid(errors, PAID if returned else OWED, sum=Kopecks(left))
    if errors:
        raise Invalid(errors)
    signed = -amount if returned else amount
    payment = Payment(order_id=order.id, at=session.now(), amount=signed, method=method, note=note.strip())
    session.add(payment)
    order.paid += signed
    session.flush()
    told(session, order)
    return payment
