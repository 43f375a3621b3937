"""Who refers to whom: foreign keys read from the database itself, not from the models.

Reflection sees the tables of disabled and uninstalled addons too, which no mapper knows.
"""

from __future__ import annotations

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
    """Rows that refer to nothing, in the addon's tables and in those that refer to them; as ``"2 in sales_order"``.

    Only SQLite can have any: migrations run there with foreign keys off. Not the whole database is
    looked at, so one addon's old damage does not stop the others.
    """
    if connection.dialect.name != "sqlite":
        return []
    references = _references(connection)
    tables = {table for table, referred in references if addon in (addon_of_table(table), addon_of_table(referred))}
    return [f"{count} in {table}" for table in sorted(tables) if (count := _broken_rows(connection, table))]


def _references(connection: Connection) -> list[tuple[str, str]]:
    found = inspect(connection).get_multi_foreign_keys()
    return [(table, key["referred_table"]) for (_, table), keys in found.items() for key in keys]


def _broken_rows(connection: Connection, table: str) -> int:
    quoted = connection.dialect.identifier_preparer.quote_identifier(table)
    return len(connection.exec_driver_sql(f"PRAGMA foreign_key_check({quoted})").all())
