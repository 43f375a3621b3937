"""Statements that live as long as the process: compiled once for each person's rights, run with other values."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Dialect, Select
from sqlalchemy.engine import Connection
from sqlalchemy.sql.compiler import SQLCompiler

from core.db.engine import WorkSession
from core.db.guards import RowRules, row_rules

KeptSelect = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]
Process = Callable[[Any], Any]
Place = tuple[str, str, Process]
"""Under which key a value is given, its name in the text, and what makes it the driver's."""


def select_kept(
    session: WorkSession, statement: KeptSelect, values: Mapping[str, Any], *, right: str | None = None
) -> Sequence[Any]:
    """Run a long-lived SELECT of columns under the session's row rules: a page of a list, and the like.

    What :func:`core.db.guards.guard` and the compiler do for any statement is done here once for each person and
    statement; what is left at each run is to hand over the values (decision 0006 has the figures). The statement
    selects mapped columns only; it is made once, of ``bindparam`` with names where values change, and kept.

    :param values: what the named parameters stand for; lists for those that expand.
    :param right: another right the statement is run under, as with ``execution_options(right=…)``.
    :returns: named tuples of the selected columns.
    """
    if session.writable:
        session.flush()
    connection = session.connection()
    return _query(row_rules(session), statement, values, right, connection.dialect).run(connection, values)


class KeptQuery:
    """A statement as its database wants it: the text, the values that stay, and the places of those that change."""

    def __init__(self, statement: Any, dialect: Dialect, values: Mapping[str, Any]) -> None:
        compiled: SQLCompiler = statement.compile(dialect=dialect)
        expanded = compiled.construct_expanded_state(dict(values))
        self._text = expanded.statement
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
        self._types = [column.type.dialect_impl(dialect) for column in statement.selected_columns]
        self._row = _row_type([column.key for column in statement.selected_columns])
        self._dialect = dialect
        self._readers: list[tuple[int, Process]] | None = None

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Any]:
        """The rows for these values."""
        given = dict(self._fixed)
        for key, name, process in self._places:
            given[name] = process(values[key])
        for key, names, process in self._several:
            given.update((name, process(value)) for name, value in zip(names, values[key], strict=True))
        arguments: Any = given if self._order is None else tuple([given[name] for name in self._order])
        result = connection.exec_driver_sql(self._text, arguments)
        if self._readers is None:
            self._readers = self._make_readers(result.cursor)
        rows = result.all()
        if not rows or not self._readers:
            return [self._row._make(row) for row in rows]
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for position, read in self._readers:
            columns[position] = [read(value) for value in columns[position]]
        return list(map(self._row._make, zip(*columns, strict=True)))

    def _make_readers(self, cursor: Any) -> list[tuple[int, Process]]:
        """What turns the driver's values into ours, for the columns that need it."""
        found = (
            (position, kind.result_processor(self._dialect, described[1]))
            for position, (kind, described) in enumerate(zip(self._types, cursor.description, strict=True))
        )
        return [(position, read) for position, read in found if read is not None]


def _as_it_is(value: Any) -> Any:
    return value


def _row_type(names: Sequence[str]) -> Any:
    return namedtuple("KeptRow", names, rename=True)


def _query(
    rules: RowRules, statement: Any, values: Mapping[str, Any], right: str | None, dialect: Dialect
) -> KeptQuery:
    lengths = tuple(len(value) for value in values.values() if isinstance(value, (list, tuple)))
    key = (id(statement), right, lengths)

    def make() -> tuple[Any, KeptQuery]:
        options = rules.options(right)
        ruled = statement.options(*options) if options else statement
        return statement, KeptQuery(ruled, dialect, values)

    # The statement is kept beside its query: as long as it lives, no other can have its id.
    _, query = rules.once(key, make)
    return query
