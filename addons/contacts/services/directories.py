"""What keeps a directory row from being deleted: history refers to it."""

from __future__ import annotations

from sqlalchemy import select

from addons.contacts.models import ContactGoal, IgnoreReason, InboundContact, LeadSource
from core import Record, T, WorkSession


def refuse_deletion(session: WorkSession, subject: Record) -> str | None:
    """Why a goal, a reason or a source must stay: contacts were registered with it."""
    columns = {
        ContactGoal: InboundContact.goal_id,
        IgnoreReason: InboundContact.ignore_reason_id,
        LeadSource: InboundContact.lead_source_id,
    }
    column = columns.get(type(subject))
    if column is None:
        return None
    used = session.execute(select(InboundContact.id).where(column == subject.id).limit(1)).first()
    return T("Contacts were registered with it. Take it out of use instead.") if used else None
