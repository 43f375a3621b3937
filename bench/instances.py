"""Instances to measure: migrated, staffed, filled, and kept between runs."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Generic, TypeVar

from sqlalchemy import insert, select

from addons.contacts.models import ContactGoal, GoalSpecialist
from addons.contacts.services import shipped
from bench.data import Dealership, Goal, Office
from bench.filling import fill_postgresql, fill_sqlite, forget_postgresql, forget_sqlite
from bench.postgres import KeptPostgres
from bench.report import say
from core.access.models import Branch, Department, Role, User, UserDepartment, UserRole
from core.access.passwords import Passwords
from core.config import Config, load_config
from core.db.engine import WorkSession
from core.host import instance, registry
from core.testing.postgres import OWNER
from core.work.office_models import NumberSeries

ROOT = Path(__file__).resolve().parents[1]
SPECIALISTS = 40
PASSWORD = "correct horse battery"  # noqa: S105 - of invented people
Rows = TypeVar("Rows", bound=Dealership, covariant=True)


@dataclass(frozen=True, slots=True)
class Plan(Generic[Rows]):
    """What an instance is made of.

    :param name: what the names of its folders and databases have before the scale.
    :param addons: what is switched on.
    :param sources: the modules of ``bench`` that make its rows.
    :param staff: hires everybody.
    :param rows: the rows of a scale for the instance as it has been staffed.
    """

    name: str
    addons: tuple[str, ...]
    sources: tuple[str, ...]
    staff: Callable[[WorkSession], None]
    rows: Callable[[WorkSession, int], Rows]

    def database(self, scale: int) -> str:
        """What the database of a scale is called in the benchmarks' PostgreSQL."""
        return f"bench_{self.name}{scale}_{self.fingerprint()}".replace("-", "_")

    def fingerprint(self) -> str:
        """Changes with the schema and with the rows, so that nothing old is measured."""
        files = [
            *ROOT.glob("core/migrations/*.py"),
            *(path for name in self.addons for path in ROOT.glob(f"addons/{name}/migrations/*.py")),
            *ROOT.glob("core/text/*.py"),
            ROOT / "core/db/migrations_ops.py",
            ROOT / "core/db/search_tables.py",
            *(ROOT / "bench" / name for name in self.sources),
        ]
        digest = hashlib.blake2b(digest_size=5)
        for file in sorted(files):
            digest.update(file.read_bytes())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Prepared(Generic[Rows]):
    """A filled instance: its settings, its rows, the logins of those who ask."""

    config: Config
    dealership: Rows
    scale: int
    kind: str


def prepare(data: Path, scale: int, kind: str, server: KeptPostgres | None, plan: Plan[Rows]) -> Prepared[Rows]:
    """The instance of a scale on one kind of database, made at its first use."""
    folder = data / f"{kind}-{plan.name}{scale}-{plan.fingerprint()}"
    name = plan.database(scale)
    config = load_config(
        folder, {}, database="" if server is None else server.url(name), require_second_factor=False, log="json"
    )
    ready = folder / "ready"
    if not ready.exists():
        _forget_older(data, kind, f"{plan.name}{scale}", server)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if server is not None:
            server.admin(f"DROP DATABASE IF EXISTS {name}")
            server.admin(f"CREATE DATABASE {name} OWNER {OWNER}")
        started = perf_counter()
        _make(config, scale, server, plan)
        say(f"{plan.name}{scale:,} on {kind}: filled in {perf_counter() - started:.0f} s")
        ready.touch()
    with instance.working(config, _host(config), "benchmark") as session:
        rows = plan.rows(session, scale)
    if server is None:
        forget_sqlite(str(config.instance / "forecourt.db"), rows.forgetting())
    else:
        forget_postgresql(server.url(name, "admin"), rows.forgetting())
    return Prepared(config, rows, scale, kind)


def _forget_older(data: Path, kind: str, which: str, server: KeptPostgres | None) -> None:
    """Instances of an earlier schema are in the way of the disk only."""
    for folder in data.glob(f"{kind}-{which}-*"):
        if server is not None:
            name = folder.name.removeprefix(f"{kind}-").replace("-", "_")
            server.admin(f"DROP DATABASE IF EXISTS bench_{name}")
        shutil.rmtree(folder)


def _host(config: Config) -> registry.Host:
    return registry.start(instance.enabled(config), registry.discover(), strict=True)


def _make(config: Config, scale: int, server: KeptPostgres | None, plan: Plan[Rows]) -> None:
    instance.upgrade(config)
    instance.enable(config, plan.addons)
    with instance.working(config, _host(config), "benchmark") as session:
        plan.staff(session)
        rows = plan.rows(session, scale)
    tables = list(rows.tables())
    if server is None:
        fill_sqlite(str(config.instance / "forecourt.db"), tables)
    else:
        fill_postgresql(server.url(plan.database(scale), "admin"), tables)
    with instance.working(config, _host(config), "benchmark") as session:
        for code, branch_id, year, last in rows.series():
            session.execute(insert(NumberSeries).values(code=code, branch_id=branch_id, year=year, last=last))


def staff(session: WorkSession) -> None:
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
        hire(session, hashed, f"specialist{number + 1}", ("specialist", "sales_manager"), department)
    for department in departments:
        hire(session, hashed, f"head_{department.branch_id}_{department.kind}", ("traffic_head",), department)
        if department.kind == "other":
            hire(session, hashed, f"reception_{department.branch_id}", ("reception",), department)
    session.flush()
    _share_goals(session)


def hire(session: WorkSession, hashed: str, login: str, roles: Iterable[str], department: Department) -> int:
    """Somebody new in a department; his number."""
    user = User(login=login, full_name=f"Сотрудник {login}", short_name=f"С. {login[:12]}", password_hash=hashed)
    session.add(user)
    session.flush()
    known = {role.code: role.id for role in session.scalars(select(Role))}
    session.add_all(UserRole(user_id=user.id, role_id=known[code]) for code in roles)
    session.add(UserDepartment(user_id=user.id, department_id=department.id))
    return user.id


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


def office_of(session: WorkSession) -> Office:
    """The goals and specialists of an instance."""
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


SHOWROOM = Plan(
    name="",
    addons=("contacts", "sales"),
    sources=("data.py", "filling.py"),
    staff=staff,
    rows=lambda session, contacts: Dealership(contacts, office_of(session)),
)
"""Traffic and sales: what the performance table is measured on."""
