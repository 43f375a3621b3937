"""A database as one file, and back: SQLite's backup API, PostgreSQL's own programs."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, column, func, inspect, select, table
from sqlalchemy.engine import URL, make_url

from core.db.archive import BackupError
from core.db.engine import create_database_engine
from core.db.search_tables import drop_tables, search_tables

_VERSION_TABLE = "_alembic_version"
_DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Facts:
    """What a database holds: rows by table, schema revision by addon."""

    rows: dict[str, int]
    revisions: dict[str, str]


def facts(database_url: str) -> Facts:
    """Count a database."""
    with _connected(database_url) as connection:
        return _facts(connection)


def is_empty(database_url: str) -> bool:
    """Whether a database has no table; a missing SQLite file counts as empty and is not made."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return True
    with _connected(database_url) as connection:
        return not inspect(connection).get_table_names()


def dump(database_url: str, path: Path) -> Facts:
    """Write a database to a file as it is at one moment, while others go on working, and count it at that moment.

    :raises BackupError: if it cannot be read.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return _dump_sqlite(Path(url.database or ""), path)
    with _connected(database_url, isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.execute(select(func.pg_export_snapshot())).scalar_one()
        _run(
            "pg_dump",
            url,
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={snapshot}",
            f"--file={path}",
        )
        return _facts(connection)


def load(path: Path, database_url: str) -> None:
    """Make a database what the file says; whatever it held before is gone.

    :raises BackupError: if the file is damaged or does not fit the database.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        _check_sqlite(path)
        _copy_sqlite(path, Path(url.database or ""))
        return
    _clear_postgresql(database_url)
    _run(
        "pg_restore",
        url,
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
        "--no-comments",
        str(path),
    )


@contextmanager
def scratch(database_url: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database of the same kind, gone afterwards: a file in the folder, or one on the same server.

    :raises BackupError: if the server does not let us make one.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        yield f"sqlite:///{folder / 'scratch.db'}"
        return
    name = f"forecourt_verify_{secrets.token_hex(8)}"
    _administer(database_url, f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        _administer(database_url, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _connected(database_url: str, *, isolation_level: str = "AUTOCOMMIT") -> Iterator[Connection]:
    engine = create_database_engine(database_url)
    try:
        with engine.connect().execution_options(isolation_level=isolation_level) as connection:
            yield connection
    finally:
        engine.dispose()


def _facts(connection: Connection) -> Facts:
    names = inspect(connection).get_table_names()
    counted = sorted(set(names) - search_tables(names))
    rows = {name: connection.execute(select(func.count()).select_from(table(name))).scalar_one() for name in counted}
    revisions = {}
    for name in counted:
        if name.endswith(_VERSION_TABLE):
            version = select(table(name, column("version_num")).c.version_num)
            revisions.update({name.removesuffix(_VERSION_TABLE): number for number in connection.scalars(version)})
    return Facts(rows, revisions)


def _dump_sqlite(source: Path, target: Path) -> Facts:
    if not source.is_file():
        raise BackupError(f"there is no database file {source}")
    _copy_sqlite(source, target)
    found = facts(f"sqlite:///{target}")
    with closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a -wal beside it
    return found


def _copy_sqlite(source: Path, target: Path) -> None:
    """One read transaction on the source, one write transaction on the target."""
    try:
        with (
            closing(sqlite3.connect(source, timeout=15)) as reader,
            closing(sqlite3.connect(target, timeout=15)) as writer,
        ):
            reader.backup(writer)
    except sqlite3.Error as error:
        raise BackupError(f"{source} could not be copied to {target}: {error}") from error


def _check_sqlite(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA trusted_schema=OFF")
            found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
            orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.Error as error:
        raise BackupError(f"the database in the archive cannot be read: {error}") from error
    if found != ["ok"] or orphans:
        raise BackupError(f"the database in the archive is damaged: {'; '.join(found)}, {len(orphans)} lost references")


def _clear_postgresql(database_url: str) -> None:
    with _connected(database_url, isolation_level="READ COMMITTED") as connection, connection.begin():
        drop_tables(connection, inspect(connection).get_table_names())


def _administer(database_url: str, statement: str) -> None:
    with _connected(database_url) as connection:
        try:
            connection.exec_driver_sql(statement)
        except Exception as error:
            raise BackupError(f"{statement}: {error}") from error


def _run(program: str, url: URL, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; the password goes through the environment, where ``ps`` does not show it.

    :raises BackupError: with what the program said.
    """
    address = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    command = [_find(program), f"--dbname={address.render_as_string()}", "--no-password", *arguments]
    done = subprocess.run(  # noqa: S603  (a program of ours, with addresses of ours, without a shell)
        command, env=_environment(url), capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.strip()}")


def _environment(url: URL) -> Mapping[str, str]:
    return {**os.environ, "PGPASSWORD": str(url.password)} if url.password else os.environ


def _find(program: str) -> str:
    """The program in PATH, or the newest of Debian's."""
    installed = _DEBIAN.glob(f"*/bin/{program}")
    found = shutil.which(program) or next(map(str, sorted(installed, key=_major, reverse=True)), None)
    if not found:
        raise BackupError(f"{program} is needed and not installed: install PostgreSQL's client programs")
    return found


def _major(path: Path) -> float:
    version = path.parent.parent.name
    return float(version) if version.replace(".", "", 1).isdigit() else 0
