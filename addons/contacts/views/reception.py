"""The reception workplace: one form for every channel, the waiting queue beside it (S0-01, S0-51)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from addons.contacts.models import Customer, InboundContact, Vehicle
from addons.contacts.services import callbacks, callers, catalogue, goals, lookup, reception, registration, undoing
from addons.contacts.services.customers import phones_read
from addons.contacts.services.documents import documents_in, documents_read
from addons.contacts.services.goals import Goal
from addons.contacts.services.primary import business_reads, primary_in
from addons.contacts.services.reception import Side
from addons.contacts.services.states import STATE
from addons.contacts.services.vehicles import is_lower, vehicles_read
from addons.contacts.services.vocabulary import channels
from addons.contacts.views.entering import NEW, NO, Entered, contact_of, is_form, origin_of
from addons.contacts.views.taking_back import ASIDE, draft_of, is_filled_again, keep_sent
from core import (
    CONFIRMED,
    Confirmation,
    Invalid,
    NotFound,
    Page,
    Read,
    Request,
    T,
    drafts_read,
    drop_draft,
    kept,
    moment_input,
    normalise_plate,
    number_of,
    parse_phone,
    plate_kind,
    redirect,
    whole_number,
)

CREATE_CLIENT = "contacts.customer.create"
ASKS_ABOUT_CAR = ("repair", "parts")
Rows = Mapping[str, Sequence[Any]]
ALWAYS_SHOWN = frozenset(
    ("channel", "goal_id", "customer_id", "client_text", "vehicle_id", "note", "lead_source_id", "responsible_id")
)
"""The fields beside which the form can always say what is wrong; of others it depends on what is chosen."""


def show(request: Request) -> Response:
    """The workplace, with what was being typed before the page was lost."""
    origin = origin_of(request.args)
    found = kept.gather(request.session, _page_reads(request, origin))
    typed = dict(found["drafts"]).get(draft_of(origin))
    filled = is_form(request.args) and not (origin and typed)
    values = request.args if filled else MultiDict(typed or {})
    number, taken_back = (number_of(request.args.get(name, "")) for name in ("registered", "undone"))
    done = undoing.just_registered(request.session, number) if number else None
    undone = undoing.just_undone(request.session, taken_back) if taken_back else None
    again = undone is not None and not filled and is_filled_again(request.session, undone.id)
    entered = _entered(request, values)
    return _page(request, entered, found, done=done, undone=undone, filled_again=again, focus_client=True)


def _page_reads(request: Request, origin: str = "") -> dict[str, Read]:
    """What the whole page reads whatever is chosen in it."""
    drafts = drafts_read(request.access, [draft_of(origin), ASIDE])
    return {"drafts": drafts, **_form_reads(request), **reception.side_reads(request.session)}


def _page(request: Request, entered: Entered, found: Rows, status: int = 200, **more: Any) -> Response:
    context = {
        **_form_context(request, entered, more.pop("errors", {}), found),
        **_side_context(request, reception.side_in(found)),
        "done": None,
        "undone": None,
        "filled_again": False,
        "waits_aside": ASIDE in dict(found["drafts"]),
        **more,
    }
    page = Page(request.translate(T("Reception")), menu="reception", screen_key="contacts.reception")
    return request.render("contacts/reception.html", status, page=page, **context)


def form(request: Request) -> Response:
    """The form anew, after a choice that changes what else can be chosen."""
    return _part(request, "contacts/reception_form.html")


def staff(request: Request) -> Response:
    """The people of a goal with where they are now, when somebody's presence has changed."""
    return _part(request, "contacts/reception_staff.html")


def caller(request: Request) -> Response:
    """Whose number is being written, and what he came with before."""
    return _part(request, "contacts/reception_caller.html")


def _part(request: Request, template: str) -> Response:
    found = kept.gather(request.session, _form_reads(request))
    return request.render(template, **_form_context(request, _entered(request, request.args), {}, found))


def _form_reads(request: Request) -> dict[str, Read]:
    """What the form reads whatever is chosen in it."""
    return {
        "goals": goals.active_goals_read(request.access.branch_ids or None),
        "reasons": catalogue.reasons_read(),
        "sources": catalogue.sources_read(),
    }


def _entered(request: Request, values: MultiDict[str, str]) -> Entered:
    """The form as it was sent or kept."""
    return Entered.read(values, channels(request.session.hooks))


def _form_context(request: Request, entered: Entered, errors: dict[str, list[str]], found: Rows) -> dict[str, Any]:
    """What the form needs.

    :param found: the rows of :func:`_form_reads`.
    """
    session, language = request.session, request.translate.language
    entered.settle(session)
    customer, known = _customer(request, entered), channels(session.hooks)
    context = {
        "asked": None,
        "focus_client": False,
        **_goal_context(request, entered, goals.goals_in(found["goals"])),
        **_client_context(request, entered, customer),
        "entered": entered,
        "channels": [each for each in known.values() if each.by_hand],
        "rare_channels": [each for each in known.values() if not each.by_hand and not each.goals_of],
        "channel_of": known,
        "reasons": found["reasons"],
        "sources": _sources(request, entered, found["sources"]),
        "once": secrets.token_urlsafe(16),
        "draft_key": draft_of(entered.origin),
    }
    goal: Goal | None = context["goal"]
    first_time = customer is None and entered.served == NO
    about_car = goal is not None and goal.category in ASKS_ABOUT_CAR
    context["asks_car"] = about_car or context["vehicle"] is not None
    context["make_required"] = first_time and goal is not None and goal.category == "repair"
    context["script"] = goal.script(language) if goal else []
    context["errors"] = _placed(request, errors, _shown(goal, context))
    return context


def _shown(goal: Goal | None, context: dict[str, Any]) -> frozenset[str]:
    """The fields that the form shows as it stands."""
    parts = {
        "last_name company": context["entered"].new_client,
        "phone email": context["customer"] is None,
        "make_id": context["vehicle"] is None,
        "model_year mileage": context["asks_car"],
        "reason_ids": goal is not None and goal.category == "repair",
        "caused_by_id": goal is not None and goal.route == "follow_up",
        "callback_at topic wish": goal is not None and goal.allows_callback,
    }
    return ALWAYS_SHOWN.union(*(names.split() for names, shown in parts.items() if shown))


def _placed(request: Request, errors: dict[str, list[str]], shown: frozenset[str]) -> dict[str, list[str]]:
    """Every message in the person's language: at its field when that is there, else above the form."""
    placed: dict[str, list[str]] = {}
    for name, texts in errors.items():
        placed.setdefault(name if name in shown else "", []).extend(request.translate(text) for text in texts)
    return placed


# --- the goal and who handles it ----------------------------------------------------------------


def _goal_context(request: Request, entered: Entered, active: Sequence[Goal]) -> dict[str, Any]:
    """The departments and goals to choose from, and the people of the chosen one (S0-03, S0-17)."""
    session, language = request.session, request.translate.language
    every = [goal for goal in active if goals.may_register_for(request.access, goal)]
    of_channel = [goal for goal in every if goal.channel == entered.channel]
    goal = _goal(every, of_channel, entered)
    entered.goal_id = goal.id if goal else None
    if goal is not None:
        entered.department_id = goal.department_id
    return {
        "departments": goals.departments_of(session, of_channel, language),
        "goals": [each for each in of_channel if each.department_id == entered.department_id],
        "goal": goal,
        **_staff_context(request, entered, goal),
    }


def _goal(every: list[Goal], of_channel: list[Goal], entered: Entered) -> Goal | None:
    """The chosen goal; after another channel the same purpose there, after another department its first goal."""
    chosen = next((goal for goal in every if goal.id == entered.goal_id), None)
    if chosen is not None and entered.department_id not in (None, chosen.department_id):
        chosen = None
    if chosen is not None:
        entered.department_id = chosen.department_id
        same = [goal for goal in of_channel if _purpose(goal) == _purpose(chosen)]
        if same:
            return same[0]
    here = [goal for goal in of_channel if goal.department_id == entered.department_id]
    return next(iter(here or of_channel), None)


def _purpose(goal: Goal) -> tuple[int, str]:
    return goal.department_id, goal.purpose_ru


def _staff_context(request: Request, entered: Entered, goal: Goal | None) -> dict[str, Any]:
    """The people of the goal; for some routes one more colleague is among them (S2-22, S2-24)."""
    session = request.session
    earlier = _earlier(request, entered, goal)
    cause = next((each for each in earlier if each.id == entered.caused_by_id), None)
    if cause is None:
        entered.caused_by_id = None
    others = [cause.responsible_id] if cause is not None and cause.responsible_id else []
    if goal is not None and goal.route == "employee" and entered.responsible_id:
        others.append(entered.responsible_id)
    staff = reception.staff_of(session, goal.id, others) if goal else []
    if entered.responsible_id not in {person.id for person in staff}:
        entered.responsible_id = None
    chosen = next((person for person in staff if person.id == entered.responsible_id), None)
    proposed = callbacks.propose(session, goal.department_id) if goal and goal.allows_callback else None
    zone = request.access.zone
    return {
        "earlier": earlier,
        "staff": staff,
        "chosen": chosen,
        "callback_at": entered.callback_at or (moment_input(proposed, zone) if proposed else ""),
        "unavailable": bool(chosen and chosen.state != "free") or bool(staff and staff[0].state != "free"),
    }


def _earlier(request: Request, entered: Entered, goal: Goal | None) -> list[callers.EarlierContact]:
    if goal is None or goal.route != "follow_up":
        return []
    return callers.earlier_contacts(request.session, entered.customer_id, entered.phone)


# --- the client and his car ---------------------------------------------------------------------


def _customer(request: Request, entered: Entered) -> Customer | None:
    """The chosen client; one that is not there any more counts as not chosen."""
    try:
        customer = lookup.visible_customer(request.session, entered.customer_id) if entered.customer_id else None
    except NotFound:
        customer = None
    entered.customer_id = customer.id if customer else None
    entered.new_client = entered.new_client and customer is None and request.access.may(CREATE_CLIENT)
    return customer


def _client_context(request: Request, entered: Entered, customer: Customer | None) -> dict[str, Any]:
    session = request.session
    customer_id = customer.id if customer else None
    business = business_reads(session, customer_id)
    found = kept.gather(session, {**business, **_client_reads(customer_id)})
    vehicles = found.get("vehicles", [])
    vehicle = next((car for car in vehicles if car.id == entered.vehicle_id), None)
    _take_year(entered, vehicle)
    mileage = whole_number("".join(entered.mileage.split()))
    return {
        "customer": customer,
        "customer_phones": found.get("phones", []),
        "customer_vehicles": vehicles,
        "customer_documents": documents_in(found.get("documents", [])),
        "known_callers": callers.clients_with(session, entered.phone) if customer is None else [],
        "vehicle": vehicle,
        "mileage_fell": bool(vehicle and is_lower(vehicle, mileage)),
        "is_primary": primary_in(business, found),
        "may_create_client": request.access.may(CREATE_CLIENT),
    }


def _client_reads(customer_id: int | None) -> dict[str, Read]:
    """What the form tells of the chosen client."""
    if customer_id is None:
        return {}
    return {
        "vehicles": vehicles_read(customer_id),
        "phones": phones_read(customer_id),
        "documents": documents_read(customer_id),
    }


def _take_year(entered: Entered, vehicle: Vehicle | None) -> None:
    """The year of the chosen car, until somebody writes another one (S1-70)."""
    entered.vehicle_id = vehicle.id if vehicle else None
    if entered.year_of != entered.vehicle_id and (vehicle or entered.year_of):
        entered.model_year = str(vehicle.model_year or "") if vehicle else ""
        entered.mileage = ""
    entered.year_of = entered.vehicle_id


def _sources(request: Request, entered: Entered, sources: Sequence[Any]) -> list[tuple[int, str]]:
    """The lead sources; the called line or the followed link chooses one by itself (S1-72)."""
    session, russian = request.session, request.translate.language == "ru"
    if entered.lead_source_id is None:
        entered.lead_source_id = catalogue.source_of(session, entered.called_line, entered.utm_source)
    return [(each.id, each.title_ru if russian else each.title_en) for each in sources]


# --- beside the form ----------------------------------------------------------------------------


def side(request: Request) -> Response:
    """The queue, the day's figures and the last contacts, as they are now."""
    return request.render("contacts/reception_side.html", **_side_context(request, reception.side(request.session)))


def _side_context(request: Request, told: Side) -> dict[str, Any]:
    return {
        "waiting": told.waiting,
        "today": told.today,
        "untaken_url": request.url("contacts.traffic", state=list(reception.UNTAKEN)),
        "recent": told.recent,
        "states": STATE,
        "channel_of": channels(request.session.hooks),
        "now": request.session.now(),
    }


# --- looking up ---------------------------------------------------------------------------------


def find(request: Request) -> Response:
    """Clients for what is being typed: name in any layout, phone, plate, VIN (S2-26…28); or a new one (S1-76)."""
    query = request.args.get("q", "")
    found = lookup.find_customers(request.session, query)
    phone = parse_phone(query)
    names_somebody = phone is not None or plate_kind(normalise_plate(query)) == "other"
    offers_new = (
        request.args.get(NEW) == "1" and bool(query.strip()) and names_somebody and request.access.may(CREATE_CLIENT)
    )
    return request.render(
        "contacts/lookup.html",
        found=found,
        query=query,
        offers_new=offers_new,
        new_phone=phone.e164 if phone else "",
    )


def makes(request: Request) -> Response:
    """Makes for what is being typed, in either script and layout (S2-32)."""
    found = catalogue.find_makes(request.session, request.args.get("q", ""))
    return request.render("contacts/options.html", options=[(make.id, make.name, make.name_ru) for make in found])


def models(request: Request) -> Response:
    """Models of the chosen make."""
    make_id = number_of(request.args.get("make_id", ""))
    found = catalogue.find_models(request.session, request.args.get("q", ""), make_id)
    return request.render("contacts/options.html", options=[(model.id, model.name, model.name_ru) for model in found])


# --- registering --------------------------------------------------------------------------------


def register(request: Request) -> Response:
    """Register the contact and start the next one with an empty form."""
    entered = _entered(request, request.form)
    try:
        contact = _registered(request, entered)
    except Invalid as refusal:
        return _page_again(request, entered, refusal.status, errors=refusal.errors)
    except Confirmation as asked:
        return _page_again(request, entered, asked.status, asked=asked)
    keep_sent(request, contact)
    return redirect(request.url("contacts.reception", registered=contact.id))


def _page_again(request: Request, entered: Entered, status: int, **more: Any) -> Response:
    request.session.rollback()
    return _page(request, entered, kept.gather(request.session, _page_reads(request)), status, **more)


def _registered(request: Request, entered: Entered) -> InboundContact:
    session = request.session
    entered.settle(session)
    new = contact_of(session, entered, request.access.time_zone)
    if entered.department_id is not None and entered.goal_id is not None:
        _same_department(request, entered)
    return registration.register(session, new, request.form.get(CONFIRMED, "").split())


def _same_department(request: Request, entered: Entered) -> None:
    """Without scripts a department may have been chosen, and none of its goals yet.

    :raises Invalid: for the goal.
    """
    goal = goals.get_goal(request.session, entered.goal_id or 0)
    if goal.department_id != entered.department_id:
        raise Invalid({"goal_id": [T("Choose what the client came for.")]})


def clear(request: Request) -> Response:
    """An empty form; what was typed is forgotten."""
    drop_draft(request.session, draft_of(origin_of(request.form)))
    return redirect(request.url("contacts.reception"))
