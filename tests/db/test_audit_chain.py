"""What was sealed cannot be changed, removed, swapped or added to unnoticed (SEC-64)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.access.policy import system
from core.db import audit_chain, audit_heads
from core.db.audit import AuditEntry, AuditValue, note_action
from core.db.audit_chain import AuditSeal, Head, to_ranges
from core.db.audit_heads import UnreadableHeads
from core.db.base import Base
from core.db.engine import Database, WorkSession
from core.host.plugins import Hooks
from core.host.tables import load_core_models
from core.testing.clock import SetClock

KEY = b"k" * 32


class Trail:
    """A database with an audit trail, and the hands that tamper with it."""

    def __init__(self, url: str) -> None:
        self.clock = SetClock()
        self.database = Database(url, Hooks(), clock=self.clock)

    @contextlib.contextmanager
    def writing(self) -> Iterator[WorkSession]:
        with self.database.writing(system("test")) as session:
            yield session

    def note(self, *actions: str) -> None:
        """Entries, in one transaction."""
        with self.writing() as session:
            for number, action in enumerate(actions):
                note_action(session, action, None, number=number, name="Иванов", price=1.5)

    def seal(self) -> int:
        with self.writing() as session:
            return audit_chain.seal(session, KEY)

    def problems(self, *heads: Head, key: bytes = KEY) -> list[str]:
        with self.database.reading(system("test")) as session:
            return audit_chain.verify(session, key, heads)

    def head(self) -> Head:
        with self.database.reading(system("test")) as session:
            found = audit_chain.head(session)
        assert found is not None
        return found

    def tamper(self, *statements: object) -> None:
        with self.database.engine.begin() as connection:
            for statement in statements:
                connection.execute(statement)  # type: ignore[call-overload]

    def seals(self) -> list[AuditSeal]:
        with self.database.reading(system("test")) as session:
            return list(session.scalars(select(AuditSeal).order_by(AuditSeal.id)))


@pytest.fixture
def trail(database_url: str) -> Iterator[Trail]:
    load_core_models()
    found = Trail(database_url)
    tables = [Base.metadata.tables[model.__tablename__] for model in (AuditEntry, AuditValue, AuditSeal)]
    Base.metadata.create_all(found.database.engine, tables)
    yield found
    found.database.dispose()


@pytest.fixture
def sealed(trail: Trail) -> Trail:
    """Nine entries under three seals."""
    for batch in ("abc", "def", "ghi"):
        trail.note(*batch)
        assert trail.seal() == 3
    return trail


def test_an_untouched_trail_is_whole(sealed: Trail) -> None:
    sealed.note("new and not sealed")

    assert sealed.problems(sealed.head()) == []
    assert [(each.first_id, each.last_id, each.count) for each in sealed.seals()] == [(1, 3, 3), (4, 6, 3), (7, 9, 3)]


def test_nothing_new_is_no_seal(sealed: Trail) -> None:
    assert sealed.seal() == 0
    assert len(sealed.seals()) == 3


@pytest.mark.parametrize(
    "changed",
    [
        {"action": "other"},
        {"user_id": 7},
        {"source": "elsewhere"},
        {"subject_type": "core_user"},
        {"subject_id": 5},
        {"at": datetime(2025, 1, 1, tzinfo=UTC)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_changed_entry_is_found(sealed: Trail, changed: dict[str, object]) -> None:
    sealed.tamper(update(AuditEntry).where(AuditEntry.id == 5).values(**changed))

    (problem,) = sealed.problems()
    assert problem.startswith("seal 2 ")
    assert "4-6" in problem


def test_swapped_entries_are_found(sealed: Trail) -> None:
    sealed.tamper(
        update(AuditEntry).where(AuditEntry.id == 4).values(action="e"),
        update(AuditEntry).where(AuditEntry.id == 5).values(action="d"),
    )

    assert [problem.split(" of ")[0] for problem in sealed.problems()] == ["seal 2"]


@pytest.mark.parametrize(("removed", "said"), [([5], "5"), ([1, 2], "1-2"), ([9], "9"), ([3, 4, 5], "3")])
def test_removed_entries_are_named(sealed: Trail, removed: list[int], said: str) -> None:
    sealed.tamper(
        delete(AuditValue).where(AuditValue.audit_id.in_(removed)), delete(AuditEntry).where(AuditEntry.id.in_(removed))
    )

    assert f"entries removed {said}" in sealed.problems()


def test_an_added_entry_is_found(sealed: Trail) -> None:
    """Also in a number that was free when its neighbours were sealed, once nobody waits for it any more."""
    with sealed.database.engine.begin() as connection:
        row = dict(connection.execute(select(*AuditEntry.__table__.columns).where(AuditEntry.id == 5)).mappings().one())
    sealed.tamper(insert(AuditEntry).values({**row, "id": 20}))
    assert sealed.seal() == 1
    sealed.clock.moment += timedelta(days=2)
    sealed.tamper(insert(AuditEntry).values({**row, "id": 21}))
    assert sealed.seal() == 1
    assert sealed.problems() == []

    sealed.tamper(insert(AuditEntry).values({**row, "id": 15}))

    assert sealed.problems() == ["entries added 15"]


def test_changed_values_are_found_and_erased_ones_are_none(sealed: Trail) -> None:
    """SEC-71: erasing what tells of a person breaks no chain; rewriting it is found."""
    sealed.tamper(delete(AuditValue).where(AuditValue.audit_id == 2))
    assert sealed.problems() == []

    sealed.tamper(update(AuditValue).where(AuditValue.audit_id == 5).values(changes={"name": "Петров"}))

    assert sealed.problems() == ["entries given other values 5"]


def test_a_removed_seal_is_found(sealed: Trail) -> None:
    sealed.tamper(delete(AuditSeal).where(AuditSeal.id == 2))

    assert "seals removed 2" in sealed.problems()
    assert "entries added 4-6" in sealed.problems()


def test_a_trail_that_was_cut_off_differs_from_the_copy_outside(sealed: Trail) -> None:
    kept = sealed.head()
    sealed.tamper(
        delete(AuditSeal).where(AuditSeal.id == 3),
        delete(AuditValue).where(AuditValue.audit_id > 6),
        delete(AuditEntry).where(AuditEntry.id > 6),
    )

    assert sealed.problems() == []
    assert sealed.problems(kept) == ["seal 3 was removed: a copy of it is kept outside"]


def test_a_chain_made_anew_with_another_key_is_found(sealed: Trail) -> None:
    kept = sealed.head()
    sealed.tamper(delete(AuditSeal), update(AuditEntry).where(AuditEntry.id == 1).values(action="other"))
    with sealed.writing() as session:
        audit_chain.seal(session, b"forged" * 8)

    assert sealed.problems(key=KEY)
    assert sealed.problems(kept, key=b"forged" * 8) == ["seal 3 was removed: a copy of it is kept outside"]


@pytest.mark.parametrize(
    "changed", [{"last_id": 8}, {"count": 4}, {"previous": "0" * 64}, {"gaps": [[1, 99, 0]]}, {"ranges": [[7, 10**12]]}]
)
def test_a_changed_seal_is_found(sealed: Trail, changed: dict[str, object]) -> None:
    sealed.tamper(update(AuditSeal).where(AuditSeal.id == 3).values(**changed))

    assert any(problem.startswith("seal 3 ") for problem in sealed.problems())


def test_entries_that_nobody_sealed_for_a_day_are_told(sealed: Trail) -> None:
    sealed.note("forgotten")
    sealed.clock.moment += timedelta(days=1, seconds=1)

    assert sealed.problems() == ["entries not sealed, though they are more than a day old: 10"]


def test_seals_are_limited_and_the_rest_follows(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_chain, "BATCH", 4)
    trail.note(*"abcdefghij")

    assert [trail.seal() for _ in range(4)] == [4, 4, 2, 0]
    assert trail.problems() == []


def test_of_two_that_seal_at_once_one_is_undone(sealed: Trail) -> None:
    sealed.note("j")
    number = sealed.head().id
    with sealed.writing() as session:
        audit_chain.seal(session, KEY)

    values = {name: getattr(sealed.seals()[-1], name) for name in (*audit_chain._SAID, "mac")}
    with pytest.raises(IntegrityError):
        sealed.tamper(insert(AuditSeal).values({**values, "id": number + 1}))

    assert sealed.problems() == []


# --- late commits --------------------------------------------------------------------------------


def test_entries_that_commit_late_with_lower_numbers_are_sealed_too(trail: Trail) -> None:
    """PostgreSQL gives numbers before the commit: two slow transactions end after a later one was sealed."""
    if trail.database.dialect == "sqlite":
        assert trail.seal() == 0  # one writer at a time: numbers are in the order of the commits
        return
    first = trail.database.session(system("slow"), write=True)
    second = trail.database.session(system("slower"), write=True)
    note_action(first, "one")
    note_action(second, "two")
    trail.note("three")
    note_action(first, "four")
    trail.note("five")

    assert trail.seal() == 2
    assert [gap[:2] for gap in trail.seals()[-1].gaps] == [[1, 2], [4, 4]]
    assert trail.problems() == []
    first.commit()
    assert trail.problems() == []
    assert trail.seal() == 2
    assert [gap[:2] for gap in trail.seals()[-1].gaps] == [[2, 2]]
    trail.note("six")
    second.commit()
    assert trail.seal() == 2
    assert trail.seals()[-1].gaps == []
    assert [each.ranges for each in trail.seals()] == [[[3, 3], [5, 5]], [[1, 1], [4, 4]], [[2, 2], [6, 6]]]
    assert trail.problems() == []
    first.close()
    second.close()


def test_numbers_that_were_rolled_back_are_waited_for_a_day(trail: Trail) -> None:
    trail.note("a")
    with contextlib.suppress(ZeroDivisionError), trail.writing() as session:
        note_action(session, "b")
        raise ZeroDivisionError
    trail.note("c")
    trail.seal()
    expected = [] if trail.database.dialect == "sqlite" else [[2, 2]]
    assert [gap[:2] for gap in trail.seals()[-1].gaps] == expected

    trail.clock.moment += timedelta(days=1, seconds=1)
    trail.note("d")
    trail.seal()

    assert trail.seals()[-1].gaps == []
    assert trail.problems() == []


@given(ids=st.sets(st.integers(1, 60), min_size=1), late=st.sets(st.integers(1, 60)))
def test_ranges_and_gaps_are_exactly_the_numbers(ids: set[int], late: set[int]) -> None:
    ranges = to_ranges(sorted(ids))
    assert {number for first, last in ranges for number in range(first, last + 1)} == ids
    assert all(right[0] > left[1] + 1 for left, right in pairwise(ranges))

    now = datetime(2026, 3, 10, tzinfo=UTC)
    gaps = audit_chain._gaps(audit_chain._End(), ranges, now)
    missing = {number for first, last, _ in gaps for number in range(first, last + 1)}
    assert missing == set(range(1, max(ids))) - ids

    end = audit_chain._End(1, max(ids), "", tuple((first, last, since) for first, last, since in gaps))
    arrived = sorted(late & missing) or [max(ids) + 1]
    rest = audit_chain._gaps(end, to_ranges(arrived), now)
    assert {number for first, last, _ in rest for number in range(first, last + 1)} == missing - set(arrived)


# --- copies outside ------------------------------------------------------------------------------


def test_a_copy_of_the_newest_seal_is_added_to_a_file_once(sealed: Trail, tmp_path: Path) -> None:
    path = tmp_path / "outside" / "heads"
    with sealed.writing() as session:
        assert audit_heads.keep_head(session, path)
        assert not audit_heads.keep_head(session, path)
    sealed.note("j")
    sealed.seal()
    with sealed.writing() as session:
        assert audit_heads.keep_head(session, path)

    assert [head.id for head in audit_heads.read_heads(path)] == [3, 4]
    assert sealed.problems(*audit_heads.read_heads(path)) == []
    assert path.stat().st_mode & 0o077 == 0


def test_an_empty_trail_has_no_head(trail: Trail, tmp_path: Path) -> None:
    with trail.writing() as session:
        assert not audit_heads.keep_head(session, tmp_path / "heads")
    assert audit_heads.read_heads(tmp_path / "heads") == []


def test_a_damaged_file_of_copies_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "heads").write_text("nonsense\n")

    with pytest.raises(UnreadableHeads):
        audit_heads.read_heads(tmp_path / "heads")


def test_the_key_is_needed(sealed: Trail) -> None:
    assert len(sealed.problems(key=b"other" * 8)) == 3
