"""Column types with one meaning each: UTC time, money in kopecks."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import BigInteger, DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

MAX_BIG = 2**63 - 1
"""The most a BIGINT column holds."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, aware and in UTC in Python, with microseconds (SEC-55).

    PostgreSQL keeps ``timestamptz``; SQLite keeps the same moment without a zone.
    A naive datetime is refused: it would silently mean somebody's local time.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Money(TypeDecorator[int]):
    """An amount in whole kopecks. Roubles exist only at the edge: see :func:`to_kopecks`."""

    impl = BigInteger
    cache_ok = True


def to_kopecks(roubles: Decimal) -> int:
    """Kopecks of an amount in roubles, halves rounded up as accounting does."""
    return int((roubles * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_roubles(kopecks: int) -> Decimal:
    """An exact amount in roubles, with two digits after the point."""
    return (Decimal(kopecks) / 100).quantize(Decimal("0.01"))
