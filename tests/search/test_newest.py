"""The newest of what matches: the quick half of the search, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Text, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from core.db.engine import create_database_engine
from core.db.migrations import Migrations
from core.db.search_index import SEARCHED, Ways, newest


class _Models(DeclarativeBase):
    pass


class Guest(_Models):
    __tablename__ = "hotel_guest"

    id: Mapped[int] = mapped_column(primary_key=True)
    search_key: Mapped[str] = mapped_column(Text, info=SEARCHED)


KEYS = [
    "петров иван 79161234567 petrov ivan",
    "сидоров пётр петрович sidorov petr petrovich",
    'o\'neil "shaq" 100% x_y',
    "иванов петр ivanov petr",
]


@pytest.fixture
def session(database_url: str, tmp_path: Path) -> Iterator[Session]:
    """A table with a search index, made by migrations, with the keys above as its rows 1 to 4."""
    engine = create_database_engine(database_url)
    folder = tmp_path / "revisions"
    Migrations(engine).revision("hotel", folder, _Models.metadata, "step")
    Migrations(engine).upgrade("hotel", folder)
    with Session(engine) as session:
        session.add_all(Guest(id=number, search_key=key) for number, key in enumerate(KEYS, 1))
        session.commit()
        yield session
    engine.dispose()


def found(session: Session, ways: Ways, limit: int = 10, *, whole: bool = False) -> list[int]:
    ids = newest(session, Guest.search_key, ways, limit, whole=whole)
    return sorted(session.scalars(select(Guest.id).where(Guest.id.in_(ids))))


@pytest.mark.parametrize(
    ("ways", "expected"),
    [
        ([[["петров"]]], [1, 2]),
        ([[["bdfyjd", "иванов"]]], [4]),
        ([[["петр"], ["иван"]]], [1, 4]),
        ([[["нет"]], [["4567"]]], [1]),
        ([[["нет"], ["иванов"]]], []),
        ([[["и"]]], [1, 4]),
        ([[["пе"]]], [1, 2, 4]),
        ([[['"shaq"']]], [3]),
        ([[["100%"]]], [3]),
        ([[["%"]]], []),
        ([[["x_y"]]], [3]),
        ([[["xzy"]]], []),
        ([[["'neil"]]], [3]),
        ([[['" OR "петров']]], []),
        ([[["петров иван"]]], [1]),
    ],
)
def test_ways_words_and_readings(session: Session, ways: Ways, expected: list[int]) -> None:
    """Any of the ways, all of its words, each in any reading; signs mean themselves (SEC-29)."""
    assert found(session, ways) == expected


def test_a_whole_word_is_no_beginning_of_another(session: Session) -> None:
    assert found(session, [[["петров"]]], whole=True) == [1]
    assert found(session, [[["петр"]]], whole=True) == [4]
    assert found(session, [[["пётр"]]], whole=True) == [2]


def test_only_the_newest(session: Session) -> None:
    assert found(session, [[["петр"]]], limit=1) == [4]
    assert found(session, [[["петр"]]], limit=2) == [2, 4]
