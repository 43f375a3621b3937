"""What a list asks the database for: worked out once for each set of columns and language.

``Plan`` says which expressions are selected, where each column finds its values among them, and which of the
declared joins that needs; tables nobody looks at are not joined.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnClause, ColumnElement, FromClause, Select, SelectBase, SQLColumnExpression, inspect
from sqlalchemy.orm import QueryableAttribute
from sqlalchemy.sql import visitors

from core.web.listing.keyset import Term
from core.web.listing.language import resolve
from core.web.listing.prepared import PreparedPages
from core.web.listing.state import ListState
from core.web.mounted import MountedScreen, once
from core.web.screens import Column, Join, Link, Screen


@dataclass(frozen=True, slots=True)
class Cells:
    """Where one column finds its values in a row: positions of the value, its extras, second line, badges, link."""

    column: Column
    value: int
    extra: tuple[int, ...] = ()
    second: int | None = None
    badges: tuple[int, ...] = ()
    link: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The query of a list page. Position 0 is the row's id; the terms' positions make the place of a row."""

    expressions: tuple[SQLColumnExpression[Any], ...]
    cells: tuple[Cells, ...]
    terms: tuple[Term, ...]
    term_positions: tuple[int, ...]
    joins: tuple[Join, ...]
    own_columns: tuple[QueryableAttribute[Any], ...] | None
    """The model's columns a page is cut with; ``None`` when an expression holds a query of its own."""

    group_position: int | None = None
    prepared: PreparedPages = field(default_factory=PreparedPages, compare=False)


class _Selection:
    """Collects expressions, each once."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.expressions: list[SQLColumnExpression[Any]] = []
        self._positions: dict[int, int] = {}

    def add(self, expression: Any) -> int:
        """The position of an expression among the selected ones."""
        wanted = resolve(expression, self.language)
        if id(wanted) not in self._positions:
            self._positions[id(wanted)] = len(self.expressions)
            self.expressions.append(wanted)
        return self._positions[id(wanted)]


def plan(mounted: MountedScreen, state: ListState, columns: tuple[Column, ...], language: str) -> Plan:
    """The plan for these columns in this order; built once and kept with the screen."""
    key = (tuple(column.name for column in columns), state.sort, state.group, language)
    return once(mounted.plans, key, lambda: _build(mounted, state, columns, language))


def _build(mounted: MountedScreen, state: ListState, columns: tuple[Column, ...], language: str) -> Plan:
    screen = mounted.screen
    selection = _Selection(language)
    selection.add(_column_of(screen, "id"))
    cells = tuple(_cells(column, selection) for column in columns)
    terms = order_terms(mounted, state, language)
    positions = tuple(selection.add(term.expression) for term in terms)
    joins = needed_joins(screen, selection.expressions)
    everything = [*selection.expressions, *(join.on for join in joins)]
    return Plan(
        expressions=tuple(selection.expressions),
        cells=cells,
        terms=terms,
        term_positions=positions,
        joins=joins,
        own_columns=None if any(map(_holds_query, everything)) else _own_columns(screen, everything),
        group_position=positions[0] if state.group else None,
    )


def _cells(column: Column, selection: _Selection) -> Cells:
    if column.expression is None:
        return Cells(column, 0)
    return Cells(
        column,
        value=selection.add(column.expression),
        extra=tuple(selection.add(each) for each in column.extra),
        second=None if column.second is None else selection.add(column.second),
        badges=tuple(selection.add(badge.when) for badge in column.badges),
        link=selection.add(column.link.id) if isinstance(column.link, Link) else None,
    )


def order_terms(mounted: MountedScreen, state: ListState, language: str) -> tuple[Term, ...]:
    """The order of the rows: the group, then the chosen or the declared sort, then the id."""
    screen = mounted.screen
    terms: list[Term] = []
    if state.group:
        grouping = next(each for each in mounted.groupings if each.name == state.group)
        terms.append(_term(screen, grouping.key, descending=False))
    names = (state.sort,) if state.sort else screen.order
    for name in names:
        expression = mounted.column(name.removeprefix("-")).sort_expression
        assert expression is not None, f"{screen.key}: {name} cannot be sorted by"
        terms.append(_term(screen, resolve(expression, language), descending=name.startswith("-")))
    last_descending = terms[-1].descending if terms else True
    return (*terms, Term(_column_of(screen, "id"), last_descending))


def _term(screen: Screen, expression: SQLColumnExpression[Any], *, descending: bool) -> Term:
    return Term(expression, descending, nullable=not _never_null(screen, expression))


def _never_null(screen: Screen, expression: SQLColumnExpression[Any]) -> bool:
    """Whether it is a column of the screen's own model that cannot be empty."""
    if not isinstance(expression, QueryableAttribute) or expression.parent is not inspect(screen.model):
        return False
    return all(not column.nullable for column in expression.property.columns)


def needed_joins(screen: Screen, expressions: Iterable[Any]) -> tuple[Join, ...]:
    """The declared joins whose tables these expressions name, with the joins those need, in declared order."""
    wanted = {table for expression in expressions for table in tables_of(expression)}
    chosen: list[Join] = []
    for join in reversed(screen.joins):
        if selectable(join.entity) in wanted:
            chosen.append(join)
            wanted.update(tables_of(join.on))
    return tuple(reversed(chosen))


def tables_of(expression: Any) -> Iterator[FromClause]:
    """The tables and aliases whose columns an expression names."""
    for element in visitors.iterate(_clause(expression)):
        table = getattr(element, "table", None)
        if isinstance(table, FromClause):
            yield table


def tables_within(expression: Any) -> Iterator[FromClause]:
    """The tables that subqueries of an expression bring along themselves."""
    for element in visitors.iterate(_clause(expression)):
        if isinstance(element, Select):
            for source in element.get_final_froms():
                yield from (part for part in visitors.iterate(source) if isinstance(part, FromClause))


def _holds_query(expression: Any) -> bool:
    """Whether there is a subquery in an expression: what it refers to must stay as it was written."""
    return any(isinstance(element, SelectBase) for element in visitors.iterate(_clause(expression)))


def _own_columns(screen: Screen, expressions: Iterable[Any]) -> tuple[QueryableAttribute[Any], ...]:
    """The columns of the screen's own model that these expressions name; a page is cut with them."""
    own = selectable(screen.model)
    mapper = inspect(screen.model)
    found: dict[str, QueryableAttribute[Any]] = {}
    for expression in expressions:
        for element in visitors.iterate(_clause(expression)):
            if isinstance(element, ColumnClause) and element.table == own:
                key = mapper.get_property_by_column(own.c[element.key]).key
                found[key] = getattr(screen.model, key)
    return tuple(found.values())


def on_page(
    screen: Screen, expression: Any, places: Mapping[QueryableAttribute[Any], ColumnElement[Any]]
) -> ColumnElement[Any]:
    """An expression with the model's own columns taken from the page that was cut."""
    own = selectable(screen.model)
    by_key = {attribute.property.columns[0].key: place for attribute, place in places.items()}

    def place_of(element: Any, **_options: Any) -> Any:
        if isinstance(element, ColumnClause) and element.table == own:
            return by_key[element.key]
        return None

    replaced: ColumnElement[Any] = visitors.replacement_traverse(_clause(expression), {}, place_of)
    return replaced


def selectable(entity: Any) -> FromClause:
    """What an entity or an alias is in SQL."""
    found: FromClause = inspect(entity).selectable
    return found


def joined(statement: Select[Any], joins: Iterable[Join]) -> Select[Any]:
    """The statement with outer joins."""
    for join in joins:
        statement = statement.outerjoin(join.entity, join.on)
    return statement


def _clause(expression: Any) -> ColumnElement[Any]:
    clause: ColumnElement[Any] = (
        expression.__clause_element__() if hasattr(expression, "__clause_element__") else expression
    )
    return clause


def _column_of(screen: Screen, name: str) -> QueryableAttribute[Any]:
    attribute: QueryableAttribute[Any] = getattr(screen.model, name)
    return attribute
