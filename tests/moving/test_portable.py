"""Values of either database are the same when they mean the same."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from sqlalchemy import Column, Connection, Numeric, Text, cast, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from core.db.engine import create_database_engine
from core.db.portable import compared
from core.testing.databases import PostgresDatabases
from core.testing.postgres import PostgresServer

pytestmark = pytest.mark.slow


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> Iterator[Connection]:
    """A connection to PostgreSQL."""
    databases = PostgresDatabases(postgres_server)
    url = databases.create()
    engine = create_database_engine(url, pool_size=1)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
    databases.drop(url)


@pytest.mark.parametrize(
    "said",
    [
        "1e+16",
        "[1.50, -0, -0.0, 1E-7, 12345678901234567890123456789012345678901234567890.10]",
        '{"b": {"d": 1, "c": "1e+16"}, "a": [true, null, 1]}',
    ],
)
def test_json_is_the_same_however_postgresql_writes_it(postgres: Connection, said: str) -> None:
    arrived = postgres.scalar(select(cast(cast(literal(said, Text), JSONB), Text)))
    same = compared([Column("x", JSONB)])
    assert repr(same((said,))) == repr(same((arrived,)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", '"1"'),
        ("1", "true"),
        ("12345678901234567890123456789.1", "12345678901234567890123456789.2"),
        ('{"a": 1}', '{"a": 2}'),
    ],
)
def test_other_json_is_other(one: str, other: str) -> None:
    same = compared([Column("x", JSONB)])
    assert repr(same((one,))) != repr(same((other,)))


def test_all_digits_of_a_number_count() -> None:
    same = compared([Column("x", Numeric())])
    one, other = Decimal("12345678901234567890123456789.1"), Decimal("12345678901234567890123456789.2")
    assert same((one,)) != same((other,))
    assert repr(same((Decimal("1.50"),))) == repr(same((Decimal("1.5"),)))
