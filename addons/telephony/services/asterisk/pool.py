"""Which channels are one call: those with one Linkedid, those whose Linkedid changes into it, those that meet in a bridge."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from addons.telephony.services.asterisk.channels import Channel, Step
from addons.telephony.services.asterisk.moments import guessed
from addons.telephony.services.asterisk.names import Endpoints

SETTLING = 2.0
"""Seconds after its last channel has gone that a call waits for what is told late."""

MOST_CALLS = 20_000
"""Calls that are followed at a time; the oldest one is closed when there are more (its end was lost)."""

MOST_CHANNELS = 5_000
"""Channels of one call that are followed: a queue that rings thirty phones for an hour."""

REMEMBERED = 50_000
"""Channels of closed calls that are known as such: what is told of them later opens no call."""


@dataclass(slots=True)
class Transfer:
    """Somebody passed the client on: channels and numbers as Asterisk says them."""

    at: float
    kind: str
    """``blind`` or ``attended``."""
    by: str
    """Uniqueid of the channel of whoever transfers."""
    to: str
    by_phone: bool = True
    """Whether the phone did it, and not a program by AMI."""


@dataclass(eq=False, slots=True)
class OpenCall:
    """The channels of one call, and what was told of the call as a whole."""

    channels: dict[str, Channel] = field(default_factory=dict)
    transfers: list[Transfer] = field(default_factory=list)
    recordings: dict[str, str] = field(default_factory=dict)
    """Files it is recorded into, with the channel that is recorded."""
    recorded: list[Step] = field(default_factory=list)
    rung_by: dict[str, str] = field(default_factory=dict)
    """Whose call an endpoint is rung for, by the log: the number its phone shows."""
    linkedids: set[str] = field(default_factory=set)
    alive: int = 0
    forgotten: int = 0
    """Channels that were too many."""


class Pool:
    """The open calls of one PBX by channel and by Linkedid."""

    def __init__(self, endpoints: Endpoints) -> None:
        self.endpoints = endpoints
        self._calls: OrderedDict[int, OpenCall] = OrderedDict()
        self._by_channel: dict[str, OpenCall] = {}
        self._by_linkedid: dict[str, OpenCall] = {}
        self._bridged: dict[str, str] = {}
        """A channel of each bridge, by which others that enter it join its call."""
        self._settling: deque[tuple[float, OpenCall]] = deque()
        self._closed: OrderedDict[str, None] = OrderedDict()
        self._touched: set[int] = set()
        """Calls of which something was told since somebody asked, closed ones too."""

    # --- what is there ---------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[OpenCall]:
        return iter(list(self._calls.values()))

    def call_of(self, uid: str) -> OpenCall | None:
        """The open call of a channel."""
        return self._by_channel.get(uid)

    def named(self, linkedid: str) -> OpenCall | None:
        """The open call that has this name, or had it before it was joined to another."""
        return self._by_linkedid.get(linkedid)

    def find(self, uid: str) -> Channel | None:
        """A channel of an open call."""
        call = self._by_channel.get(uid)
        return call.channels[uid] if call is not None else None

    def touched(self) -> Iterator[tuple[int, OpenCall | None]]:
        """The calls of which something was told since this was asked last, each with a number; nothing for one that is closed."""
        touched, self._touched = self._touched, set()
        return ((number, self._calls.get(number)) for number in touched)

    def knows(self, linkedid: str) -> bool:
        """Whether a call of this name is open, or was not long ago."""
        return linkedid in self._by_linkedid or linkedid in self._closed

    # --- what is told ----------------------------------------------------------------------------

    def channel(self, uid: str, linkedid: str, name: str, at: float) -> Channel | None:
        """The channel that something is told of, in the call that it now belongs to; nothing once its call is closed."""
        if uid in self._closed or not uid:
            return None
        call = self._by_channel.get(uid)
        if call is None:
            if not linkedid or not name:
                return None
            call = self._call(linkedid)
            channel = Channel(uid, name, self.endpoints.kind(name), linkedid, linkedid)
            self._add(call, channel)
        else:
            channel = call.channels[uid]
            if linkedid and linkedid != channel.linkedid:
                channel.linkedid = linkedid
                self._join(call, self._call(linkedid))
        channel.seen(at)
        self._touched.add(id(self._by_channel[uid]))
        return channel

    def enter(self, channel: Channel, bridge: str, at: float) -> None:
        """A channel enters a bridge: whoever is there is in its call."""
        channel.note_step(channel.bridges, Step(at, bridge, True))
        other = self._by_channel.get(self._bridged.get(bridge, ""))
        if other is None:
            self._bridged[bridge] = channel.uid
        else:
            self._join(other, self._by_channel[channel.uid])

    def leave(self, channel: Channel, bridge: str, at: float) -> None:
        """A channel leaves a bridge."""
        channel.note_step(channel.bridges, Step(at, bridge, False))

    def forget_bridge(self, bridge: str) -> None:
        """A bridge is no more."""
        self._bridged.pop(bridge, None)

    def join(self, one: str, other: str) -> None:
        """Two channels are of one call, as a transfer says."""
        calls = self._by_channel.get(one), self._by_channel.get(other)
        if calls[0] is not None and calls[1] is not None:
            self._join(calls[0], calls[1])

    def end(self, channel: Channel, moment: tuple[bool, float]) -> None:
        """A channel is gone; with the last one the call begins to settle."""
        call = self._by_channel[channel.uid]
        self._touched.add(id(call))
        if not channel.is_gone:
            call.alive -= 1
        channel.note("gone", moment)
        if not call.alive:
            self._settling.append((moment[1], call))

    def absent(self, present: set[str], at: float) -> None:
        """All channels but these were found to be gone at this moment: those seen before it ended while nobody looked."""
        for call in self:
            for channel in list(call.channels.values()):
                if not channel.is_gone and channel.uid not in present and channel.last_seen < at:
                    self.end(channel, guessed(at))

    # --- what is over ----------------------------------------------------------------------------

    def settled(self, now: float) -> Iterator[OpenCall]:
        """The calls that have ended some time before this moment, and those that are too many; they are forgotten."""
        while self._settling and self._settling[0][0] <= now - SETTLING:
            call = self._settling.popleft()[1]
            if id(call) in self._calls and not call.alive:
                yield self._close(call)
        while len(self._calls) > MOST_CALLS:
            yield self._close(next(iter(self._calls.values())))

    def rest(self) -> Iterator[OpenCall]:
        """All calls, whether they have ended or not; they are forgotten."""
        for call in self:
            yield self._close(call)
        self._settling.clear()

    def _close(self, call: OpenCall) -> OpenCall:
        del self._calls[id(call)]
        self._touched.add(id(call))
        for linkedid in call.linkedids:
            self._by_linkedid.pop(linkedid, None)
        for channel in call.channels.values():
            self._by_channel.pop(channel.uid, None)
            self._closed[channel.uid] = None
            for step in channel.bridges:
                self._bridged.pop(step.place, None)
        while len(self._closed) > REMEMBERED:
            self._closed.popitem(last=False)
        return call

    # --- joining ---------------------------------------------------------------------------------

    def _call(self, linkedid: str) -> OpenCall:
        call = self._by_linkedid.get(linkedid)
        if call is None:
            call = self._by_linkedid[linkedid] = OpenCall(linkedids={linkedid})
            self._calls[id(call)] = call
        return call

    def _add(self, call: OpenCall, channel: Channel) -> None:
        if len(call.channels) >= MOST_CHANNELS:
            self._forget_one(call)
        call.channels[channel.uid] = channel
        call.alive += 1
        self._by_channel[channel.uid] = call

    def _forget_one(self, call: OpenCall) -> None:
        """Drop the oldest channel that rang in vain, or else the oldest but the first."""
        idle = (each for each in call.channels.values() if each.is_gone and not each.bridges)
        oldest = next(idle, None) or list(call.channels.values())[1]
        call.alive -= not oldest.is_gone
        call.forgotten += 1
        del call.channels[oldest.uid], self._by_channel[oldest.uid]

    def _join(self, one: OpenCall, other: OpenCall) -> None:
        if one is other:
            return
        kept, moved = (one, other) if len(one.channels) >= len(other.channels) else (other, one)
        kept.channels |= moved.channels
        kept.transfers += moved.transfers
        kept.recordings |= moved.recordings
        kept.recorded += moved.recorded
        kept.rung_by |= moved.rung_by
        kept.linkedids |= moved.linkedids
        kept.alive += moved.alive
        kept.forgotten += moved.forgotten
        self._by_channel |= dict.fromkeys(moved.channels, kept)
        self._by_linkedid |= dict.fromkeys(moved.linkedids, kept)
        self._calls.pop(id(moved), None)
        self._touched |= {id(kept), id(moved)}
