"""What is known of one channel: dated facts, from which everything about its call is computed.

Each fact may be told several times, in any order, by events, snapshots and the PBX's own log: the record comes out the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from addons.telephony.services.asterisk.moments import NEVER, Dated
from addons.telephony.services.asterisk.names import Kind

MOST_STEPS = 2_000
"""Steps of one channel through bridges and queues that are kept: a call of a whole day has some hundreds."""

LONGEST_NUMBER = 100
"""Characters of a number that are kept."""

UNSAID = ("", "<unknown>", "s")
"""What Asterisk says where there is no number."""


class Step(NamedTuple):
    """A channel enters a place (a bridge, a queue) or leaves it."""

    at: float
    place: str
    enters: bool


@dataclass(slots=True)
class Channel:
    """One channel: a leg of a call towards a phone, a provider's line, or half of a Local pair."""

    uid: str
    name: str
    kind: Kind
    linkedid: str
    """The call it belongs to, as Asterisk said last."""
    first_linkedid: str
    dialled: bool | None = None
    """Whether the PBX rang it (its first state is Down) or it came in by itself (Ring); nothing while unknown."""
    exten: str = ""
    """What was dialled by whoever came in by it."""
    numbers: list[str] = field(default_factory=list)
    """The numbers it has shown as its own, the first ones first."""
    shown: str = ""
    """The number on its display while it rang."""
    last_seen: float = 0.0
    born: Dated = NEVER
    rang: Dated = NEVER
    up: Dated = NEVER
    asked: Dated = NEVER
    """When the other end hung up."""
    gone: Dated = NEVER
    refused: bool = False
    busy: bool = False
    bridges: list[Step] = field(default_factory=list)
    queues: list[Step] = field(default_factory=list)

    def seen(self, at: float) -> None:
        """It was alive at this moment."""
        self.last_seen = max(self.last_seen, at)

    def note_number(self, text: str) -> None:
        """A number it calls its own; later ones are those of whom it was transferred to."""
        if text not in UNSAID and text not in self.numbers and len(self.numbers) < 4:
            self.numbers.append(text[:LONGEST_NUMBER])

    def note(self, fact: str, moment: Dated) -> None:
        """One of its moments by name: ``born``, ``rang``, ``up``, ``asked`` or ``gone``; the best known one is kept."""
        setattr(self, fact, min(getattr(self, fact), moment))

    def note_step(self, steps: list[Step], step: Step) -> None:
        """It went into a place or out of it."""
        if len(steps) < MOST_STEPS:
            steps.append(step)

    @property
    def came_in(self) -> bool:
        """Whether somebody called by it; where its beginning was not seen, whoever began the call did."""
        return self.uid == self.first_linkedid if self.dialled is None else not self.dialled

    @property
    def is_gone(self) -> bool:
        """Whether its end was seen or found out."""
        return self.gone != NEVER

    @property
    def bridge(self) -> str:
        """The bridge that it is in by what is known last."""
        last = max(self.bridges, key=lambda step: step.at, default=None)
        return last.place if last is not None and last.enters else ""
