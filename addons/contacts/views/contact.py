"""The card of an inbound contact: who it is, what to say, what it becomes (S0-30…47)."""

from __future__ import annotations

import secrets
from typing import Any

from werkzeug.wrappers import Response

from addons.contacts.models import InboundContact
from addons.contacts.services import handling, portrait
from addons.contacts.services.customers import add_phone, get_customer
from addons.contacts.services.document_types import document_types
from addons.contacts.services.documents import find_documents, get_document, suggestions
from addons.contacts.services.goals import Goal, get_goal
from addons.contacts.services.reception import staff_of
from addons.contacts.services.states import OPEN, STATE
from addons.contacts.services.vocabulary import CHANNEL
from core.errors import Forbidden, Invalid
from core.web.http import MAX_ID, Request, redirect
from core.web.i18n import T
from core.web.shell import Page
from core.work import timeline
from core.work.people import names_of
from core.work.subjects import subject_of


def show(request: Request, record_id: int) -> Response:
    """The card."""
    contact = handling.get_contact(request.session, record_id)
    request.app.note_read(request, contact)
    return _card(request, contact)


def head(request: Request, record_id: int) -> Response:
    """The head of the card as it is now."""
    return _part(request, record_id, "contacts/contact_head.html")


def outcome(request: Request, record_id: int) -> Response:
    """What the contact can become, as it is now."""
    return _part(request, record_id, "contacts/outcome.html")


def _part(request: Request, record_id: int, template: str) -> Response:
    contact = handling.get_contact(request.session, record_id)
    return request.render(template, contact=contact, **_context(request, contact, {}))


def _card(
    request: Request, contact: InboundContact, errors: dict[str, list[str]] | None = None, status: int = 200
) -> Response:
    context = _context(request, contact, errors or {})
    page = Page(
        contact.number,
        crumbs=((request.translate("Traffic"), request.url("contacts.traffic")),),
        menu="traffic",
        screen_key="contacts.contact",
    )
    return request.render("contacts/contact.html", status, page=page, contact=contact, **context)


def _context(request: Request, contact: InboundContact, errors: dict[str, list[str]]) -> dict[str, Any]:
    session, language = request.session, request.translate.language
    goal = get_goal(session, contact.goal_id)
    people = names_of(session, [contact.responsible_id, contact.created_by_id])
    is_mine = contact.responsible_id == request.access.user_id
    is_open = contact.state in OPEN
    return {
        "goal": goal,
        "script": goal.script(language),
        "state": STATE[contact.state],
        "channel": CHANNEL[contact.channel],
        "responsible": people.get(contact.responsible_id or 0, ""),
        "registered_by": people.get(contact.created_by_id or 0, ""),
        "is_open": is_open,
        "is_mine": is_mine,
        "can_claim": is_open and contact.responsible_id is None and request.access.may("contacts.contact.claim"),
        "can_finish": is_open
        and (is_mine or contact.responsible_id is None)
        and request.access.may("contacts.contact.finish"),
        "can_pass_on": is_open and request.access.may("contacts.contact.pass_on"),
        "needs_opening": is_mine and contact.state in ("assigned", "waiting"),
        "outcomes": _outcomes(request, goal),
        "document": get_document(session, contact.document_id) if contact.document_id else None,
        "document_url": _document_url(request, contact),
        "suggestions": suggestions(session, contact) if is_open else [],
        "ignore_reasons": handling.ignore_reasons(session) if is_open else [],
        "ignored_as": handling.ignore_reason(session, contact),
        "staff": staff_of(session, goal.id) if is_open else [],
        "portrait": portrait.portrait_of(session, contact),
        "events": _events(request, contact),
        "errors": {name: [request.translate(text) for text in texts] for name, texts in errors.items()},
        "entered": request.form,
        "now": session.now(),
        "once": secrets.token_urlsafe(16),
    }


def _outcomes(request: Request, goal: Goal) -> list[tuple[str, Any]]:
    """The documents this contact can become, those that suit its goal first, each with its addon's title."""
    running, language = request.app.host.running, request.translate.language
    known = document_types(request.app.host.hooks).values()
    offered = [(addon, kind) for addon, kind in known if request.access.may(kind.right)]
    offered.sort(key=lambda pair: (goal.category not in pair[1].suits, pair[1].order))
    return [(running[addon].manifest.title_in(language), kind) for addon, kind in offered]


def _document_url(request: Request, contact: InboundContact) -> str:
    """Where the contact's document is; nothing when the addon it belongs to is switched off (X-12)."""
    if contact.document_id is None:
        return ""
    known = document_types(request.app.host.hooks).get(get_document(request.session, contact.document_id).type)
    return request.url(known[1].endpoint, record_id=contact.document_id) if known else ""


def _events(request: Request, contact: InboundContact) -> list[dict[str, Any]]:
    return portrait.events_of(request.session, contact, request.translate)


def opened(request: Request, record_id: int) -> Response:
    """The owner has the card before him."""
    handling.open_contact(request.session, record_id)
    return Response(status=204)


def claim(request: Request, record_id: int) -> Response:
    """«Взять себе»."""
    handling.claim(request.session, record_id)
    return _to_card(request, record_id)


def transfer(request: Request, record_id: int) -> Response:
    """«Перенаправить» to a specialist, or to all of them."""
    return _step(
        request, record_id, lambda: handling.transfer(request.session, record_id, _id(request, "responsible_id"))
    )


def queue(request: Request, record_id: int) -> Response:
    """Into the waiting queue."""
    handling.queue(request.session, record_id)
    return _to_card(request, record_id)


def remind(request: Request, record_id: int) -> Response:
    """Tell whoever is to take the visitor once more."""
    handling.remind(request.session, record_id)
    return Response(status=204) if request.fragment else _to_card(request, record_id)


def ignore(request: Request, record_id: int) -> Response:
    """«Игнорировать» with a reason."""
    reason_id, comment = _id(request, "reason_id"), request.form.get("comment", "")
    return _step(request, record_id, lambda: handling.ignore(request.session, record_id, reason_id, comment))


def finish(request: Request, record_id: int) -> Response:
    """«Выполнить, закрыть»."""
    result = request.form.get("result", "")
    return _step(request, record_id, lambda: handling.finish(request.session, record_id, result))


def create_document(request: Request, record_id: int) -> Response:
    """Make the contact into a document and go on there."""
    document = handling.create_document(request.session, record_id, request.form.get("type", ""))
    _, kind = document_types(request.app.host.hooks)[document.type]
    return redirect(request.url(kind.endpoint, record_id=document.id))


def attach(request: Request, record_id: int) -> Response:
    """«Прикрепить» to a document that is there already."""
    document_id = _id(request, "document_id")
    if document_id is None:
        contact = handling.get_contact(request.session, record_id)
        return _card(request, contact, {"document_id": [T("Choose a document.")]}, 422)
    handling.attach(request.session, record_id, document_id)
    return _to_card(request, record_id)


def pick(request: Request, record_id: int) -> Response:
    """All documents, to find the one this contact belongs to (S0-34, S0-41)."""
    contact = handling.get_contact(request.session, record_id)
    query, chosen = request.args.get("q", "").strip(), request.args.get("type", "")
    everything = request.args.get("all") == "1"
    kinds = document_types(request.app.host.hooks)
    page = Page(
        request.translate("Documents"),
        crumbs=((contact.number, request.url("contacts.contact", record_id=contact.id)),),
        menu="traffic",
    )
    return request.render(
        "contacts/pick_document.html",
        page=page,
        contact=contact,
        found=find_documents(request.session, query, chosen, only_open=not everything),
        kinds=[(code, kind) for code, (_, kind) in kinds.items()],
        query=query,
        chosen=chosen,
        everything=everything,
    )


def identify(request: Request, record_id: int) -> Response:
    """«Выбрать контрагента»: this contact is of that client."""
    customer_id = _id(request, "customer_id")
    if customer_id is None:
        contact = handling.get_contact(request.session, record_id)
        return _card(request, contact, {"customer_id": [T("Choose a client from the list.")]}, 422)
    handling.identify(request.session, record_id, customer_id)
    return _to_card(request, record_id)


def save_phone(request: Request, record_id: int) -> Response:
    """«Записать номер телефона в карточку контрагента» (S1-53)."""
    contact = handling.get_contact(request.session, record_id)
    if contact.customer_id is None:
        raise Forbidden("Say first who the client is.")
    add_phone(request.session, get_customer(request.session, contact.customer_id), contact.phone)
    return _to_card(request, record_id)


def add_phone_to_client(request: Request, record_id: int) -> Response:
    """Another number in the client's card."""
    add_phone(request.session, get_customer(request.session, record_id), request.form.get("phone", ""))
    return redirect(request.url("contacts.clients.card", record_id=record_id))


def note(request: Request, record_id: int) -> Response:
    """A note on the contact; colleagues named in it are told."""
    contact = handling.get_contact(request.session, record_id)
    text = request.form.get("text", "")
    return _step(request, record_id, lambda: timeline.note(request.session, subject_of(contact), text))


def _step(request: Request, record_id: int, work: Any) -> Response:
    """Do one step; what was entered wrongly is shown on the card again."""
    try:
        work()
    except Invalid as refusal:
        request.session.rollback()
        return _card(request, handling.get_contact(request.session, record_id), refusal.errors, refusal.status)
    return _to_card(request, record_id)


def _to_card(request: Request, record_id: int) -> Response:
    return redirect(request.url("contacts.contact", record_id=record_id))


def _id(request: Request, name: str) -> int | None:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= MAX_ID else None
