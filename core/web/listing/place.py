"""Where a record stands in the list it was opened from: its neighbours, and «3 of 61»."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, literal_column, select

from core.web.listing import keyset, query
from core.web.listing.plan import joined, needed_joins, order_terms
from core.web.listing.state import ListState
from core.web.listing.viewer import Viewer
from core.web.mounted import MountedScreen


@dataclass(frozen=True, slots=True)
class Place:
    """A record's place in a list; numbers are counted no further than :data:`core.web.listing.query.CAP`."""

    previous_id: int | None
    next_id: int | None
    number: int
    total: int


def place_in_list(mounted: MountedScreen, state: ListState, viewer: Viewer, record_id: int) -> Place | None:
    """The place of a record among the filtered rows, in two statements; nothing when it is not among them any more."""
    screen, session = mounted.screen, viewer.session
    terms = order_terms(mounted, state, viewer.language)
    wheres = query.conditions(mounted, state, viewer)
    expressions = [term.expression for term in terms]
    model: Any = screen.model
    itself = joined(select(*expressions).select_from(model), needed_joins(screen, [*expressions, *wheres]))
    row = session.execute(itself.where(model.id == record_id, *wheres)).one_or_none()
    if row is None:
        return None
    before = [*wheres, keyset.after(terms, row, backward=True)]
    after = [*wheres, keyset.after(terms, row)]
    one: ColumnElement[int] = literal_column("1")
    figures = session.execute(
        select(
            query.ids(screen, before, terms, backward=True).limit(one).scalar_subquery(),
            query.ids(screen, after, terms).limit(one).scalar_subquery(),
            query.count_statement(screen, before).scalar_subquery(),
            query.count_statement(screen, wheres).scalar_subquery(),
        )
    ).one()
    return Place(figures[0], figures[1], int(figures[2]) + 1, int(figures[3]))
