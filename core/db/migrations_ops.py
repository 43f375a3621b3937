"""What migrations need beyond Alembic: substring search indexes.

In a migration, without any import of ours::

    op.create_search_index("parking_pass", "search_key")
    op.drop_search_index("parking_pass", "search_key")

PostgreSQL gets a trigram index (``pg_trgm``). SQLite gets an FTS5 table ``parking_pass_fts`` that keeps
nothing but trigrams, filled by triggers. In both, words carry blanks before them, so the beginning of a word
can be looked up from its first letter on: see :func:`core.db.search_index.matches`.
"""

from __future__ import annotations

import re

from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrateOperation, Operations

from core.db.search_tables import create_triggers, fill, search_table, search_triggers, trigram_index

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
        create_triggers(connection, table, column)
        fill(connection, table, column)
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
        for name in search_triggers(table, column):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")  # a rebuild in the same step took them
        connection.exec_driver_sql(f"DROP TABLE {search_table(table)}")
        return
    operations.drop_index(trigram_index(table, column), table)


@renderers.dispatch_for(CreateSearchIndexOp)
def _render_create(_context: AutogenContext, operation: CreateSearchIndexOp) -> str:
    return f'op.create_search_index("{operation.table_name}", "{operation.column_name}")'


@renderers.dispatch_for(DropSearchIndexOp)
def _render_drop(_context: AutogenContext, operation: DropSearchIndexOp) -> str:
    return f'op.drop_search_index("{operation.table_name}", "{operation.column_name}")'


def _checked(name: str) -> str:
    """A name that needs no quotes.

    :raises ValueError: for any other.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a plain lower-case name: {name!r}")
    return name
