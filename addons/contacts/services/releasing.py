"""Contacts of people whose account was closed: they go back to all specialists of their goals (X-02)."""

from __future__ import annotations

from sqlalchemy import select

from addons.contacts.models import InboundContact
from addons.contacts.services import callbacks
from addons.contacts.services.goals import get_goal, specialists
from addons.contacts.services.registration import notify_of
from addons.contacts.services.states import OPEN, unchanged
from core.access.models import User
from core.db.change import change_where
from core.db.engine import WorkSession
from core.live.events import publish
from core.work.notifications import close_for_subject
from core.work.subjects import subject_of


def release_of_the_gone(session: WorkSession) -> int:
    """Tell the others of every open contact whose owner will not come back; returns how many there were.

    A contact whose goal nobody handles stays with its owner, and is looked at again at the next run.
    """
    owned = select(InboundContact).join(User, User.id == InboundContact.responsible_id)
    gone = owned.where(InboundContact.state.in_(OPEN), ~User.active).order_by(InboundContact.id)
    return sum(_release(session, contact) for contact in session.scalars(gone).all())


def _release(session: WorkSession, contact: InboundContact) -> bool:
    staff = [person.id for person in specialists(session, contact.goal_id)]
    if not staff:
        return False
    state = "waiting" if contact.waits_since is not None else "unclaimed"
    values = {"responsible_id": None, "state": state, "taken_at": None}
    if not change_where(session, InboundContact, unchanged(contact), values, action="contact.released"):
        return False
    callbacks.follow(session, contact)
    close_for_subject(session, subject_of(contact), reason="released")
    notify_of(session, contact, get_goal(session, contact.goal_id), staff, group=True)
    publish(session, "contacts.traffic", contact=contact.id)
    return True
