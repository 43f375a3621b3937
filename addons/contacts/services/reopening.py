"""Taking back a wrong end: a contact that was closed or attached by mistake is open again (S0-33, S0-45, S1-49).

A document that was made out of the contact stays its document: it would be left without what it began with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from addons.contacts.models import Document, InboundContact
from addons.contacts.services import callbacks, identifying
from addons.contacts.services.goals import get_goal, specialists
from addons.contacts.services.handling import get_contact
from addons.contacts.services.powers import FINISH, IGNORE, expect_power, may_take_back
from addons.contacts.services.registration import notify_of
from addons.contacts.services.states import unchanged
from core import AuditEntry, AuditValue, Conflict, WorkSession, change_where, get_record, publish

IGNORED, ATTACHED, PROCESSED = "contact.ignored", "contact.attached", "contact.processed"
ENDS = (IGNORED, ATTACHED, PROCESSED)
"""The steps that end a contact, as the trail calls them."""
REOPENED, DETACHED = "contact.reopened", "contact.detached"


def can_reopen(session: WorkSession, contact: InboundContact) -> bool:
    """Whether the person may take up again what ended without a document: whoever may end it so."""
    power = _closed_by(contact)
    return power is not None and may_take_back(session, contact, power)


def can_detach(session: WorkSession, contact: InboundContact, document: Document | None, ended_by: str) -> bool:
    """Whether the person may take an attachment back: whoever may end the contact, while the document is open.

    :param ended_by: the last step that ended the contact, one of :data:`ENDS`.
    """
    if contact.state != "processed" or document is None or not document.open or ended_by != ATTACHED:
        return False
    return may_take_back(session, contact, FINISH)


def reopen(session: WorkSession, contact_id: int) -> InboundContact:
    """Take up again what was closed by mistake; its reason, or what came out of it, stays in the trail.

    :raises Conflict: it has not ended, or has become a document.
    """
    contact = get_contact(session, contact_id)
    power = _closed_by(contact)
    expect_power(session, contact, power or FINISH)
    if power is None:
        raise Conflict("Only what was ignored or closed without a document can be taken up again.")
    return _open_again(session, contact, {"ignore_reason_id": None, "ignore_comment": "", "result": ""}, REOPENED)


def detach(session: WorkSession, contact_id: int) -> InboundContact:
    """Take the attachment to a document back, and with it the client that is known from there alone.

    :raises Conflict: the document was made out of this contact, or is closed.
    """
    contact = get_contact(session, contact_id)
    expect_power(session, contact, FINISH)
    document, ended_by, learned = _document_of(session, contact), *_last_end(session, contact)
    if not can_detach(session, contact, document, ended_by):
        raise Conflict("Only what was attached to a document that is still open can be taken back.")
    former_id, values = contact.customer_id, identifying.unlearned(contact, learned)
    _open_again(session, contact, {"document_id": None, **values}, DETACHED)
    if values and former_id is not None:
        identifying.forget_client(session, contact, former_id)
    return contact


def _closed_by(contact: InboundContact) -> str | None:
    """The power by which the contact ended without a document; nothing for any other."""
    if contact.state == "ignored":
        return IGNORE
    return FINISH if contact.state == "processed" and contact.document_id is None else None


def _document_of(session: WorkSession, contact: InboundContact) -> Document | None:
    """The document, as it is now; nobody closes it until this transaction ends."""
    document = get_record(session, Document, contact.document_id) if contact.document_id is not None else None
    if document is not None:
        session.refresh(document, with_for_update=True)
    return document


def _last_end(session: WorkSession, contact: InboundContact) -> tuple[str, Mapping[str, Any]]:
    """The last step that ended the contact, and what it learned of its client by that."""
    steps = (
        select(AuditEntry.action, AuditValue.changes)
        .outerjoin(AuditValue, AuditValue.audit_id == AuditEntry.id)
        .where(
            AuditEntry.subject_type == InboundContact.__tablename__,
            AuditEntry.subject_id == contact.id,
            AuditEntry.action.in_((*ENDS, identifying.LEARNED)),
        )
    )
    # What it learned of is noted right after the step, whether it was attached or made the document.
    latest = session.execute(steps.order_by(AuditEntry.id.desc()).limit(2)).all()
    ended_by = next((step.action for step in latest if step.action in ENDS), "")
    learned = latest[0].changes if latest and latest[0].action == identifying.LEARNED else None
    return ended_by, learned or {}


def _open_again(session: WorkSession, contact: InboundContact, values: dict[str, Any], action: str) -> InboundContact:
    """Open as it was before: in the hands of who had it; one that nobody had is told to all specialists again."""
    goal, ended_at = get_goal(session, contact.goal_id), contact.finished_at
    mine = contact.responsible_id == session.access.user_id
    state = "in_progress" if mine else "assigned" if contact.responsible_id is not None else "unclaimed"
    values = {**values, "state": state, "finished_at": None, "is_request": goal.is_request}
    same_document = InboundContact.document_id.is_not_distinct_from(contact.document_id)
    if not change_where(session, InboundContact, [*unchanged(contact), same_document], values, action=action):
        raise Conflict("Somebody changed this contact meanwhile.")
    if ended_at is not None:
        callbacks.resume(session, contact, ended_at)
    if not mine:
        users = [contact.responsible_id] if contact.responsible_id else [p.id for p in specialists(session, goal.id)]
        notify_of(session, contact, goal, users, group=contact.responsible_id is None)
    publish(session, "contacts.traffic", contact=contact.id)
    return contact
