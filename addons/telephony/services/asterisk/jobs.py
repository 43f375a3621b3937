"""Calls that programs make in several attempts: the attempts of one job are one call."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from addons.telephony.services.asterisk.calls import Call

_CHANNEL_ID: Final = re.compile(r"(?P<job>.*[A-Za-z].*-\d+)-\d+")
"""``ChannelId`` that we give to what we originate, and that becomes the Linkedid: ``fc-<job>-<attempt>``. Linkedids of
Asterisk itself end with ``.<counter>``."""


@dataclass(frozen=True, slots=True)
class Job:
    """One call of ours with its attempts in order; a call nobody of us ordered is its only attempt."""

    attempts: tuple[Call, ...]

    @property
    def call(self) -> Call:
        """The attempt that tells how it went: the one that reached somebody, or the last one."""
        reached = [each for each in self.attempts if each.answered is not None]
        return (reached or list(self.attempts))[-1]


def job_of(linkedid: str) -> str:
    """The job whose attempt a call is; its own name if it is none of ours."""
    found = _CHANNEL_ID.fullmatch(linkedid)
    return found["job"] if found else linkedid


def jobs(calls: Iterable[Call]) -> list[Job]:
    """Calls by their jobs, in order of their beginning; nothing is joined by numbers."""
    found: dict[str, list[Call]] = {}
    for call in sorted(calls, key=lambda call: call.started):
        key = job_of(call.linkedid) if call.direction == "out" else f"{call.linkedid} {call.started}"
        found.setdefault(key, []).append(call)
    return [Job(tuple(each)) for each in found.values()]
