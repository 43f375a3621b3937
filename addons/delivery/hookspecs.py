"""What delivery offers to other addons: statuses beside the seventeen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from core import Vocabulary, hookspec

if TYPE_CHECKING:
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
