"""The pytest plugin for authors of addons: an instance with their addons, for each test, on both databases.

In the settings of pytest stands which addons are under test::

    [tool.pytest.ini_options]
    forecourt_addons = ["hello"]                       # with everything they depend on
    forecourt_addons_path = ["."]                      # folders of addons that are not installed
    forecourt_databases = ["sqlite", "postgresql"]     # SQLite alone, unless said

A test that asks for one of these fixtures gets an instance of its own, with the addons enabled:

``forecourt``   the :class:`~core.web.app.Application`
``host``        the addons that run and those that failed
``clock``       the time of the instance; it passes only when the test says so
``session``     a writing session of the system; it commits when a client asks for something
``user``        somebody with all rights
``client``      ``user`` with a browser that runs no scripts: ``client.get(…)``, ``client.post(…)``, ``client.api(…)``
``sign_in``     somebody else: ``sign_in("hello.greeting.read")`` has this right of the addons alone
``statements``  counts what the database is asked: ``with statements() as asked: …``, then ``len(asked.sent)``

The promises of every addon are checked where a test module says
``from core.testing.conformance import TestConformance``.

pytest imports this in every run on a machine where Forecourt is installed, so it imports nothing of core before a
fixture is asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from core.access.models import User
    from core.db.engine import WorkSession
    from core.host.manifest import FoundAddon
    from core.host.registry import Host
    from core.testing.clock import SetClock
    from core.testing.databases import Databases
    from core.testing.instances import Client, TestInstance
    from core.testing.statements import Statements
    from core.web.app import Application

_KINDS = ("sqlite", "postgresql")

pytest.register_assert_rewrite("core.testing.conformance")


# --- settings ------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which addons, from where, on which databases."""
    parser.addini("forecourt_addons", "addons under test", type="args")
    parser.addini("forecourt_addons_path", "folders of addons that are not installed", type="paths")
    parser.addini("forecourt_databases", "kinds of databases to test on", type="args", default=["sqlite"])
    parser.addoption("--forecourt-database", choices=_KINDS, help="test on this kind of database alone")


def pytest_configure(config: pytest.Config) -> None:
    """Let tests import the addons of the named folders, as Forecourt itself does."""
    sys.path += [str(folder) for folder in _path(config) if str(folder) not in sys.path]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what needs an instance once for each kind of database, and what looks at an addon for each one under test."""
    if "forecourt_database" in metafunc.fixturenames:
        metafunc.parametrize("forecourt_database", _kinds(metafunc.config), scope="session")
    if "forecourt_addon" in metafunc.fixturenames:
        metafunc.parametrize("forecourt_addon", _wanted(metafunc.config), indirect=True, scope="session")


def _kinds(config: pytest.Config) -> list[str]:
    chosen = config.getoption("--forecourt-database")
    kinds: list[str] = [chosen] if chosen else config.getini("forecourt_databases")
    for kind in kinds:
        if kind not in _KINDS:
            raise pytest.UsageError(f"forecourt_databases: {kind!r} is neither sqlite nor postgresql")
    return kinds


def _wanted(config: pytest.Config) -> list[str]:
    wanted: list[str] = config.getini("forecourt_addons")
    if not wanted:
        raise pytest.UsageError("forecourt_addons says of no addon that it is under test")
    return wanted


def _path(config: pytest.Config) -> list[Path]:
    return list(config.getini("forecourt_addons_path"))


# --- fixtures ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def forecourt_databases(forecourt_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Makes databases of the kind under test."""
    from core.testing import instances

    with instances.databases(forecourt_database, tmp_path_factory) as found:
        yield found


@pytest.fixture(scope="session")
def forecourt_addon(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> FoundAddon:
    """Each addon under test, as it is found: its manifest and its folder."""
    from core.testing import instances

    return instances.found(request.param, _path(pytestconfig))


@pytest.fixture
def clock() -> SetClock:
    """The time of the instance: it passes when the test says so."""
    from core.testing.clock import SetClock

    return SetClock()


@pytest.fixture
def forecourt_instance(
    forecourt_databases: Databases, pytestconfig: pytest.Config, tmp_path: Path, clock: SetClock
) -> Iterator[TestInstance]:
    """An instance with the addons under test, served to nobody yet."""
    from core.testing import instances

    wanted = tuple(_wanted(pytestconfig))
    with instances.instance(forecourt_databases, wanted, _path(pytestconfig), tmp_path, clock) as made:
        yield made


@pytest.fixture
def forecourt(forecourt_instance: TestInstance) -> Application:
    """The application of the instance."""
    return forecourt_instance.app


@pytest.fixture
def host(forecourt: Application) -> Host:
    """The addons that run, and those that failed."""
    return forecourt.host


@pytest.fixture
def session(forecourt_instance: TestInstance) -> WorkSession:
    """A writing session of the system; what it holds is committed when a client asks for something."""
    return forecourt_instance.session


@pytest.fixture
def user(forecourt_instance: TestInstance) -> User:
    """Somebody with all rights."""
    return forecourt_instance.tester()


@pytest.fixture
def client(forecourt_instance: TestInstance, user: User) -> Client:
    """The user's browser, signed in."""
    return forecourt_instance.signed_in(user)


@pytest.fixture
def sign_in(forecourt_instance: TestInstance) -> Callable[..., Client]:
    """Signs somebody in who has the given rights of the addons and no others."""
    return lambda *rights: forecourt_instance.signed_in(forecourt_instance.hire(rights))


@pytest.fixture
def statements(forecourt: Application) -> Callable[[], Statements]:
    """Counts what the database is asked."""
    from core.testing.statements import Statements

    return lambda: Statements(forecourt.database)
