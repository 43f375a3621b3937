"""What a link is asked to dial, and what it tells of it: narrow enough for any exchange."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

ANSWERED, UNANSWERED, REFUSED = "answered", "unanswered", "refused"
PREFIX = "fc-"
_EXTENSION: Final = re.compile(r"[0-9*#]{1,20}")
_CONTEXT: Final = re.compile(r"[A-Za-z0-9_-]{1,60}")
_CLIENT: Final = re.compile(r"\+?[0-9]{5,15}")
_CHANNEL: Final = re.compile(rf"{PREFIX}[a-z]+-[0-9]+-[0-9]+")
_LONGEST_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Dial:
    """An order: phones of the house ring, and whoever answers is connected with the client.

    :param channel_id: our name for it, ``fc-<kind>-<job>-<attempt>``; it becomes the name of the call.
    :param ring: the extension or group that rings for ``seconds``, by the context ``ring_context``.
    :param client: the client's number, dialled by ``client_context`` once somebody has answered.
    :param shown: what the phones show beside the number.
    :raises ValueError: for what does not fit its pattern: nothing of it may become a command (SEC-45).
    """

    channel_id: str
    ring: str
    ring_context: str
    client: str
    client_context: str
    shown: str
    seconds: int

    def __post_init__(self) -> None:
        fits = (
            _CHANNEL.fullmatch(self.channel_id),
            _EXTENSION.fullmatch(self.ring),
            _CONTEXT.fullmatch(self.ring_context),
            _CLIENT.fullmatch(self.client),
            _CONTEXT.fullmatch(self.client_context),
            0 < self.seconds <= 600,
        )
        if not all(fits):
            raise ValueError(f"{self.channel_id} cannot be dialled")

    def headers(self) -> dict[str, str]:
        """The order as Asterisk's Originate: never an application of its own, only the dialplan (SEC-45)."""
        number = self.client.removeprefix("+")
        return {
            "Channel": f"Local/{self.ring}@{self.ring_context}/n",
            "Context": self.client_context,
            "Exten": number,
            "Priority": "1",
            "Timeout": str(self.seconds * 1000),
            "CallerID": f'"{caller_name(self.shown)}" <{number}>',
            "Async": "true",
            "ChannelId": self.channel_id,
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an order: ``answered`` by an extension, ``unanswered``, or ``refused`` by the exchange, and why."""

    channel_id: str
    result: str
    extension: str = ""
    problem: str = ""


def is_ours(action_id: str) -> bool:
    """Whether something is said of an order of ours."""
    return _CHANNEL.fullmatch(action_id) is not None


def caller_name(text: str) -> str:
    """What a stranger typed, as a phone may show it: one line, without what has a meaning in a header."""
    plain = "".join(each if each.isprintable() and each not in '"<>\\' else " " for each in text)
    return " ".join(plain.split())[:_LONGEST_SHOWN]
