"""Statements that live as long as the process: compiled once for each person's rights, run with other values."""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from typing import Any, TypeVar

import msgspec
from sqlalchemy import JSON, Boolean, CompoundSelect, Date, DateTime, Dialect, Integer, Select, String, TypeDecorator
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

from core.db.engine import WorkSession
from core.db.guards import RowRules, row_rules

KeptSelect = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]
Name = TypeVar("Name")
Process = Callable[[Any], Any]
Place = tuple[str, str, Process]
"""Under which key a value is given, its name in the text, and what makes it the driver's."""


@dataclass(frozen=True, slots=True)
class Read:
    """A long-lived SELECT of columns and what its parameters stand for: to be run alone, or with others in one go.

    The statement selects mapped columns only; it is made once, of ``bindparam`` with names where values change, and
    kept; ``values`` has lists for those that expand. ``right`` is another right it is run under, as with
    ``execution_options(right=…)``; ``everything`` leaves the person's row rules away, for figures that are
    everybody's to know (say why where it is used).
    """

    statement: KeptSelect
    values: Mapping[str, Any] = field(default_factory=dict)
    right: str | None = None
    everything: bool = False


def read(session: WorkSession, wanted: Read) -> Sequence[Any]:
    """The rows of one read under the session's row rules, as named tuples of the selected columns.

    What :func:`core.db.guards.guard` and the compiler do for any statement is done here once for each person and
    statement; what is left at each run is to hand over the values (decision 0006 has the figures).
    """
    if session.writable:
        session.flush()
    connection = session.connection()
    return _query(row_rules(session), wanted, connection.dialect).run(connection, wanted.values)


def gather(session: WorkSession, wanted: Mapping[Name, Read]) -> dict[Name, Sequence[Any]]:
    """The rows of several small reads by their names, in one statement: the parts of a page that do not depend on each other.

    Each part comes as a list in JSON, which costs a fraction of a statement of its own (decision 0006). It is for
    tens of rows, of text, whole numbers, yes or no, days, moments and JSON.
    """
    if len(wanted) < 2:
        return {name: read(session, each) for name, each in wanted.items()}
    if session.writable:
        session.flush()
    connection, rules = session.connection(), row_rules(session)
    queries = [_query(rules, each, connection.dialect) for each in wanted.values()]
    # The queries are kept beside what is made of them: as long as they live, no others can have their ids.
    _, query = rules.once(tuple(map(id, queries)), lambda: (queries, GatheredQuery(queries, connection.dialect)))
    rows = query.run(connection, [each.values for each in wanted.values()])
    return dict(zip(wanted, rows, strict=True))


class KeptQuery:
    """A statement as its database wants it: the text, the values that stay, and the places of those that change."""

    def __init__(self, statement: Any, dialect: Dialect, values: Mapping[str, Any]) -> None:
        compiled: SQLCompiler = statement.compile(dialect=dialect)
        expanded = compiled.construct_expanded_state(dict(values))
        self.text = expanded.statement
        self._order = expanded.positiontup
        self._places: list[Place] = []
        self._several: list[tuple[str, Sequence[str], Process]] = []
        self._fixed: dict[str, Any] = {}
        for parameter, name in compiled.bind_names.items():
            process = parameter.type.dialect_impl(dialect).bind_processor(dialect) or _as_it_is
            names = expanded.parameter_expansion.get(name)
            if parameter.key not in values:
                own = [name] if names is None else names
                self._fixed |= {each: process(expanded.parameters[each]) for each in own}
            elif names is None:
                self._places.append((parameter.key, name, process))
            else:
                self._several.append((parameter.key, names, process))
        self.types = [column.type.dialect_impl(dialect) for column in statement.selected_columns]
        self._row = _row_type([column.key for column in statement.selected_columns])
        self._dialect = dialect
        self._readers: list[tuple[int, Process]] | None = None

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Any]:
        """The rows for these values."""
        with _executed(connection, self.text, self.arguments(values)) as cursor:
            if self._readers is None:
                self._readers = self._make_readers(cursor)
            found = cursor.fetchall()
        return self.rows(found, self._readers)

    def arguments(self, values: Mapping[str, Any]) -> Any:
        """What the driver is handed for these values, by name or in order, as its text wants it."""
        given = dict(self._fixed)
        for key, name, process in self._places:
            given[name] = process(values[key])
        for key, names, process in self._several:
            given.update((name, process(value)) for name, value in zip(names, values[key], strict=True))
        return given if self._order is None else tuple([given[name] for name in self._order])

    def rows(self, found: Sequence[Any], readers: Sequence[tuple[int, Process]]) -> Sequence[Any]:
        """What was found, as named tuples, its columns read by their readers."""
        if not found or not readers:
            return [self._row._make(row) for row in found]
        columns: list[Sequence[Any]] = list(zip(*found, strict=True))
        for position, read in readers:
            columns[position] = [read(value) for value in columns[position]]
        return list(map(self._row._make, zip(*columns, strict=True)))

    def _make_readers(self, cursor: Any) -> list[tuple[int, Process]]:
        """What turns the driver's values into ours, for the columns that need it."""
        found = (
            (position, kind.result_processor(self._dialect, described[1]))
            for position, (kind, described) in enumerate(zip(self.types, cursor.description, strict=True))
        )
        return [(position, read) for position, read in found if read is not None]


class GatheredQuery:
    """Several statements as one: a row of lists, each with the rows of one of them."""

    def __init__(self, queries: Sequence[KeptQuery], dialect: Dialect) -> None:
        self._queries = queries
        self._readers = [_json_readers(query.types, dialect) for query in queries]
        in_order, listed = dialect.positional, _LISTED[dialect.name]
        parts, lists = [], []
        for number, query in enumerate(queries):
            columns = ", ".join(f"c{position}" for position in range(len(query.types)))
            text = query.text if in_order else _NAME.sub(rf"\1%(q{number}_", query.text)
            parts.append(f"q{number}({columns}) AS ({text})")
            lists.append(f"(SELECT {listed.format(columns)} FROM q{number})")  # noqa: S608 - made of compiled texts
        self._text = f"WITH {', '.join(parts)} SELECT {', '.join(lists)}"
        self._arguments: Callable[[Iterable[Any]], Any] = _in_order if in_order else _by_name

    def run(self, connection: Connection, values: Sequence[Mapping[str, Any]]) -> list[Sequence[Any]]:
        """The rows of each statement for its values."""
        given = self._arguments(query.arguments(own) for query, own in zip(self._queries, values, strict=True))
        with _executed(connection, self._text, given) as cursor:
            (found,) = cursor.fetchall()
        return [
            query.rows(msgspec.json.decode(part) if isinstance(part, str) else part, readers)
            for query, part, readers in zip(self._queries, found, self._readers, strict=True)
        ]


@contextmanager
def _executed(connection: Connection, text: str, arguments: Any) -> Iterator[Any]:
    """The driver's cursor after a statement whose text and values are the driver's already.

    SQLAlchemy would put a result of its own around it, of which nothing is used here; that is half of what such a
    statement costs. Who listens for statements hears of it, and its errors come, as of any statement.
    """
    listeners, cursor = connection.dispatch, connection.connection.cursor()
    try:
        listeners.before_cursor_execute(connection, cursor, text, arguments, None, False)
        cursor.execute(text, arguments)
        listeners.after_cursor_execute(connection, cursor, text, arguments, None, False)
        yield cursor
    except connection.dialect.loaded_dbapi.Error as error:
        raise _translated(error, connection, cursor, text, arguments) from error
    finally:
        cursor.close()


def _translated(error: Any, connection: Connection, cursor: Any, text: str, arguments: Any) -> Exception:
    """The driver's error as SQLAlchemy's."""
    dialect = connection.dialect
    if dialect.is_disconnect(error, connection.connection, cursor):
        # It fails again, and now SQLAlchemy sees to it that no other connection to that server is used any more.
        connection.exec_driver_sql(text, arguments)
    hide = connection.engine.hide_parameters
    translated: Exception = DBAPIError.instance(
        text, arguments, error, dialect.loaded_dbapi.Error, hide_parameters=hide, dialect=dialect
    )
    return translated


_NAME = re.compile(r"((?<!%)(?:%%)*)%\(")
"""Where a parameter stands in a text for psycopg; a doubled per cent sign is one that means itself."""
_LISTED = {
    "sqlite": "json_group_array(json_array({}))",
    "postgresql": "coalesce(json_agg(json_build_array({})), '[]')",
}


_GATHERED = (Integer, String, Boolean, Date, DateTime, JSON)


def _in_order(arguments: Iterable[Any]) -> Any:
    return tuple(chain.from_iterable(arguments))


def _by_name(arguments: Iterable[Any]) -> Any:
    return {f"q{n}_{name}": value for n, own in enumerate(arguments) for name, value in own.items()}


def _json_readers(types: Sequence[Any], dialect: Dialect) -> list[tuple[int, Process]]:
    """What turns a column's values in JSON into ours, for the columns that need it."""
    found = ((position, _json_reader(kind, dialect)) for position, kind in enumerate(types))
    return [(position, read) for position, read in found if read is not None]


def _json_reader(kind: Any, dialect: Dialect) -> Process | None:
    plain = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    if not isinstance(plain, _GATHERED):
        raise TypeError(f"{kind!r} cannot be gathered: read it with a statement of its own")
    if dialect.name == "sqlite":
        # SQLite has moments, days and JSON as text of its own, which a list hands on as it is.
        reader: Process | None = kind.result_processor(dialect, None)
        return reader
    if isinstance(plain, DateTime):
        return _unless_empty(lambda text: kind.process_result_value(datetime.fromisoformat(text), dialect))
    return _unless_empty(date.fromisoformat) if isinstance(plain, Date) else None


def _unless_empty(process: Process) -> Process:
    return lambda value: None if value is None else process(value)


def _as_it_is(value: Any) -> Any:
    return value


def _row_type(names: Sequence[str]) -> Any:
    return namedtuple("KeptRow", names, rename=True)


def _query(rules: RowRules, wanted: Read, dialect: Dialect) -> KeptQuery:
    statement: Any = wanted.statement
    lengths = tuple(len(value) for value in wanted.values.values() if isinstance(value, (list, tuple)))
    key = (id(statement), wanted.right, wanted.everything, lengths)

    def make() -> tuple[Any, KeptQuery]:
        options = [] if wanted.everything else rules.options(wanted.right)
        ruled = statement.options(*options) if options else statement
        return statement, KeptQuery(ruled, dialect, wanted.values)

    # The statement is kept beside its query: as long as it lives, no other can have its id.
    _, query = rules.once(key, make)
    return query
