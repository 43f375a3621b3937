"""What should be done to a car next time: written at one visit, shown at the next ones until it is done or declined."""

from __future__ import annotations

from datetime import date

from addons.contacts.services.vehicles import NO_MILEAGE, no_mileage
from addons.service.models import Recommendation, RepairOrder
from addons.service.services import order_story
from addons.service.services.kinds import ORDERS
from addons.service.services.states import ORDER
from addons.service.services.vocabulary import URGENCIES
from core import Conflict, Invalid, NotFound, T, WorkSession

OPEN = "open"
STATES = {OPEN: T("Recommended"), "done": T("Done"), "declined": T("Declined")}
SHOWN = 50
"""How many the card of an order shows at most."""


def recommend(
    session: WorkSession,
    order_id: int,
    text: str,
    urgency: str = "later",
    due_on: date | None = None,
    due_mileage: int | None = None,
) -> Recommendation:
    """Write down what should be done next time; it is shown at the car's next visit and in the client's portrait.

    :raises Invalid: without a text, with an unknown urgency or a mileage no car has.
    :raises Conflict: for an order without a car, as those from other systems may be, or one that is over.
    """
    order = _order(session, order_id)
    errors: dict[str, list[str]] = {}
    if not text.strip():
        errors["text"] = [T("Write what should be done.")]
    if urgency not in URGENCIES:
        errors["urgency"] = [T("Choose one of the list.")]
    if no_mileage(due_mileage):
        errors["due_mileage"] = [NO_MILEAGE]
    if errors:
        raise Invalid(errors)
    if order.vehicle_id is None:
        raise Conflict("This order has no car.")
    added = Recommendation(
        vehicle_id=order.vehicle_id,
        order_id=order.id,
        text=text.strip(),
        urgency=urgency,
        due_on=due_on,
        due_mileage=due_mileage,
    )
    session.add(added)
    session.flush()
    order_story.advised(session, order, added)
    ORDERS.told(session, order)
    return added


def settle(session: WorkSession, order_id: int, recommendation_id: int, state: str) -> Recommendation:
    """Done in this order, declined by the client, or open again after a mistake.

    :raises Conflict: for an order that is over, or when another order has settled it meanwhile.
    """
    order = _order(session, order_id)
    if state not in STATES:
        raise Invalid({"state": [T("Choose one of the list.")]})
    found = session.get(Recommendation, recommendation_id, with_for_update=True, populate_existing=True)
    if found is None or found.vehicle_id != order.vehicle_id:
        raise NotFound(T("There is no such recommendation."))
    if found.state != OPEN and found.done_order_id != order.id:
        raise Conflict("This recommendation was settled already: %(state)s.", state=STATES[found.state])
    if found.state != state:
        order_story.settled(session, order, found, STATES[state])
    found.state, found.done_order_id = state, order.id if state != OPEN else None
    session.flush()
    ORDERS.told(session, order)
    return found


def _order(session: WorkSession, order_id: int) -> RepairOrder:
    """An order that is not over, for whoever may change it."""
    order = ORDERS.get(session, order_id)
    ORDERS.expect(session, order, "change")
    ORDERS.lock(session, order)
    ORDERS.expect_state(order, ORDER.open)
    return order
