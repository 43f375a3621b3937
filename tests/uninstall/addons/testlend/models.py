"""Cars that are lent to clients, and who has one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Record
from core.db.search_index import SEARCHED


class Car(Record):
    """A car; ``replaced_by_id`` is the one that came in its place."""

    __tablename__ = "testlend_car"

    name: Mapped[str] = mapped_column(String(60), unique=True)
    replaced_by_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("testlend_car.id"))
    picture: Mapped[bytes | None] = mapped_column(LargeBinary)
    search_key: Mapped[str] = mapped_column(Text, default="", info=SEARCHED)


class Loan(Record):
    """A loan, and the task of getting the car back."""

    __tablename__ = "testlend_loan"

    car_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("testlend_car.id"))
    keeper_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    task_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_task.id"))
    since: Mapped[datetime]
    terms: Mapped[dict[str, Any] | None] = mapped_column(JSON)
