"""How long the global search takes among many clients: ``python -m bench.search [--clients 200000] [--database both]``.

Makes throw-away databases with invented clients, a car each, half as many inbound contacts and a quarter as many
documents, asks every source of contacts for what people type, and prints the median of the runs, the best, and the
processor time: on a busy machine the latter tells more.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any
from zlib import crc32

from sqlalchemy import Engine, insert, text

from addons.contacts import hookspecs
from addons.contacts.models import ContactGoal, Customer, CustomerPhone, Document, InboundContact, Vehicle
from addons.contacts.services.search import sources
from core.access.models import Branch, Department
from core.access.policy import Access, Scope
from core.db import guards  # noqa: F401 - the row rules live there
from core.db.base import Base
from core.db.engine import Database, WorkSession, create_database_engine
from core.db.migrations import Migrations
from core.host.plugins import Hooks
from core.text.folding import search_key
from core.web.search import Gathered, SearchSource, gather
from tests.support.postgres import PostgresServer

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BATCH = 5000
RUNS = 15
KNOWN = 777
SHOWN = 6
PERSON = Access(
    user_id=1,
    grants={
        "contacts.customer.read": Scope.BRANCH,
        "contacts.vehicle.read": Scope.ALL,
        "contacts.contact.read": Scope.BRANCH,
        "contacts.document.read": Scope.BRANCH,
    },
    branch_ids=frozenset({1}),
    department_ids=frozenset({1}),
)
"""Somebody at the reception."""

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
CARS = [
    ("Mercedes-Benz", "Мерседес-Бенц", "E-класс"),
    ("Toyota", "Тойота", "Camry"),
    ("Škoda", "Шкода", "Octavia"),
    ("Hyundai", "Хёндэ", "Solaris"),
    ("Kia", "Киа", "Rio"),
    ("LADA", "Лада", "Vesta"),
    ("Volkswagen", "Фольксваген", "Polo"),
    ("BMW", "БМВ", "X5"),
]
PLATE = "ABEKMHOPCTYX"

Row = dict[str, Any]


def main() -> int:
    """Run on the chosen databases and print the figures."""
    parser = argparse.ArgumentParser(description="the speed of the global search")
    parser.add_argument("--clients", type=int, default=200_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    options = parser.parse_args()
    rows = Rows(options.clients)
    if options.database in ("sqlite", "both"):
        with tempfile.TemporaryDirectory() as folder:
            _measure(f"sqlite:///{folder}/search.db", rows)
    if options.database in ("postgresql", "both"):
        server = PostgresServer()
        try:
            server.admin("CREATE DATABASE bench OWNER forecourt")
            _measure(server.url("bench"), rows)
        finally:
            server.stop()
    return 0


class Rows:
    """The invented rows, the same for every database."""

    def __init__(self, clients: int) -> None:
        self.clients = clients

    def tables(self) -> Iterator[tuple[type[Base], Iterator[Row]]]:
        """Each table with its rows, in the order of the foreign keys."""
        count = self.clients
        yield Branch, iter([{"id": 1, "title_ru": "Москва", "title_en": "Moscow"}])
        yield Department, iter([{"id": 1, "branch_id": 1, "title_ru": "Продажи", "title_en": "Sales"}])
        yield (
            ContactGoal,
            iter([{"id": 1, "channel": "phone", "department_id": 1, "purpose_ru": "П", "purpose_en": "P"}]),
        )
        yield Customer, (_customer(number) for number in range(1, count + 1))
        yield CustomerPhone, (_phone(number) for number in range(1, count + 1))
        yield Vehicle, (_vehicle(number) for number in range(1, count + 1))
        yield InboundContact, (_contact(number, count) for number in range(1, count // 2 + 1))
        yield Document, (_document(number, count) for number in range(1, count // 4 + 1))


def _pick(number: int, what: int, choices: int) -> int:
    """A number below ``choices`` that looks random and is always the same for the same row."""
    return crc32(f"{number}:{what}".encode()) % choices


def _name(number: int) -> tuple[str, str, str]:
    return (
        SURNAMES[_pick(number, 1, len(SURNAMES))],
        NAMES[_pick(number, 2, len(NAMES))],
        FATHERS[_pick(number, 3, len(FATHERS))],
    )


def _e164(number: int) -> str:
    return f"+79{_pick(number, 4, 10**9):09d}"


def _car(number: int) -> tuple[tuple[str, str, str], str, str]:
    first, second, third = (PLATE[_pick(number, what, len(PLATE))] for what in (5, 6, 7))
    region = (77, 99, 177, 777)[_pick(number, 8, 4)]
    plate = f"{first}{_pick(number, 9, 1000):03d}{second}{third}{region}"
    return CARS[_pick(number, 10, len(CARS))], plate, f"XTA{_pick(number, 11, 10**6):06d}A{number:07d}"


@cache
def _key(*names: str) -> str:
    return search_key(*names)


def asked() -> dict[str, str]:
    """What people type; numbers are those of the client :data:`KNOWN`."""
    phone, (_, plate, vin) = _e164(KNOWN), _car(KNOWN)
    return {
        "surname": "иванов",
        "wrong layout": "bdfyjd",
        "surname and name": "иванов виктор",
        "in Latin": "kuznetsov",
        "two letters": "ив",
        "make in Russian": "мерс",
        "make, wrong layout": "vthc",
        "make, Latin typed in Cyrillic": "ьукы",
        "whole phone": f"8 ({phone[2:5]}) {phone[5:8]}-{phone[8:10]}-{phone[10:]}",
        "last seven digits": f"{phone[-7:-4]}-{phone[-4:-2]}-{phone[-2:]}",
        "last four digits": phone[-4:],
        "plate": plate.lower(),
        "VIN part": vin[3:9],
        "document number": "РЛ-000482",
        "nothing": "щщщщщщ",
    }


def _customer(number: int) -> Row:
    last, first, middle = _name(number)
    (make, _, model), plate, vin = _car(number)
    return {
        "id": number,
        "last_name": last,
        "first_name": first,
        "middle_name": middle,
        "name": f"{last} {first} {middle}",
        "email": f"client{number}@example.ru",
        "main_phone": _e164(number),
        "branch_id": 1,
        "last_contact_at": NOW - timedelta(minutes=_pick(number, 12, 500_000)),
        "search_key": _keys(
            _key(last, first, middle), _e164(number), f"client{number} example ru", plate, vin, _key(make, model)
        ),
    }


def _keys(*parts: str) -> str:
    """Keys and codes put together; codes are the same in all forms."""
    return " ".join(part.lower().lstrip("+") for part in parts)


def _phone(number: int) -> Row:
    e164 = _e164(number)
    return {"id": number, "customer_id": number, "e164": e164, "last7": e164[-7:], "raw": e164}


def _vehicle(number: int) -> Row:
    (make, make_ru, model), plate, vin = _car(number)
    return {
        "id": number,
        "customer_id": number,
        "title": f"{make} {model}",
        "model_year": 2010 + number % 16,
        "vin": vin,
        "plate": plate,
        "search_key": _keys(_key(make, make_ru, model), plate, vin),
    }


def _contact(number: int, clients: int) -> Row:
    client = _pick(number, 13, clients) + 1
    name, (car, *_) = _name(client), _car(client)
    code = f"ВТ-{number:06d}"
    return {
        "id": number,
        "number": code,
        "at": NOW - timedelta(minutes=3 * number),
        "channel": "phone",
        "state": "assigned",
        "goal_id": 1,
        "department_id": 1,
        "branch_id": 1,
        "customer_id": client,
        "client_text": " ".join(name),
        "phone": _e164(client),
        "vehicle_text": f"{car[0]} {car[2]}",
        "search_key": _keys(search_key(code), _key(*name), _e164(client), _key(car[0], car[2])),
    }


def _document(number: int, clients: int) -> Row:
    client = _pick(number, 14, clients) + 1
    name, (car, plate, vin) = _name(client), _car(client)
    code = f"РЛ-{number:06d}"
    return {
        "id": number,
        "type": "sales.worksheet",
        "number": code,
        "at": NOW - timedelta(minutes=9 * number),
        "customer_id": client,
        "customer_text": " ".join(name),
        "vehicle_text": f"{car[0]} {car[2]}",
        "branch_id": 1,
        "department_id": 1,
        "state": "talk",
        "state_ru": "Переговоры",
        "state_en": "Talks",
        "open": number % 3 == 0,
        "search_key": _keys(search_key(code), _key(*name), _e164(client), _key(car[0], car[2]), plate, vin),
    }


def _measure(url: str, rows: Rows) -> None:
    engine = create_database_engine(url)
    started = perf_counter()
    _fill(engine, rows)
    sys.stdout.write(f"\n{engine.dialect.name}: {rows.clients} clients, filled in {perf_counter() - started:.0f} s\n")
    engine.dispose()
    hooks = Hooks()
    hooks.add_specs(hookspecs)
    database = Database(url, hooks)
    for what, query in asked().items():
        sys.stdout.write(_line(database, what, query) + "\n")
        sys.stdout.flush()
    database.dispose()


def _line(database: Database, what: str, query: str) -> str:
    """The figures of one query in milliseconds: of all sources together, and the best of each."""
    every = [("contacts", source) for source in sources()]
    took, found = _timed(lambda session: gather(session, every, query, SHOWN), database)
    alone = " ".join(f"{source.name} {_timed(_only(source, query), database)[0].best:.1f}" for _, source in every)
    return f"{what:<30} {took}  {found:>2} hits  (best of each: {alone})"


def _only(source: SearchSource, query: str) -> Callable[[WorkSession], object]:
    return lambda session: source.find(session, query, SHOWN)


@dataclass(frozen=True)
class Took:
    """Milliseconds of several runs. ``cpu`` is this process alone: on SQLite all there is, on PostgreSQL our half."""

    wall: list[float]
    cpu: list[float]

    @property
    def best(self) -> float:
        """The quickest run."""
        return min(self.wall)

    def __str__(self) -> str:
        return f"p50 {median(self.wall):6.1f}  best {self.best:6.1f}  cpu {median(self.cpu):6.1f}"


def _timed(ask: Callable[[WorkSession], Any], database: Database) -> tuple[Took, int]:
    wall, cpu, found = [], [], 0
    for _ in range(RUNS + 1):
        with database.reading(PERSON) as session:
            started, worked = perf_counter(), process_time()
            answer = ask(session)
            wall.append((perf_counter() - started) * 1000)
            cpu.append((process_time() - worked) * 1000)
        found = sum(len(group.hits) for group in answer.groups) if isinstance(answer, Gathered) else 0
    return Took(wall[1:], cpu[1:]), found


def _fill(engine: Engine, rows: Rows) -> None:
    Migrations(engine).upgrade("core", ROOT / "core" / "migrations")
    Migrations(engine).upgrade("contacts", ROOT / "addons" / "contacts" / "migrations")
    stamps = {"created_at": NOW, "updated_at": NOW}
    with engine.begin() as connection:
        for table, found in rows.tables():
            while batch := [row | stamps for _, row in zip(range(BATCH), found, strict=False)]:
                connection.execute(insert(table), batch)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "ANALYZE"))


if __name__ == "__main__":
    sys.exit(main())
