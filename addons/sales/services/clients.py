"""What sales adds to the clients of contacts: their open worksheets in the list, their wishes in the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, select

from addons.contacts.models import Customer
from addons.sales.models import ClientWishes, Worksheet
from addons.sales.services.stages import CLOSED_STAGES
from core import Choice, Column, ConditionFilter, Field, Filter, FormSection, T, Viewer, WorkSession

CLIENTS = "contacts.clients"
PAYMENTS = (
    Choice("", T("not said")),
    Choice("cash", T("Own money")),
    Choice("credit", T("Credit")),
    Choice("leasing", T("Leasing")),
    Choice("trade_in", T("Trade-in with a surcharge")),
)


def columns(screen_key: str) -> list[Column] | None:
    """The client's open worksheets beside him in the list."""
    if screen_key != CLIENTS:
        return None
    return [Column("worksheet", label=T("Worksheet"), fetch=open_worksheets, order=45, right="sales.worksheet.read")]


def open_worksheets(session: WorkSession, ids: Sequence[int]) -> Mapping[int, str]:
    """The numbers of open worksheets, for a page of clients in one query."""
    statement = (
        select(Worksheet.customer_id, Worksheet.number)
        .where(Worksheet.customer_id.in_(ids), Worksheet.stage.not_in(CLOSED_STAGES))
        .order_by(Worksheet.id)
    )
    found: dict[int, list[str]] = {}
    for customer_id, number in session.execute(statement):
        found.setdefault(customer_id or 0, []).append(number)
    return {customer_id: ", ".join(numbers) for customer_id, numbers in found.items()}


def filters(screen_key: str) -> list[Filter] | None:
    """Clients with or without a deal in progress."""
    if screen_key != CLIENTS:
        return None
    choices = (Choice("yes", T("with a deal in progress")), Choice("no", T("without a deal")))
    return [ConditionFilter("deal", T("Deal"), _has_deal, choices, right="sales.worksheet.read", order=200)]


def _has_deal(_viewer: Viewer, value: str) -> ColumnElement[bool]:
    open_ones = exists().where(Worksheet.customer_id == Customer.id, Worksheet.stage.not_in(CLOSED_STAGES))
    return open_ones if value == "yes" else ~open_ones


def form_sections(screen_key: str) -> list[FormSection] | None:
    """The client's wishes inside his form."""
    if screen_key != CLIENTS:
        return None
    fields = (
        Field("payment", T("How he pays"), choices=PAYMENTS, default=""),
        Field("budget", T("Budget, ₽"), kind="money"),
        Field("wishes", T("What he is looking for"), wide=True),
    )
    return [FormSection("sales", T("Sales: wishes"), fields, load_wishes, save_wishes, right="sales.worksheet.create")]


def load_wishes(session: WorkSession, customer: Customer | None) -> Mapping[str, Any]:
    """What is known of a client's wishes."""
    wishes = session.get(ClientWishes, customer.id) if customer is not None else None
    if wishes is None:
        return {}
    return {"payment": wishes.payment, "budget": wishes.budget, "wishes": wishes.wishes}


def save_wishes(session: WorkSession, customer: Customer, values: Mapping[str, Any]) -> None:
    """Keep a client's wishes; nothing is stored while he has none."""
    wishes = session.get(ClientWishes, customer.id)
    if wishes is None:
        if not any(values.values()):
            return
        wishes = ClientWishes(id=customer.id)
        session.add(wishes)
    wishes.payment, wishes.budget = values.get("payment") or "", values.get("budget")
    wishes.wishes = values.get("wishes") or ""
