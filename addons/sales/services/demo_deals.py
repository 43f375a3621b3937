"""The deals of the demonstration: how far each has got, and when it came to each stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from addons.contacts.models import InboundContact
from addons.contacts.services.demo_names import FOR_SALE, GARAGE

Steps = list[tuple[str, datetime]]
"""Stages with the moments they began, the first one first."""

WAY = ("consultation", "selection", "test_drive", "negotiation", "contract", "delivered")

OUTCOMES = (
    (6, ("consultation", "selection", "test_drive", "negotiation", "lost"), (42, 28, 14, 8, 8)),
    (20, ("selection", "test_drive", "negotiation", "contract", "delivered", "lost"), (22, 16, 20, 14, 8, 20)),
    (999, ("selection", "negotiation", "contract", "delivered", "lost"), (8, 10, 8, 30, 44)),
)
"""How far deals get within so many days: the stages and how often each is reached."""

NEXT_STEPS: dict[str, tuple[str, ...]] = {
    "consultation": ("Перезвонить, уточнить бюджет", "Пригласить в салон", "Отправить каталог и цены"),
    "selection": ("Подобрать комплектацию", "Отправить коммерческое предложение", "Назначить тест-драйв"),
    "test_drive": ("Провести тест-драйв", "Узнать впечатления после тест-драйва"),
    "negotiation": ("Согласовать скидку с руководителем", "Прислать расчёт кредита", "Получить ответ по трейд-ин"),
    "contract": ("Подготовить договор", "Проконтролировать оплату", "Согласовать дату выдачи"),
}

LOST_COMMENTS: dict[str, str] = {
    "other_dealer": "Сделали скидку больше нашей",
    "postponed": "Вернётся к вопросу весной",
    "no_answer": "Пять звонков без ответа",
    "other": "Переезжает в другой город",
}


@dataclass(slots=True)
class Deal:
    """A worksheet on its way into the database, where it gets ``number`` and ``id``. ``price`` is in kopecks."""

    created: datetime
    customer_id: int | None
    customer_text: str
    phone: str
    make_id: int | None
    model_id: int | None
    interest: str
    responsible_id: int
    department_id: int
    branch_id: int
    lead_source_id: int | None = None
    note: str = ""
    price: int = 0
    trade_in: str = ""
    steps: Steps = field(default_factory=list)
    contacts: list[int] = field(default_factory=list)
    number: str = ""
    id: int = 0

    @property
    def stage(self) -> str:
        """How far it has got."""
        return self.steps[-1][0]

    @property
    def since(self) -> datetime:
        """When it got there."""
        return self.steps[-1][1]


class KnownDeal(NamedTuple):
    """A deal of a client of whom the demonstration tells; ``age`` in days."""

    client: str
    login: str
    make: str
    model: str
    stage: str
    age: int = 0


class Wish(NamedTuple):
    """A car somebody wants, by its names, and its usual price in kopecks."""

    make: str
    model: str
    price: int


def any_wish(rng: Random) -> Wish:
    """A car that is often sold."""
    make, model, _, thousands = rng.choices(FOR_SALE, [row[2] for row in FOR_SALE])[0]
    return Wish(make, model, price_of(rng, thousands))


def price_of(rng: Random, thousands: int) -> int:
    """A price near the usual one, in kopecks, with whole thousands of roubles."""
    return round(thousands * rng.uniform(0.94, 1.22)) * 1000 * 100


def any_trade_in(rng: Random) -> str:
    """What three of ten buyers want to give in exchange."""
    if rng.random() > 0.3:
        return ""
    make, model, _, _ = rng.choice(GARAGE)
    return f"{make} {model}, {rng.randint(2010, 2021)}, {rng.randint(4, 19)}0 000 км"


def outcome(rng: Random, age: timedelta) -> str:
    """How far a deal of this age has got."""
    _, stages, weights = next(row for row in OUTCOMES if age.days < row[0])
    return rng.choices(stages, weights)[0]


def steps_to(rng: Random, last: str, begin: datetime, end: datetime) -> Steps:
    """The way from the first talk to the last stage, which is reached at ``end``; a deal is lost anywhere on it."""
    if last == "lost":
        way = [*WAY[: rng.randint(1, 4)], "lost"]
    else:
        way = [
            stage
            for stage in WAY[: WAY.index(last) + 1]
            if stage != "test_drive" or last == stage or rng.random() < 0.6
        ]
    if len(way) == 1:
        return [(way[0], begin)]
    parts = sorted(rng.uniform(0.05, 0.95) for _ in way[2:])
    moments = [begin, *(begin + (end - begin) * part for part in parts), end]
    return list(zip(way, moments, strict=True))


def group_of(contact: InboundContact) -> tuple[object, ...]:
    """What says that contacts are of one client: he himself, or the same name and number."""
    if contact.customer_id is not None:
        return (contact.customer_id,)
    return (contact.client_text, contact.phone, contact.branch_id)
