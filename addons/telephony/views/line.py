"""Calls on the line: the strip over every page, what it opens, and what can be done with a call."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from addons.contacts.models import Customer, InboundContact
from addons.contacts.services.goals import get_goal, providers
from addons.telephony.models import LiveCall
from addons.telephony.services import line, orders, passing, registering
from addons.telephony.services.house import goal_of
from addons.telephony.services.link.adapters import ANSWER, CONSULT, HANG_UP, HOLD, TRANSFER
from addons.telephony.services.live import origin_of
from addons.telephony.services.vocabulary import WITHHELD
from core import (
    PRESENCE_TITLES,
    Invalid,
    NotFound,
    Page,
    Request,
    Route,
    T,
    came_from,
    format_phone,
    get_record,
    number_of,
    own_path,
    presence,
    redirect,
)

POST = ("POST",)
_ACTS = (HANG_UP, HOLD, ANSWER)


def routes() -> list[Route]:
    """The addresses."""
    one = "/calls/line/<int:record_id>"
    return [
        Route("/calls/line", "line", show, right=line.READ, menu="calls"),
        Route("/calls/line/over", "line_over", over, right=line.READ, menu="calls"),
        Route(one, "line_open", open_call, right=line.READ),
        Route(f"{one}/answered", "line_answered", answered, POST, right=line.READ),
        Route(f"{one}/act", "line_act", act, POST, right=line.USE),
        Route(f"{one}/transfer", "line_transfer", ask_transfer, right=line.USE, menu="calls"),
        Route(f"{one}/transfer", "line_pass_on", pass_on, POST, right=line.USE, menu="calls"),
        Route("/calls/dial", "dial", dial, POST, right=line.USE, menu="calls"),
    ]


def show(request: Request) -> Response:
    """What is on the line for this person: the strip, or a page of its own."""
    shown = line.on_the_line(request.session)
    context: dict[str, Any] = {
        "shown": shown,
        "now": request.session.now(),
        "withheld": request.translate(WITHHELD),
        "form_url": lambda each: _form(request, each.call, each.caller),
    }
    if request.fragment:
        template = "telephony/line_now.html" if "page" in request.args else "telephony/line.html"
        return request.render(template, **context)
    page = Page(request.translate(T("On the line now")), crumbs=_crumbs(request), menu="calls")
    return request.render("telephony/line_page.html", page=page, topics=line.topics(request.access), **context)


def _crumbs(request: Request) -> tuple[tuple[str, str], ...]:
    if not request.access.may("telephony.call.read"):
        return ()
    return ((request.translate(T("Phone calls")), request.url("telephony.calls")),)


# --- what a call opens ----------------------------------------------------------------------------


def open_call(request: Request, record_id: int) -> Response:
    """To what the call is about: its contact, else the form to register it, else its client (S2-14, S3-02)."""
    return redirect(_target(request, record_id) or request.url("telephony.line"))


def answered(request: Request, record_id: int) -> Response:
    """Where the page goes whose person has picked up; nothing for all his other pages (S1-09, S3-02)."""
    session = request.session
    if not line.open_once(session, record_id):
        return Response(status=204)
    target = _target(request, record_id)
    _, call = orders.my_phone(session, record_id)
    if _registers(request) and line.contact_of(session, call) is None:
        passing.ask_result(session, call, registering.grace(session))
    return Response(target, content_type="text/plain") if target else Response(status=204)


def _target(request: Request, phone_id: int) -> str:
    session = request.session
    _, call = orders.my_phone(session, phone_id)
    contact = line.contact_of(session, call)
    if contact is not None:
        return request.open_url("contacts.contact", record_id=contact.id)
    caller = line.caller_of(session, call.phone)
    form = _form(request, call, caller)
    if form:
        return form
    known = caller.customer_id is not None and get_record(session, Customer, caller.customer_id) is not None
    return request.open_url("contacts.clients.card", record_id=caller.customer_id) if known else ""


def _form(request: Request, call: LiveCall, caller: line.Caller) -> str:
    """The address of the reception form with everything that the call tells filled in (S3-03…05); nothing for who has none."""
    if not _registers(request):
        return ""
    told: dict[str, Any] = {"channel": "phone", "origin": origin_of(call.pbx_id, call.key), "called_line": call.did}
    goal = goal_of(request.session, call.line_id)
    if goal is not None:
        told["goal_id"] = goal.id
    if call.phone:
        told |= {"phone": call.phone, "customer_id_text": format_phone(call.phone)}
    if caller.customer_id is not None:
        told |= {"customer_id": caller.customer_id, "customer_id_text": caller.name}
        if len(caller.vehicles) == 1:
            told["vehicle_id"] = caller.vehicles[0].id
    elif call.phone and not caller.clients and request.access.may("contacts.customer.create"):
        told["customer_id"] = "new"
    return request.url("contacts.reception", **told)


def _registers(request: Request) -> bool:
    """Whether the person registers contacts at reception."""
    return request.access.may("contacts.contact.create") and request.access.may("contacts.reception.read")


def over(request: Request) -> Response:
    """«Принять обращение?»: asked when the client has gone and his form is still open (S3-24)."""
    if request.fragment:
        return request.render("telephony/line_over.html")
    return redirect(request.url("contacts.reception" if _registers(request) else "telephony.line"))


# --- what is done with a call ---------------------------------------------------------------------


def act(request: Request, record_id: int) -> Response:
    """«Положить трубку», hold, pick up."""
    kind = request.form.get("kind", "")
    if kind not in _ACTS:
        raise NotFound(T("There is no such page."))
    orders.act(request.session, record_id, kind)
    return _back(request)


def ask_transfer(request: Request, record_id: int) -> Response:
    """To whom the client is passed on: colleagues with their presence and lines (S1-54, S3-08, S3-12, S3-13)."""
    return _ask(request, record_id)


def _ask(request: Request, record_id: int, errors: dict[str, list[str]] | None = None, status: int = 200) -> Response:
    session = request.session
    _, call = orders.my_phone(session, record_id)
    able = orders.abilities_at(session, call.pbx_id)
    people = orders.colleagues(session, request.args.get("q", "").strip()[:100])
    where = presence.presence_of(session, [each.id for each in people])
    providing = _providing(request, call)
    rank = {state: place for place, state in enumerate(("free", "ringing", "call", "busy", "away", "off"))}
    context = {
        "phone_id": record_id,
        "people": sorted(
            people, key=lambda each: (each.id not in providing, rank.get(where[each.id].shown, 9), each.name)
        ),
        "providing": providing,
        "where": where,
        "words": PRESENCE_TITLES,
        "modes": [mode for mode in (TRANSFER, CONSULT) if mode in able],
        "chosen": number_of(request.values.get("user_id", "")),
        "mode": request.values.get("mode", ""),
        "errors": {name: [request.translate(each) for each in texts] for name, texts in (errors or {}).items()},
    }
    page = Page(request.translate(T("Redirect the call")), crumbs=_crumbs(request), menu="calls")
    template = "telephony/transfer_dialog.html" if request.fragment else "telephony/transfer.html"
    return request.render(template, status, page=page, **context)


def _providing(request: Request, call: LiveCall) -> set[int]:
    """Who handles what the call is about, as its contact or its line says (S3-10)."""
    session = request.session
    contact = line.contact_of(session, call)
    goal = get_goal(session, contact.goal_id) if contact is not None else goal_of(session, call.line_id)
    return providers(session, goal.category) if goal is not None else set()


def pass_on(request: Request, record_id: int) -> Response:
    """«Перенаправить»: at once, or after the colleague was asked."""
    user_id, asking = number_of(request.form.get("user_id", "")), request.form.get("mode") == CONSULT
    try:
        if user_id is None:
            raise Invalid({"user_id": [T("Choose a colleague.")]})
        orders.pass_on(request.session, record_id, user_id, asking=asking)
    except Invalid as refusal:
        request.session.rollback()
        return _ask(request, record_id, refusal.errors, refusal.status)
    return _back(request)


def dial(request: Request) -> Response:
    """«Позвонить»: the person's phone rings, then the client's (S1-22)."""
    number, contact_id = request.form.get("number", ""), number_of(request.form.get("contact", ""))
    contact = get_record(request.session, InboundContact, contact_id) if contact_id is not None else None
    orders.call(request.session, number, contact)
    return _back(request)


def _back(request: Request) -> Response:
    if request.fragment:
        return Response(status=204)
    return redirect(own_path(came_from(request)) or request.url("telephony.line"))
