"""Everything that points at one row, moved to another row, and back.

Two kinds of pointers are read from the database itself, so those of disabled and uninstalled addons count too:
foreign keys to the table's ``id``, and ``subject_id`` columns beside a ``subject_type`` (:mod:`core.work.subjects`).
The person's row rules do not apply: whoever moves has to answer for all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    TableClause,
    Text,
    Update,
    and_,
    cast,
    column,
    func,
    inspect,
    or_,
    select,
    table,
    update,
)
from sqlalchemy.engine import Inspector
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.type_api import TypeEngine

from core.db.types import UtcDateTime

SUBJECT_TYPE, SUBJECT_ID = "subject_type", "subject_id"
UNMOVED = frozenset({"core_audit"})
"""Tables with subjects that stay: the trail tells of what was, and its rows are never changed."""

_STAMPS = ("version", "updated_at", "updated_by_id")
_AT_ONCE = 100

Key = list[Any]
"""The primary key of a row as JSON keeps it: numbers, and anything else as text."""


class Pointer(NamedTuple):
    """A column whose value is the id of a row; ``by_subject``: only where ``subject_type`` names the table."""

    table: str
    column: str
    by_subject: bool = False


class Stamp(NamedTuple):
    """Who moves and when, written on every row that has the columns of a record."""

    at: datetime
    user_id: int | None


@dataclass(slots=True)
class Moved:
    """The rows of one pointer that were moved, by their keys as they are now, and how many had to stay."""

    pointer: Pointer
    keys: list[Key] = field(default_factory=list)
    stayed: int = 0


class Elsewhere(Exception):
    """Rows that were moved point at yet another row by now."""

    def __init__(self, table_name: str, rows: int) -> None:
        super().__init__(f"{rows} rows of {table_name} point elsewhere")
        self.table = table_name
        self.rows = rows


class Pointers:
    """Everything in a database that can point at a row of one table; the database is looked through once."""

    def __init__(self, connection: Connection, table_name: str) -> None:
        inspector = inspect(connection)
        self._connection = connection
        self._table_name = table_name
        self._columns = {name: columns for (_, name), columns in inspector.get_multi_columns().items()}
        self._keys = {name: key["constrained_columns"] for (_, name), key in _primary_keys(inspector)}
        foreign = {
            Pointer(name, key["constrained_columns"][0])
            for (_, name), keys in inspector.get_multi_foreign_keys().items()
            for key in keys
            if key["referred_table"] == table_name and key["referred_columns"] in (["id"], [])
        }
        self.all = sorted(foreign | set(self._by_subject()))
        """Every pointer, in the order of the tables."""

    def _by_subject(self) -> Iterator[Pointer]:
        for name, columns in self._columns.items():
            if {SUBJECT_TYPE, SUBJECT_ID} <= {each["name"] for each in columns} and name not in UNMOVED:
                yield Pointer(name, SUBJECT_ID, by_subject=True)

    def _shape(self, pointer: Pointer) -> _Shape:
        types = {each["name"]: each["type"] for each in self._columns[pointer.table]}
        return _Shape(pointer, self._table_name, types, self._keys[pointer.table])

    def count(self, pointer: Pointer, record_id: int) -> int:
        """How many rows of a pointer point at a row."""
        shape = self._shape(pointer)
        statement = select(func.count()).select_from(shape.rows).where(shape.points_at(record_id))
        return self._connection.execute(statement).scalar_one()

    def move(self, pointer: Pointer, from_id: int, to_id: int, stamp: Stamp) -> Moved:
        """Let the rows that point at one row point at another; those that would break a constraint stay.

        Such a row is there twice, once for each: a phone both clients have, an entry on both timelines.
        """
        shape = self._shape(pointer)
        keys = shape.keys_at(self._connection, from_id)
        if not keys:
            return Moved(pointer)
        if self._done(shape.moving(shape.points_at(from_id), to_id, stamp)):
            return Moved(pointer, [shape.key_after(key, to_id) for key in keys])
        moved = [key for key in keys if self._done(shape.moving(shape.is_one_of([key]), to_id, stamp))]
        return Moved(pointer, [shape.key_after(key, to_id) for key in moved], len(keys) - len(moved))

    def _done(self, statement: Update) -> bool:
        try:
            with self._connection.begin_nested():
                self._connection.execute(statement)
        except IntegrityError:
            return False
        return True

    def move_back(self, moved: Moved, back_to: int, now_at: int, stamp: Stamp) -> None:
        """Undo :meth:`move`; rows that have been deleted since are left out.

        :param back_to: where the rows pointed before.
        :param now_at: where they were moved to.
        :raises Elsewhere: when some point at a third row by now; nothing of this pointer is moved then.
        """
        shape = self._shape(moved.pointer)
        strayed = sum(shape.count_strayed(self._connection, keys, now_at) for keys in _portions(moved.keys))
        if strayed:
            raise Elsewhere(moved.pointer.table, strayed)
        for keys in _portions(moved.keys):
            there = and_(shape.is_one_of(keys), shape.points_at(now_at))
            self._connection.execute(shape.moving(there, back_to, stamp))


def _primary_keys(inspector: Inspector) -> Iterable[tuple[Any, Any]]:
    return inspector.get_multi_pk_constraint().items()


def _portions(keys: Iterable[Key]) -> Iterator[list[Key]]:
    rest = iter(keys)
    while portion := list(islice(rest, _AT_ONCE)):
        yield portion


class _Shape:
    """A pointer's table: its rows, its key, and whether its rows are stamped."""

    def __init__(
        self, pointer: Pointer, table_name: str, types: Mapping[str, TypeEngine[Any]], key_names: Sequence[str]
    ) -> None:
        self.pointer = pointer
        self.subject_type = table_name
        self.key_names = key_names
        self.stamped = types.keys() >= set(_STAMPS)
        self.rows = _clause(pointer.table, types)
        self.key = [
            self.rows.c[name] if isinstance(types[name], Integer) else cast(self.rows.c[name], Text)
            for name in self.key_names
        ]
        if not self.key:
            raise ValueError(f"{pointer.table}: rows without a primary key cannot be moved and moved back")

    def points_at(self, record_id: int) -> ColumnElement[bool]:
        pointing: ColumnElement[bool] = self.rows.c[self.pointer.column] == record_id
        if self.pointer.by_subject:
            return and_(pointing, self.rows.c[SUBJECT_TYPE] == self.subject_type)
        return pointing

    def keys_at(self, connection: Connection, record_id: int) -> list[Key]:
        statement = select(*self.key).where(self.points_at(record_id)).order_by(*self.key)
        return [list(row) for row in connection.execute(statement)]

    def key_after(self, key: Key, to_id: int) -> Key:
        """The key of a row once it was moved: the pointing column may be a part of it."""
        return [to_id if name == self.pointer.column else part for name, part in zip(self.key_names, key, strict=True)]

    def is_one_of(self, keys: Sequence[Key]) -> ColumnElement[bool]:
        if len(self.key) == 1:
            return self.key[0].in_([key[0] for key in keys])
        return or_(*(and_(*(part == value for part, value in zip(self.key, key, strict=True))) for key in keys))

    def count_strayed(self, connection: Connection, keys: Sequence[Key], expected: int) -> int:
        """How many of these rows are still there but point elsewhere."""
        elsewhere = or_(~self.points_at(expected), self.rows.c[self.pointer.column].is_(None))
        statement = select(func.count()).select_from(self.rows).where(self.is_one_of(keys), elsewhere)
        return connection.execute(statement).scalar_one()

    def moving(self, where: ColumnElement[bool], to_id: int, stamp: Stamp) -> Update:
        values: dict[str, Any] = {self.pointer.column: to_id}
        if self.stamped:
            # A form that was opened before the move must not write the old number back (SEC-49).
            values |= {"version": self.rows.c.version + 1, "updated_at": stamp.at, "updated_by_id": stamp.user_id}
        return update(self.rows).where(where).values(values)


def _clause(name: str, types: Iterable[str]) -> TableClause:
    return table(name, *(column(each, UtcDateTime()) if each == "updated_at" else column(each) for each in types))
