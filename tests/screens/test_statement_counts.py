"""However many rows a list shows, it asks the database as often (LAYOUT.md §12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import String, Table, UniqueConstraint, func, insert, inspect, select
from sqlalchemy.exc import IntegrityError

from core.access.models import User
from core.access.policy import system
from core.config import Config, load_config
from core.db.base import Record
from core.host import instance, registry
from core.testing.databases import Databases
from core.testing.statements import Statements
from core.web.app import Application
from core.web.mounted import MountedScreen
from tests.support.visitors import Visitor

pytestmark = [pytest.mark.addons("contacts", "sales"), pytest.mark.slow]
FEW, MANY = 10, 100
BY_KIND = {"core.audit": 20}
"""Lists of records of many kinds ask once for each kind and each directory it names, and so often at most."""


def _fill(url: str, folder: Path) -> None:
    config = load_config(folder, {}, database=url, demo=True)
    instance.upgrade(config)
    instance.enable(config, ("contacts", "sales"))
    instance.fill_demo(config, registry.start(instance.enabled(config), registry.discover()))


@pytest.fixture
def app(databases: Databases, tmp_path: Path) -> Iterator[Application]:
    """The demonstration: every list has rows, and those of the short directories are copied until there are many."""
    filled = tmp_path / "filled"
    filled.mkdir()
    url = databases.prepared("demonstration of all", lambda empty: _fill(empty, filled))
    config: Config = load_config(tmp_path / "instance", {}, database=url, demo=True, require_second_factor=False)
    config.instance.mkdir()
    app = Application(config)
    yield app
    app.close()
    databases.drop(url)


def _lengthen(app: Application, model: type[Record]) -> int:
    """Copy the first row of a short table until it has many; returns how many it has now."""
    table = cast("Table", inspect(model).local_table)
    with app.database.writing(system("test")) as session:
        number = session.scalar(select(func.count(model.id))) or 0
        row = session.connection().execute(select(table).order_by(table.c.id).limit(1)).mappings().first()
        shared_key = any(key.foreign_keys for key in table.primary_key)
        if row is None or shared_key:
            return number
        unique = {column.name for column in table.columns if column.unique}
        for constraint in table.constraints:
            if isinstance(constraint, UniqueConstraint):
                unique |= {column.name for column in constraint.columns}
        for copy in range(number, MANY):
            try:
                with session.begin_nested():
                    session.connection().execute(insert(table).values(_copied(table, row, unique, copy)))
            except IntegrityError:
                return copy
        return max(number, MANY)


def _copied(table: Any, row: Any, unique: set[str], copy: int) -> dict[str, Any]:
    values = {name: value for name, value in row.items() if name != "id"}
    for name in unique & values.keys():
        if isinstance(table.c[name].type, String) and values[name] is not None:
            values[name] = f"{copy}-{values[name]}"[: table.c[name].type.length or 200]
    return values


def _statements(app: Application, admin: Visitor, mounted: MountedScreen, size: int) -> tuple[int, list[str]]:
    """How many rows a page of that size shows, and the statements it takes once everything is remembered."""
    mounted.screen = replace(mounted.screen, page_size=size)
    mounted.plans.clear()
    path = f"{mounted.screen.path}?q=" if mounted.screen.search is not None else f"{mounted.screen.path}?sort="
    for _ in range(2):
        admin.get(path)
    with Statements(app.database) as sent:
        answer = admin.get(path)
    assert answer.status_code == 200, (mounted.key, answer.status)
    return answer.text.count("<tr") - 1, sent.texts


def test_no_list_asks_more_often_for_more_rows(app: Application) -> None:
    """Every generated list of core, contacts and sales, from 10 to 100 rows."""
    admin = Visitor(app)
    assert admin.post("/signin", {"demo": "admin"}).status_code == 303
    long_enough, more = 0, []
    for mounted in list(app.screens):
        _lengthen(app, mounted.screen.model)
        shown, few = _statements(app, admin, mounted, FEW)
        shown_then, many = _statements(app, admin, mounted, MANY)
        if len(many) > max(len(few), BY_KIND.get(mounted.key, 0)):
            more.append(
                (mounted.key, shown, len(few), shown_then, len(many), [each for each in many if each not in few])
            )
        long_enough += shown_then >= MANY // 2 and shown <= FEW + 2
    assert more == []
    assert long_enough >= 12


def _first_id(app: Application, statement: Any) -> int:
    with app.database.reading(system("test")) as session:
        return int(session.scalars(statement.limit(1)).one())


def _asked(app: Application, visitor: Visitor, path: str) -> int:
    """How many statements a page takes once everything is remembered, the sign-in's among them."""
    for _ in range(2):
        assert visitor.get(path).status_code == 200, path
    with Statements(app.database) as statements:
        visitor.get(path)
    return len(statements.texts)


def test_the_pages_of_a_day_ask_seldom(app: Application) -> None:
    """PERFORMANCE §2: four statements for a list, eight for a card."""
    from addons.contacts.models import Customer, InboundContact

    specialist = Visitor(app)
    assert specialist.post("/signin", {"demo": "petukhov"}).status_code == 303
    me = _first_id(app, select(User.id).where(User.login == "petukhov"))
    mine = (InboundContact.responsible_id == me, InboundContact.customer_id.is_not(None))
    client = select(Customer.id).where(Customer.id.in_(select(InboundContact.customer_id).where(*mine)))
    allowed = {
        "/traffic?q=": 4,
        f"/traffic?state=processed&responsible={me}&period=month": 4,
        f"/clients/{_first_id(app, client)}": 8,
    }
    asked = {path: _asked(app, specialist, path) for path in allowed}
    assert {path: number for path, number in asked.items() if number > allowed[path]} == {}


def test_the_card_of_a_contact_asks_seldom(app: Application) -> None:
    """Whatever has become of the contact; its tasks and the people who have them are two statements more."""
    from addons.contacts.models import InboundContact

    specialist = Visitor(app)
    assert specialist.post("/signin", {"demo": "petukhov"}).status_code == 303
    me = _first_id(app, select(User.id).where(User.login == "petukhov"))
    finished = select(InboundContact.id).where(
        InboundContact.responsible_id == me, InboundContact.finished_at.is_not(None)
    )
    with app.database.reading(system("test")) as session:
        paths = [f"/contact/{number}" for number in session.scalars(finished)]
    asked = {path: _asked(app, specialist, path) for path in paths}
    allowed = {path: 10 if "task-line" in specialist.get(path).text else 8 for path in asked}
    assert {path: number for path, number in asked.items() if number > allowed[path]} == {}
    assert len(asked) > 10


def test_reception_asks_seldom(app: Application) -> None:
    """What does not depend on what is chosen is read in one go, and so is what is told of the client."""
    from addons.contacts.models import Vehicle

    reception = Visitor(app)
    assert reception.post("/signin", {"demo": "lebedeva"}).status_code == 303
    client = _first_id(app, select(Vehicle.customer_id).where(Vehicle.customer_id.is_not(None)))
    allowed = {
        "/reception": 6,
        f"/reception?customer_id={client}&channel=phone": 8,
        f"/reception/form?customer_id={client}&channel=phone": 7,
        "/reception/side": 2,
    }
    asked = {path: _asked(app, reception, path) for path in allowed}
    assert {path: number for path, number in asked.items() if number > allowed[path]} == {}
