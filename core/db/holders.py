"""Who still refers to a record: rows of any table, those of disabled and uninstalled addons included."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, column, func, inspect, select, table

from core.db.base import addon_of_table

_GIVING_WAY = {"CASCADE", "SET NULL", "SET DEFAULT"}


class Holder(NamedTuple):
    """Rows of one table that a deletion would leave hanging."""

    addon: str
    table: str
    rows: int


def holders(connection: Connection, table_name: str, record_id: int) -> list[Holder]:
    """The rows whose foreign keys keep a record from being deleted.

    The foreign keys are read from the database itself, for a disabled addon's tables have no models.
    Keys that give way (``ON DELETE CASCADE``, ``SET NULL``) hold nothing.
    """
    found: dict[str, int] = {}
    for referring, columns in _referring(connection, table_name):
        rows = table(referring, *(column(name) for name in columns))
        condition = [rows.c[name] == record_id for name in columns]
        number = connection.scalar(select(func.count()).select_from(rows).where(*condition)) or 0
        if number:
            found[referring] = found.get(referring, 0) + number
    return [Holder(addon_of_table(name), name, number) for name, number in sorted(found.items())]


def _referring(connection: Connection, table_name: str) -> list[tuple[str, list[str]]]:
    """Tables with a foreign key to the id of this one, and the key's columns."""
    return [
        (name, key["constrained_columns"])
        for (_, name), keys in inspect(connection).get_multi_foreign_keys().items()
        for key in keys
        if key["referred_table"] == table_name
        and key["referred_columns"] in (["id"], [])
        and str(key.get("options", {}).get("ondelete", "")).upper() not in _GIVING_WAY
    ]
