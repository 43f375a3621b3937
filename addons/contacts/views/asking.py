"""What is asked before a contact is passed on or ignored: a dialog over its card, or a page of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from addons.contacts.models import InboundContact
from addons.contacts.services import handling
from addons.contacts.services.powers import IGNORE, PASS_ON, expect_power
from addons.contacts.services.reception import staff_of
from core.web.http import Request
from core.web.i18n import T
from core.web.shell import Page
from core.work.drafts import load_draft


@dataclass(frozen=True, slots=True)
class Step:
    """A step that asks something first: its power, its words, the fields of its form, and what it chooses from."""

    name: str
    power: str
    title: str
    button: str
    kind: str
    fields: frozenset[str]
    choices: Callable[[Request, InboundContact], Mapping[str, Any]]


def _staff(request: Request, contact: InboundContact) -> Mapping[str, Any]:
    session = request.session
    cause = handling.cause_of(session, contact)
    earlier = [cause.responsible_id] if cause is not None and cause.responsible_id else []
    return {"staff": staff_of(session, contact.goal_id, earlier)}


def _reasons(request: Request, _contact: InboundContact) -> Mapping[str, Any]:
    return {"ignore_reasons": handling.ignore_reasons(request.session)}


TRANSFER = Step("transfer", PASS_ON, T("Redirect to"), T("Redirect"), "primary", frozenset(("responsible_id",)), _staff)
IGNORING = Step(
    "ignore",
    IGNORE,
    T("Why does this contact need no document?"),
    T("Ignore"),
    "danger",
    frozenset(("reason_id", "comment")),
    _reasons,
)


def transfer(request: Request, record_id: int) -> Response:
    """To whom a contact is passed on."""
    return _ask(request, record_id, TRANSFER)


def ignore(request: Request, record_id: int) -> Response:
    """Why a contact is ignored."""
    return _ask(request, record_id, IGNORING)


def refused(request: Request, contact: InboundContact, errors: Mapping[str, Any]) -> dict[str, Any]:
    """The dialog that opens again with the card, where what was entered in it is wrong."""
    step = next((step for step in (TRANSFER, IGNORING) if step.fields & errors.keys()), None)
    return _form(request, contact, step) if step is not None else {"step": None}


def draft_key(contact_id: int, form: str) -> str:
    """Under which name the words of one of the card's forms are kept."""
    return f"contacts.contact/{contact_id}/{form}"


def _ask(request: Request, record_id: int, step: Step) -> Response:
    contact = handling.get_contact(request.session, record_id)
    expect_power(request.session, contact, step.power)
    card = request.url("contacts.contact", record_id=contact.id)
    return request.render(
        "contacts/step_dialog.html" if request.fragment else "contacts/step.html",
        page=Page(request.translate(step.title), crumbs=((contact.number, card),), menu="traffic"),
        contact=contact,
        card_url=card,
        entered=load_draft(request.session, draft_key(contact.id, step.name)) or {},
        errors={},
        **_form(request, contact, step),
    )


def _form(request: Request, contact: InboundContact, step: Step) -> dict[str, Any]:
    return {"step": step, "step_draft": draft_key(contact.id, step.name), **step.choices(request, contact)}
