"""What the rules of statuses may ask of an order: a snapshot, so that every rule is a function of data alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from addons.delivery.services.limits import Limits
from addons.delivery.services.vocabulary import TALKS

MOSCOW = ZoneInfo("Europe/Moscow")
Given = str | int | bool
"""What was given for an input: a choice's code, kopecks, a tick."""


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A line as rules see it; ``suppliers`` and ``unchecked`` are names. ``listed``: it is in the directory of goods."""

    title: str
    listed: bool = True
    quantity: int = 1000
    delivered: int = 0
    returned: int = 0
    discontinued: bool = False
    analogue: str = ""
    suppliers: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """An order at one moment, with what is given for a new status.

    ``log`` are kinds and moments in their order, ``attempts`` the moments of calls that the client did not answer, from
    whoever knows of them. ``had`` are the statuses it has had. ``foreign`` and ``mobile`` tell of the client's number,
    ``None`` where there is none. ``total`` is in kopecks. Days are those of ``zone`` (X-05).
    """

    status: str = "new"
    had: frozenset[str] = frozenset()
    method: str = ""
    carrier: str = ""
    region: str = ""
    address: str = ""
    delivery_on: date | None = None
    window: str = ""
    window_waits: bool = False
    payment_method: str = ""
    total: int = 0
    lines: tuple[LineFacts, ...] = ()
    log: tuple[tuple[str, datetime], ...] = ()
    attempts: tuple[datetime, ...] = ()
    foreign: bool | None = None
    mobile: bool | None = None
    zone: ZoneInfo = MOSCOW
    limits: Limits = field(default_factory=Limits)
    comment: str = ""
    answers: Mapping[str, Given] = field(default_factory=dict)

    def logged(self, *kinds: str) -> bool:
        """Whether anything of these kinds is in the log."""
        return any(kind in kinds for kind, _ in self.log)

    @property
    def unanswered(self) -> tuple[datetime, ...]:
        """The calls without an answer since the client was last talked to, in their order."""
        talked = [at for kind, at in self.log if kind in TALKS]
        return tuple(sorted(at for at in self.attempts if not talked or at > max(talked)))

    def day_of(self, at: datetime) -> date:
        """The day of the dealership that a moment belongs to."""
        return at.astimezone(self.zone).date()
