"""A small company: two branches' departments, four people, and a clock the test moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from core.access.models import Branch, Department, Role, User, UserDepartment, UserRole
from core.access.policy import Access, Scope, system
from core.db import audit, guards  # noqa: F401 - the session listeners live there
from core.db.base import Base
from core.db.engine import Database, WorkSession
from core.host.plugins import Hooks
from core.live import events  # noqa: F401 - it writes what was published at the commit
from core.live.models import Event
from core.testing.clock import SetClock
from core.work import models, office_models, task_models  # noqa: F401 - the tables
from tests.work import records

ANNA, BORIS, VERA, GLEB = 1, 2, 3, 4
DESK, WORKSHOP = 1, 2
MOSCOW, SAMARA = 1, 2


STAFF = {
    **dict.fromkeys(("core.task.read", "core.task.change", "core.task.assign", "core.task.finish"), Scope.OWN),
    **dict.fromkeys(("core.notification.read", "core.profile.read", "core.presence.change"), Scope.OWN),
    **dict.fromkeys(("core.comment.read", "core.comment.create"), Scope.ALL),
    **dict.fromkeys(("core.file.read", "core.file.create"), Scope.ALL),
    "core.file.delete": Scope.OWN,
}
"""What everybody may do."""


@dataclass
class Office:
    """The database of the company and the ways into it."""

    database: Database
    clock: SetClock
    grants: dict[int, dict[str, Scope]] = field(default_factory=dict)

    def access(self, user_id: int) -> Access:
        """What this person may do: his roles and departments, and the grants of the test."""
        roles = {ANNA: {"operator"}, BORIS: {"operator"}}.get(user_id, set())
        department = WORKSHOP if user_id == GLEB else DESK
        return Access(
            user_id=user_id,
            login=f"user{user_id}",
            roles=frozenset(roles),
            grants={**STAFF, **self.grants.get(user_id, {})},
            department_ids=frozenset({department}),
            branch_ids=frozenset({MOSCOW}),
        )

    @contextmanager
    def by(self, user_id: int) -> Iterator[WorkSession]:
        """A committed piece of work of one person."""
        with self.database.writing(self.access(user_id)) as session:
            yield session

    @contextmanager
    def by_system(self) -> Iterator[WorkSession]:
        """A committed piece of work of a job."""
        with self.database.writing(system("test")) as session:
            yield session

    def events(self, topic: str) -> list[tuple[int | None, dict[str, Any]]]:
        """The live events of a topic so far: for whom, and the ids."""
        with self.by_system() as session:
            rows = session.execute(select(Event.user_id, Event.payload).where(Event.topic == topic).order_by(Event.id))
            return [(user_id, payload) for user_id, payload in rows]


def fill(url: str) -> None:
    database = Database(url, Hooks(), clock=SetClock())
    tables = [
        table
        for name, table in Base.metadata.tables.items()
        if name.startswith("core_") or name == records.Ticket.__tablename__
    ]
    Base.metadata.create_all(database.engine, tables)
    with database.writing(system("test")) as session:
        session.add_all(_branches())
        session.flush()
        session.add_all(_departments())
        session.flush()
        session.add_all(_people())
    database.dispose()


def _branches() -> Sequence[Branch]:
    return (
        Branch(id=MOSCOW, title_ru="Москва", title_en="Moscow", time_zone="Europe/Moscow"),
        Branch(id=SAMARA, title_ru="Самара", title_en="Samara", time_zone="Europe/Samara"),
    )


def _departments() -> Sequence[Department]:
    return (
        Department(id=DESK, branch_id=MOSCOW, title_ru="Стойка", title_en="Desk"),
        Department(id=WORKSHOP, branch_id=SAMARA, title_ru="Цех", title_en="Workshop"),
    )


def _people() -> list[User]:
    operator = Role(code="operator", title_ru="Оператор", title_en="Operator")
    people = []
    for number, name in enumerate(("Анна", "Борис", "Вера", "Глеб"), start=1):
        user = User(id=number, login=f"user{number}", full_name=name, short_name=name)
        user.department_links = [UserDepartment(department_id=WORKSHOP if number == GLEB else DESK)]
        if number in (ANNA, BORIS):
            user.role_links = [UserRole(role=operator)]
        people.append(user)
    return people
