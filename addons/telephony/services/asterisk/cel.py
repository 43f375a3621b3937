"""The PBX's own log of channel events (CEL): what a link that was away reads of the time that it missed."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from addons.telephony.services.asterisk import facts
from addons.telephony.services.asterisk.channels import Channel
from addons.telephony.services.asterisk.events import target
from addons.telephony.services.asterisk.moments import NEVER, exact, guessed, second_of, wall_clock
from addons.telephony.services.asterisk.names import endpoint
from addons.telephony.services.asterisk.pool import Pool, Transfer
from addons.telephony.services.asterisk.recordings import path_of

ZONE_STEP: Final = 900
"""Seconds by which the zones of the world differ at least."""

DIALLED_EXTEN: Final = "s"
"""The extension of a channel that the PBX dials itself, while it begins."""


class Row(NamedTuple):
    """One row: the columns of ``cel_custom.conf`` as docs/operations.md gives it."""

    at: float
    kind: str
    number: str
    dialled: str
    exten: str
    channel: str
    application: str
    data: str
    uid: str
    linkedid: str
    extra: Mapping[str, Any]


COLUMNS: Final = 13

MOST_EARLY: Final = 10_000
"""Rows that are held until one is found that tells how far the log's clock is from UTC."""


class Table:
    """The log while it is read, maybe bit by bit. Its moments are the wall clock of the PBX; how far that is from UTC is seen
    where a channel begins: its id is the second of that moment.
    """

    def __init__(self) -> None:
        self._ahead: float | None = None
        self._early: list[list[str]] = []

    def rows(self, lines: Iterable[str]) -> Iterator[Row]:
        """The rows of these lines in order, their moments in UTC; lines that are none are left out."""
        for line in lines:
            cells = _cells(line)
            if len(cells) < COLUMNS:
                continue
            self._note_zone(cells)
            self._early.append(cells)
            if self._ahead is not None or len(self._early) >= MOST_EARLY:
                yield from self.rest()

    def rest(self) -> Iterator[Row]:
        """The rows that are held, where no channel began."""
        early, self._early = self._early, []
        yield from filter(None, (_row(cells, self._ahead or 0.0) for cells in early))

    def _note_zone(self, cells: list[str]) -> None:
        second, at = second_of(cells[9]), wall_clock(cells[1])
        if cells[0] == "CHAN_START" and second is not None and at is not None:
            self._ahead = math.floor((at - second) / ZONE_STEP + 0.5) * ZONE_STEP


def read_csv(lines: Iterable[str]) -> Iterator[Row]:
    """The rows of a whole log; see :class:`Table`."""
    table = Table()
    yield from table.rows(lines)
    yield from table.rest()


def _cells(line: str) -> list[str]:
    """The cells of one line: a quote that is not closed spoils its own line only."""
    try:
        return next(csv.reader([line.replace("\0", "")]), [])
    except csv.Error:
        return []


def _row(cells: list[str], ahead: float) -> Row | None:
    at = wall_clock(cells[1])
    if at is None:
        return None
    kind, _, number, dialled, exten, _, channel, application, data, uid, linkedid, _, extra = cells[:COLUMNS]
    return Row(at - ahead, kind, number, dialled, exten, channel, application, data, uid, linkedid, _extra(extra))


def _extra(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def apply(pool: Pool, row: Row) -> None:
    """Take in one row."""
    channel = pool.channel(row.uid, row.linkedid, row.channel, row.at)
    if channel is None:
        return
    if channel.born == NEVER and row.kind != "CHAN_START":
        facts.note_began_earlier(channel, row.at)
    channel.note_number(row.number)
    take = _TAKES.get(row.kind)
    if take is not None:
        take(pool, channel, row)


def _begin(pool: Pool, channel: Channel, row: Row) -> None:
    channel.note("born", exact(row.at))
    if channel.dialled is None:
        channel.dialled = row.exten == DIALLED_EXTEN
        if not channel.dialled:
            channel.exten = row.exten
    call = pool.call_of(channel.uid)
    if call is not None:
        channel.shown = channel.shown or call.rung_by.get(endpoint(channel.name), "")


def _answer(_pool: Pool, channel: Channel, row: Row) -> None:
    channel.note("up", exact(row.at))
    facts.note_rang_unseen(channel, row.at)


def _hangup(pool: Pool, channel: Channel, row: Row) -> None:
    facts.note_cause(channel, str(row.extra.get("hangupcause", "")))
    if row.extra.get("hangupsource") == channel.name:
        channel.note("asked", guessed(row.at))  # that was a moment ago: what was told to others came first
    facts.note_rang_unseen(channel, row.at)
    pool.end(channel, exact(row.at))


def _end(pool: Pool, channel: Channel, row: Row) -> None:
    facts.note_rang_unseen(channel, row.at)
    pool.end(channel, exact(row.at))


def _enter(pool: Pool, channel: Channel, row: Row) -> None:
    bridge = str(row.extra.get("bridge_id", ""))
    if bridge:
        pool.enter(channel, bridge, row.at)


def _leave(pool: Pool, channel: Channel, row: Row) -> None:
    bridge = str(row.extra.get("bridge_id", ""))
    if bridge:
        pool.leave(channel, bridge, row.at)


def _application_starts(pool: Pool, channel: Channel, row: Row) -> None:
    if row.application == "Queue":
        facts.move_in_queue(channel, row.data.partition(",")[0], row.at, enters=True)
    if row.application == "Dial":
        facts.note_dialled(pool, channel, row.data, row.number)
    path = path_of(row.application, row.data)
    if path:
        facts.add_recording(pool, channel, path)
        facts.note_recording(pool, channel, row.at, starts=True)


def _application_ends(_pool: Pool, channel: Channel, row: Row) -> None:
    if row.application == "Queue":
        facts.move_in_queue(channel, row.data.partition(",")[0], row.at, enters=False)


def _blind(pool: Pool, channel: Channel, row: Row) -> None:
    transfer = Transfer(row.at, "blind", channel.uid, str(row.extra.get("extension", "")))
    facts.add_transfer(pool, transfer, [str(row.extra.get("transferee_channel_uniqueid", ""))])


def _attended(pool: Pool, channel: Channel, row: Row) -> None:
    said = {name: str(value) for name, value in row.extra.items()}
    others = ["channel2_uniqueid", "transferee_channel_uniqueid", "transfer_target_channel_uniqueid"]
    to = target(said.get("transfer_target_channel_name", ""))
    by_phone = said.get("channel2_uniqueid") != channel.uid
    transfer = Transfer(row.at, "attended", channel.uid, to, by_phone)
    facts.add_transfer(pool, transfer, [said.get(each, "") for each in others])


def _pickup(pool: Pool, channel: Channel, row: Row) -> None:
    pool.join(channel.uid, str(row.extra.get("pickup_channel_uniqueid", "")))


_TAKES: Final[Mapping[str, Callable[[Pool, Channel, Row], None]]] = {
    "CHAN_START": _begin,
    "ANSWER": _answer,
    "HANGUP": _hangup,
    "CHAN_END": _end,
    "BRIDGE_ENTER": _enter,
    "BRIDGE_EXIT": _leave,
    "APP_START": _application_starts,
    "APP_END": _application_ends,
    "BLINDTRANSFER": _blind,
    "ATTENDEDTRANSFER": _attended,
    "PICKUP": _pickup,
}
