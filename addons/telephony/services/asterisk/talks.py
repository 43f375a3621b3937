"""Who heard whom: a phone talks to the client when bridges and Local pairs connect their channels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf

from addons.telephony.services.asterisk.channels import Channel
from addons.telephony.services.asterisk.moments import known
from addons.telephony.services.asterisk.names import Kind, other_half

Spans = list[tuple[float, float]]


def talks(client: Channel, channels: Mapping[str, Channel]) -> dict[str, tuple[float, float]]:
    """From when to when each of the other channels but Local ones was connected with the client, by Uniqueid.

    Interruptions in between do not count; whoever is still connected after the last step has the end of infinity.
    """
    line = _Line(client.uid, channels)
    found: dict[str, tuple[float, float]] = {}
    connected: set[str] = set()
    for at, uid, bridge, enters in _steps(channels.values()):
        if not line.step(uid, bridge, enters=enters):
            continue
        reached = line.reached()
        for other in reached - connected:
            found[other] = (found.get(other, (at, at))[0], inf)
        for other in connected - reached:
            found[other] = (found[other][0], at)
        connected = reached
    return found


class _Line:
    """Who is in which bridge while the steps of a call are gone through."""

    def __init__(self, client: str, channels: Mapping[str, Channel]) -> None:
        self._client = client
        self._channels = channels
        self._halves = {each.name: each.uid for each in channels.values() if each.kind is Kind.LOCAL}
        self._place: dict[str, str] = {}
        self._inside: dict[str, set[str]] = {}

    def step(self, uid: str, bridge: str, *, enters: bool) -> bool:
        """A channel enters a bridge or leaves it, or any at its end; tells whether that changes where it is."""
        here = self._place.get(uid)
        if enters == (here == bridge) or (not enters and (bridge or here) != here) or (not enters and here is None):
            return False
        self._inside.get(self._place.pop(uid, ""), set()).discard(uid)
        if enters:
            self._place[uid] = bridge
            self._inside.setdefault(bridge, set()).add(uid)
        return True

    def reached(self) -> set[str]:
        """The channels that hear the client now, Local ones left out."""
        seen, waiting = {self._client}, [self._client]
        while waiting:
            uid = waiting.pop()
            near = set(self._inside.get(self._place.get(uid, ""), ()))
            partner = self._halves.get(other_half(self._channels[uid].name))
            near |= {partner} if partner is not None else set()
            waiting += near - seen
            seen |= near
        return {uid for uid in seen - {self._client} if self._channels[uid].kind is not Kind.LOCAL}


def _steps(channels: Iterable[Channel]) -> list[tuple[float, str, str, bool]]:
    """All steps through bridges in order of time; at its end a channel leaves wherever it is."""
    steps = [(step.at, each.uid, step.place, step.enters) for each in channels for step in each.bridges]
    steps += [(end, each.uid, "", False) for each in channels if (end := known(each.gone)) is not None]
    return sorted(steps, key=lambda step: step[0])


def length(spans: Iterable[tuple[float, float]]) -> float:
    """Seconds that spans cover together."""
    total, reached = 0.0, float("-inf")
    for begin, end in sorted(spans):
        total += max(0.0, end - max(begin, reached))
        reached = max(reached, end)
    return total


def within(spans: Iterable[tuple[float, float]], begin: float, end: float) -> Spans:
    """The parts of spans that lie in between."""
    return [(max(a, begin), min(b, end)) for a, b in spans if min(b, end) > max(a, begin)]


def ring(channel: Channel, end: float) -> tuple[float, float] | None:
    """From when to when a channel rang; nothing if it did not."""
    rang = known(channel.rang)
    if rang is None:
        return None
    stops = [moment for each in (channel.up, channel.gone) if (moment := known(each)) is not None]
    return rang, min([*stops, end])
