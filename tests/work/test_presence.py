"""Presence: said by the person, proved by his open page (S0-18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Select, String, bindparam, literal_column, select

from core.access.models import User
from core.access.policy import Scope
from core.db.kept import Read
from core.errors import Forbidden, Invalid
from core.host.plugins import hookimpl
from core.testing.statements import Statements
from core.work.presence import HEARTBEAT, LAPSE, PresenceState, arrive, lapse, presence_of, seen, set_presence
from tests.work.office import ANNA, BORIS, GLEB, VERA, Office


def state_of(office: Office, user: int) -> PresenceState:
    with office.database.reading(office.access(VERA)) as session:
        return presence_of(session, [user])[user].state


def test_a_person_says_where_he_is_and_everybody_hears_it(office: Office) -> None:
    with office.by(ANNA) as session:
        set_presence(session, PresenceState.AWAY, note="обед")
    with office.by(BORIS) as session:
        found = presence_of(session, [ANNA, BORIS])
    assert (found[ANNA].state, found[ANNA].note) == (PresenceState.AWAY, "обед")
    assert found[BORIS].state == PresenceState.OFF
    assert office.events("presence.changed") == [(None, {"user": ANNA})]


def test_who_is_seen_first_is_free_and_beats_alone_tell_nobody(office: Office) -> None:
    for _ in range(3):
        with office.by_system() as session:
            seen(session, [ANNA, BORIS])
        office.clock.go(seconds=HEARTBEAT.total_seconds())
    assert state_of(office, ANNA) == PresenceState.FREE
    assert len(office.events("presence.changed")) == 2


def test_who_is_not_seen_is_off_at_once_and_published_by_one_sweep(office: Office) -> None:
    with office.by(ANNA) as session:
        set_presence(session, PresenceState.BUSY)
    office.clock.go(seconds=LAPSE.total_seconds() + 1)
    assert state_of(office, ANNA) == PresenceState.OFF, "also before the sweep"
    for expected in ([ANNA], []):
        with office.by_system() as session:
            assert lapse(session, office.clock()) == expected
    assert len(office.events("presence.changed")) == 2


def test_who_comes_back_is_what_he_was_but_who_went_home_stays_off(office: Office) -> None:
    with office.by(ANNA) as session:
        set_presence(session, PresenceState.BUSY)
    with office.by(BORIS) as session:
        set_presence(session, PresenceState.OFF)
    office.clock.go(seconds=LAPSE.total_seconds() + 1)
    with office.by_system() as session:
        lapse(session, office.clock())
        seen(session, [ANNA, BORIS])
    assert state_of(office, ANNA) == PresenceState.BUSY
    assert state_of(office, BORIS) == PresenceState.OFF


def test_who_begins_to_work_is_there_also_if_he_had_gone_home(office: Office) -> None:
    """S0-18: who signs in is where he was when he was last seen; new and off people are free, and all hear it."""
    for state, expected in ((PresenceState.OFF, PresenceState.FREE), (PresenceState.BUSY, PresenceState.BUSY)):
        with office.by(ANNA) as session:
            set_presence(session, state)
        office.clock.go(seconds=LAPSE.total_seconds() + 1)
        with office.by_system() as session:
            lapse(session, office.clock())
            arrive(session, ANNA)
            arrive(session, BORIS)
        assert (state_of(office, ANNA), state_of(office, BORIS)) == (expected, PresenceState.FREE)


def test_who_is_at_his_place_arrives_with_one_statement(office: Office) -> None:
    """Everybody who takes something arrives, so it must cost next to nothing; a change is told, and only a change."""
    for _ in range(2):
        with office.by(ANNA) as session, Statements(office.database) as statements:
            arrive(session, ANNA)
        assert len([text for text in statements.texts if "core_presence" in text]) == 1
        office.clock.go(seconds=HEARTBEAT.total_seconds() + 1)
    with office.by(ANNA) as session:
        set_presence(session, PresenceState.AWAY, note="обед")
        arrive(session, ANNA)
        found = presence_of(session, [ANNA])[ANNA]
    assert (found.state, found.note) == (PresenceState.AWAY, "обед")
    assert office.events("presence.changed") == [(None, {"user": ANNA})] * 2


def test_until_a_moment_and_then_free_again(office: Office) -> None:
    until = office.clock() + timedelta(minutes=2)
    with office.by(ANNA) as session:
        set_presence(session, PresenceState.AWAY, until=until)
    with office.by_system() as session:
        seen(session, [ANNA])
        assert lapse(session, until - timedelta(seconds=1)) == []
    office.clock.moment = until
    with office.by_system() as session:
        seen(session, [ANNA])
    assert state_of(office, ANNA) == PresenceState.FREE
    with office.by_system() as session:
        assert lapse(session, until) == [ANNA]


def test_a_moment_that_has_passed_is_refused(office: Office) -> None:
    with pytest.raises(Invalid), office.by(ANNA) as session:
        set_presence(session, PresenceState.AWAY, until=office.clock())


def test_a_whole_picker_is_one_query(office: Office) -> None:
    with office.database.reading(office.access(ANNA)) as session, Statements(office.database) as statements:
        found = presence_of(session, [ANNA, BORIS, VERA, GLEB])
    assert len(found) == 4
    assert len(statements.texts) == 1


def test_only_whose_right_reaches_a_colleague_says_where_he_is(office: Office) -> None:
    """SEC-3: the head of Anna's department may, for Gleb of the other he may not."""
    with pytest.raises(Forbidden), office.by(VERA) as session:
        set_presence(session, PresenceState.AWAY, user_id=ANNA)
    office.grants[VERA] = {"core.presence.change": Scope.DEPARTMENT}
    with office.by(VERA) as session:
        set_presence(session, PresenceState.AWAY, user_id=ANNA)
    with pytest.raises(Forbidden), office.by(VERA) as session:
        set_presence(session, PresenceState.AWAY, user_id=GLEB)
    assert state_of(office, ANNA) == PresenceState.AWAY
    office.grants[VERA] = {"core.presence.change": Scope.NONE}
    with pytest.raises(Forbidden), office.by(VERA) as session:
        set_presence(session, PresenceState.AWAY)


def _whoever(text_of_line: str) -> Select[Any]:
    return select(User.id.label("user_id"), literal_column(text_of_line, String).label("line")).where(
        User.id.in_(bindparam("users", expanding=True))
    )


BROKEN, BUSY = _whoever("no_such_column"), _whoever("'call'")


def _lines(statement: Select[Any]) -> ModuleType:
    module = ModuleType("lines")

    def telephone_lines(user_ids: Sequence[int]) -> Read:
        return Read(statement, {"users": list(user_ids)})

    vars(module)["telephone_lines"] = hookimpl(telephone_lines)
    return module


@pytest.mark.parametrize("write", [False, True], ids=["reading", "writing"])
def test_an_addon_whose_read_of_lines_fails_spoils_no_picker(office: Office, *, write: bool) -> None:
    """SEC-59: the others' lines and everybody's presence are shown, and the failure is that addon's."""
    hooks = office.database.hooks
    hooks.register("garden", _lines(BROKEN))
    hooks.register("parking", _lines(BUSY))
    with office.by(ANNA) as session:
        set_presence(session, PresenceState.FREE)
    with office.database.session(office.access(ANNA), write=write) as session:
        found = presence_of(session, [ANNA, BORIS])
    assert (found[ANNA].shown, found[BORIS].shown) == ("call", "off")
    failures = {addon: hooks.statistics[addon, "telephone_lines"].failures for addon in ("garden", "parking")}
    assert failures == {"garden": 1, "parking": 0}
