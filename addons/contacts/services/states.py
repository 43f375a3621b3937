"""The states of an inbound contact, declared once.

``withdrawn`` is a registration that was undone at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement

from addons.contacts.models import InboundContact
from core import T, WorkSession


@dataclass(frozen=True, slots=True)
class ContactState:
    """A state, its name, and the look of its pill."""

    code: str
    title: str
    look: str
    terminal: bool = False


STATES = (
    ContactState("unclaimed", T("Not taken"), "warn"),
    ContactState("waiting", T("Waiting"), "warn"),
    ContactState("assigned", T("Assigned"), "acc"),
    ContactState("in_progress", T("In progress"), "acc"),
    ContactState("processed", T("Processed"), "ok", terminal=True),
    ContactState("informed", T("Informed"), "ok", terminal=True),
    ContactState("ignored", T("Ignored"), "", terminal=True),
    ContactState("withdrawn", T("Undone"), "", terminal=True),
)
STATE = {state.code: state for state in STATES}
OPEN = tuple(state.code for state in STATES if not state.terminal)
UNOPENED = ("assigned", "waiting")
"""A contact that has an owner who has not looked at it yet."""
REAL = InboundContact.state != "withdrawn"
"""What has come in: a registration that was undone at once is no contact, and counts nowhere."""


def unchanged(contact: InboundContact) -> list[ColumnElement[bool]]:
    """The conditions that a contact is still in the state and with the owner it was read with (SEC-48)."""
    owner = InboundContact.responsible_id
    same_owner = owner.is_(None) if contact.responsible_id is None else owner == contact.responsible_id
    return [InboundContact.id == contact.id, InboundContact.state == contact.state, same_owner]


def await_opening(session: WorkSession, contact: InboundContact) -> None:
    """Begin a step of the owner from the contact as it is now; his page opens it by itself meanwhile.

    That is no other person's doing, and must not be held against him, however quick he is.
    """
    if contact.state in UNOPENED and contact.responsible_id == session.access.user_id:
        session.refresh(contact, with_for_update=True)
