"""Whose a channel is, from its name: ``PJSIP/102-0000001a`` is a phone's, ``PJSIP/trunk-0000001b`` a provider's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

_NAME = re.compile(r"(?P<technology>[^/]+)/(?P<endpoint>.+?)(?:-(?P<id>[0-9a-f]+))?(?P<half>;[12])?$")
_EXTENSION = re.compile(r"\d{2,6}")
_DIGITS = re.compile(r"\d")
FEWEST_DIGITS = 3
"""A caller with fewer is none: hidden numbers are said as ``anonymous``, ``<unknown>``, nothing at all, and otherwise."""


class Kind(Enum):
    """What is at the other end of a channel."""

    PHONE = "phone"
    TRUNK = "trunk"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The endpoints of a PBX: which are providers' lines and which are employees' phones.

    What is named in neither is taken for a phone if its name is a short number, and for a line of a provider if not.
    """

    trunks: frozenset[str] = field(default_factory=frozenset)
    phones: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def named(cls, trunks: Iterable[str] = (), phones: Iterable[str] = ()) -> Endpoints:
        """Endpoints by their names in the PBX."""
        return cls(frozenset(trunks), frozenset(phones))

    def kind(self, channel: str) -> Kind:
        """What is at the other end of a channel of this name."""
        if channel.startswith("Local/"):
            return Kind.LOCAL
        name = endpoint(channel)
        if name in self.trunks:
            return Kind.TRUNK
        return Kind.PHONE if name in self.phones or _EXTENSION.fullmatch(name) else Kind.TRUNK


def endpoint(channel: str) -> str:
    """The endpoint of a channel: ``102`` of ``PJSIP/102-0000001a``, and of ``Local/102@members-0000001a;1``."""
    found = _NAME.match(channel)
    return found["endpoint"].partition("@")[0] if found else channel


def other_half(channel: str) -> str:
    """The other channel of a Local pair, which passes on what this one hears; empty for any other channel."""
    if not channel.startswith("Local/") or channel[-2:] not in {";1", ";2"}:
        return ""
    return channel[:-1] + ("2" if channel.endswith("1") else "1")


def number(text: str) -> str:
    """A caller's number as it came; empty when it was withheld."""
    text = text.strip()
    return text if len(_DIGITS.findall(text)) >= FEWEST_DIGITS else ""


def is_outside(text: str) -> bool:
    """Whether a number is none of the house: longer than an extension."""
    return bool(number(text)) and not _EXTENSION.fullmatch(text)
