"""Consents on a client's card: recorded and withdrawn (SEC-68)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from werkzeug.wrappers import Response

from addons.contacts.models import Customer
from addons.contacts.services import consents
from addons.contacts.services.lookup import visible_customer
from core import Action, Invalid, Page, Panel, Record, Request, T, WorkSession, local_day, redirect
from core import personal_data as data

READ = "contacts.consent.read"


def panels(session: WorkSession, subject: Record) -> list[Panel]:
    """The panel of consents for a client's card; nothing for other records."""
    if not isinstance(subject, Customer):
        return []

    def load(found: Sequence[Any]) -> Mapping[str, Any]:
        return {
            "customer": subject,
            "consents": found,
            "purposes": consents.PURPOSES,
            "channels": consents.CHANNEL_TITLES,
            "now": session.now(),
        }

    reads = {"found": consents.consents_read(subject.id)}
    return [
        Panel(
            "consents",
            T("Consents"),
            "contacts/consent_panel.html",
            load,
            order=60,
            place="side",
            right=READ,
            reads=reads,
        )
    ]


def actions(subject: Record) -> list[Action] | None:
    """The way from a client's card to everything that is held about him."""
    if not isinstance(subject, Customer):
        return None
    kind = {"subject_type": Customer.__tablename__}
    held = Action("personal", T("Personal data"), "core.personal_person", data.READ, "shield-lock", arguments=kind)
    return [held]


def new(request: Request, record_id: int) -> Response:
    """The form of a new consent."""
    return _form(request, record_id, {})


def _form(request: Request, record_id: int, errors: Mapping[str, list[str]], status: int = 200) -> Response:
    customer = visible_customer(request.session, record_id)
    card = request.url("contacts.clients.card", record_id=customer.id)
    page = Page(
        request.translate(T("New consent")),
        crumbs=((request.translate(T("Clients")), request.url("contacts.clients")), (customer.name, card)),
        menu="clients",
    )
    return request.render(
        "contacts/consent.html",
        status,
        page=page,
        customer=customer,
        card=card,
        purposes=consents.PURPOSES,
        channels=consents.CHANNELS,
        entered=request.form,
        errors={name: [request.translate(text) for text in texts] for name, texts in errors.items()},
    )


def give(request: Request, record_id: int) -> Response:
    """Record a consent."""
    try:
        consents.give(
            request.session,
            consents.NewConsent(
                customer_id=record_id,
                purpose=request.form.get("purpose", ""),
                text_version=request.form.get("text_version", ""),
                channel=request.form.get("channel", ""),
                evidence=request.form.get("evidence", ""),
                given_at=_moment(request, "given_on"),
                until=_moment(request, "until", end=True),
            ),
        )
    except Invalid as refusal:
        request.session.rollback()
        return _form(request, record_id, refusal.errors, refusal.status)
    return redirect(request.url("contacts.clients.card", record_id=record_id))


def withdraw(request: Request, record_id: int) -> Response:
    """Withdraw a consent; of one to processing the task of erasing in time is made."""
    consent = consents.withdraw(request.session, record_id, _moment(request, "received_on"))
    return redirect(request.url("contacts.clients.card", record_id=consent.customer_id))


def _moment(request: Request, name: str, *, end: bool = False) -> datetime | None:
    """A day of the form as a moment: its beginning or its end in the person's zone; nothing when it is empty.

    :raises Invalid: it is no day.
    """
    text = request.form.get(name, "").strip()
    if not text:
        return None
    moment = local_day(text, time.max if end else time.min, request.access.zone)
    if moment is None:
        raise Invalid({name: [T("This is no day.")]})
    return moment
