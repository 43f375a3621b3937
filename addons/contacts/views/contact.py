"""The card of an inbound contact: who it is, what to say, what it becomes (S0-30…47)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from werkzeug.wrappers import Response

from addons.contacts.models import Document, InboundContact
from addons.contacts.screens import LEGAL_FORM_CHOICES
from addons.contacts.services import feed, handling, identifying, portrait, reopening
from addons.contacts.services.document_kinds import reference
from addons.contacts.services.document_types import document_types
from addons.contacts.services.documents import find_documents, suggestions
from addons.contacts.services.goals import Goal, goal_in, goal_read
from addons.contacts.services.listing import document_page
from addons.contacts.services.powers import CHANGE, CLAIM, FINISH, IGNORE, PASS_ON, QUEUE, expect_power, powers_of
from addons.contacts.services.states import OPEN, STATE
from addons.contacts.services.vocabulary import channels
from addons.contacts.views import asking
from addons.contacts.views import portrait as shown_portrait
from addons.contacts.views.asking import draft_key, goal_chosen
from core import (
    CONFIRMED,
    Confirmation,
    Conflict,
    Forbidden,
    Invalid,
    Page,
    Request,
    T,
    came_from,
    drafts_read,
    drop_draft,
    get_record,
    lines_of,
    name_of,
    names_of,
    number_of,
    redirect,
    subject_of,
    timeline,
)

KEPT_FORMS = ("result", "note")
"""The forms of the card whose words are kept while somebody writes."""


def show(request: Request, record_id: int) -> Response:
    """The card."""
    contact = handling.get_contact(request.session, record_id)
    request.app.note_read(request, contact)
    return card(request, contact)


def head(request: Request, record_id: int) -> Response:
    """The head of the card as it is now."""
    return _part(request, record_id, "contacts/contact_head.html")


def outcome(request: Request, record_id: int) -> Response:
    """What the contact can become, as it is now."""
    return _part(request, record_id, "contacts/outcome.html")


def _part(request: Request, record_id: int, template: str) -> Response:
    contact = handling.get_contact(request.session, record_id)
    return request.render(template, contact=contact, **_context(request, contact, {}))


def card(
    request: Request,
    contact: InboundContact,
    errors: dict[str, list[str]] | None = None,
    status: int = 200,
    asked: Confirmation | None = None,
) -> Response:
    """The card, also with what was entered wrongly (``errors``) or has to be looked at first (``asked``)."""
    context = _context(request, contact, errors or {})
    page = Page(
        contact.number,
        crumbs=((request.translate("Traffic"), request.url("contacts.traffic")),),
        menu="traffic",
        screen_key="contacts.contact",
    )
    side = shown_portrait.side_of(request, contact, context["portrait"])
    return request.render(
        "contacts/contact.html",
        status,
        page=page,
        contact=contact,
        asked=asked,
        legal_forms=LEGAL_FORM_CHOICES,
        proposed=identifying.names_in("" if contact.customer_id else contact.client_text),
        **asking.refused(request, contact, errors or {}),
        **side,
        **context,
    )


def _context(request: Request, contact: InboundContact, errors: dict[str, list[str]]) -> dict[str, Any]:
    """What the head, the outcome and the rest of the card need."""
    session, language = request.session, request.translate.language
    found, badges = portrait.gather_with_badges(
        session,
        contact,
        {
            "goal": goal_read(contact.goal_id),
            "drafts": drafts_read(request.access, [draft_key(contact.id, form) for form in KEPT_FORMS]),
            **portrait.reads_of(session, contact),
            **feed.reads_of(session, contact),
        },
    )
    goal = goal_in(found["goal"])
    people = names_of(session, [contact.responsible_id, contact.created_by_id, *feed.people_in(found)])
    is_open = contact.state in OPEN
    document = get_record(session, Document, contact.document_id) if contact.document_id else None
    possible, told = _possible(request, contact), portrait.told_by(session, contact, found)
    return {
        "goal": goal,
        "script": goal.script(language),
        "state": STATE[contact.state],
        "channel": channels(session.hooks)[contact.channel],
        "responsible": people.get(contact.responsible_id or 0, ""),
        "registered_by": people.get(contact.created_by_id or 0, ""),
        "is_open": is_open,
        **possible,
        "document": document,
        "document_url": document_page(request, document) if document is not None else "",
        "document_name": reference(session, document) if document is not None else "",
        "can_reopen": reopening.can_reopen(session, contact),
        "can_detach": reopening.can_detach(session, contact, document, feed.ended_by(found)),
        "outcomes": _outcomes(request, goal),
        "suggestions": suggestions(session, contact) if is_open else [],
        "ignored_as": handling.ignore_reason(session, contact),
        "portrait": portrait.portrait_of(session, contact, found),
        "client_badges": badges,
        "told": told,
        "events": feed.feed_of(session, contact, document, request.translate, found, people),
        "errors": {name: [request.translate(text) for text in texts] for name, texts in errors.items()},
        "entered": _entered(request, found["drafts"]),
        "draft_keys": {form: draft_key(contact.id, form) for form in KEPT_FORMS},
        "now": session.now(),
        "once": secrets.token_urlsafe(16),
    }


def _possible(request: Request, contact: InboundContact) -> dict[str, bool]:
    """Which buttons the card has: exactly those whose steps would not be refused."""
    powers = powers_of(request.session, contact)
    is_mine = contact.responsible_id == request.access.user_id
    just_queued = "queued" in request.args
    return {
        "can_claim": CLAIM in powers,
        "can_finish": FINISH in powers,
        "can_ignore": IGNORE in powers,
        "can_pass_on": PASS_ON in powers,
        "can_queue": QUEUE in powers and contact.state != "waiting",
        "came_late": "late" in request.args and not is_mine,
        "was_reminded": "reminded" in request.args,
        "can_remind": QUEUE in powers and contact.state == "waiting",
        "can_change": CHANGE in powers,
        "can_create_client": CHANGE in powers and request.access.may(identifying.CREATE_CLIENT),
        "needs_opening": is_mine and contact.state in ("assigned", "waiting") and not just_queued,
    }


def _entered(request: Request, drafts: Sequence[Any]) -> dict[str, str]:
    """What stands in the forms of the card: what was being typed before, and over it what was sent and refused."""
    kept = {name: value for _, fields in drafts for name, value in fields.items() if isinstance(value, str)}
    return kept | request.form.to_dict()


def _outcomes(request: Request, goal: Goal) -> list[tuple[str, Any]]:
    """The documents this contact can become, those that suit its goal first, each with its addon's title."""
    running, language = request.app.host.running, request.translate.language
    known = document_types(request.app.host.hooks).values()
    offered = [(addon, kind) for addon, kind in known if kind.create is not None and request.access.may(kind.right)]
    offered.sort(key=lambda pair: (goal.category not in pair[1].suits, pair[1].order))
    return [(running[addon].manifest.title_in(language), kind) for addon, kind in offered]


def opened(request: Request, record_id: int) -> Response:
    """The owner has the card before him."""
    handling.open_contact(request.session, record_id)
    return Response(status=204)


def claim(request: Request, record_id: int) -> Response:
    """«Взять себе»."""
    try:
        handling.claim(request.session, record_id)
    except (Conflict, Forbidden):
        request.session.rollback()
        if handling.get_contact(request.session, record_id).responsible_id is None:
            raise
        return _too_late(request, record_id)
    return to_card(request, record_id)


def _too_late(request: Request, record_id: int) -> Response:
    """To the card, which says who was faster (S0-29)."""
    return redirect(request.url("contacts.contact", record_id=record_id, late=1))


def transfer(request: Request, record_id: int) -> Response:
    """«Перенаправить» to a specialist, or to all of them."""
    responsible_id = number_of(request.form.get("responsible_id", ""))
    goal_id, remark = goal_chosen(request.form), lines_of(request.form.get("remark", ""))
    answer = _step(
        request,
        record_id,
        lambda: handling.transfer(request.session, record_id, responsible_id, goal_id, remark),
        "transfer",
    )
    if answer.status_code != 303:
        return answer
    reception = request.url("contacts.reception")
    if came_from(request).partition("?")[0] == reception:
        return redirect(reception)
    # Another department's contact may be out of sight for who has passed it on.
    return answer if get_record(request.session, InboundContact, record_id) else redirect(request.url("core.home"))


def queue(request: Request, record_id: int) -> Response:
    """Into the waiting queue; whoever put his own visitor there does not take him by seeing the card again."""
    handling.queue(request.session, record_id)
    return redirect(request.url("contacts.contact", record_id=record_id, queued=1))


def remind(request: Request, record_id: int) -> Response:
    """Tell whoever is to take the visitor once more."""
    contact = handling.remind(request.session, record_id)
    if not request.fragment:
        return redirect(request.url("contacts.contact", record_id=record_id, reminded=1))
    name = name_of(request.session, contact.responsible_id) if contact.responsible_id else ""
    return request.render("contacts/reminded.html", name=name)


def ignore(request: Request, record_id: int) -> Response:
    """«Игнорировать» with a reason."""
    reason_id, comment = number_of(request.form.get("reason_id", "")), lines_of(request.form.get("comment", ""))
    return _step(request, record_id, lambda: handling.ignore(request.session, record_id, reason_id, comment), "ignore")


def finish(request: Request, record_id: int) -> Response:
    """«Выполнить, закрыть»."""
    result = request.form.get("result", "")
    return _step(request, record_id, lambda: handling.finish(request.session, record_id, result), "result")


def create_document(request: Request, record_id: int) -> Response:
    """Make the contact into a document and go on there; where more has to be known first, its form asks."""
    _, kind = document_types(request.app.host.hooks).get(request.form.get("type", ""), ("", None))
    if kind is not None and kind.form:
        return redirect(request.url(kind.form, contact=record_id))
    document = handling.create_document(request.session, record_id, request.form.get("type", ""))
    page = document_page(request, document)
    return redirect(page) if page else to_card(request, record_id)


def attach(request: Request, record_id: int) -> Response:
    """«Прикрепить» to a document that is there already."""
    document_id = number_of(request.form.get("document_id", ""))
    if document_id is None:
        contact = handling.get_contact(request.session, record_id)
        expect_power(request.session, contact, FINISH)
        return card(request, contact, {"document_id": [T("Choose a document.")]}, 422)
    try:
        handling.attach(request.session, record_id, document_id, request.form.get(CONFIRMED, "").split())
    except Confirmation as asked:
        return _ask_to_attach(request, record_id, document_id, asked)
    return to_card(request, record_id)


def reopen(request: Request, record_id: int) -> Response:
    """What was ignored, or closed with a result, by mistake is taken up again."""
    reopening.reopen(request.session, record_id)
    return to_card(request, record_id)


def detach(request: Request, record_id: int) -> Response:
    """What was attached to a wrong document is taken back."""
    reopening.detach(request.session, record_id)
    return to_card(request, record_id)


def _ask_to_attach(request: Request, record_id: int, document_id: int, asked: Confirmation) -> Response:
    request.session.rollback()
    contact = handling.get_contact(request.session, record_id)
    back = request.url("contacts.contact", record_id=record_id)
    page = Page(request.translate("Attach"), crumbs=((contact.number, back),), menu="traffic")
    context = {"asked": asked, "contact": contact, "document_id": document_id, "back": back}
    return request.render("contacts/attach_asked.html", asked.status, page=page, **context)


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


def note(request: Request, record_id: int) -> Response:
    """A note on the contact; colleagues named in it are told."""
    contact = handling.get_contact(request.session, record_id)
    text = request.form.get("text", "")
    return _step(request, record_id, lambda: timeline.note(request.session, subject_of(contact), text), "note")


def _step(request: Request, record_id: int, work: Any, form: str = "") -> Response:
    """Do one step; what was entered wrongly is shown on the card again, what was done needs its draft no more."""
    try:
        work()
    except Invalid as refusal:
        request.session.rollback()
        return card(request, handling.get_contact(request.session, record_id), refusal.errors, refusal.status)
    if form:
        drop_draft(request.session, draft_key(record_id, form))
    return to_card(request, record_id)


def to_card(request: Request, record_id: int) -> Response:
    """Back to the card of the contact."""
    return redirect(request.url("contacts.contact", record_id=record_id))
