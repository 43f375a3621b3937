"""Contacts that end because of what has happened elsewhere: the client was called back, the call was a call of ours."""

from __future__ import annotations

from datetime import datetime

from addons.contacts.models import InboundContact
from addons.contacts.services import callbacks
from addons.contacts.services.states import OPEN, unchanged
from core import WorkSession, change_where, close_for_subject, expect_record, publish, subject_of

LONGEST = 300


def end(session: WorkSession, contact_id: int, result: str, at: datetime | None = None) -> bool:
    """A contact is processed, with a result, by what an addon knows; whoever has it need do nothing more.

    :param at: when that was; now if not said.
    :returns: whether it was still open; one that has ended otherwise, or changes hands this very moment, is left as it is.
    """
    contact = expect_record(session, InboundContact, contact_id)
    if contact.state not in OPEN:
        return False
    values = {
        "state": "processed",
        "result": result[:LONGEST],
        "finished_at": at or session.now(),
        "waits_since": None,
    }
    if not change_where(session, InboundContact, unchanged(contact), values, action="contact.processed"):
        return False
    callbacks.follow(session, contact)
    publish(session, "contacts.traffic", contact=contact.id)
    close_for_subject(session, subject_of(contact), reason="done")
    return True
