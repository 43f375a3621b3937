"""What in a database belongs to an addon: found without its code, from what the database itself knows.

Its own tables are known by their prefix. Rows of core's tables belong to it when they carry its name, are about one of
its records, or cannot be without a row that goes. What tells of the past (the audit trail, acts of erasure, who read
which card) belongs to nobody and stays, as do the rows of other addons.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, and_, false, func, or_, select

from core.db.base import addon_of_table
from core.db.reflected import SUBJECT_ID, SUBJECT_TYPE, Link, Schema, portions
from core.db.revisions import version_table

NAMED: Mapping[str, str] = {
    "core_draft": "key",
    "core_job_run": "name",
    "core_list_layout": "screen",
    "core_notification": "kind",
    "core_notification_preference": "kind",
    "core_number_series": "code",
    "core_saved_filter": "screen",
    "core_setting": "name",
    "core_shipped_row": "kind",
    "core_task": "kind",
}
"""Tables of core whose rows say in this column to which addon they belong: ``<addon>.<what>`` or ``<addon>_<thing>``."""

MARKED: Mapping[str, str] = {"core_addon": "name", "core_role": "addon", "core_upgrade_step": "addon"}
"""Tables of core with nothing but the addon's name in this column."""

TRAILS = frozenset({"core_audit", "core_card_read", "core_erasure"})
"""Tables with subjects that tell of what was: their rows stay."""

KEPT_FOR_DOCUMENTS = frozenset({"core_number_series"})
"""What stays of an addon with documents: a number that a reference bears is never given again."""

LEFT_ALONE = {"core_timeline_entry": "core_timeline_subject"}
"""Rows that nobody can find any more once all the rows of another table that belong to them have gone."""

ROLES, GRANTS, SHIPPED = "core_role", "grants", "shipped"

Key = tuple[Any, ...]
"""The primary key of a row."""


class Reference(NamedTuple):
    """A column of another addon's table that refers to what would go, and how many rows do."""

    table: str
    column: str
    referred: str
    rows: int


class Documents(NamedTuple):
    """Rows of the addon that share their number with a head row of another addon's: the head rows stay, by name."""

    table: str
    head: str
    rows: int


class Emptied(NamedTuple):
    """A column of rows that stay, which refers to rows that go."""

    link: Link
    keys: list[tuple[Key, Any]]
    """The rows by their keys, with what the column says."""


class Belongings:
    """What belongs to one addon, as it is at this moment."""

    def __init__(self, connection: Connection, addon: str) -> None:
        self._connection = connection
        self.addon = addon
        self.schema = Schema(connection)
        self.tables = [name for name in self.schema.owned(addon) if name != version_table(addon)]
        """The addon's own tables, without that of its migrations."""
        self.documents = list(self._documents())
        """Its tables of documents, also those without any."""
        self._owned = set(self.schema.owned(addon))
        self.rows_of_core = self._rows_of_core()
        """The keys of the rows of core's tables that go."""

    def __bool__(self) -> bool:
        return bool(self._owned or any(self.rows_of_core.values()))

    def count(self, table: str) -> int:
        """The rows of a table."""
        return self._connection.scalar(select(func.count()).select_from(self.schema.tables[table])) or 0

    def references(self) -> list[Reference]:
        """What of other addons refers to what would go, those that are off or gone included.

        A column that can refer to the addon's tables counts even while no row does: the tables could not be dropped.
        """
        found = [*self._links_from_others(), *self._subjects_of_others()]
        return sorted(each for each in found if each is not None)

    def cascading(self) -> list[Link]:
        """The foreign keys by which rows of the addon go with rows of others."""
        return [
            link
            for name in self.tables
            for link in self.schema.links_of(name)
            if link.on_delete == "CASCADE" and self._is_foreign(link.referred)
        ]

    def emptied(self) -> list[Emptied]:
        """The columns of core that are to be emptied before rows that go are deleted; of rows that go as well."""
        found = []
        for name, keys in self.rows_of_core.items():
            for link in self.schema.links_to(name):
                if link.nullable and addon_of_table(link.table) == "core":
                    rows = self._referring(link, keys)
                    found += [Emptied(link, rows)] if rows else []
        return found

    def grants(self) -> list[dict[str, str]]:
        """The addon's rights in roles that stay: role, right, scope, and the scope it was shipped with."""
        roles = self.schema.tables.get(ROLES)
        if roles is None:
            return []
        statement = select(roles.c.id, roles.c.code, roles.c[GRANTS], roles.c[SHIPPED]).order_by(roles.c.code)
        going = self.rows_of_core.get(ROLES, set())
        return [
            {"role": code, "right": right, "scope": (grants or {}).get(right, ""), "shipped": shipped_as}
            for number, code, grants, shipped in self._connection.execute(statement)
            if (number,) not in going
            for right in sorted({*(grants or {}), *(shipped or {})})
            if right.startswith(f"{self.addon}.")
            for shipped_as in [(shipped or {}).get(right, "")]
        ]

    def neighbours(self) -> set[str]:
        """The tables of others whose keys refer to tables of core that rows go from."""
        links = [link for name in self.rows_of_core for link in self.schema.links_to(name)]
        return {link.table for link in links} - self._owned

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """The rows of a table that go, in the order of their keys."""
        clause = self.schema.tables[table]
        statement = select(clause).order_by(*clause.primary_key.columns)
        if table in self.tables:
            for row in self._connection.execute(statement.execution_options(yield_per=1000)).mappings():
                yield dict(row)
            return
        for some in portions(sorted(self.rows_of_core[table])):
            yield from map(dict, self._connection.execute(statement.where(is_one_of(clause, some))).mappings())

    # --- finding --------------------------------------------------------------------------------

    def _documents(self) -> Iterator[Documents]:
        for name in self.tables:
            key = [column.name for column in self.schema.tables[name].primary_key.columns]
            for link in self.schema.links_of(name):
                if [link.column] == key and link.holds and self._is_foreign(link.referred):
                    yield Documents(name, link.referred, self.count(name))

    def _is_foreign(self, table: str) -> bool:
        return addon_of_table(table) not in (self.addon, "core")

    def _rows_of_core(self) -> dict[str, set[Key]]:
        """From what carries the addon's name to what hangs on that, until nothing is added."""
        found: dict[str, set[Key]] = defaultdict(set)
        waiting = list(self._seeds())
        while waiting:
            table, keys = waiting.pop()
            new = keys - found[table]
            if new:
                found[table] |= new
                waiting += self._followers(table, new)
            if not waiting:
                waiting += self._all_left_alone(found)
        return {table: keys for table, keys in sorted(found.items()) if keys}

    def _all_left_alone(self, found: Mapping[str, set[Key]]) -> Iterator[tuple[str, set[Key]]]:
        """The rows nobody can find any more without those found, as far as they are not among them."""
        for entries, subjects in LEFT_ALONE.items():
            alone = self._left_alone(entries, subjects, found.get(subjects, set())) - found.get(entries, set())
            if alone:
                yield entries, alone

    def _seeds(self) -> Iterator[tuple[str, set[Key]]]:
        tables = self.schema.tables
        # Without tables the addon has been removed before, and may have left references.
        left = KEPT_FOR_DOCUMENTS if self.documents or not self.tables else frozenset()
        for name, column in NAMED.items():
            if name in tables and name not in left:
                yield name, self._keys(tables[name], _carries(tables[name].c[column], self.addon))
        for name, column in MARKED.items():
            if name in tables:
                yield name, self._keys(tables[name], tables[name].c[column] == self.addon)
        for name in self._subject_tables():
            about = tables[name].c[SUBJECT_TYPE].startswith(f"{self.addon}_", autoescape=True)
            yield name, self._keys(tables[name], about)

    def _subject_tables(self) -> list[str]:
        return [name for name in self.schema.by_subject if addon_of_table(name) == "core" and name not in TRAILS]

    def _followers(self, table: str, keys: set[Key]) -> Iterator[tuple[str, set[Key]]]:
        """The rows of core that cannot be without these, or are about them."""
        for link in self.schema.links_to(table):
            if not link.nullable and addon_of_table(link.table) == "core":
                yield link.table, {key for key, _ in self._referring(link, keys)}
        for name in self._subject_tables():
            yield name, set(self._about(name, table, keys))

    def _left_alone(self, entries: str, subjects: str, going: set[Key]) -> set[Key]:
        tables = self.schema.tables
        if not going or entries not in tables:
            return set()
        link = next(each for each in self.schema.links_of(subjects) if each.referred == entries)
        column, own = tables[subjects].c[link.column], _only_key(tables[subjects])
        touched: set[Any] = set()
        staying: set[Any] = set()
        for some in portions(sorted(going)):
            touched |= set(self._connection.scalars(select(column).where(own.in_([key[0] for key in some]))))
        for some in portions(sorted(touched)):
            rows = self._connection.execute(select(column, own).where(column.in_(some)))
            staying |= {entry for entry, number in rows if (number,) not in going}
        return {(entry,) for entry in touched - staying}

    def _keys(self, table: Table, condition: ColumnElement[bool]) -> set[Key]:
        return {tuple(row) for row in self._connection.execute(select(*table.primary_key.columns).where(condition))}

    def _referring(self, link: Link, keys: Iterable[Key]) -> list[tuple[Key, Any]]:
        """The rows whose column refers to one of these, by key, with what it says."""
        table = self.schema.tables[link.table]
        column = table.c[link.column]
        statement = select(column, *table.primary_key.columns)
        return [
            (tuple(row[1:]), row[0])
            for some in portions(sorted(keys))
            for row in self._connection.execute(statement.where(column.in_([key[0] for key in some])))
        ]

    def _about(self, name: str, subject_type: str, keys: Iterable[Key]) -> Iterator[Key]:
        """The rows of a table whose subject is one of these records; only a single number can be one."""
        table = self.schema.tables[name]
        numbers = [key[0] for key in keys if len(key) == 1 and isinstance(key[0], int)]
        for some in portions(sorted(numbers)):
            about = and_(table.c[SUBJECT_TYPE] == subject_type, table.c[SUBJECT_ID].in_(some))
            yield from self._keys(table, about)

    # --- what others have -----------------------------------------------------------------------

    def _links_from_others(self) -> Iterator[Reference | None]:
        for name in sorted(self._owned):
            for link in self.schema.links_to(name):
                if self._is_foreign(link.table):
                    column = self.schema.tables[link.table].c[link.column]
                    rows = self._connection.scalar(select(func.count(column))) or 0
                    yield Reference(link.table, link.column, name, rows)
        for name, keys in self.rows_of_core.items():
            for link in self.schema.links_to(name):
                rows = len(self._referring(link, keys)) if self._is_foreign(link.table) else 0
                yield Reference(link.table, link.column, name, rows) if rows else None

    def _subjects_of_others(self) -> Iterator[Reference | None]:
        for name in self.schema.by_subject:
            if self._is_foreign(name):
                table = self.schema.tables[name]
                about = table.c[SUBJECT_TYPE].startswith(f"{self.addon}_", autoescape=True)
                rows = self._connection.scalar(select(func.count()).select_from(table).where(about)) or 0
                yield Reference(name, SUBJECT_TYPE, f"{self.addon}_…", rows) if rows else None


def is_one_of(table: Table, keys: Sequence[Key]) -> ColumnElement[bool]:
    """The condition for the rows with these primary keys."""
    columns = list(table.primary_key.columns)
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    each = [and_(*(column == part for column, part in zip(columns, key, strict=True))) for key in keys]
    return or_(false(), *each)


def _only_key(table: Table) -> Any:
    (column,) = table.primary_key.columns
    return column


def _carries(column: ColumnElement[Any], addon: str) -> ColumnElement[bool]:
    return or_(*(column.startswith(f"{addon}{mark}", autoescape=True) for mark in "._"))
