"""Instances to measure: migrated, with contacts and sales, staffed, filled, and kept between runs."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from sqlalchemy import insert, select

from addons.contacts.models import ContactGoal, GoalSpecialist
from addons.contacts.services import shipped
from addons.contacts.services.registration import SERIES as CONTACTS
from addons.sales.services.worksheets import SERIES as WORKSHEETS
from bench.data import Dealership, Goal, Office
from bench.filling import fill_postgresql, fill_sqlite, forget_postgresql, forget_sqlite
from bench.postgres import KeptPostgres
from bench.report import say
from core.access.models import Branch, Department, Role, User, UserDepartment, UserRole
from core.access.passwords import Passwords
from core.config import Config, load_config
from core.db.engine import WorkSession
from core.host import instance, registry
from core.work.office_models import NumberSeries
from tests.support.postgres import OWNER

ROOT = Path(__file__).resolve().parents[1]
ADDONS = ("contacts", "sales")
SPECIALISTS = 40
PASSWORD = "correct horse battery"  # noqa: S105 - of invented people


@dataclass(frozen=True, slots=True)
class Prepared:
    """A filled instance: its settings, its rows, the logins of those who ask."""

    config: Config
    dealership: Dealership
    scale: int
    kind: str


def prepare(data: Path, scale: int, kind: str, server: KeptPostgres | None) -> Prepared:
    """The instance of a scale on one kind of database, made at its first use."""
    folder = data / f"{kind}-{scale}-{fingerprint()}"
    database = "" if server is None else server.url(database_name(scale))
    config = load_config(folder, {}, database=database, require_second_factor=False, log="json")
    ready = folder / "ready"
    if not ready.exists():
        _forget_older(data, kind, scale, server)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if server is not None:
            server.admin(f"DROP DATABASE IF EXISTS {database_name(scale)}")
            server.admin(f"CREATE DATABASE {database_name(scale)} OWNER {OWNER}")
        started = perf_counter()
        _make(config, scale, server)
        say(f"{scale:,} contacts on {kind}: filled in {perf_counter() - started:.0f} s")
        ready.touch()
    if server is None:
        forget_sqlite(str(config.instance / "forecourt.db"), scale)
    else:
        forget_postgresql(server.url(database_name(scale), "admin"), scale)
    with instance.working(config, _host(config), "benchmark") as session:
        office = _office(session)
    return Prepared(config, Dealership(scale, office), scale, kind)


def fingerprint() -> str:
    """Changes with the schema and with the rows, so that nothing old is measured."""
    files = [
        *ROOT.glob("core/migrations/*.py"),
        *(path for name in ADDONS for path in ROOT.glob(f"addons/{name}/migrations/*.py")),
        *ROOT.glob("core/text/*.py"),
        ROOT / "core/db/migrations_ops.py",
        ROOT / "core/db/search_tables.py",
        ROOT / "bench/data.py",
        ROOT / "bench/filling.py",
    ]
    digest = hashlib.blake2b(digest_size=5)
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def database_name(scale: int) -> str:
    """What the database of a scale is called in the benchmarks' PostgreSQL."""
    return f"bench_{scale}_{fingerprint()}"


def _forget_older(data: Path, kind: str, scale: int, server: KeptPostgres | None) -> None:
    """Instances of an earlier schema are in the way of the disk only."""
    for folder in data.glob(f"{kind}-{scale}-*"):
        if server is not None:
            name = folder.name.removeprefix(f"{kind}-").replace("-", "_")
            server.admin(f"DROP DATABASE IF EXISTS bench_{name}")
        shutil.rmtree(folder)


def _host(config: Config) -> registry.Host:
    return registry.start(instance.enabled(config), registry.discover(), strict=True)


def _make(config: Config, scale: int, server: KeptPostgres | None) -> None:
    instance.upgrade(config)
    instance.enable(config, ADDONS)
    with instance.working(config, _host(config), "benchmark") as session:
        _staff(session)
        office = _office(session)
    dealership = Dealership(scale, office)
    tables = list(dealership.tables())
    if server is None:
        fill_sqlite(str(config.instance / "forecourt.db"), tables)
    else:
        fill_postgresql(server.url(database_name(scale), "admin"), tables)
    with instance.working(config, _host(config), "benchmark") as session:
        for series, last in ((CONTACTS, scale), (WORKSHEETS, dealership.documents)):
            session.execute(insert(NumberSeries).values(code=series.code, branch_id=0, year=0, last=last))


def _staff(session: WorkSession) -> None:
    """Two branches; in each department its specialists, a head, and a receptionist in each branch."""
    second = Branch(title_ru="Второй дилерский центр", title_en="Second dealership")
    session.add(second)
    session.flush()
    shipped.add_departments(session, second)
    shipped.bring(session)
    departments = list(session.scalars(select(Department).order_by(Department.id)))
    session.flush()
    hashed = Passwords().hash(PASSWORD)
    for number in range(SPECIALISTS):
        department = departments[number % len(departments)]
        _hire(session, hashed, f"specialist{number + 1}", ("specialist", "sales_manager"), department)
    for department in departments:
        _hire(session, hashed, f"head_{department.branch_id}_{department.kind}", ("traffic_head",), department)
        if department.kind == "other":
            _hire(session, hashed, f"reception_{department.branch_id}", ("reception",), department)
    session.flush()
    _share_goals(session)


def _hire(session: WorkSession, hashed: str, login: str, roles: Iterable[str], department: Department) -> None:
    user = User(login=login, full_name=f"Сотрудник {login}", short_name=f"С. {login[:12]}", password_hash=hashed)
    session.add(user)
    session.flush()
    known = {role.code: role.id for role in session.scalars(select(Role))}
    session.add_all(UserRole(user_id=user.id, role_id=known[code]) for code in roles)
    session.add(UserDepartment(user_id=user.id, department_id=department.id))


def _share_goals(session: WorkSession) -> None:
    staff = _specialists(session)
    goals = session.scalars(select(ContactGoal)).all()
    session.add_all(
        GoalSpecialist(goal_id=goal.id, user_id=user_id) for goal in goals for user_id in staff[goal.department_id]
    )
    session.flush()


def _specialists(session: WorkSession) -> dict[int, list[int]]:
    statement = (
        select(UserDepartment.department_id, User.id)
        .join(User, User.id == UserDepartment.user_id)
        .where(User.login.like("specialist%"))
        .order_by(User.id)
    )
    found: dict[int, list[int]] = {}
    for department_id, user_id in session.execute(statement):
        found.setdefault(department_id, []).append(user_id)
    return found


def _office(session: WorkSession) -> Office:
    statement = (
        select(
            ContactGoal.id,
            ContactGoal.channel,
            Department.id,
            Department.branch_id,
            Department.kind,
            ContactGoal.route,
        )
        .join(Department, Department.id == ContactGoal.department_id)
        .order_by(ContactGoal.id)
    )
    return Office([Goal(*row) for row in session.execute(statement)], _specialists(session))
