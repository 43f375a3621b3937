"""What delivery holds about people, and what the law makes it keep (SEC-69…71)."""

from __future__ import annotations

from sqlalchemy import SQLColumnExpression, select

from addons.contacts.models import Customer, Document
from addons.delivery.models import (
    AddressPart,
    DeliveryOrder,
    Item,
    LineSupplier,
    LogEntry,
    OrderLine,
    Payment,
    StatusChange,
    Zone,
)
from addons.delivery.services.statuses import status_titles
from addons.delivery.services.vocabulary import LOGGED, ORDER_TYPES, PAYMENT_METHODS
from core import Base, Declaration, Hold, NotPersonal, PersonalData, T, personal_data

_ACCOUNTING = T("Papers of a delivered or paid order are kept five years (402-FZ, art. 29; Tax Code, art. 23)")
_ORDERS = T("Orders and their delivery")
_KEPT = select(DeliveryOrder.id).where((DeliveryOrder.status == "completed") | (DeliveryOrder.paid != 0))
_PAPERS: tuple[tuple[type[Base], SQLColumnExpression[int], tuple[str, ...], str], ...] = (
    (Document, Document.id, ("customer_text",), "at"),
    (OrderLine, OrderLine.order_id, ("title",), "created_at"),
)
"""What names the parties and the content of a sale (402-FZ, art. 9), and since when it is kept."""


def declarations() -> list[Declaration]:
    """Orders with everything that was said and done about them."""
    of_order = (personal_data.Link("order_id", DeliveryOrder),)
    return [
        PersonalData(
            model=DeliveryOrder,
            title=T("Orders with delivery"),
            category=_ORDERS,
            links=(personal_data.Link("id", Document), personal_data.Link("customer_id", Customer)),
            fields={
                "customer_text": personal_data.blank(T("Name as it was told")),
                "client": personal_data.blank(T("Client")),
                "phone": personal_data.blank(T("Phone")),
                "address_typed": personal_data.blank(T("Address as it was typed first")),
                "address_split": personal_data.blank(T("Text that the fields were read from")),
                "address_note": personal_data.blank(T("Additional information")),
                "address": personal_data.blank(T("Delivery address")),
                "window_reason": personal_data.blank(T("Why the interval is short")),
                "client_comment": personal_data.blank(T("Client's comment")),
                "operator_comment": personal_data.blank(T("Operator's comment")),
                "dispatch_note": personal_data.blank(T("Important for the delivery department")),
                "goods": personal_data.blank(T("Goods")),
                "search_key": personal_data.searched("number"),
            },
            export={
                "status": personal_data.Told(T("Status"), status_titles),
                "order_type": personal_data.Told(T("Type of order"), ORDER_TYPES),
                "delivery_on": T("Delivery date"),
                "window": T("Delivery time"),
                "total": T("Sum, kopecks"),
                "paid": T("Paid, kopecks"),
            },
        ),
        PersonalData(
            model=AddressPart,
            title=T("Field of an address"),
            category=_ORDERS,
            links=of_order,
            fields={
                "value": personal_data.blank(T("What it holds")),
                "words": personal_data.blank(T("The words it was read from")),
            },
            export={"name": T("Which field")},
        ),
        PersonalData(
            model=OrderLine,
            title=T("Ordered goods"),
            category=_ORDERS,
            links=of_order,
            fields={
                "title": personal_data.blank(T("Title")),
                "analogue_title": personal_data.blank(T("Analogue")),
                "return_reason": personal_data.blank(T("Why it was brought back")),
            },
            export={"total": T("Sum, kopecks")},
        ),
        PersonalData(
            model=Payment,
            title=T("Payments"),
            category=_ORDERS,
            links=of_order,
            fields={"note": personal_data.blank(T("Note"))},
            export={
                "at": T("When"),
                "amount": T("Sum, kopecks"),
                "method": personal_data.Told(T("How"), PAYMENT_METHODS),
            },
        ),
        PersonalData(
            model=LogEntry,
            title=T("Calls and conversations about an order"),
            category=_ORDERS,
            links=of_order,
            fields={"note": personal_data.blank(T("Note"))},
            export={"at": T("When"), "kind": personal_data.Told(T("What happened"), LOGGED)},
        ),
        PersonalData(
            model=StatusChange,
            title=T("History of an order's statuses"),
            category=_ORDERS,
            links=of_order,
            fields={
                "comment": personal_data.blank(T("Comment")),
                "answers": personal_data.derived(T("What was said for the status"), lambda _session, _row: {}),
            },
            export={"at": T("When"), "after": personal_data.Told(T("Status"), status_titles)},
        ),
        *(
            Hold(model=model, where=link.in_(_KEPT), columns=columns, law=_ACCOUNTING, years=5, since=since)
            for model, link, columns, since in _PAPERS
        ),
        NotPersonal(T("a directory: the same for everybody"), (Item, Zone)),
        NotPersonal(T("which supplier was asked for goods"), (LineSupplier,)),
    ]
