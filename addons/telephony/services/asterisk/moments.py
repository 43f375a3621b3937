"""Moments as facts have them: seconds since 1970, exact as Asterisk dates an event, or guessed from what was found later."""

from __future__ import annotations

import math
from datetime import UTC, datetime

Dated = tuple[bool, float]
"""When something was: whether that is a guess, and the moment. The least of several is the best one known."""

NEVER: Dated = (True, math.inf)


LATEST = 1e11
"""Seconds since 1970 of a moment that no PBX means."""


def exact(at: float) -> Dated:
    """A moment that an event is dated with."""
    return False, at


def guessed(at: float) -> Dated:
    """A moment that was not seen: it counts until an exact one is known."""
    return True, at


def known(moment: Dated) -> float | None:
    """The moment as a number; nothing for what has not happened."""
    return None if moment == NEVER else moment[1]


def event_time(timestamp: str | None, received: float) -> float:
    """When an event was: by its ``Timestamp`` header (``timestampevents=yes``), or else when it arrived."""
    try:
        at = float(timestamp or "")
    except ValueError:
        return received
    return at if 0 < at < LATEST else received


def second_of(uid: str) -> float | None:
    """When a channel or a call began by its id, ``1795304979.12`` or ``south-1795304979.12``; nothing for an id that we gave."""
    epoch = uid.rpartition("-")[2].partition(".")[0]
    return float(epoch) if len(epoch) == 10 and epoch.isdecimal() else None


def wall_clock(text: str) -> float | None:
    """A moment of a PBX's log, ``2026-11-22 00:07:35.225574``, as if it were UTC; nothing for another text."""
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        return None
