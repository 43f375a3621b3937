"""The exchange's own log (CEL) as files within our reach: what it says of the time that a link was away.

Asterisk tells nobody of its log: the file has to be where we can read it. That is the case on the machine of the exchange, over
a share, or where something copies its log folder all the time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Final

from addons.telephony.services.asterisk import records
from addons.telephony.services.asterisk.cel import Row, Table
from addons.telephony.services.asterisk.moments import second_of

FILE: Final = Path("cel-custom", "cel.csv")
"""The log below the folder of logs (``astlogdir``), as docs/operations.md names it in ``cel_custom.conf``."""

RECORDS: Final = Path("cdr-csv", "Master.csv")
QUEUES: Final = Path("queue_log")

EDGE: Final = 5.0
"""Seconds before a moment for which the log is read too: calls that were over were perhaps not yet stored."""

LONGEST_CALL: Final = 12 * 3600.0
"""Seconds before a moment in which calls that went on then are looked for."""

ORDERED: Final = 120.0
"""Seconds that the phone of whoever ordered a call rings at most before the client is dialled."""

MOST_EARLIER: Final = 200_000
"""Rows of the time before a moment that are looked through for calls that went on then, the latest ones."""

LONGEST_LINE: Final = 262_144
FIRST_STEP: Final = 262_144
LOOKED_THROUGH: Final = 5_000
"""Lines behind a place that are looked through for one that tells its time."""

PACKED: Final = frozenset({".gz", ".bz2", ".xz", ".zst", ".zip"})


class Logbook:
    """The log of one exchange.

    :param place: the folder of its logs as it is seen from here, or the file itself.
    """

    is_exact = True

    def __init__(self, place: str) -> None:
        self._place = Path(place)
        self._table = Table()
        self._read_until = (0, 0)
        """The inode of the file that was read last, and the byte after the last whole line."""
        self.is_whole = True
        """Whether what was asked for last is there from its beginning on."""

    def since(self, at: float) -> Iterator[Row]:
        """What was logged since a moment of the exchange, in seconds since 1970, with what was said before of calls that went on then.

        :raises OSError: when the log cannot be read.
        """
        start = at - EDGE
        files = self._files(at)
        open_before = _unbegun(self._rows(files, start))
        if open_before:
            yield from self._earlier(files, open_before, start)
        yield from self._rows(files, start)

    def more(self) -> Iterator[Row]:
        """What was logged since it was read last.

        :raises OSError: when the log cannot be read.
        """
        path = self._path()
        inode, offset = self._read_until
        if path.stat().st_ino != inode or path.stat().st_size < offset:
            offset = 0
        yield from self._table.rows(self._lines(path, offset))

    def _path(self) -> Path:
        return self._place / FILE if self._place.is_dir() else self._place

    def _files(self, at: float) -> list[Path]:
        """The file and those before it that may reach so far back, the oldest one first (``cel.csv.1``, ``cel.csv-20261122``)."""
        path = self._path()
        path.stat()
        kept = (each for each in path.parent.glob(f"{path.name}?*") if each.suffix not in PACKED and each.is_file())
        dated = sorted((each.stat().st_mtime, each) for each in kept)
        late = [each for changed, each in dated if changed >= at - EDGE]
        files = [*late, path]
        self.is_whole = len(late) < len(dated) or _begins(files[0], at)
        return files

    def _rows(self, files: Iterable[Path], start: float) -> Iterator[Row]:
        """The rows since a moment; the place of the last one is kept."""
        self._table = table = Table()
        for path in files:
            yield from (row for row in table.rows(self._lines(path, _offset(path, start))) if row.at >= start)
        yield from (row for row in table.rest() if row.at >= start)

    def _earlier(self, files: Iterable[Path], ids: set[str], start: float) -> list[Row]:
        """The rows before a moment that are about these channels and calls, and about what became one with them."""
        seconds = [second for each in ids if (second := second_of(each)) is not None]
        begin = max(min(seconds, default=start) - ORDERED, start - LONGEST_CALL)
        rows = deque((row for row in self._rows(files, begin) if row.at < start), maxlen=MOST_EARLIER)
        return _about(rows, ids)

    def _lines(self, path: Path, offset: int) -> Iterator[str]:
        """The whole lines of a file: the last one may be in the making."""
        with path.open("rb") as file:
            file.seek(offset)
            inode = path.stat().st_ino
            while (line := file.readline(LONGEST_LINE)).endswith(b"\n") or len(line) == LONGEST_LINE:
                offset += len(line)
                self._read_until = inode, offset
                yield line.decode("utf-8", "replace")


def _unbegun(rows: Iterable[Row]) -> set[str]:
    """The channels and calls of these rows that had begun before."""
    said: set[str] = set()
    begun: set[str] = set()
    for row in rows:
        said.update((row.uid, row.linkedid))
        if row.kind == "CHAN_START":
            begun.add(row.uid)
    return said - begun - {""}


def _about(rows: Iterable[Row], ids: set[str]) -> list[Row]:
    """The rows that are about these channels and calls, and about what became one with them."""
    known = 0
    while known != len(ids):
        known = len(ids)
        for row in rows:
            if row.uid in ids or row.linkedid in ids:
                ids.update((row.uid, row.linkedid))
    return [row for row in rows if row.uid in ids or row.linkedid in ids]


class Recordbook:
    """The call records (CDR) and the log of queues of an exchange that has no log of channels.

    :param folder: of its logs.
    """

    is_exact = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._at = 0.0
        self.is_whole = True
        """Whether what was asked for last is there from its beginning on."""

    def since(self, at: float) -> Iterator[Row]:
        """What the records of calls that have ended since a moment amount to.

        :raises OSError: when they cannot be read.
        """
        self._at = at
        found, queue = self._folder / RECORDS, self._folder / QUEUES
        self.is_whole = _begins(found, at, _ends)
        ended = [each for each in records.records(_text(found, at - EDGE, _ends)) if each.end >= at - EDGE]
        began = min((each.start for each in ended), default=at)
        lines = _text(queue, began - ORDERED, _queued) if queue.exists() else iter(())
        return iter(records.rows(ended, records.queued(lines)))

    def more(self) -> Iterator[Row]:
        """The same again: a record is written when its call is over.

        :raises OSError: when they cannot be read.
        """
        return self.since(self._at)


def book(place: str) -> Logbook | Recordbook:
    """The log of an exchange, or its records where there is no log."""
    folder = Path(place)
    records_only = folder.is_dir() and not (folder / FILE).exists() and (folder / RECORDS).exists()
    return Recordbook(folder) if records_only else Logbook(place)


Dated = Callable[[str], float | None]
"""The moment that a line tells; nothing for a line that tells none."""


def _begun(line: str) -> float | None:
    return next((row.at for row in Table().rows([line])), None)


def _ends(line: str) -> float | None:
    return next((each.end for each in records.records([line])), None)


def _queued(line: str) -> float | None:
    first = line.partition("|")[0]
    return float(first[:10]) if first.isdecimal() else None


def _text(path: Path, at: float, dated: Dated) -> Iterator[str]:
    """The lines of a file since a moment, and some before."""
    with path.open("rb") as file:
        file.seek(_offset(path, at, dated))
        while line := file.readline(LONGEST_LINE):
            yield line.decode("utf-8", "replace")


def _offset(path: Path, at: float, dated: Dated = _begun) -> int:
    """A place in a file behind which everything since a moment is: looked for from the end, ever further back."""
    with path.open("rb") as file:
        size, step = file.seek(0, 2), FIRST_STEP
        while step < size:
            begun = _first_dated(file, size - step, dated)
            if begun is not None and begun[0] < at:
                return begun[1]
            step *= 2
    return 0


def _begins(path: Path, at: float, dated: Dated = _begun) -> bool:
    """Whether a file begins before a moment."""
    with path.open("rb") as file:
        begun = _first_dated(file, 0, dated)
    return begun is not None and begun[0] < at


def _first_dated(file: IO[bytes], offset: int, dated: Dated) -> tuple[float, int] | None:
    """The first moment that is told behind a place of a file, and the place of that line."""
    file.seek(offset)
    if offset:
        file.readline(LONGEST_LINE)
    for _ in range(LOOKED_THROUGH):
        place = file.tell()
        line = file.readline(LONGEST_LINE)
        if not line:
            break
        at = dated(line.decode("utf-8", "replace"))
        if at is not None:
            return at, place
    return None
