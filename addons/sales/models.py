"""The tables of sales: worksheets and what a lost deal was lost to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core import Money, Record, RowRule


class LostReason(Record):
    """Why a sale did not happen; chosen when a worksheet is lost."""

    __tablename__ = "sales_lost_reason"

    title_ru: Mapped[str] = mapped_column(String(120), unique=True)
    title_en: Mapped[str] = mapped_column(String(120))
    position: Mapped[int] = mapped_column(Integer, default=100)
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class ClientWishes(Record):
    """What a client is looking for, kept beside his card in contacts: one row a client, gone with him.

    The key is the client's own number, so contacts needs to know nothing of it. ``budget`` is in kopecks.
    """

    __tablename__ = "sales_client_wishes"

    id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("contacts_customer.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    payment: Mapped[str] = mapped_column(String(20), default="")
    budget: Mapped[int | None] = mapped_column(Money)
    wishes: Mapped[str] = mapped_column(String(300), default="")


class Worksheet(Record):
    """«Рабочий лист»: one client's interest in a car, from the first talk to the handover or the loss.

    Its head row in the documents journal has the same id; what is repeated here is what form, board and
    row rules need. ``customer_text`` says who it is while he is in no directory. ``budget`` is in kopecks.
    """

    __tablename__ = "sales_worksheet"
    __row_rule__ = RowRule(
        "sales.worksheet.read", own=("responsible_id", "created_by_id"), department="department_id", branch="branch_id"
    )

    id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("contacts_document.id"), primary_key=True, autoincrement=False
    )
    number: Mapped[str] = mapped_column(String(30), unique=True)
    stage: Mapped[str] = mapped_column(String(20))
    stage_since: Mapped[datetime]
    customer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_customer.id"), index=True)
    customer_text: Mapped[str] = mapped_column(String(260), default="")
    responsible_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    department_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_department.id"))
    branch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_branch.id"))
    make_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_make.id"))
    model_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_model.id"))
    interest: Mapped[str] = mapped_column(String(160), default="")
    lead_source_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_lead_source.id"))
    budget: Mapped[int | None] = mapped_column(Money)
    trade_in: Mapped[str] = mapped_column(String(160), default="")
    next_step: Mapped[str] = mapped_column(String(200), default="")
    next_step_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Text, default="")
    lost_reason_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("sales_lost_reason.id"))
    lost_comment: Mapped[str] = mapped_column(String(300), default="")


Index("ix_sales_worksheet_stage", Worksheet.stage, Worksheet.stage_since)
Index("ix_sales_worksheet_responsible", Worksheet.responsible_id, Worksheet.stage)
Index("ix_sales_worksheet_next_step", Worksheet.next_step_at)
