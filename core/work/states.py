"""State machines as tables: which state a record may go to, under which conditions, by whom.

The screen, the API and the code ask the same :meth:`StateMachine.ask` and get the same answer as data:
it is allowed, it is refused (and why, and what would do instead), or something has to be filled in.
:meth:`StateMachine.apply` asks once more and moves the record by a conditional update, so that of two
people who act at once one wins and the other is told by whom (SEC-6, SEC-48).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from core.access.policy import Access
from core.db.base import Record
from core.db.change import change_where, expect_reach
from core.db.engine import WorkSession
from core.errors import Conflict, Invalid, NotFound, Refusal
from core.work.models import StateChange
from core.work.people import name_of
from core.work.subjects import Subject, subject_of

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class State:
    """A state of a record; ``kind`` groups states for colours and filters, nothing leaves a terminal one."""

    code: str
    title: str
    kind: str = "open"
    terminal: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """Something to be filled in for a transition; it goes into ``column`` of the record when that is named."""

    name: str
    title: str
    column: str | None = None
    required: bool = True


@dataclass(frozen=True, slots=True)
class Allowed:
    """Nothing stands against it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A rule stands against it: its text (a msgid with values), the facts it lacks, the state that would fit."""

    rule: str
    values: Mapping[str, Any] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    offered: str = ""


@dataclass(frozen=True, slots=True)
class NeedsInput:
    """It is allowed once these are filled in."""

    fields: tuple[Need, ...]


Answer = Allowed | Refused | NeedsInput
Guard = Callable[[Any, Facts], Answer]
"""Asked with the record and the facts known so far. What the person has yet to fill in is absent from
the facts then: a guard refuses only what no input could mend, or answers ``NeedsInput`` itself."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One way from some states to another; an action may have several, from different states."""

    action: str
    sources: tuple[str, ...]
    target: str
    title: str
    guards: tuple[Guard, ...] = ()
    needs: tuple[Need, ...] = ()
    right: str = ""


class TransitionRefused(Refusal):
    """A rule forbids the transition now: 409 with the :class:`Refused` answer."""

    status = 409

    def __init__(self, answer: Refused) -> None:
        super().__init__(answer.rule, **answer.values)
        self.answer = answer


class StateMachine:
    """The states of one kind of record and the ways between them.

    :param name: ``<addon>.<thing>``; histories are kept under it.
    :param attribute: the record's column that holds the state.
    :param facts: reads what the guards have to know, in one go.
    :raises ValueError: the table contradicts itself; the message names the machine.
    """

    def __init__(
        self,
        name: str,
        states: Sequence[State],
        transitions: Sequence[Transition],
        *,
        attribute: str = "state",
        facts: Callable[[WorkSession, Any], Facts] | None = None,
    ) -> None:
        self.name = name
        self.states = {state.code: state for state in states}
        self.transitions = tuple(transitions)
        self.attribute = attribute
        self._facts = facts
        self._ways = {(way.action, source): way for way in transitions for source in way.sources}
        self._check(states)

    def state_of(self, record: Record) -> State:
        """The record's state; one nobody declares (its addon is off) is shown by its code and does not move."""
        code: str = getattr(record, self.attribute)
        return self.states.get(code) or State(code, code, terminal=True)

    def ask(self, record: Record, action: str, facts: Facts, access: Access | None = None) -> Answer:
        """Whether this action is possible now, and if not, why; changes nothing.

        :param access: also ask whether this person has the right.
        :raises NotFound: no state has such an action.
        """
        way = self._ways.get((action, getattr(record, self.attribute)))
        if way is None:
            return self._impossible(record, action)
        if access is not None and way.right and not access.may(way.right):
            return Refused("You have no right to do this.")
        wanted: list[Need] = []
        for guard in way.guards:
            answer = guard(record, facts)
            if isinstance(answer, Refused):
                return answer
            if isinstance(answer, NeedsInput):
                wanted += answer.fields
        wanted += [need for need in way.needs if need.required and facts.get(need.name) in (None, "")]
        return NeedsInput(tuple(dict.fromkeys(wanted))) if wanted else Allowed()

    def options(self, record: Record, facts: Facts, access: Access) -> list[tuple[Transition, Answer]]:
        """What could be done from the present state by this person, with the answer for each."""
        state = getattr(record, self.attribute)
        ways = [way for way in self.transitions if state in way.sources and (not way.right or access.may(way.right))]
        return [(way, self.ask(record, way.action, facts)) for way in ways]

    def facts(self, session: WorkSession, record: Record, inputs: Facts | None = None) -> dict[str, Any]:
        """What is known about the record, with what the person has filled in; nobody fills in a known fact."""
        known = self._facts(session, record) if self._facts else {}
        return {**(inputs or {}), **known}

    def start(self, session: WorkSession, record: Record) -> None:
        """Begin the history of a new record, which has just been flushed in its first state."""
        self._log(session, record, "start", "", getattr(record, self.attribute), "", session.now())

    def apply(
        self, session: WorkSession, record: Record, action: str, inputs: Facts | None = None, *, comment: str = ""
    ) -> str:
        """Move the record, and write its history and the audit trail; returns the new state.

        :param inputs: the values of the transition's needs, already converted and checked by type.
        :raises Forbidden: the person has not the right.
        :raises TransitionRefused: a guard stands against it.
        :raises Invalid: something has to be filled in.
        :raises Conflict: somebody has moved the record meanwhile; the message names him and the state.
        """
        source: str = getattr(record, self.attribute)
        way = self._ways.get((action, source))
        if way is not None and way.right:
            session.access.require(way.right)
            expect_reach(session, record, way.right)
        given = dict(inputs or {})
        _demand(self.ask(record, action, self.facts(session, record, given)))
        assert way is not None
        since = self._since(session, record)
        written = {need.column: given[need.name] for need in way.needs if need.column and need.name in given}
        self._move(session, record, source, {**written, self.attribute: way.target}, action)
        self._log(session, record, action, source, way.target, comment, since)
        return way.target

    def extended(
        self,
        states: Sequence[State] = (),
        transitions: Sequence[Transition] = (),
        guards: Mapping[str, Sequence[Guard]] | None = None,
    ) -> StateMachine:
        """The machine with what an addon adds: states, ways between them, further guards by action.

        :raises ValueError: the additions contradict what is there.
        """
        more = guards or {}
        unknown = more.keys() - {way.action for way in (*self.transitions, *transitions)}
        if unknown:
            raise ValueError(f"{self.name}: guards for unknown actions {sorted(unknown)}")
        ways = [
            replace(way, guards=(*way.guards, *more.get(way.action, ()))) for way in (*self.transitions, *transitions)
        ]
        return StateMachine(
            self.name, [*self.states.values(), *states], ways, attribute=self.attribute, facts=self._facts
        )

    def _check(self, states: Sequence[State]) -> None:
        problems = []
        if len(self.states) != len(states) or not states:
            problems.append("a state is declared twice, or none is")
        if len(self._ways) != sum(len(way.sources) for way in self.transitions):
            problems.append("an action leads two ways from one state")
        for way in self.transitions:
            unknown = {*way.sources, way.target} - self.states.keys()
            problems += [f"{way.action}: unknown state {code!r}" for code in sorted(unknown)]
            ended = [code for code in way.sources if code in self.states and self.states[code].terminal]
            problems += [f"{way.action}: nothing leaves the terminal state {code!r}" for code in ended]
        if problems:
            raise ValueError(f"state machine {self.name}: " + "; ".join(problems))

    def _impossible(self, record: Record, action: str) -> Refused:
        if not any(way.action == action for way in self.transitions):
            raise NotFound("There is no such action.")
        return Refused("This is not possible in the state “%(state)s”.", {"state": self.state_of(record).title})

    def _move(self, session: WorkSession, record: Record, source: str, values: Mapping[str, Any], action: str) -> None:
        model = type(record)
        still_there = [model.id == record.id, getattr(model, self.attribute) == source]
        if not change_where(session, model, still_there, values, action=f"{self.name}.{action}"):
            self._lost(session, record)

    def _lost(self, session: WorkSession, record: Record) -> None:
        """Tell the one who was second what the first one did; :raises Conflict: always."""
        model, subject = type(record), subject_of(record)
        session.expire(record)
        state = session.execute(
            select(getattr(model, self.attribute)).where(model.id == subject.id)
        ).scalar_one_or_none()
        if state is None:
            raise NotFound("There is no such record.")
        last = session.scalars(self._history(subject).limit(1)).one_or_none()
        title = self.states[state].title if state in self.states else state
        who = name_of(session, last.author_id) if last else ""
        raise Conflict("%(name)s was first: the state is “%(state)s” now.", name=who or "—", state=title)

    def _since(self, session: WorkSession, record: Record) -> datetime:
        """Since when the record has been in its present state."""
        last = session.scalars(self._history(subject_of(record)).limit(1)).one_or_none()
        return last.at if last else record.created_at

    def _history(self, subject: Subject) -> Any:
        return (
            select(StateChange)
            .where(
                StateChange.subject_type == subject.type,
                StateChange.subject_id == subject.id,
                StateChange.machine == self.name,
            )
            .order_by(StateChange.id.desc())
        )

    def history(self, session: WorkSession, record: Record) -> list[StateChange]:
        """Every step of the record, the first one first."""
        return list(session.scalars(self._history(subject_of(record))))[::-1]

    def _log(
        self, session: WorkSession, record: Record, action: str, source: str, target: str, comment: str, since: datetime
    ) -> None:
        now, subject = session.now(), subject_of(record)
        values = {
            "machine": self.name,
            "subject_type": subject.type,
            "subject_id": subject.id,
            "action": action,
            "from_state": source,
            "to_state": target,
            "at": now,
            "author_id": session.access.user_id,
            "comment": comment,
            "seconds": max(0, int((now - since).total_seconds())),
        }
        session.execute(insert(StateChange), [values])


def _demand(answer: Answer) -> None:
    """Turn anything but ``Allowed`` into the refusal it is."""
    if isinstance(answer, Refused):
        raise TransitionRefused(answer)
    if isinstance(answer, NeedsInput):
        raise Invalid({need.name: ["Fill in this field."] for need in answer.fields})
