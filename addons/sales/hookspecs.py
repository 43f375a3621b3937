"""What sales offers to other addons: stages between its own, and reasons why a deal was lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from core import Vocabulary, hookspec

if TYPE_CHECKING:
    from addons.sales.services.shipped import AddedReason
    from addons.sales.services.stages import AddedStage

STAGES = Vocabulary(
    object, has={"title": str, "look": str, "before": str, "guard": Callable | None}, longest={"code": 20}
)
LOST_REASONS = Vocabulary(
    object, has={"title_ru": str, "title_en": str}, longest={"code": 200, "title_ru": 120, "title_en": 120}
)


@hookspec
@STAGES
def sales_stages() -> list[AddedStage]:
    """Stages on the way of a sale, each with what must be so before a worksheet may go there (X-14).

    When: once, at start; a stage's ``guard(session, worksheet)`` whenever a worksheet is to go there, from card, board
    or API. It returns the refusal, or ``None``. Return: any objects with ``code``, ``title``, ``look``, ``before`` and
    ``guard``, so that an addon to which sales is optional imports nothing of it; codes begin with the addon's name and
    have 20 characters at most. Since 0.1.
    Example: ``return [Stage("parking.presented", T("On the handover place"), "teal", "delivered", guard=stands_ready)]``
    """


@hookspec
@LOST_REASONS
def sales_lost_reasons() -> list[AddedReason]:
    """Reasons why a deal was lost, beside those that sales ships itself (X-14).

    When: once, at start; sales brings them with its ``shipped_data`` as rows of its own, which stay when the addon goes.
    Return: any objects with ``code``, ``title_ru`` and ``title_en``; codes begin with the addon's name, titles have 120
    characters at most, and of reasons with the same Russian title the first counts. Since 0.1.
    Example: ``return [Reason("parking.far", "Негде поставить машину", "Nowhere to park")]``
    """
