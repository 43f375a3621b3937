"""A screen as a declaration: which list, card and form a model gets, without any drawing.

An addon writes ``screens.py`` with :class:`Screen` objects and returns them from its hook ``screens``.
From one declaration come the list, the card, the form and the look-ups of a model; other addons add
columns, filters, sections, panels and actions by hooks. Wrong names are found at start by
:func:`core.web.screen_checks.check`, all at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, SQLColumnExpression

from core.db.base import Record
from core.db.kept import Read
from core.web.i18n import T
from core.web.listing.filters import (
    ChoiceFilter,
    ConditionFilter,
    Filter,
    FlagFilter,
    LookupFilter,
    Option,
    PeriodFilter,
    PersonFilter,
    RangeFilter,
    TextFilter,
)
from core.web.listing.language import Expression, InLanguage, named_by

if TYPE_CHECKING:
    from core.access.policy import Access
    from core.db.engine import WorkSession
    from core.errors import Doubt
    from core.web.http import Request
    from core.web.listing.cells import Formats
    from core.web.listing.export import Table

Fetch = Callable[["WorkSession", Sequence[int]], Mapping[int, Any]]
"""``fetch(session, ids)`` gives an addon's values for all rows of a page at once: ``{id: value}``."""

Search = Callable[["WorkSession", str], ColumnElement[bool]]
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


_MEASURES = frozenset({"moment", "day", "number", "year", "money"})
"""Kinds of values that a sheet or a program calculates with."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list.

    The owner's column has an ``expression`` that SQL gives; an addon's has ``fetch``, called once a page.
    ``kind`` says how values are shown (:data:`core.web.listing.cells.KINDS`); ``draw`` shows them its own way and,
    with ``extra`` expressions, gets tuples of all of them. ``order`` places an addon's column among the owner's,
    which count 10, 20, 30 …; ``narrow`` is whether tablets show it too. ``second`` is a line under the value, in an
    export a column of its own, named by ``second_label``.
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
    order: int = 1000
    addon: str = ""

    @property
    def told_as_stored(self) -> bool:
        """Whether files and programs get what is stored: a list may draw numbers and moments its own way for people."""
        return self.draw is None or (self.kind in _MEASURES and self.fetch is None)

    @property
    def sort_expression(self) -> Expression | None:
        """What the list is ordered by for this column, or nothing."""
        return (self.sort if self.sort is not None else self.expression) if self.sortable else None


@dataclass(frozen=True, slots=True)
class Total:
    """A figure of each group besides its count: ``Total("amount", func.sum(Document.amount), kind="money")``."""

    name: str
    expression: ColumnElement[Any]
    label: str
    kind: str = "number"


@dataclass(frozen=True, slots=True)
class Grouping:
    """A way to group the rows: ``key`` tells the groups apart and orders them, ``title`` is what people read.

    ``words(viewer)`` gives the titles by key instead, asked for once a page.
    """

    name: str
    label: str
    key: SQLColumnExpression[Any]
    title: Expression | None = None
    choices: tuple[Choice, ...] = ()
    totals: tuple[Total, ...] = ()
    empty: str = T("Nobody")
    right: str = ""
    words: Callable[[Any], Mapping[Any, str]] | None = None
    addon: str = ""


@dataclass(frozen=True, slots=True)
class ReadyFilter:
    """A saved filter that is shipped: a tab over the list. ``query`` is what stands in the address."""

    name: str
    title: str
    query: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    right: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """Another way to look at the filtered rows.

    ``load(viewer, conditions)`` gives the template its context; the conditions are those of the filter, on the
    screen's model. The template extends ``screens/list.html`` and replaces its block ``table``. ``table(viewer,
    conditions)`` gives the ``Table`` that is exported while the view is shown, instead of the rows.
    """

    name: str
    label: str
    icon: str
    template: str
    load: Callable[..., Mapping[str, Any]]
    right: str = ""
    table: Callable[..., Table] | None = None


@dataclass(frozen=True, slots=True)
class Strip:
    """A panel between filters and table; it follows the filters. An addon's failure shows as a box.

    ``load(viewer, conditions)`` gives what the template needs for the rows that meet the conditions.
    """

    template: str
    load: Callable[..., Mapping[str, Any]]
    right: str = ""
    addon: str = ""


@dataclass(frozen=True, slots=True)
class BulkAction:
    """Something done with the selected rows, or with all rows of the filter; each row is checked by itself.

    ``run(session, record, values)`` raises a ``Refusal`` for a row that cannot be done. ``fields`` are asked first.
    """

    name: str
    label: str
    run: Callable[[WorkSession, Any, Mapping[str, Any]], object]
    right: str
    icon: str = ""
    fields: tuple[Field, ...] = ()
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """A button: of the list (``endpoint`` without arguments) or of the card (it gets ``record_id``).

    ``post`` makes it a form; ``key`` is printed on it and obeyed. Hidden without ``right``.
    """

    name: str
    label: str
    endpoint: str
    right: str
    icon: str = ""
    kind: str = "plain"
    key: str = ""
    post: bool = False
    order: int = 100
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Panel:
    """A box on a card: a template and its context. ``place`` is ``main``, ``side`` or ``before``.

    ``early`` brings it right under the head of the card on a phone, as what one is called for.

    ``reads`` are the statements it needs; those of all boxes of a card run as one. ``load`` is given their rows by
    name and returns what the template needs, or ``None`` when there is nothing to show: then there is no box.
    """

    name: str
    title: str
    template: str
    load: Callable[..., Mapping[str, Any] | None]
    order: int = 100
    place: str = "main"
    right: str = ""
    reads: Mapping[str, Read] = field(default_factory=dict)
    early: bool = False


@dataclass(frozen=True, slots=True)
class Lookup:
    """How a foreign key is chosen and shown: the records of ``model`` by their ``label``.

    ``search`` is a mapped column with a search index; without it the few rows are all offered as a plain select.
    ``where`` limits what may be chosen, ``among(access)`` what this person may choose of it; row rules apply by themselves. Whoever has the ``right`` chooses under it
    instead of under the model's own, where its rule allows that. What is stored stays, whoever may see it.
    ``second`` is told beside each that is offered; ``facts`` beside the chosen one too, each with the kind that writes
    it (``plate``). ``near`` is another field of the same form and the column that says the same: those that agree with it
    are offered first.
    """

    model: type[Record]
    label: Expression
    second: Expression | None = None
    search: Any = None
    where: tuple[SQLColumnExpression[bool], ...] = ()
    among: Callable[[Access], SQLColumnExpression[bool]] | None = None
    right: str = ""
    endpoint: str = ""
    facts: tuple[tuple[Expression, str], ...] = ()
    near: tuple[str, SQLColumnExpression[Any]] | None = None

    def choosable(self, access: Access) -> tuple[SQLColumnExpression[bool], ...]:
        """The conditions of what this person may choose."""
        return self.where if self.among is None else (*self.where, self.among(access))

    def options(self, access: Access) -> dict[str, str]:
        """How its statements are run for this person."""
        return {"right": self.right} if access.may(self.right) else {}


@dataclass(frozen=True, slots=True)
class Follows:
    """What the choice in another field, the ``leader``, makes of this one, in the form as it is changed and on the card.

    ``labels`` are this field's names by the value chosen there; a box is ``ticked`` and locked for those values,
    and the service has to see to the same. For the ``unasked`` values an empty field is not shown.
    """

    leader: str
    labels: Mapping[str, str] = field(default_factory=dict)
    ticked: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A record that a look-up may lack: a button leads to the form that makes it, and that form back with it chosen.

    What was typed is kept meanwhile.

    :param screen: the key of the screen whose form makes it.
    :param right: who has the button: the right to create there.
    :param label: what the button says, a msgid.
    :param proposed: what that form begins with, by the names in its address: its fields, those of sections as
        ``section-field``; made of what was typed so far, with the number of the record that the new one comes from
        under the origin's name.
    """

    screen: str
    right: str
    label: str
    proposed: Callable[[WorkSession, Mapping[str, str]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form and line of the card, named after a column of the model.

    What is not said comes from the column: type, length, whether it may be empty. ``on`` tells where it
    is bound: in ``create``, in ``change``, or in neither (then it is only shown). ``right`` hides it (SEC-4);
    without ``set_right`` it is shown and never bound. ``beside`` are look-ups whose titles this text may repeat:
    a card shows it where it says more than they do. ``longest`` is for a text that may be typed longer than its column
    is, because the service keeps it shorter. ``on_card`` is its name on the card, where that of the form only reads well
    beside the form's other fields. ``if_several`` leaves the select out of the form of whoever has at most one thing to
    choose there, and ``preset(session)`` is what it begins with where the form knows of nothing else. ``fault(text)`` says what is wrong with a text that was typed, empty when nothing is:
    the service refuses the same, but a form tells all its mistakes at once. ``made`` is for a look-up of a new record. ``written(value)`` is how people read the stored value,
    on the card and in the form; the service takes it back.
    """

    name: str
    label: str
    kind: str = ""
    choices: tuple[Choice, ...] = ()
    lookup: Lookup | None = None
    required: bool | None = None
    hint: str = ""
    wide: bool = False
    on: tuple[str, ...] = ("create", "change")
    right: str = ""
    set_right: str = ""
    default: Any = None
    minimum: int | None = None
    maximum: int | None = None
    longest: int | None = None
    follows: Follows | None = None
    beside: tuple[str, ...] = ()
    on_card: str = ""
    if_several: bool = False
    preset: Callable[[WorkSession], Any] | None = None
    fault: Callable[[str], str] | None = None
    made: Made | None = None
    written: Callable[[Any], str] | None = None

    def may_set(self, access: Access) -> bool:
        """Whether this person may fill it in."""
        return all(access.may(right) for right in (self.right, self.set_right) if right)

    def label_of(self, record: Any) -> str:
        """Its name on this record's card, for what the record says in the field it follows."""
        label = self.on_card or self.label
        if self.follows is None:
            return label
        return self.follows.labels.get(str(getattr(record, self.follows.leader)), label)


@dataclass(frozen=True, slots=True)
class Missing:
    """What a card says in place of a section's fields when none is filled in, and the button to the first of them.

    ``matters(record)`` tells whether it is worth saying of this record. It is said only to who may see all of the fields:
    of the others it could be untrue, and leaving it out only where it is would tell what they hold (SEC-4).
    """

    text: str
    button: str
    matters: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Section:
    """A group of fields with a heading. A card leaves it out when nothing is filled in, unless something is ``missing``."""

    title: str
    fields: tuple[Field, ...]
    name: str = ""
    missing: Missing | None = None


@dataclass(frozen=True, slots=True)
class FormSection:
    """What an addon adds to another's form: fields of its own table, loaded and saved by itself.

    ``load(session, record)`` gives the values (``record`` is ``None`` on a new form); ``save(session, record, values)``
    runs in the owner's transaction after the owner's save, and what it raises undoes both. It stands at the end of the
    form, or right after the owner's field that ``after`` names.

    ``template`` draws the fields in another way than one below the other: it is given the section's ``form``, the
    ``action`` that the whole form is sent to, and what ``told(session, record, texts)`` returns; ``texts`` is what the whole form holds, by the names of its fields
    (``<section>-<field>``).
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    load: Callable[[WorkSession, Any], Mapping[str, Any]]
    save: Callable[[WorkSession, Any, Mapping[str, Any]], object]
    order: int = 100
    right: str = ""
    addon: str = ""
    after: str = ""
    template: str = ""
    told: Callable[[WorkSession, Any, Mapping[str, str]], Mapping[str, Any]] | None = None


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


Create = Callable[["WorkSession", dict[str, Any]], Record]
Change = Callable[["WorkSession", Any, dict[str, Any]], object]
Delete = Callable[["WorkSession", Any], object]
Doubts = Callable[["WorkSession", Any, Mapping[str, Any]], Sequence["Doubt"]]
Fill = Callable[["WorkSession", Any, Mapping[str, str], str], Mapping[str, str]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Screen:
    """Everything core needs to know of a model to draw its list, card and form.

    ``key`` is ``<addon>.<word>`` and names the endpoints: ``contacts.traffic`` is the list, ``contacts.traffic.card``
    the card. ``thing`` gives the rights: ``<thing>.read``, ``.create``, ``.change``, ``.delete``, ``.export``.
    ``search`` is a mapped column with a search index, or a :data:`Search`; ``where`` is a condition every row meets;
    ``unless_asked`` are conditions they meet as long as the filter of that name is not used.
    ``order`` are columns' names, ``-at`` for descending; the id is added.
    ``allow`` lists which of ``create``, ``change``, ``delete`` are generated; ``create``, ``change`` and ``delete``
    are services used instead of plain attribute setting. ``templates`` replaces ``list``, ``card`` or ``form``;
    ``card_context(session, record)`` feeds such a template. ``panels(request, record)`` are the owner's own boxes on
    the card, beside those of the hook ``card_panels``. Without ``export`` the rows never leave as a file.
    ``doubts(session, record or None, values)`` tells what a person has to look at before the form is saved; the values
    of an addon's section stand under its name. ``fills`` are buttons of the form, named ``fill``, that save nothing: the
    form comes again with the fields that ``fill(session, record or None, sent, what)`` returns; a button's value is the
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
    unless_asked: Mapping[str, SQLColumnExpression[bool]] = field(default_factory=dict)
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


__all__ = [
    "CARD",
    "Action",
    "Badge",
    "BulkAction",
    "Choice",
    "ChoiceFilter",
    "Column",
    "ConditionFilter",
    "Expression",
    "Field",
    "Filter",
    "FlagFilter",
    "Follows",
    "FormSection",
    "Grouping",
    "InLanguage",
    "Join",
    "Link",
    "Lookup",
    "LookupFilter",
    "Missing",
    "Option",
    "Panel",
    "PeriodFilter",
    "PersonFilter",
    "RangeFilter",
    "ReadyFilter",
    "Screen",
    "Section",
    "Strip",
    "TextFilter",
    "Total",
    "View",
    "named_by",
    "with_choices",
]
