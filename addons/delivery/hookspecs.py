"""What delivery offers to other addons: who knows of calls without an answer, and statuses beside the seventeen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from core import Vocabulary, WorkSession, hookspec

if TYPE_CHECKING:
    from addons.delivery.models import DeliveryOrder
    from addons.delivery.services.statuses import AddedStatus

STATUSES = Vocabulary(
    object, has={"title": str, "group": str, "guard": Callable | None}, longest={"code": 40, "title": 80}
)


@hookspec
@STATUSES
def delivery_statuses() -> list[AddedStatus]:
    """Statuses of orders beside the seventeen, each with what must be so before an order may get it (X-14).

    When: once, at start; a status's ``guard(session, order)`` whenever an order's card is drawn or an order is to get it,
    from card or API. It returns the refusal, or ``None``. Return: any objects with ``code``, ``title``, ``group`` (one of
    ``approval``, ``picking``, ``delivery``, ``done``, ``cancelled``) and ``guard``, so that an addon to which delivery is
    optional imports nothing of it; codes begin with the addon's name and have 40 characters at most. Since 0.1.
    Example: ``return [Status("parking.on_the_lot", T("Waits on the lot"), "picking", guard=has_a_place)]``
    """


@hookspec
def delivery_call_attempts(session: WorkSession, order: DeliveryOrder) -> Sequence[datetime] | None:
    """The calls to the client of an order that nobody has answered: «Недозвон» is proved by them (S4-23…26, S4-82).

    When: the rules of an order's statuses are asked. Return: aware moments in any order; ``None`` for none. A call that
    two addons know of counts once. Delivery answers with what was noted by hand, telephony with the calls themselves.
    Since 0.1.
    Example: ``return missed_calls_to(session, order.customer_id)``
    """
