"""Who the client of a contact is: chosen, created, and his number written into his card (S1-44…53, S1-76)."""

from __future__ import annotations

from werkzeug.wrappers import Response

from addons.contacts.models.parties import LEGAL_FORMS
from addons.contacts.services import handling, identifying, phone_section
from addons.contacts.services.customers import CustomerData, get_customer
from addons.contacts.views.contact import card, to_card
from core import CONFIRMED, Confirmation, Invalid, Page, Request, T, number_of, redirect


def identify(request: Request, record_id: int) -> Response:
    """«Выбрать контрагента»: this contact is of that client."""
    customer_id = number_of(request.form.get("customer_id", ""))
    if customer_id is None:
        contact = handling.get_contact(request.session, record_id)
        return card(request, contact, {"customer_id": [T("Choose a client from the list.")]}, 422)
    identifying.identify(request.session, record_id, customer_id)
    return to_card(request, record_id)


def create(request: Request, record_id: int) -> Response:
    """A new client out of this contact; whoever may be the same one is shown first."""
    sent = request.form
    names = (sent.get("last_name", ""), sent.get("first_name", ""), sent.get("middle_name", ""))
    data = CustomerData(_legal_form(sent.get("legal_form", "")), "retail", *names)
    try:
        identifying.create_client(request.session, record_id, data, _confirmed(request))
    except (Invalid, Confirmation) as refusal:
        request.session.rollback()
        contact = handling.get_contact(request.session, record_id)
        asked = refusal if isinstance(refusal, Confirmation) else None
        errors = {} if isinstance(refusal, Confirmation) else refusal.errors
        return card(request, contact, errors, refusal.status, asked=asked)
    return to_card(request, record_id)


def save_phone(request: Request, record_id: int) -> Response:
    """«Записать номер телефона в карточку контрагента» (S1-53)."""
    try:
        identifying.save_phone(request.session, record_id, _confirmed(request))
    except Confirmation as asked:
        contact = handling.get_contact(request.session, record_id)
        back = request.url("contacts.contact", record_id=record_id)
        return _ask(request, asked, contact.phone, request.url("contacts.save_phone", record_id=record_id), back)
    return to_card(request, record_id)


def add_phone(request: Request, record_id: int) -> Response:
    """Another number in the client's card."""
    customer = get_customer(request.session, record_id)
    back, raw = request.url("contacts.clients.card", record_id=customer.id), request.form.get("phone", "")
    try:
        phone_section.write_number(request.session, customer.id, raw, _confirmed(request))
    except (Confirmation, Invalid) as refusal:
        return _ask(request, refusal, raw, request.url("contacts.add_phone", record_id=record_id), back)
    return redirect(back)


def _ask(request: Request, refusal: Confirmation | Invalid, phone: str, action: str, back: str) -> Response:
    """The number again: it is none, or somebody else has it, which is looked at before it is saved all the same."""
    request.session.rollback()
    page = Page(request.translate(T("Another number")), menu="clients")
    asked = refusal if isinstance(refusal, Confirmation) else None
    errors = [] if isinstance(refusal, Confirmation) else refusal.errors.get("phone", [])
    context = {"asked": asked, "errors": [request.translate(text) for text in errors], "phone": phone}
    return request.render("contacts/phone_asked.html", refusal.status, page=page, action=action, back=back, **context)


def _legal_form(sent: str) -> str:
    return sent if sent in LEGAL_FORMS else LEGAL_FORMS[0]


def _confirmed(request: Request) -> frozenset[str]:
    return frozenset(request.form.get(CONFIRMED, "").split())
