"""Who may give a discount on a repair order, and what one is told who may not."""

from __future__ import annotations

from addons.service.models import RepairOrder
from addons.service.services.amounts import WHOLE
from core import Invalid, T, WorkSession, kept, reach_of

RIGHT = "service.order.discount"
MAY_DISCOUNT = T("A discount is given by a colleague with the right “Give discounts”.")
MAY_UNDERCUT = T("A lower price is a discount: it is given by a colleague with the right “Give discounts”.")


def may_discount(session: WorkSession, order: RepairOrder) -> bool:
    """Whether the person may give a discount on this order."""
    reach = reach_of(session, order, [RIGHT])
    return RIGHT in reach.rights(*(kept.read(session, each) for each in reach.reads.values()))


def expect_may_discount(session: WorkSession, order: RepairOrder, field: str, words: str) -> None:
    """Refuse a discount of who may give none, at the field by which it was given.

    :param words: the msgid of what is said there.
    :raises Invalid: naming the field, so that nothing else that was typed is lost.
    """
    if not may_discount(session, order):
        raise Invalid({field: [words]})


def expect_percent(discount: int) -> None:
    """Refuse a discount, in hundredths of a percent, that nobody can give.

    :raises Invalid: below 0 or above 100 %.
    """
    if not 0 <= discount <= WHOLE:
        raise Invalid({"discount": [T("From 0 to 100 percent.")]})
