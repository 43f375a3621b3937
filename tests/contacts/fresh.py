"""A fresh instance for these tests: tables and roles, the shipped rows, the demonstration at a known moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import addons.contacts
import core
from addons.contacts import (
    hookspecs,
    models,  # noqa: F401 - the tables
)
from addons.contacts.services import demo, shipped
from core.access.policy import system
from core.access.rights import gather, load
from core.access.roles import sync_roles
from core.db import audit, guards  # noqa: F401 - the session listeners live there
from core.db.base import Base
from core.db.engine import Database, WorkSession
from core.host import hookspecs as core_hookspecs
from core.host import models as host_models  # noqa: F401 - the tables
from core.host.plugins import Hooks
from core.live import events  # noqa: F401 - it writes what was published at the commit
from core.testing.databases import Databases
from core.work import models as work_models  # noqa: F401 - the tables
from core.work import office_models, task_models  # noqa: F401 - the tables

NOW = datetime(2026, 11, 20, 11, 7, tzinfo=UTC)
"""A Friday, 14:07 in Moscow."""

CORE, CONTACTS = Path(str(core.__file__)).parent, Path(str(addons.contacts.__file__)).parent
RIGHTS = ((CONTACTS / "rights.toml", "contacts"),)


@dataclass
class Instance:
    """A database with the clock at one moment."""

    database: Database

    @contextmanager
    def writing(self) -> Iterator[WorkSession]:
        """A committed piece of work of a command."""
        with self.database.writing(system("test")) as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[WorkSession]:
        """A look at everything."""
        with self.database.reading(system("test")) as session:
            yield session

    def ship(self) -> None:
        """What a start does."""
        with self.writing() as session:
            shipped.bring(session)


def open_instance(url: str, now: datetime = NOW, *more: ModuleType) -> Instance:
    """The instance at a URL.

    :param more: specifications of hooks beside those of contacts.
    """
    hooks = Hooks()
    for specs in (core_hookspecs, hookspecs, *more):
        hooks.add_specs(specs)
    return Instance(Database(url, hooks, clock=lambda: now))


def rights_with(addon: ModuleType) -> tuple[tuple[Path, str], ...]:
    """The rights of contacts and of an addon that comes with them."""
    folder = Path(str(addon.__file__)).parent
    return (*RIGHTS, (folder / "rights.toml", folder.name))


def fill(url: str, rights: Sequence[tuple[Path, str]] = RIGHTS) -> None:
    """Tables and roles, and nothing else."""
    instance = open_instance(url)
    Base.metadata.create_all(instance.database.engine)
    tables = [load(path, addon) for path, addon in ((CORE / "rights.toml", "core"), *rights)]
    with instance.writing() as session:
        sync_roles(session, gather(tables))
    instance.database.dispose()


def fill_demo(
    url: str,
    now: datetime = NOW,
    *,
    rights: Sequence[tuple[Path, str]] = RIGHTS,
    specs: Sequence[ModuleType] = (),
    more: Callable[[WorkSession], object] | None = None,
) -> None:
    """The demonstration of contacts, and after it that of an addon with its rights and specifications of hooks."""
    fill(url, rights)
    instance = open_instance(url, now, *specs)
    with instance.writing() as session:
        demo.fill(session)
        if more is not None:
            more(session)
    instance.database.dispose()


@contextmanager
def lent(databases: Databases, name: str, filling: Callable[[str], None], *more: ModuleType) -> Iterator[Instance]:
    """An instance for one test, as it was filled once for all of them.

    :param more: specifications of hooks beside those of contacts.
    """
    url = databases.prepared(name, filling)
    instance = open_instance(url, NOW, *more)
    yield instance
    instance.database.dispose()
    databases.drop(url)
