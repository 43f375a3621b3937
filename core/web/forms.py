"""Forms out of declarations: built once for each screen and addon set, bound to explicit fields only (SEC-7).

A form is three steps without any HTML: :func:`open_form` reads what was sent or stored, ``form.validate()`` checks
it, :func:`save` hands the values to the screen's service and then to the sections of addons, in one transaction.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Boolean, Column, Date, Integer, String, Text, inspect
from sqlalchemy.sql.type_api import TypeEngine
from werkzeug.datastructures import MultiDict
from wtforms import Form, FormField

from core import logs
from core.access.policy import Access
from core.db.base import Record
from core.db.engine import WorkSession
from core.db.types import MAX_BIG, Money, UtcDateTime
from core.errors import Doubt, Invalid, confirm
from core.web import form_fields as fields
from core.web import versions
from core.web.errors import is_fault
from core.web.http import lines_of, number_of
from core.web.listing.viewer import Viewer
from core.web.mounted import MountedScreen
from core.web.screens import Field, FormSection

if TYPE_CHECKING:
    from core.web.screens import Screen

CONFIRMED = "confirmed"
"""The field of the answer to :class:`core.errors.Confirmation`: the keys of the doubts that were looked at."""

OUR_OWN = frozenset(
    {"csrf_token", "once", "version", "list", "draft", "keep", "fill", CONFIRMED, versions.WAS, versions.CHOOSING}
)
"""Fields of every generated form that are no field of the record."""

PROTECTED = frozenset({"id", "version", "created_at", "created_by_id", "updated_at", "updated_by_id"})
"""Columns no form may bind (SEC-7)."""

MARK = "section."
MAX_INT = 2**31 - 1

log = structlog.get_logger("forecourt.forms")


class BoundForm(Form):  # type: ignore[misc]
    """The base of all generated forms: its words and time zone are the person's."""

    class Meta:
        """How WTForms finds the words; the form token is the host's business, not the form's."""

        csrf = False
        viewer: Viewer

        def get_translations(self, _form: Form) -> _Words:
            """The person's language."""
            return _Words(self.viewer)


class _Words:
    """WTForms' idea of a translator, in terms of ours."""

    def __init__(self, viewer: Viewer) -> None:
        self._translate = viewer.translate

    def gettext(self, text: str) -> str:
        """A message with its places still empty."""
        return self._translate(text)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Our own messages have no plurals; the library's fall back to the many."""
        return self._translate(singular if number == 1 else plural)


@dataclass
class OpenForm:
    """A form in somebody's hands: the WTForms object, which fields are the record's, which sections are there."""

    form: Any
    mounted: MountedScreen
    own: list[Field]
    sections: list[FormSection]
    failed: list[str] = field(default_factory=list)
    confirmed: frozenset[str] = frozenset()
    was: str = ""
    """What the fields held when the form was opened, as :mod:`core.web.versions` writes it."""
    numbers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """What was sent besides the fields (:attr:`core.web.screens.Screen.numbers`), or a new record begins with."""

    def validate(self) -> bool:
        """Whether everything can be saved; messages stand at their fields."""
        return bool(self.form.validate())

    @property
    def errors(self) -> dict[str, list[str]]:
        """Messages by field name, those of addons' sections as ``section-field``."""
        found: dict[str, list[str]] = {}
        for name, messages in self.form.errors.items():
            if isinstance(messages, dict):
                found |= {f"{name}-{inner}": list(texts) for inner, texts in messages.items()}
            else:
                found[name] = list(messages)
        return found

    def values(self) -> dict[str, Any]:
        """The record's values, by column; an empty field of a column that is never empty gives its blank or default."""
        columns = inspect(self.mounted.screen.model).columns
        own = {each.name: _never_none(self.form[each.name].data, columns.get(each.name)) for each in self.own}
        return {**own, **self.numbers}

    def texts(self) -> dict[str, str]:
        """What the fields hold, as a form sends it, by the names it has there; what cannot be read stays as typed."""
        added = (bound for section in self.sections for _, bound in self.section_fields(section))
        return {bound.name: _text(bound) for bound in (*(self.form[each.name] for each in self.own), *added)}

    def section_fields(self, section: FormSection) -> Iterator[tuple[Field, Any]]:
        """The fields of one addon's section that this person may fill in, each with what holds its value."""
        inner = self.form[section.name].form
        return ((each, inner[each.name]) for each in section.fields if each.name in inner)

    def section_values(self, section: FormSection) -> dict[str, Any]:
        """The values of one addon's section."""
        return {each.name: bound.data for each, bound in self.section_fields(section)}


def open_form(
    mounted: MountedScreen,
    action: str,
    viewer: Viewer,
    sent: MultiDict[str, str] | None = None,
    record: Record | None = None,
    defaults: Mapping[str, Any] | None = None,
    settled: Collection[str] = (),
) -> OpenForm:
    """The form for ``create`` or ``change``: filled with what was sent, else with the record or the defaults.

    Fields and sections without the person's right are not in it; an addon whose section cannot be
    loaded is left out and named in ``failed``.

    :param settled: fields that are answered already.
    """
    access, session = viewer.access, viewer.session
    left_out = {*settled, *_fixed(mounted, record, sent)}
    own = [
        each
        for each in mounted.screen.fields()
        if action in each.on and each.may_set(access) and each.name not in left_out
    ]
    sections = [each for each in mounted.form_sections if _allowed(each, access) and _came(each, sent)]
    loaded, failed = _load(session, sections, record)
    kept = [section for section in sections if section.name in loaded]
    if record is None and defaults:
        loaded = {name: {**values, **defaults.get(name, {})} for name, values in loaded.items()}
    data = {each.name: _stored(session, record, each, defaults) for each in own} | loaded
    form = form_class(mounted, action)(sent, data=data, meta={"viewer": viewer})
    own = [each for each in own if not each.if_several or form[each.name].is_choice()]
    _prune(form, {each.name for each in own} | {each.name for each in kept}, kept, access)
    speak(form, viewer)
    _follow(form, own, viewer)
    if sent is not None:
        _read_typed_lookups(form, sent)
        _note_strangers(mounted, form, sent)
    confirmed = frozenset(sent.get(CONFIRMED, "").split()) if sent is not None else frozenset()
    opened = OpenForm(form, mounted, own, kept, failed, confirmed)
    opened.numbers = _numbers(mounted, action, sent, defaults or {})
    opened.was = sent.get(versions.WAS, "") if sent is not None else versions.written(opened.texts())
    return opened


def taken_up(
    mounted: MountedScreen,
    action: str,
    viewer: Viewer,
    draft: Mapping[str, Any],
    record: Record | None = None,
    defaults: Mapping[str, Any] | None = None,
) -> MultiDict[str, str]:
    """A draft as if its form was sent now; sections that were not there when it was kept are as the record has them.

    :param defaults: what a new record begins with.
    """
    sent: MultiDict[str, str] = MultiDict(draft)
    absent = {each.name for each in mounted.form_sections if not _came(each, sent)}
    if not absent:
        return sent
    fresh = open_form(mounted, action, viewer, None, record, defaults)
    added = [section for section in fresh.sections if section.name in absent]
    texts = {bound.name: _text(bound) for section in added for _, bound in fresh.section_fields(section)}
    for name, text in (texts | {f"{MARK}{section.name}": "1" for section in added}).items():
        sent[name] = text
    if versions.WAS in sent:
        sent[versions.WAS] = versions.written(versions.held(sent[versions.WAS]) | texts)
    return sent


def _fixed(mounted: MountedScreen, record: Record | None, sent: MultiDict[str, str] | None) -> set[str]:
    """The fields that are shown only; one that is sent all the same is bound, so that the service can refuse it."""
    if record is None or mounted.screen.fixed is None:
        return set()
    return {name for name in mounted.screen.fixed(record) if sent is None or name not in sent}


def _numbers(
    mounted: MountedScreen, action: str, sent: MultiDict[str, str] | None, defaults: Mapping[str, Any]
) -> dict[str, tuple[int, ...]]:
    """The numbers among what was sent under the screen's names; a change that does not name them leaves them alone."""
    names = mounted.screen.numbers
    if sent is None:
        return {name: tuple(defaults.get(name, ())) for name in names if action == "create"}
    texts = {name: sent.getlist(name) for name in names if action == "create" or name in sent}
    return {
        name: tuple(number for number in map(number_of, each) if number is not None) for name, each in texts.items()
    }


def save(
    session: WorkSession,
    opened: OpenForm,
    record: Record | None,
    create: Callable[[WorkSession, dict[str, Any]], Record] | None = None,
    doubts: Callable[[WorkSession, Mapping[str, Any]], Sequence[Doubt]] = lambda _session, _values: (),
) -> Record:
    """Store a valid form: the record by the screen's service, then the addons' sections, all or nothing.

    :param create: how a new record is stored, where it comes from another one.
    :param doubts: what to look at first because of that other one.
    :raises Invalid: when a service finds a mistake; its fields are the form's.
    :raises Confirmation: when there is something to look at first that has not been confirmed.
    """
    screen, values = opened.mounted.screen, opened.values()
    found = [*doubts(session, values)]
    if screen.doubts is not None:
        added = {section.name: opened.section_values(section) for section in opened.sections}
        found += screen.doubts(session, record, values | added)
    confirm(found, opened.confirmed)
    if record is None:
        make = create or screen.create
        record = make(session, values) if make is not None else _create(session, screen, values)
    elif screen.change is not None:
        screen.change(session, record, values)
    else:
        _assign(record, values)
    session.flush()
    for section in opened.sections:
        try:
            _save_section(session, section, record, opened.section_values(section))
        except Invalid as refusal:
            named = {f"{section.name}-{name}": texts for name, texts in refusal.errors.items()}
            raise Invalid(named, refusal.message, **refusal.values) from refusal
    session.flush()
    return record


def _save_section(session: WorkSession, section: FormSection, record: Record, values: dict[str, Any]) -> None:
    """Written at once, so that also what the database refuses is its addon's, in the figures and in the log."""

    def store() -> None:
        section.save(session, record, values)
        session.flush()

    try:
        session.hooks.run_unguarded(section.addon, "form_sections", store, is_fault)
    except Exception as error:
        if is_fault(error):
            logs.add(addon=section.addon)  # the request is another's
        raise


def _create(session: WorkSession, screen: Screen, values: Mapping[str, Any]) -> Record:
    record = screen.model()
    _assign(record, values)
    session.add(record)
    return record


def _assign(record: Record, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(record, name, value)


# --- the form's class -------------------------------------------------------------------------


def form_class(mounted: MountedScreen, action: str) -> type[BoundForm]:
    """The class of a screen's form for an action; built at first use, for building costs more than filling."""
    key = (action,)
    if key not in mounted.forms:
        parts: dict[str, Any] = {
            each.name: make_field(mounted.screen.model, each) for each in mounted.screen.fields() if action in each.on
        }
        for section in mounted.form_sections:
            inner = {each.name: make_field(None, each) for each in section.fields}
            parts[section.name] = fields.SectionField(type("SectionForm", (BoundForm,), inner), label=section.title)
        mounted.forms[key] = type("ScreenForm", (BoundForm,), parts)
    built: type[BoundForm] = mounted.forms[key]
    return built


def make_field(model: type[Record] | None, declared: Field) -> Any:
    """The WTForms field of a declared one: kind, length and emptiness come from the column where not said."""
    column = inspect(model).columns[declared.name] if model is not None else None
    required = _required(declared, column)
    checks: list[Any] = [fields.Required()] if required else []
    common = {"description": declared.hint, "default": declared.default}
    if declared.lookup is not None:
        return fields.LookupField(
            declared.label, lookup=declared.lookup, empty=not required, validators=checks, **common
        )
    if declared.choices:
        return fields.ChoiceField(
            declared.label, offered=declared.choices, empty=not required, validators=checks, **common
        )
    kind = declared.kind or kind_of(column)
    checks += _limits(kind, declared, column)
    checks += [fields.Faultless(declared.fault)] if declared.fault is not None else []
    return _FIELDS[kind](declared.label, validators=checks, **common)


_FIELDS: dict[str, Any] = {
    "text": fields.TextField,
    "optional_text": fields.NullableTextField,
    "long_text": fields.LongTextField,
    "number": fields.WholeField,
    "year": fields.WholeField,
    "money": fields.MoneyField,
    "moment": fields.MomentField,
    "day": fields.DayField,
    "phone": fields.PhoneField,
    "bool": fields.YesNoField,
}
FIELD_KINDS = frozenset(_FIELDS)


def kind_of(column: Column[Any] | None) -> str:
    """The kind of field a column wants; raises ``ValueError`` for a type no field can hold."""
    if column is None:
        return "text"
    kind: TypeEngine[Any] = column.type
    if isinstance(kind, Text):
        return "long_text"
    if isinstance(kind, String):
        return "optional_text" if column.nullable else "text"
    for known, name in (
        (Money, "money"),
        (UtcDateTime, "moment"),
        (Date, "day"),
        (Boolean, "bool"),
        (Integer, "number"),
    ):
        if isinstance(kind, known):
            return name
    raise ValueError(f"no form field for {kind!r}")


def _required(declared: Field, column: Column[Any] | None) -> bool:
    if declared.required is not None:
        return declared.required
    if column is None or isinstance(column.type, Boolean):
        return False
    has_default = column.default is not None or column.server_default is not None or declared.default is not None
    return not column.nullable and not has_default


def _text(field: Any) -> str:
    if field.process_errors and field.raw_data:
        return str(field.raw_data[0] or getattr(field, "shown", ""))
    if field.data is None or isinstance(field.data, bool):
        return "y" if field.data else ""
    return field.write(field.data) if isinstance(field, fields.ParsedField) else lines_of(str(field.data))


def _never_none(value: Any, column: Column[Any] | None) -> Any:
    """What is stored for an empty field: nothing where the column takes it, else its blank text or its default."""
    if value is not None or column is None or column.nullable:
        return value
    default = column.default
    if default is not None and default.is_scalar:
        return default.arg  # type: ignore[attr-defined]
    return "" if isinstance(column.type, String) else value


def _limits(kind: str, declared: Field, column: Column[Any] | None) -> list[Any]:
    length = getattr(column.type, "length", None) if column is not None else None
    if kind in ("text", "optional_text", "long_text"):
        return [fields.AtMost(declared.longest or length or 20_000)]
    if kind in ("number", "year", "money"):
        small = column is not None and type(column.type) is Integer
        high = MAX_INT if small else MAX_BIG
        low = declared.minimum if declared.minimum is not None else -high
        return [fields.Between(low, declared.maximum if declared.maximum is not None else high)]
    return []


# --- filling it -------------------------------------------------------------------------------


def _allowed(part: Field | FormSection, access: Access) -> bool:
    return not part.right or access.may(part.right)


def _came(section: FormSection, sent: MultiDict[str, str] | None) -> bool:
    """Whether a section was on the page that was sent; one that could not be drawn must not be saved empty."""
    return sent is None or f"{MARK}{section.name}" in sent


def _load(
    session: WorkSession, sections: Iterable[FormSection], record: Record | None
) -> tuple[dict[str, Any], list[str]]:
    loaded: dict[str, Any] = {}
    failed: list[str] = []
    for section in sections:
        answer = session.hooks.run_guarded(
            session, section.addon, "form_sections", partial(section.load, session, record)
        )
        if answer.error:
            failed.append(section.addon)
        else:
            loaded[section.name] = dict(answer.value)
    return loaded, failed


def _stored(session: WorkSession, record: Record | None, declared: Field, defaults: Mapping[str, Any] | None) -> Any:
    if record is not None:
        value = getattr(record, declared.name)
        return value if declared.written is None else declared.written(value)
    if defaults is not None and declared.name in defaults:
        return defaults[declared.name]
    return declared.preset(session) if declared.preset is not None else declared.default


def _prune(form: Any, wanted: set[str], sections: Iterable[FormSection], access: Access) -> None:
    """Take out of a form what this person may not fill in."""
    for name in [each.name for each in form if each.name not in wanted]:
        del form[name]
    for section in sections:
        inner = form[section.name].form
        for each in section.fields:
            if not each.may_set(access):
                del inner[each.name]


def speak(form: Any, viewer: Viewer) -> None:
    """Put labels and hints into the person's language."""
    for each in form:
        each.label.text = viewer.translate(each.label.text)
        if each.description:
            each.description = viewer.translate(each.description)
        if isinstance(each, FormField):
            speak(each.form, viewer)


def _follow(form: Any, own: Iterable[Field], viewer: Viewer) -> None:
    """Name and lock fields by what is chosen in the field they follow; the page goes on with it as that changes."""
    for each in own:
        if each.follows is None or each.follows.leader not in form:
            continue
        names = {value: viewer.translate(label) for value, label in each.follows.labels.items()}
        target, chosen = form[each.name], str(form[each.follows.leader].data)
        target.render_kw = {
            "data-follows": each.follows.leader,
            "data-labels": json.dumps({"": viewer.translate(each.label), **names}, ensure_ascii=False),
            "data-ticked": " ".join(each.follows.ticked),
            "data-unasked": " ".join(each.follows.unasked),
        }
        if chosen in each.follows.unasked and not target.data:
            target.render_kw["data-unasked-now"] = ""
        target.label.text = names.get(chosen, target.label.text)
        if chosen in each.follows.ticked:
            target.data = True
            target.render_kw["disabled"] = True


def _read_typed_lookups(form: Any, sent: MultiDict[str, str]) -> None:
    """Look-ups whose words were typed and nothing chosen, as without scripts: the one record they find counts."""
    for each in form:
        if isinstance(each, FormField):
            _read_typed_lookups(each.form, sent)
        elif isinstance(each, fields.LookupField) and each.data is None and not each.process_errors:
            each.read_typed(sent.get(f"{each.name}_text", "").strip())


def _note_strangers(mounted: MountedScreen, form: Any, sent: MultiDict[str, str]) -> None:
    """Log fields that were sent and belong to nothing; they are ignored (SEC-7)."""
    known = {each.name for each in form} | OUR_OWN
    for each in form:
        if isinstance(each, FormField):
            known |= {inner.name for inner in each.form}
    strangers = sorted(
        name
        for name in sent
        if name not in known and not name.startswith((MARK, versions.TAKE)) and not name.endswith("_text")
    )
    if strangers:
        log.warning("fields ignored", screen=mounted.key, fields=strangers[:20])


def add_errors(opened: OpenForm, refusal: Invalid, translate: Any) -> None:
    """Put what a service found wrong at the fields it names; the rest is told above the form."""
    for name, messages in refusal.errors.items():
        section, _, inner = name.partition("-")
        if name in opened.form:
            target = opened.form[name]
        elif inner and section in opened.form and inner in opened.form[section].form:
            target = opened.form[section].form[inner]
        else:
            continue
        target.errors = [*target.errors, *(translate(message) for message in messages)]
