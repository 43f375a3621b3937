"""What stands in the head of a worksheet's card: who it is and what he came for."""

from __future__ import annotations

from typing import Any

from addons.contacts.models import Document
from addons.contacts.services.documents import first_contact
from addons.contacts.services.goals import get_goal
from addons.contacts.services.lookup import visible_customer
from addons.sales.models import Worksheet
from addons.sales.services.stages import STAGE
from core.db.change import get_record
from core.db.engine import WorkSession
from core.errors import NotFound


def context(session: WorkSession, worksheet: Worksheet) -> dict[str, Any]:
    """What the client is called here, the stage, and the contact it began with, with its goal."""
    contact = first_contact(session, worksheet.id)
    return {
        "client": _called(session, worksheet),
        "stage": STAGE[worksheet.stage],
        "contact": contact,
        "goal": get_goal(session, contact.goal_id) if contact is not None else None,
    }


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
