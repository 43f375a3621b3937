"""Taking a registration back: the form that was sent is filled in again, and never over what is typed meanwhile."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from addons.contacts.models import InboundContact
from addons.contacts.services import undoing
from addons.contacts.services.vocabulary import channels
from addons.contacts.views.entering import FORM_FIELDS, Entered, origin_of
from core import Request, WorkSession, drop_draft, load_draft, redirect, save_draft, save_drafts

DRAFT = "contacts.reception"
"""What is being typed."""

_SENT = f"{DRAFT}/sent"
"""What was sent with the last registration, and the number of its contact."""


def draft_of(origin: str) -> str:
    """Where a form is kept: one that something has opened apart from all others, so that two calls never mix."""
    return f"{DRAFT}/of/{origin}" if origin else DRAFT


ASIDE = f"{DRAFT}/undone"
"""What came back while something else was being typed; or that, once they have changed places."""


def keep_sent(request: Request, contact: InboundContact) -> None:
    """Keep the form that a contact was registered with, for an undo; what is being typed is empty again."""
    fields: dict[str, Any] = {name: values for name, values in request.form.lists() if name in FORM_FIELDS - {"origin"}}
    if contact.customer_id is not None:
        # A client who was new is in the directory now, and stays there.
        fields["customer_id"] = [str(contact.customer_id)]
    key = draft_of(origin_of(request.form))
    save_drafts(request.session, {key: {}, _SENT: {"contact": contact.id, "fields": fields}})


def undo(request: Request, record_id: int) -> Response:
    """Take back what was just registered.

    After the last registration the form is filled with it again, or it waits beside what is being typed.
    """
    session = request.session
    undoing.undo(session, record_id)
    sent = load_draft(session, _SENT)
    if sent is not None and sent["contact"] == record_id:
        save_draft(session, ASIDE if _is_typed(session, load_draft(session, DRAFT)) else DRAFT, sent["fields"])
    return redirect(request.url("contacts.reception", undone=record_id))


def is_filled_again(session: WorkSession, record_id: int) -> bool:
    """Whether the form is filled in as this contact was registered with it, and nothing has been typed since."""
    sent = load_draft(session, _SENT)
    return sent is not None and sent["contact"] == record_id and load_draft(session, DRAFT) == sent["fields"]


def exchange(request: Request) -> Response:
    """Go on with the form that waits; what is being typed waits in its place."""
    session = request.session
    typed, aside = load_draft(session, DRAFT), load_draft(session, ASIDE)
    if aside is not None:
        save_draft(session, DRAFT, aside)
        if typed is not None and _is_typed(session, typed):
            save_draft(session, ASIDE, typed)
        else:
            drop_draft(session, ASIDE)
    return redirect(request.url("contacts.reception"))


def _is_typed(session: WorkSession, draft: dict[str, Any] | None) -> bool:
    return draft is not None and Entered.read(MultiDict(draft), channels(session.hooks)).typed
