"""What the demonstration has brought over from the program before: archived repair orders, so that clients come again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from addons.contacts.models import Customer, Import, Vehicle
from addons.contacts.services.demo_office import ZONE
from addons.contacts.services.importing.book import Car, Party
from addons.contacts.services.importing.entries import Entry
from addons.contacts.services.importing.kinds import ImportedRow
from addons.contacts.services.names import Name
from addons.service.services import demo_words as words
from addons.service.services import past_columns as columns
from addons.service.services.past_orders import PastOrders
from core import WorkSession

ORDERS = 40
FILE = "архив-заказ-нарядов.csv"
FIRST_NUMBER = 1204
YOUNGEST, OLDEST = 200, 1500
"""How many days ago the other program was still written into."""
A_DAY = 30
"""Kilometres a day, by which an odometer showed less then."""
ADVISERS = ("Сидоров П. А.", "Климова О. В.")
PRICES = range(4_200, 38_000, 50)


def bring_over(session: WorkSession, garage: Sequence[tuple[Customer, Vehicle]], rng: Random) -> None:
    """Some forty orders of clients and cars that are known, the oldest first, as an import writes them."""
    rows = list(_rows(session, garage, rng))
    record = Import(
        kind=columns.KIND,
        file_name=FILE,
        state="finished",
        headings=[],
        columns={},
        parts=0,
        rows=len(rows),
        created=len(rows),
        finished_at=session.now() - timedelta(days=70),
    )
    session.add(record)
    session.flush()
    work = PastOrders(session, record, ZONE, [row.texts[columns.NUMBER] for row in rows])
    for row in rows:
        work.plan(row)
        assert row.good, "what the demonstration tells is never refused"
        work.write(row)


def _oldest(car: Vehicle, today: date) -> int:
    """How many days ago a car may have been in the workshop for the first time."""
    built = date(car.model_year or today.year, 12, 31)
    return min(OLDEST, (today - built).days, (car.mileage or 0) // A_DAY)


def _rows(session: WorkSession, garage: Sequence[tuple[Customer, Vehicle]], rng: Random) -> Iterator[ImportedRow]:
    today = session.now().astimezone(ZONE).date()
    known = [(customer, car, oldest) for customer, car in garage if (oldest := _oldest(car, today)) > YOUNGEST]
    drawn = rng.sample(known, min(ORDERS * 2 // 3, len(known)))
    chosen = sorted(
        ((rng.randint(YOUNGEST, oldest), customer, car) for customer, car, oldest in (drawn * 2)[:ORDERS]),
        key=lambda each: -each[0],
    )
    for number, (days, customer, car) in enumerate(chosen):
        work = rng.choice(words.WORKS)
        day = today - timedelta(days=days)
        texts = {
            columns.NUMBER: f"СТО-{FIRST_NUMBER + 7 * number:07d}",
            columns.OPENED: f"{day:%d.%m.%Y} {rng.randint(9, 17):02d}:{rng.choice((0, 15, 30, 45)):02d}",
            columns.CLOSED: f"{day + timedelta(days=rng.randint(0, 2)):%d.%m.%Y}",
            columns.MILEAGE: str((car.mileage or 0) - days * A_DAY),
            columns.REASON: work.reason,
            columns.WORKS: "\n".join([work.correction or work.reason, *(part.title for part in work.parts)]),
            columns.TOTAL: str(rng.choice(PRICES)),
            columns.ADVISER: rng.choice(ADVISERS),
        }
        party = Party(f"db:{customer.id}", Name(customer.last_name), customer.name, record=customer)
        yield ImportedRow(Entry(number + 1, texts), party, Car(f"db:{car.id}", car.title, record=car), None)
