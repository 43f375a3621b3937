"""What is on the line at this moment, as an exchange tells it: calls that go on, and the phones in them."""

from __future__ import annotations

from dataclasses import dataclass

MENU, WAITING, RINGING, TALKING, DIALLING = "menu", "waiting", "ringing", "talking", "dialling"
"""What goes on in a call: the client listens to the exchange, waits in a queue, phones ring, he talks, he is dialled."""
BUSY = "busy"
"""A phone that is picked up and does not hear the client: it dials, asks a colleague, or has put him on hold."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone of the house in a call; ``since`` is seconds since 1970 by the clock of the exchange."""

    ext: str
    state: str
    """``ringing``, ``talking`` (with the client), ``busy`` or ``held``."""
    channel: str
    """What the exchange calls this end of the call, for orders."""
    since: float


@dataclass(frozen=True, slots=True)
class OnLine:
    """A call that goes on. ``name`` is that under which it will be told when it is over; moments are seconds since 1970."""

    name: str
    direction: str
    state: str
    client: str
    """The client's number in E.164, or as it came; empty when it was withheld."""
    did: str
    started: float
    answered: float | None
    channel: str
    phones: tuple[Phone, ...]
