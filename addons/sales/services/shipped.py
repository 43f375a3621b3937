"""What a fresh instance contains for sales: why deals are lost."""

from __future__ import annotations

from typing import Protocol

from addons.contacts.services.shipped import Titles, titled
from addons.sales.models import LostReason
from core import Hooks, WorkSession, ship

LOST_REASONS: Titles = (
    ("price", "Не устроила цена", "The price"),
    ("other_dealer", "Купил у другого дилера", "Bought from another dealer"),
    ("other_make", "Купил другую марку", "Bought another make"),
    ("private_seller", "Купил у частного лица", "Bought from a private seller"),
    ("no_credit", "Не одобрен кредит", "Credit was refused"),
    ("trade_in", "Не устроила оценка трейд-ин", "The trade-in offer"),
    ("not_available", "Нет нужной комплектации", "The wanted version is not available"),
    ("too_long", "Долгий срок поставки", "Delivery takes too long"),
    ("postponed", "Отложил покупку", "Put the purchase off"),
    ("no_answer", "Не отвечает", "Does not answer"),
    ("other", "Прочее", "Other"),
)


class AddedReason(Protocol):
    """What a reason of another addon has to say; that addon makes it of whatever it likes."""

    @property
    def code(self) -> str:
        """Begins with the addon's name: ``parking.far``."""

    @property
    def title_ru(self) -> str: ...
    @property
    def title_en(self) -> str: ...


def bring(session: WorkSession) -> None:
    """Bring the reasons this instance has not been given yet, with those of other addons before «Прочее»."""
    reasons = (*LOST_REASONS[:-1], *_added(session.hooks), LOST_REASONS[-1])
    ship(session, LostReason, titled(reasons), ["title_ru"])


def _added(hooks: Hooks) -> Titles:
    """The reasons of other addons; no two rows can have one title, so of such the first counts (X-14)."""
    taken = {ru for _, ru, _ in LOST_REASONS}
    found: dict[str, tuple[str, str, str]] = {}
    for _, each in hooks.declared("sales_lost_reasons"):
        if each.title_ru not in taken:
            found.setdefault(each.title_ru, (each.code, each.title_ru, each.title_en))
    return tuple(found.values())
