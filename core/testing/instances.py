"""An instance for a test: made once a run for each set of addons, copied for each test, torn down after it."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from core.access.models import Department, Role, User, UserDepartment, UserRole
from core.access.own_account import create_token
from core.access.policy import system
from core.config import Config, load_config
from core.db.engine import WorkSession
from core.host import instance as keeping
from core.host import registry
from core.host.manifest import FoundAddon
from core.testing.clock import SetClock
from core.testing.databases import Databases, PostgresDatabases, SqliteDatabases
from core.testing.postgres import PostgresServer, find_initdb
from core.testing.visitors import Visitor
from core.web.app import Application

_REASON = "tests"
TESTER = "tester"


class MissingPostgres(Exception):
    """PostgreSQL is to be tested on and is not installed."""


@contextmanager
def databases(kind: str, folders: pytest.TempPathFactory) -> Iterator[Databases]:
    """Makes databases of a kind; PostgreSQL gets a server of its own, started from what is installed.

    :raises MissingPostgres: when it is not.
    """
    if kind == "sqlite":
        yield SqliteDatabases(folders.mktemp("sqlite"))
        return
    initdb = find_initdb()
    if initdb is None:
        raise MissingPostgres(
            "install PostgreSQL (Debian, Ubuntu: postgresql), or test with --forecourt-database sqlite"
        )
    server = PostgresServer(initdb)
    try:
        yield PostgresDatabases(server)
    finally:
        server.stop()


def found(name: str, path: Sequence[Path]) -> FoundAddon:
    """An addon by its name.

    :raises pytest.UsageError: when it is not there, or its manifest cannot be used.
    """
    discovery = registry.discover(path)
    if name not in discovery.found:
        reasons = [failure.reason for failure in discovery.failures] or [
            "is it installed, or in forecourt_addons_path?"
        ]
        raise pytest.UsageError(f"forecourt_addons: there is no addon {name!r}: {'; '.join(reasons)}")
    return discovery.found[name]


@contextmanager
def instance(
    databases: Databases, addons: tuple[str, ...], path: Sequence[Path], folder: Path, clock: SetClock
) -> Iterator[TestInstance]:
    """An instance with addons and whom they need, in a folder of the test."""
    url = databases.prepared(f"instance {addons}", lambda empty: _fill(empty, addons, path))
    config = _config(folder / "instance", url, path)
    config.instance.mkdir()
    app = Application(config, clock=clock)
    made = TestInstance(app)
    try:
        yield made
    finally:
        made.close()
        app.close()
        databases.drop(url)


def _config(folder: Path, url: str, path: Sequence[Path]) -> Config:
    return load_config(
        folder, {}, database=url, addons_path=[str(each) for each in path], require_second_factor=False, language="en"
    )


def _fill(url: str, addons: tuple[str, ...], path: Sequence[Path]) -> None:
    for name in addons:
        found(name, path)
    with tempfile.TemporaryDirectory() as folder:
        config = _config(Path(folder), url, path)
        keeping.upgrade(config)
        keeping.enable(config, addons)


class Client(Visitor):
    """A browser that runs no scripts, and a program with a token, of one person.

    Before it asks for something, what the test's session holds is committed; then the session looks anew.
    """

    def __init__(self, instance: TestInstance, user: User) -> None:
        super().__init__(instance.app)
        self.user = user
        self._instance = instance
        self.enter(user.login, second_factor=True)

    def get(self, path: str, **arguments: Any) -> TestResponse:
        """Ask for a page."""
        return self._asked(lambda: super(Client, self).get(path, **arguments))

    def post(self, path: str, fields: dict[str, Any] | None = None, **arguments: Any) -> TestResponse:
        """Send a form."""
        return self._asked(lambda: super(Client, self).post(path, fields, **arguments))

    def api(self, method: str, path: str, body: Any = None, **arguments: Any) -> TestResponse:
        """Ask the API as a program of this person; ``path`` begins after ``/api/v1``, ``body`` is sent as JSON."""
        headers = {"Authorization": f"Bearer {self._token}", **arguments.pop("headers", {})}
        sent = {} if body is None else {"json": body}
        ask = self.client.open
        return self._asked(lambda: ask(f"/api/v1{path}", method=method, headers=headers, **sent, **arguments))

    @cached_property
    def _token(self) -> str:
        with self._instance.writing() as session:
            return create_token(session, session.get_one(User, self.user.id), _REASON)

    def _asked(self, ask: Callable[[], TestResponse]) -> TestResponse:
        self._instance.settle()
        return ask()


class TestInstance:
    """An instance of a test, and the people it hires."""

    __test__ = False  # a helper, not tests

    def __init__(self, app: Application) -> None:
        self.app = app
        self._numbers = itertools.count(1)

    @cached_property
    def session(self) -> WorkSession:
        """The test's own writing session."""
        return self.app.database.session(system(_REASON), write=True)

    def settle(self) -> None:
        """Commit what the test's session holds, so that others see it and can write; it looks anew afterwards."""
        if "session" in vars(self):
            self.session.commit()
            self.session.expire_all()

    @contextmanager
    def writing(self) -> Iterator[WorkSession]:
        """Another writing session of the system."""
        self.settle()
        with self.app.database.writing(system(_REASON)) as session:
            yield session

    def close(self) -> None:
        """Give back what the test has not committed."""
        if "session" in vars(self):
            self.session.close()

    def tester(self) -> User:
        """Somebody with every right there is, as far as it goes."""
        return self._hired({right.name: max(right.scopes) for right in self.app.rights.rights.values()})

    def hire(self, rights: Sequence[str]) -> User:
        """Somebody who has these rights of the addons alone, as far as they go, beside what core gives to everybody.

        :raises ValueError: naming those that do not exist.
        """
        known = self.app.rights.rights
        unknown = [name for name in rights if name not in known]
        if unknown:
            raise ValueError(f"no such right: {', '.join(unknown)}")
        self._take_from_everybody()
        return self._hired({name: max(known[name].scopes) for name in rights})

    def _take_from_everybody(self) -> None:
        """Take from the roles that each signed-in person has what addons gave them."""
        with self.writing() as session:
            for role in session.scalars(select(Role).where(Role.everyone)):
                role.grants = {name: scope for name, scope in role.grants.items() if name.startswith("core.")}

    def _hired(self, grants: dict[str, Any]) -> User:
        number = next(self._numbers)
        login = TESTER if number == 1 else f"{TESTER}{number}"
        with self.writing() as session:
            role = Role(code=login, title_ru=login, title_en=login)
            role.grants = {name: scope.name.lower() for name, scope in grants.items()}
            user = User(login=login, full_name=login.capitalize(), language="en")
            session.add_all([role, user])
            session.flush()
            session.add(UserRole(user_id=user.id, role_id=role.id))
            department = session.scalars(select(Department.id).order_by(Department.id)).first()
            if department is not None:
                session.add(UserDepartment(user_id=user.id, department_id=department))
        return user

    def signed_in(self, user: User) -> Client:
        """A browser of somebody, signed in."""
        self.settle()
        return Client(self, user)
