"""Inbound contacts: every call, visit, form and chat that reached the dealership."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import SEARCHED, Record, RowRule


class InboundContact(Record):
    """One event of inbound traffic and what became of it.

    ``state`` follows the machine of ``services.states``. A contact always has an owner
    (``responsible_id``), an active group notification, or a final state (X-02).
    The client is a directory record (``customer_id``) or the words that describe him (``client_text``).
    Until ``attended_until`` an addon sees to it by itself, such as a call with whoever is free; nobody else is told before.
    ``waits_since`` is set while a visitor waits; ``taken_at`` is when somebody became responsible by his own act.
    """

    __tablename__ = "contacts_inbound_contact"
    __row_rule__ = RowRule(
        "contacts.contact.read",
        own=("responsible_id", "created_by_id"),
        department="department_id",
        branch="branch_id",
    )

    number: Mapped[str] = mapped_column(String(30), unique=True)
    at: Mapped[datetime]
    channel: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    goal_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("contacts_goal.id"))
    department_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_department.id"))
    branch_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_branch.id"))
    responsible_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"))

    customer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_customer.id"))
    client_text: Mapped[str] = mapped_column(String(260), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    phone_raw: Mapped[str] = mapped_column(String(60), default="")
    email: Mapped[str] = mapped_column(String(200), default="")
    vehicle_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_vehicle.id"))
    make_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_make.id"))
    model_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_model.id"))
    vehicle_text: Mapped[str] = mapped_column(String(160), default="")
    model_year: Mapped[int | None] = mapped_column(Integer)
    mileage: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(Text, default="")
    topic: Mapped[str] = mapped_column(String(300), default="")
    wish: Mapped[str] = mapped_column(String(300), default="")
    lead_source_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_lead_source.id"))
    caused_by_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_inbound_contact.id"))

    is_primary: Mapped[bool] = mapped_column(Boolean, default=True)
    is_request: Mapped[bool] = mapped_column(Boolean, default=True)
    waits_since: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    attended_until: Mapped[datetime | None] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]
    document_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_document.id"), index=True)
    result: Mapped[str] = mapped_column(String(300), default="")
    ignore_reason_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_ignore_reason.id"))
    ignore_comment: Mapped[str] = mapped_column(String(300), default="")
    source_data: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    search_key: Mapped[str] = mapped_column(Text, default="", info=SEARCHED)


Index("ix_contacts_inbound_contact_at", InboundContact.at, InboundContact.id)
Index("ix_contacts_inbound_contact_state", InboundContact.state, InboundContact.at, InboundContact.id)
Index(
    "ix_contacts_inbound_contact_responsible",
    InboundContact.responsible_id,
    InboundContact.state,
    InboundContact.at,
    InboundContact.id,
)
Index("ix_contacts_inbound_contact_customer", InboundContact.customer_id, InboundContact.at)
Index("ix_contacts_inbound_contact_phone", InboundContact.phone, InboundContact.at)


class ContactReason(Record):
    """A wish from «Причины обращения» that a contact carries (S1-73)."""

    __tablename__ = "contacts_contact_reason"
    __table_args__ = (UniqueConstraint("contact_id", "reason_id"),)

    contact_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("contacts_inbound_contact.id", ondelete="CASCADE"))
    reason_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("contacts_request_reason.id"), index=True)
