"""What events, snapshots and the PBX's own log say alike of a call, whatever words each has for it."""

from __future__ import annotations

from typing import Final

from addons.telephony.services.asterisk.channels import Channel, Step
from addons.telephony.services.asterisk.moments import NEVER, guessed, second_of
from addons.telephony.services.asterisk.names import Kind, endpoint
from addons.telephony.services.asterisk.pool import OpenCall, Pool, Transfer

BUSY: Final = frozenset({"17"})
"""Causes of a hang-up (Q.850) of whoever is talking to somebody else."""

REFUSED: Final = frozenset({"17", "18", "20", "21", "22"})
"""Causes of a hang-up of a phone that did not want the call, or could not take it."""

SAME_TRANSFER: Final = 1.0
"""Seconds within which two sources speak of one transfer."""

MOST_TRANSFERS: Final = 200
MOST_RECORDINGS: Final = 200
MOST_DIALLED: Final = 500


def note_cause(channel: Channel, cause: str) -> None:
    """Why a channel that nobody answered was hung up, by its number."""
    channel.busy = channel.busy or cause in BUSY
    channel.refused = channel.refused or cause in REFUSED


def note_began_earlier(channel: Channel, at: float) -> None:
    """A channel that was there before it was seen: its name says the second of its birth, if Asterisk gave it."""
    second = second_of(channel.uid)
    channel.note("born", guessed(at if second is None else min(second + 0.5, at)))


def note_state(channel: Channel, state: str, at: float) -> None:
    """A state of a channel that it has taken on some time before this moment."""
    if state == "6" and channel.up == NEVER:
        channel.note("up", guessed(at))
    elif state == "5" and channel.rang == NEVER:
        channel.note("rang", guessed(channel.born[1] if channel.born != NEVER else at))


def move_in_queue(channel: Channel, queue: str, at: float, *, enters: bool) -> None:
    """A caller enters a queue or leaves it."""
    channel.note_step(channel.queues, Step(at, queue, enters))


def add_transfer(pool: Pool, transfer: Transfer, others: list[str]) -> None:
    """A transfer, and the channels that it makes one call."""
    for uid in others:
        pool.join(transfer.by, uid)
    call = pool.call_of(transfer.by)
    if call is not None and len(call.transfers) < MOST_TRANSFERS and not _has(call, transfer):
        call.transfers.append(transfer)


def _has(call: OpenCall, transfer: Transfer) -> bool:
    return any(
        (each.kind, each.by) == (transfer.kind, transfer.by) and abs(each.at - transfer.at) < SAME_TRANSFER
        for each in call.transfers
    )


def add_recording(pool: Pool, channel: Channel, path: str) -> None:
    """A file that a channel is recorded into."""
    call = pool.call_of(channel.uid)
    if call is not None and path and len(call.recordings) < MOST_RECORDINGS:
        call.recordings.setdefault(path, channel.uid)


def note_recording(pool: Pool, channel: Channel, at: float, *, starts: bool) -> None:
    """Recording of a channel begins or ends."""
    call = pool.call_of(channel.uid)
    if call is not None and len(call.recorded) < MOST_RECORDINGS:
        call.recorded.append(Step(at, channel.uid, starts))


def note_dialled(pool: Pool, channel: Channel, data: str, shown: str) -> None:
    """A channel dials endpoints, ``PJSIP/102&PJSIP/103,20,tT``: their phones will show its number."""
    call = pool.call_of(channel.uid)
    if call is None:
        return
    for each in data.partition(",")[0].split("&")[:MOST_DIALLED]:
        if len(call.rung_by) < MOST_DIALLED or each in call.rung_by:
            call.rung_by[endpoint(each)] = shown


def note_rang_unseen(channel: Channel, at: float) -> None:
    """Somebody was rung while nobody saw whether it made a sound: who was tried for a moment only was not."""
    tried = channel.kind is not Kind.LOCAL and channel.dialled and channel.rang == NEVER and channel.born != NEVER
    if tried and (channel.up != NEVER or at - channel.born[1] >= SHORTEST_RING):
        channel.note("rang", guessed(channel.born[1]))


SHORTEST_RING: Final = 0.3
"""Seconds that a phone is tried at least if it rings."""
