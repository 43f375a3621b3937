"""Who refers to whom: foreign keys read from the database itself, not from the models.

Reflection sees the tables of disabled and uninstalled addons too, which no mapper knows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, inspect

from core.db.base import addon_of_table


def foreign_references(connection: Connection, addon: str) -> list[tuple[str, str]]:
    """Foreign keys from other addons' tables to this addon's, as (referring table, table referred to)."""
    return [
        (table, referred)
        for table, referred in _references(connection)
        if addon_of_table(referred) == addon and addon_of_table(table) != addon
    ]


def broken_references(connection: Connection, addon: str) -> list[str]:
    """Rows that refer to nothing, in the addon's tables and in those that refer to them; as ``"2 in parking_pass"``.

    Only SQLite can have any: migrations run there with foreign keys off. Not the whole database is
    looked at, so one addon's old damage does not stop the others.
    """
    if connection.dialect.name != "sqlite":
        return []
    references = _references(connection)
    tables = {table for table, referred in references if addon in (addon_of_table(table), addon_of_table(referred))}
    return told(broken_in(connection, tables))


def broken_in(connection: Connection, tables: Iterable[str]) -> Counter[str]:
    """How many rows of these tables refer to nothing, as :func:`broken_references` says."""
    if connection.dialect.name != "sqlite":
        return Counter()
    return Counter({table: count for table in tables if (count := _broken_rows(connection, table))})


def told(broken: Mapping[str, int]) -> list[str]:
    """Numbers of rows by table as a person reads them."""
    return [f"{count} in {table}" for table, count in sorted(broken.items())]


@contextmanager
def keys_checked_last(connection: Connection, tables: Collection[str]) -> Iterator[None]:
    """Rows may be put into these tables before those of these tables that they refer to; at the end all have to be there.

    On SQLite migrations work without foreign keys, and look at the end themselves.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    quote = connection.dialect.identifier_preparer.quote
    keys = [(quote(table), quote(name)) for table, name in _keys_among(connection, tables)]
    for table, name in keys:
        connection.exec_driver_sql(f"ALTER TABLE {table} ALTER CONSTRAINT {name} DEFERRABLE INITIALLY DEFERRED")
    yield
    connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    for table, name in keys:
        connection.exec_driver_sql(f"ALTER TABLE {table} ALTER CONSTRAINT {name} NOT DEFERRABLE")


def _keys_among(connection: Connection, tables: Collection[str]) -> list[tuple[str, str]]:
    """The foreign keys between these tables that are checked row by row, as (table, name of the key)."""
    found = inspect(connection).get_multi_foreign_keys(filter_names=sorted(tables))
    return [
        (table, str(key["name"]))
        for (_, table), keys in found.items()
        for key in keys
        if key["referred_table"] in tables and not key["options"].get("deferrable")
    ]


def _references(connection: Connection) -> list[tuple[str, str]]:
    found = inspect(connection).get_multi_foreign_keys()
    return [(table, key["referred_table"]) for (_, table), keys in found.items() for key in keys]


def _broken_rows(connection: Connection, table: str) -> int:
    quoted = connection.dialect.identifier_preparer.quote_identifier(table)
    return len(connection.exec_driver_sql(f"PRAGMA foreign_key_check({quoted})").all())
