"""How core names a record of any addon without knowing its model."""

from __future__ import annotations

from typing import NamedTuple

from core.db.base import Record


class Subject(NamedTuple):
    """A record somewhere: its table (``<addon>_<thing>``) and its number."""

    type: str
    id: int


def subject_of(record: Record) -> Subject:
    """The subject a stored record is; it must have been flushed, a record without a number has no name."""
    if record.id is None:
        raise ValueError(f"{record.__tablename__}: the record has no number before it is flushed")
    return Subject(record.__tablename__, record.id)
