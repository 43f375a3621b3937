"""The reception workplace: one form for every channel, the waiting queue beside it (S0-01, S0-51)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from addons.contacts.services import catalogue, goals, lookup, reception, registration
from addons.contacts.services.customers import phones_of
from addons.contacts.services.documents import customer_documents
from addons.contacts.services.states import STATE
from addons.contacts.services.vehicles import vehicles_of
from addons.contacts.services.vocabulary import CHANNEL, RECEPTION_CHANNELS
from core.errors import Invalid
from core.web.http import MAX_ID, Request, redirect
from core.web.i18n import T
from core.web.shell import Page
from core.work.drafts import drop_draft, load_draft

DRAFT = "contacts.reception"


@dataclass(slots=True)
class Entered:
    """The reception form as it stands: numbers read, everything else as it was typed."""

    channel: str = "phone"
    department_id: int | None = None
    goal_id: int | None = None
    responsible_id: int | None = None
    customer_id: int | None = None
    client_text: str = ""
    phone: str = ""
    vehicle_id: int | None = None
    make_id: int | None = None
    make_text: str = ""
    model_id: int | None = None
    model_text: str = ""
    model_year: str = ""
    mileage: str = ""
    note: str = ""
    lead_source_id: int | None = None
    reason_ids: list[int] = field(default_factory=list)

    @classmethod
    def read(cls, values: MultiDict[str, str]) -> Entered:
        """The form from a request's fields or a kept draft; what is no number counts as not chosen."""
        return cls(
            channel=values.get("channel", "phone") if values.get("channel") in CHANNEL else "phone",
            department_id=_id(values, "department_id"),
            goal_id=_id(values, "goal_id"),
            responsible_id=_id(values, "responsible_id"),
            customer_id=_id(values, "customer_id"),
            client_text=values.get("customer_id_text", ""),
            phone=values.get("phone", ""),
            vehicle_id=_id(values, "vehicle_id"),
            make_id=_id(values, "make_id"),
            make_text=values.get("make_id_text", ""),
            model_id=_id(values, "model_id"),
            model_text=values.get("model_id_text", ""),
            model_year=values.get("model_year", ""),
            mileage=values.get("mileage", ""),
            note=values.get("note", ""),
            lead_source_id=_id(values, "lead_source_id"),
            reason_ids=[number for text in values.getlist("reason_ids") if (number := _number(text))],
        )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= MAX_ID else None


def _id(values: MultiDict[str, str], name: str) -> int | None:
    return _number(values.get(name, ""))


def show(request: Request) -> Response:
    """The workplace, with what was being typed before the page was lost."""
    values = request.args or MultiDict(load_draft(request.session, DRAFT) or {})
    return _page(request, Entered.read(values))


def _page(
    request: Request, entered: Entered, errors: dict[str, list[str]] | None = None, status: int = 200
) -> Response:
    context = {**_form_context(request, entered, errors or {}), **_side_context(request)}
    page = Page(request.translate(T("Reception")), menu="reception", screen_key="contacts.reception")
    return request.render("contacts/reception.html", status, page=page, **context)


def form(request: Request) -> Response:
    """The form anew, after a choice that changes what else can be chosen."""
    return request.render("contacts/reception_form.html", **_form_context(request, Entered.read(request.args), {}))


def _form_context(request: Request, entered: Entered, errors: dict[str, list[str]]) -> dict[str, Any]:
    session, language = request.session, request.translate.language
    every = goals.active_goals(session, branch_ids=request.access.branch_ids or None)
    of_channel = [goal for goal in every if goal.channel == entered.channel]
    departments = list(dict.fromkeys((goal.department_id, goal.department(language)) for goal in of_channel))
    goal = next((goal for goal in of_channel if goal.id == entered.goal_id), None)
    if goal is not None:
        entered.department_id = goal.department_id
    elif entered.department_id not in {number for number, _ in departments} and departments:
        entered.department_id = departments[0][0]
    shown = [goal for goal in of_channel if goal.department_id == entered.department_id]
    if goal is None and shown:
        goal, entered.goal_id = shown[0], shown[0].id
    customer = lookup.visible_customer(session, entered.customer_id) if entered.customer_id else None
    staff = reception.staff_of(session, goal.id) if goal else []
    if entered.responsible_id not in {person.id for person in staff}:
        entered.responsible_id = None
    return {
        "entered": entered,
        "errors": {name: [request.translate(text) for text in texts] for name, texts in errors.items()},
        "channels": RECEPTION_CHANNELS,
        "departments": departments,
        "goals": shown,
        "goal": goal,
        "script": goal.script(language) if goal else [],
        "staff": staff,
        "chosen": next((person for person in staff if person.id == entered.responsible_id), None),
        "customer": customer,
        "customer_phones": phones_of(session, customer.id) if customer else [],
        "customer_vehicles": vehicles_of(session, customer.id) if customer else [],
        "customer_documents": customer_documents(session, customer.id) if customer else [],
        "is_primary": registration.is_primary(session, customer),
        "reasons": catalogue.request_reasons(session),
        "sources": catalogue.lead_sources(session),
        "once": secrets.token_urlsafe(16),
        "draft_key": DRAFT,
    }


def side(request: Request) -> Response:
    """The queue, the day's figures and the last contacts, as they are now."""
    return request.render("contacts/reception_side.html", **_side_context(request))


def _side_context(request: Request) -> dict[str, Any]:
    session = request.session
    return {
        "waiting": reception.waiting(session),
        "today": reception.today(session),
        "recent": reception.recent(session),
        "states": STATE,
        "channel_of": CHANNEL,
        "now": session.now(),
    }


def staff(request: Request) -> Response:
    """The people of a goal with where they are now, when somebody's presence has changed."""
    entered = Entered.read(request.args)
    return request.render("contacts/reception_staff.html", **_form_context(request, entered, {}))


def find(request: Request) -> Response:
    """Clients for what is being typed: name in any layout, phone, plate, VIN (S2-26…28)."""
    query = request.args.get("q", "")
    found = lookup.find_customers(request.session, query)
    return request.render("contacts/lookup.html", found=found, query=query)


def makes(request: Request) -> Response:
    """Makes for what is being typed, in either script and layout (S2-32)."""
    found = catalogue.find_makes(request.session, request.args.get("q", ""))
    return request.render("contacts/options.html", options=[(make.id, make.name, make.name_ru) for make in found])


def models(request: Request) -> Response:
    """Models of the chosen make."""
    found = catalogue.find_models(request.session, request.args.get("q", ""), _id(request.args, "make_id"))
    return request.render("contacts/options.html", options=[(model.id, model.name, model.name_ru) for model in found])


def register(request: Request) -> Response:
    """Register the contact and start the next one with an empty form."""
    entered = Entered.read(request.form)
    try:
        contact = registration.register(request.session, _new_contact(request, entered))
    except Invalid as refusal:
        request.session.rollback()
        return _page(request, entered, refusal.errors, refusal.status)
    drop_draft(request.session, DRAFT)
    return redirect(request.url("contacts.reception", registered=contact.id))


def _new_contact(request: Request, entered: Entered) -> registration.NewContact:
    errors: dict[str, list[str]] = {}
    for name in ("model_year", "mileage"):
        text = getattr(entered, name).replace(" ", "").replace("\u00a0", "")
        if text and _number(text) is None:
            errors[name] = [T("Write a whole number.")]
    if errors:
        raise Invalid(errors)
    way = request.form.get("way", "transfer")
    return registration.NewContact(
        channel=entered.channel,
        goal_id=entered.goal_id,
        way=registration.Way(way) if way in set(registration.Way) else registration.Way.TRANSFER,
        responsible_id=entered.responsible_id,
        customer_id=entered.customer_id,
        client_text=entered.client_text,
        phone=entered.phone,
        vehicle_id=entered.vehicle_id,
        make_id=entered.make_id,
        model_id=entered.model_id,
        vehicle_text=" ".join(part for part in (entered.make_text, entered.model_text) if part),
        model_year=_number(entered.model_year.replace(" ", "")),
        mileage=_number(entered.mileage.replace(" ", "").replace("\u00a0", "")),
        note=entered.note,
        lead_source_id=entered.lead_source_id,
        reason_ids=entered.reason_ids,
    )
