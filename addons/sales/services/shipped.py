"""What a fresh instance contains for sales: why deals are lost."""

from __future__ import annotations

from addons.contacts.services.shipped import Titles, titled
from addons.sales.models import LostReason
from core.db.engine import WorkSession
from core.host.shipped import ship

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


def bring(session: WorkSession) -> None:
    """Bring the reasons this instance has not been given yet."""
    ship(session, LostReason, titled(LOST_REASONS), ["title_ru"])
