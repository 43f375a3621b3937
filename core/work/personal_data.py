"""What the addons hold about people, said as data: what it is, how it is found, how it is erased (SEC-69…72).

An addon with people in its tables returns from its hook ``personal_data``:

* :class:`PersonalData` for each table with personal data, its own or reached from its own;
* :class:`Sweep` for tables without a link to people, in which they are found by what identifies them;
* :class:`Hold` for rows that a law makes the dealership keep for a time;
* :class:`Retention` for what is erased by itself once its term is over;
* :class:`NotPersonal` for its tables without people in them.

:func:`undeclared` names the columns that look personal and are in none of these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Column, ColumnElement, String, inspect

from core.db.base import Base
from core.work.settings import Setting
from core.work.subjects import Subject

if TYPE_CHECKING:
    from core.db.engine import WorkSession
    from core.host.plugins import Hooks

READ, EXPORT, ERASE = "core.personal_data.read", "core.personal_data.export", "core.personal_data.erase"
"""The rights on what is held about people."""

Rows = Mapping[type[Base], frozenset[int]]
"""The rows that tell of one person: their numbers by model."""


class Fate(StrEnum):
    """What becomes of a column's value when its person is erased."""

    BLANK = "blank"
    PLACEHOLDER = "placeholder"
    DERIVED = "derived"
    SEARCH = "search"
    KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """How one column is called in the subject file, and what becomes of it; made by the functions below.

    ``identifies`` marks what points at one person alone (a number, a VIN, a full name): drafts, kept filters and
    the trail of exports are searched for it. ``columns`` are those a search key is made anew from. ``law`` and
    ``years`` say why and how long a value is kept; ``make(session, row)`` gives a derived value.
    """

    title: str
    fate: Fate
    identifies: bool = False
    columns: tuple[str, ...] = ()
    law: str = ""
    years: int = 0
    since: str = ""
    make: Callable[[WorkSession, Mapping[str, Any]], Any] | None = None


def blank(title: str, *, identifies: bool = False) -> Erased:
    """The value goes: NULL where the column allows it, else empty."""
    return Erased(title=title, fate=Fate.BLANK, identifies=identifies)


def placeholder(title: str, *, identifies: bool = False) -> Erased:
    """A reference stands in its place, such as «Client No. 123», so that lists and documents still read."""
    return Erased(title=title, fate=Fate.PLACEHOLDER, identifies=identifies)


def derived(title: str, make: Callable[[WorkSession, Mapping[str, Any]], Any], *, identifies: bool = False) -> Erased:
    """Another value, made from what tells nothing of a person; it gets the row as it will be."""
    return Erased(title=title, fate=Fate.DERIVED, make=make, identifies=identifies)


def searched(*columns: str) -> Erased:
    """A search key: made anew from these columns of the erased row, or emptied without any."""
    return Erased(title="", fate=Fate.SEARCH, columns=columns)


def keep(title: str, law: str, *, years: int, since: str = "", identifies: bool = False) -> Erased:
    """The value stays for so many years from a column's moment (from the erasure without one), by this law."""
    return Erased(title=title, fate=Fate.KEEP, law=law, years=years, since=since, identifies=identifies)


@dataclass(frozen=True, slots=True)
class Link:
    """How a person's rows of a table are found: ``column`` holds a found row's ``parent_column``.

    ``only`` narrows it, as when a number counts only where no person is named.
    """

    column: str
    parent: type[Base]
    parent_column: str = "id"
    only: tuple[ColumnElement[bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """How a column without personal value is told in the subject file: its name, and words for its codes.

    ``words`` of a vocabulary that other addons add to are asked for: ``lambda hooks: titles(hooks)``.
    """

    title: str
    words: Mapping[str, str] | Callable[[Hooks], Mapping[str, str]] = field(default_factory=dict)

    def words_in(self, hooks: Hooks) -> Mapping[str, str]:
        """The words for the codes, with those of the running addons."""
        return self.words(hooks) if callable(self.words) else self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """One table with personal data.

    :param category: what kind of data this is, in words, for act and journal (Order 179).
    :param fields: the columns with personal data, and what becomes of each.
    :param links: how a person's rows are found; a table without links is where a search begins.
    :param export: further columns for the subject file, with their names.
    :param reference: a msgid with ``%(n)s`` that names a row without telling of the person.
    :param person: rows of this table are people; they are counted (SEC-75) and erased on demand.
    :param counted: which rows of a ``person`` table are living entries.
    :param delete: rows are deleted, not emptied.
    :param exempt: columns that look personal and are not, with the reason.
    :param after: cleans what no column says once the rows are erased, and names the records of others whose
        trail mentions the person.
    """

    model: type[Base]
    title: str
    category: str
    fields: Mapping[str, Erased]
    links: tuple[Link, ...] = ()
    export: Mapping[str, str | Told] = field(default_factory=dict)
    reference: str = ""
    person: bool = False
    counted: tuple[ColumnElement[bool], ...] = ()
    delete: bool = False
    exempt: Mapping[str, str] = field(default_factory=dict)
    after: Callable[[WorkSession, Rows], Iterable[Subject]] | None = None

    @property
    def table(self) -> str:
        """The table's name, which is also its records' subject type."""
        return str(self.model.__tablename__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Rows of a table of which some columns must be kept: ``years`` full years after the year of ``since``."""

    model: type[Base]
    where: ColumnElement[bool]
    columns: tuple[str, ...]
    law: str
    years: int
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What is erased by itself when its term is over; the term is a setting in days, 0 means never.

    ``due(session, before, limit)`` names the records whose purpose was reached before that moment.
    """

    name: str
    title: str
    days: Setting[int]
    due: Callable[[WorkSession, datetime, int], Sequence[Subject]]


@dataclass(frozen=True, slots=True)
class NotPersonal:
    """Tables of an addon that tell of nobody (or of nobody but the staff), and why."""

    reason: str
    models: tuple[type[Base], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """A table that refers to nobody: the rows whose ``columns`` name the person (as JSON or text) are deleted."""

    model: type[Base]
    title: str
    category: str
    columns: tuple[str, ...]


Declaration = PersonalData | Sweep | Hold | Retention | NotPersonal
"""What an addon says of the people in its tables, in the hook ``personal_data``."""


@dataclass(frozen=True, slots=True)
class Declared:
    """All declarations of the running addons."""

    tables: tuple[PersonalData, ...]
    sweeps: tuple[Sweep, ...]
    holds: tuple[Hold, ...]
    retentions: tuple[Retention, ...]

    def of(self, table: str) -> PersonalData | None:
        """The declaration of a table."""
        return next((each for each in self.tables if each.table == table), None)


def declared(hooks: Hooks) -> Declared:
    """What the running addons hold about people."""
    found = [item for _, item in hooks.declared("personal_data")]
    return Declared(
        tuple(item for item in found if isinstance(item, PersonalData)),
        tuple(item for item in found if isinstance(item, Sweep)),
        tuple(item for item in found if isinstance(item, Hold)),
        tuple(item for item in found if isinstance(item, Retention)),
    )


# --- what conformance demands -------------------------------------------------------------------

_LOOKS_PERSONAL = re.compile(
    r"name|phone|e164|last7|mail|address|plate|(^|_)vin($|_)|birth|passport|(^|_)inn($|_)|snils|licen[cs]e|login"
    r"|note|comment|text|details|message|body|wish|topic|evidence|reason|raw|search|external|caller|recording"
)
_LONG = 100
"""A text this long is where people write sentences."""


def undeclared(models: Iterable[type[Base]], declarations: Iterable[Declaration]) -> list[str]:
    """The columns that look personal and that no declaration speaks of, as ``table.column``.

    Also columns that are declared and do not exist, as ``table.column: no such column``.
    """
    declarations = list(declarations)
    spoken_of: dict[type[Base], set[str]] = {}
    for each in declarations:
        if isinstance(each, (PersonalData, Sweep)):
            spoken_of.setdefault(each.model, set()).update(_names(each))
    impersonal = {model for each in declarations if isinstance(each, NotPersonal) for model in each.models}
    problems = []
    for model in models:
        if model in impersonal:
            continue
        columns = inspect(model).columns
        spoken = spoken_of.get(model, set())
        looking = {name for name, column in columns.items() if _looks_personal(name, column)}
        problems += [f"{model.__tablename__}.{name}" for name in sorted(looking - spoken)]
        problems += [f"{model.__tablename__}.{name}: no such column" for name in sorted(spoken - set(columns.keys()))]
    return problems


def _names(declaration: PersonalData | Sweep) -> set[str]:
    if isinstance(declaration, Sweep):
        return set(declaration.columns)
    return {*declaration.fields, *declaration.exempt, *declaration.export}


def _looks_personal(name: str, column: Column[Any]) -> bool:
    kind = column.type
    if isinstance(kind, JSON):
        return True
    if not isinstance(kind, String):
        return False
    return kind.length is None or kind.length >= _LONG or bool(_LOOKS_PERSONAL.search(name))
