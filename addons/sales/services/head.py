"""What stands in the head of a worksheet's card: who it is and what he came for."""

from __future__ import annotations

from typing import Any

from addons.contacts.models import Customer, Document, InboundContact
from addons.contacts.services.customers import phones_of
from addons.contacts.services.documents import first_contact
from addons.contacts.services.goals import get_goal
from addons.contacts.services.lookup import visible_customer
from addons.sales.models import Worksheet
from addons.sales.services.stages import stages
from core import NotFound, WorkSession, get_record


def context(session: WorkSession, worksheet: Worksheet) -> dict[str, Any]:
    """What the client is called here and how he is reached, the stage, and the contact it began with, with its goal."""
    contact = first_contact(session, worksheet.id)
    customer = get_record(session, Customer, worksheet.customer_id) if worksheet.customer_id is not None else None
    return {
        "customer": customer,
        "numbers": _numbers(session, worksheet, customer, contact),
        "client": _called(session, worksheet),
        "stage": stages(session.hooks)[worksheet.stage],
        "contact": contact,
        "goal": get_goal(session, contact.goal_id) if contact is not None else None,
    }


def _numbers(
    session: WorkSession, worksheet: Worksheet, customer: Customer | None, contact: InboundContact | None
) -> list[str]:
    """The client's numbers for who may see him; of one who is in no directory, the number he called with."""
    if customer is not None:
        return [phone.e164 for phone in phones_of(session, customer.id)]
    unknown = worksheet.customer_id is None and contact is not None
    return [contact.phone] if contact is not None and unknown and contact.phone else []


def _called(session: WorkSession, worksheet: Worksheet) -> str:
    """The client as the journal or the look-up calls him, whichever this person may see; else the worksheet's number.

    The right to the worksheet may reach further than both (SEC-4).
    """
    document = get_record(session, Document, worksheet.id)
    if document is not None:
        return document.customer_text
    if worksheet.customer_id is None:
        return worksheet.customer_text
    try:
        return visible_customer(session, worksheet.customer_id).name
    except NotFound:
        return worksheet.number
