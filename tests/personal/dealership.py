"""A dealership that knows everything about one client, and something about another."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from sqlalchemy import JSON, Connection, LargeBinary, inspect, text
from sqlalchemy.dialects.postgresql import BYTEA

from addons.contacts.models import ContactGoal, Customer, Document, ImportRow, InboundContact, Merge, Vehicle
from addons.contacts.models import Import as ImportFile
from addons.contacts.services import consents, personal, registration
from addons.contacts.services.customers import CustomerData, add_phone, create_customer
from addons.contacts.services.documents import index_document
from addons.contacts.services.records import create_vehicle
from addons.sales.models import Worksheet
from addons.sales.services import personal as sales_personal
from addons.sales.services.worksheets import NewWorksheet, create_worksheet, move
from core.access.models import Branch, Department, Role, User, UserDepartment, UserRole
from core.access.policy import Access, Scope, system
from core.db import (  # noqa: F401 - the session listeners live there
    audit,
    guards,
    migrations_ops,
)
from core.db.audit import note_action
from core.db.base import Base
from core.db.engine import Database, WorkSession
from core.db.search_index import is_searched
from core.host import hookspecs
from core.host.plugins import Hooks, hookimpl
from core.host.tables import load_core_models
from core.live import events  # noqa: F401 - it writes what was published at the commit
from core.testing.clock import SetClock
from core.web.listing.saved import SavedFilter
from core.work import drafts, tasks, timeline
from core.work.files import store_file
from core.work.filestore import FileStore
from core.work.notifications import Message, notify
from core.work.personal_data import ERASE, EXPORT, READ
from core.work.subjects import Subject, subject_of
from core.work.tasks import NewTask

OWNER, SELLER = 1, 2
NAME, LAST, FIRST = "Ковальчук Аглая Панкратовна", "Ковальчук", "Аглая"
PHONE, OLD_PHONE, SECOND = "+79165550143", "+79031112233", "+79265557788"
EMAIL, VIN, PLATE = "aglaya.kov@example.ru", "WDD1690321J123456", "А123ВС777"
SECRET_WORDS = ("дочка Пелагея", "Вишнёвая улица", "кот Барсик")
RECOGNISED = (LAST, "Аглая", "Панкратовна", "9165550143", "9031112233", "9265557788", EMAIL, VIN, *SECRET_WORDS)
"""Whatever of her must be found nowhere. The plate is looked for in its stored form."""

RIGHTS = {
    **dict.fromkeys((READ, EXPORT, ERASE), Scope.ALL),
    **dict.fromkeys(
        (
            "contacts.customer.lookup",
            "contacts.customer.set_vip",
            "contacts.customer.read",
            "contacts.contact.read",
            "contacts.contact.create",
        ),
        Scope.ALL,
    ),
    **dict.fromkeys(("contacts.consent.read", "contacts.consent.create", "contacts.consent.withdraw"), Scope.ALL),
    **dict.fromkeys(("sales.worksheet.read", "sales.worksheet.move", "contacts.document.read"), Scope.ALL),
    **dict.fromkeys(("core.file.create", "core.file.read"), Scope.ALL),
    **dict.fromkeys(("core.comment.create", "core.comment.read", "core.task.read", "core.setting.change"), Scope.ALL),
    **dict.fromkeys(("core.profile.read", "core.notification.read"), Scope.OWN),
}


@dataclass
class Dealership:
    """The database and the ways into it."""

    database: Database
    clock: SetClock
    files: FileStore
    url: str

    def access(self, user_id: int = OWNER, **changed: Any) -> Access:
        """The owner's access, with some rights changed."""
        roles = frozenset({"administrator"}) if user_id == OWNER else frozenset()
        grants = {**RIGHTS, **{name.replace("__", "."): scope for name, scope in changed.items()}}
        return Access(user_id=user_id, login=f"user{user_id}", name="Анна", roles=roles, grants=grants)

    @contextmanager
    def by(self, user_id: int = OWNER, **changed: Any) -> Iterator[WorkSession]:
        """A committed piece of work of one person."""
        with self.database.writing(self.access(user_id, **changed)) as session:
            yield session

    @contextmanager
    def by_job(self) -> Iterator[WorkSession]:
        """A committed piece of work of a job."""
        with self.database.writing(system("test")) as session:
            yield session

    def client(self) -> Subject:
        """Everything a dealership may come to know of one client, over contacts, sales and core."""
        with self.by() as session:
            customer = _customer(session)
            session.flush()
            vehicle = _car(session, customer.id)
            _phones(session, customer)
            contact = _contact(session, customer.id, vehicle.id)
            _unknown_caller(session)
            _worksheet(session, customer.id, vehicle.id)
            _consent(session, customer.id)
            _merged(session, customer)
            _refused_import(session)
            _work(session, self.files, subject_of(customer), subject_of(contact))
            return subject_of(customer)

    def neighbour(self) -> int:
        """Another client whose data must survive."""
        with self.by() as session:
            data = CustomerData(last_name="Сидоров", first_name="Пётр", phones=("+79160000001",))
            return create_customer(session, data).id

    def texts(self) -> list[tuple[str, str]]:
        """Every text, JSON and binary value of every table of the database, with its place."""
        with self.database.engine.connect() as connection:
            return [found for table in _tables(connection) for found in _values(connection, table)]

    def found(self, *words: str) -> list[tuple[str, str]]:
        """The places where one of the words stands."""
        wanted = [word.casefold() for word in words]
        return [(place, value) for place, value in self.texts() if any(word in value.casefold() for word in wanted)]


def _customer(session: WorkSession) -> Customer:
    return create_customer(
        session,
        CustomerData(
            last_name=LAST,
            first_name=FIRST,
            middle_name="Панкратовна",
            email=EMAIL,
            note=SECRET_WORDS[0],
            phones=(PHONE,),
            vip=True,
            vip_reason=SECRET_WORDS[1],
            external_id="1C-KOV-777",
        ),
    )


def _car(session: WorkSession, customer_id: int) -> Vehicle:
    vehicle = create_vehicle(session, {"vin": VIN, "plate": PLATE, "note": SECRET_WORDS[2]})
    vehicle.customer_id = customer_id
    vehicle.colour = "вишнёвый"
    session.flush()
    return vehicle


def _phones(session: WorkSession, customer: Customer) -> None:
    """A second number, and one that was taken off her card long ago and lives on in the trail."""
    add_phone(session, customer, SECOND)
    add_phone(session, customer, OLD_PHONE)
    from addons.contacts.services.customers import index_customer, phones_of

    session.delete(next(row for row in phones_of(session, customer.id) if row.e164 == OLD_PHONE))
    session.flush()
    index_customer(session, customer)
    session.flush()


def _contact(session: WorkSession, customer_id: int, vehicle_id: int) -> InboundContact:
    return registration.register(
        session,
        registration.NewContact(
            channel="phone",
            goal_id=1,
            responsible_id=SELLER,
            customer_id=customer_id,
            phone=PHONE,
            email=EMAIL,
            vehicle_id=vehicle_id,
            mileage=54_321,
            note=f"{SECRET_WORDS[0]}, перезвонить {PHONE}",
            topic=f"Ждёт {FIRST}",
            wish=SECRET_WORDS[1],
            source_data={"form": {"name": NAME, "phone": PHONE}},
        ),
    )


def _unknown_caller(session: WorkSession) -> None:
    """She also called from a number nobody connected with her."""
    registration.register(
        session,
        registration.NewContact(
            channel="phone", goal_id=1, client_text="Аглая с Вишнёвой", phone=SECOND, note=SECRET_WORDS[1]
        ),
    )


def _worksheet(session: WorkSession, customer_id: int, vehicle_id: int) -> Document:
    document = create_worksheet(
        session,
        NewWorksheet(
            customer_id=customer_id,
            vehicle_id=vehicle_id,
            interest=f"красный, как у {LAST}",
            trade_in=VIN,
            next_step=f"позвонить {FIRST}",
            note=SECRET_WORDS[2],
            responsible_id=SELLER,
            budget=350_000_000,
        ),
    )
    index_document(session, document)
    return document


def _consent(session: WorkSession, customer_id: int) -> None:
    given = consents.NewConsent(customer_id, "marketing", "2026-1", "paper", "бумага № 17 в сейфе")
    consents.give(session, given)


def _merged(session: WorkSession, customer: Customer) -> None:
    gone = create_customer(session, CustomerData(last_name=LAST, first_name=FIRST))
    gone.merged_into_id = customer.id
    before = {"kept": {"email": EMAIL}, "gone": {"last_name": LAST}}
    session.add(Merge(kept_id=customer.id, gone_id=gone.id, gone_name=gone.name, before=before, after={}))
    session.flush()


def _refused_import(session: WorkSession) -> None:
    file = ImportFile(file_name="clients.xlsx", headings=["Имя", "Телефон"], columns={}, parts=1, rows=2)
    session.add(file)
    session.flush()
    session.add(ImportRow(import_id=file.id, number=2, problems=["?"], cells=[NAME, "8 (916) 555-01-43"]))
    session.add(ImportRow(import_id=file.id, number=3, problems=["?"], cells=["Сидоров Пётр", "123"]))
    session.flush()


def _work(session: WorkSession, files: FileStore, customer: Subject, contact: Subject) -> None:
    """Tasks, notes, notices, files, drafts, filters and an export that name her."""
    new = NewTask(
        title=f"Позвонить {FIRST}",
        details=f"{PHONE}, {SECRET_WORDS[0]}",
        due_at=session.now(),
        subject=contact,
        assignee_id=SELLER,
    )
    task = tasks.create_task(session, new)
    below = NewTask(title=f"Скидка для {LAST}", due_at=session.now(), parent_id=task.id, assignee_id=SELLER)
    tasks.create_task(session, below)
    timeline.note(session, customer, f"{NAME} любит {SECRET_WORDS[2]}")
    timeline.add_entry(session, [contact], "contacts.said", "%(name)s said", {"name": FIRST}, data={"phone": PHONE})
    notify(session, [SELLER], "contacts.personal", contact, Message("Call: %(client)s", {"client": NAME}))
    store_file(session, files, io.BytesIO(f"{NAME};{VIN}".encode()), f"{LAST}.csv", customer)
    drafts.save_draft(session, "contacts.inbound/new", {"last_name": LAST, "first_name": FIRST, "note": "…"})
    drafts.save_draft(session, "contacts.inbound/other", {"note": "nobody"})
    session.add(SavedFilter(user_id=OWNER, screen="contacts.clients", name="VIN", query=f"q={VIN}"))
    session.flush()
    note_action(session, "export", screen="contacts.clients", filter=f"q={LAST}+{FIRST}", rows=1)


def make_hooks() -> Hooks:
    """The hooks of contacts and sales that matter here."""
    from addons.contacts import hookspecs as contacts_hookspecs
    from addons.sales import hookspecs as sales_hookspecs

    hooks = Hooks()
    for specs in (hookspecs, contacts_hookspecs, sales_hookspecs):
        hooks.add_specs(specs)
    for name, declarations in (("contacts", personal.declarations), ("sales", sales_personal.declarations)):
        module = ModuleType(name)
        module.personal_data = hookimpl(_giving(declarations))
        hooks.register(name, module)
    return hooks


def _giving(declarations: Any) -> Any:
    def personal_data() -> list[Any]:
        found: list[Any] = declarations()
        return found

    return personal_data


def fill(url: str) -> None:
    """The tables of core, contacts and sales with their search indexes, and the people of the dealership."""
    load_core_models()
    database = Database(url, Hooks(), clock=SetClock())
    tables = [
        table for name, table in Base.metadata.tables.items() if name.partition("_")[0] in ("core", "contacts", "sales")
    ]
    Base.metadata.create_all(database.engine, tables)
    _make_search_indexes(database, tables)
    with database.writing(system("test")) as session:
        session.add(Branch(id=1, title_ru="Москва", title_en="Moscow"))
        session.flush()
        session.add(Department(id=1, branch_id=1, title_ru="Продажи", title_en="Sales"))
        session.flush()
        session.add_all(_people())
        session.flush()
        session.add(ContactGoal(id=1, channel="phone", department_id=1, purpose_ru="Покупка", purpose_en="Buying"))
        session.flush()
        from addons.contacts.models import GoalSpecialist

        session.add(GoalSpecialist(goal_id=1, user_id=SELLER))
    database.dispose()


def _people() -> list[User]:
    administrator = Role(code="administrator", title_ru="Администратор", title_en="Administrator")
    owner = User(id=OWNER, login="owner", full_name="Анна Владельцева", short_name="Анна")
    owner.role_links = [UserRole(role=administrator)]
    seller = User(id=SELLER, login="seller", full_name="Борис Продавцов", short_name="Борис")
    seller.department_links = [UserDepartment(department_id=1)]
    return [owner, seller]


def _make_search_indexes(database: Database, tables: list[Any]) -> None:
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    with database.engine.begin() as connection:
        operations: Any = Operations(MigrationContext.configure(connection))
        for table in tables:
            for column in table.columns:
                if is_searched(column):
                    operations.create_search_index(table.name, column.name)


def _tables(connection: Connection) -> list[str]:
    """All tables; an FTS index cannot be read by itself, but its inner tables are among them."""
    return [name for name in inspect(connection).get_table_names() if not name.endswith("_fts")]


def _values(connection: Connection, table: str) -> Iterator[tuple[str, str]]:
    columns = inspect(connection).get_columns(table)
    names = ", ".join(f'"{column["name"]}"' for column in columns)
    for row in connection.execute(text(f'SELECT {names} FROM "{table}"')):
        for column, value in zip(columns, row, strict=True):
            if value is not None:
                yield f"{table}.{column['name']}", _readable(value, column["type"])


def _readable(value: Any, kind: Any) -> str:
    """A value as a person could read it out of the database: JSON without its escapes, bytes as text."""
    if isinstance(value, (bytes, memoryview)) or isinstance(kind, (LargeBinary, BYTEA)):
        return bytes(value).decode("utf-8", "ignore")
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and isinstance(kind, JSON):
        return json.dumps(json.loads(value), ensure_ascii=False)
    return str(value)


def deliver(session: WorkSession, worksheet_id: int) -> Worksheet:
    """End a worksheet with the handover of the car."""
    return move(session, worksheet_id, "delivered")
