"""The fields of a form and the lines of a card, by section; the sections that addons add."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import SQLColumnExpression

from core.db.base import Record
from core.web.listing.language import Expression
from core.web.screens.columns import Choice

if TYPE_CHECKING:
    from core.access.policy import Access
    from core.db.engine import WorkSession
    from core.web.listing.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Lookup:
    """How a foreign key is chosen and shown: the records of ``model`` by their ``label``.

    ``search`` is a mapped column with a search index; without it the few rows are all offered as a plain select.
    ``where`` limits what may be chosen, ``among(access)`` what this person may choose of it; row rules apply by themselves. Whoever has the ``right`` chooses under it
    instead of under the model's own, where its rule allows that. What is stored stays, whoever may see it.
    ``second`` is told beside each that is offered; ``facts`` beside the chosen one too, each with the kind that writes
    it (``plate``). ``near`` is another field of the same form and the column that says the same: those that agree with it
    are offered first. ``words(viewer)`` is what those of a select are called, by number and in their order, where the
    ``label`` alone does not tell one from another.
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
    words: Callable[[Viewer], Mapping[int, str]] | None = None

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
