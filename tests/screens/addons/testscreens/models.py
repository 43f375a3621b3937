"""Visits of clients: every kind of column a list and a form can have."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.access.policy import RowRule
from core.db.base import Record
from core.db.search_index import SEARCHED
from core.db.types import Money


class Client(Record):
    """Who visits."""

    __tablename__ = "testscreens_client"
    __row_rule__ = RowRule("testscreens.client.read", own=("owner_id",))

    name: Mapped[str] = mapped_column(String(80))
    owner_id: Mapped[int | None] = mapped_column(BigInteger)
    search_key: Mapped[str] = mapped_column(Text, default="", info=SEARCHED)


class Visit(Record):
    """One visit."""

    __tablename__ = "testscreens_visit"
    __row_rule__ = RowRule("testscreens.visit.read", own=("owner_id",), department="department_id")

    title: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]
    day: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(12), default="new")
    phone: Mapped[str] = mapped_column(String(20), default="")
    nick: Mapped[str | None] = mapped_column(String(20))
    score: Mapped[int | None] = mapped_column(Integer)
    amount: Mapped[int | None] = mapped_column(Money)
    margin: Mapped[int | None] = mapped_column(Money)
    urgent: Mapped[bool] = mapped_column(Boolean, default=False)
    note: Mapped[str] = mapped_column(Text, default="")
    client_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("testscreens_client.id"))
    owner_id: Mapped[int | None] = mapped_column(BigInteger)
    department_id: Mapped[int | None] = mapped_column(BigInteger)
    search_key: Mapped[str] = mapped_column(Text, default="", info=SEARCHED)


class Part(Record):
    """Something that refers to a visit and so keeps it."""

    __tablename__ = "testscreens_part"

    visit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("testscreens_visit.id"))


Index("ix_testscreens_visit_at", Visit.at, Visit.id)
