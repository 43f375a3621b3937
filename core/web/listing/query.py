"""The list's statements: one page, the count, the groups, the ids behind «all rows of the filter».

Only mapped attributes are selected, so the session's row rules apply to each of them (SEC-2). A page is cut
first and joined after, so that no plan reads more than a page of the joined tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, or_, select
from sqlalchemy.orm import QueryableAttribute

from core.db.change import within
from core.db.kept import Read, read
from core.web.listing import keyset
from core.web.listing.filters import found
from core.web.listing.keyset import Term
from core.web.listing.language import resolve
from core.web.listing.plan import Plan, joined, needed_joins, on_page
from core.web.listing.state import ListState
from core.web.listing.viewer import Viewer
from core.web.mounted import MountedScreen
from core.web.screens import Grouping, Screen

CAP = 1000
"""How far rows are counted unless somebody asks for the exact number."""

MAX_GROUPS = 300


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list in its order, and whether there are more before and after."""

    rows: Sequence[Sequence[Any]]
    more_before: bool
    more_after: bool

    @property
    def ids(self) -> list[int]:
        """The rows' ids."""
        return [row[0] for row in self.rows]


def conditions(mounted: MountedScreen, state: ListState, viewer: Viewer) -> list[ColumnElement[bool]]:
    """What the rows must meet: the screen's own condition, the filters, the search."""
    screen = mounted.screen
    chosen = [each for each in mounted.filters if each.name in state.filters]
    parts: list[Any] = [*screen.where, *(each.condition(viewer, state.filters[each.name]) for each in chosen)]
    parts += [condition for names, condition in screen.unless_asked.items() if not _any_asked(names, state)]
    if state.search:
        parts.append(search_condition(screen, viewer, state.search))
    return parts


def _any_asked(names: str | tuple[str, ...], state: ListState) -> bool:
    return not state.filters.keys().isdisjoint((names,) if isinstance(names, str) else names)


def taken_out(mounted: MountedScreen, state: ListState, viewer: Viewer) -> list[ColumnElement[bool]]:
    """What the rows must meet to leave, in a file or on paper: the right to export reaches them too (SEC-35)."""
    screen = mounted.screen
    return [*conditions(mounted, state, viewer), within(viewer.session, screen.model, screen.right("export"))]


def search_condition(screen: Screen, viewer: Viewer, text: str) -> ColumnElement[bool]:
    """The condition of the search box."""
    search: Any = screen.search
    assert search is not None, f"{screen.key} has no search"
    if isinstance(search, QueryableAttribute):
        return found(viewer.session, search, text)
    condition: ColumnElement[bool] = search(viewer.session, text)
    return condition


def ids(
    screen: Screen, wheres: Sequence[ColumnElement[bool]], terms: Sequence[Term], *, backward: bool = False
) -> Select[Any]:
    """The ids of the rows that meet the conditions, in order."""
    model: Any = screen.model
    needed = needed_joins(screen, [*wheres, *(term.expression for term in terms)])
    statement = joined(select(model.id), needed).where(*wheres)
    return statement.order_by(*keyset.order_by(terms, backward=backward))


def read_page(
    mounted: MountedScreen,
    plan: Plan,
    viewer: Viewer,
    wheres: Sequence[ColumnElement[bool]],
    state: ListState,
    size: int,
) -> Page:
    """The page that the address names: after a place, before one, or the first."""
    text = state.after or state.before
    if not text:
        rows = _rows(mounted.screen, plan, viewer, wheres, size + 1)
        return Page(rows[:size], more_before=False, more_after=len(rows) > size)
    place = keyset.decode(text, plan.terms)
    backward = bool(state.before)
    beyond = keyset.after(plan.terms, place, backward=backward)
    rows = _rows(mounted.screen, plan, viewer, [*wheres, beyond], size + 1, backward=backward)
    if not backward:
        return Page(rows[:size], more_before=True, more_after=len(rows) > size)
    return Page(rows[:size][::-1], more_before=len(rows) > size, more_after=True)


def _rows(
    screen: Screen,
    plan: Plan,
    viewer: Viewer,
    wheres: Sequence[ColumnElement[bool]],
    limit: int,
    *,
    backward: bool = False,
) -> Sequence[Sequence[Any]]:
    """Up to ``limit`` rows of the plan in the walking direction, in one statement."""

    def build(condition: ColumnElement[bool]) -> Select[Any]:
        return page_statement(screen, plan, condition, limit, backward=backward)

    statement, values = plan.prepared.get(wheres, (limit, backward), build)
    rows: Sequence[Sequence[Any]] = read(viewer.session, Read(statement, values))
    return rows


def page_statement(
    screen: Screen, plan: Plan, condition: ColumnElement[bool], limit: int, *, backward: bool
) -> Select[Any]:
    """One page of the plan: cut first, joined after."""
    page = ids(screen, [condition], plan.terms, backward=backward)
    # A literal LIMIT: with a parameter PostgreSQL plans anew each time.
    page = page.limit(literal_column(str(limit)))
    return (
        _joined_back(screen, plan, page, backward) if plan.own_columns is None else _cut(screen, plan, page, backward)
    )


def _cut(screen: Screen, plan: Plan, page: Select[Any], backward: bool) -> Select[Any]:
    """The page cut with all columns of the model that are needed; the model's table is read once."""
    own_columns = plan.own_columns or ()
    rows = page.with_only_columns(*own_columns).subquery()
    places = dict(zip(own_columns, rows.c, strict=True))

    def cut(expression: Any) -> ColumnElement[Any]:
        return on_page(screen, expression, places)

    statement = select(*(cut(expression) for expression in plan.expressions)).select_from(rows)
    for join in plan.joins:
        statement = statement.outerjoin(join.entity, cut(join.on))
    terms = [replace(term, expression=cut(term.expression)) for term in plan.terms]
    return statement.order_by(*keyset.order_by(terms, backward=backward))


def _joined_back(screen: Screen, plan: Plan, page: Select[Any], backward: bool) -> Select[Any]:
    """The page cut by ids and joined to its own table again, for expressions that hold queries of their own."""
    model: Any = screen.model
    rows = page.subquery()
    statement = select(*plan.expressions).join_from(model, rows, rows.c.id == model.id)
    return joined(statement, plan.joins).order_by(*keyset.order_by(plan.terms, backward=backward))


def walk(
    mounted: MountedScreen, plan: Plan, viewer: Viewer, wheres: Sequence[ColumnElement[bool]], size: int
) -> Iterator[Sequence[Sequence[Any]]]:
    """All rows of the filter in order, page by page, for exports; memory holds one page."""
    place: list[Any] | None = None
    while True:
        beyond = [] if place is None else [keyset.after(plan.terms, place)]
        rows = _rows(mounted.screen, plan, viewer, [*wheres, *beyond], size)
        if rows:
            yield rows
        if len(rows) < size:
            return
        place = place_of(plan, rows[-1])


def walk_ids(
    mounted: MountedScreen, viewer: Viewer, wheres: Sequence[ColumnElement[bool]], size: int
) -> Iterator[list[int]]:
    """The ids of all rows of the filter, in portions, oldest id first; for bulk actions."""
    model: Any = mounted.screen.model
    by_id = (Term(model.id),)
    last = 0
    while True:
        statement = ids(mounted.screen, [*wheres, model.id > last], by_id).limit(literal_column(str(size)))
        portion = list(viewer.session.scalars(statement))
        if portion:
            yield portion
        if len(portion) < size:
            return
        last = portion[-1]


def place_of(plan: Plan, row: Sequence[Any]) -> list[Any]:
    """The place of a row in the order."""
    return [row[position] for position in plan.term_positions]


def count_statement(screen: Screen, wheres: Sequence[ColumnElement[bool]], cap: int | None = CAP) -> Select[Any]:
    """How many rows there are, counted no further than one over the cap; all of them without a cap."""
    model: Any = screen.model
    statement = joined(select(model.id), needed_joins(screen, wheres)).where(*wheres)
    if cap is not None:
        statement = statement.limit(literal_column(str(cap + 1)))
    return select(func.count()).select_from(statement.subquery())


def count(viewer: Viewer, screen: Screen, wheres: Sequence[ColumnElement[bool]], cap: int | None = CAP) -> int:
    """The number of rows that :func:`count_statement` gives."""
    return int(viewer.session.scalar(count_statement(screen, wheres, cap)) or 0)


def counts(viewer: Viewer, screen: Screen, several: Sequence[Sequence[ColumnElement[bool]]]) -> list[int]:
    """Capped counts of several filters in one statement."""
    if not several:
        return []
    parts = [count_statement(screen, wheres).scalar_subquery() for wheres in several]
    return [int(number) for number in viewer.session.execute(select(*parts)).one()]


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group: its key, what people call it, how many rows it has, its totals."""

    key: Any
    title: Any
    count: int
    totals: tuple[Any, ...]


def read_groups(
    mounted: MountedScreen, grouping: Grouping, viewer: Viewer, wheres: Sequence[ColumnElement[bool]]
) -> list[GroupRow]:
    """All groups of the filtered rows in order, with counts and totals, in one statement."""
    screen = mounted.screen
    model: Any = screen.model
    title = grouping.key if grouping.title is None else resolve(grouping.title, viewer.language)
    figures = [total.expression for total in grouping.totals]
    columns = [grouping.key, func.max(title), func.count(model.id), *figures]
    needed = needed_joins(screen, [*columns, *wheres])
    statement = joined(select(*columns).select_from(model), needed).where(*wheres).group_by(grouping.key)
    statement = statement.order_by(grouping.key.asc().nulls_last()).limit(literal_column(str(MAX_GROUPS)))
    rows = viewer.session.execute(statement)
    return [GroupRow(row[0], row[1], row[2], tuple(row[3:])) for row in rows]


def outside(grouping: Grouping, keys: Sequence[Any]) -> ColumnElement[bool]:
    """The condition that a row is in none of the closed groups."""
    values = [key for key in keys if key is not None]
    condition: ColumnElement[bool] = grouping.key.not_in(values)
    if None in keys:
        return condition & grouping.key.is_not(None) if values else grouping.key.is_not(None)
    return or_(condition, grouping.key.is_(None))
