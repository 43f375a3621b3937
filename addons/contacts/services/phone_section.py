"""Phone numbers of a client: those added with his form, and one more from his card."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from addons.contacts.models import Customer
from addons.contacts.services.customers import add_phone, get_customer
from addons.contacts.services.duplicates import phone_doubts
from addons.contacts.services.importing.cells import Wrong, phones
from addons.contacts.services.powers import CHANGE_CLIENT
from core.db.change import expect_reach
from core.db.engine import WorkSession
from core.errors import Invalid, confirm
from core.web.i18n import T
from core.web.screens import Field, FormSection

LONGEST = 200


def sections(screen_key: str) -> list[FormSection] | None:
    """The section for the form of clients."""
    if screen_key != "contacts.clients":
        return None
    hint = T("Several are separated by commas. They are added to those the client has.")
    field = Field("phones", T("Phone numbers"), hint=hint)
    return [FormSection("numbers", T("Phones"), (field,), _nothing, _add, order=10)]


def _nothing(_session: WorkSession, _customer: Customer | None) -> dict[str, Any]:
    return {"phones": ""}


def _add(session: WorkSession, customer: Customer, values: Mapping[str, Any]) -> None:
    """Add the numbers of the field to the client.

    :raises Invalid: one of them is no number.
    """
    text = str(values.get("phones") or "")[:LONGEST]
    try:
        numbers = phones(text)
    except Wrong as wrong:
        raise Invalid({"phones": [T("This is no phone number.")]}) from wrong
    if text and not numbers:
        raise Invalid({"phones": [T("This is no phone number.")]})
    for number in numbers:
        add_phone(session, customer, number.raw)


def write_number(session: WorkSession, customer_id: int, raw: str, confirmed: Collection[str] = ()) -> bool:
    """Write a number into the card of a client whom the person may change (SEC-6); returns whether it was new.

    :raises Confirmation: when somebody else has this number too.
    """
    customer = get_customer(session, customer_id)
    expect_reach(session, customer, CHANGE_CLIENT)
    confirm(phone_doubts(session, customer, raw), confirmed)
    return add_phone(session, customer, raw)
