"""What stands in the head of a worksheet's card: who it is and what he came for."""

from __future__ import annotations

from typing import Any

from addons.contacts.services.documents import first_contact, head_of
from addons.contacts.services.goals import get_goal
from addons.sales.models import Worksheet
from addons.sales.services.stages import STAGE
from core.db.engine import WorkSession


def context(session: WorkSession, worksheet: Worksheet) -> dict[str, Any]:
    """The client as the journal calls him, the stage, and the contact it began with, with its goal."""
    contact = first_contact(session, worksheet.id)
    return {
        "client": head_of(session, worksheet.id).customer_text,
        "stage": STAGE[worksheet.stage],
        "contact": contact,
        "goal": get_goal(session, contact.goal_id) if contact is not None else None,
    }
