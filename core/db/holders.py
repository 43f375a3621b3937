"""Who still refers to a record: rows of any table, those of disabled and uninstalled addons included."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import NamedTuple

from sqlalchemy import Connection, column, func, inspect, select, table

from core.db.base import addon_of_table
from core.db.reflected import GIVING_WAY, portions


class Holder(NamedTuple):
    """Rows of one table that a deletion would leave hanging."""

    addon: str
    table: str
    rows: int


class _Key(NamedTuple):
    """A foreign key of one column to the number of a table's rows; ``number`` is the column with its own table's."""

    table: str
    column: str
    on_delete: str
    number: str


def holders(connection: Connection, table_name: str, record_id: int) -> list[Holder]:
    """The rows whose foreign keys keep a record from being deleted.

    The foreign keys are read from the database itself, for a disabled addon's tables have no models.
    Keys that give way (``ON DELETE CASCADE``, ``SET NULL``) hold nothing; but what holds the rows that would go with
    the record holds the record.
    """
    keys = _keys(connection)
    going = _going(connection, keys, table_name, record_id)
    found: Counter[str] = Counter()
    for name, numbers in going.items():
        for key in keys[name]:
            if key.on_delete not in GIVING_WAY:
                found[key.table] += _count(connection, key, numbers, going.get(key.table, set()))
    return [Holder(addon_of_table(name), name, number) for name, number in sorted(found.items()) if number]


def _going(connection: Connection, keys: dict[str, list[_Key]], table_name: str, record_id: int) -> dict[str, set[int]]:
    """The numbers of the rows that the database deletes with a record, that one among them, by table."""
    going: dict[str, set[int]] = defaultdict(set)
    waiting = [(table_name, {record_id})]
    while waiting:
        name, numbers = waiting.pop()
        new = numbers - going[name]
        going[name] |= new
        # Rows that nobody can refer to need not be known.
        cascading = [key for key in keys[name] if key.on_delete == "CASCADE" and key.number and keys[key.table]]
        waiting += [(key.table, _numbers(connection, key, new)) for key in cascading if new]
    return going


def _numbers(connection: Connection, key: _Key, referred: set[int]) -> set[int]:
    """The numbers of the rows that refer to these by a key."""
    rows = table(key.table, *map(column, {key.column, key.number}))
    statement = select(rows.c[key.number])
    return {
        number
        for some in portions(sorted(referred))
        for number in connection.scalars(statement.where(rows.c[key.column].in_(some)))
    }


def _count(connection: Connection, key: _Key, referred: set[int], going: set[int]) -> int:
    """How many rows refer to these by a key, without those that go themselves."""
    if going:
        return len(_numbers(connection, key, referred) - going)
    rows = table(key.table, column(key.column))
    statement = select(func.count()).select_from(rows)
    counts = [connection.scalar(statement.where(rows.c[key.column].in_(some))) for some in portions(sorted(referred))]
    return sum(count or 0 for count in counts)


def _keys(connection: Connection) -> dict[str, list[_Key]]:
    """The foreign keys to the numbers of rows, by the table that they refer to."""
    inspector = inspect(connection)
    primary = {name: key["constrained_columns"] for (_, name), key in inspector.get_multi_pk_constraint().items()}
    found: dict[str, list[_Key]] = defaultdict(list)
    for (_, name), keys in inspector.get_multi_foreign_keys().items():
        number = primary[name][0] if len(primary[name]) == 1 else ""
        for key in keys:
            if len(key["constrained_columns"]) == 1 and key["referred_columns"] in (["id"], []):
                on_delete = str(key.get("options", {}).get("ondelete") or "").upper()
                found[key["referred_table"]].append(_Key(name, key["constrained_columns"][0], on_delete, number))
    return found
