"""The tables of a database as it describes them itself, also those of addons whose code is gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

from sqlalchemy import JSON, Column, Connection, MetaData, Table, inspect
from sqlalchemy.engine.interfaces import ReflectedColumn, ReflectedForeignKeyConstraint

from core.db.base import addon_of_table
from core.db.search_tables import search_tables

GIVING_WAY = frozenset({"CASCADE", "SET NULL", "SET DEFAULT"})
"""What ``ON DELETE`` may say of a foreign key that holds nobody back."""

SUBJECT_TYPE, SUBJECT_ID = "subject_type", "subject_id"
"""Two columns that together point at any record (:mod:`core.work.subjects`)."""

Item = TypeVar("Item")
_AT_ONCE = 200


class Link(NamedTuple):
    """A foreign key of one column; ``on_delete`` is what the database does by itself, empty for nothing."""

    table: str
    column: str
    referred: str
    on_delete: str
    nullable: bool

    @property
    def holds(self) -> bool:
        """Whether the row referred to cannot be deleted while a row refers to it."""
        return self.on_delete not in GIVING_WAY


class Schema:
    """All tables and their links. Search indexes are left out: the database keeps them by itself."""

    def __init__(self, connection: Connection) -> None:
        inspector = inspect(connection)
        columns = {name: found for (_, name), found in inspector.get_multi_columns().items()}
        keys = {name: key["constrained_columns"] for (_, name), key in inspector.get_multi_pk_constraint().items()}
        hidden = search_tables(columns)
        metadata = MetaData()
        self.tables = {
            name: Table(name, metadata, *_columns(found, keys[name]))
            for name, found in columns.items()
            if name not in hidden
        }
        self.links = sorted(
            link
            for (_, name), found in inspector.get_multi_foreign_keys().items()
            if name in self.tables
            for link in _links(self.tables[name], found)
        )
        self.by_subject = sorted(
            name for name, table in self.tables.items() if {SUBJECT_TYPE, SUBJECT_ID} <= set(table.c.keys())
        )
        """The tables whose rows can point at any record."""
        self._to: dict[str, list[Link]] = defaultdict(list)
        for link in self.links:
            self._to[link.referred].append(link)

    def owned(self, addon: str) -> list[str]:
        """The tables an addon's prefix owns, its version table included."""
        return sorted(name for name in self.tables if addon_of_table(name) == addon)

    def links_to(self, table: str) -> Sequence[Link]:
        """The foreign keys that refer to a table."""
        return self._to[table]

    def links_of(self, table: str) -> list[Link]:
        """The foreign keys of a table."""
        return [link for link in self.links if link.table == table]

    def in_order(self, names: Collection[str]) -> list[str]:
        """These tables with those they cannot do without first; a key that may be empty decides nothing."""
        ordered: list[str] = []
        for name in sorted(names):
            self._put(name, names, ordered, set())
        return ordered

    def _put(self, name: str, names: Collection[str], ordered: list[str], above: set[str]) -> None:
        if name in ordered or name in above:
            return
        for link in self.links_of(name):
            if link.referred in names and not link.nullable:
                self._put(link.referred, names, ordered, above | {name})
        ordered.append(name)


def _columns(found: Sequence[ReflectedColumn], key: Sequence[str]) -> Iterator[Column[object]]:
    """The columns that can be written: what the database computes by itself is left out."""
    for each in found:
        if "computed" in each:
            continue
        kind = each["type"]
        if isinstance(kind, JSON):
            kind = JSON(none_as_null=each["nullable"])
        yield Column(each["name"], kind, primary_key=each["name"] in key, nullable=each["nullable"])


def _links(table: Table, found: Sequence[ReflectedForeignKeyConstraint]) -> Iterator[Link]:
    for key in found:
        if len(key["constrained_columns"]) == 1:
            name = key["constrained_columns"][0]
            on_delete = str(key.get("options", {}).get("ondelete") or "").upper()
            yield Link(table.name, name, key["referred_table"], on_delete, bool(table.c[name].nullable))


def portions(items: Iterable[Item]) -> Iterator[list[Item]]:
    """So many at a time as one statement may ask for."""
    rest = iter(items)
    while portion := list(islice(rest, _AT_ONCE)):
        yield portion
