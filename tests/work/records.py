"""A record as an addon would have it, for the services that work on any record."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Record


class Ticket(Record):
    """Something with a state."""

    __tablename__ = "worktest_ticket"

    state: Mapped[str] = mapped_column(String(40), default="new")
    reason: Mapped[str] = mapped_column(String(200), default="")
