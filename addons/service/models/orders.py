"""Repair orders: what is wrong, what is done about it, what it costs and who pays."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, ColumnElement, Date, ForeignKey, Index, Integer, String, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from addons.service.models.shared import one_of
from addons.service.services.states import ORDER
from core import Money, Record, RowRule


class RepairOrder(Record):
    """«Заказ-наряд»: the works on one car that one party pays for. Sums are in kopecks, VAT included.

    ``at`` is when it was opened, as its head row says: lists of hundreds of thousands are in its order.
    ``total`` is the sum of its lines and ``paid`` of its payments; the services keep them so.
    ``external_id`` names an archived order that was brought over from another system (S1-65): it has no lines, and what
    the other system said of its sum, its works and its adviser is told as it was, in no total of the shop.
    """

    __tablename__ = "service_order"
    __row_rule__ = RowRule(
        "service.order.read",
        own=("adviser_id", "created_by_id"),
        department="department_id",
        branch="branch_id",
    )

    id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("contacts_document.id"), primary_key=True, autoincrement=False
    )
    number: Mapped[str] = mapped_column(String(30), unique=True)
    state: Mapped[str] = mapped_column(String(20))
    state_since: Mapped[datetime]
    at: Mapped[datetime]
    visit_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("service_visit.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_customer.id"))
    vehicle_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_vehicle.id"), index=True)
    pay_type: Mapped[str] = mapped_column(String(20), default="customer")
    payer: Mapped[str] = mapped_column(String(160), default="")
    adviser_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    mileage: Mapped[int | None] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Money, default=0)
    paid: Mapped[int] = mapped_column(Money, default=0)
    agreed_total: Mapped[int] = mapped_column(Money, default=0)
    """What the client has agreed to so far."""
    done_at: Mapped[datetime | None]
    """When the work was done: the day of its statement, whenever that is printed."""
    cancel_reason: Mapped[str] = mapped_column(String(300), default="")
    external_id: Mapped[str | None] = mapped_column(String(80), unique=True)
    past_total: Mapped[int | None] = mapped_column(Money)
    past_works: Mapped[str] = mapped_column(Text, default="")
    past_adviser: Mapped[str] = mapped_column(String(160), default="")
    department_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_department.id"))
    branch_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_branch.id"))


ORDER_SUM: ColumnElement[int] = func.coalesce(RepairOrder.past_total, RepairOrder.total)
"""What an order came to, to be shown beside it: in kopecks, by its lines or as another system has said."""


class Concern(Record):
    """What the client complains of, what it came from, what was done about it."""

    __tablename__ = "service_concern"

    order_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("service_order.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(Integer, default=1)
    concern: Mapped[str] = mapped_column(String(300))
    cause: Mapped[str] = mapped_column(String(300), default="")
    correction: Mapped[str] = mapped_column(String(300), default="")


class OrderLine(Record):
    """A work, a part or a work done outside. The four sums are in kopecks and come from :mod:`..services.amounts`.

    ``quantity`` is in thousandths of the unit (of a norm-hour for labour), ``price`` in kopecks a unit, ``discount`` and
    ``vat`` in hundredths of a percent. ``vat_amount`` is contained in ``total``.
    """

    __tablename__ = "service_order_line"

    order_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("service_order.id", ondelete="CASCADE"), index=True)
    concern_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("service_concern.id"))
    kind: Mapped[str] = mapped_column(String(10))
    position: Mapped[int] = mapped_column(Integer, default=1)
    title: Mapped[str] = mapped_column(String(200))
    article: Mapped[str] = mapped_column(String(60), default="")
    job_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("service_job.id"))
    mechanic_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    performer: Mapped[str] = mapped_column(String(160), default="")
    """Who does a work outside."""
    unit: Mapped[str] = mapped_column(String(10), default="")
    quantity: Mapped[int] = mapped_column(BigInteger)
    price: Mapped[int] = mapped_column(Money)
    discount: Mapped[int] = mapped_column(Integer, default=0)
    vat_rate_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("service_vat_rate.id"))
    vat: Mapped[int] = mapped_column(Integer)
    amount: Mapped[int] = mapped_column(Money)
    discount_amount: Mapped[int] = mapped_column(Money)
    total: Mapped[int] = mapped_column(Money)
    vat_amount: Mapped[int] = mapped_column(Money)
    done: Mapped[bool] = mapped_column(Boolean, default=False)
    approval_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("service_approval.id"))
    """The client's word for it; none for what he has not heard of yet, as it stands (S0-42)."""


class Approval(Record):
    """What a client has agreed to: who said so, how, when, and to which sum in all (S0-42)."""

    __tablename__ = "service_approval"

    order_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("service_order.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(160))
    how: Mapped[str] = mapped_column(String(20))
    total: Mapped[int] = mapped_column(Money)
    note: Mapped[str] = mapped_column(String(300), default="")


class Payment(Record):
    """Money that has come, in kopecks; what was given back is below zero. A payment is never changed, only given back."""

    __tablename__ = "service_payment"

    order_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("service_order.id"), index=True)
    at: Mapped[datetime]
    amount: Mapped[int] = mapped_column(Money)
    method: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(200), default="")


class Recommendation(Record):
    """What should be done to a car next time, by a day or a mileage in km; carried to its next visit."""

    __tablename__ = "service_recommendation"

    vehicle_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("contacts_vehicle.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("service_order.id"))
    text: Mapped[str] = mapped_column(Text)
    urgency: Mapped[str] = mapped_column(String(10), default="later")
    due_on: Mapped[date | None] = mapped_column(Date)
    due_mileage: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10), default="open")
    done_order_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("service_order.id"))
    """The order in which it was done or declined."""


Index("ix_service_order_customer", RepairOrder.customer_id, RepairOrder.state)
OPEN_ORDER = one_of(RepairOrder.state, ORDER.open)
"""That an order is not over: a handful of hundreds of thousands, in an index of their own."""
Index("ix_service_order_at", RepairOrder.at, RepairOrder.id)
Index("ix_service_order_open", RepairOrder.at, RepairOrder.id, sqlite_where=OPEN_ORDER, postgresql_where=OPEN_ORDER)
Index("ix_service_order_state", RepairOrder.state, RepairOrder.at, RepairOrder.id)
