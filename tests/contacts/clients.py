"""A small dealership for tests of duplicates, merging and importing, with a table of an addon that is not there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    inspect,
    text,
)

from addons.contacts import hookspecs, models
from addons.contacts.services.customers import CustomerData, create_customer, index_customer
from addons.contacts.services.vehicles import index_vehicle
from core.access.models import Branch, Department, User
from core.access.policy import Access, Scope, system
from core.db import audit, guards  # noqa: F401 - the session listeners live there
from core.db.base import Base, BigId
from core.db.engine import Database, WorkSession
from core.db.migrations_ops import CreateSearchIndexOp
from core.host.plugins import Hooks
from core.live import events  # noqa: F401 - it writes what was published at the commit
from core.testing.databases import Databases
from core.work import models as work_models  # noqa: F401 - the tables
from core.work import office_models, task_models  # noqa: F401 - the tables

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
MOSCOW, SAMARA = 1, 2
OLGA, PAVEL = 1, 2
"""Olga may do everything; Pavel works in Moscow and may merge its clients."""

CLUB = Table(
    "clubaddon_membership",
    MetaData(),
    Column("id", BigId, primary_key=True),
    Column("customer_id", BigInteger, nullable=False),
    Column("invited_by", BigInteger),
    Column("level", String(20), nullable=False),
    Column("version", Integer, nullable=False, default=1),
    UniqueConstraint("customer_id", "level"),
)
"""A table no mapper knows, as of an addon that is switched off; the foreign keys are added with the tables."""

CARD_KEY = Table(
    "clubaddon_card",
    MetaData(),
    Column("series", String(10), primary_key=True),
    Column("customer_id", BigInteger, primary_key=True),
)


@dataclass
class Dealership:
    """The database and the ways into it; the clock goes when it is told to."""

    database: Database
    moment: list[datetime] = field(default_factory=lambda: [NOW])

    @contextmanager
    def by(self, user_id: int) -> Iterator[WorkSession]:
        """A committed piece of work of one person."""
        with self.database.writing(access(user_id)) as session:
            yield session

    @contextmanager
    def by_system(self) -> Iterator[WorkSession]:
        """A committed piece of work of a job."""
        with self.database.writing(system("test")) as session:
            yield session

    def fingerprint(self) -> dict[str, list[str]]:
        """All rows of the tables that a merge may touch, but for who changed them last and how often."""
        passing = {"version", "updated_at", "updated_by_id"}
        quiet = ("core_audit", "core_event", "contacts_merge", "contacts_import", "core_change")
        with self.database.engine.connect() as connection:
            names = [
                name
                for name in inspect(connection).get_table_names()
                if not name.startswith(quiet) and "_fts" not in name
            ]
            return {name: _rows(connection, name, passing) for name in sorted(names)}


def _rows(connection: Connection, name: str, passing: set[str]) -> list[str]:
    rows = connection.execute(text(f"SELECT * FROM {name}")).mappings()
    plain = ({key: value for key, value in row.items() if key not in passing} for row in rows)
    return sorted(json.dumps(row, default=str, sort_keys=True, ensure_ascii=False) for row in plain)


def access(user_id: int) -> Access:
    """What this person may do."""
    rights = [f"contacts.{thing}" for thing in ("customer.read", "customer.lookup", "customer.change")]
    if user_id == OLGA:
        more = ("customer.merge", "customer.import", "customer.export", "customer.set_vip", "directory.create")
        cars = ("contacts.vehicle.read", "contacts.vehicle.export")
        grants = dict.fromkeys((*rights, *(f"contacts.{each}" for each in more), *cars), Scope.ALL)
    else:
        grants = {
            "contacts.customer.lookup": Scope.ALL,
            "contacts.customer.read": Scope.BRANCH,
            "contacts.customer.merge": Scope.BRANCH,
        }
    return Access(user_id=user_id, login=f"user{user_id}", grants=grants, branch_ids=frozenset({MOSCOW}))


def open_dealership(url: str) -> Dealership:
    """The dealership at a URL."""
    moment, hooks = [NOW], Hooks()
    hooks.add_specs(hookspecs)
    return Dealership(Database(url, hooks, clock=lambda: moment[0]), moment)


@contextmanager
def opened(databases: Databases, name: str, fill: Callable[[str], None]) -> Iterator[Dealership]:
    """The dealership in a fresh database of a kind, which is gone afterwards."""
    url = databases.prepared(name, fill)
    dealership = open_dealership(url)
    try:
        yield dealership
    finally:
        dealership.database.dispose()
        databases.drop(url)


def fill(url: str) -> None:
    """Tables with their search indexes, two branches, two people, a make with a model."""
    dealership = open_dealership(url)
    engine = dealership.database.engine
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        for name in ("contacts_customer", "contacts_vehicle"):
            operations.invoke(CreateSearchIndexOp(name, "search_key"))
        _create_foreign_tables(connection)
    with dealership.by_system() as session:
        _add_people(session)
    dealership.database.dispose()


def _create_foreign_tables(connection: Connection) -> None:
    metadata = MetaData()
    Table("contacts_customer", metadata, Column("id", BigId, primary_key=True))
    for table in (CLUB, CARD_KEY):
        copy = table.to_metadata(metadata)
        for name in ("customer_id", "invited_by"):
            if name in copy.c:
                copy.c[name].append_foreign_key(ForeignKey("contacts_customer.id"))
        copy.create(connection)


def _add_people(session: WorkSession) -> None:
    session.add_all(
        [
            Branch(id=MOSCOW, title_ru="Москва", title_en="Moscow", time_zone="Europe/Moscow"),
            Branch(id=SAMARA, title_ru="Самара", title_en="Samara", time_zone="Europe/Samara"),
        ]
    )
    session.flush()
    session.add(Department(id=1, branch_id=MOSCOW, title_ru="Сервис", title_en="Service"))
    session.add(User(id=OLGA, login="olga", full_name="Орлова Ольга", short_name="Ольга"))
    session.add(User(id=PAVEL, login="pavel", full_name="Павлов Павел", short_name="Павел"))
    make = models.Make(name="BMW", name_ru="БМВ")
    session.add(make)
    session.add(models.LeadSource(title_ru="Сайт", title_en="Website"))
    session.flush()
    session.add(models.VehicleModel(make_id=make.id, name="X5", name_ru=""))


def add_client(session: WorkSession, last: str, first: str = "", middle: str = "", **more: Any) -> models.Customer:
    """A client as a form would create him."""
    more.setdefault("branch_id", MOSCOW)
    return create_customer(session, CustomerData(last_name=last, first_name=first, middle_name=middle, **more))


def add_car(session: WorkSession, owner: models.Customer | None, **values: Any) -> models.Vehicle:
    """A car of a client."""
    car = models.Vehicle(customer_id=owner.id if owner is not None else None, **values)
    session.add(car)
    index_vehicle(session, car)
    session.flush()
    if owner is not None:
        index_customer(session, owner)
        session.flush()
    return car
