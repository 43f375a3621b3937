"""Call records (CDR) and the log of queues, told as rows of the log of channels (CEL): for exchanges that have no such log.

Records are no calls: one call has several, each with whole seconds, and says ``ANSWERED`` where a menu has answered. What follows
from them is who called whom and when, and whether somebody talked: by a phone that was dialled and answered, or by the queue's
word for it. A transfer is not seen, and a wait is right to a second or two.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from addons.telephony.services.asterisk.cel import DIALLED_EXTEN, ZONE_STEP, Row
from addons.telephony.services.asterisk.moments import second_of, wall_clock

COLUMNS: Final = 21
"""With ``loguniqueid``, ``loguserfield`` and ``newcdrcolumns``."""
BUSY: Final = 17
_NUMBER = re.compile(r"\d{7,15}")


@dataclass(frozen=True, slots=True)
class Record:
    """One record: a channel, and whom it was dialled through to."""

    source: str
    target: str
    channel: str
    dialled: str
    application: str
    start: float
    answer: float | None
    end: float
    disposition: str
    uid: str
    note: str
    linkedid: str

    @property
    def did(self) -> str:
        """What was dialled: the dialplan may note it, else it is what stands where the call ended."""
        found = _NUMBER.search(self.note) or _NUMBER.search(self.target)
        return found[0] if found else self.target


@dataclass(slots=True)
class Queued:
    """What the queues say of one call."""

    enters: list[tuple[float, str]] = field(default_factory=list)
    leaves: list[tuple[float, str]] = field(default_factory=list)
    taken: list[tuple[float, str]] = field(default_factory=list)
    """When somebody took it, with the channel of his phone."""


def records(lines: Iterable[str]) -> Iterator[Record]:
    """The records of ``Master.csv``, their moments in UTC; lines that are none are left out."""
    for line in lines:
        try:
            cells = next(csv.reader([line.replace("\0", "")]), [])
        except csv.Error:
            continue
        if len(cells) < COLUMNS:
            continue
        start, answer, end = (wall_clock(cells[number]) for number in (9, 10, 11))
        if start is not None and end is not None:
            second = second_of(cells[16])
            ahead = math.floor((start - second) / ZONE_STEP + 0.5) * ZONE_STEP if second is not None else 0
            moments = (start - ahead, answer - ahead if answer is not None else None, end - ahead)
            yield Record(
                cells[1], cells[2], cells[5], cells[6], cells[7], *moments, cells[14], cells[16], cells[17], cells[19]
            )


def queued(lines: Iterable[str]) -> dict[str, Queued]:
    """What ``queue_log`` says, by the channels of those who called."""
    found: dict[str, Queued] = {}
    for line in lines:
        cells = line.rstrip("\n").split("|")
        if len(cells) < 6 or not cells[0].isdecimal():
            continue
        at, uid, queue, event = float(cells[0][:10]), cells[1], cells[2], cells[4]
        mine = found.setdefault(uid, Queued())
        if event == "ENTERQUEUE":
            mine.enters.append((at, queue))
        elif event == "CONNECT":
            mine.taken.append((at, cells[6] if len(cells) > 6 else ""))
            mine.leaves.append((at, queue))
        elif event in {"ABANDON", "EXITWITHTIMEOUT", "EXITEMPTY", "EXITWITHKEY"}:
            mine.leaves.append((at, queue))
    return found


def rows(found: Iterable[Record], queues: Mapping[str, Queued]) -> list[Row]:
    """The same as rows of the log of channels, in order."""
    by_channel: dict[str, list[Record]] = {}
    for each in found:
        by_channel.setdefault(each.uid, []).append(each)
    told: list[Row] = []
    for uid, mine in by_channel.items():
        told += _caller(uid, mine, queues.get(uid, Queued()))
        for number, each in enumerate(mine):
            if each.dialled:
                told += _dialled(each, number, queues.get(uid, Queued()))
    return sorted(told, key=lambda row: row.at)


def _caller(uid: str, mine: list[Record], queue: Queued) -> Iterator[Row]:
    first, end = min(mine, key=lambda each: each.start), max(each.end for each in mine)
    did = next((each.did for each in mine if _NUMBER.search(each.did)), first.did)
    born = second_of(uid) or first.start
    yield _row(min(born, first.start), "CHAN_START", uid, first, exten=did)
    for moments, kind in ((queue.enters, "APP_START"), (queue.leaves, "APP_END")):
        for at, name in moments:
            yield _row(at, kind, uid, first, application="Queue", data=name)
    yield _row(end, "HANGUP", uid, first, extra={"hangupsource": first.channel})
    yield _row(end, "CHAN_END", uid, first)


def _dialled(each: Record, number: int, queue: Queued) -> Iterator[Row]:
    """The channel that was dialled: its own id is known only where a queue tells it."""
    taken = queue.taken[0] if queue.taken and each.application == "Queue" else None
    talked = each.disposition == "ANSWERED" and (taken is not None or each.answer is not None)
    up = taken[0] if taken is not None else each.answer
    uid = taken[1] if taken is not None and taken[1] and talked else f"{each.uid}-{number}"
    yield _row(each.start, "CHAN_START", uid, each, channel=each.dialled, exten=DIALLED_EXTEN)
    if talked and up is not None:
        yield _row(up, "ANSWER", uid, each, channel=each.dialled)
        for who, channel in ((each.uid, each.channel), (uid, each.dialled)):
            extra = {"bridge_id": f"{each.uid}-{number}"}
            yield _row(up, "BRIDGE_ENTER", who, each, channel=channel, extra=extra)
            yield _row(each.end, "BRIDGE_EXIT", who, each, channel=channel, extra=extra)
    cause = {"hangupcause": BUSY} if each.disposition == "BUSY" else {}
    yield _row(each.end, "HANGUP", uid, each, channel=each.dialled, extra=cause)
    yield _row(each.end, "CHAN_END", uid, each, channel=each.dialled)


def _row(
    at: float,
    kind: str,
    uid: str,
    of: Record,
    *,
    channel: str = "",
    exten: str = "",
    application: str = "",
    data: str = "",
    extra: Mapping[str, Any] | None = None,
) -> Row:
    number = of.source if not channel or channel == of.channel else of.target
    return Row(at, kind, number, "", exten, channel or of.channel, application, data, uid, of.linkedid, extra or {})
