"""What the card of an order and the rules of its statuses read: small things, all of one card in one statement."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import aliased

from addons.contacts.models import Customer, Document, InboundContact
from addons.contacts.services.customers import phones_read
from addons.delivery.models import (
    AddressPart,
    DeliveryOrder,
    LineSupplier,
    LogEntry,
    OrderLine,
    Payment,
    StatusChange,
    Zone,
)
from addons.delivery.services.limits import limits_read
from core import Branch, Read, User, shown_name

NOTHING = 0
"""The number that no record has."""
OTHERS_SHOWN = 5


def for_rules(order: DeliveryOrder) -> dict[str, Read]:
    """What the rules of statuses ask of an order beside its own columns."""
    mine = {"order": order.id}
    return {
        "lines": Read(_LINES, mine),
        "suppliers": Read(_SUPPLIERS, mine),
        "entries": Read(_ENTRIES, mine),
        "history": Read(_HISTORY, mine),
        "phones": phones_read(order.customer_id or NOTHING),
        "place": Read(_PLACE, {"branch": order.branch_id}),
        "limits": limits_read(order.branch_id),
    }


def of_order(order: DeliveryOrder) -> dict[str, Read]:
    """All that an order's card shows."""
    mine = {"order": order.id}
    client = {"customer": order.customer_id or NOTHING}
    return {
        **for_rules(order),
        "document": Read(_DOCUMENT, mine),
        "customer": Read(_CUSTOMER, client),
        "contact": Read(_CONTACT, mine),
        "payments": Read(_PAYMENTS, mine),
        "parts": Read(_PARTS, mine),
        "others": Read(_OTHERS, {**mine, **client}),
        "way": Read(_WAY, mine),
    }


def parts_of(order_id: int) -> Read:
    """The fields of an order's address, each with who has checked it."""
    return Read(_PARTS, {"order": order_id})


Rows = Select[*tuple[Any, ...]]
_ORDER, _CLIENT = bindparam("order", type_=BigInteger), bindparam("customer", type_=BigInteger)
_DOCUMENT: Rows = select(Document.id, Document.customer_text).where(Document.id == _ORDER)
_CUSTOMER: Rows = select(Customer.id, Customer.name, Customer.vip).where(Customer.id == _CLIENT)
_CONTACT: Rows = (
    select(InboundContact.id, InboundContact.number)
    .where(InboundContact.document_id == _ORDER)
    .order_by(InboundContact.at, InboundContact.id)
    .limit(1)
)
_PLACE: Rows = select(Branch.time_zone).where(Branch.id == bindparam("branch", type_=BigInteger))
_Courier, _Approver = aliased(User), aliased(User)


def _called(user: Any) -> ColumnElement[str]:
    return func.coalesce(func.nullif(user.short_name, ""), user.full_name)


_WAY: Rows = (
    select(
        _called(_Courier).label("courier"),
        Zone.title.label("zone"),
        DeliveryOrder.window_approved_at.label("approved_at"),
        _called(_Approver).label("approved_by"),
    )
    .select_from(DeliveryOrder)
    .outerjoin(_Courier, _Courier.id == DeliveryOrder.courier_id)
    .outerjoin(_Approver, _Approver.id == DeliveryOrder.window_approved_by_id)
    .outerjoin(Zone, Zone.id == DeliveryOrder.zone_id)
    .where(DeliveryOrder.id == _ORDER)
)
_LINES: Rows = (
    select(
        OrderLine.id,
        OrderLine.item_id,
        OrderLine.title,
        OrderLine.article,
        OrderLine.quantity,
        OrderLine.price,
        OrderLine.total,
        OrderLine.delivered,
        OrderLine.returned,
        OrderLine.return_reason,
        OrderLine.discontinued,
        OrderLine.analogue,
        OrderLine.analogue_title,
    )
    .where(OrderLine.order_id == _ORDER)
    .order_by(OrderLine.position, OrderLine.id)
)
_SUPPLIERS: Rows = (
    select(LineSupplier.id, LineSupplier.line_id, LineSupplier.name, LineSupplier.checked_at)
    .join(OrderLine, OrderLine.id == LineSupplier.line_id)
    .where(OrderLine.order_id == _ORDER)
    .order_by(LineSupplier.id)
)
_ENTRIES: Rows = (
    select(LogEntry.at, LogEntry.kind, LogEntry.note, shown_name.label("who"))
    .outerjoin(User, User.id == LogEntry.created_by_id)
    .where(LogEntry.order_id == _ORDER)
    .order_by(LogEntry.at, LogEntry.id)
)
_HISTORY: Rows = (
    select(
        StatusChange.at,
        StatusChange.before,
        StatusChange.after,
        StatusChange.seconds,
        StatusChange.comment,
        StatusChange.answers,
        shown_name.label("who"),
    )
    .outerjoin(User, User.id == StatusChange.created_by_id)
    .where(StatusChange.order_id == _ORDER)
    .order_by(StatusChange.id.desc())
)
_PAYMENTS: Rows = (
    select(Payment.at, Payment.amount, Payment.method, Payment.note, shown_name.label("who"))
    .outerjoin(User, User.id == Payment.created_by_id)
    .where(Payment.order_id == _ORDER)
    .order_by(Payment.id)
)
_PARTS: Rows = (
    select(
        AddressPart.name,
        AddressPart.value,
        AddressPart.words,
        AddressPart.origin,
        AddressPart.confirmed_at,
        shown_name.label("checked_by"),
    )
    .outerjoin(User, User.id == AddressPart.confirmed_by_id)
    .where(AddressPart.order_id == _ORDER)
)
_OTHERS: Rows = (
    select(DeliveryOrder.id, DeliveryOrder.number, DeliveryOrder.at, DeliveryOrder.operator_comment)
    .where(
        DeliveryOrder.customer_id == _CLIENT,
        DeliveryOrder.id != _ORDER,
        DeliveryOrder.operator_comment != "",
    )
    .order_by(DeliveryOrder.at.desc(), DeliveryOrder.id.desc())
    .limit(OTHERS_SHOWN)
)
