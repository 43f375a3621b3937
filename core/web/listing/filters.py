"""Filters of lists: what may stand in the address, the condition it means, and the words of its tag.

Values come from the address and are checked here; anything unknown is a refusal with status 400 (SEC-29, SEC-30).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from math import ceil, floor
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    false,
    func,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import QueryableAttribute

from core.access.models import User
from core.db.base import Record
from core.db.guards import row_rules
from core.db.kept import Read
from core.db.search_index import is_searched, matches
from core.errors import Refusal
from core.text.typed import read_typed
from core.web.http import number_of
from core.web.i18n import T
from core.web.listing.language import Expression, resolve, type_of

if TYPE_CHECKING:
    from core.db.engine import WorkSession
    from core.web.listing.viewer import Viewer

MAX_OPTIONS = 300
"""Values of a filter that are offered without typing."""

MAX_VALUES = 50
"""Values of one filter that an address may hold."""

NONE = "none"
ME = "me"
_DAYS = {
    "today": T("Today"),
    "yesterday": T("Yesterday"),
    "week": T("Last 7 days"),
    "month": T("This month"),
}
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)
"""Nothing is kept of days before and after these, and their midnights are moments in every zone."""
_NUMBER = re.compile(r"-?\d{1,15}(?:[.,]\d{1,2})?")


class Option(NamedTuple):
    """One value the filter panel offers."""

    value: str
    text: str


def bad_value(name: str) -> Refusal:
    """The refusal for a value a filter cannot mean anything by."""
    return Refusal(T("The filter “%(name)s” does not understand this value."), name=name)


@dataclass(frozen=True, slots=True)
class Filter:
    """What all filters have; ``right`` hides a filter, and its name is then unknown (SEC-4).

    ``control`` is how the panel draws it: ``choice``, ``period``, ``range``, ``flag`` or ``text``.
    """

    name: str
    label: str
    right: str = field(default="", kw_only=True)
    order: int = field(default=100, kw_only=True)
    addon: str = field(default="", kw_only=True)
    control: ClassVar[str] = "choice"

    def condition(self, viewer: Viewer, values: Sequence[str]) -> ColumnElement[bool]:
        """The condition the rows must meet; raises a ``Refusal`` for values it cannot mean."""
        raise NotImplementedError

    def titles(self, _viewer: Viewer, _values: Sequence[str]) -> Read | None:
        """Reads the ids and titles that :meth:`tag` needs, where the words lie in the database."""
        return None

    def tag(self, viewer: Viewer, values: Sequence[str], _titles: Sequence[Any] = ()) -> str:
        """The chosen values in words, with the rows of :meth:`titles`."""
        known = {option.value: option.text for option in self.options(viewer)}
        return ", ".join(known.get(value, value) for value in values)

    def options(self, _viewer: Viewer) -> list[Option]:
        """What the panel offers."""
        return []

    def expressions(self) -> tuple[Expression, ...]:
        """The columns it looks at, for checks and joins."""
        return ()


@dataclass(frozen=True, slots=True)
class ChoiceFilter(Filter):
    """One or several of a few fixed values; ``choices`` are objects with ``value`` and ``label``."""

    expression: SQLColumnExpression[Any]
    choices: tuple[Any, ...]

    def condition(self, _viewer: Viewer, values: Sequence[str]) -> ColumnElement[bool]:
        """The column has one of the values."""
        known = {str(choice.value): choice.value for choice in self.choices}
        if not set(values) <= known.keys():
            raise bad_value(self.name)
        chosen = [known[value] for value in values]
        return self.expression == chosen[0] if len(chosen) == 1 else self.expression.in_(chosen)

    def options(self, viewer: Viewer) -> list[Option]:
        """All of them, in the declared order."""
        return [Option(str(choice.value), viewer.translate(choice.label)) for choice in self.choices]

    def expressions(self) -> tuple[Expression, ...]:
        """The one column."""
        return (self.expression,)


@dataclass(frozen=True, slots=True)
class LookupFilter(Filter):
    """One or several rows of a directory, by their ids; ``none`` means that nothing is chosen there."""

    expression: SQLColumnExpression[Any]
    model: type[Record]
    text: Expression
    where: tuple[SQLColumnExpression[bool], ...] = ()

    def condition(self, _viewer: Viewer, values: Sequence[str]) -> ColumnElement[bool]:
        """The foreign key is one of the ids, or empty."""
        return _one_of(self.expression, self.name, values)

    def titles(self, viewer: Viewer, values: Sequence[str]) -> Read | None:
        """The titles of the chosen rows by their ids."""

        def make() -> Select[*tuple[Any, ...]]:
            chosen: BindParameter[int] = bindparam("ids", expanding=True)
            return select(self.model.id, resolve(self.text, viewer.language)).where(self.model.id.in_(chosen))

        return _titles_read(viewer, self, values, make)

    def tag(self, viewer: Viewer, values: Sequence[str], titles: Sequence[Any] = ()) -> str:
        """The titles of the chosen rows."""
        texts = {str(id_): str(words) for id_, words in titles} | {NONE: viewer.translate(T("empty"))}
        return ", ".join(texts.get(value, "…") for value in values)

    def options(self, viewer: Viewer) -> list[Option]:
        """The directory, as far as a panel can show it."""
        return [*self._rows(viewer, *self.where), Option(NONE, viewer.translate(T("empty")))]

    def expressions(self) -> tuple[Expression, ...]:
        """The foreign key."""
        return (self.expression,)

    def _rows(self, viewer: Viewer, *conditions: SQLColumnExpression[bool]) -> list[Option]:
        text = resolve(self.text, viewer.language)
        statement = select(self.model.id, text).where(*conditions).order_by(text, self.model.id).limit(MAX_OPTIONS)
        return [Option(str(id_), str(words)) for id_, words in viewer.session.execute(statement)]


@dataclass(frozen=True, slots=True)
class PersonFilter(Filter):
    """Whose the row is: ``me``, a colleague's id, or nobody's."""

    expression: SQLColumnExpression[Any]

    def condition(self, viewer: Viewer, values: Sequence[str]) -> ColumnElement[bool]:
        """The person is one of them; who «me» is, the session decides (SEC-8)."""
        mine = str(viewer.access.user_id)
        return _one_of(self.expression, self.name, [mine if value == ME else value for value in values])

    def titles(self, viewer: Viewer, values: Sequence[str]) -> Read | None:
        """The names of the chosen people by their ids."""
        return _titles_read(viewer, self, values, lambda: _NAMES)

    def tag(self, viewer: Viewer, values: Sequence[str], titles: Sequence[Any] = ()) -> str:
        """Names of people."""
        texts = {ME: viewer.translate(T("mine")), NONE: viewer.translate(T("nobody’s"))}
        texts |= {str(id_): name for id_, name in titles}
        return ", ".join(texts.get(value, "…") for value in values)

    def options(self, viewer: Viewer) -> list[Option]:
        """The reader himself first, then everybody who works here."""
        own = [Option(ME, viewer.translate(T("mine"))), Option(NONE, viewer.translate(T("nobody’s")))]
        return [*own, *_people(viewer, User.active.is_(True))]

    def expressions(self) -> tuple[Expression, ...]:
        """The person's column."""
        return (self.expression,)


@dataclass(frozen=True, slots=True)
class PeriodFilter(Filter):
    """Days: ``today``, ``yesterday``, ``week``, ``month``, or ``2026-11-14..2026-11-20`` with either end left open.

    A moment is compared with the midnights of the reader's zone, so a day has 23 or 25 hours where it has.
    """

    expression: SQLColumnExpression[Any]
    control: ClassVar[str] = "period"

    def condition(self, viewer: Viewer, values: Sequence[str]) -> ColumnElement[bool]:
        """On or after the first day and on or before the last."""
        first, last = self._days(viewer, values)
        whole_days = isinstance(type_of(self.expression), Date)
        parts: list[ColumnElement[bool]] = []
        if first is not None:
            parts.append(self.expression >= (first if whole_days else viewer.midnight(first)))
        if last is not None:
            parts.append(self.expression <= last if whole_days else self.expression < viewer.day_after(last))
        return and_(*parts)

    def tag(self, viewer: Viewer, values: Sequence[str], _titles: Sequence[Any] = ()) -> str:
        """The word, or the two days."""
        if values[0] in _DAYS:
            return viewer.translate(_DAYS[values[0]])
        first, last = self._days(viewer, values)
        today = viewer.today
        # Days of two years are told apart by saying both; one year goes without saying when it is this one.
        if {day.year for day in (first, last) if day} != {today.year}:
            today = date.min
        days = [viewer.translate.day(day, viewer.zone, today=today) if day else "…" for day in (first, last)]
        return days[0] if days[0] == days[1] else f"{days[0]} – {days[1]}"

    def options(self, viewer: Viewer) -> list[Option]:
        """The words for frequent spans."""
        return [Option(value, viewer.translate(text)) for value, text in _DAYS.items()]

    def expressions(self) -> tuple[Expression, ...]:
        """The moment or day."""
        return (self.expression,)

    def _days(self, viewer: Viewer, values: Sequence[str]) -> tuple[date | None, date | None]:
        if len(values) != 1:
            raise bad_value(self.name)
        today = viewer.today
        spans = {
            "today": (today, today),
            "yesterday": (today - timedelta(days=1), today - timedelta(days=1)),
            "week": (today - timedelta(days=6), today),
            "month": (today.replace(day=1), today),
        }
        return spans[values[0]] if values[0] in spans else self._written(values[0])

    def _written(self, value: str) -> tuple[date | None, date | None]:
        first, separator, last = value.partition("..")
        if not separator:
            last = first
        if not first and not last:
            raise bad_value(self.name)
        return _in_order(self._day(first), self._day(last))

    def _day(self, text: str) -> date | None:
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            raise bad_value(self.name) from error
        return min(max(day, _FIRST_DAY), _LAST_DAY)


@dataclass(frozen=True, slots=True)
class RangeFilter(Filter):
    """Numbers from and to: ``10..20`` with either end left open; with ``money`` they are roubles."""

    expression: SQLColumnExpression[Any]
    money: bool = False
    control: ClassVar[str] = "range"

    def condition(self, _viewer: Viewer, values: Sequence[str]) -> ColumnElement[bool]:
        """Within the ends, both included."""
        low, high = self._ends(values)
        parts: list[ColumnElement[bool]] = []
        if low is not None:
            parts.append(self.expression >= low)
        if high is not None:
            parts.append(self.expression <= high)
        return and_(*parts)

    def tag(self, _viewer: Viewer, values: Sequence[str], _titles: Sequence[Any] = ()) -> str:
        """The ends as they were written."""
        self._ends(values)
        first, separator, last = values[0].partition("..")
        return f"{first or '…'} – {last or '…'}" if separator else first

    def expressions(self) -> tuple[Expression, ...]:
        """The number."""
        return (self.expression,)

    def _ends(self, values: Sequence[str]) -> tuple[int | None, int | None]:
        first, separator, last = values[0].partition("..")
        ends = (first, last if separator else first)
        if len(values) != 1 or not any(ends) or any(end and not _NUMBER.fullmatch(end) for end in ends):
            raise bad_value(self.name)
        low, high = (self._number(end) if end else None for end in ends)
        low, high = _in_order(low, high)
        return None if low is None else ceil(low), None if high is None else floor(high)

    def _number(self, text: str) -> Decimal:
        """What was written, exactly; of the whole numbers that are stored those within the ends count."""
        return Decimal(text.replace(",", ".")) * (100 if self.money else 1)


@dataclass(frozen=True, slots=True)
class FlagFilter(Filter):
    """Yes or no; ``expression`` is a boolean column or any condition."""

    expression: SQLColumnExpression[Any]
    control: ClassVar[str] = "flag"

    def condition(self, _viewer: Viewer, values: Sequence[str]) -> ColumnElement[bool]:
        """The condition or its opposite."""
        if tuple(values) not in (("1",), ("0",)):
            raise bad_value(self.name)
        condition = and_(self.expression)
        return condition if values[0] == "1" else not_(condition)

    def options(self, viewer: Viewer) -> list[Option]:
        """Yes and no."""
        return [Option("1", viewer.translate(T("yes"))), Option("0", viewer.translate(T("no")))]

    def expressions(self) -> tuple[Expression, ...]:
        """The condition."""
        return (self.expression,)


@dataclass(frozen=True, slots=True)
class TextFilter(Filter):
    """A text contains some letters: of a search column however they are typed, of any other as written."""

    expression: QueryableAttribute[str]
    control: ClassVar[str] = "text"

    def condition(self, viewer: Viewer, values: Sequence[str]) -> ColumnElement[bool]:
        """The text is a part of the column's."""
        if len(values) != 1:
            raise bad_value(self.name)
        return contains(viewer.session, self.expression, values[0])

    def expressions(self) -> tuple[Expression, ...]:
        """The text's column."""
        return (self.expression,)


@dataclass(frozen=True, slots=True)
class ConditionFilter(Filter):
    """A filter that is no column: ``build(viewer, value)`` makes the condition of one of the ``choices``."""

    build: Callable[[Any, Any], ColumnElement[bool]]
    choices: tuple[Any, ...]

    def condition(self, viewer: Viewer, values: Sequence[str]) -> ColumnElement[bool]:
        """Any of the chosen conditions."""
        known = {str(choice.value): choice.value for choice in self.choices}
        if not set(values) <= known.keys():
            raise bad_value(self.name)
        return or_(*(self.build(viewer, known[value]) for value in values))

    def options(self, viewer: Viewer) -> list[Option]:
        """All of them, in the declared order."""
        return [Option(str(choice.value), viewer.translate(choice.label)) for choice in self.choices]


def contains(session: WorkSession, column: QueryableAttribute[str], text: str) -> ColumnElement[bool]:
    """The condition that a column contains a text; a search column in any spelling, word by word."""
    if is_searched(column.property.columns[0]):
        return found(session, column, text)
    spellings = dict.fromkeys((text, text.lower(), text.upper(), text.capitalize()))
    return or_(*(column.contains(spelling, autoescape=True) for spelling in spellings))


def found(session: WorkSession, key: QueryableAttribute[str], text: str) -> ColumnElement[bool]:
    """The condition that a typed text is in the search column: every word in one of its readings, or the number."""
    ways = read_typed(text).ways
    if not ways:
        return false()
    return or_(*(and_(*(or_(*(matches(session, key, each) for each in word)) for word in way)) for way in ways))


_End = TypeVar("_End", date, Decimal)


def _in_order(low: _End | None, high: _End | None) -> tuple[_End | None, _End | None]:
    """The two ends of a span; which of them is the first, they say themselves."""
    return (high, low) if low is not None and high is not None and high < low else (low, high)


def _one_of(expression: SQLColumnExpression[Any], name: str, values: Sequence[str]) -> ColumnElement[bool]:
    numbers = [number_of(value) for value in values if value != NONE]
    if None in numbers:
        raise bad_value(name)
    parts: list[ColumnElement[bool]] = []
    if numbers:
        parts.append(expression == numbers[0] if len(numbers) == 1 else expression.in_(numbers))
    if NONE in values:
        parts.append(expression.is_(None))
    return or_(*parts)


_NAME = func.coalesce(func.nullif(User.short_name, ""), User.full_name)
_NAMES: Select[*tuple[Any, ...]] = select(User.id, _NAME).where(User.id.in_(bindparam("ids", expanding=True)))


def _people(viewer: Viewer, condition: ColumnElement[bool]) -> list[Option]:
    statement = select(User.id, _NAME).where(condition).order_by(User.full_name, User.id)
    return [Option(str(id_), name) for id_, name in viewer.session.execute(statement.limit(MAX_OPTIONS))]


def _titles_read(
    viewer: Viewer, asking: Filter, values: Sequence[str], make: Callable[[], Select[*tuple[Any, ...]]]
) -> Read | None:
    """Reads the titles of the records among the values; nothing when there are none."""
    ids = [number for value in values if (number := number_of(value))]  # what is none, the condition refuses
    if not ids:
        return None
    # The filter is kept beside its statement: as long as it lives, no other can have its id.
    key = ("titles", id(asking), viewer.language)
    _, statement = row_rules(viewer.session).once(key, lambda: (asking, make()))
    return Read(statement, {"ids": ids})
