"""Writing the invented rows quickly: COPY on PostgreSQL, one transaction on SQLite, indexes and triggers put back after."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from sqlalchemy import Boolean

from bench.data import NOW, Table, text_of
from core.db.base import Base
from core.db.engine import create_database_engine
from core.db.search_tables import refill, search_indexes


def fill_sqlite(path: str, tables: Sequence[Table]) -> None:
    """Fill a migrated SQLite file nobody else has open."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("locking_mode=EXCLUSIVE", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-200000"):
            connection.execute(f"PRAGMA {pragma}")
        with _sqlite_bare(connection, [table.model.__tablename__ for table in tables]):
            connection.execute("BEGIN")
            for table in tables:
                columns, rest = complete(table)
                places = ", ".join("?" * len(columns))
                quoted = ", ".join(f'"{column}"' for column in columns)
                statement = f"INSERT INTO {table.model.__tablename__} ({quoted}) VALUES ({places})"
                connection.executemany(statement, (row + rest for row in table.rows))
            connection.execute("COMMIT")
    _sqlite_search(path, {table.model.__tablename__ for table in tables})


@contextmanager
def _sqlite_bare(connection: sqlite3.Connection, names: Sequence[str]) -> Iterator[None]:
    """The tables without triggers and own indexes, which are made again at the end."""
    marks = ", ".join("?" * len(names))
    found = connection.execute(
        f"SELECT type, name, sql FROM sqlite_schema WHERE tbl_name IN ({marks}) AND sql IS NOT NULL"
        " AND type IN ('index', 'trigger')",
        names,
    ).fetchall()
    for kind, name, _ in found:
        connection.execute(f"DROP {kind} {name}")
    yield
    for _, _, statement in found:
        connection.execute(statement)


def _sqlite_search(path: str, names: set[str]) -> None:
    engine = create_database_engine(f"sqlite:///{path}", pool_size=1)
    with engine.begin() as connection:
        present = set(connection.exec_driver_sql("SELECT name FROM sqlite_schema WHERE type = 'table'").scalars())
        for table, column in search_indexes(connection, present).items():
            if table in names:
                refill(connection, table, column)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


def fill_postgresql(url: str, tables: Sequence[Table]) -> None:
    """Fill a migrated database; ``url`` is that of a superuser, for foreign keys are not looked up."""
    with psycopg.connect(url, autocommit=True, options="-c timezone=UTC") as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET maintenance_work_mem = '512MB'")
        with _postgresql_bare(connection, [table.model.__tablename__ for table in tables]):
            for table in tables:
                _copy(connection, table)
        connection.execute("VACUUM (ANALYZE, FREEZE)")
        connection.execute("CHECKPOINT")


def _copy(connection: psycopg.Connection[Any], table: Table) -> None:
    columns, rest = complete(table)
    name, quoted = table.model.__tablename__, ", ".join(f'"{column}"' for column in columns)
    with connection.cursor().copy(f"COPY {name} ({quoted}) FROM STDIN".encode()) as copy:
        for row in table.rows:
            copy.write_row(row + rest)
    connection.execute(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}".encode())


@contextmanager
def _postgresql_bare(connection: psycopg.Connection[Any], names: Sequence[str]) -> Iterator[None]:
    """The tables without the indexes that belong to no constraint, which are made again at the end."""
    statement = (
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND NOT EXISTS"
        " (SELECT 1 FROM pg_constraint WHERE conindid = indexname::regclass)"
    )
    found = connection.execute(statement, [list(names)]).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}".encode())
    yield
    for _, definition in found:
        connection.execute(definition.encode())


FORGET = (
    "DELETE FROM core_notification",
    "DELETE FROM core_event",
    "DELETE FROM core_once",
    "DELETE FROM core_sign_in",
    "DELETE FROM core_audit_value",
    "DELETE FROM core_audit",
)
"""What takes away what any run leaves behind, so that the next one finds the same rows."""


def forget_sqlite(path: str, added: Sequence[str]) -> None:
    """Take away what a run has written, ``added`` being the statements for the rows themselves; foreign keys are not looked
    up, for every contact would be.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        for statement in (*added, *FORGET):
            connection.execute(statement)
        connection.execute("COMMIT")


def forget_postgresql(url: str, added: Sequence[str]) -> None:
    """The same; ``url`` is that of a superuser."""
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in (*added, *FORGET):
            connection.execute(statement.encode())


def complete(table: Table) -> tuple[list[str], tuple[Any, ...]]:
    """All columns to write, and the values of those the rows do not bring but that must not be empty."""
    stamps: dict[str, Any] = {"created_at": text_of(NOW), "updated_at": text_of(NOW), "version": 1}
    constants = {
        column.name: stamps.get(column.name, _empty(column))
        for column in columns_of(table.model)
        if column.name not in table.columns and not column.nullable
    }
    return [*table.columns, *constants], tuple(constants.values())


def columns_of(model: type[Base]) -> Any:
    """The columns of a model's table."""
    return model.__table__.columns


def _empty(column: Any) -> Any:
    """What the application would write into a column nobody has filled in."""
    default = column.default.arg if column.default is not None and column.default.is_scalar else ""
    return bool(default) if isinstance(column.type, Boolean) else default
