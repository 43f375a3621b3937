"""Events of the manager interface to facts: one function for each kind of event that says something of a call."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from addons.telephony.services.asterisk import facts
from addons.telephony.services.asterisk.channels import Channel
from addons.telephony.services.asterisk.messages import Message
from addons.telephony.services.asterisk.moments import NEVER, exact, guessed
from addons.telephony.services.asterisk.names import endpoint
from addons.telephony.services.asterisk.pool import Pool, Transfer
from addons.telephony.services.asterisk.recordings import path_of

CAME_IN: Final = frozenset({"4", "6"})
"""First states (Ring, Up) of a channel that the PBX did not dial."""

BEGAN: Final = {"0": True, "4": False, "5": True}
"""Whether the PBX dialled a channel whose beginning was missed, by a state (Down, Ring, Ringing) before it was answered."""

TRANSFER_ORDERED: Final = "Transfer succeeded"
"""What the action BlindTransfer answers, right before the event."""

ORDER_LASTS: Final = 3.0
"""Seconds from an ordered transfer to its event."""

MOST_ORDERS: Final = 1_000
SECONDS: Final = re.compile(r"[0-9]{1,9}")

NOT_TAKEN: Final = {"BUSY": "17", "CONGESTION": "21", "CHANUNAVAIL": "20"}
"""Outcomes of a dial as causes of a hang-up."""


class Told(NamedTuple):
    """One event: what it says, and when it was."""

    message: Message
    at: float

    def said(self, header: str) -> str:
        """A header; empty where there is none, or where Asterisk says that it does not know."""
        value = self.message.get(header, "")
        return "" if value == "<unknown>" else value


class Events:
    """Applies messages to the pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._ordered: deque[float] = deque(maxlen=MOST_ORDERS)
        """When programs ordered blind transfers whose events have not come."""

    def apply(self, message: Message, at: float) -> None:
        """Take in one message that is dated with this moment."""
        told = Told(message, at)
        kind = message.get("Event")
        if kind is None:
            if told.said("Message") == TRANSFER_ORDERED:
                self._ordered.append(at)
            return
        channel = self._channel(told)
        if channel is not None and kind in _OF_A_CHANNEL:
            _OF_A_CHANNEL[kind](self, told, channel)
        elif kind in _OF_CALLS:
            _OF_CALLS[kind](self, told)

    def _channel(self, told: Told, part: str = "") -> Channel | None:
        """The channel that an event speaks of in one of its parts; one that was never seen begins here."""
        message, at = told
        uid, linkedid = message.get(f"{part}Uniqueid", ""), message.get(f"{part}Linkedid", "")
        if not uid or not linkedid:
            return None
        channel = self._pool.channel(uid, linkedid, message.get(f"{part}Channel", ""), at)
        if channel is None or message["Event"] == "Newchannel":
            return channel
        if channel.born == NEVER:
            facts.note_began_earlier(channel, at)
            channel.dialled = BEGAN.get(message.get(f"{part}ChannelState", ""))
            channel.note_number(message.get(f"{part}CallerIDNum", ""))
        if channel.up == NEVER and message["Event"] != "Newstate":
            facts.note_state(channel, message.get(f"{part}ChannelState", ""), at)
        return channel

    # --- channels --------------------------------------------------------------------------------

    def new_channel(self, told: Told, channel: Channel) -> None:
        channel.note("born", exact(told.at))
        channel.dialled = told.said("ChannelState") not in CAME_IN
        if not channel.dialled:
            channel.exten = told.said("Exten")
        channel.note_number(told.said("CallerIDNum"))

    def new_state(self, told: Told, channel: Channel) -> None:
        channel.note_number(told.said("CallerIDNum"))
        match told.said("ChannelState"):
            case "5":
                channel.note("rang", exact(told.at))
                channel.shown = channel.shown or told.said("ConnectedLineNum")
            case "6":
                channel.note("up", exact(told.at))

    def hangup_request(self, told: Told, channel: Channel) -> None:
        channel.note("asked", exact(told.at))

    def hangup(self, told: Told, channel: Channel) -> None:
        facts.note_cause(channel, told.said("Cause"))
        self._pool.end(channel, exact(told.at))

    def dial_begin(self, told: Told) -> None:
        dialled = self._dialled(told)
        if dialled is not None:
            dialled.note_number(told.said("DestCallerIDNum"))

    def dial_end(self, told: Told) -> None:
        dialled = self._dialled(told)
        if dialled is not None:
            facts.note_cause(dialled, NOT_TAKEN.get(told.said("DialStatus"), ""))

    def _dialled(self, told: Told) -> Channel | None:
        """The channel that is dialled, in one call with whoever dials; a program that originates has none."""
        dialled = self._channel(told, "Dest")
        if dialled is not None:
            dialled.dialled = True if dialled.dialled is None else dialled.dialled
            self._pool.join(told.said("Uniqueid"), dialled.uid)
        return dialled

    # --- bridges and queues ----------------------------------------------------------------------

    def bridge_enter(self, told: Told, channel: Channel) -> None:
        if told.said("BridgeUniqueid"):
            self._pool.enter(channel, told.said("BridgeUniqueid"), told.at)

    def bridge_leave(self, told: Told, channel: Channel) -> None:
        if told.said("BridgeUniqueid"):
            self._pool.leave(channel, told.said("BridgeUniqueid"), told.at)

    def bridge_destroy(self, told: Told) -> None:
        self._pool.forget_bridge(told.said("BridgeUniqueid"))

    def queue_join(self, told: Told, channel: Channel) -> None:
        facts.move_in_queue(channel, told.said("Queue"), told.at, enters=True)

    def queue_leave(self, told: Told, channel: Channel) -> None:
        facts.move_in_queue(channel, told.said("Queue"), told.at, enters=False)

    def agent_complete(self, told: Told) -> None:
        """Says in whole seconds how long they talked: for a phone whose answer was not seen."""
        agent, talked = self._channel(told, "Dest"), told.said("TalkTime")
        if agent is not None and SECONDS.fullmatch(talked):
            agent.note("up", guessed(told.at - int(talked)))

    # --- passing on ------------------------------------------------------------------------------

    def blind_transfer(self, told: Told) -> None:
        by, client = self._channel(told, "Transferer"), self._channel(told, "Transferee")
        if by is not None and _succeeded(told):
            transfer = Transfer(told.at, "blind", by.uid, told.said("Extension"), not self._is_ordered(told.at))
            facts.add_transfer(self._pool, transfer, [client.uid] if client is not None else [])

    def _is_ordered(self, at: float) -> bool:
        """Whether a program ordered the transfer of this moment."""
        while self._ordered and self._ordered[0] < at - ORDER_LASTS:
            self._ordered.popleft()
        return bool(self._ordered) and self._ordered.popleft() <= at + ORDER_LASTS

    def attended_transfer(self, told: Told) -> None:
        """A phone has a channel for the client and one for the colleague; what a program transfers has one for both."""
        by = self._channel(told, "OrigTransferer")
        parts = (self._channel(told, part) for part in ("SecondTransferer", "Transferee", "TransferTarget"))
        others = [each.uid for each in parts if each is not None]
        if by is not None and _succeeded(told):
            to = target(told.said("TransferTargetChannel")) or told.said("SecondTransfererConnectedLineNum")
            by_phone = told.said("SecondTransfererUniqueid") != by.uid
            facts.add_transfer(self._pool, Transfer(told.at, "attended", by.uid, to, by_phone), others)

    def pickup(self, told: Told, channel: Channel) -> None:
        rung = self._channel(told, "Target")
        if rung is not None:
            self._pool.join(channel.uid, rung.uid)

    # --- recordings ------------------------------------------------------------------------------

    def recording_starts(self, told: Told, channel: Channel) -> None:
        facts.note_recording(self._pool, channel, told.at, starts=True)

    def recording_ends(self, told: Told, channel: Channel) -> None:
        facts.note_recording(self._pool, channel, told.at, starts=False)

    def application(self, told: Told, channel: Channel) -> None:
        facts.add_recording(self._pool, channel, path_of(told.said("Application"), told.said("AppData")))

    def logged(self, told: Told) -> None:
        """A row of the PBX's own log, sent as an event: only it names the file to whoever may not see the dialplan."""
        channel = self._pool.find(told.said("UniqueID"))
        if channel is not None:
            self.application(told, channel)


def _succeeded(told: Told) -> bool:
    return told.said("Result") in {"", "Success"}


def target(channel: str) -> str:
    """Whom a channel reaches, by its name."""
    return endpoint(channel) if channel else ""


def _said(message: Message, header: str) -> str:
    value = message.get(header, "")
    return "" if value == "<unknown>" else value


_OF_A_CHANNEL: Final[Mapping[str, Callable[[Events, Told, Channel], None]]] = {
    "Newchannel": Events.new_channel,
    "Newstate": Events.new_state,
    "HangupRequest": Events.hangup_request,
    "Hangup": Events.hangup,
    "BridgeEnter": Events.bridge_enter,
    "BridgeLeave": Events.bridge_leave,
    "QueueCallerJoin": Events.queue_join,
    "QueueCallerLeave": Events.queue_leave,
    "QueueCallerAbandon": Events.queue_leave,
    "Pickup": Events.pickup,
    "MixMonitorStart": Events.recording_starts,
    "MixMonitorStop": Events.recording_ends,
    "Newexten": Events.application,
}
_OF_CALLS: Final[Mapping[str, Callable[[Events, Told], None]]] = {
    "DialBegin": Events.dial_begin,
    "DialEnd": Events.dial_end,
    "BridgeDestroy": Events.bridge_destroy,
    "AgentComplete": Events.agent_complete,
    "BlindTransfer": Events.blind_transfer,
    "AttendedTransfer": Events.attended_transfer,
    "CEL": Events.logged,
}
