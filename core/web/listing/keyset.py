"""Paging by keyset: a page begins after the last row of the one before, however many rows there are.

A row's place is the tuple of its order terms, the id last. Empty values come last whichever way a column
is sorted, on both databases alike; terms that cannot be empty keep the plain form that an index serves.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Integer,
    Numeric,
    SQLColumnExpression,
    String,
    TypeDecorator,
    and_,
    false,
    literal,
    or_,
    tuple_,
)
from sqlalchemy.types import TypeEngine

from core.db.types import MAX_BIG, UtcDateTime
from core.errors import Refusal
from core.web.http import checked_text
from core.web.i18n import T
from core.web.listing.language import type_of

MAX_CURSOR = 2000


@dataclass(frozen=True, slots=True)
class Term:
    """One part of an order: an expression, its direction, and whether it can be empty."""

    expression: SQLColumnExpression[Any]
    descending: bool = False
    nullable: bool = False

    def ordered(self, *, backward: bool) -> ColumnElement[Any]:
        """The ``ORDER BY`` element, for walking forward or backward."""
        down = self.descending != backward
        element: ColumnElement[Any] = self.expression.desc() if down else self.expression.asc()
        if not self.nullable:
            return element
        return element.nulls_first() if backward else element.nulls_last()

    def same(self, value: Any) -> ColumnElement[bool]:
        """Rows that have this value."""
        return self.expression.is_(None) if value is None else self.expression == self.bound(value)

    def beyond(self, value: Any, *, backward: bool) -> ColumnElement[bool]:
        """Rows that come after this value on the way."""
        if value is None:
            return self.expression.is_not(None) if backward else false()
        down = self.descending != backward
        further = self.expression < self.bound(value) if down else self.expression > self.bound(value)
        return or_(further, self.expression.is_(None)) if self.nullable and not backward else further

    def bound(self, value: Any) -> ColumnElement[Any]:
        """The value as a parameter of the column's type."""
        return literal(value, type_of(self.expression))


def after(terms: Sequence[Term], place: Sequence[Any], *, backward: bool = False) -> ColumnElement[bool]:
    """The condition for the rows beyond a place, in the order's direction or against it."""
    if len({term.descending for term in terms}) == 1 and not any(term.nullable for term in terms):
        return _compared(terms, place, backward=backward)
    condition: ColumnElement[bool] = false()
    for term, value in reversed(list(zip(terms, place, strict=True))):
        condition = or_(term.beyond(value, backward=backward), and_(term.same(value), condition))
    return condition


def _compared(terms: Sequence[Term], place: Sequence[Any], *, backward: bool) -> ColumnElement[bool]:
    """One comparison of row values, which an index over all terms answers in one step."""
    columns = tuple_(*(term.expression for term in terms))
    values = tuple_(*(term.bound(value) for term, value in zip(terms, place, strict=True)))
    return columns < values if terms[0].descending != backward else columns > values


def order_by(terms: Sequence[Term], *, backward: bool = False) -> list[ColumnElement[Any]]:
    """The ``ORDER BY`` elements of a page."""
    return [term.ordered(backward=backward) for term in terms]


def encode(place: Sequence[Any]) -> str:
    """A place as it stands in the address."""
    return base64.urlsafe_b64encode(msgspec.json.encode([_plain(value) for value in place])).decode().rstrip("=")


def decode(text: str, terms: Sequence[Term]) -> list[Any]:
    """The place an address names.

    :raises Refusal: 400 when it is no place in this order.
    """
    if len(text) > MAX_CURSOR:
        raise _no_place()
    try:
        values = msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=list[Any])
        if len(values) != len(terms):
            raise _no_place()
        return [_typed(value, term) for value, term in zip(values, terms, strict=True)]
    except (ValueError, TypeError, ArithmeticError, binascii.Error, msgspec.DecodeError) as error:
        raise _no_place() from error


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _typed(value: Any, term: Term) -> Any:
    """A decoded value as the column's type wants it; what fits no column is refused here, not by the database."""
    if value is None:
        if not term.nullable:
            raise ValueError("an order term that is never empty")
        return None
    kind = type_of(term.expression)
    if isinstance(kind, UtcDateTime):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("a moment without a zone")
        return moment.astimezone(UTC)  # at the edge of time this overflows here, and not at the bind
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return _plain_typed(value, kind.impl_instance if isinstance(kind, TypeDecorator) else kind)


def _plain_typed(value: Any, kind: TypeEngine[Any]) -> Any:
    """A number, a text or a truth value that a column of this type can hold."""
    if isinstance(kind, Numeric):
        return Decimal(value) if isinstance(value, str) else float(value)
    wanted: type | tuple[type, ...] = (int, str)
    if isinstance(kind, Boolean):
        wanted = bool
    elif isinstance(kind, Integer):
        wanted = int
    elif isinstance(kind, String):
        wanted = str
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise TypeError(f"{value!r} is no value of this column")
    if isinstance(value, int) and abs(value) > MAX_BIG:
        raise ValueError("a number no column holds")
    if isinstance(value, str) and not checked_text(value):
        raise ValueError("a text no column holds")
    return value


def _no_place() -> Refusal:
    return Refusal(T("This address does not name a place in the list."))
