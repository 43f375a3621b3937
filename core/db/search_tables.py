"""The tables and indexes of the substring search: their names, their triggers, filling them, dropping them.

PostgreSQL has a trigram index (``pg_trgm``), SQLite an FTS5 table of trigrams filled by triggers; a migration makes
them (``core.db.migrations_ops``). Apart from that, so that a web process does without Alembic.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, inspect

_SHADOWS = ("", "_data", "_idx", "_content", "_docsize", "_config")


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
        if not present.issuperset(search_triggers(table, column)):
            create_triggers(connection, table, column)
            refill(connection, table, column)


def refill(connection: Connection, table: str, column: str) -> None:
    """Build SQLite's search index of a table from its rows; also frees what deleted rows left in it (SEC-70)."""
    index = search_table(table)
    connection.exec_driver_sql(f"INSERT INTO {index}({index}) VALUES ('delete-all')")  # noqa: S608
    fill(connection, table, column)


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


def create_triggers(connection: Connection, table: str, column: str) -> None:
    """Keep SQLite's search index of a table up to date from now on."""
    for name, (event, body) in search_triggers(table, column).items():
        connection.exec_driver_sql(f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} BEGIN {body} END")


def search_triggers(table: str, column: str) -> dict[str, tuple[str, str]]:
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


def fill(connection: Connection, table: str, column: str) -> None:
    """Put the rows of a table into SQLite's search index, which is empty."""
    connection.exec_driver_sql(
        f"INSERT INTO {search_table(table)}(rowid, {column}) SELECT id, {_padded(column)} FROM {table}"  # noqa: S608
    )


def _padded(column: str) -> str:
    """Two blanks before every word, so that a word's first one and two letters are trigrams too."""
    return f"'  ' || replace({column}, ' ', '  ')"


def _fts_column(connection: Connection, table: str) -> str:
    row = connection.exec_driver_sql(f"PRAGMA table_info({search_table(table)})").one()
    return str(row.name)
