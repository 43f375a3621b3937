"""What a body may carry for a record, made from the fields of its form; the same services store it (SEC-4, SEC-7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from msgspec import Meta
from sqlalchemy import Column, String, inspect, select

from core.access.policy import Access
from core.db.base import MAX_ID, Record
from core.errors import Conflict, Invalid
from core.text.phones import parse_phone
from core.web import forms
from core.web.api.values import FILL_IN, NO_SUCH_FIELD, Say, Wrong, read_value
from core.web.form_fields import AtMost, Between, Required
from core.web.forms import OpenForm
from core.web.i18n import T
from core.web.listing.viewer import Viewer
from core.web.mounted import MountedScreen
from core.web.screens import Field, FormSection, Lookup

LONGEST_PHONE = 60
FIRST_YEAR, LAST_YEAR = 1900, 2200
EXAMPLES: dict[str, Any] = {
    "number": 5,
    "year": 2026,
    "money": 1810050,
    "moment": "2026-11-20T11:07:00Z",
    "day": "2026-11-20",
    "phone": "+79161234567",
    "bool": True,
    "lookup": 17,
}


@dataclass(frozen=True, slots=True)
class Input:
    """One field as a body carries it: its type for the parser, whether it may be empty, and what its absence means."""

    declared: Field
    kind: str
    type: Any
    required: bool
    nullable: bool
    blank: Any

    @property
    def name(self) -> str:
        """The name in the body."""
        return self.declared.name

    @property
    def example(self) -> Any:
        """A value for the documentation."""
        if self.declared.choices:
            return self.declared.choices[0].value
        return EXAMPLES.get(self.kind, "…")


def make_input(model: type[Record] | None, declared: Field) -> Input:
    """The input of a declared field; its limits are those of the form's field."""
    column = inspect(model).columns[declared.name] if model is not None else None
    checks = forms.make_field(model, declared).kwargs["validators"]
    kind = _kind(declared, column)
    nullable = bool(column.nullable) if column is not None else kind not in ("text", "long_text", "bool")
    return Input(
        declared=declared,
        kind=kind,
        type=_type(kind, declared, checks),
        required=any(isinstance(each, Required) for each in checks),
        nullable=nullable,
        blank=_blank(kind, declared, column, nullable=nullable),
    )


def _kind(declared: Field, column: Column[Any] | None) -> str:
    if declared.lookup is not None:
        return "lookup"
    if declared.choices:
        return "choice"
    return declared.kind or forms.kind_of(column)


def _type(kind: str, declared: Field, checks: Iterable[Any]) -> Any:
    """What the parser accepts, without emptiness."""
    if kind == "choice":
        return Literal[tuple(choice.value for choice in declared.choices)]
    if kind == "lookup":
        return Annotated[int, Meta(ge=1, le=MAX_ID)]
    plain = {"bool": bool, "day": date, "moment": Annotated[datetime, Meta(tz=True)]}
    if kind in plain:
        return plain[kind]
    if kind in ("number", "year", "money"):
        limits = next(each for each in checks if isinstance(each, Between))
        return Annotated[int, Meta(ge=limits.low, le=limits.high)]
    length = next((each.length for each in checks if isinstance(each, AtMost)), LONGEST_PHONE)
    return Annotated[str, Meta(max_length=length)]


def _blank(kind: str, declared: Field, column: Column[Any] | None, *, nullable: bool) -> Any:
    """What a field that is not sent means for a new record: what its empty form field would."""
    if declared.default is not None:
        return declared.default
    if column is not None and column.default is not None and column.default.is_scalar:
        return column.default.arg  # type: ignore[attr-defined]
    if nullable:
        return None
    is_text = isinstance(column.type, String) if column is not None else kind in ("text", "long_text")
    return "" if is_text else (False if kind == "bool" else None)


def taken(each: Input, value: Any, say: Say) -> Any:
    """A sent value as the service gets it.

    :raises Wrong: with the reason in words.
    """
    if value is None and (each.required or each.nullable):
        if each.required:
            raise Wrong(say(FILL_IN))
        return None
    cleaned = _cleaned(each, read_value(each.type, value, say), say)
    if each.required and cleaned in (None, ""):
        raise Wrong(say(FILL_IN))
    return cleaned


def _cleaned(each: Input, value: Any, say: Say) -> Any:
    """A value of the right type in the form it is stored in: trimmed, in UTC, E.164."""
    if each.kind == "long_text":
        return value.strip().replace("\r\n", "\n")
    if each.kind in ("text", "optional_text"):
        return value.strip() or (None if each.kind == "optional_text" and each.nullable else "")
    if each.kind == "phone":
        return _phone(each, value.strip(), say)
    if each.kind in ("moment", "day") and not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise Wrong(say(T("This is not a date.")))
    return value.astimezone(UTC) if each.kind == "moment" else value


def _phone(each: Input, text: str, say: Say) -> str | None:
    if not text:
        return None if each.nullable else ""
    phone = parse_phone(text)
    if phone is None:
        raise Wrong(say(T("This is not a phone number.")))
    return phone.e164


# --- a whole body -----------------------------------------------------------------------------


@dataclass
class SentForm(OpenForm):
    """A form that came as JSON: for the saving the same as one that came from a page."""

    sent: dict[str, Any] = field(default_factory=dict)
    sent_sections: dict[str, dict[str, Any]] = field(default_factory=dict)

    def values(self) -> dict[str, Any]:
        """The record's values, by column: all that the person may set, sent or as they were."""
        return self.sent

    def section_values(self, section: FormSection) -> dict[str, Any]:
        """The values of one addon's section."""
        return self.sent_sections[section.name]


@dataclass
class Inputs:
    """All inputs of one screen, made once."""

    mounted: MountedScreen
    own: dict[str, Input]
    sections: dict[str, dict[str, Input]]

    def usable(self, action: str, access: Access) -> dict[str, Input]:
        """The record's own inputs that this person may set."""
        return {name: each for name, each in self.own.items() if action in each.declared.on and _may(each, access)}

    def usable_sections(self, access: Access) -> dict[str, tuple[FormSection, dict[str, Input]]]:
        """The addons' sections that this person may set, with the inputs he may."""
        return {
            each.name: (each, {n: one for n, one in self.sections[each.name].items() if _may(one, access)})
            for each in self.mounted.form_sections
            if not each.right or access.may(each.right)
        }


def make_inputs(mounted: MountedScreen) -> Inputs:
    """The inputs of a screen and of the sections that addons add to it."""
    model = mounted.screen.model
    return Inputs(
        mounted,
        {each.name: make_input(model, each) for each in mounted.screen.fields() if each.on},
        {part.name: {each.name: make_input(None, each) for each in part.fields} for part in mounted.form_sections},
    )


def _may(each: Input, access: Access) -> bool:
    return each.declared.may_set(access)


def read_form(
    inputs: Inputs,
    action: str,
    viewer: Viewer,
    body: Mapping[str, Any],
    record: Record | None = None,
    confirmed: frozenset[str] = frozenset(),
) -> SentForm:
    """A checked form out of a body: what is not in it stays as it was.

    :param confirmed: the doubts that have been looked at (:class:`core.errors.Confirmation`).
    :raises Invalid: naming every field that is wrong, unknown, or not this person's to set.
    """
    own, sections = inputs.usable(action, viewer.access), inputs.usable_sections(viewer.access)
    say = viewer.translate
    errors = {name[:60]: [say(NO_SUCH_FIELD)] for name in body if name not in own and name not in sections}
    before = _before(own, record)
    values, wrong = _read(own, body, before, viewer, new=record is None)
    errors |= wrong
    sent_sections: dict[str, dict[str, Any]] = {}
    for name, (section, parts) in sections.items():
        if name in body:
            sent_sections[name], wrong = _read_section(section, parts, body[name], viewer, record)
            errors |= {f"{name}.{inner}" if inner else name: texts for inner, texts in wrong.items()}
    if errors:
        raise Invalid(errors)
    kept = [section for section, _ in sections.values() if section.name in sent_sections]
    declared = [each.declared for each in own.values()]
    return SentForm(None, inputs.mounted, declared, kept, confirmed=confirmed, sent=values, sent_sections=sent_sections)


def _before(own: Mapping[str, Input], record: Record | None) -> dict[str, Any]:
    if record is None:
        return {name: each.blank for name, each in own.items()}
    return {name: getattr(record, name) for name in own}


def _read(
    wanted: Mapping[str, Input], body: Mapping[str, Any], before: Mapping[str, Any], viewer: Viewer, *, new: bool
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The values of a group of fields, and what is wrong with them."""
    values, errors = dict(before), {}
    for name, each in wanted.items():
        try:
            if name in body:
                values[name] = taken(each, body[name], viewer.translate)
                _check_choice(each, values[name], before.get(name), viewer)
            elif new and each.required and values.get(name) in (None, ""):
                raise Wrong(viewer.translate(FILL_IN))
        except Wrong as wrong:
            errors[name] = [str(wrong)]
    return values, errors


def _read_section(
    section: FormSection, parts: Mapping[str, Input], body: Any, viewer: Viewer, record: Record | None
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    if not isinstance(body, dict):
        return {}, {"": [viewer.translate(T("An object is expected here."))]}
    before = {name: each.blank for name, each in parts.items()} | load_section(section, viewer, record)
    values, errors = _read(parts, body, before, viewer, new=record is None)
    errors |= {name[:60]: [viewer.translate(NO_SUCH_FIELD)] for name in body if name not in parts}
    return {name: value for name, value in values.items() if name in parts}, errors


def load_section(section: FormSection, viewer: Viewer, record: Record | None) -> dict[str, Any]:
    """What an addon has stored for its section.

    :raises Conflict: when the addon fails: saving the rest would blank what it keeps.
    """
    session = viewer.session
    answer = session.hooks.run_guarded(
        session, section.addon, "form_sections", lambda: dict(section.load(session, record))
    )
    if answer.error:
        raise Conflict(T("The part “%(part)s” cannot be read now. Nothing was saved."), part=T(section.title))
    loaded: dict[str, Any] = answer.value
    return loaded


def _check_choice(each: Input, value: Any, before: Any, viewer: Viewer) -> None:
    """Refuse the id of a record that is not there to be chosen; what was chosen before may stay."""
    lookup = each.declared.lookup
    if lookup is not None and value is not None and value != before and not _offered(lookup, value, viewer):
        raise Wrong(viewer.translate(T("There is no such record to choose.")))


def _offered(lookup: Lookup, record_id: int, viewer: Viewer) -> bool:
    statement = select(lookup.model.id).where(lookup.model.id == record_id, *lookup.where)
    return viewer.session.scalar(statement.execution_options(**lookup.options(viewer.session.access))) is not None
