"""The invented dealership's workshops: ten years of repair orders with their visits, and a week that is full of bookings.

As all of the dealership's rows these are the same for a scale, and are written past the ORM.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from addons.contacts.models import Document, OdometerReading
from addons.service.models import (
    Approval,
    Booking,
    CarVisit,
    Concern,
    Hold,
    OrderLine,
    Payment,
    Recommendation,
    RepairOrder,
)
from addons.service.services.amounts import THOUSAND, line_amounts
from addons.service.services.kinds import BOOKING_SERIES
from addons.service.services.slots import slots_between
from addons.service.services.states import BOOKING, ORDER, VISIT, Machine
from bench.data import (
    NOW,
    Dealership,
    Office,
    Table,
    car_of,
    key_of,
    name_of,
    number_of,
    pattern_of,
    pick,
    plate_of,
    text_of,
    vin_of,
)
from core.text.folding import search_key

SPAN = timedelta(days=3652)
ZONE = ZoneInfo("Europe/Moscow")
BAYS, STARTS = 12, (8, 10, 12, 14, 16, 18)
"""The bays of the workshop that is looked at, and the hours at which the first of them begin."""
WORK = timedelta(minutes=90)
WEEK = 500
"""Bookings of the week that is looked at."""
OPEN = 60
"""Orders that are in work; in each of them there are :data:`LONG` lines."""
LONG = 200
REGULARS = 20
"""Clients who have a hundred orders each, the oldest ones."""
LABOUR, PART = 2_500_00, 1_800_00
VAT = 2200
STATES = {
    "scheduled": "Запланирована",
    "completed": "Выполнена",
    "open": "В сервисе",
    "handed_over": "Выдан",
    "in_work": "В работе",
    "closed": "Архив",
}
REASONS = (
    "ТО-15 000",
    "ТО-30 000, шум тормозов",
    "Стук в передней подвеске",
    "Замена масла и фильтров",
    "Горит лампа двигателя",
    "Сезонная замена шин, балансировка",
    "Уводит вправо, проверить сход-развал",
    "Не работает кондиционер",
)
WORKS = ("Замена масла и фильтров", "Диагностика ходовой", "Замена тормозных колодок", "Сход-развал", "Балансировка")
PARTS = (
    "Фильтр масляный",
    "Колодки тормозные передние",
    "Масло моторное 5W-30",
    "Стойка стабилизатора",
    "Свеча зажигания",
)


@dataclass(frozen=True, slots=True)
class Workshops(Office):
    """The office with its workshops: the department and branch of each, of the first one also its bays and people."""

    places: Sequence[tuple[int, int]]
    bays: Sequence[int]
    mechanics: Sequence[int]
    advisers: Sequence[int]
    vat_rate_id: int


class Workshop(Dealership):
    """The rows of a dealership with so many repair orders; as many visits, a third as many contacts.

    :param orders: how many repair orders; everything else follows from it.
    """

    def __init__(self, orders: int, office: Workshops) -> None:
        super().__init__(orders // 3, office)
        self.workshops = office
        self.orders = orders
        self.booked = orders // 5
        self.last_document = self.booking_id(self.booked + WEEK)
        self._free = count()

    # --- who and when ---------------------------------------------------------------------------

    def visit_id(self, number: int) -> int:
        """The document of a visit."""
        return self.documents + 2 * number - 1

    def order_id(self, number: int) -> int:
        """The document of a repair order, the first one of the visit of the same number."""
        return self.documents + 2 * number

    def booking_id(self, number: int) -> int:
        """The document of a booking."""
        return self.documents + 2 * self.orders + number

    def received_at(self, number: int) -> datetime:
        """When the car of a visit came."""
        return NOW - SPAN * ((self.orders - number) / self.orders) - timedelta(minutes=10)

    def order_number(self, number: int) -> str:
        """What stands on an order's paper."""
        return f"{self._prefix('ЗН', self.place_of(number)[1], self.received_at(number))}{number:06d}"

    def vehicle_of(self, number: int) -> int:
        """The car of a visit and its order."""
        if number <= REGULARS * 100:
            return self.regulars[(number - 1) // 100]
        return pick(number, 50, self.vehicles) + 1

    @cached_property
    def regulars(self) -> list[int]:
        """The cars of the clients with a hundred orders, all of the first branch."""
        return [each for each in range(1, self.vehicles + 1) if pick(each * 2, 14, 100) < 70][:REGULARS]

    def is_open(self, number: int) -> bool:
        """Whether an order is still in work."""
        return number > self.orders - OPEN

    @cached_property
    def monday(self) -> date:
        """The first day of the week that is looked at."""
        today = NOW.astimezone(ZONE).date()
        return today - timedelta(days=today.weekday())

    def next_free(self) -> tuple[datetime, int]:
        """A time after that week that nobody has asked for yet, and a bay."""
        number = next(self._free)
        day, quarter = divmod(number, 40)
        moment = datetime(self.monday.year, self.monday.month, self.monday.day, 8, tzinfo=ZONE) + timedelta(
            days=7 + day, minutes=15 * quarter
        )
        return moment, self.workshops.bays[number % BAYS]

    def place_of(self, number: int) -> tuple[int, int]:
        """Department and branch of a visit; those that are open stand in the first workshop."""
        first, second = self.workshops.places
        return first if number <= REGULARS * 100 or self.is_open(number) or pick(number, 51, 100) < 70 else second

    def _adviser(self, number: int) -> int:
        department, _ = place = self.place_of(number)
        staff = self.workshops.advisers if place == self.workshops.places[0] else self.office.staff[department]
        return staff[pick(number, 52, len(staff))]

    def _booked_at(self, number: int) -> tuple[datetime, int]:
        """When a booking begins, and which of the bays it has: the past ones lie before the week, the rest in it."""
        each_day = BAYS * len(STARTS)
        days, place = divmod(number - 1 if number <= self.booked else number - self.booked - 1, each_day)
        day = self.monday + timedelta(days=-1 - days if number <= self.booked else days)
        bay = place % BAYS
        hour = STARTS[place // BAYS]
        # Bays begin a quarter after each other, so that an adviser receives one car at a time.
        return datetime(day.year, day.month, day.day, hour, 15 * (bay % 4), tzinfo=ZONE), bay

    @staticmethod
    def _prefix(letters: str, branch_id: int, at: datetime) -> str:
        return f"{letters}{branch_id}-{at.year % 100:02d}-"

    # --- the rows -------------------------------------------------------------------------------

    def tables(self) -> Iterator[Table]:
        """Everything, in the order of the foreign keys."""
        yield from super().tables()
        orders, bookings = range(1, self.orders + 1), range(1, self.booked + WEEK + 1)
        yield Table(Document, _HEAD, self._heads())
        yield Table(Booking, _BOOKING, map(self._booking, bookings))
        yield Table(Hold, ("id", "booking_id", "bay_id", "user_id", "slot"), self._holds())
        yield Table(CarVisit, _VISIT, map(self._visit, orders))
        yield Table(RepairOrder, _ORDER, map(self._order, orders))
        yield Table(Concern, ("id", "order_id", "concern"), map(self._concern, orders))
        yield Table(Approval, ("id", "order_id", "at", "who", "how", "total"), map(self._approval, orders))
        yield Table(OrderLine, _LINE, self._lines())
        yield Table(Payment, ("id", "order_id", "at", "amount", "method"), self._payments())
        yield Table(Recommendation, ("id", "vehicle_id", "order_id", "text", "state"), self._recommendations())
        yield Table(OdometerReading, ("id", "vehicle_id", "at", "kilometres"), map(self._reading, orders))

    def series(self) -> Iterator[tuple[str, int, int, int]]:
        """How far numbers have been given; the bookings of this year go on after those that are there."""
        yield from super().series()
        yield BOOKING_SERIES.code, self.workshops.places[0][1], NOW.year, self.booked + WEEK

    def forgetting(self) -> list[str]:
        """What takes away the rows that a run has added to these."""
        return [
            *super().forgetting(),
            f"DELETE FROM service_hold WHERE booking_id > {self.last_document}",
            f"DELETE FROM service_booking_job WHERE booking_id > {self.last_document}",
            f"DELETE FROM service_booking WHERE id > {self.last_document}",
            f"DELETE FROM contacts_document WHERE id > {self.last_document}",
            *(f"DELETE FROM core_{table}" for table in _LEFT_BEHIND),
            f"UPDATE core_number_series SET last = {self.booked + WEEK} WHERE code = '{BOOKING_SERIES.code}'",
        ]

    def _heads(self) -> Iterator[tuple[Any, ...]]:
        for number in range(1, self.orders + 1):
            vehicle, at, is_open = self.vehicle_of(number), self.received_at(number), self.is_open(number)
            place, adviser, title = self.place_of(number), self._adviser(number), _reason(number)
            visit, order = ("open", "in_work") if is_open else ("handed_over", "closed")
            amount = self._totals(number)
            yield self._journal_row(
                self.visit_id(number), "service.visit", "МЗ", number, at, vehicle, place, adviser, title, VISIT, visit
            )
            yield self._journal_row(
                self.order_id(number), "service.order", "ЗН", number, at, vehicle, place, adviser, title, ORDER, order, amount
            )  # fmt: skip
        for number in range(1, self.booked + WEEK + 1):
            yield self._journal_row(
                self.booking_id(number), "service.booking", "ПЗ", number, self._booked_at(number)[0] - timedelta(days=3),
                self._booked_vehicle(number), self.workshops.places[0], self._booked_by(number), _reason(number), BOOKING,
                self._booking_state(number),
            )  # fmt: skip

    def _journal_row(
        self,
        document_id: int,
        kind: str,
        letters: str,
        number: int,
        at: datetime,
        vehicle: int,
        place: tuple[int, int],
        responsible: int,
        title: str,
        machine: Machine,
        state: str,
        amount: int | None = None,
    ) -> tuple[Any, ...]:
        prefix, client, car = self._prefix(letters, place[1], at), " ".join(name_of(vehicle * 2)), car_of(vehicle)
        found = machine[state]
        key = f"{pattern_of(prefix).format(*[f'{number:06d}'] * 9)} {self._car_keys[vehicle]} {key_of(title)}"  # as search_key puts them together
        return (
            document_id, kind, f"{prefix}{number:06d}", text_of(at), vehicle * 2, client, vehicle, car, responsible,
            *place, state, STATES[state], found.title, not found.terminal, title, amount, key,
        )  # fmt: skip

    @cached_property
    def _car_keys(self) -> list[str]:
        """Client, his number, his car: what the heads of its documents are found by."""
        return [""] + [
            f"{key_of(*name_of(each * 2))} 7{number_of(each * 2)} {key_of(car_of(each))} {search_key(plate_of(each), vin_of(each))}"
            for each in range(1, self.vehicles + 1)
        ]

    def _booked_vehicle(self, number: int) -> int:
        return pick(number, 53, self.vehicles) + 1

    def _booked_by(self, number: int) -> int:
        """The adviser who receives it: each has the bays that begin one after the other."""
        return self.workshops.advisers[self._booked_at(number)[1] // 4]

    def _booking_state(self, number: int) -> str:
        return "scheduled" if self._booked_at(number)[0] > NOW else "completed"

    def _booking(self, number: int) -> tuple[Any, ...]:
        (starts, bay), vehicle = self._booked_at(number), self._booked_vehicle(number)
        return (
            self.booking_id(number), f"{self._prefix('ПЗ', self.workshops.places[0][1], starts - timedelta(days=3))}{number:06d}",
            self._booking_state(number), _utc(starts), vehicle * 2, "+7" + number_of(vehicle * 2), vehicle, car_of(vehicle),
            _reason(number), self.workshops.bays[bay], self.workshops.mechanics[bay], self._booked_by(number),
            _utc(starts), _utc(starts + WORK), int(WORK.total_seconds()) // 60, *self.workshops.places[0],
        )  # fmt: skip

    def _holds(self) -> Iterator[tuple[Any, ...]]:
        ids = count(1)
        for number in range(1, self.booked + WEEK + 1):
            starts, bay = self._booked_at(number)
            quarters, booking = slots_between(starts, starts + WORK), self.booking_id(number)
            for slot in quarters:
                yield next(ids), booking, self.workshops.bays[bay], None, slot
                yield next(ids), booking, None, self.workshops.mechanics[bay], slot
            yield next(ids), booking, None, self._booked_by(number), quarters.start

    def _visit(self, number: int) -> tuple[Any, ...]:
        at, vehicle, is_open = self.received_at(number), self.vehicle_of(number), self.is_open(number)
        promised = at + timedelta(hours=6)
        return (
            self.visit_id(number), f"{self._prefix('МЗ', self.place_of(number)[1], at)}{number:06d}",
            "open" if is_open else "handed_over", text_of(at), vehicle * 2, vehicle, self._mileage(number), text_of(at),
            text_of(promised), None if is_open else text_of(promised), self._adviser(number), _reason(number), "[]",
            *self.place_of(number),
        )  # fmt: skip

    def _order(self, number: int) -> tuple[Any, ...]:
        at, vehicle, is_open = text_of(self.received_at(number)), self.vehicle_of(number), self.is_open(number)
        total = self._totals(number)
        return (
            self.order_id(number), self.order_number(number), "in_work" if is_open else "closed", at, at,
            self.visit_id(number), vehicle * 2, vehicle, self._adviser(number), self._mileage(number), total,
            0 if is_open else total, total, *self.place_of(number),
        )  # fmt: skip

    def _mileage(self, number: int) -> int:
        return 200_000 * number // self.orders

    def _lines_of(self, number: int) -> int:
        return LONG if self.is_open(number) else 2

    def _totals(self, number: int) -> int:
        labour, part = (amounts.total for amounts in (_LABOUR, _PART))
        return self._lines_of(number) // 2 * (labour + part)

    def _lines(self) -> Iterator[tuple[Any, ...]]:
        ids = count(1)
        mechanics = self.workshops.mechanics
        for number in range(1, self.orders + 1):
            order = self.order_id(number)
            for position in range(1, self._lines_of(number) + 1):
                kind, titles, price, amounts = (
                    ("labour", WORKS, LABOUR, _LABOUR) if position % 2 else ("part", PARTS, PART, _PART)
                )
                chosen = pick(number, position, 1000)
                yield (
                    next(ids), order, kind, position, titles[chosen % len(titles)], "" if position % 2 else f"06A{chosen:06d}",
                    mechanics[chosen % len(mechanics)] if position % 2 else None, "" if position % 2 else "шт.", THOUSAND, price,
                    self.workshops.vat_rate_id, VAT, *amounts,
                    not self.is_open(number), number,
                )  # fmt: skip

    def _concern(self, number: int) -> tuple[Any, ...]:
        return number, self.order_id(number), _reason(number)

    def _approval(self, number: int) -> tuple[Any, ...]:
        who = " ".join(name_of(self.vehicle_of(number) * 2))
        return number, self.order_id(number), text_of(self.received_at(number)), who, "in_person", self._totals(number)

    def _payments(self) -> Iterator[tuple[Any, ...]]:
        for number in range(1, self.orders - OPEN + 1):
            paid_at = text_of(self.received_at(number) + timedelta(hours=6))
            yield number, self.order_id(number), paid_at, self._totals(number), "card"

    def _recommendations(self) -> Iterator[tuple[Any, ...]]:
        for number in range(3, self.orders + 1, 3):
            state = "open" if number > self.orders * 0.98 else "done"
            yield number, self.vehicle_of(number), self.order_id(number), "Заменить передние тормозные диски", state

    def _reading(self, number: int) -> tuple[Any, ...]:
        return number, self.vehicle_of(number), text_of(self.received_at(number)), self._mileage(number)


def _reason(number: int) -> str:
    return REASONS[pick(number, 54, len(REASONS))]


def _utc(moment: datetime) -> str:
    return text_of(moment.astimezone(NOW.tzinfo))


_LEFT_BEHIND = ("task_reminder", "task_event", "task", "timeline_subject", "timeline_entry", "card_read")
_LABOUR, _PART = (line_amounts(THOUSAND, price, 0, VAT) for price in (LABOUR, PART))
_HEAD = (
    "id", "type", "number", "at", "customer_id", "customer_text", "vehicle_id", "vehicle_text", "responsible_id",
    "department_id", "branch_id", "state", "state_ru", "state_en", "open", "title", "amount", "search_key",
)  # fmt: skip
_BOOKING = (
    "id", "number", "state", "state_since", "customer_id", "phone", "vehicle_id", "vehicle_text", "reason", "bay_id",
    "mechanic_id", "adviser_id", "starts_at", "ends_at", "minutes", "department_id", "branch_id",
)  # fmt: skip
_VISIT = (
    "id", "number", "state", "state_since", "customer_id", "vehicle_id", "mileage", "arrived_at", "promised_at",
    "handed_over_at", "adviser_id", "reason", "checked", "department_id", "branch_id",
)  # fmt: skip
_ORDER = (
    "id", "number", "state", "state_since", "at", "visit_id", "customer_id", "vehicle_id", "adviser_id", "mileage", "total",
    "paid", "agreed_total", "department_id", "branch_id",
)  # fmt: skip
_LINE = (
    "id", "order_id", "kind", "position", "title", "article", "mechanic_id", "unit", "quantity", "price", "vat_rate_id",
    "vat", "amount", "discount_amount", "total", "vat_amount", "done", "approval_id",
)  # fmt: skip
