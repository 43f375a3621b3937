"""State machines: never in an undeclared state, never lost, never two winners (SEC-6, SEC-48)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.access.policy import Scope
from core.db.audit import AuditEntry, AuditValue
from core.db.engine import WorkSession
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.work.states import (
    Allowed,
    Answer,
    Need,
    NeedsInput,
    Refused,
    State,
    StateMachine,
    Transition,
    TransitionRefused,
)
from tests.work.office import ANNA, BORIS, Office
from tests.work.records import Ticket

STATES = (
    State("new", "New"),
    State("taken", "Taken", "progress"),
    State("done", "Done", "done", terminal=True),
    State("ignored", "Ignored", "cancelled", terminal=True),
)
WHY = Need("why", "Reason", column="reason")


def paid(record: Ticket, facts: Mapping[str, Any]) -> Answer:
    if facts["paid"]:
        return Allowed()
    return Refused("%(sum)s are to be paid first.", {"sum": facts["sum"]}, missing=("payment",), offered="ignored")


TRANSITIONS = (
    Transition("take", ("new",), "taken", "Take", right="worktest.ticket.take"),
    Transition("give_back", ("taken",), "new", "Give back"),
    Transition("finish", ("taken",), "done", "Finish", guards=(paid,)),
    Transition("ignore", ("new", "taken"), "ignored", "Ignore", needs=(WHY,)),
)
FACTS = {"paid": False, "sum": 100}
MACHINE = StateMachine(
    "worktest.ticket", STATES, TRANSITIONS, facts=lambda _session, record: {**FACTS, "paid": record.reason == "paid"}
)


def new_ticket(office: Office, **values: Any) -> int:
    with office.by(ANNA) as session:
        ticket = Ticket(**values)
        session.add(ticket)
        session.flush()
        MACHINE.start(session, ticket)
        return ticket.id


def with_session(session: WorkSession, ticket: Ticket) -> Ticket:
    """A ticket that was read before, as it was then."""
    session.add(ticket)
    return ticket


@pytest.fixture
def anyone(office: Office) -> Office:
    """Everybody may take tickets."""
    for user in (ANNA, BORIS):
        office.grants[user] = {"worktest.ticket.take": Scope.OWN}
    return office


def test_the_answers_are_data() -> None:
    ticket = Ticket(state="taken")
    assert MACHINE.ask(ticket, "give_back", {}) == Allowed()
    assert MACHINE.ask(ticket, "finish", FACTS) == Refused(
        "%(sum)s are to be paid first.", {"sum": 100}, ("payment",), "ignored"
    )
    assert MACHINE.ask(ticket, "ignore", {}) == NeedsInput((WHY,))
    assert MACHINE.ask(ticket, "ignore", {"why": "ошибка"}) == Allowed()
    assert isinstance(MACHINE.ask(ticket, "take", {}), Refused)
    with pytest.raises(NotFound):
        MACHINE.ask(ticket, "explode", {})


def test_the_screen_offers_what_the_person_may_do_with_the_answer_for_each(anyone: Office) -> None:
    ticket = Ticket(state="new")
    offered = MACHINE.options(ticket, {}, anyone.access(ANNA))
    assert [(way.action, type(answer)) for way, answer in offered] == [("take", Allowed), ("ignore", NeedsInput)]
    stranger = anyone.access(3)
    assert [way.action for way, _answer in MACHINE.options(ticket, {}, stranger)] == ["ignore"]
    assert isinstance(MACHINE.ask(ticket, "take", {}, stranger), Refused)


def test_a_transition_moves_the_record_and_writes_history_and_trail(anyone: Office) -> None:
    """SEC-63: who, when, from, to, why, and how long the last state held."""
    id_ = new_ticket(anyone)
    anyone.clock.go(minutes=5)
    with anyone.by(BORIS) as session:
        ticket = session.get_one(Ticket, id_)
        assert MACHINE.apply(session, ticket, "take", comment="мой") == "taken"
        assert (ticket.state, ticket.updated_by_id) == ("taken", BORIS)
        start, step = MACHINE.history(session, ticket)
    assert (start.from_state, start.to_state, start.seconds) == ("", "new", 0)
    assert (step.author_id, step.from_state, step.to_state, step.comment, step.seconds) == (
        BORIS,
        "new",
        "taken",
        "мой",
        300,
    )
    with anyone.by_system() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "worktest.ticket.take")).one()
        assert (entry.user_id, entry.subject_type, entry.subject_id) == (BORIS, "worktest_ticket", id_)
        assert session.get_one(AuditValue, entry.id).changes == {"state": ["new", "taken"]}


def test_inputs_go_into_the_named_column_only(anyone: Office) -> None:
    """SEC-7: nothing else of the inputs reaches the record."""
    id_ = new_ticket(anyone)
    with anyone.by(ANNA) as session:
        ticket = session.get_one(Ticket, id_)
        MACHINE.apply(session, ticket, "ignore", {"why": "ошибка номером", "state": "done", "reason": "paid"})
        assert (ticket.state, ticket.reason) == ("ignored", "ошибка номером")


def test_refusals_change_nothing(anyone: Office) -> None:
    id_ = new_ticket(anyone)
    with pytest.raises(Invalid) as lacking, anyone.by(ANNA) as session:
        MACHINE.apply(session, session.get_one(Ticket, id_), "ignore")
    assert lacking.value.errors == {"why": ["Fill in this field."]}
    with pytest.raises(TransitionRefused) as refused, anyone.by(ANNA) as session:
        MACHINE.apply(session, session.get_one(Ticket, id_), "finish")
    assert refused.value.status == 409
    with pytest.raises(Forbidden), anyone.by(3) as session:
        MACHINE.apply(session, session.get_one(Ticket, id_), "take")
    with anyone.by_system() as session:
        ticket = session.get_one(Ticket, id_)
        assert ticket.state == "new"
        assert len(MACHINE.history(session, ticket)) == 1


def test_nobody_talks_a_guard_round_by_sending_its_facts(anyone: Office) -> None:
    id_ = new_ticket(anyone, state="taken")
    with pytest.raises(TransitionRefused), anyone.by(ANNA) as session:
        MACHINE.apply(session, session.get_one(Ticket, id_), "finish", {"paid": True})


def test_of_two_who_act_on_the_same_state_the_second_is_told_who_was_first(anyone: Office) -> None:
    """SEC-48."""
    id_ = new_ticket(anyone)
    with anyone.database.reading(anyone.access(ANNA)) as early:
        seen = early.get_one(Ticket, id_)
    with anyone.by(BORIS) as session:
        MACHINE.apply(session, session.get_one(Ticket, id_), "take")
    assert seen.state == "new"
    with pytest.raises(Conflict) as lost, anyone.by(ANNA) as session:
        MACHINE.apply(session, with_session(session, seen), "take")
    assert lost.value.values == {"name": "Борис", "state": "Taken"}
    with anyone.by_system() as session:
        assert len(MACHINE.history(session, session.get_one(Ticket, id_))) == 2


def test_a_deleted_record_is_missing_not_taken(anyone: Office) -> None:
    id_ = new_ticket(anyone)
    with anyone.database.reading(anyone.access(ANNA)) as early:
        seen = early.get_one(Ticket, id_)
    with anyone.by_system() as session:
        session.delete(session.get_one(Ticket, id_))
    with pytest.raises(NotFound), anyone.by(ANNA) as session:
        MACHINE.apply(session, with_session(session, seen), "take")


def test_an_addon_adds_states_ways_and_guards_without_touching_the_owner() -> None:
    more = MACHINE.extended(
        states=[State("parked", "Parked")],
        transitions=[Transition("park", ("taken",), "parked", "Park")],
        guards={"give_back": [lambda _record, _facts: Refused("Not today.")]},
    )
    assert more.ask(Ticket(state="taken"), "park", {}) == Allowed()
    assert more.ask(Ticket(state="taken"), "give_back", {}) == Refused("Not today.")
    assert MACHINE.ask(Ticket(state="taken"), "give_back", {}) == Allowed()
    with pytest.raises(ValueError, match="unknown actions"):
        MACHINE.extended(guards={"fly": []})


def test_a_state_of_an_absent_addon_is_shown_and_does_not_move() -> None:
    ticket = Ticket(state="parked")
    assert (MACHINE.state_of(ticket).title, MACHINE.state_of(ticket).terminal) == ("parked", True)
    assert isinstance(MACHINE.ask(ticket, "ignore", {"why": "x"}), Refused)


@pytest.mark.parametrize(
    ("states", "transitions", "message"),
    [
        ((), (), "none is"),
        ((*STATES, STATES[0]), (), "twice"),
        (STATES, (Transition("a", ("nowhere",), "new", "A"),), "unknown state 'nowhere'"),
        (STATES, (Transition("a", ("new",), "nowhere", "A"),), "unknown state 'nowhere'"),
        (STATES, (Transition("a", ("done",), "new", "A"),), "terminal state 'done'"),
        (STATES, (TRANSITIONS[0], TRANSITIONS[0]), "two ways"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused_at_start(
    states: tuple[State, ...], transitions: tuple[Transition, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        StateMachine("worktest.wrong", states, transitions)


ACTIONS = st.sampled_from([way.action for way in TRANSITIONS])
STEPS = st.lists(st.tuples(ACTIONS, st.sampled_from([{}, {"why": "x"}, {"why": ""}])), max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, reason=st.sampled_from(["", "paid"]))
def test_any_sequence_of_actions_leaves_a_declared_state_and_a_continuous_history(
    anyone: Office, steps: list[tuple[str, dict[str, str]]], reason: str
) -> None:
    id_ = new_ticket(anyone, reason=reason)
    with anyone.by(ANNA) as session:
        ticket = session.get_one(Ticket, id_)
        for action, inputs in steps:
            before, ended = ticket.state, MACHINE.state_of(ticket).terminal
            try:
                MACHINE.apply(session, ticket, action, inputs)
                assert not ended, "nothing leaves a terminal state"
            except (TransitionRefused, Invalid):
                assert ticket.state == before
            anyone.clock.go(seconds=7)
        history = MACHINE.history(session, ticket)
        state = ticket.state
    assert state in MACHINE.states
    assert [step.to_state for step in history[:-1]] == [step.from_state for step in history[1:]]
    assert history[-1].to_state == state
    assert sum(step.seconds for step in history) == (history[-1].at - history[0].at).total_seconds()
