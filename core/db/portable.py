"""The values of an SQLite database as PostgreSQL takes them, and the proof that they have arrived.

SQLite keeps in a column whatever it is given, PostgreSQL what the column's type allows; so each value is looked at
before it goes, and one that does not fit is told in words.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    Text,
    Time,
    Uuid,
    cast,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.type_api import TypeEngine

Value = Any
Reader = Callable[[Value], Value]
"""Makes what SQLite's driver gives into what the column of PostgreSQL takes."""

_SHOWN = 60

_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


class Unfit(ValueError):
    """A value that PostgreSQL would not take; the text says what is wrong with it."""


class Unmovable(TypeError):
    """A column of a type whose values nobody knows how to move."""


@dataclass(slots=True)
class Proof:
    """How many rows a table holds, and a digest of all of them in whatever order: equal only for equal rows.

    The digests of the rows are added up, so that a table need not be sorted, which either database does its own way.
    """

    rows: int = 0
    _sum: int = 0

    def add(self, row: tuple[Value, ...]) -> None:
        """Count a row in."""
        self.rows += 1
        digest = hashlib.blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=32).digest()
        self._sum = (self._sum + int.from_bytes(digest, "big")) % (1 << 256)

    @property
    def digest(self) -> str:
        """The digest, for a person."""
        return f"{self._sum:064x}"


def readers(columns: Sequence[Column[Any]]) -> list[Reader]:
    """For each of these columns of PostgreSQL, what makes a value of it.

    :raises Unmovable: for a type nobody knows.
    """
    return [_filled(_reader(column)) if column.nullable else _required(_reader(column)) for column in columns]


def asked(column: Column[Any]) -> Any:
    """What to select in PostgreSQL to compare a value: JSON as its text, for SQL's NULL and JSON's null are two."""
    return cast(column, Text) if isinstance(column.type, JSON) else column


def compared(columns: Sequence[Column[Any]]) -> Callable[[Sequence[Value]], tuple[Value, ...]]:
    """What makes a row of either side comparable: the same moment in the same zone, the same number one way."""
    sames = [_same(column.type) for column in columns]
    return lambda row: tuple(
        value if value is None or same is None else same(value) for same, value in zip(sames, row, strict=True)
    )


def _same(kind: TypeEngine[Any]) -> Reader | None:
    if isinstance(kind, DateTime) and kind.timezone:
        return lambda value: value.astimezone(UTC)
    if isinstance(kind, JSONB):
        return lambda value: _in_order(json.loads(value, parse_int=_number, parse_float=_number))
    if isinstance(kind, Numeric) and not isinstance(kind, Float):
        return _number
    return None


def _number(value: str | Decimal) -> Decimal:
    """A number written one way, with all its digits: PostgreSQL makes 10000000000000000 of 1e+16, and 0 of -0."""
    exact = Decimal(value).normalize(_EXACT)
    return exact or Decimal(0)


def _in_order(value: Value) -> Value:
    """What JSON says, its objects with their names in order."""
    if isinstance(value, dict):
        return {name: _in_order(part) for name, part in sorted(value.items())}
    return [_in_order(part) for part in value] if isinstance(value, list) else value


def _filled(reader: Reader) -> Reader:
    return lambda value: None if value is None else reader(value)


def _required(reader: Reader) -> Reader:
    def read(value: Value) -> Value:
        if value is None:
            raise Unfit("is empty and must not be")
        return reader(value)

    return read


def _reader(column: Column[Any]) -> Reader:
    for kinds, make in _READERS:
        if isinstance(column.type, kinds):
            return make(column.type)
    raise Unmovable(f"{column.table.name}.{column.name}: values of the type {column.type} cannot be moved")


# --- one type at a time ----------------------------------------------------------------------------


def _text(kind: Any) -> Reader:
    longest = kind.length or math.inf

    def read(value: Value) -> str:
        if isinstance(value, bytes):
            raise Unfit(f"{_short(value)} is no text in UTF-8")
        if not isinstance(value, str):
            raise Unfit(f"{_short(value)} is no text")
        if "\0" in value:
            raise Unfit(f"{_short(value)} has a NUL character, which PostgreSQL does not keep")
        if len(value) > longest:
            raise Unfit(f"{_short(value)} has {len(value)} characters, the column takes {longest}")
        return value

    return read


def _whole(bits: int) -> Callable[[Any], Reader]:
    edge = 1 << (bits - 1)

    def read(value: Value) -> int:
        if not isinstance(value, int):
            raise Unfit(f"{_short(value)} is no whole number")
        if not -edge <= value < edge:
            raise Unfit(f"{value} is beyond what the column takes ({bits} bits)")
        return value

    return lambda _kind: read


def _truth(_kind: Any) -> Reader:
    def read(value: Value) -> bool:
        if value not in (0, 1):
            raise Unfit(f"{_short(value)} is neither true nor false")
        return bool(value)

    return read


def _moment(kind: Any) -> Reader:
    """A moment without a zone is in UTC, as all that Forecourt writes (SEC-55)."""

    def read(value: Value) -> datetime:
        moment: datetime = _iso(datetime, value)
        aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return aware if kind.timezone else aware.replace(tzinfo=None)

    return read


def _day_or_time(form: type[date] | type[time]) -> Callable[[Any], Reader]:
    return lambda _kind: lambda value: _iso(form, value)


def _iso(form: Any, value: Value) -> Any:
    if not isinstance(value, str):
        raise Unfit(f"{_short(value)} is no {_FORMS[form]}")
    try:
        return form.fromisoformat(value)
    except ValueError as error:
        raise Unfit(f"{_short(value)} is no {_FORMS[form]}") from error


_FORMS = {datetime: "date with a time", date: "date", time: "time of day"}


def _json(_kind: Any) -> Reader:
    text = _text(Text())

    def read(value: Value) -> str:
        # What it says goes as it stands. SQLite hands out a number where JSON is one alone.
        said: str = text(str(value) if isinstance(value, int | float) else value)
        try:
            json.loads(said, parse_constant=_refuse_constant)
        except ValueError as error:
            raise Unfit(f"{_short(said)} is no JSON: {error}") from error
        return said

    return read


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not allowed")


def _octets(_kind: Any) -> Reader:
    def read(value: Value) -> bytes:
        if not isinstance(value, bytes):
            raise Unfit(f"{_short(value)} is text where bytes belong")
        return value

    return read


def _broken(_kind: Any) -> Reader:
    def read(value: Value) -> float:
        if not isinstance(value, int | float):
            raise Unfit(f"{_short(value)} is no number")
        return float(value)

    return read


def _decimal(kind: Any) -> Reader:
    def read(value: Value) -> Decimal:
        try:
            exact = Decimal(str(value))
            kept = exact if kind.scale is None else exact.quantize(Decimal(1).scaleb(-kind.scale))
        except InvalidOperation as error:
            raise Unfit(f"{_short(value)} is no number") from error
        if kept != exact:
            raise Unfit(f"{_short(value)} has more than {kind.scale} digits after the point")
        return kept

    return read


def _uuid(_kind: Any) -> Reader:
    def read(value: Value) -> UUID:
        try:
            return UUID(str(value))
        except ValueError as error:
            raise Unfit(f"{_short(value)} is no UUID") from error

    return read


_READERS: Sequence[tuple[Any, Callable[[Any], Reader]]] = (
    (JSON, _json),
    (Boolean, _truth),
    (SmallInteger, _whole(16)),
    (BigInteger, _whole(64)),
    (Integer, _whole(32)),
    (String, _text),
    (DateTime, _moment),
    (Date, _day_or_time(date)),
    (Time, _day_or_time(time)),
    (LargeBinary, _octets),
    (Float, _broken),
    (Numeric, _decimal),
    (Uuid, _uuid),
)
"""The special ones before those they are special kinds of."""


def _short(value: Value) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def read_row(
    names: Sequence[str], reading: Sequence[Reader], row: Sequence[Value]
) -> tuple[tuple[Value, ...], list[str]]:
    """The values of a row, and what is wrong with them, each with its column."""
    try:
        return tuple([read(value) for read, value in zip(reading, row, strict=True)]), []
    except Unfit:
        return (), list(_wrong(names, reading, row))


def _wrong(names: Sequence[str], reading: Sequence[Reader], row: Sequence[Value]) -> Iterator[str]:
    for name, read, value in zip(names, reading, row, strict=True):
        try:
            read(value)
        except Unfit as unfit:
            yield f"{name}: {unfit}"
