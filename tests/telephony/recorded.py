"""The recorded calls, how far an answer is from what happened, and links that are cut."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from addons.telephony.services import replaying
from addons.telephony.services.asterisk import form
from addons.telephony.services.asterisk.jobs import jobs
from addons.telephony.services.asterisk.messages import Message
from addons.telephony.services.asterisk.moments import event_time
from addons.telephony.services.replaying import Connection, Recording

TRACES = Path(__file__).parent / "traces"
EXPECTED: dict[str, Any] = json.loads((TRACES / "expected.json").read_text(encoding="utf-8"))
NAMES = sorted(EXPECTED)
RESTRICTED = ["call", "agent", "reporting"]
TOLERANCE = 1.0
"""Seconds by which a moment may be off."""

UNASKED = {"bytes"}


def recording(name: str) -> Recording:
    """A recording by its name."""
    return replaying.read(TRACES / EXPECTED[name]["files"][0])


def told(taken: Recording, classes: list[str] | None = None) -> dict[str, Any]:
    """What is made of a recording, as the command tells it."""
    return form.document(jobs(replaying.reduce(taken, classes or [])))


def differences(name: str, found: dict[str, Any], unasked: frozenset[str] = frozenset()) -> list[str]:
    """Where an answer is not what happened in a recording."""
    expected = {part: EXPECTED[name][part] for part in ("calls", "client_contacts")}
    return list(_differences(expected, found, "", UNASKED | unasked))


def _differences(expected: Any, found: Any, where: str, unasked: set[str] | frozenset[str]) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(found, dict):
        for part in expected.keys() - unasked:
            yield from _differences(expected[part], found.get(part, "missing"), f"{where}.{part}", unasked)
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from _differences(one, other, f"{where}[{number}]", unasked)
    elif not _same(expected, found):
        yield f"{where}: expected {expected!r}, found {found!r}"


def _same(expected: Any, found: Any) -> bool:
    if isinstance(expected, (int, float)) and isinstance(found, (int, float)):
        return abs(expected - found) <= TOLERANCE
    return bool(expected == found)


def moments(taken: Recording) -> list[float]:
    """When something of calls happened on the line, in order: the places where a link can be cut."""
    return sorted(
        event_time(message.get("Timestamp"), received)
        for connection in taken.connections
        for received, message in connection.messages
        if message.get("Privilege") in {"call,all", "agent,all"} and message["Event"] != "CEL"
    )


SHOWN = ("Channel", "ChannelState", "CallerIDNum", "ConnectedLineNum", "Linkedid")


def on_the_line(taken: Recording, at: float) -> dict[str, list[dict[str, str]]]:
    """What the exchange of a recording would have answered at a moment, when asked what is on the line."""
    channels: dict[str, dict[str, str]] = {}
    queued: dict[str, dict[str, str]] = {}
    for connection in taken.connections:
        for received, said in connection.messages:
            of_a_channel = said.get("Uniqueid") and said.get("Event") not in {None, "CEL"}
            if of_a_channel and event_time(said.get("Timestamp"), received) < at:
                _note(channels, queued, said)
    return {"Status": list(channels.values()), "QueueStatus": list(queued.values())}


def _note(channels: dict[str, dict[str, str]], queued: dict[str, dict[str, str]], said: Message) -> None:
    uid = said["Uniqueid"]
    if said["Event"] == "Newchannel":
        came_in = said["ChannelState"] in {"4", "6"}
        channels[uid] = {"Event": "Status", "DNID": said["Exten"] if came_in else "", "Uniqueid": uid}
    known = channels.get(uid, {})
    known.update({header: said[header] for header in SHOWN if header in said})
    match said["Event"]:
        case "BridgeEnter":
            known["BridgeID"] = said["BridgeUniqueid"]
        case "BridgeLeave":
            known["BridgeID"] = ""
        case "QueueCallerJoin":
            queued[uid] = {"Event": "QueueEntry", "Queue": said["Queue"], "Uniqueid": uid, "Wait": "0"}
        case "QueueCallerLeave":
            queued.pop(uid, None)
        case "Hangup":
            channels.pop(uid, None)
            queued.pop(uid, None)


def cut(taken: Recording, begin: float, end: float) -> Recording:
    """A recording whose link was away from one moment to the other."""
    connections: list[Connection] = []
    for whole in taken.connections:
        for since, until in ((float("-inf"), begin), (end, float("inf"))):
            kept = [
                (received, message)
                for received, message in whole.messages
                if since <= event_time(message.get("Timestamp"), received) < until
            ]
            if kept:
                last = max(event_time(message.get("Timestamp"), received) for received, message in kept)
                connections.append(Connection(kept, max(whole.began, since), last))
            elif not connections:
                connections.append(Connection([], whole.began, whole.began))
    return Recording(connections, taken.snapshots, taken.rows)
