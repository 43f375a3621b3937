"""How far a browser has read the events: what it sends back as ``Last-Event-ID``.

A number would do on SQLite, where ids are given in the order of commits. On PostgreSQL a
transaction may write id 5, another 6 and commit first: whoever remembers "6" never sees 5. There
the position is a whole snapshot, so that "not visible then" is known exactly, with nothing skipped
and nothing sent twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol, Self

from core.db.types import MAX_BIG

_NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)
_SNAPSHOT = re.compile(r"[0-9]{1,19}:[0-9]{1,19}:(?:[0-9]{1,19}(?:,[0-9]{1,19})*)?", re.ASCII)
_LONGEST = 8000


class Position(Protocol):
    """A moment in the stream of events; its text is opaque to browsers."""

    def covers(self, order: int) -> bool:
        """Whether a row with this order (its id or its transaction) was visible at that moment."""

    def __str__(self) -> str: ...


@dataclass(frozen=True, slots=True)
class LastId:
    """Everything up to this id; for SQLite."""

    id: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The position a browser sent, or None when it is none of ours."""
        return cls(int(text)) if _NUMBER.fullmatch(text) and int(text) <= MAX_BIG else None

    def covers(self, order: int) -> bool:
        return order <= self.id

    def __str__(self) -> str:
        return str(self.id)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every transaction below ``xmax`` that was not running; PostgreSQL's ``pg_snapshot``."""

    xmin: int
    xmax: int
    running: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The snapshot PostgreSQL or a browser wrote as ``xmin:xmax:running,running``, or None."""
        if len(text) > _LONGEST or not _SNAPSHOT.fullmatch(text):
            return None
        xmin, xmax, *running = (int(number) for number in re.findall(r"[0-9]+", text))
        return cls(xmin, xmax, frozenset(running)) if max(xmin, xmax, *running) <= MAX_BIG else None

    def covers(self, order: int) -> bool:
        return order < self.xmax and order not in self.running

    def __str__(self) -> str:
        return f"{self.xmin}:{self.xmax}:{','.join(str(xid) for xid in sorted(self.running))}"
