"""Phone numbers on the client's form: the numbers that are added when it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from addons.contacts.models import Customer
from addons.contacts.services.customers import add_phone
from addons.contacts.services.importing.cells import Wrong, phones
from core.db.engine import WorkSession
from core.errors import Invalid
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
