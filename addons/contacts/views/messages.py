"""The talk with a client on the card of a contact, and writing to him (S1-78)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from werkzeug.wrappers import Response

from addons.contacts.models import InboundContact
from addons.contacts.services import handling
from addons.contacts.services.intake import talks
from addons.contacts.views import contact as card
from core import Invalid, Panel, Request, Route, T, WorkSession, lines_of, names_of

CHANGE = "contacts.contact.change"


def routes() -> list[Route]:
    """Writing to a client, and trying once more."""
    one = "/contact/<int:record_id>/message"
    return [
        Route(one, "message", write, ("POST",), right=CHANGE, menu="traffic"),
        Route(f"{one}/<int:message_id>/again", "message_again", send_again, ("POST",), right=CHANGE, menu="traffic"),
    ]


def write(request: Request, record_id: int) -> Response:
    """A message to the client; a job sends it."""
    contact = handling.get_contact(request.session, record_id)
    try:
        talks.write(request.session, contact, lines_of(request.form.get("message", "")))
    except Invalid as refusal:
        request.session.rollback()
        return card.card(request, handling.get_contact(request.session, record_id), refusal.errors, refusal.status)
    return card.to_card(request, record_id)


def send_again(request: Request, record_id: int, message_id: int) -> Response:
    """Try a message anew that did not go out."""
    talks.send_again(request.session, handling.get_contact(request.session, record_id), message_id)
    return card.to_card(request, record_id)


def panels(session: WorkSession, contact: InboundContact) -> list[Panel]:
    """The talk, where there is one."""
    load = partial(_talk, session, contact)
    reads = {"lines": talks.lines_read(contact.id)}
    title, template = T("Messages"), "contacts/panel_messages.html"
    return [Panel("messages", title, template, load, right="contacts.contact.read", reads=reads, order=5)]


def _talk(session: WorkSession, contact: InboundContact, lines: Sequence[Any]) -> dict[str, Any] | None:
    if not lines:
        return None
    return {
        "contact": contact,
        "lines": talks.line_rows(lines),
        "names": names_of(session, [each.author_id for each in lines]),
        "states": talks.STATES,
        "looks": talks.LOOKS,
        "again": (talks.FAILED, talks.DOUBTFUL),
        "can_write": talks.can_write(session, contact),
        "longest": talks.LONGEST,
    }
