"""What a client wants whom nobody can talk with just now becomes a document of who was chosen for him (C-07, S3-19, S3-27)."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from addons.contacts.models import Document, InboundContact
from addons.contacts.services.document_types import document_types
from addons.contacts.services.goals import Goal
from addons.contacts.services.states import unchanged
from core import WorkSession, change_where


def leave(session: WorkSession, contact: InboundContact, goal: Goal, at: datetime) -> bool:
    """Leave a document to the responsible of a contact that has just been registered; the contact has become it then.

    :param at: when the client is to be called back.
    :returns: whether there is one; without a topic, or an addon with such documents, a call back is all that is left.
    """
    if not (contact.topic or contact.wish):
        return False
    for addon, kind in document_types(session.hooks).values():
        if kind.leave is None or goal.category not in kind.suits:
            continue
        make = partial(kind.leave, session, contact, at)
        document = session.hooks.run_guarded(session, addon, f"contacts_document_types {kind.code}", make).value
        if document is not None:
            _become(session, contact, document)
            return True
    return False


def _become(session: WorkSession, contact: InboundContact, document: Document) -> None:
    """Ended in the moment it came in: by that it is known that its registration can still be undone."""
    values = {"state": "processed", "document_id": document.id, "finished_at": contact.at}
    with session.unlimited("a contact that was left to a colleague"):
        change_where(session, InboundContact, unchanged(contact), values, action="contact.processed")


def take_back(session: WorkSession, contact: InboundContact) -> None:
    """The registration is undone, and so is the document that it has left.

    :raises Refusal: when somebody works on the document already.
    """
    if contact.document_id is None:
        return
    with session.unlimited("what a registration has left"):
        document = session.get_one(Document, contact.document_id)
    addon, kind = document_types(session.hooks).get(document.type, ("", None))
    if kind is not None and kind.take_back is not None:
        session.hooks.run_guarded(
            session, addon, f"contacts_document_types {kind.code}", partial(kind.take_back, session, document)
        )
