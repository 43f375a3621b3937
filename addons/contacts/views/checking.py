"""The form «check the data» of a contact's card (S1-46, S1-47, S1-50, S1-68…71)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from addons.contacts.models import InboundContact, LeadSource, Make, RequestReason, VehicleModel
from addons.contacts.services import catalogue, checking
from addons.contacts.services.checking import CAR, LABELS, ContactData
from addons.contacts.services.goals import goals_for
from addons.contacts.views.asking import draft_key
from addons.contacts.views.contact import to_card
from core import (
    Invalid,
    Page,
    Request,
    T,
    WorkSession,
    drop_draft,
    format_phone,
    lines_of,
    load_draft,
    name_of,
    number_of,
    parse_phone,
    versions,
    whole_number,
)

FORM = "data"
NUMBERS = ("goal_id", "vehicle_id", "make_id", "model_id", "model_year", "mileage", "lead_source_id")
TEXTS = ("client_text", "phone", "email", "note")


def show(request: Request, record_id: int) -> Response:
    """The form with what is known, or with what was being typed over it before."""
    contact = checking.contact_to_check(request.session, record_id)
    draft = load_draft(request.session, draft_key(contact.id, FORM))
    entered = _sent(draft) if draft else _stored(request, contact)
    if not draft:
        entered[versions.WAS] = versions.written(checking.values_to_choose(_held(request, contact)))
    return _page(request, contact, entered, restored=bool(draft))


def save(request: Request, record_id: int) -> Response:
    """Save it; two people who have changed the same contact see both versions (SEC-49)."""
    entered: MultiDict[str, str] = request.form
    version = whole_number(entered.get("version", ""))
    if version is None:
        raise BadRequest
    contact = checking.contact_to_check(request.session, record_id)
    try:
        data = _read(request.session, contact, entered)
    except Invalid as refusal:
        return _page(request, contact, entered, refusal.errors, refusal.status)
    if versions.CHOOSING in entered:
        theirs = _held(request, contact)
        chosen = _choices_of(theirs, data, entered)
        if contact.version == version and not all(each.side for each in chosen.values()):
            return _conflict(request, contact, data, theirs, chosen)
        stored = checking.values_to_choose(theirs)
        data = checking.with_values(data, versions.merged(checking.values_to_choose(data), stored, chosen))
        # What is refused now comes again as it was chosen: the form that was sent holds none of what is theirs.
        entered = _as_fields(request.session, version, data)
        entered[versions.WAS] = versions.written(stored)
    try:
        checking.correct(request.session, record_id, version, data)
    except Invalid as refusal:
        request.session.rollback()
        contact = checking.contact_to_check(request.session, record_id)
        return _page(request, contact, entered, refusal.errors, refusal.status)
    except StaleDataError:
        request.session.rollback()
        contact = checking.contact_to_check(request.session, record_id)
        mine, theirs = _read(request.session, contact, request.form), _held(request, contact)
        return _conflict(request, contact, mine, theirs, _choices_of(theirs, mine, request.form))
    drop_draft(request.session, draft_key(record_id, FORM))
    return to_card(request, record_id)


def _page(
    request: Request,
    contact: InboundContact,
    entered: MultiDict[str, str],
    errors: Mapping[str, list[str]] | None = None,
    status: int = 200,
    *,
    restored: bool = False,
) -> Response:
    session = request.session
    card = request.url("contacts.contact", record_id=contact.id)
    stored = checking.data_of(session, contact)
    return request.render(
        "contacts/contact_data.html",
        status,
        page=Page(request.translate(T("Check the data")), crumbs=((contact.number, card),), menu="traffic"),
        contact=contact,
        entered=entered,
        errors={name: [request.translate(text) for text in texts] for name, texts in (errors or {}).items()},
        restored=restored,
        goals=goals_for(session, contact),
        vehicles=checking.vehicles_for(session, contact),
        reasons=catalogue.request_reasons(session, stored.reason_ids),
        sources=catalogue.lead_sources(session, stored.lead_source_id),
        draft_key=draft_key(contact.id, FORM),
        card_url=card,
    )


# --- the form's fields ------------------------------------------------------------------------


def _stored(request: Request, contact: InboundContact) -> MultiDict[str, str]:
    """The data as fields; the mileage is asked anew every time (S1-71), and kept once it was said."""
    return _as_fields(request.session, contact.version, checking.data_of(request.session, contact))


def _as_fields(session: WorkSession, version: int, data: ContactData) -> MultiDict[str, str]:
    values = {name: getattr(data, name) for name in (*NUMBERS, *TEXTS)}
    fields = MultiDict((name, "" if value is None else str(value)) for name, value in values.items())
    fields["phone"] = format_phone(data.phone) if parse_phone(data.phone) else data.phone
    make = session.get(Make, data.make_id) if data.make_id else None
    model = session.get(VehicleModel, data.model_id) if data.model_id else None
    typed = "" if data.vehicle_id else data.vehicle_text
    fields["make_id_text"] = make.name if make else typed
    fields["model_id_text"] = model.name if model else (typed.removeprefix(make.name).strip() if make else "")
    fields.setlist("reason_ids", [str(number) for number in data.reason_ids])
    fields["version"] = str(version)
    if data.mileage_sure:
        fields["mileage_sure"] = "1"
    return fields


def _held(request: Request, contact: InboundContact) -> ContactData:
    """The data as the form would send them if nothing were changed in it."""
    return _read(request.session, contact, _stored(request, contact))


def _sent(draft: Mapping[str, Any]) -> MultiDict[str, str]:
    return MultiDict(draft)


def _read(session: WorkSession, contact: InboundContact, sent: MultiDict[str, str]) -> ContactData:
    """The sent fields as values; a number that is none is refused at its field, and so is a make (S2-31)."""
    wrong = [name for name in ("model_year", "mileage") if sent.get(name, "").strip() and _whole(sent, name) is None]
    if wrong:
        raise Invalid({name: [T("Write a whole number.")] for name in wrong})
    vehicle_id, make_id, model_id = (_whole(sent, name) for name in ("vehicle_id", "make_id", "model_id"))
    texts = {name: lines_of(sent.get(name, "").strip()) for name in TEXTS}
    phone = parse_phone(texts["phone"])
    words = [sent.get("make_id_text", "").strip(), sent.get("model_id_text", "").strip()]
    if make_id is None and vehicle_id is None and words[0] not in ("", contact.vehicle_text, _car_words_before(sent)):
        make_id = _make_meant(session, words[0])
    return ContactData(
        goal_id=_whole(sent, "goal_id"),
        client_text=texts["client_text"] if contact.customer_id is None else contact.client_text,
        phone=phone.e164 if phone is not None and phone.extension is None else texts["phone"],
        email=texts["email"],
        note=texts["note"],
        vehicle_id=vehicle_id,
        make_id=None if vehicle_id else make_id,
        model_id=None if vehicle_id else model_id,
        vehicle_text="" if vehicle_id else " ".join(word for word in words[1 if make_id else 0 :] if word),
        model_year=_whole(sent, "model_year"),
        mileage=_whole(sent, "mileage"),
        lead_source_id=_whole(sent, "lead_source_id"),
        reason_ids=[number for text in sent.getlist("reason_ids") if (number := number_of(text))],
        mileage_sure=bool(sent.get("mileage_sure")),
    )


def _car_words_before(sent: MultiDict[str, str]) -> str:
    """The car in words as the form was opened with it: a colleague may have chosen the real one since (S1-50)."""
    car = versions.held(sent.get(versions.WAS, "")).get(CAR[0])
    return str(car[-1]) if isinstance(car, list) and len(car) == len(CAR) and not any(car[:-1]) else ""


def _make_meant(session: WorkSession, typed: str) -> int:
    make = catalogue.make_meant(session, typed)
    if make is None:
        raise Invalid({"make_id": [T("Choose the make from the list.")]})
    return make.id


def _whole(sent: MultiDict[str, str], name: str) -> int | None:
    return whole_number("".join(sent.get(name, "").split()))


# --- two people, one contact ------------------------------------------------------------------


def _conflict(
    request: Request,
    contact: InboundContact,
    mine: ContactData,
    theirs: ContactData,
    chosen: Mapping[str, versions.Choice],
) -> Response:
    """Both versions side by side; what was typed goes on in hidden fields."""
    sides = {
        name: (_words(request, contact, name, mine), _words(request, contact, name, theirs))
        for name in checking.values_to_choose(mine)
    }
    return request.render(
        "conflict.html",
        409,
        page=Page(contact.number, menu="traffic"),
        subject=contact.number,
        who=name_of(request.session, contact.updated_by_id) or "—",
        when=contact.updated_at,
        show_url=request.url("contacts.contact", record_id=contact.id),
        action=request.url("contacts.save_data", record_id=contact.id),
        hidden=versions.carried(request.form, contact.version, checking.values_to_choose(theirs)),
        missing=versions.CHOOSING in request.form,
        fields=[
            {
                "name": name,
                "label": request.translate(LABELS[name]),
                "mine": my_words,
                "theirs": their_words,
                "choice": chosen.get(name),
            }
            for name, (my_words, their_words) in sides.items()
            if name in chosen or my_words
        ],
    )


def _choices_of(theirs: ContactData, mine: ContactData, sent: MultiDict[str, str]) -> dict[str, versions.Choice]:
    return versions.choices(checking.values_to_choose(mine), checking.values_to_choose(theirs), sent)


def _words(request: Request, contact: InboundContact, name: str, data: ContactData) -> str:
    """A field's value as people read it."""
    value, session = getattr(data, name), request.session
    if name == CAR[0] and value is None:
        return " ".join(filter(None, (_words(request, contact, each, data) for each in CAR[1:])))
    if value in (None, ""):
        return ""
    if name == "reason_ids":
        titles = _titles(request, catalogue.request_reasons(session, value))
        return ", ".join(titles.get(number, "") for number in value)
    return _choices(request, contact, name, value).get(value, str(value))


def _choices(request: Request, contact: InboundContact, name: str, value: int) -> Mapping[Any, str]:
    """What the numbers of a field of records stand for."""
    session = request.session
    if name == "goal_id":
        return {goal.id: goal.short(request.translate.language) for goal in goals_for(session, contact)}
    if name == "vehicle_id":
        return {car.id: car.title for car in checking.vehicles_for(session, contact)}
    if name == "lead_source_id":
        return _titles(request, catalogue.lead_sources(session, value))
    if name in ("make_id", "model_id"):
        record = session.get(Make, value) if name == "make_id" else session.get(VehicleModel, value)
        return {value: record.name} if record is not None else {}
    return {}


def _titles(request: Request, records: Sequence[RequestReason] | Sequence[LeadSource]) -> dict[int, str]:
    in_russian = request.translate.language == "ru"
    return {each.id: each.title_ru if in_russian else each.title_en for each in records}
