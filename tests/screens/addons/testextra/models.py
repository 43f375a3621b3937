"""A table of its own beside the visit."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base


class Ticket(Base):
    """A parking ticket of a visit."""

    __tablename__ = "testextra_ticket"

    visit_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("testscreens_visit.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    place: Mapped[str] = mapped_column(String(20))
