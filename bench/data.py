"""The invented dealership every benchmark runs on: three years of contacts with their clients, cars and documents.

The rows of a scale are always the same. They are written past the ORM, without a trail, with the indexes put back at
the end: a million contacts take minutes, not hours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from typing import Any
from zlib import crc32

from addons.contacts.models import Customer, CustomerPhone, Document, InboundContact, Vehicle
from addons.contacts.services.registration import SERIES as CONTACTS
from addons.sales.models import Worksheet
from addons.sales.services.worksheets import SERIES as WORKSHEETS
from core.db.base import Base
from core.text.folding import search_key

NOW = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
"""The moment at which the invented dealership is looked at: a Friday, two in the afternoon in Moscow."""

SPAN = timedelta(days=3 * 365)
OPEN_CONTACTS = 60
WORDS = ("мужчина в красной куртке", "женщина с коляской", "представитель таксопарка", "звонок без имени")
CHANNELS = ("phone", "visit", "web", "chat")
STATES = ("processed", "processed", "processed", "informed", "ignored")
WEIGHTS = {
    (1, "showroom"): 30,
    (1, "workshop"): 25,
    (1, "parts"): 8,
    (1, "finance"): 5,
    (1, "other"): 2,
    (2, "showroom"): 14,
    (2, "workshop"): 11,
    (2, "parts"): 3,
    (2, "finance"): 1,
    (2, "other"): 1,
}
"""Of a hundred contacts, how many go to a department of a branch."""

SURNAMES = (
    "Иванов", "Смирнов", "Кузнецов", "Попов", "Васильев", "Петров", "Соколов", "Михайлов", "Новиков", "Фёдоров",
    "Морозов", "Волков", "Алексеев", "Лебедев", "Семёнов", "Егоров", "Павлов", "Козлов", "Степанов", "Николаев",
    "Орлов", "Андреев", "Макаров", "Никитин", "Захаров", "Зайцев", "Соловьёв", "Борисов", "Яковлев", "Григорьев",
    "Романов", "Воробьёв", "Сергеев", "Кузьмин", "Фролов", "Александров", "Дмитриев", "Королёв", "Гусев", "Киселёв",
    "Ильин", "Максимов", "Поляков", "Сорокин", "Виноградов", "Ковалёв", "Белов", "Медведев", "Антонов", "Тарасов",
    "Жуков", "Баранов", "Филиппов", "Комаров", "Давыдов", "Беляев", "Герасимов", "Богданов", "Осипов", "Сидоров",
)  # fmt: skip
NAMES = (
    "Александр", "Сергей", "Дмитрий", "Андрей", "Алексей", "Максим", "Евгений", "Иван", "Михаил", "Николай",
    "Виктор", "Павел", "Роман", "Олег",
)  # fmt: skip
FATHERS = (
    "Александрович", "Сергеевич", "Дмитриевич", "Андреевич", "Иванович", "Викторович", "Павлович", "Олегович",
    "Петрович",
)  # fmt: skip
CARS = (
    ("Mercedes-Benz", "E-класс"),
    ("Toyota", "Camry"),
    ("Škoda", "Octavia"),
    ("Hyundai", "Solaris"),
    ("Kia", "Rio"),
    ("LADA", "Vesta"),
    ("Volkswagen", "Polo"),
    ("BMW", "X5"),
)
PLATE = "ABEKMHOPCTYX"
REGIONS = ("77", "99", "177", "777", "50", "190")
SPELLINGS = (
    "+7{0}{1}{2}{3}",
    "8{0}{1}{2}{3}",
    "8 ({0}) {1}-{2}-{3}",
    "+7 {0} {1}-{2}-{3}",
    "8-{0}-{1}-{2}-{3}",
    "{0} {1} {2} {3}",
)
"""The six ways in which numbers are written down and typed."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A contact goal of the instance, as far as the invented contacts need it."""

    id: int
    channel: str
    department_id: int
    branch_id: int
    kind: str
    route: str


@dataclass(frozen=True, slots=True)
class Office:
    """Goals and specialists of the instance the rows are made for; ``staff`` are user ids by department."""

    goals: Sequence[Goal]
    staff: dict[int, list[int]]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one model: the columns that vary, their rows, and one value each for the columns that must not be
    empty.
    """

    model: type[Base]
    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


def pick(number: int, what: int, choices: int) -> int:
    """A number below ``choices`` that looks random and is always the same for the same row."""
    return crc32(b"%d:%d" % (number, what)) % choices


def text_of(moment: datetime) -> str:
    """A moment as SQLite keeps it and as PostgreSQL reads it in a UTC session."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def name_of(customer: int) -> tuple[str, str, str]:
    """Surname, name and father's name of a client."""
    return (
        SURNAMES[pick(customer, 1, len(SURNAMES))],
        NAMES[pick(customer, 2, len(NAMES))],
        FATHERS[pick(customer, 3, len(FATHERS))],
    )


def number_of(customer: int, which: int = 0) -> str:
    """A client's mobile number, the ten digits: unique, and spread over the number range."""
    return f"9{(customer * 2 + which) * 7_654_321 % 300_000_000 + 600_000_000:09d}"


def has_second_number(customer: int) -> bool:
    """Whether a client has two numbers: three of ten have."""
    return customer % 10 < 3


def spelled(digits: str, how: int) -> str:
    """Ten digits in one of the six spellings."""
    return SPELLINGS[how].format(digits[:3], digits[3:6], digits[6:8], digits[8:])


def plate_of(vehicle: int) -> str:
    """A car's plate, in Latin letters; no two cars have the same."""
    rest, region = divmod(vehicle * 7_654_321 % (len(PLATE) ** 3 * 1000 * len(REGIONS)), len(REGIONS))
    rest, digits = divmod(rest, 1000)
    rest, third = divmod(rest, len(PLATE))
    first, second = divmod(rest, len(PLATE))
    return f"{PLATE[first]}{digits:03d}{PLATE[second]}{PLATE[third]}{REGIONS[region]}"


def vin_of(vehicle: int) -> str:
    """A car's VIN."""
    return f"XTA{pick(vehicle, 11, 10**6):06d}A{vehicle:07d}"


def car_of(vehicle: int) -> str:
    """A car's make and model."""
    return " ".join(CARS[pick(vehicle, 10, len(CARS))])


@cache
def key_of(*texts: str) -> str:
    """The search key of texts that come again and again."""
    return search_key(*texts)


@cache
def pattern_of(prefix: str, ending: str = "") -> str:
    """The key of ``prefix`` + number + ``ending`` with a place for the number: codes are read letter by letter."""
    return search_key(f"{prefix}987654{ending}").replace("987654", "{}")


class Dealership:
    """The rows of one scale.

    :param contacts: how many inbound contacts; everything else follows from it.
    """

    def __init__(self, contacts: int, office: Office) -> None:
        self.contacts = contacts
        self.customers = contacts // 5
        self.vehicles = contacts // 10
        self.documents = contacts * 3 // 10
        self.office = office

    @cached_property
    def _goals(self) -> list[Goal]:
        """The goals in a list in which every department has its share."""
        shares: list[Goal] = []
        for (branch, kind), weight in WEIGHTS.items():
            own = [goal for goal in self.office.goals if (goal.branch_id, goal.kind) == (branch, kind)]
            own = [goal for goal in own if goal.channel in CHANNELS]
            shares += [own[number * 7 % len(own)] for number in range(weight * 10)] if own else []
        return shares

    def goal_of(self, contact: int) -> Goal:
        """The goal of a contact."""
        return self._goals[pick(contact, 20, len(self._goals))]

    def at(self, contact: int) -> datetime:
        """When a contact came."""
        return NOW - SPAN * ((self.contacts - contact) / self.contacts) - timedelta(minutes=1)

    def customer_of(self, contact: int) -> int | None:
        """Whose contact it is; one of five is nobody we know."""
        return None if contact % 5 == 0 else pick(contact, 13, self.customers) + 1

    def document_of(self, contact: int) -> int | None:
        """The document a contact has become: three of ten have."""
        tens, rest = divmod(contact - 1, 10)
        return tens * 3 + rest + 1 if rest < 3 and contact <= self.contacts - OPEN_CONTACTS else None

    def responsible_of(self, contact: int) -> int:
        """Who handled a contact."""
        staff = self.office.staff[self.goal_of(contact).department_id]
        return staff[pick(contact, 21, len(staff))]

    def tables(self) -> Iterator[Table]:
        """Everything, in the order of the foreign keys."""
        yield Table(Customer, _CUSTOMER, map(self._customer, range(1, self.customers + 1)))
        yield Table(CustomerPhone, _PHONE, self._phones())
        yield Table(Vehicle, _VEHICLE, map(self._vehicle, range(1, self.vehicles + 1)))
        yield Table(Document, _DOCUMENT, map(self._document, range(1, self.documents + 1)))
        yield Table(Worksheet, _WORKSHEET, map(self._worksheet, range(1, self.documents + 1)))
        yield Table(InboundContact, _CONTACT, map(self._contact, range(1, self.contacts + 1)))

    def series(self) -> Iterator[tuple[str, int, int, int]]:
        """How far numbers have been given: series, branch, year, the last one."""
        yield CONTACTS.code, 0, 0, self.contacts
        yield WORKSHEETS.code, 0, 0, self.documents

    def forgetting(self) -> list[str]:
        """What takes away the rows that a run has added to these."""
        return [
            f"DELETE FROM contacts_contact_reason WHERE contact_id > {self.contacts}",
            f"DELETE FROM contacts_inbound_contact WHERE id > {self.contacts}",
            f"UPDATE core_number_series SET last = {self.contacts} WHERE code = '{CONTACTS.code}'",
        ]

    def _customer(self, number: int) -> tuple[Any, ...]:
        last, first, middle = name_of(number)
        keys = [key_of(last, first, middle), "7" + number_of(number)]
        if has_second_number(number):
            keys.append("7" + number_of(number, 1))
        email = f"client{number}@example.ru" if number % 2 else ""
        if email:
            keys.append(pattern_of("client", "@example.ru").format(*[number] * 9))
        if number % 2 == 0:
            keys.append(search_key(plate_of(number // 2), vin_of(number // 2)))
            keys.append(key_of(car_of(number // 2)))
        return (
            number,
            last,
            first,
            middle,
            f"{last} {first} {middle}",
            email,
            "+7" + number_of(number),
            1 if pick(number, 14, 100) < 70 else 2,
            text_of(NOW - SPAN * (pick(number, 12, 10**6) / 10**6)),
            " ".join(keys),
        )

    def _phones(self) -> Iterator[tuple[Any, ...]]:
        number = 0
        for customer in range(1, self.customers + 1):
            for which in range(1 + has_second_number(customer)):
                number += 1
                digits = number_of(customer, which)
                yield number, customer, "+7" + digits, digits[-7:], spelled(digits, number % 6), which + 1

    def _vehicle(self, number: int) -> tuple[Any, ...]:
        key = f"{search_key(plate_of(number), vin_of(number))} {key_of(car_of(number))}"
        year = 2010 + number % 16
        return number, number * 2, car_of(number), year, vin_of(number), plate_of(number), 1000 * (number % 200), key

    def _head(self, number: int) -> tuple[int, int | None, str, str]:
        """The contact a document comes from, its client, the client's name, and the number on paper."""
        tens, rest = divmod(number - 1, 3)
        contact = tens * 10 + rest + 1
        customer = self.customer_of(contact)
        return contact, customer, " ".join(name_of(customer)) if customer else WORDS[contact % 4], f"РЛ-{number:06d}"

    def _document(self, number: int) -> tuple[Any, ...]:
        contact, customer, text, code = self._head(number)
        goal, car = self.goal_of(contact), car_of(contact)
        is_open = number > self.documents * 0.97
        state = ("negotiation", "Переговоры", "Negotiation") if is_open else ("delivered", "Выдан", "Delivered")
        key = f"{pattern_of('РЛ-').format(*[f'{number:06d}'] * 9)} {key_of(text)} {key_of(car)}"
        return (
            number,
            "sales.worksheet",
            code,
            text_of(self.at(contact)),
            customer,
            text,
            car,
            self.responsible_of(contact),
            goal.department_id,
            goal.branch_id,
            *state,
            is_open,
            car,
            100_000_000 + number * 1000 % 900_000_000,
            key,
        )

    def _worksheet(self, number: int) -> tuple[Any, ...]:
        contact, customer, _, code = self._head(number)
        goal = self.goal_of(contact)
        stage = "negotiation" if number > self.documents * 0.97 else "delivered"
        return (
            number,
            code,
            stage,
            text_of(self.at(contact)),
            customer,
            self.responsible_of(contact),
            goal.department_id,
            goal.branch_id,
            car_of(contact),
        )

    def _contact(self, number: int) -> tuple[Any, ...]:
        goal, customer, document = self.goal_of(number), self.customer_of(number), self.document_of(number)
        text = " ".join(name_of(customer)) if customer else WORDS[number % 4]
        phone = "+7" + number_of(customer) if customer else ""
        car = car_of(number) if number % 3 else ""
        at = text_of(self.at(number))
        is_open = number > self.contacts - OPEN_CONTACTS
        state = "in_progress" if is_open else "processed" if document else STATES[pick(number, 22, len(STATES))]
        code = f"{number:06d}"
        key = f"{pattern_of('ВТ-').format(*[code] * 9)} {key_of(text)} {phone[1:]} {key_of(car)}"
        return (
            number,
            f"ВТ-{code}",
            at,
            goal.channel,
            state,
            goal.id,
            goal.department_id,
            goal.branch_id,
            self.responsible_of(number),
            customer,
            text,
            phone,
            car,
            number % 4 == 0,
            at,
            None if is_open else at,
            document,
            "Просил перезвонить после обеда, интересует комплектация и сроки." if number % 7 == 0 else "",
            key,
        )


_CUSTOMER = (
    "id", "last_name", "first_name", "middle_name", "name", "email", "main_phone", "branch_id", "last_contact_at",
    "search_key",
)  # fmt: skip
_PHONE = ("id", "customer_id", "e164", "last7", "raw", "position")
_VEHICLE = ("id", "customer_id", "title", "model_year", "vin", "plate", "mileage", "search_key")
_DOCUMENT = (
    "id", "type", "number", "at", "customer_id", "customer_text", "vehicle_text", "responsible_id", "department_id",
    "branch_id", "state", "state_ru", "state_en", "open", "title", "amount", "search_key",
)  # fmt: skip
_WORKSHEET = (
    "id", "number", "stage", "stage_since", "customer_id", "responsible_id", "department_id", "branch_id", "interest",
)  # fmt: skip
_CONTACT = (
    "id", "number", "at", "channel", "state", "goal_id", "department_id", "branch_id", "responsible_id", "customer_id",
    "client_text", "phone", "vehicle_text", "is_primary", "taken_at", "finished_at", "document_id", "note",
    "search_key",
)  # fmt: skip
