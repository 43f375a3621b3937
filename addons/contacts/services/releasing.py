"""Contacts that nobody can take any more go to all specialists of their goals (X-02).

Their owner's account was closed, or those who were told handle the goal no more or have no right to its contacts.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, select

from addons.contacts.models import GoalSpecialist, InboundContact
from addons.contacts.services import callbacks
from addons.contacts.services.goals import get_goal, note_reach, specialists
from addons.contacts.services.registration import notify_of
from addons.contacts.services.states import OPEN, unchanged
from core import Notification, User, WorkSession, change_where, close_for_subject, publish, subject_of


def sweep(session: WorkSession) -> None:
    """Leave no open contact with nobody who knows of it and can take it."""
    note_reach(session)
    release_of_the_gone(session)
    tell_of_the_orphaned(session)


def release_of_the_gone(session: WorkSession) -> int:
    """Tell the others of every open contact whose owner will not come back; returns how many there were.

    A contact whose goal nobody handles stays with its owner, and is looked at again at the next run.
    """
    owned = select(InboundContact).join(User, User.id == InboundContact.responsible_id)
    gone = owned.where(InboundContact.state.in_(OPEN), ~User.active).order_by(InboundContact.id)
    return sum(_release(session, contact) for contact in session.scalars(gone).all())


def tell_of_the_orphaned(session: WorkSession) -> int:
    """Tell the specialists of every open contact without an owner that none of them knows of; returns how many.

    One whose goal nobody handles is looked at again at the next run.
    """
    nobodys = select(InboundContact).where(
        InboundContact.state.in_(OPEN), InboundContact.responsible_id.is_(None), InboundContact.attended_until.is_(None)
    )
    handled, told = _handlers(), _handlers().join(Notification, _tells_him())
    orphaned = nobodys.where(handled.exists(), ~told.exists()).order_by(InboundContact.id)
    return sum(_tell_anew(session, contact) for contact in session.scalars(orphaned).all())


def _handlers() -> Select[int]:
    """Who handles the goal of a contact now."""
    mine = select(User.id).join(GoalSpecialist, GoalSpecialist.user_id == User.id)
    return mine.where(GoalSpecialist.goal_id == InboundContact.goal_id, GoalSpecialist.reached, User.active)


def _tells_him() -> ColumnElement[bool]:
    return and_(
        Notification.user_id == User.id,
        Notification.subject_type == InboundContact.__tablename__,
        Notification.subject_id == InboundContact.id,
        Notification.closed_at.is_(None),
    )


def _release(session: WorkSession, contact: InboundContact) -> bool:
    staff = [person.id for person in specialists(session, contact.goal_id)]
    if not staff:
        return False
    state = "waiting" if contact.waits_since is not None else "unclaimed"
    values = {"responsible_id": None, "state": state, "taken_at": None}
    if not change_where(session, InboundContact, unchanged(contact), values, action="contact.released"):
        return False
    callbacks.follow(session, contact)
    _tell_all(session, contact, staff, "released")
    return True


def _tell_anew(session: WorkSession, contact: InboundContact) -> bool:
    session.refresh(contact, with_for_update=True)  # nobody takes it while the others are told
    staff = [person.id for person in specialists(session, contact.goal_id)]
    if contact.responsible_id is not None or contact.state not in OPEN or not staff:
        return False
    _tell_all(session, contact, staff, "orphaned")
    return True


def _tell_all(session: WorkSession, contact: InboundContact, staff: Sequence[int], reason: str) -> None:
    close_for_subject(session, subject_of(contact), reason=reason)
    notify_of(session, contact, get_goal(session, contact.goal_id), staff, group=True)
    publish(session, "contacts.traffic", contact=contact.id)
