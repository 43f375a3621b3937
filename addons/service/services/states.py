"""The states of bookings, car visits and repair orders and the moves between them, declared once.

Lists, boards, cards, the API, print forms and tests read them from here; what must hold for a move is in
:mod:`addons.service.services.moves`.
"""

from __future__ import annotations

from dataclasses import dataclass

from core import T


@dataclass(frozen=True, slots=True)
class State:
    """A state of a document; ``look`` is the colour of its pill, a ``terminal`` one ends it."""

    code: str
    title: str
    look: str = ""
    terminal: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """A way from some states to another one.

    :param title: what its button says.
    :param right: the action that a person needs, without the thing: ``change``.
    :param kind: the look of the button.
    :param asks: what it wants to be told first: why something is cancelled.
    :param by_hand: whether it has a button; else it follows from another step.
    """

    target: str
    sources: tuple[str, ...]
    title: str
    right: str = "change"
    icon: str = "arrow-right"
    kind: str = ""
    asks: str = ""
    by_hand: bool = True


@dataclass(frozen=True, slots=True)
class Machine:
    """The states of one kind of document, in the order of its life, and its moves."""

    states: tuple[State, ...]
    moves: tuple[Move, ...]

    def __getitem__(self, code: str) -> State:
        return next(state for state in self.states if state.code == code)

    @property
    def first(self) -> State:
        """Where each one begins."""
        return self.states[0]

    @property
    def open(self) -> tuple[str, ...]:
        """The codes of the states that do not end it."""
        return tuple(state.code for state in self.states if not state.terminal)

    @property
    def titles(self) -> dict[str, str]:
        """What the states are called, by code."""
        return {state.code: state.title for state in self.states}

    def moves_from(self, code: str) -> list[Move]:
        """What can become of a document in this state, as far as only the state is asked."""
        return [move for move in self.moves if code in move.sources]

    def right_to(self, target: str) -> str:
        """The action that a person needs who moves one to this state himself."""
        return next((move.right for move in self.moves if move.target == target and move.by_hand), "change")

    def move(self, source: str, target: str) -> Move | None:
        """The move from one state to the other, if there is one."""
        return next((move for move in self.moves_from(source) if move.target == target), None)


WHY = T("Why?")

BOOKING = Machine(
    states=(
        State("scheduled", T("Scheduled"), "acc"),
        State("checked_in", T("Checked in"), "teal"),
        State("in_progress", T("In progress"), "ok"),
        State("completed", T("Completed"), "", terminal=True),
        State("cancelled", T("Cancelled"), "", terminal=True),
        State("no_show", T("No-show"), "bad", terminal=True),
    ),
    moves=(
        Move("checked_in", ("scheduled", "no_show"), T("The client has come"), by_hand=False),
        Move("scheduled", ("checked_in", "in_progress"), T("Schedule again"), by_hand=False),
        Move("in_progress", ("checked_in",), T("Work begins"), by_hand=False),
        Move("completed", ("checked_in", "in_progress"), T("Done"), by_hand=False),
        Move("no_show", ("scheduled",), T("Did not come"), icon="user-off"),
        Move("cancelled", ("scheduled",), T("Cancel it"), icon="x", kind="danger-q", asks=WHY),
        Move("scheduled", ("no_show", "cancelled"), T("Schedule again"), icon="calendar"),
    ),
)
"""A booking. What comes after its client has come follows from the car visit."""

VISIT = Machine(
    states=(
        State("open", T("In the workshop"), "acc"),
        State("ready", T("Ready"), "vio"),
        State("handed_over", T("Given out"), "ok", terminal=True),
        State("cancelled", T("Cancelled"), "", terminal=True),
    ),
    moves=(
        Move("ready", ("open",), T("The car is ready"), icon="check", kind="primary"),
        Move("open", ("ready",), T("Back to the workshop"), icon="arrow-back-up"),
        Move("handed_over", ("ready",), T("Hand the car over"), right="hand_over", icon="key", kind="primary"),
        Move("cancelled", ("open",), T("Cancel it"), icon="x", kind="danger-q", asks=WHY),
    ),
)
"""A car visit."""

ORDER = Machine(
    states=(
        State("draft", T("Draft"), ""),
        State("agreed", T("Agreed"), "acc"),
        State("in_work", T("In work"), "ok"),
        State("done", T("Done"), "vio"),
        State("closed", T("Archive"), "", terminal=True),
        State("cancelled", T("Cancelled"), "", terminal=True),
    ),
    moves=(
        Move("agreed", ("draft",), T("The client agrees"), by_hand=False),
        Move("in_work", ("agreed", "done"), T("Into work"), icon="player-play", kind="primary"),
        Move("done", ("in_work",), T("All is done"), icon="checks", kind="primary"),
        Move("done", ("closed",), T("Take out of the archive"), right="close", icon="arrow-back-up", asks=WHY),
        Move("closed", ("done",), T("Close"), right="close", icon="archive", kind="primary"),
        Move("cancelled", ("draft", "agreed", "in_work"), T("Cancel it"), icon="x", kind="danger-q", asks=WHY),
    ),
)
"""A repair order; «Архив» is what the product documents call the closed ones (S1-64)."""
