"""The screen of a model as a whole: its list, card and form, and the services behind them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, SQLColumnExpression

from core.db.base import Record
from core.web.listing.filters import Filter
from core.web.screens.actions import Action, BulkAction
from core.web.screens.columns import Choice, Column, Join
from core.web.screens.fields import Field, Section
from core.web.screens.lists import Grouping, ReadyFilter
from core.web.screens.panels import Panel, Strip, View

if TYPE_CHECKING:
    from core.db.engine import WorkSession
    from core.errors import Doubt
    from core.web.http import Request


@dataclass(frozen=True, slots=True)
class Origin:
    """What a new record can come from: ``?contact=17`` in the address of the empty form, and of the form that is sent.

    :param name: the name there; its value is the number of the other record.
    :param begin: what the form is filled with; raises ``NotFound`` for a record the person must not know of.
    :param create: stores the new record and links the two, instead of the screen's own ``create``.
    :param settles: fields that the other record answers; the form leaves them out.
    :param told: what the form shows of the other record: a template, and what it needs of the record by its number;
        ``None`` where there is nothing to show.
    :param doubts: what to look at first because of the other record, by its number and the form's values.
    """

    name: str
    begin: Callable[[WorkSession, int], Mapping[str, Any]]
    create: Callable[[WorkSession, int, dict[str, Any]], Record]
    settles: tuple[str, ...] = ()
    told: tuple[str, Callable[[WorkSession, int], Mapping[str, Any] | None]] | None = None
    doubts: Callable[[WorkSession, int, Mapping[str, Any]], Sequence[Doubt]] = lambda _session, _number, _values: ()


Search = Callable[["WorkSession", str], ColumnElement[bool]]
Create = Callable[["WorkSession", dict[str, Any]], Record]
Change = Callable[["WorkSession", Any, dict[str, Any]], object]
Delete = Callable[["WorkSession", Any], object]
Doubts = Callable[["WorkSession", Any, Mapping[str, Any]], Sequence["Doubt"]]
Fill = Callable[["WorkSession", Any, Mapping[str, str], str], Mapping[str, str]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Screen:
    """Everything core needs to know of a model to draw its list, card and form.

    ``key`` is ``<addon>.<word>`` and names the endpoints: ``parking.passes`` is the list, ``parking.passes.card``
    the card. ``thing`` gives the rights: ``<thing>.read``, ``.create``, ``.change``, ``.delete``, ``.export``.
    ``search`` is a mapped column with a search index, or a :data:`Search`; ``where`` is a condition every row meets;
    ``unless_asked`` are conditions they meet as long as the filter of that name is not used, nor any of those names.
    ``order`` are columns' names, ``-at`` for descending; the id is added.
    ``allow`` lists which of ``create``, ``change``, ``delete`` are generated; ``create``, ``change`` and ``delete``
    are services used instead of plain attribute setting. ``templates`` replaces ``list``, ``card`` or ``form``;
    ``card_context(session, record)`` feeds such a template. ``panels(request, record)`` are the owner's own boxes on
    the card, beside those of the hook ``card_panels``. Without ``export`` the rows never leave as a file.
    ``doubts(session, record or None, values)`` tells what a person has to look at before the form is saved; the values
    of an addon's section stand under its name. ``fills`` are buttons of the form, named ``fill``, that save nothing: the
    form comes again with the fields that ``fill(session, record or None, sent, what)`` returns, or with what it raises ``Invalid`` for; a button's value is the
    name there, and after a colon ``what`` it means. ``fixed(record)`` names the fields that cannot change any more: the form
    shows them only, and ``change`` refuses them to whoever sends them all the same. ``origins`` are what a new record can come from. ``numbers``
    are names under which the screen's own form sends any number of records' numbers; ``create`` gets them as tuples, and
    ``change`` where the form sends the name at all. ``together`` are buttons over the selected rows whose endpoint gets all their numbers (POST, ``id``), for what is done with several at once. ``successor(record)`` is the number of
    the record that this one has become; its card leads there. ``shown_at(request, record)`` is the address of the page
    a record really has; the card leads there, and is shown itself where there is none. A ``directory`` is reached by
    the page of all directories.
    """

    key: str
    model: type[Record]
    thing: str
    path: str
    title: str
    one: str
    columns: tuple[Column, ...]
    icon: str = "list"
    menu: str = ""
    joins: tuple[Join, ...] = ()
    where: tuple[SQLColumnExpression[bool], ...] = ()
    unless_asked: Mapping[str | tuple[str, ...], SQLColumnExpression[bool]] = field(default_factory=dict)
    filters: tuple[Filter, ...] = ()
    search: Any = None
    order: tuple[str, ...] = ()
    groupings: tuple[Grouping, ...] = ()
    ready: tuple[ReadyFilter, ...] = ()
    views: tuple[View, ...] = ()
    strip: Strip | None = None
    bulk: tuple[BulkAction, ...] = ()
    actions: tuple[Action, ...] = ()
    card_actions: tuple[Action, ...] = ()
    sections: tuple[Section, ...] = ()
    allow: frozenset[str] = frozenset({"create", "change", "delete"})
    create: Create | None = None
    origins: tuple[Origin, ...] = ()
    numbers: tuple[str, ...] = ()
    change: Change | None = None
    delete: Delete | None = None
    doubts: Doubts | None = None
    fills: Mapping[str, Fill] = field(default_factory=dict)
    fixed: Callable[[Any], Collection[str]] | None = None
    together: tuple[Action, ...] = ()
    successor: Callable[[Any], int | None] | None = None
    shown_at: Callable[[Request, Any], str] | None = None
    named: Callable[[Any], str] | None = None
    templates: Mapping[str, str] = field(default_factory=dict)
    card_context: Callable[[WorkSession, Any], Mapping[str, Any]] | None = None
    panels: Callable[[Request, Any], Sequence[Panel]] | None = None
    export: bool = True
    page_size: int = 80
    directory: bool = False

    @property
    def owner(self) -> str:
        """The addon (or ``core``) the screen belongs to."""
        return self.key.partition(".")[0]

    @property
    def word(self) -> str:
        """The screen's name within its addon: its endpoints' prefix there."""
        return self.key.partition(".")[2]

    def right(self, action: str) -> str:
        """The right for an action on this screen's records."""
        return f"{self.thing}.{action}"

    def endpoint(self, part: str = "") -> str:
        """The endpoint of one of the generated pages; the list without a part."""
        return f"{self.key}.{part}" if part else self.key

    def fields(self) -> tuple[Field, ...]:
        """All fields of the form in their order."""
        return tuple(each for section in self.sections for each in section.fields)

    def name_of(self, record: Record) -> str:
        """What people call a record: its name, title or number."""
        if self.named is not None:
            return self.named(record)
        texts = (getattr(record, name, "") for name in ("name", "title", "number", "login"))
        return next((str(text) for text in texts if text), f"#{record.id}")


def with_choices(screen: Screen, **choices: tuple[Choice, ...]) -> Screen:
    """The screen with these choices wherever it names what they are of: in columns, filters, groupings and fields.

    For a vocabulary that other addons add to: ``with_choices(TRAFFIC, channel=channel_choices(hooks))``.
    """

    def told(parts: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            replace(each, choices=choices[each.name]) if each.name in choices and hasattr(each, "choices") else each
            for each in parts
        )

    return replace(
        screen,
        columns=told(screen.columns),
        filters=told(screen.filters),
        groupings=told(screen.groupings),
        sections=tuple(replace(section, fields=told(section.fields)) for section in screen.sections),
    )
