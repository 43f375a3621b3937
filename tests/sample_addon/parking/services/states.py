"""The states of a pass, declared once."""

from __future__ import annotations

from dataclasses import dataclass

from core import T


@dataclass(frozen=True, slots=True)
class State:
    """A state of a pass; ``look`` is the colour of its pill."""

    code: str
    title: str
    look: str
    terminal: bool = False


EXPECTED = State("expected", T("Expected"), "acc")
INSIDE = State("inside", T("On the parking"), "ok")
LEFT = State("left", T("Has left"), "", terminal=True)
EXPIRED = State("expired", T("Did not come"), "", terminal=True)

STATES = (EXPECTED, INSIDE, LEFT, EXPIRED)
STATE = {state.code: state for state in STATES}
