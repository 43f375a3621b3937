"""Phone numbers of a client: those added with his form, and one more from his card."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from addons.contacts.models import Customer
from addons.contacts.services.customers import add_phone, get_customer
from addons.contacts.services.duplicates import phone_doubts
from addons.contacts.services.importing.cells import Wrong, phones
from addons.contacts.services.powers import CHANGE_CLIENT
from core import Field, FormSection, Invalid, T, WorkSession, confirm, expect_reach

LONGEST = 200


def sections(screen_key: str) -> list[FormSection] | None:
    """The section for the form of clients."""
    if screen_key != "contacts.clients":
        return None
    hint = T("Several are separated by commas.")
    field = Field("phones", T("Add numbers"), hint=hint, fault=_fault)
    return [FormSection("numbers", T("Phones"), (field,), _nothing, _add, order=10, after="email")]


def _nothing(_session: WorkSession, _customer: Customer | None) -> dict[str, Any]:
    return {"phones": ""}


def _add(session: WorkSession, customer: Customer, values: Mapping[str, Any]) -> None:
    """Add the numbers of the field to the client.

    :raises Invalid: one of them is no number.
    """
    text = str(values.get("phones") or "")
    fault = _fault(text)
    if fault:
        raise Invalid({"phones": [fault]})
    for number in phones(text[:LONGEST]):
        add_phone(session, customer, number.raw)


def _fault(text: str) -> str:
    """What is wrong with the numbers as they were typed."""
    try:
        numbers = phones(text[:LONGEST])
    except Wrong:
        return T("This is no phone number.")
    return T("This is no phone number.") if text and not numbers else ""


def write_number(session: WorkSession, customer_id: int, raw: str, confirmed: Collection[str] = ()) -> bool:
    """Write a number into the card of a client whom the person may change (SEC-6); returns whether it was new.

    :raises Confirmation: when somebody else has this number too.
    """
    customer = get_customer(session, customer_id)
    expect_reach(session, customer, CHANGE_CLIENT)
    confirm(phone_doubts(session, customer, raw), confirmed)
    return add_phone(session, customer, raw)
