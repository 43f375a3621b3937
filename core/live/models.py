"""The table live events travel through, from the process that caused them to every open browser."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, BigId


class Event(Base):
    """One live event for one person, or for everybody signed in when ``user_id`` is NULL.

    ``payload`` holds ids only: what a browser may see it fetches itself, under its own rights.
    ``xid`` is the PostgreSQL transaction that wrote the row (NULL on SQLite): ids commit out of
    order there, and only the transaction tells whether a row was visible at some earlier moment.
    Numbers are never used twice (``AUTOINCREMENT``), also after old rows were pruned: browsers
    drop the numbers they have seen.
    """

    __tablename__ = "core_event"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    topic: Mapped[str] = mapped_column(String(80))
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    payload: Mapped[dict[str, int | str]] = mapped_column(JSON)
    xid: Mapped[int | None] = mapped_column(BigInteger, index=True)
