"""What is on the line at a moment, as a PBX tells it when it is asked: how a link that was away catches up.

The answers to ``Status``, ``CoreShowChannels``, ``BridgeInfo`` and ``QueueStatus`` are facts like others; what is
not among them has ended while nobody looked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from addons.telephony.services.asterisk import facts
from addons.telephony.services.asterisk.channels import Channel
from addons.telephony.services.asterisk.moments import NEVER, guessed
from addons.telephony.services.asterisk.names import Kind
from addons.telephony.services.asterisk.pool import Pool

State = Mapping[str, Sequence[Any]]
"""The items of each list by the action that asks for it."""

LIVE = ("Status", "CoreShowChannels")
"""Lists of all channels: with one of them it is known which have ended."""


def apply(pool: Pool, state: State, at: float) -> None:
    """Take in what a PBX answered at this moment."""
    present: set[str] = set()
    for item in _items(state, LIVE):
        channel = _channel(pool, item, at)
        if channel is not None:
            present.add(channel.uid)
    for item in _items(state, ("QueueStatus",)):
        caller = pool.find(_text(item, "Uniqueid")) if item.get("Event") == "QueueEntry" else None
        if caller is not None and not any(step.enters for step in caller.queues):
            waited = _text(item, "Wait")
            since = at - int(waited[:9]) if waited.isdecimal() else at
            facts.move_in_queue(caller, _text(item, "Queue"), since, enters=True)
    if any(name in state for name in LIVE):
        pool.absent(present, at)


def _items(state: State, names: Iterable[str]) -> Iterable[Mapping[str, Any]]:
    return (item for name in names for item in state.get(name, ()))


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name, "")
    return "" if value == "<unknown>" else str(value)


def _channel(pool: Pool, item: Mapping[str, Any], at: float) -> Channel | None:
    channel = pool.channel(_text(item, "Uniqueid"), _text(item, "Linkedid"), _text(item, "Channel"), at)
    if channel is None or channel.is_gone:
        return channel
    if channel.born == NEVER:
        facts.note_began_earlier(channel, at)
    channel.note_number(_text(item, "CallerIDNum"))
    _note_origin(channel, item)
    facts.note_state(channel, _text(item, "ChannelState"), at)
    if channel.kind is Kind.PHONE and channel.rang != NEVER:
        channel.shown = channel.shown or _text(item, "ConnectedLineNum")
    bridge = _text(item, "BridgeID") or _text(item, "BridgeId")
    if bridge != channel.bridge:
        if channel.bridge:
            pool.leave(channel, channel.bridge, at)
        if bridge:
            pool.enter(channel, bridge, at)
    return channel


def _note_origin(channel: Channel, item: Mapping[str, Any]) -> None:
    """Whether it came in or was dialled: whoever came in says what he dialled, and is nobody's outgoing line."""
    if channel.dialled is not None or "DNID" not in item:
        return
    channel.dialled = not _text(item, "DNID") or _text(item, "Application") in {"AppDial", "AppDial2", "AppQueue"}
    if not channel.dialled:
        channel.exten = _text(item, "DNID")
    if channel.dialled and channel.kind is Kind.PHONE and _text(item, "ChannelState") == "6":
        channel.note("rang", guessed(channel.born[1]))
