"""What the client complains of, what it came from, what was done about it."""

from __future__ import annotations

from sqlalchemy import func, select

from addons.service.models import Concern, RepairOrder
from addons.service.services.kinds import ORDERS
from addons.service.services.open_orders import open_order
from core import Invalid, NotFound, T, WorkSession


def concerns_of(session: WorkSession, order: RepairOrder) -> list[Concern]:
    """What is wrong with the car, in the order in which it was said."""
    statement = select(Concern).where(Concern.order_id == order.id)
    return list(session.scalars(statement.order_by(Concern.position, Concern.id)))


def add_concern(
    session: WorkSession, order: RepairOrder, concern: str, cause: str = "", correction: str = ""
) -> Concern:
    """A complaint of the client; its cause and correction are found in the workshop."""
    if not concern.strip():
        raise Invalid({"concern": [T("Write what the client complains of.")]})
    last = session.scalar(select(func.max(Concern.position)).where(Concern.order_id == order.id)) or 0
    added = Concern(
        order_id=order.id,
        position=last + 1,
        concern=concern.strip(),
        cause=cause.strip(),
        correction=correction.strip(),
    )
    session.add(added)
    session.flush()
    return added


def complain(session: WorkSession, order_id: int, concern: str, cause: str = "", correction: str = "") -> Concern:
    """Write down what the client complains of, and what was found and done.

    :raises Conflict: for an order that is done or over.
    """
    order = open_order(session, order_id)
    added = add_concern(session, order, concern, cause, correction)
    ORDERS.told(session, order)
    return added


def change_concern(
    session: WorkSession, order_id: int, concern_id: int, concern: str, cause: str, correction: str
) -> Concern:
    """What was found out about a complaint, and what was done about it.

    :raises Conflict: for an order that is done or over.
    """
    order = open_order(session, order_id)
    changed = session.get(Concern, concern_id)
    if changed is None or changed.order_id != order.id:
        raise NotFound(T("There is no such complaint."))
    if not concern.strip():
        raise Invalid({"concern": [T("Write what the client complains of.")]})
    changed.concern, changed.cause, changed.correction = concern.strip(), cause.strip(), correction.strip()
    session.flush()
    ORDERS.told(session, order)
    return changed
