"""Undoing a registration: at once, by whoever registered it, while nobody has taken the contact.

The contact stays as «withdrawn», so that numbers have no gaps and the trail says what happened.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, or_

from addons.contacts.models import InboundContact
from addons.contacts.services import callbacks, interests
from addons.contacts.services.identifying import forget_last_contact
from addons.contacts.services.states import STATE
from addons.contacts.services.vehicles import forget_mileage
from core import (
    Conflict,
    NotFound,
    WorkSession,
    change_where,
    close_for_subject,
    get_record,
    name_of,
    publish,
    subject_of,
)

WITHIN = timedelta(minutes=5)
UNDOABLE = ("unclaimed", "waiting", "assigned", "informed")
"""The states of what nobody has taken, and of a question that was answered at once."""
_LEFT = and_(InboundContact.state == "processed", InboundContact.finished_at == InboundContact.at)
"""What became a document of a colleague in the moment it came in (S3-27)."""


def just_registered(session: WorkSession, contact_id: int) -> InboundContact | None:
    """The contact, while the person who registered it can still undo that."""
    contact = get_record(session, InboundContact, contact_id)
    return contact if contact is not None and _undoable(session, contact) else None


def just_undone(session: WorkSession, contact_id: int) -> InboundContact | None:
    """The contact, once the person who registered it has undone that."""
    contact = get_record(session, InboundContact, contact_id)
    if contact is None or contact.created_by_id != session.access.user_id or contact.state != "withdrawn":
        return None
    return contact


def undo(session: WorkSession, contact_id: int) -> InboundContact:
    """Take a registration back; nobody is told of the contact any more. The database decides who was faster.

    :raises NotFound: the contact is not one that this person has registered.
    :raises Conflict: somebody has taken it, or works on what it became, or it was too long ago.
    """
    contact = get_record(session, InboundContact, contact_id)
    if contact is None or contact.created_by_id != session.access.user_id:
        raise NotFound("There is no such contact.")
    conditions = [
        InboundContact.id == contact.id,
        InboundContact.created_by_id == session.access.user_id,
        or_(InboundContact.state.in_(UNDOABLE), _LEFT),
        InboundContact.taken_at.is_(None),
        InboundContact.created_at >= session.now() - WITHIN,
    ]
    values = {"state": "withdrawn", "is_request": False, "waits_since": None, "finished_at": session.now()}
    left = _is_left(contact)
    if not change_where(session, InboundContact, conditions, values, action="contact.withdrawn"):
        _too_late(session, contact)
    if left:
        interests.take_back(session, contact)
    close_for_subject(session, subject_of(contact), reason="withdrawn")
    callbacks.call_off(session, contact)
    forget_mileage(session, contact.id)
    if contact.customer_id is not None:
        forget_last_contact(session, contact.customer_id, contact.at)
    publish(session, "contacts.traffic", contact=contact.id)
    session.hooks.each("contacts_contact_undone", session=session, contact=contact)
    return contact


def _undoable(session: WorkSession, contact: InboundContact) -> bool:
    mine = contact.created_by_id == session.access.user_id
    fresh = contact.created_at >= session.now() - WITHIN
    return mine and fresh and contact.taken_at is None and (contact.state in UNDOABLE or _is_left(contact))


def _is_left(contact: InboundContact) -> bool:
    return contact.state == "processed" and contact.finished_at == contact.at


def _too_late(session: WorkSession, contact: InboundContact) -> None:
    session.refresh(contact)
    if contact.taken_at is not None and contact.responsible_id is not None:
        raise Conflict("%(name)s has already taken this contact.", name=name_of(session, contact.responsible_id))
    if contact.state not in UNDOABLE:
        raise Conflict("This contact is already finished: %(state)s.", state=STATE[contact.state].title)
    raise Conflict("It is too late to undo this registration.")
