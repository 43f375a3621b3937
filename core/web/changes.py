"""What the audit trail holds, in words: things and fields as the screens call them, values as a reader writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Column, Date, inspect, select

from core.access.policy import Access
from core.db.base import Base, Record
from core.db.types import UtcDateTime
from core.host.registry import Host
from core.web import forms
from core.web.cards import plain_value
from core.web.i18n import T
from core.web.listing.cells import Formats
from core.web.listing.language import resolve
from core.web.mounted import MountedScreen
from core.web.screens import Choice, Field
from core.work.personal_data import PersonalData

LONGEST = 200
FIELD_ACTIONS = frozenset({"create", "change", "delete"})

ACTIONS: Mapping[str, str] = {
    "create": T("added"),
    "change": T("changed"),
    "delete": T("deleted"),
    "sign_in": T("signed in"),
    "sign_in_refused": T("sign-in refused"),
    "sign_out": T("signed out"),
    "sign_ins_ended": T("sign-ins ended"),
    "password_changed": T("password changed"),
    "one_time_code": T("one-time code given"),
    "second_factor_on": T("second factor on"),
    "second_factor_off": T("second factor off"),
    "recovery_codes": T("recovery codes made"),
    "export": T("taken out in an export"),
    "take": T("task taken"),
    "addon_enable": T("addon switched on"),
    "addon_disable": T("addon switched off"),
    "addon_restored": T("addon restored from its archive"),
    "addon_uninstall": T("removal of an addon asked for"),
    "addon_uninstalled": T("addon removed with its data"),
    "addon_refused": T("addon could not be switched"),
    "job_retry": T("job run again"),
    "secret_rotated": T("key of the instance changed"),
    "personal_data.export": T("subject file taken out"),
    "personal_data.erase": T("act of erasure made"),
    "personal_data.erased": T("personal data erased"),
    "personal_data.affected": T("asked whom a leak affects"),
}
"""Actions of core; addons name theirs with the hook ``audit_words``, else they are shown as a change, by their name."""

SOURCES: Mapping[str, str] = {"command": T("a command of the server")}
"""Where a change came from that was no page; what follows the dot is the program's own name for it."""

UNTOLD_OF: frozenset[tuple[str, str]] = frozenset({("core_task", "kind"), ("core_addon", "contents")})
"""Columns of single tables that the program keeps for itself."""

THINGS: Mapping[str, str] = {
    "core_user_role": T("Role of a user"),
    "core_user_department": T("Department of a user"),
    "core_setting": T("Setting"),
    "core_working_hours": T("Working hours"),
    "core_calendar_exception": T("Exception in a calendar"),
    "core_department_calendar": T("Holidays of a department"),
    "core_file": T("File"),
    "core_erasure": T("Act of erasure"),
    "core_task": T("Task"),
    "core_addon": T("Addon"),
    "core_saved_filter": T("Saved filter"),
}
"""Tables of core that have no screen."""

UNTOLD = frozenset({"search_key", "last7", "title_values"})
"""Columns the program keeps for itself: what they hold is told by others."""

LABELS: Mapping[str, str] = {
    "active": T("In use"),
    "address": T("Address"),
    "addon": T("Addon"),
    "assignee_id": T("Responsible"),
    "branch_id": T("Branch"),
    "closes": T("Closes, minutes after midnight"),
    "day": T("Day"),
    "department_id": T("Department"),
    "details": T("Details"),
    "due_at": T("Due"),
    "filter": T("Filter"),
    "format": T("Format"),
    "grants": T("Rights"),
    "job": T("Job"),
    "kind": T("Kind"),
    "letter_keys": T("Single letters are keys"),
    "login": T("Login"),
    "name": T("Name"),
    "number": T("Number"),
    "opens": T("Opens, minutes after midnight"),
    "parent_id": T("Part of"),
    "position": T("Position"),
    "reason": T("Reason"),
    "responsible_id": T("Responsible"),
    "role_id": T("Role"),
    "rows": T("Rows"),
    "screen": T("Screen"),
    "state": T("State"),
    "subject_id": T("Record number"),
    "subject_type": T("With what"),
    "theme": T("Colours"),
    "title": T("Title"),
    "user_id": T("User"),
    "value": T("Value"),
    "weekday": T("Day of the week from Monday"),
    "why": T("Reason"),
}
"""Names of columns and notes that no screen has words for."""

CHOICES: Mapping[str, tuple[Choice, ...]] = {
    "theme": (Choice("auto", T("as the computer")), Choice("light", T("light")), Choice("dark", T("dark")))
}
"""Values of columns that no screen has words for."""


@dataclass(frozen=True, slots=True)
class Told:
    """One field of an entry in words; ``old`` and ``new`` are empty where there was or is nothing."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Entry:
    """The values of one audit entry: ``values`` is ``{field: [old, new]}``, or notes as they were written."""

    table: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AuditWords:
    """What an addon calls things in the audit trail for which no screen has words.

    ``actions`` are those it notes itself, ``things`` its tables, ``fields`` their columns and what it notes beside them.
    """

    actions: Mapping[str, str] = field(default_factory=dict)
    things: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[tuple[str, str], str] = field(default_factory=dict)


class RecordWords:
    """What tables and their columns are called: by the screens that show them.

    :param screens: all screens of the application, the first of a table deciding its words.
    """

    def __init__(self, screens: Iterable[MountedScreen] = ()) -> None:
        self._screens = list(screens)
        self._titles = dict(THINGS)
        self._columns: dict[tuple[str, str], str] = {}
        self._actions = dict(ACTIONS)

    def learn(self, screens: Iterable[MountedScreen], host: Host) -> None:
        """Know these screens from now on; declarations that need the words are made before the screens are.

        What no screen shows is called as the addons call it for the care for personal data.
        """
        self._screens = list(screens)
        for _, each in host.declared("personal_data", object):
            if isinstance(each, PersonalData):
                self._titles.setdefault(each.table, each.title)
                self._columns |= {(each.table, name): erased.title for name, erased in each.fields.items()}
        for _, own in host.declared("audit_words", AuditWords):
            self._actions |= own.actions
            self._titles |= own.things
            self._columns |= own.fields
        self.__dict__.pop("_by_table", None)
        self.__dict__.pop("_models", None)

    @cached_property
    def _by_table(self) -> dict[str, MountedScreen]:
        found: dict[str, MountedScreen] = {}
        for each in self._screens:
            found.setdefault(each.screen.model.__tablename__, each)
        return found

    @cached_property
    def _models(self) -> dict[str, type[Any]]:
        mapped = (mapper.class_ for mapper in Base.registry.mappers)
        return {model.__tablename__: model for model in mapped if issubclass(model, Record)}

    def tables(self) -> list[str]:
        """Every table whose changes are kept, by name."""
        return sorted(name for name, model in self._models.items() if model.__audited__)

    def thing(self, table: str) -> str:
        """What one record of a table is called; the table's name where nobody has a word for it."""
        mounted = self._by_table.get(table)
        return mounted.screen.one if mounted is not None else self._titles.get(table, table)

    def actions(self) -> Mapping[str, str]:
        """What each action that has words is called."""
        return self._actions

    def action(self, name: str, formats: Formats) -> str:
        """What was done, in words."""
        if name in self._actions:
            return formats.translate(self._actions[name])
        return formats.translate(T("changed (%(action)s)"), action=name)

    def screen(self, table: str) -> MountedScreen | None:
        """The screen that shows the records of a table."""
        return self._by_table.get(table)

    def model(self, table: str) -> type[Any] | None:
        """The mapped class of a table."""
        return self._models.get(table)

    def field(self, table: str, name: str) -> Field | None:
        """The form's field for a column, if the screen has one."""
        mounted = self._by_table.get(table)
        return next((each for each in mounted.screen.fields() if each.name == name), None) if mounted else None

    def label(self, table: str, name: str) -> str:
        """What a column is called."""
        declared = self.field(table, name)
        if declared is not None:
            return declared.label
        mounted = self._by_table.get(table)
        shown = next((each.label for each in mounted.columns if each.name == name), "") if mounted else ""
        known = shown or self._columns.get((table, name)) or LABELS.get(name)
        return known or self._referred(table, name) or name

    def _referred(self, table: str, name: str) -> str:
        """What a reference is called that nobody has a word for: the thing it leads to."""
        column = _column(self, table, name)
        if column is None or not column.foreign_keys:
            return ""
        (key, *_) = column.foreign_keys
        return self.thing(key.column.table.name)

    def names(self, formats: Formats, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
        """What these records are called, one query for each kind, as far as the reader may see them."""
        ids: dict[str, set[int]] = {}
        for table, number in wanted:
            ids.setdefault(table, set()).add(number)
        found: dict[tuple[str, int], str] = {}
        for table, numbers in ids.items():
            mounted, model = self._by_table.get(table), self._models.get(table)
            if mounted is None or model is None or not formats.viewer.access.may(mounted.screen.right("read")):
                continue
            for record in formats.viewer.session.scalars(select(model).where(model.id.in_(numbers))):
                found[table, record.id] = mounted.screen.name_of(record)
        return found

    def visible(self, table: str, values: Mapping[str, Any], access: Access) -> dict[str, Any]:
        """The changed fields of an entry that a reader of the record's card may see there (SEC-4)."""
        found = {}
        for name, value in values.items():
            declared = self.field(table, name)
            if declared is not None and (not declared.right or access.may(declared.right)):
                found[name] = value
        return found

    def unhidden(self, table: str, values: Mapping[str, Any], access: Access) -> dict[str, Any]:
        """The changed fields of an entry without those whose right the reader lacks (SEC-4); for the audit trail."""
        mounted = self._by_table.get(table)
        if mounted is None:
            return dict(values)
        rights = [(each.name, each.right) for each in mounted.screen.fields()]
        rights += [(each.name, each.right) for each in mounted.columns]
        hidden = {name for name, right in rights if right and not access.may(right)}
        return {name: value for name, value in values.items() if name not in hidden}


def source_words(source: str, formats: Formats) -> str:
    """Where a change came from, in words."""
    kind, dot, name = source.partition(" · ")
    return formats.translate(SOURCES[kind]) + dot + name if kind in SOURCES else source


def tell(entries: Sequence[Entry], words: RecordWords, formats: Formats) -> list[list[Told]]:
    """The fields of several entries in words; records they refer to are named with one query for each kind."""
    names = _References(entries, words, formats)
    return [
        [
            _told(entry.table, name, value, words, formats, names)
            for name, value in sorted(entry.values.items())
            if name not in UNTOLD and (entry.table, name) not in UNTOLD_OF
        ]
        for entry in entries
    ]


def _told(table: str, name: str, value: Any, words: RecordWords, formats: Formats, names: _References) -> Told:
    label = formats.translate(words.label(table, name))
    old, new = _pair(value)
    if isinstance(old, dict) or isinstance(new, dict):
        return Told(label, *_differing(old or {}, new or {}))
    shown = [_shown(table, name, each, words, formats, names) for each in (old, new)]
    return Told(label, *(text if len(text) <= LONGEST else f"{text[:LONGEST]}…" for text in shown))


def _pair(value: Any) -> tuple[Any, Any]:
    """Old and new of a change; a note has no old value."""
    if isinstance(value, (list, tuple)) and len(value) == 2:
        return value[0], value[1]
    return None, value


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, str]:
    """Of two tables only what differs, as a role's rights."""
    keys = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
    return tuple(  # type: ignore[return-value]
        "; ".join(f"{key}: {side[key]}" for key in keys if key in side)[:LONGEST] for side in (old, new)
    )


def _shown(table: str, name: str, value: Any, words: RecordWords, formats: Formats, names: _References) -> str:
    if value is None or value == "":
        return ""
    column = _column(words, table, name)
    referred = names.title(table, name, value)
    if referred is not None:
        return referred
    declared = words.field(table, name)
    kind = (declared.kind if declared is not None else "") or _kind(column)
    if declared is None:
        declared = Field(name, name, choices=CHOICES.get(name, ()))
    try:
        return plain_value(replace(declared, kind=kind, lookup=None), _read(column, value), formats, {})
    except (TypeError, ValueError):
        return str(value)


def _column(words: RecordWords, table: str, name: str) -> Column[Any] | None:
    model = words.model(table)
    return inspect(model).columns.get(name) if model is not None else None


def _kind(column: Column[Any] | None) -> str:
    try:
        return forms.kind_of(column)
    except ValueError:
        return "text"


def _read(column: Column[Any] | None, value: Any) -> Any:
    """A value as the column holds it; the trail keeps JSON."""
    if column is not None and isinstance(value, str):
        if isinstance(column.type, UtcDateTime):
            return datetime.fromisoformat(value)
        if isinstance(column.type, Date):
            return date.fromisoformat(value)
    return value


class _References:
    """The names of the records that entries refer to, as far as the reader may see them."""

    def __init__(self, entries: Sequence[Entry], words: RecordWords, formats: Formats) -> None:
        self._titles: dict[tuple[str, str], dict[int, str]] = {}
        self._targets: set[tuple[str, str]] = set()
        wanted: dict[tuple[str, str], set[int]] = {}
        for entry in entries:
            for name, value in entry.values.items():
                ids = {each for each in _pair(value) if isinstance(each, int) and not isinstance(each, bool)}
                if ids:
                    wanted.setdefault((entry.table, name), set()).update(ids)
        for (table, name), ids in wanted.items():
            column = _column(words, table, name)
            if column is not None and column.foreign_keys:
                self._targets.add((table, name))
                self._titles[table, name] = _titles(words, table, name, column, ids, formats)

    def title(self, table: str, name: str, value: Any) -> str | None:
        """The name of the record a value means; its number when it is gone or not to be seen; nothing for no reference."""
        if (table, name) not in self._targets or not isinstance(value, int):
            return None
        return self._titles[table, name].get(value, f"#{value}")


def _titles(
    words: RecordWords, table: str, name: str, column: Column[Any], ids: set[int], formats: Formats
) -> dict[int, str]:
    session = formats.viewer.session
    declared = words.field(table, name)
    if declared is not None and declared.lookup is not None:
        lookup = declared.lookup
        title = resolve(lookup.label, formats.translate.language)
        return {
            row[0]: str(row[1])
            for row in session.execute(select(lookup.model.id, title).where(lookup.model.id.in_(ids)))
        }
    (key, *_) = column.foreign_keys
    mounted = words.screen(key.column.table.name)
    if mounted is None:
        return {}
    model = mounted.screen.model
    return {each.id: mounted.screen.name_of(each) for each in session.scalars(select(model).where(model.id.in_(ids)))}
