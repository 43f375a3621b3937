"""Gathering what the sources found: rights, order, marking, and a source that fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from core.access.policy import Access, Scope
from core.db.engine import Database, WorkSession
from core.errors import Forbidden
from core.host.plugins import PAUSE_AFTER, Hooks
from core.web.search import Find, Gathered, Hit, Place, SearchSource, clean_query, gather

PERSON = Access(user_id=1, grants={"shop.person.read": Scope.ALL})


@pytest.fixture
def session(tmp_path: Path) -> Iterator[WorkSession]:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}", Hooks())
    with database.reading(PERSON) as session:
        yield session
    database.dispose()


def source(name: str, find: Find, *, right: str = "shop.person.read", order: int = 100) -> SearchSource:
    return SearchSource(name, name.title(), "user", right, find, order)


def giving(*titles: str, text: str = "", also: tuple[str, ...] = ()) -> Find:
    def find(_session: WorkSession, _query: str, limit: int) -> Sequence[Hit]:
        return [Hit(title, (Place("shop.person", {"record_id": 1}),), text, also) for title in titles][:limit]

    return find


def asked(session: WorkSession, query: str, *sources: SearchSource, limit: int = 5) -> Gathered:
    return gather(session, [("shop", each) for each in sources], query, limit)


def test_only_sources_of_ones_own_rights_are_asked(session: WorkSession) -> None:
    """SEC-2: what a person may not read is not even looked for."""

    def never(_session: WorkSession, _query: str, _limit: int) -> Sequence[Hit]:
        raise AssertionError("this source is not for him")

    found = asked(session, "иванов", source("secrets", never, right="shop.secret.read"))
    assert found.groups == []
    assert found.failed == []


def test_the_group_with_the_best_hit_is_first(session: WorkSession) -> None:
    found = asked(
        session,
        "иванов",
        source("documents", giving("ВТ-1", text="Иванов"), order=1),
        source("clients", giving("Иванов Виктор"), order=2),
    )
    assert [group.source.name for group in found.groups] == ["clients", "documents"]
    assert found.groups[0].best > found.groups[1].best


def test_equally_good_groups_come_in_their_order(session: WorkSession) -> None:
    both = [source("one", giving("Иванов"), order=20), source("two", giving("Иванов"), order=10)]
    assert [group.source.name for group in asked(session, "иванов", *both).groups] == ["two", "one"]


def test_hits_are_ordered_by_how_well_they_answer(session: WorkSession) -> None:
    found = asked(session, "иванов", source("clients", giving("Петров Иванович", "Иванова", "Иванов")))
    assert [each.hit.title for each in found.groups[0].hits] == ["Иванов", "Иванова", "Петров Иванович"]


def test_what_matched_is_marked(session: WorkSession) -> None:
    """The marked pieces joined are the text, whichever layout it was typed in (S2-32)."""
    (ranked,) = asked(session, "bdfyjd", source("clients", giving("Иванов Виктор"))).groups[0].hits
    assert [text for text, hit in ranked.title if hit] == ["Иванов"]
    assert "".join(text for text, _ in ranked.title) == "Иванов Виктор"


def test_another_text_is_shown_only_when_it_explains_the_hit(session: WorkSession) -> None:
    clients = source("clients", giving("Петров", text="+7 903", also=("petrov@example.ru", "XTA21099012345678")))
    by_vin = asked(session, "21099012", clients).groups[0].hits[0]
    by_name = asked(session, "петров", clients).groups[0].hits[0]
    assert "".join(text for text, _ in by_vin.text) == "+7 903 · XTA21099012345678"
    assert "".join(text for text, _ in by_name.text) == "+7 903"


def test_a_hit_that_nothing_explains_is_shown_last(session: WorkSession) -> None:
    ranked = asked(session, "абв", source("clients", giving("Петров", "Абвгд"))).groups[0].hits
    assert [each.hit.title for each in ranked] == ["Абвгд", "Петров"]
    assert ranked[-1].score == 1


@pytest.mark.parametrize("error", [RuntimeError("broken"), SystemExit(1)])
def test_a_source_that_fails_leaves_the_others_alone(session: WorkSession, error: BaseException) -> None:
    def broken(_session: WorkSession, _query: str, _limit: int) -> Sequence[Hit]:
        raise error

    found = asked(session, "иванов", source("broken", broken), source("clients", giving("Иванов")))
    assert found.failed == ["shop"]
    assert [group.source.name for group in found.groups] == ["clients"]


def test_an_addon_that_keeps_failing_is_left_alone(session: WorkSession) -> None:
    """SEC-59: it is not asked any more, and said so."""
    calls = []

    def broken(_session: WorkSession, query: str, _limit: int) -> Sequence[Hit]:
        calls.append(query)
        raise RuntimeError

    for _ in range(PAUSE_AFTER + 2):
        found = asked(session, "иванов", source("broken", broken))
        assert found.failed == ["shop"]
    assert len(calls) == PAUSE_AFTER


def test_a_source_that_refuses_has_nothing_for_this_person(session: WorkSession) -> None:
    def refusing(_session: WorkSession, _query: str, _limit: int) -> Sequence[Hit]:
        raise Forbidden("You have no right to do this.")

    found = asked(session, "иванов", source("clients", refusing))
    assert (found.groups, found.failed) == ([], [])


@pytest.mark.parametrize("query", ["", "и"])
def test_one_letter_looks_for_no_records(session: WorkSession, query: str) -> None:
    assert asked(session, query, source("clients", giving("Иванов"))).groups == []


@pytest.mark.parametrize(
    ("query", "meant"), [("bdfyjd", "иванов"), ("иванов", ""), ("ivanov", ""), ("bdfyjd dbrnjh", "иванов виктор")]
)
def test_the_corrected_layout_is_told(session: WorkSession, query: str, meant: str) -> None:
    """S2-32: only when nothing was found the way it was typed."""
    assert asked(session, query, source("clients", giving("Иванов Виктор"))).read_as == meant


def test_a_query_is_cut_and_cleaned() -> None:
    """SEC-36: input is capped."""
    assert clean_query("  Иванов \t Виктор ") == "Иванов Виктор"
    assert len(clean_query("я" * 5000)) == 100
