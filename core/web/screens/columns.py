"""The columns of a list: where their values come from and how they are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement

from core.web.listing.language import Expression

if TYPE_CHECKING:
    from core.db.engine import WorkSession
    from core.web.listing.cells import Formats

Fetch = Callable[["WorkSession", Sequence[int]], Mapping[int, Any]]
"""``fetch(session, ids)`` gives an addon's values for all rows of a page at once: ``{id: value}``."""

Draw = Callable[[Sequence[Any], "Formats"], Sequence[Any]]
"""``draw(values, formats)`` turns a column's values of a page into texts or ``Markup``, all at once."""

CARD = "card"
"""The ``link`` of a column that leads to the record's own card."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value a column or field can have: its words, its meaning (``ok``, ``warn``, ``bad`` …), its icon.

    For a channel ``tone`` is the square's kind (``visit``, ``site``, ``chat``, ``missed``).
    """

    value: Any
    label: str
    tone: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Badge:
    """A small pill beside a cell's first line, shown in the rows where ``when`` is true."""

    when: Expression
    label: str
    tone: str = "teal"


@dataclass(frozen=True, slots=True)
class Link:
    """Where a cell leads: an endpoint and the id it takes; rows without an id get no link."""

    endpoint: str
    id: Expression
    argument: str = "record_id"


@dataclass(frozen=True, slots=True)
class Join:
    """An outer join of another table, made only when a shown column, a filter or the order needs it."""

    entity: Any
    on: ColumnElement[bool]


_MEASURES = frozenset({"moment", "day", "number", "year", "money", "phone"})
"""Kinds of values that a sheet or a program calculates with, or looks for."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list.

    The owner's column has an ``expression`` that SQL gives; an addon's has ``fetch``, called once a page.
    ``kind`` says how values are shown (:data:`core.web.listing.cells.KINDS`); ``draw`` shows them its own way and,
    with ``extra`` expressions, gets tuples of all of them; ``as_stored``: files and programs get the value itself.
    ``order`` places an addon's column among the owner's, which count 10, 20, 30 …; ``narrow`` is whether tablets show it too. ``second`` is a line under the value, in an
    export a column of its own, named by ``second_label``; programs know it as ``second_name``, else by its database column.
    ``link`` is :data:`CARD`, or a :class:`Link` to another record. ``phone`` is the place in the row's card on
    phones: ``who``, ``time``, ``goal``, ``flags``, ``channel`` or ``hidden``. ``right`` hides the column, its
    sort and its export from those without it (SEC-4); to them the name is unknown.
    """

    name: str
    expression: Expression | None = None
    label: str = ""
    kind: str = "text"
    second: Expression | None = None
    second_kind: str = "text"
    second_label: str = ""
    second_name: str = ""
    badges: tuple[Badge, ...] = ()
    choices: tuple[Choice, ...] = ()
    link: Link | str | None = None
    sort: Expression | None = None
    sortable: bool = True
    shown: bool = True
    right: str = ""
    phone: str = "hidden"
    narrow: bool = True
    title: str = ""
    fetch: Fetch | None = None
    extra: tuple[Expression, ...] = ()
    draw: Draw | None = None
    as_stored: bool = False
    order: int = 1000
    addon: str = ""

    @property
    def told_as_stored(self) -> bool:
        """Whether files and programs get what is stored: a list may draw numbers and moments its own way for people."""
        return self.draw is None or self.as_stored or (self.kind in _MEASURES and self.fetch is None)

    @property
    def sort_expression(self) -> Expression | None:
        """What the list is ordered by for this column, or nothing."""
        return (self.sort if self.sort is not None else self.expression) if self.sortable else None
