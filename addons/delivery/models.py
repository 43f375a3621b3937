"""The tables of delivery: orders with their lines, payments, log and history of statuses."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from addons.delivery.services.windows import length
from core import SEARCHED, Money, Record, RowRule


class Item(Record):
    """Something that is sold; ``price`` is in kopecks, ``suppliers`` are names, one a line."""

    __tablename__ = "delivery_item"

    title: Mapped[str] = mapped_column(String(200), unique=True)
    article: Mapped[str] = mapped_column(String(60), default="")
    price: Mapped[int] = mapped_column(Money, default=0)
    suppliers: Mapped[str] = mapped_column(Text, default="")
    discontinued: Mapped[bool] = mapped_column(Boolean, default=False)
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class DeliveryOrder(Record):
    """«Заказ»: goods that a client wants to have brought, and how they get to him. Sums are in kopecks.

    Its head row in the journal of documents has the same id. ``address`` is what was typed, kept to the letter (S4-50);
    ``address_typed`` what it was before remarks were moved out of it, ``address_split`` the text that its parts were
    read from, ``address_note`` the «дополнительная информация» to them (S4-59).
    ``window`` is the interval of delivery as :mod:`.services.windows` writes it, and ``window_minutes`` its length, 0
    without one; a short one has its ``window_reason`` and waits until ``window_approved_at``. ``total`` is the sum of
    the lines and ``paid`` of the payments; the services keep them so. ``dispatch_note`` is what the delivery department
    must not overlook (S4-17); ``courier_id`` brings it, as the ``route_position``-th of his day. ``client`` and
    ``goods`` say who it is for and what it brings, as the head row does, to who may read orders and not the documents
    of their department; ``search_key`` finds it for them.
    """

    __tablename__ = "delivery_order"
    __row_rule__ = RowRule(
        "delivery.order.read",
        own=("responsible_id", "created_by_id", "courier_id"),
        department="department_id",
        branch="branch_id",
    )

    id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("contacts_document.id"), primary_key=True, autoincrement=False
    )
    number: Mapped[str] = mapped_column(String(30), unique=True)
    status: Mapped[str] = mapped_column(String(40))
    status_since: Mapped[datetime]
    at: Mapped[datetime]
    order_type: Mapped[str] = mapped_column(String(10), default="person")
    customer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_customer.id"), index=True)
    customer_text: Mapped[str] = mapped_column(String(260), default="")
    client: Mapped[str] = mapped_column(String(260), default="")
    goods: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    responsible_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    department_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_department.id"))
    branch_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_branch.id"))
    method: Mapped[str] = mapped_column(String(20), default="")
    carrier: Mapped[str] = mapped_column(String(20), default="")
    region: Mapped[str] = mapped_column(String(20), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    address_typed: Mapped[str] = mapped_column(Text, default="")
    address_split: Mapped[str] = mapped_column(Text, default="")
    address_note: Mapped[str] = mapped_column(Text, default="")
    zone_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("delivery_zone.id"))
    courier_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    route_position: Mapped[int] = mapped_column(Integer, default=0)
    delivery_on: Mapped[date | None] = mapped_column(Date)
    window: Mapped[str] = mapped_column(String(20), default="")
    window_minutes: Mapped[int] = mapped_column(Integer, default=0)
    window_reason: Mapped[str] = mapped_column(String(300), default="")
    window_approved_at: Mapped[datetime | None]
    window_approved_by_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    client_comment: Mapped[str] = mapped_column(Text, default="")
    operator_comment: Mapped[str] = mapped_column(Text, default="")
    dispatch_note: Mapped[str] = mapped_column(String(500), default="")
    payment_method: Mapped[str] = mapped_column(String(20), default="")
    total: Mapped[int] = mapped_column(Money, default=0)
    paid: Mapped[int] = mapped_column(Money, default=0)
    search_key: Mapped[str] = mapped_column(Text, default="", info=SEARCHED)

    @validates("window")
    def _measure(self, _name: str, window: str) -> str:
        self.window_minutes = length(window)
        return window


class Zone(Record):
    """A part of town or region that one courier drives through, as the delivery desk divides its day."""

    __tablename__ = "delivery_zone"

    title: Mapped[str] = mapped_column(String(80), unique=True)
    position: Mapped[int] = mapped_column(Integer, default=100)
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class AddressPart(Record):
    """One field of an order's address (S4-53): what it holds, the words it was read from, and who has checked it.

    ``name`` is one of :data:`addons.delivery.address.FIELDS`, ``origin`` one of
    :data:`.services.vocabulary.ORIGINS`. Without ``confirmed_at`` it needs a check (S4-54).
    """

    __tablename__ = "delivery_address_part"
    __table_args__ = (UniqueConstraint("order_id", "name"),)

    order_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("delivery_order.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(40))
    value: Mapped[str] = mapped_column(String(200))
    words: Mapped[str] = mapped_column(String(300), default="")
    origin: Mapped[str] = mapped_column(String(10))
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"))


class OrderLine(Record):
    """What is ordered: an item of the directory, or anything in words («unlisted», C-13).

    ``quantity``, ``delivered`` and ``returned`` are in thousandths of the unit, ``price`` in kopecks a unit. ``analogue``
    says what became of the offer of another item instead (S4-37, S4-38), ``analogue_title`` which one it was;
    ``return_reason`` why the courier has brought goods back.
    """

    __tablename__ = "delivery_order_line"

    order_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("delivery_order.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(Integer, default=1)
    item_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("delivery_item.id"))
    title: Mapped[str] = mapped_column(String(200))
    article: Mapped[str] = mapped_column(String(60), default="")
    quantity: Mapped[int] = mapped_column(BigInteger)
    price: Mapped[int] = mapped_column(Money)
    total: Mapped[int] = mapped_column(Money)
    delivered: Mapped[int] = mapped_column(BigInteger, default=0)
    returned: Mapped[int] = mapped_column(BigInteger, default=0)
    return_reason: Mapped[str] = mapped_column(String(300), default="")
    discontinued: Mapped[bool] = mapped_column(Boolean, default=False)
    analogue: Mapped[str] = mapped_column(String(10), default="")
    analogue_title: Mapped[str] = mapped_column(String(200), default="")


class LineSupplier(Record):
    """A supplier of what a line orders, and when somebody asked him whether he has it (S4-28)."""

    __tablename__ = "delivery_line_supplier"

    line_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("delivery_order_line.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(120))
    checked_at: Mapped[datetime | None]


class Payment(Record):
    """Money that has come, in kopecks; what was given back is below zero. Several make a payment in stages (S4-69)."""

    __tablename__ = "delivery_payment"

    order_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("delivery_order.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    amount: Mapped[int] = mapped_column(Money)
    method: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(300), default="")


class LogEntry(Record):
    """Something that has passed between the client and us: a call he did not answer, a talk, an offer, an invoice.

    ``kind`` is one of :data:`.services.vocabulary.LOGGED`.
    """

    __tablename__ = "delivery_log_entry"

    order_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("delivery_order.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(300), default="")


class StatusChange(Record):
    """One step of an order's history (S4-47): from what to what, why, after how many seconds; who and when are its stamps.

    ``answers`` is what was asked for the new status: the sub-reason, the profit.
    """

    __tablename__ = "delivery_status_change"

    order_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("delivery_order.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    before: Mapped[str] = mapped_column(String(40))
    after: Mapped[str] = mapped_column(String(40))
    seconds: Mapped[int] = mapped_column(BigInteger, default=0)
    comment: Mapped[str] = mapped_column(String(300), default="")
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


Index("ix_delivery_log_entry_order", LogEntry.order_id, LogEntry.at)
Index("ix_delivery_order_status", DeliveryOrder.status, DeliveryOrder.status_since)
Index("ix_delivery_order_responsible", DeliveryOrder.responsible_id, DeliveryOrder.status)
Index("ix_delivery_order_day", DeliveryOrder.delivery_on)
Index("ix_delivery_order_courier", DeliveryOrder.courier_id, DeliveryOrder.delivery_on)
Index("ix_delivery_order_at", DeliveryOrder.at)
_UNAPPROVED = DeliveryOrder.window_approved_at.is_(None)
Index(
    "ix_delivery_order_unapproved",
    DeliveryOrder.branch_id,
    DeliveryOrder.window_minutes,
    sqlite_where=_UNAPPROVED,
    postgresql_where=_UNAPPROVED,
)
