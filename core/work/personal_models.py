"""The tables of the care for personal data: acts of erasure, what is kept for a time, who opened whose card."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, BigId, Record


class Erasure(Record):
    """One erasure of one person's data: the act and the line of the journal (SEC-71), kept three years.

    It holds none of the data: ``person`` is a reference such as «клиент № 123». ``categories``, ``reason``, ``law``
    in ``kept`` and ``rows`` by table are words or msgids. ``source`` is ``demand`` or ``term``. ``erased_at`` is
    when the rows were emptied, ``cleaned_at`` when the database had let go of their old versions.
    """

    __tablename__ = "core_erasure"
    __table_args__ = (Index("ix_core_erasure_subject", "subject_type", "subject_id"),)

    subject_type: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    person: Mapped[str] = mapped_column(String(120))
    source: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(20))
    operator: Mapped[str] = mapped_column(String(300), default="")
    system: Mapped[str] = mapped_column(String(120))
    executor: Mapped[str] = mapped_column(String(160), default="")
    categories: Mapped[list[str]] = mapped_column(JSON)
    rows: Mapped[dict[str, int]] = mapped_column(JSON)
    kept: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    files: Mapped[int] = mapped_column(Integer, default=0)
    trail_values: Mapped[int] = mapped_column(Integer, default=0)
    erased_at: Mapped[datetime]
    cleaned_at: Mapped[datetime | None]
    keep_until: Mapped[datetime] = mapped_column(index=True)


class HeldValue(Base):
    """A column of a row that a law keeps a while longer, and when it is erased after all."""

    __tablename__ = "core_held_value"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    erasure_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_erasure.id", ondelete="CASCADE"), index=True)
    subject_type: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    column: Mapped[str] = mapped_column(String(60))
    law: Mapped[str] = mapped_column(String(200))
    until: Mapped[datetime] = mapped_column(index=True)


class CardRead(Base):
    """An account opened a record's card, or took it out in an export, within an hour; once, however often."""

    __tablename__ = "core_card_read"
    __table_args__ = (Index("ix_core_card_read_hour", "hour"),)

    user_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    way: Mapped[str] = mapped_column(String(8), primary_key=True)
    subject_type: Mapped[str] = mapped_column(String(60), primary_key=True)
    subject_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
