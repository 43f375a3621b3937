"""Moving a document from state to state: who may, what must hold, what it writes.

A guard answers with data (:class:`core.Obstacle`), so that a card can say beforehand why a button would be refused, in the words in
which the step itself refuses it. The row is locked before anything is asked of it, so of two people one is first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from addons.contacts.services.documents import head_of, index_document, show_state
from addons.service.models import Booking, CarVisit, RepairOrder
from addons.service.services.states import Machine, Move
from core import (
    Blocked,
    Conflict,
    Invalid,
    Obstacle,
    T,
    WorkSession,
    change_where,
    expect_reach,
    expect_record,
    publish,
    subject_of,
    timeline,
)

D = TypeVar("D", Booking, CarVisit, RepairOrder)
MOVED = "service.moved"
"""The kind of the timeline's entry about a new state."""
LONGEST_WORDS = 300


Guard = Callable[[WorkSession, D], Sequence[Obstacle]]


@dataclass(frozen=True, slots=True)
class Kind(Generic[D]):
    """One kind of document of service.

    :param thing: what its rights are of: ``service.booking``; its type in the journal as well.
    :param guards: what must hold before a state is reached, by the state.
    :param topic: the event that tells open pages of a change.
    """

    model: type[D]
    machine: Machine
    thing: str
    missing: str
    topic: str
    guards: Mapping[str, Sequence[Guard[D]]] = field(default_factory=dict)

    def get(self, session: WorkSession, number: int) -> D:
        """A document the person may know of.

        :raises NotFound: otherwise.
        """
        return expect_record(session, self.model, number, self.missing)

    def expect(self, session: WorkSession, record: D, action: str) -> None:
        """Refuse what the person may not do to this one.

        :raises Forbidden: naming nothing more than that.
        """
        expect_reach(session, record, f"{self.thing}.{action}")

    def expect_state(self, record: D, states: Collection[str]) -> None:
        """Refuse what is done in these states only.

        :raises Conflict: naming the state it is in.
        """
        if record.state not in states:
            raise Conflict("This cannot be done now: %(state)s.", state=self.machine[record.state].title)

    def lock(self, session: WorkSession, record: D) -> None:
        """The record as it is now; nobody else changes it until this transaction ends."""
        session.flush()
        session.refresh(record, with_for_update=True)

    def told(self, session: WorkSession, record: D) -> None:
        """Tell open pages that it has changed."""
        publish(session, self.topic, record=record.id)


def obstacles(session: WorkSession, kind: Kind[D], record: D, target: str) -> list[Obstacle]:
    """Everything that stands in the way of this state, besides the state it is in."""
    return [obstacle for guard in kind.guards.get(target, ()) for obstacle in guard(session, record)]


def rights_to_move(kind: Kind[D], record: D) -> set[str]:
    """The rights that the buttons of this state ask for."""
    return {f"{kind.thing}.{move.right}" for move in _by_hand(kind, record)}


def offered(
    session: WorkSession, kind: Kind[D], record: D, rights: Collection[str]
) -> list[tuple[Move, list[Obstacle]]]:
    """The moves a person has buttons for, each with what stands in its way; one that asks first says it then.

    :param rights: those that reach the record, of :func:`rights_to_move`.
    """
    mine = [move for move in _by_hand(kind, record) if f"{kind.thing}.{move.right}" in rights]
    return [(move, [] if move.asks else obstacles(session, kind, record, move.target)) for move in mine]


def _by_hand(kind: Kind[D], record: D) -> list[Move]:
    return [move for move in kind.machine.moves_from(record.state) if move.by_hand]


def advance(
    session: WorkSession,
    kind: Kind[D],
    record: D,
    target: str,
    *,
    words: str = "",
    values: Mapping[str, Any] | None = None,
    by_hand: bool = True,
) -> bool:
    """Move a document to another state; where it is there already nothing happens, so a double click does it once.

    :param words: why, for moves that ask.
    :param values: other columns that change with the state.
    :param by_hand: false for a step that follows from another one: the right of that one was asked.
    :returns: whether it was moved.
    :raises Forbidden: for who may not move it there himself, also where it is there already.
    :raises Invalid: without the words a move asks for.
    :raises Conflict: where no such move leads from its state, or something stands in the way
        (:class:`core.Blocked`, with all of it).
    """
    kind.lock(session, record)
    if by_hand:
        kind.expect(session, record, kind.machine.right_to(target))
    before = record.state
    if before == target:
        return False
    move = kind.machine.move(before, target)
    if move is None or (by_hand and not move.by_hand):
        raise Conflict("This cannot be done now: %(state)s.", state=kind.machine[before].title)
    if by_hand:
        kind.expect(session, record, move.right)
    _expect_words(move, words)
    if found := obstacles(session, kind, record, target):
        raise Blocked(*found)
    changed = {"state": target, "state_since": session.now(), **(values or {})}
    change_where(
        session, kind.model, [kind.model.id == record.id], changed, action=f"{kind.thing.partition('.')[2]}.moved"
    )
    _show(session, kind, record)
    _note(session, kind, record, before, words)
    kind.told(session, record)
    return True


def _expect_words(move: Move, words: str) -> None:
    if move.asks and not words.strip():
        raise Invalid({"words": [T("Say why.")]})
    if len(words.strip()) > LONGEST_WORDS:
        raise Invalid({"words": [T("This is too long.")]})


def _show(session: WorkSession, kind: Kind[D], record: D) -> None:
    document = head_of(session, record.id)
    show_state(session, document, kind.machine[record.state])
    index_document(session, document)
    session.flush()


def _note(session: WorkSession, kind: Kind[D], record: D, before: str, words: str) -> None:
    titles = kind.machine.titles
    states = {"before": {"msgid": titles[before]}, "after": {"msgid": titles[record.state]}}
    timeline.add_entry(session, [subject_of(record)], MOVED, "%(before)s → %(after)s", states, body=words.strip())
