"""The invented dealership's deliveries: three years of orders, and a day on which 2 000 of them are to be brought.

As all of the dealership's rows these are the same for a scale, and are written past the ORM.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from addons.contacts.models import Document
from addons.delivery.models import AddressPart, DeliveryOrder, LineSupplier, LogEntry, OrderLine, StatusChange
from addons.delivery.services.orders import SERIES, THING
from addons.delivery.services.statuses import NEW, STATUS, Status
from addons.delivery.services.windows import length
from bench.data import NOW, Dealership, Office, Table, key_of, name_of, number_of, pattern_of, pick, text_of

SPAN = timedelta(days=3 * 365)
ZONE = ZoneInfo("Europe/Moscow")
DAY = 2_000
"""Orders of the day that is looked at, the last ones there are."""
ZONES = ("Центр", "Север", "Юг", "Запад", "Восток", "За МКАД, север", "За МКАД, юг", "Область")
WINDOWS = ("10:00–13:00", "13:00–18:00", "18:00–22:00")
STREETS = ("Профсоюзная", "Тверская", "Ленинский проспект", "Мира", "Садовая", "Новослободская", "Щукинская")
GOODS = ("Коврики салона", "Щётки стеклоочистителя", "Багажник на крышу", "Чехлы сидений", "Зарядное устройство")
NOTE = "Хрупкое, позвонить за час"
HANDED, DONE = STATUS["handed_to_delivery"], STATUS["completed"]
TITLES = {NEW.code: "Без статуса", HANDED.code: "Передан в доставку", DONE.code: "Выполнен"}
TURNS = ("awaiting_prepayment", HANDED.code)
"""What the orders of the day are given, one of them the first, the next one the second, and the other way round the next time."""
PRICE = 1_800_00


@dataclass(frozen=True, slots=True)
class Desk(Office):
    """The office with its delivery department: where the orders are, who takes them, who drives them through which zones."""

    place: tuple[int, int]
    operators: Sequence[int]
    couriers: Sequence[int]
    zones: Sequence[int]


class Rounds(Dealership):
    """The rows of a dealership with so many orders, and half as many contacts.

    :param orders: how many orders with delivery; everything else follows from it.
    """

    def __init__(self, orders: int, desk: Desk) -> None:
        super().__init__(orders // 2, desk)
        self.desk = desk
        self.orders = orders
        self._turn = count()

    # --- who and when ---------------------------------------------------------------------------

    def order_id(self, number: int) -> int:
        """The document of an order."""
        return self.documents + number

    def order_number(self, number: int) -> str:
        """What stands on an order's paper."""
        return f"{self._prefix(number)}{number:05d}"

    def of_the_day(self, number: int) -> int:
        """An order of the day that is looked at."""
        return self.orders - number % DAY

    def next_turn(self) -> tuple[int, str]:
        """The order of the day whose turn it is to get another status, and which."""
        turn = next(self._turn)
        order = self.of_the_day(turn)
        # Those that were handed over begin with the first, the others with the second: each step is one.
        return order, TURNS[(order + 1 + turn // DAY) % len(TURNS)]

    @property
    def day(self) -> date:
        """The day that is looked at."""
        return NOW.astimezone(ZONE).date()

    def courier_of(self, number: int) -> int:
        """Who drives an order."""
        return self.desk.couriers[number % len(self.desk.couriers)]

    def _status(self, number: int) -> Status:
        if number <= self.orders - DAY:
            return DONE
        return HANDED if number % 2 else NEW

    def _at(self, number: int) -> datetime:
        return NOW - timedelta(days=2) - SPAN * ((self.orders - number) / self.orders)

    def _buyer(self, number: int) -> int:
        return pick(number, 71, self.customers) + 1

    def _operator(self, number: int) -> int:
        return self.desk.operators[pick(number, 72, len(self.desk.operators))]

    def _prefix(self, number: int) -> str:
        return f"ЗД{self.desk.place[1]}-{self._at(number).year % 100:02d}-"

    # --- the rows -------------------------------------------------------------------------------

    def tables(self) -> Iterator[Table]:
        """Everything, in the order of the foreign keys."""
        yield from super().tables()
        orders = range(1, self.orders + 1)
        yield Table(Document, _HEAD, map(self._order_head, orders))
        yield Table(DeliveryOrder, _ORDER, map(self._order, orders))
        yield Table(AddressPart, _PART, self._parts())
        yield Table(OrderLine, _LINE, self._lines())
        yield Table(LineSupplier, ("id", "line_id", "name"), self._suppliers())
        yield Table(LogEntry, ("id", "order_id", "at", "kind", "created_by_id"), self._entries())
        yield Table(StatusChange, _CHANGE, self._changes())

    def series(self) -> Iterator[tuple[str, int, int, int]]:
        """How far numbers have been given."""
        yield from super().series()
        yield SERIES.code, self.desk.place[1], NOW.year, self.orders

    def forgetting(self) -> list[str]:
        """What takes away the rows that a run has added to these, and gives the day's orders the status they begin with."""
        those = f"id > {self.order_id(self.orders - DAY)} AND (id - {self.documents}) % 2 ="
        shown = "UPDATE contacts_document SET open = TRUE, state"
        began = [
            f"UPDATE delivery_order SET status = '{NEW.code}' WHERE {those} 0",
            f"UPDATE delivery_order SET status = '{HANDED.code}' WHERE {those} 1",
            f"{shown} = '{NEW.code}', state_ru = '{TITLES[NEW.code]}' WHERE {those} 0",
            f"{shown} = '{HANDED.code}', state_ru = '{TITLES[HANDED.code]}' WHERE {those} 1",
        ]
        return [
            *super().forgetting(),
            *began,
            f"DELETE FROM delivery_status_change WHERE id > {sum(1 for _ in self._changes())}",
            *(f"DELETE FROM core_{table}" for table in _LEFT_BEHIND),
        ]

    def _order_head(self, number: int) -> tuple[Any, ...]:
        buyer, status, title = self._buyer(number), self._status(number), _goods(number)
        client = " ".join(name_of(buyer))
        return (
            self.order_id(number), THING, self.order_number(number), text_of(self._at(number)), buyer, client,
            self._operator(number), *self.desk.place, status.code, TITLES[status.code], status.title, not status.terminal,
            title, 2 * PRICE, self._key(number),
        )  # fmt: skip

    def _key(self, number: int) -> str:
        buyer, pattern = self._buyer(number), pattern_of(self._prefix(number))
        words = (key_of(" ".join(name_of(buyer))), f"7{number_of(buyer)}", key_of(_goods(number)))
        return " ".join((pattern.format(*[f"{number:05d}"] * 9), *words))

    def _order(self, number: int) -> tuple[Any, ...]:
        buyer, status, at = self._buyer(number), self._status(number), self._at(number)
        done, address = status is DONE, self._address(number)
        zone, window = pick(number, 73, len(self.desk.zones)), WINDOWS[pick(number, 74, len(WINDOWS))]
        day = self.day if not done else (at + timedelta(days=1)).date()
        return (
            self.order_id(number), self.order_number(number), status.code, text_of(at), text_of(at), buyer,
            " ".join(name_of(buyer)), _goods(number), "+7" + number_of(buyer), self._operator(number), *self.desk.place,
            "inside_mkad", "own", "moscow", address, address, self.desk.zones[zone], self.courier_of(number), day.isoformat(),
            window, length(window), NOTE if status is HANDED and number % 10 == 1 else "", "card",
            2 * PRICE, 2 * PRICE if done else 0, self._key(number),
        )  # fmt: skip

    def _address(self, number: int) -> str:
        parts = self._address_parts(number)
        return f"Москва, {parts['street']}, {parts['house']}, кв. {parts['flat']}, подъезд {parts['entrance']}"

    def _address_parts(self, number: int) -> dict[str, str]:
        street = STREETS[pick(number, 75, len(STREETS))]
        house, flat, entrance = (str(pick(number, what, most) + 1) for what, most in ((76, 90), (77, 200), (78, 8)))
        return {
            "region": "Москва",
            "city": "Москва",
            "street": street,
            "house": house,
            "flat": flat,
            "entrance": entrance,
        }

    def _parts(self) -> Iterator[tuple[Any, ...]]:
        """The fields of the addresses, with a person's check."""
        ids = count(1)
        for number in range(1, self.orders + 1):
            at, who = text_of(self._at(number)), self._operator(number)
            for name, value in self._address_parts(number).items():
                yield next(ids), self.order_id(number), name, value, value, "said", at, who

    def _lines(self) -> Iterator[tuple[Any, ...]]:
        ids = count(1)
        for number in range(1, self.orders + 1):
            delivered = 1000 if self._status(number) is DONE else 0
            for position in (1, 2):
                title = GOODS[(number + position) % len(GOODS)]
                yield next(ids), self.order_id(number), position, title, 1000, PRICE, PRICE, delivered

    def _suppliers(self) -> Iterator[tuple[Any, ...]]:
        for number in range(1, 2 * self.orders + 1):
            yield number, number, "Склад"

    def _entries(self) -> Iterator[tuple[Any, ...]]:
        """Of every order the talk and the invoice."""
        ids = count(1)
        for number in range(1, self.orders + 1):
            for kind in ("talk", "invoice"):
                yield next(ids), self.order_id(number), text_of(self._at(number)), kind, self._operator(number)

    def _changes(self) -> Iterator[tuple[Any, ...]]:
        ids = count(1)
        for number in range(1, self.orders + 1):
            status, at = self._status(number), text_of(self._at(number))
            steps = [
                NEW.code,
                *((HANDED.code,) if status is not NEW else ()),
                *((DONE.code,) if status is DONE else ()),
            ]
            for before, after in pairwise(steps):
                yield next(ids), self.order_id(number), at, before, after, 3000, "{}", self._operator(number)


def _goods(number: int) -> str:
    return ", ".join(GOODS[(number + position) % len(GOODS)] for position in (1, 2))


_LEFT_BEHIND = ("task_reminder", "task_event", "task", "timeline_subject", "timeline_entry", "card_read")
_HEAD = (
    "id", "type", "number", "at", "customer_id", "customer_text", "responsible_id", "department_id", "branch_id",
    "state", "state_ru", "state_en", "open", "title", "amount", "search_key",
)  # fmt: skip
_ORDER = (
    "id", "number", "status", "status_since", "at", "customer_id", "client", "goods", "phone", "responsible_id",
    "department_id", "branch_id", "method", "carrier", "region", "address", "address_split", "zone_id", "courier_id",
    "delivery_on", "window", "window_minutes", "dispatch_note", "payment_method", "total", "paid", "search_key",
)  # fmt: skip
_PART = ("id", "order_id", "name", "value", "words", "origin", "confirmed_at", "confirmed_by_id")
_LINE = ("id", "order_id", "position", "title", "quantity", "price", "total", "delivered")
_CHANGE = ("id", "order_id", "at", "before", "after", "seconds", "answers", "created_by_id")
