"""What merging clients has done, so that it can be undone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, BigId, Record


class Merge(Record):
    """Two records of one client made into one: which stayed, which is gone, and what both were before.

    The numbers are no foreign keys: a merge is history, and later merges must not move it.
    ``before`` and ``after`` hold the clients' own fields, ``{"kept": {…}, "gone": {…}}``, and ``before`` also the places
    of the phones and which documents were closed under the merged name already. As they are personal data,
    the row is deleted when the merge can no longer be undone; the trail keeps that it happened.
    """

    __tablename__ = "contacts_merge"
    __audited__ = False
    __table_args__ = (
        Index("ix_contacts_merge_kept", "kept_id", "created_at"),
        Index("ix_contacts_merge_gone", "gone_id"),
    )

    kept_id: Mapped[int] = mapped_column(BigInteger)
    gone_id: Mapped[int] = mapped_column(BigInteger)
    gone_name: Mapped[str] = mapped_column(String(260))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(BigInteger)


class MergeMove(Base):
    """The rows of one table that a merge moved, by their keys, and how many had to stay with the merged record."""

    __tablename__ = "contacts_merge_move"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    merge_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("contacts_merge.id", ondelete="CASCADE"), index=True)
    table: Mapped[str] = mapped_column("table_name", String(63))
    column: Mapped[str] = mapped_column("column_name", String(63))
    by_subject: Mapped[bool]
    keys: Mapped[list[Any]] = mapped_column(JSON)
    stayed: Mapped[int] = mapped_column(Integer)
