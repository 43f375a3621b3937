"""The databases of the tests: options and fixtures over the test kit's makers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from core.db.engine import create_database_engine
from core.testing.databases import KINDS, Databases, PostgresDatabases, SqliteDatabases
from core.testing.postgres import RunningServer
from tests.support import sharing
from tests.support.postgres import PostgresServer


def add_option(parser: pytest.Parser) -> None:
    """``--database``: on which databases the tests run that need one."""
    parser.addoption("--database", choices=[*KINDS, "both"], default="both", help="which database the tests use")


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Run a test that uses a database once for each kind."""
    if "database_kind" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--database")
        metafunc.parametrize("database_kind", KINDS if chosen == "both" else [chosen], scope="session")


def deselect(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests marked ``only_on(kind)`` on databases of other kinds."""
    out = [item for item in items if isinstance(item, pytest.Function) and _elsewhere(item)]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in set(out)]


def _elsewhere(item: pytest.Function) -> bool:
    kind = item.callspec.params.get("database_kind") if hasattr(item, "callspec") else None
    return any(kind not in (None, *mark.args) for mark in item.iter_markers("only_on"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[RunningServer]:
    """The run's own PostgreSQL, started when the first test asks for it; the sets of one run share one."""
    handed = sharing.handed()
    if handed is not None:
        with contextlib.closing(RunningServer(handed.server)) as running:
            yield running
        return
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def databases(
    database_kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Databases:
    """Makes databases of the kind under test; see :meth:`Databases.prepared` for migrated ones."""
    handed = sharing.handed()
    prepared = handed.prepared[database_kind] if handed else {}
    if database_kind == "sqlite":
        return SqliteDatabases(tmp_path_factory.mktemp("sqlite"), prepared)
    return PostgresDatabases(request.getfixturevalue("postgres_server"), prepared)


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """The URL of a fresh empty database, removed after the test."""
    url = databases.create()
    yield url
    databases.drop(url)


def cut_all_connections(database_url: str) -> None:
    """End every connection to a database from the server's side, and wait until they have; SQLite has no server."""
    if database_url.startswith("sqlite"):
        return
    engine = create_database_engine(database_url)
    with engine.connect() as connection:
        ours = "datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {ours}"))
    engine.dispose()
