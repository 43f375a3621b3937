"""The timeline: everything once, in one order, page by page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.access.policy import Scope
from core.errors import Forbidden, Invalid
from core.testing.clock import NOON
from core.work.notifications import active
from core.work.subjects import Subject
from core.work.timeline import Line, Position, TimelinePage, add_entry, mentioned_logins, merge_lines, note, timeline
from tests.work.office import ANNA, BORIS, VERA, Office

CLIENT = Subject("contacts_contact", 5)
CAR = Subject("contacts_vehicle", 9)


def line(minute: int, id_: int = 1, source: str = "call") -> Line:
    return Line(at=NOON + timedelta(minutes=minute), id=id_, source=source, kind="telephony.call", title="Call")


def read(office: Office, *subjects: Subject, **options: object) -> TimelinePage:
    with office.database.reading(office.access(VERA)) as session:
        return timeline(session, subjects, **options)  # type: ignore[arg-type]


def test_a_note_stands_on_every_subject_it_names_and_comes_once_for_both(office: Office) -> None:
    with office.by(ANNA) as session:
        note(session, CLIENT, " Приедет в среду ", also=[CAR])
        note(session, Subject("contacts_contact", 6), "о другом")
    for subjects in ([CLIENT], [CAR], [CLIENT, CAR]):
        [found] = read(office, *subjects).lines
        assert (found.body, found.author_id, found.kind) == ("Приедет в среду", ANNA, "core.note")
    assert read(office).lines == []
    assert len(office.events("timeline.added")) == 3


@pytest.mark.parametrize("text", ["", "  \n", "я" * 4001])
def test_empty_and_endless_notes_are_refused(office: Office, text: str) -> None:
    """SEC-36."""
    with pytest.raises(Invalid), office.by(ANNA) as session:
        note(session, CLIENT, text)


def test_colleagues_named_in_a_note_are_notified_the_author_is_not(office: Office) -> None:
    with office.by(ANNA) as session:
        note(session, CLIENT, "@User2, позвони ему; @user1 @nobody mail@user3.ru")
    for user, expected in {ANNA: 0, BORIS: 1, VERA: 0}.items():
        with office.by(user) as session:
            assert len(active(session)) == expected


def test_mentions_are_folded_unique_and_limited() -> None:
    assert list(mentioned_logins("@Anna. @anna @a.b-c, (@d) x@e @@f @-")) == ["anna", "a.b-c", "d"]
    assert len(list(mentioned_logins(" ".join(f"@u{number}" for number in range(50))))) == 20


def test_pages_go_back_in_time_without_gap_or_repeat_and_kinds_filter(office: Office) -> None:
    with office.by(ANNA) as session:
        for number in range(10):
            add_entry(
                session,
                [CLIENT, CAR],
                "sales.event" if number % 2 else "core.note",
                "Offer %(n)s",
                {"n": number},
                at=NOON + timedelta(minutes=number // 3),  # several at the same moment
            )
    calls = [line(minute, id_=minute) for minute in (3, 2, 1, 0)]
    seen, before = [], None
    while True:
        page = read(office, CLIENT, CAR, before=before, limit=3, more=[calls])
        seen += page.lines
        if page.older is None:
            break
        before = Position.parse(page.older.text)
    assert len(seen) == 14
    assert [found.position for found in seen] == sorted((found.position for found in seen), reverse=True)
    assert len({found.position for found in seen}) == 14
    assert {found.kind for found in read(office, CLIENT, kinds=["sales.event"]).lines} == {"sales.event"}


lines = st.builds(line, st.integers(0, 5), st.integers(1, 5), st.sampled_from(["call", "change", "entry"]))


@given(st.lists(lines, unique_by=lambda found: found.position), st.integers(1, 4))
def test_merging_loses_nothing_and_repeats_nothing(all_lines: list[Line], limit: int) -> None:
    by_source = [
        sorted((found for found in all_lines if found.source == source), key=lambda found: found.position, reverse=True)
        for source in ("call", "change", "entry")
    ]
    pages, before = [], None
    while True:
        page = merge_lines(by_source, before, limit)
        pages += page.lines
        before = page.older
        if before is None:
            break
    assert [found.position for found in pages] == sorted((found.position for found in all_lines), reverse=True)


@pytest.mark.parametrize("text", ["", "x~1~entry", "2026-03-10T09:00:00~x~entry", "2026-03-10T09:00:00"])
def test_a_broken_position_is_bad_input(text: str) -> None:
    """SEC-30."""
    with pytest.raises(Invalid):
        Position.parse(text)


def test_an_entry_needs_a_subject(office: Office) -> None:
    with pytest.raises(ValueError), office.by(ANNA) as session:
        add_entry(session, [], "core.note", "Note")


def test_who_may_not_read_or_write_notes_does_not(office: Office) -> None:
    """SEC-4: events stay, notes are not there."""
    with office.by(ANNA) as session:
        note(session, CLIENT, "между нами")
        add_entry(session, [CLIENT], "sales.event", "Offer")
    office.grants[VERA] = {"core.comment.read": Scope.NONE, "core.comment.create": Scope.NONE}
    assert [found.kind for found in read(office, CLIENT).lines] == ["sales.event"]
    with pytest.raises(Forbidden), office.by(VERA) as session:
        note(session, CLIENT, "и мы")
