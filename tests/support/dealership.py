"""A small dealership for stories: an instance with the addons under test, a few people, and a running server.

Reception: ``lebedeva``. Showroom: ``petukhov`` and ``sokolova``, who handle all its goals. Workshop:
``volkov``. Administrator: ``admin``. Everybody's password is :data:`PASSWORD`.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import select

from core.access.models import Department, Role, User, UserDepartment, UserRole
from core.access.passwords import Passwords
from core.access.policy import system
from core.config import Config, load_config
from core.db.engine import Database, WorkSession
from core.host import instance, registry
from core.testing.databases import Databases

PASSWORD = "correct horse battery"
PEOPLE = {
    "lebedeva": ("Лебедева Мария", "Лебедева М.", ("reception",), "other"),
    "petukhov": ("Петухов Владимир", "Петухов В.", ("specialist", "sales_manager"), "showroom"),
    "sokolova": ("Соколова Анна", "Соколова А.", ("specialist", "sales_manager"), "showroom"),
    "volkov": ("Волков Сергей", "Волков С.", ("specialist", "service_adviser"), "workshop"),
    "kravtsov": ("Кравцов Андрей", "Кравцов А.", ("traffic_head", "sales_head"), "showroom"),
    "admin": ("Администратор", "Админ", ("administrator",), "other"),
}
ROOT = Path(__file__).resolve().parents[2]


@dataclass(slots=True)
class Dealership:
    """An instance of a test: its folder, its settings, its people by login."""

    config: Config
    people: dict[str, int] = field(default_factory=dict)
    _held: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _hosts: dict[tuple[str, ...], registry.Host] = field(default_factory=dict)
    _opened: dict[tuple[str, ...], Database] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextlib.contextmanager
    def session(self, reason: str = "test") -> Iterator[WorkSession]:
        """A writing session of the system, with the addons."""
        if self.config.database.startswith("sqlite"):
            with instance.working(self.config, self._host(tuple(instance.enabled(self.config))), reason) as session:
                yield session
            return
        with self._database().writing(system(reason)) as session:
            yield session

    def _host(self, enabled: tuple[str, ...]) -> registry.Host:
        if enabled not in self._hosts:
            self._hosts[enabled] = registry.start(enabled, registry.discover())
        return self._hosts[enabled]

    def _database(self) -> Database:
        """The database on PostgreSQL with the addons that are enabled now; each connection to it is a process there."""
        with self._lock:
            enabled = self._enabled_now()
            if enabled not in self._opened:
                opening = instance.open_database(self.config, self._host(enabled), pool_size=16)
                self._opened[enabled] = self._held.enter_context(opening)
            return self._opened[enabled]

    def _enabled_now(self) -> tuple[str, ...]:
        for database in self._opened.values():
            with database.engine.connect() as connection:
                return tuple(registry.enabled_names(connection))
        return tuple(instance.enabled(self.config))

    def close(self) -> None:
        """Let go of the database."""
        self._held.close()
        self._opened.clear()


def fill(url: str, addons: tuple[str, ...]) -> None:
    """Make the instance in a database: migrated, addons enabled, shipped rows and people there."""
    with tempfile.TemporaryDirectory() as folder:
        config = load_config(Path(folder), {}, database=url)
        instance.upgrade(config)
        if addons:
            instance.enable(config, addons)
        dealership = Dealership(config)
        with contextlib.closing(dealership), dealership.session("people of a test") as session:
            hire(session, addons)


def hire(session: WorkSession, addons: tuple[str, ...]) -> None:
    """Give the instance its people, and the goals their specialists."""
    hashed = Passwords().hash(PASSWORD)
    roles = {role.code: role.id for role in session.scalars(select(Role))}
    departments = {each.kind: each for each in session.scalars(select(Department))}
    for login, (full_name, short_name, codes, kind) in PEOPLE.items():
        user = User(login=login, full_name=full_name, short_name=short_name, password_hash=hashed)
        session.add(user)
        session.flush()
        session.add_all(UserRole(user_id=user.id, role_id=roles[code]) for code in codes if code in roles)
        if kind in departments:
            session.add(UserDepartment(user_id=user.id, department_id=departments[kind].id))
    session.flush()
    if "contacts" in addons:
        _share_goals(session)


def _share_goals(session: WorkSession) -> None:
    from addons.contacts.models import ContactGoal, GoalSpecialist

    users = {user.login: user.id for user in session.scalars(select(User))}
    kinds = {each.id: each.kind for each in session.scalars(select(Department))}
    handlers = {"showroom": ("petukhov", "sokolova"), "workshop": ("volkov",)}
    for goal in session.scalars(select(ContactGoal)):
        for login in handlers.get(kinds[goal.department_id], ("petukhov", "volkov")):
            session.add(GoalSpecialist(goal_id=goal.id, user_id=users[login]))
    session.flush()


Furnish = Callable[[WorkSession], object]


@pytest.fixture(scope="session")
def furnish() -> Furnish | None:
    """What a package's dealerships have from the beginning, written once a run; a package's conftest.py says it anew."""
    return None


@pytest.fixture
def dealership(
    databases: Databases, addon_set: tuple[str, ...], furnish: Furnish | None, tmp_path: Path
) -> Iterator[Dealership]:
    """A fresh dealership with the addons under test."""
    url = _dealership_url(databases, addon_set, furnish)
    config = load_config(tmp_path / "instance", {}, database=url, require_second_factor=False)
    config.instance.mkdir()
    with instance.engine_of(config) as engine, engine.connect() as connection:
        people = {row.login: row.id for row in connection.execute(select(User.login, User.id))}
    with contextlib.closing(Dealership(config, people)) as made:
        yield made
    databases.drop(url)


def _dealership_url(databases: Databases, addon_set: tuple[str, ...], furnish: Furnish | None) -> str:
    def bare() -> str:
        return databases.prepared(f"dealership {addon_set}", lambda empty: fill(empty, addon_set))

    if furnish is None:
        return bare()
    name = f"dealership {addon_set} {furnish.__module__}.{furnish.__qualname__}"
    return databases.prepared(name, lambda url: _furnish(url, furnish), start=bare)


def _furnish(url: str, furnish: Furnish) -> None:
    with tempfile.TemporaryDirectory() as folder:
        dealership = Dealership(load_config(Path(folder), {}, database=url))
        with contextlib.closing(dealership), dealership.session() as session:
            furnish(session)


@dataclass(slots=True)
class Server:
    """A running Forecourt, as ``forecourt run`` starts it."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        """Ask it to stop and wait; kill only what does not."""
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def kill(self) -> None:
        """Take it away at once with its workers, as a power cut would."""
        parent = psutil.Process(self.process.pid)
        for each in (parent, *parent.children(recursive=True)):
            each.kill()
        self.process.wait()


def start_server(config: Config, port: int | None = None, **environment: str) -> Server:
    """Start a server for an instance and wait until it answers."""
    port = port or free_port()
    log = config.instance / "server.log"
    variables: dict[str, Any] = {
        **os.environ,
        "FORECOURT_DATABASE": config.database,
        "FORECOURT_REQUIRE_SECOND_FACTOR": str(config.require_second_factor).lower(),
        **environment,
    }
    command = [sys.executable, "-m", "core.cli", "run", "--instance", str(config.instance), "--port", str(port)]
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=output, stderr=subprocess.STDOUT)
    server = Server(f"http://127.0.0.1:{port}", process, log)
    wait_until_it_answers(server)
    return server


def wait_until_it_answers(server: Server, seconds: float = 40) -> None:
    """Wait until a server that has been started answers; one that does not is stopped, and its log is told."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        with (
            contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError),
            urllib.request.urlopen(f"{server.address}/health", timeout=2),
        ):
            return
        time.sleep(0.05)
    server.stop()
    raise AssertionError(f"the server did not start:\n{server.log.read_text(errors='replace')}")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def server(dealership: Dealership) -> Iterator[Server]:
    """The dealership, served."""
    running = start_server(dealership.config)
    yield running
    running.stop()
