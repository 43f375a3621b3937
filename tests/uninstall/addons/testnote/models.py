"""Notes about loans."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Record


class Note(Record):
    """A note about a car, which holds it, and about a loan, with which it goes."""

    __tablename__ = "testnote_note"

    car_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("testlend_car.id"))
    loan_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("testlend_loan.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(String(60))
