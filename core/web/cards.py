"""A record's card as data: its sections in words, what other addons show beside them, what can be done with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markupsafe import Markup
from sqlalchemy import inspect, null, select

from core.access.policy import Access
from core.db.base import Record
from core.db.engine import WorkSession
from core.web import forms
from core.web.i18n import T
from core.web.listing.cells import KINDS, Formats, formatted, plain
from core.web.listing.language import resolve, spoken
from core.web.listing.viewer import Viewer
from core.web.mounted import MountedScreen
from core.web.screens import Action, Field, Missing, Panel

_LINK = Markup('<a href="{}">{}</a>')


@dataclass(frozen=True, slots=True)
class ShownField:
    """One line of a card: its name, its value as it is shown, whether it needs the whole width.

    ``language`` is that of the value, where it has one of its own.
    """

    name: str
    label: str
    value: Any
    wide: bool
    language: str = ""


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A group of lines, or what is said instead of them and the field that the button beside it leads to."""

    name: str
    title: str
    fields: list[ShownField]
    missing: Missing | None = None
    first: str = ""


@dataclass(frozen=True, slots=True)
class ContributedPanel:
    """A panel and the addon that contributes it; ``panel`` is ``None`` when the addon failed."""

    addon: str
    panel: Panel | None


def sections(mounted: MountedScreen, record: Record, viewer: Viewer, formats: Formats, url: Any) -> list[ShownSection]:
    """The record's own sections as its reader may see them; all look-ups in one statement."""
    titles = lookup_titles(mounted.screen.fields(), record, viewer)
    found = []
    for section in mounted.screen.sections:
        shown = [
            (each, shown_value(each, record, formats, titles, url))
            for each in section.fields
            if not each.right or viewer.access.may(each.right)
        ]
        # What is empty says nothing on a card; the form shows what could be filled in.
        lines = [
            ShownField(
                each.name,
                viewer.translate(each.label_of(record)),
                value,
                each.wide or field_kind(type(record), each) == "long_text",
                spoken(each.name),
            )
            for each, value in shown
            if value not in ("", None) and not _repeats(each, value, titles)
        ]
        if lines:
            found.append(ShownSection(section.name, viewer.translate(section.title), lines))
        elif section.missing is not None and len(shown) == len(section.fields) and section.missing.matters(record):
            title, first = viewer.translate(section.title), section.fields[0].name
            found.append(ShownSection(section.name, title, [], section.missing, first))
    return found


def _repeats(declared: Field, value: Any, titles: dict[str, str | None]) -> bool:
    """Whether a text says nothing that the look-ups beside it do not say."""
    said = " ".join(titles.get(name) or "" for name in declared.beside)
    return bool(declared.beside) and set(str(value).casefold().split()) <= set(said.casefold().split())


def field_kind(model: type[Record], declared: Field) -> str:
    """The kind of a field: said, or read off its column."""
    return declared.kind or _column_kind(model, declared.name)


@cache
def _column_kind(model: type[Record], name: str) -> str:
    return forms.kind_of(inspect(model).columns[name])


def shown_value(
    declared: Field, record: Record, formats: Formats, titles: dict[str, str | None], url: Any = None
) -> Any:
    """A field's value as a card shows it; a look-up leads to its record."""
    value = getattr(record, declared.name)
    if declared.lookup is not None:
        title = titles.get(declared.name)
        if value is None or title is None:
            return "" if value is None else formats.translate(T("not available"))
        if declared.lookup.endpoint and url is not None:
            return _LINK.format(url(declared.lookup.endpoint, record_id=value), title)
        return title
    if declared.written is not None:
        return declared.written(value)
    if value == "":
        return ""  # an empty code is no choice, and a card leaves it out
    kind = "state" if declared.choices else _CELL_KINDS.get(field_kind(type(record), declared), "text")
    return formatted(kind, [value], formats, declared.choices)[0]


def plain_value(declared: Field, value: Any, formats: Formats, titles: dict[str, str | None]) -> str:
    """A field's value in plain words, for the conflict page."""
    if declared.lookup is not None:
        return titles.get(declared.name) or ""
    kind = "state" if declared.choices else _CELL_KINDS.get(declared.kind, declared.kind or "text")
    return "" if value is None else plain(kind if kind in KINDS else "text", value, formats, declared.choices)


_CELL_KINDS = {"long_text": "text", "optional_text": "text"} | {
    name: name for name in ("number", "year", "money", "moment", "day", "phone", "bool", "text")
}


def lookup_titles(declared: Iterable[Field], record: Any, viewer: Viewer) -> dict[str, str | None]:
    """The titles of all records a record's look-ups point at; ``None`` for what may not be seen."""
    wanted = [each for each in declared if each.lookup is not None and getattr(record, each.name) is not None]
    return titles_of([(each, getattr(record, each.name)) for each in wanted], viewer)


def titles_of(wanted: Sequence[tuple[Field, int]], viewer: Viewer) -> dict[str, str | None]:
    """The titles of chosen records by field name, in one statement for each right that they are seen under."""
    parts: dict[str, dict[str, Any]] = {}
    for each, number in wanted:
        lookup = each.lookup
        assert lookup is not None
        title = resolve(lookup.label, viewer.language)
        together = parts.setdefault(lookup.options(viewer.session.access).get("right", ""), {})
        together[each.name] = select(title).where(lookup.model.id == number).scalar_subquery()
    found: dict[str, str | None] = {}
    for right, titles in parts.items():
        statement = select(*titles.values(), null()).execution_options(**({"right": right} if right else {}))
        found |= zip(titles, viewer.session.execute(statement).one(), strict=False)
    return found


def panels(
    session: WorkSession, mounted: MountedScreen, record: Record, own: Iterable[ContributedPanel] = ()
) -> list[ContributedPanel]:
    """What the addons show on this card beside its ``own`` panels, in order; an addon that fails gets a box."""
    found = [each for each in own if each.panel is None or _usable(each.panel, session.access)]
    for answer in session.hooks.each("card_panels", session=session, screen_key=mounted.key, subject=record):
        if answer.error:
            found.append(ContributedPanel(answer.addon, None))
            continue
        usable = (panel for panel in answer.value if _usable(panel, session.access))
        found.extend(ContributedPanel(answer.addon, panel) for panel in usable)
    return sorted(found, key=lambda each: (each.panel.order if each.panel else 1000, each.addon))


def _usable(panel: Panel, access: Access) -> bool:
    return not panel.right or access.may(panel.right)


def actions(session: WorkSession, mounted: MountedScreen, record: Record) -> list[Action]:
    """What can be done with the record: the screen's own actions and the addons', in order."""
    contributed = [
        action
        for answer in session.hooks.each("card_actions", session=session, screen_key=mounted.key, subject=record)
        if not answer.error
        for action in answer.value
    ]
    usable = [each for each in [*mounted.screen.card_actions, *contributed] if _may(session.access, each)]
    return sorted(usable, key=lambda action: action.order)


def _may(access: Access, action: Action) -> bool:
    return not action.right or access.may(action.right)
