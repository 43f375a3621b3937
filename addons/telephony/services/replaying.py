"""Recorded streams of a manager interface, reduced as the link would have done: to look into what a PBX said."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from addons.telephony.services.asterisk import cel
from addons.telephony.services.asterisk.calls import Call
from addons.telephony.services.asterisk.messages import Message, Parser
from addons.telephony.services.asterisk.moments import event_time
from addons.telephony.services.asterisk.names import Endpoints
from addons.telephony.services.asterisk.reducer import Reducer
from addons.telephony.services.asterisk.snapshots import State

Line = TypeVar("Line")

CLASSES: Final = (
    "system", "call", "log", "verbose", "command", "agent", "user", "config", "dtmf", "reporting", "cdr", "dialplan",
    "originate", "agi", "cc", "aoc", "test", "security", "message", "all",
)  # fmt: skip
"""The classes of events that ``read`` in ``manager.conf`` may name."""
BANNER = b"Asterisk Call Manager/"
"""What an Asterisk says before anything else."""
OVERLAP = 0.25
"""Seconds at the edges of a connection for which the log is read too: an event is a moment older than its arrival."""


@dataclass(frozen=True, slots=True)
class Connection:
    """What came over one connection: messages with the moments of their arrival, seconds since 1970."""

    messages: list[tuple[float, Message]]
    began: float
    ended: float
    """When the last thing happened that it told of."""
    has_banner: bool = False

    @property
    def is_of_manager(self) -> bool:
        """Whether a manager interface said any of it."""
        return self.has_banner or any("Event" in each or "Response" in each for _, each in self.messages)


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded stream with what lies beside it."""

    connections: list[Connection]
    snapshots: list[tuple[float, State]]
    rows: list[cel.Row]
    doubts: tuple[str, ...] = ()
    """Files beside the stream of which something could not be read, and how much; the rest counts."""

    @property
    def is_of_manager(self) -> bool:
        """Whether any of it is what a manager interface or its log says."""
        return bool(self.rows or self.snapshots) or any(each.is_of_manager for each in self.connections)

    @property
    def has_events(self) -> bool:
        """Whether anything happens in it."""
        return bool(self.rows or self.snapshots) or any(
            "Event" in message for each in self.connections for _, message in each.messages
        )


def read(path: Path) -> Recording:
    """A recording by the name of its first stream: ``NAME.ami`` with ``NAME.times``, the connections after it
    (``NAME.2.ami`` …), and what there is of ``NAME.snapshots.jsonl`` and ``NAME.cel.csv``.

    :raises OSError: when one of them cannot be read.
    """
    stem = path.with_suffix("")
    parts = [path]
    while (following := stem.with_name(f"{stem.name}.{len(parts) + 1}.ami")).exists():
        parts.append(following)
    doubts: list[str] = []
    log = stem.with_name(f"{stem.name}.cel.csv")
    rows = list(cel.read_csv(_lines(log)))
    if not rows and _lines(log):
        doubts.append(f"{log.name}: no line of it can be read")
    return Recording(
        [_connection(each, doubts) for each in parts],
        _readable(stem.with_name(f"{stem.name}.snapshots.jsonl"), _snapshot, doubts),
        rows,
        tuple(doubts),
    )


def _connection(path: Path, doubts: list[str]) -> Connection:
    data, parser = path.read_bytes(), Parser()
    reads = _readable(path.with_suffix(".times"), _time, doubts) or [(0, 0.0)]
    messages: list[tuple[float, Message]] = []
    for number, (offset, received) in enumerate(reads):
        end = reads[number + 1][0] if number + 1 < len(reads) else len(data)
        messages += [(received, message) for message in parser.feed(data[offset:end])]
    moments = [event_time(message.get("Timestamp"), received) for received, message in messages] or [reads[0][1]]
    return Connection(messages, reads[0][1] or min(moments), max(moments), data.startswith(BANNER))


def _readable(path: Path, parse: Callable[[str], Line | None], doubts: list[str]) -> list[Line]:
    """The lines of a file that can be read; of others it is noted how many there are."""
    lines = [line for line in _lines(path) if line.strip()]
    found = [each for line in lines if (each := parse(line)) is not None]
    if len(found) < len(lines):
        doubts.append(f"{path.name}: {len(lines) - len(found)} of {len(lines)} lines cannot be read and are left out")
    return found


def _time(line: str) -> tuple[int, float] | None:
    offset, _, received = line.partition("\t")
    try:
        return int(offset), float(received)
    except ValueError:
        return None


def _snapshot(line: str) -> tuple[float, State] | None:
    try:
        found = json.loads(line)
        lists = found["state"].items()
        return float(found["time"]), {name: [each for each in items if isinstance(each, dict)] for name, items in lists}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []


def reduce(recording: Recording, classes: Collection[str] = (), endpoints: Endpoints | None = None) -> list[Call]:
    """The calls of a recording.

    :param classes: the classes of events that the link may read; all when there are none.
    """
    reducer = Reducer(endpoints)
    calls: list[Call] = []
    before = float("-inf")
    for connection in recording.connections:
        began = connection.began
        calls += reducer.fill(_between(recording.rows, before, began))
        asked = next(((at, state) for at, state in recording.snapshots if at >= began), None)
        for received, message in connection.messages:
            if asked is not None and received > asked[0]:
                reducer.resync(asked[1], asked[0])
                asked = None
            if _is_read(message, classes):
                calls += reducer.feed(message, received)
        before = connection.ended
        if asked is not None and asked[0] <= connection.ended + OVERLAP:
            reducer.resync(asked[1], asked[0])
    calls += reducer.fill(_between(recording.rows, before, float("inf")))
    for at, state in recording.snapshots[-1:]:
        if at > before:
            reducer.resync(state, at)
    return calls + reducer.close()


def _between(rows: Iterable[cel.Row], begin: float, end: float) -> Iterator[cel.Row]:
    return (row for row in rows if begin - OVERLAP <= row.at <= end + OVERLAP)


def _is_read(message: Message, classes: Collection[str]) -> bool:
    """Whether a link that may read these classes only gets a message: what belongs to none is told to everybody."""
    privilege = message.get("Privilege")
    if not classes or "all" in classes or privilege is None or "Event" not in message:
        return True
    return not set(classes).isdisjoint(privilege.split(","))
