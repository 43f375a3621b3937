"""The client as a specialist sees him: who he is, what he drives, what has happened so far (S1-57…62)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, func, literal_column, select

from addons.contacts.models import (
    Consent,
    ContactReason,
    Customer,
    CustomerPhone,
    Document,
    InboundContact,
    LeadSource,
    RequestReason,
    Vehicle,
)
from addons.contacts.services.customers import get_customer, phones_of
from addons.contacts.services.lookup import visible_customer
from addons.contacts.services.powers import CHANGE, may_add_to_client, powers_of
from addons.contacts.services.states import STATE
from addons.contacts.services.vehicles import vehicles_of
from addons.contacts.services.vocabulary import CHANNEL
from core.db.change import get_record
from core.db.engine import WorkSession
from core.db.kept import select_kept
from core.db.types import UtcDateTime
from core.errors import NotFound
from core.web.i18n import Translator
from core.web.subjects import words
from core.work import timeline
from core.work.people import names_of
from core.work.subjects import subject_of

SHOWN_EVENTS = 30


@dataclass(slots=True)
class Portrait:
    """What is known of a contact's client; ``customer`` is nothing while nobody knows who he is."""

    customer: Customer | None = None
    phones: list[CustomerPhone] = field(default_factory=list)
    vehicles: list[Vehicle] = field(default_factory=list)
    contacts: int = 0
    documents: int = 0
    consent_until: datetime | None = None
    has_consent: bool = False
    source: LeadSource | None = None
    readable: bool = False
    """Whether the person may open the client's card."""
    new_number: bool = False
    """Whether the number he used is missing from his card (S1-67), and the person may write it there."""


def portrait_of(session: WorkSession, contact: InboundContact) -> Portrait:
    """The portrait for a contact's card."""
    if contact.customer_id is None:
        return Portrait()
    customer, readable = _customer(session, contact.customer_id)
    phones = phones_of(session, customer.id)
    consents = select_kept(session, _CONSENT, {"customer": customer.id, "present": session.now()})
    contacts, documents = select_kept(session, _COUNTS, {"customer": customer.id})[0]
    numbers = {phone.e164 for phone in phones}
    return Portrait(
        customer=customer,
        phones=phones,
        vehicles=vehicles_of(session, customer.id),
        contacts=contacts,
        documents=documents,
        consent_until=consents[0].until if consents else None,
        has_consent=bool(consents),
        source=session.get(LeadSource, customer.lead_source_id) if customer.lead_source_id else None,
        readable=readable,
        new_number=bool(contact.phone)
        and contact.phone not in numbers
        and CHANGE in powers_of(session, contact)
        and may_add_to_client(session, contact, customer),
    )


def _customer(session: WorkSession, customer_id: int) -> tuple[Customer, bool]:
    """The client, and whether the person may open his card."""
    try:
        return get_customer(session, customer_id), True
    except NotFound:
        # Whoever handles the contact may see whom he talks to, also a client of another branch.
        return visible_customer(session, customer_id), False


@dataclass(frozen=True, slots=True)
class ClientBadge:
    """A short word about a client beside his name (slot ``client.badge``): ``look`` as of a pill."""

    title: str
    look: str = ""
    icon: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


def badges_of(session: WorkSession, contact: InboundContact) -> list[ClientBadge]:
    """What the addons say of the client in a word; an addon that fails says nothing."""
    if contact.customer_id is None:
        return []
    answers = session.hooks.each("contacts_client_badges", session=session, customer_id=contact.customer_id)
    return [badge for answer in answers if not answer.error for badge in answer.value]


@dataclass(frozen=True, slots=True)
class Told:
    """What was written down when the contact came in, beside what stands in its own columns (S2-37)."""

    reasons: list[RequestReason]
    source: LeadSource | None
    cause: InboundContact | None
    """The contact this one follows from; nothing when the person may not know of it."""


def told_by(session: WorkSession, contact: InboundContact) -> Told:
    """The rest of what was entered: the works wanted, the lead source, what it follows from."""
    wanted = select(RequestReason).join(ContactReason, ContactReason.reason_id == RequestReason.id)
    reasons = wanted.where(ContactReason.contact_id == contact.id).order_by(RequestReason.position, RequestReason.id)
    return Told(
        list(session.scalars(reasons)),
        session.get(LeadSource, contact.lead_source_id) if contact.lead_source_id else None,
        get_record(session, InboundContact, contact.caused_by_id) if contact.caused_by_id else None,
    )


def events_of(session: WorkSession, contact: InboundContact, translate: Translator) -> list[dict[str, Any]]:
    """What happened with this contact and its client, the newest first: contacts, documents, notes (S1-62)."""
    lines = [
        *_notes(session, contact, translate),
        *_contacts(session, contact, translate),
        *_documents(session, contact, translate),
    ]
    lines.sort(key=lambda line: line["at"], reverse=True)
    return lines[:SHOWN_EVENTS]


def _notes(session: WorkSession, contact: InboundContact, translate: Translator) -> list[dict[str, Any]]:
    page = timeline.timeline(session, [subject_of(contact)], limit=SHOWN_EVENTS)
    authors = names_of(session, [line.author_id for line in page.lines])
    return [
        {
            "at": line.at,
            "icon": "note",
            "look": "grey",
            "title": translate(line.title, **words(dict(line.title_values), translate.language)),
            "text": line.body,
            "who": authors.get(line.author_id or 0, ""),
            "url": "",
        }
        for line in page.lines
    ]


def _contacts(session: WorkSession, contact: InboundContact, translate: Translator) -> list[dict[str, Any]]:
    statement, number = (_CONTACTS, contact.customer_id) if contact.customer_id else (_CONTACT_ALONE, contact.id)
    return [
        {
            "at": row.at,
            "icon": CHANNEL[row.channel].icon,
            "look": CHANNEL[row.channel].look,
            "title": translate(CHANNEL[row.channel].title),
            "text": row.note or translate(STATE[row.state].title),
            "who": "",
            "url": "" if row.id == contact.id else row.id,
        }
        for row in select_kept(session, statement, {"number": number})
    ]


def _documents(session: WorkSession, contact: InboundContact, translate: Translator) -> list[dict[str, Any]]:
    if contact.customer_id is None:
        return []
    rows = select_kept(session, _DOCUMENTS, {"customer": contact.customer_id})
    in_russian = translate.language == "ru"
    return [
        {
            "at": row.at,
            "icon": "file-text",
            "look": "vio",
            "title": row.number,
            "text": " · ".join(part for part in (row.title, row.state_ru if in_russian else row.state_en) if part),
            "who": "",
            "url": "",
        }
        for row in rows
    ]


# The statements of the card, made once and run with other values.
_CUSTOMER = bindparam("customer", type_=BigInteger)
_COUNTS = select(
    select(func.count(InboundContact.id)).where(InboundContact.customer_id == _CUSTOMER).scalar_subquery(),
    select(func.count(Document.id)).where(Document.customer_id == _CUSTOMER).scalar_subquery(),
)
_CONSENT = (
    select(Consent.until)
    .where(
        Consent.customer_id == _CUSTOMER,
        Consent.withdrawn_at.is_(None),
        Consent.until.is_(None) | (Consent.until > bindparam("present", type_=UtcDateTime)),
    )
    .order_by(Consent.given_at.desc())
    .limit(literal_column("1"))
)


def _contact_lines(condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(InboundContact.id, InboundContact.at, InboundContact.channel, InboundContact.state, InboundContact.note)
        .where(condition)
        .order_by(InboundContact.at.desc())
        .limit(literal_column(str(SHOWN_EVENTS)))
    )


_CONTACTS = _contact_lines(InboundContact.customer_id == bindparam("number", type_=BigInteger))
_CONTACT_ALONE = _contact_lines(InboundContact.id == bindparam("number", type_=BigInteger))
_DOCUMENTS = (
    select(Document.at, Document.number, Document.title, Document.state_ru, Document.state_en)
    .where(Document.customer_id == _CUSTOMER)
    .order_by(Document.at.desc())
    .limit(literal_column(str(SHOWN_EVENTS)))
)
