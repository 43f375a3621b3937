"""What migrations need beyond Alembic: substring search indexes, and dropping tables wholesale.

In a migration, without any import of ours::

    op.create_search_index("contacts_customer", "search_key")
    op.drop_search_index("contacts_customer", "search_key")

PostgreSQL gets a trigram index (``pg_trgm``). SQLite gets an FTS5 table ``contacts_customer_fts`` that keeps
nothing but trigrams, filled by triggers. In both, words carry blanks before them, so the beginning of a word
can be looked up from its first letter on: see :func:`core.db.search_index.matches`.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrateOperation, Operations
from sqlalchemy import Connection, inspect

_SHADOWS = ("", "_data", "_idx", "_content", "_docsize", "_config")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@Operations.register_operation("create_search_index")
class CreateSearchIndexOp(MigrateOperation):
    """``op.create_search_index(table, column)``: make substrings of a folded text column searchable.

    One a table; its primary key must be the integer column ``id``.
    """

    def __init__(self, table_name: str, column_name: str) -> None:
        self.table_name = _checked(table_name)
        self.column_name = _checked(column_name)

    @classmethod
    def create_search_index(cls, operations: Operations, table_name: str, column_name: str) -> None:
        """Create the index and fill it with the rows that are there."""
        operations.invoke(cls(table_name, column_name))

    def reverse(self) -> DropSearchIndexOp:
        """The way back."""
        return DropSearchIndexOp(self.table_name, self.column_name)


@Operations.register_operation("drop_search_index")
class DropSearchIndexOp(MigrateOperation):
    """``op.drop_search_index(table, column)``: needed before the column or the table is dropped."""

    def __init__(self, table_name: str, column_name: str) -> None:
        self.table_name = _checked(table_name)
        self.column_name = _checked(column_name)

    @classmethod
    def drop_search_index(cls, operations: Operations, table_name: str, column_name: str) -> None:
        """Drop the index; the rows stay."""
        operations.invoke(cls(table_name, column_name))

    def reverse(self) -> CreateSearchIndexOp:
        """The way back."""
        return CreateSearchIndexOp(self.table_name, self.column_name)


@Operations.implementation_for(CreateSearchIndexOp)
def _create(operations: Operations, operation: CreateSearchIndexOp) -> None:
    connection, table, column = operations.get_bind(), operation.table_name, operation.column_name
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            f"CREATE VIRTUAL TABLE {search_table(table)} USING fts5"
            f"({column}, content='', columnsize=0, tokenize='trigram case_sensitive 1')"
        )
        _create_triggers(connection, table, column)
        _fill(connection, table, column)
        return
    connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    operations.create_index(
        trigram_index(table, column),
        table,
        [column],
        postgresql_using="gin",
        postgresql_ops={column: "gin_trgm_ops"},
    )


@Operations.implementation_for(DropSearchIndexOp)
def _drop(operations: Operations, operation: DropSearchIndexOp) -> None:
    connection, table, column = operations.get_bind(), operation.table_name, operation.column_name
    if connection.dialect.name == "sqlite":
        for name in _triggers(table, column):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql(f"DROP TABLE {search_table(table)}")
        return
    operations.drop_index(trigram_index(table, column), table)


@renderers.dispatch_for(CreateSearchIndexOp)
def _render_create(_context: AutogenContext, operation: CreateSearchIndexOp) -> str:
    return f'op.create_search_index("{operation.table_name}", "{operation.column_name}")'


@renderers.dispatch_for(DropSearchIndexOp)
def _render_drop(_context: AutogenContext, operation: DropSearchIndexOp) -> str:
    return f'op.drop_search_index("{operation.table_name}", "{operation.column_name}")'


def search_table(table: str) -> str:
    """SQLite's search index of a table."""
    return f"{table}_fts"


def trigram_index(table: str, column: str) -> str:
    """The name of PostgreSQL's search index."""
    return f"ix_{table}_{column}_trgm"


def is_trigram_index(name: str | None) -> bool:
    """Whether an index is one of PostgreSQL's search indexes, which models declare another way."""
    return name is not None and name.endswith("_trgm")


def search_tables(names: Collection[str]) -> set[str]:
    """Those of the table names that are SQLite search indexes or their inner tables."""
    indexes = {search_table(name) for name in names} & set(names)
    return {index + shadow for index in indexes for shadow in _SHADOWS}


def search_indexes(connection: Connection, tables: Collection[str]) -> dict[str, str]:
    """The search indexes that exist among these tables: table name to column name."""
    inspector = inspect(connection)
    if connection.dialect.name == "sqlite":
        indexed = [table for table in sorted(tables) if search_table(table) in tables]
        return {table: _fts_column(connection, table) for table in indexed}
    return {
        table: str(column)
        for table in sorted(tables)
        for index in inspector.get_indexes(table)
        for column in index["column_names"]
        if index["name"] == trigram_index(table, str(column))
    }


def repair_search_triggers(connection: Connection, tables: Collection[str]) -> None:
    """Give rebuilt tables their search triggers back and fill their indexes anew.

    A batch rebuild on SQLite drops the table and, without a word, its triggers with it.
    """
    if connection.dialect.name != "sqlite":
        return
    rows = connection.exec_driver_sql("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
    present = set(rows.scalars())
    for table, column in search_indexes(connection, tables).items():
        if not present.issuperset(_triggers(table, column)):
            _create_triggers(connection, table, column)
            refill(connection, table, column)


def refill(connection: Connection, table: str, column: str) -> None:
    """Build SQLite's search index of a table from its rows; also frees what deleted rows left in it (SEC-70)."""
    index = search_table(table)
    connection.exec_driver_sql(f"INSERT INTO {index}({index}) VALUES ('delete-all')")  # noqa: S608
    _fill(connection, table, column)


def drop_tables(connection: Connection, names: Collection[str]) -> None:
    """Drop tables whatever order their foreign keys ask for."""
    if not names:
        return
    quote = connection.dialect.identifier_preparer.quote
    if connection.dialect.name == "sqlite":
        inner = search_tables(names)
        virtual = {search_table(name) for name in names} & inner
        for name in sorted(virtual) + sorted(set(names) - inner):
            connection.exec_driver_sql(f"DROP TABLE {quote(name)}")
        return
    connection.exec_driver_sql(f"DROP TABLE {', '.join(quote(name) for name in sorted(names))}")


def _create_triggers(connection: Connection, table: str, column: str) -> None:
    for name, (event, body) in _triggers(table, column).items():
        connection.exec_driver_sql(f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} BEGIN {body} END")


def _triggers(table: str, column: str) -> dict[str, tuple[str, str]]:
    """Names of the triggers with what sets them off and what they do."""
    index = search_table(table)
    add = f"INSERT INTO {index}(rowid, {column}) VALUES (new.id, {_padded(f'new.{column}')});"  # noqa: S608
    remove = f"INSERT INTO {index}({index}, rowid, {column}) VALUES ('delete', old.id, {_padded(f'old.{column}')});"  # noqa: S608
    changed = f"UPDATE OF {column} ON {table} WHEN old.{column} IS NOT new.{column}"
    return {
        f"{index}_insert": (f"INSERT ON {table}", add),
        f"{index}_delete": (f"DELETE ON {table}", remove),
        f"{index}_update": (changed, f"{remove} {add}"),
    }


def _fill(connection: Connection, table: str, column: str) -> None:
    connection.exec_driver_sql(
        f"INSERT INTO {search_table(table)}(rowid, {column}) SELECT id, {_padded(column)} FROM {table}"  # noqa: S608
    )


def _padded(column: str) -> str:
    """Two blanks before every word, so that a word's first one and two letters are trigrams too."""
    return f"'  ' || replace({column}, ' ', '  ')"


def _fts_column(connection: Connection, table: str) -> str:
    row = connection.exec_driver_sql(f"PRAGMA table_info({search_table(table)})").one()
    return str(row.name)


def _checked(name: str) -> str:
    """A name that needs no quotes.

    :raises ValueError: for any other.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a plain lower-case name: {name!r}")
    return name
