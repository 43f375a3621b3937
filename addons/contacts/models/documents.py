"""The journal that every addon's documents join."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core import SEARCHED, Base, Money, Record, RowRule


class DocumentKind(Base):
    """What a kind of documents is called, so that its documents can be named when their addon is off or gone (X-12)."""

    __tablename__ = "contacts_document_kind"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    title_ru: Mapped[str] = mapped_column(String(80))
    title_en: Mapped[str] = mapped_column(String(80))


class Document(Record):
    """The head row of any document: worksheet, booking, car visit, repair order, order.

    A document's own table has this row's id as its primary key. The state is kept here as a code and
    a title in both languages, so that a document whose addon is gone still reads well (X-12).
    """

    __tablename__ = "contacts_document"
    __row_rule__ = RowRule(
        "contacts.document.read",
        own=("responsible_id", "created_by_id"),
        department="department_id",
        branch="branch_id",
    )

    type: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(30))
    at: Mapped[datetime]
    customer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_customer.id"))
    customer_text: Mapped[str] = mapped_column(String(260), default="")
    vehicle_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_vehicle.id"), index=True)
    vehicle_text: Mapped[str] = mapped_column(String(160), default="")
    responsible_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    department_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_department.id"))
    branch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_branch.id"))
    state: Mapped[str] = mapped_column(String(40))
    state_ru: Mapped[str] = mapped_column(String(80))
    state_en: Mapped[str] = mapped_column(String(80))
    open: Mapped[bool] = mapped_column(Boolean, default=True)
    title: Mapped[str] = mapped_column(String(200), default="")
    amount: Mapped[int | None] = mapped_column(Money)
    search_key: Mapped[str] = mapped_column(Text, default="", info=SEARCHED)


Index("ix_contacts_document_at", Document.at, Document.id)
Index("ix_contacts_document_customer", Document.customer_id, Document.open, Document.at)
Index("ix_contacts_document_type", Document.type, Document.number, unique=True)
Index("ix_contacts_document_responsible", Document.responsible_id, Document.open, Document.at)
