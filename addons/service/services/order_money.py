"""What the client of a repair order agrees to, and what he pays."""

from __future__ import annotations

from sqlalchemy import select

from addons.service.models import Approval, Payment, RepairOrder
from addons.service.services import order_story
from addons.service.services.kinds import ORDERS
from addons.service.services.moves import advance
from addons.service.services.open_orders import open_order
from addons.service.services.order_lines import lines_of
from addons.service.services.states import ORDER
from addons.service.services.vocabulary import AGREED_HOW, PAYMENT_METHODS
from core import Conflict, Invalid, Kopecks, T, WorkSession

PAID_IN = (*ORDER.open, "closed")
"""The states in which money may come; an insurer's comes when the order is closed long since."""


def approvals_of(session: WorkSession, order: RepairOrder) -> list[Approval]:
    """What the client has agreed to, the first one first."""
    return list(session.scalars(select(Approval).where(Approval.order_id == order.id).order_by(Approval.id)))


def approve(
    session: WorkSession, order_id: int, who: str, how: str, note: str = "", *, told: int | None = None
) -> Approval:
    """The client agrees to everything the order holds now (S0-42): who said so, how, when, and to which sum.

    A draft is agreed with it.

    :param told: the sum in kopecks that he was told; none where nobody else can have changed the order since.
    :raises Invalid: without who or how.
    :raises Conflict: where it costs another sum by now (SEC-49).
    """
    order = open_order(session, order_id)
    errors: dict[str, list[str]] = {}
    if not who.strip():
        errors["who"] = [T("Write who has agreed.")]
    if how not in AGREED_HOW:
        errors["how"] = [T("Choose how.")]
    if errors:
        raise Invalid(errors)
    if told not in (None, order.total):
        raise Conflict(
            "The sum has changed meanwhile: it was %(told)s, now it is %(sum)s. Tell it to the client.",
            told=Kopecks(told or 0),
            sum=Kopecks(order.total),
        )
    approval = Approval(
        order_id=order.id, at=session.now(), who=who.strip(), how=how, total=order.total, note=note.strip()
    )
    session.add(approval)
    session.flush()
    for line in lines_of(session, order):
        if line.approval_id is None:
            line.approval_id = approval.id
    order_story.agreed(session, order, approval, order.agreed_total)
    order.agreed_total = order.total
    session.flush()
    if order.state == "draft":
        advance(session, ORDERS, order, "agreed", by_hand=False)
    ORDERS.told(session, order)
    return approval


def payments_of(session: WorkSession, order: RepairOrder) -> list[Payment]:
    """What was paid and given back, the first one first."""
    return list(session.scalars(select(Payment).where(Payment.order_id == order.id).order_by(Payment.id)))


def pay(session: WorkSession, order_id: int, amount: int, method: str, note: str = "") -> Payment:
    """Money has come, or is given back with an amount below zero; in kopecks.

    :raises Conflict: for an order that is cancelled; and nothing is given back for one in the archive: it is paid, or it
        is taken out of there first.
    :raises Invalid: for nothing at all, more than is owed, or more back than was paid.
    """
    order = ORDERS.get(session, order_id)
    ORDERS.expect(session, order, "pay")
    ORDERS.lock(session, order)
    ORDERS.expect_state(order, PAID_IN if amount > 0 else ORDER.open)
    errors: dict[str, list[str]] = {}
    if method not in PAYMENT_METHODS:
        errors["method"] = [T("Choose one of the list.")]
    if amount == 0:
        errors["amount"] = [T("Enter a sum.")]
    elif order.paid + amount < 0:
        errors["amount"] = [T("More than was paid cannot be given back.")]
    elif amount > 0 and order.paid + amount > order.total:
        errors["amount"] = [T("This is more than is owed.")]
    if errors:
        raise Invalid(errors)
    payment = Payment(order_id=order.id, at=session.now(), amount=amount, method=method, note=note.strip())
    session.add(payment)
    order.paid += amount
    session.flush()
    order_story.paid(session, order, payment)
    ORDERS.told(session, order)
    return payment


def takes_money(order: RepairOrder) -> bool:
    """Whether anything may be paid or given back as the order stands."""
    return order.state in ORDER.open or (order.state in PAID_IN and order.paid < order.total)
