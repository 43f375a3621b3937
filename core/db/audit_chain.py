"""The audit trail as a chain: what was sealed cannot be changed unnoticed (SEC-64).

A leader's job seals the entries in batches. Each seal names its entries by number and holds an HMAC over them
and over the seal before it; the key lies outside the database. Numbers are given out before their transactions
commit, so a lower one can appear after a higher one was sealed. Therefore a seal lists the ranges it covers, and
numbers that were missing stay open for a day: what appears there late is covered by a later seal.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import JSON, BigInteger, Integer, Select, String, between, insert, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from core.db.audit import AuditEntry, AuditValue, values_hash
from core.db.base import Base, BigId
from core.db.engine import WorkSession

BATCH = 2000
"""Entries in one seal at most."""

GAP_OPEN = timedelta(days=1)
"""How long a transaction may take between taking a number and committing."""

SEALED_WITHIN = timedelta(days=1)
"""Entries that are older and not sealed mean that the job does not run, or that seals were taken away."""

_ASKED_AT_ONCE = 200
_START = ""
_SAID = ("id", "at", "first_id", "last_id", "count", "ranges", "gaps", "previous")
"""What a seal says of itself, and its HMAC covers."""


class AuditSeal(Base):
    """One link of the chain.

    ``ranges`` are the covered numbers as ``[[first, last], …]``. ``gaps`` are the numbers below ``last_id`` that no
    seal covers yet and a late commit may still bring, as ``[[first, last, since], …]`` with seconds since 1970.
    """

    __tablename__ = "core_audit_seal"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    first_id: Mapped[int] = mapped_column(BigInteger)
    last_id: Mapped[int] = mapped_column(BigInteger)
    count: Mapped[int] = mapped_column(Integer)
    ranges: Mapped[list[list[int]]] = mapped_column(JSON)
    gaps: Mapped[list[list[int]]] = mapped_column(JSON)
    previous: Mapped[str] = mapped_column(String(64))
    mac: Mapped[str] = mapped_column(String(64))


class Head(NamedTuple):
    """The newest seal at some moment, as it is kept where the application cannot change it."""

    id: int
    mac: str


@dataclass(frozen=True, slots=True)
class _End:
    """Where the chain goes on: after which seal, which number, and which open gaps."""

    seal_id: int = 0
    last_id: int = 0
    mac: str = _START
    gaps: tuple[tuple[int, int, int], ...] = ()


# --- sealing -------------------------------------------------------------------------------------


def seal(session: WorkSession, key: bytes) -> int:
    """Seal what has been committed since the last seal, up to :data:`BATCH` entries; returns how many.

    Of two processes that seal at once one fails at the number of its seal and is rolled back.
    """
    end = _end(session)
    entries = _unsealed(session, end)
    if not entries:
        return 0
    ids = [entry.id for entry in entries]
    now = session.now()
    last_id = max(end.last_id, ids[-1])
    ranges = to_ranges(ids)
    gaps = _gaps(end, ranges, now)
    values: dict[str, Any] = {
        "id": end.seal_id + 1,
        "at": now,
        "first_id": ids[0],
        "last_id": last_id,
        "count": len(ids),
        "ranges": ranges,
        "gaps": gaps,
        "previous": end.mac,
    }
    digest = hashlib.sha256()
    for entry in entries:
        digest.update(_line(entry))
    session.execute(insert(AuditSeal), {**values, "mac": _mac(key, values, digest.digest())})
    return len(ids)


def head(session: WorkSession) -> Head | None:
    """The newest seal, to be kept elsewhere: whoever cuts off the end of the chain cannot change that copy."""
    found = session.execute(select(AuditSeal.id, AuditSeal.mac).order_by(AuditSeal.id.desc()).limit(1)).first()
    return Head(*found) if found else None


def _end(session: WorkSession) -> _End:
    newest = session.scalars(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1)).one_or_none()
    if newest is None:
        return _End()
    gaps = tuple((first, last, since) for first, last, since in newest.gaps)
    return _End(newest.id, newest.last_id, newest.mac, gaps)


def _unsealed(session: WorkSession, end: _End) -> Sequence[Any]:
    """The oldest entries no seal covers, in the order of their numbers: late ones, then new ones."""
    found: list[Any] = []
    for start in range(0, len(end.gaps), _ASKED_AT_ONCE):
        gaps = end.gaps[start : start + _ASKED_AT_ONCE]
        late = or_(*(between(AuditEntry.id, first, last) for first, last, _ in gaps))
        found += session.execute(_ENTRIES.where(late).order_by(AuditEntry.id).limit(BATCH - len(found))).all()
    new = _ENTRIES.where(AuditEntry.id > end.last_id).order_by(AuditEntry.id).limit(BATCH - len(found))
    return [*found, *session.execute(new)]


def _gaps(end: _End, ranges: Sequence[Sequence[int]], now: datetime) -> list[list[int]]:
    """The numbers still to be waited for: those of before that are not too old, and the new ones."""
    seconds = int(now.timestamp())
    horizon = seconds - int(GAP_OPEN.total_seconds())
    waited = [gap for gap in end.gaps if gap[2] > horizon]
    old = [[*part, since] for first, last, since in waited for part in _without(first, last, ranges)]
    newest = max(ranges[-1][1], end.last_id)
    new = [[*part, seconds] for part in _without(end.last_id + 1, newest, ranges)]
    return old + new


def to_ranges(ids: Iterable[int]) -> list[list[int]]:
    """Rising numbers as ``[[first, last], …]``."""
    ranges: list[list[int]] = []
    for number in ids:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ranges


def _without(first: int, last: int, taken: Iterable[Sequence[int]]) -> Iterator[list[int]]:
    """What is left of the numbers from first to last."""
    for start, end in taken:
        if end < first or start > last:
            continue
        if start > first:
            yield [first, start - 1]
        first = end + 1
    if first <= last:
        yield [first, last]


_ENTRIES = select(
    AuditEntry.id,
    AuditEntry.at,
    AuditEntry.user_id,
    AuditEntry.source,
    AuditEntry.action,
    AuditEntry.subject_type,
    AuditEntry.subject_id,
    AuditEntry.values_hash,
)


def _line(entry: Any) -> bytes:
    """An entry in the one form that is sealed."""
    id_, at, *rest = entry
    return json.dumps([id_, _moment(at), *rest], ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _mac(key: bytes, values: dict[str, Any], entries: bytes) -> str:
    """The HMAC of a seal: over the one before it, over what it says of itself, and over its entries."""
    said = {**values, "at": _moment(values["at"])}
    text = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    return hmac.new(key, text + b"\n" + entries, hashlib.sha256).hexdigest()


# --- verifying -----------------------------------------------------------------------------------


def verify(session: WorkSession, key: bytes, heads: Iterable[Head] = (), *, earlier: Sequence[bytes] = ()) -> list[str]:
    """What is wrong with the trail: entries that were changed, removed or added, links that do not fit.

    Work may go on meanwhile: what is written after the seals were read counts as new.

    :param heads: copies of :func:`head` from outside the database.
    :param earlier: keys that were in use before; a seal fits when it was made with any of them (SEC-66).
    """
    seals = session.scalars(select(AuditSeal).order_by(AuditSeal.id)).all()
    covered, problems = _coverage(seals)
    found = _Findings(covered, {each.id: hashlib.sha256() for each in seals})
    for entry in _all(session, _ENTRIES):
        found.take(entry)
    found.end()
    problems += _described("removed", found.missing)
    problems += [problem for each in seals if (problem := _seal_problem(each, (key, *earlier), found))]
    problems += _link_problems(seals)
    problems += _stray_problems(seals, found, session.now())
    problems += _described("given other values", to_ranges(_changed_values(session)))
    return [*problems, *_head_problems(seals, heads)]


class _Findings:
    """One pass over all entries in the order of their numbers, beside the ranges that cover them."""

    def __init__(self, covered: Iterable[tuple[int, int, int]], digests: dict[int, Any]) -> None:
        self.digests = digests
        self.missing: list[list[int]] = []
        self.stray: list[tuple[int, datetime]] = []
        self._ranges = iter(covered)
        self._range: tuple[int, int, int] | None = None
        self._expected = 0
        self._begin_range()

    def take(self, entry: Any) -> None:
        """The next entry: into its seal's digest, or among those no seal covers."""
        while self._range and entry.id > self._range[1]:
            self._end_range()
        if self._range is None or entry.id < self._expected:
            self.stray.append((entry.id, entry.at))
            return
        self._miss(entry.id - 1)
        self._expected = entry.id + 1
        self.digests[self._range[2]].update(_line(entry))

    def end(self) -> None:
        """No more entries: whatever is still expected is missing."""
        while self._range:
            self._end_range()

    def _begin_range(self) -> None:
        self._range = next(self._ranges, None)
        self._expected = self._range[0] if self._range else 0

    def _end_range(self) -> None:
        assert self._range is not None
        self._miss(self._range[1])
        self._begin_range()

    def _miss(self, last: int) -> None:
        if self._expected <= last:
            self.missing.append([self._expected, last])


def _all(session: WorkSession, statement: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    """The rows of a statement on the entries in the order of their numbers, a batch at a time."""
    last = 0
    while rows := session.execute(statement.where(AuditEntry.id > last).order_by(AuditEntry.id).limit(BATCH)).all():
        yield from rows
        last = rows[-1].id


def _coverage(seals: Iterable[AuditSeal]) -> tuple[list[tuple[int, int, int]], list[str]]:
    """Which numbers belong to which seal, rising; and where two seals claim the same."""
    ranges = sorted((first, last, each.id) for each in seals for first, last in each.ranges)
    twice = [
        f"entries {_written(later[0], min(earlier[1], later[1]))} are in the seals {earlier[2]} and {later[2]}"
        for earlier, later in pairwise(ranges)
        if later[0] <= earlier[1]
    ]
    return ranges, twice


def _seal_problem(seal_: AuditSeal, keys: Iterable[bytes], found: _Findings) -> str:
    values = {name: getattr(seal_, name) for name in _SAID}
    entries = found.digests[seal_.id].digest()
    if any(hmac.compare_digest(_mac(key, values, entries), seal_.mac) for key in keys):
        return ""
    return (
        f"seal {seal_.id} of {_moment(seal_.at)} does not fit: "
        f"it, or one of the entries {_written(seal_.first_id, seal_.ranges[-1][1])}, was changed"
    )


def _link_problems(seals: Iterable[AuditSeal]) -> Iterator[str]:
    number, mac = 0, _START
    for each in seals:
        if each.id != number + 1:
            yield f"seals removed {_written(number + 1, each.id - 1)}"
        elif each.previous != mac:
            yield f"seal {each.id} does not follow from the one before it"
        number, mac = each.id, each.mac


def _stray_problems(seals: Sequence[AuditSeal], found: _Findings, now: datetime) -> list[str]:
    """Entries no seal covers are right only if they are new, or have a number that was waited for."""
    last_id = max((each.last_id for each in seals), default=0)
    waited = seals[-1].gaps if seals else []
    added = [number for number, _ in found.stray if number <= last_id and not _within(number, waited)]
    known = set(added)
    late = [number for number, at in found.stray if number not in known and at < now - SEALED_WITHIN]
    return [
        *_described("added", to_ranges(added)),
        *_described("not sealed, though they are more than a day old:", to_ranges(late)),
    ]


def _within(number: int, gaps: Iterable[Sequence[int]]) -> bool:
    return any(first <= number <= last for first, last, _ in gaps)


def _changed_values(session: WorkSession) -> Iterator[int]:
    """Entries whose stored values do not fit; values that were erased are gone and prove nothing."""
    statement = select(AuditEntry.id, AuditEntry.values_hash, AuditValue.salt, AuditValue.changes).join(
        AuditValue, AuditValue.audit_id == AuditEntry.id
    )
    return (row.id for row in _all(session, statement) if values_hash(row.salt, row.changes) != row.values_hash)


def _head_problems(seals: Iterable[AuditSeal], heads: Iterable[Head]) -> Iterator[str]:
    macs = {each.id: each.mac for each in seals}
    for kept in heads:
        if kept.id not in macs:
            yield f"seal {kept.id} was removed: a copy of it is kept outside"
        elif macs[kept.id] != kept.mac:
            yield f"seal {kept.id} differs from the copy that is kept outside"


def _described(what: str, ranges: Iterable[Sequence[int]]) -> list[str]:
    return [f"entries {what} {_written(first, last)}" for first, last in ranges]


def _written(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
