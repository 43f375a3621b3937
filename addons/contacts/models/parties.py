"""Clients and their vehicles."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import SEARCHED, Record, RowRule

LEGAL_FORMS = ("person", "company", "government")
RELATIONS = ("retail", "corporate", "partner", "employee")


class Customer(Record):
    """A client: a person, a company or a government body (S4-01).

    For the two latter ``last_name`` is the short legal name and ``first_name`` the contact person
    (S4-05, S4-06). ``name`` is what people read in lists. ``merged_into_id`` is set on a record whose
    client turned out to be another one; it then leads there and is shown nowhere else.
    """

    __tablename__ = "contacts_customer"
    __row_rule__ = RowRule(
        "contacts.customer.read",
        own=("responsible_id", "created_by_id"),
        branch="branch_id",
        instead=frozenset({"contacts.customer.lookup"}),
    )

    legal_form: Mapped[str] = mapped_column(String(12), default="person")
    relation: Mapped[str] = mapped_column(String(12), default="retail")
    last_name: Mapped[str] = mapped_column(String(160), default="")
    first_name: Mapped[str] = mapped_column(String(80), default="")
    middle_name: Mapped[str] = mapped_column(String(80), default="")
    name: Mapped[str] = mapped_column(String(260))
    vip: Mapped[bool] = mapped_column(Boolean, default=False)
    vip_reason: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    lead_source_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_lead_source.id"))
    responsible_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    branch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_branch.id"))
    main_phone: Mapped[str] = mapped_column(String(20), default="")
    last_contact_at: Mapped[datetime | None]
    search_key: Mapped[str] = mapped_column(Text, default="", info=SEARCHED)
    external_id: Mapped[str | None] = mapped_column(String(80), unique=True)
    merged_into_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_customer.id"), index=True)


Index("ix_contacts_customer_list", Customer.name, Customer.id)


class CustomerPhone(Record):
    """One number of a client, normalised once and found in any spelling (X-04)."""

    __tablename__ = "contacts_phone"
    __table_args__ = (UniqueConstraint("customer_id", "e164", "extension"),)

    customer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("contacts_customer.id", ondelete="CASCADE"))
    e164: Mapped[str] = mapped_column(String(20), index=True)
    last7: Mapped[str] = mapped_column(String(7), index=True)
    extension: Mapped[str] = mapped_column(String(10), default="")
    raw: Mapped[str] = mapped_column(String(60))
    position: Mapped[int] = mapped_column(Integer, default=1)


class Consent(Record):
    """A consent to use personal data: for what, in which words, when, how it is proved (SEC-68)."""

    __tablename__ = "contacts_consent"

    customer_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("contacts_customer.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[str] = mapped_column(String(40))
    text_version: Mapped[str] = mapped_column(String(40), default="")
    given_at: Mapped[datetime]
    until: Mapped[datetime | None]
    channel: Mapped[str] = mapped_column(String(20))
    evidence: Mapped[str] = mapped_column(String(300), default="")
    withdrawn_at: Mapped[datetime | None]


class Vehicle(Record):
    """A car, found by VIN, by plate in either alphabet, by make and model."""

    __tablename__ = "contacts_vehicle"

    customer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_customer.id"), index=True)
    make_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_make.id"))
    model_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_model.id"))
    title: Mapped[str] = mapped_column(String(160), default="")
    model_year: Mapped[int | None] = mapped_column(Integer)
    vin: Mapped[str | None] = mapped_column(String(17), unique=True)
    plate: Mapped[str | None] = mapped_column(String(16), index=True)
    colour: Mapped[str] = mapped_column(String(40), default="")
    mileage: Mapped[int | None] = mapped_column(Integer)
    mileage_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Text, default="")
    search_key: Mapped[str] = mapped_column(Text, default="", info=SEARCHED)
    external_id: Mapped[str | None] = mapped_column(String(80), unique=True)


class OdometerReading(Record):
    """What the odometer showed, on which day, and who said so (S1-71)."""

    __tablename__ = "contacts_odometer_reading"
    __table_args__ = (Index("ix_contacts_odometer_reading_vehicle", "vehicle_id", "at"),)

    vehicle_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("contacts_vehicle.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    kilometres: Mapped[int] = mapped_column(Integer)
    contact_id: Mapped[int | None] = mapped_column(BigInteger)
