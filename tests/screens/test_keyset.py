"""Keyset paging: every row exactly once and in order, forward and back, with ties and empty values, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Integer, String, delete, insert, literal_column, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db.base import Base
from core.db.engine import create_database_engine
from core.db.types import UtcDateTime
from core.errors import Refusal
from core.web.listing import keyset
from core.web.listing.keyset import Term

EPOCH = datetime(2026, 11, 20, tzinfo=UTC)


class Row(Base):
    """A row with sortable values of which many are equal or empty."""

    __tablename__ = "testscreens_keyset"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime())
    score: Mapped[int | None] = mapped_column(Integer)
    name: Mapped[str | None] = mapped_column(String(10))


@dataclass
class Walk:
    """A way through the rows."""

    session: Session
    terms: tuple[Term, ...]
    size: int

    def page(self, place: list[Any] | None, *, backward: bool = False) -> list[tuple[Any, ...]]:
        """One page after (or before) a place, in the list's own order."""
        wheres = [] if place is None else [keyset.after(self.terms, place, backward=backward)]
        statement = select(Row.id, *(term.expression for term in self.terms)).where(*wheres)
        statement = statement.order_by(*keyset.order_by(self.terms, backward=backward))
        rows = [tuple(row) for row in self.session.execute(statement.limit(literal_column(str(self.size))))]
        return rows[::-1] if backward else rows

    def forward(self) -> Iterator[list[tuple[Any, ...]]]:
        """All pages from the first, each from the place that the address of the one before names."""
        place = None
        while rows := self.page(place):
            yield rows
            place = keyset.decode(keyset.encode(rows[-1][1:]), self.terms)


@pytest.fixture(scope="module")
def session(databases: Any) -> Iterator[Session]:
    url = databases.create()
    engine = create_database_engine(url)
    Base.metadata.create_all(engine, tables=[Row.__table__])
    with Session(engine) as session:
        yield session
    engine.dispose()
    databases.drop(url)


ROWS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.one_of(st.none(), st.integers(-2, 2)),
        st.one_of(st.none(), st.sampled_from(["", "а", "Б", "b", "%_"])),
    ),
    max_size=25,
)
ORDERS = st.lists(
    st.sampled_from(["at", "-at", "score", "-score", "name", "-name"]), min_size=0, max_size=2, unique=True
)


def terms_of(names: list[str]) -> tuple[Term, ...]:
    found = [
        Term(getattr(Row, name.removeprefix("-")), name.startswith("-"), nullable=name.removeprefix("-") != "at")
        for name in names
    ]
    return (*found, Term(Row.id, found[-1].descending if found else True))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, names=ORDERS, size=st.integers(1, 7))
def test_each_row_comes_once_both_ways(session: Session, rows: list[Any], names: list[str], size: int) -> None:
    session.execute(delete(Row))
    if rows:
        session.execute(
            insert(Row),
            [
                {"id": number, "at": EPOCH + timedelta(minutes=at), "score": score, "name": name}
                for number, (at, score, name) in enumerate(rows, 1)
            ],
        )
    terms = terms_of(names)
    walk = Walk(session, terms, size)
    pages = list(walk.forward())
    ids = [row[0] for page in pages for row in page]
    everything = Walk(session, terms, 1000).page(None)
    assert ids == [row[0] for row in everything]
    assert sorted(ids) == list(range(1, len(rows) + 1))
    for earlier, later in pairwise(pages):
        assert walk.page(list(later[0][1:]), backward=True) == earlier


def test_empty_values_come_last_whichever_way(session: Session) -> None:
    session.execute(delete(Row))
    session.execute(
        insert(Row), [{"id": number, "at": EPOCH, "score": score} for number, score in ((1, None), (2, 5), (3, 7))]
    )
    for name, wanted in (("score", [2, 3, 1]), ("-score", [3, 2, 1])):
        assert [row[0] for row in Walk(session, terms_of([name]), 10).page(None)] == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "%00",
        "bnVsbA",
        keyset.encode([1]),
        keyset.encode([None, 5]),
        keyset.encode(["2026-11-20", 5]),
        keyset.encode(["2026-11-20T10:00:00", 5]),
        keyset.encode([EPOCH, 2**63]),
        keyset.encode([EPOCH, -(2**64)]),
        keyset.encode([EPOCH, "5"]),
        keyset.encode([EPOCH, True]),
        keyset.encode([EPOCH, 5, 6]),
        "W" * 3000,
    ],
)
def test_a_place_that_is_none_is_refused(text: str) -> None:
    """SEC-30: whatever stands in the address, it is a refusal and never a fault."""
    with pytest.raises(Refusal):
        keyset.decode(text, (Term(Row.at), Term(Row.id)))


@given(st.text(max_size=60))
def test_any_text_is_a_place_or_a_refusal(text: str) -> None:
    """SEC-30."""
    try:
        values = keyset.decode(text, (Term(Row.at), Term(Row.name, nullable=True), Term(Row.id)))
    except Refusal:
        return
    assert len(values) == 3


def test_a_text_no_column_holds_is_refused() -> None:
    """SEC-30: NUL and halves of surrogate pairs."""
    for text in ("a\x00b",):
        with pytest.raises(Refusal):
            keyset.decode(keyset.encode([text, 5]), (Term(Row.name, nullable=True), Term(Row.id)))
