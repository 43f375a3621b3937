"""A database with the tables of core and one administrator, for tests of what happens outside requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from core.access.models import Role, User, UserRole
from core.access.people import ADMINISTRATOR
from core.access.policy import system
from core.db import audit, guards  # noqa: F401 - the session listeners live there
from core.db.base import Base
from core.db.engine import Database, WorkSession
from core.host.plugins import Hooks
from core.host.tables import load_core_models
from core.jobs.executor import Executor
from core.jobs.models import JobRun
from core.jobs.schedule import Daily, Job
from core.live import events  # noqa: F401 - it writes what was published at the commit
from core.testing.clock import SetClock

MOSCOW = ZoneInfo("Europe/Moscow")
OLGA = 1
MINUTE = timedelta(minutes=1)


@dataclass
class Depot:
    """The database, its clock, and the ways into it."""

    url: str
    database: Database
    clock: SetClock

    @contextmanager
    def writing(self) -> Iterator[WorkSession]:
        """A committed piece of work of a job."""
        with self.database.writing(system("test")) as session:
            yield session

    def executor(self, *jobs: Job, database: Database | None = None) -> Executor:
        """An executor of these jobs, which the database knows of."""
        executor = Executor(database or self.database, {each.name: each for each in jobs}, MOSCOW)
        executor.register()
        return executor

    def row(self, name: str) -> JobRun:
        """What the database says of a job."""
        with self.database.reading(system("test")) as session:
            return session.scalars(select(JobRun).where(JobRun.name == name)).one()


def job(run: Callable[[WorkSession], object], name: str = "core.test", every: timedelta | Daily = MINUTE) -> Job:
    """A job of the test."""
    return Job(name, run, every, "A job of the test")


def fill(url: str) -> None:
    load_core_models()
    database = Database(url, Hooks(), clock=SetClock())
    tables = [table for name, table in Base.metadata.tables.items() if name.startswith("core_")]
    Base.metadata.create_all(database.engine, tables)
    with database.writing(system("test")) as session:
        olga = User(id=OLGA, login="olga", full_name="Ольга")
        olga.role_links = [UserRole(role=Role(code=ADMINISTRATOR, title_ru="Администратор", title_en="Administrator"))]
        session.add(olga)
    database.dispose()
