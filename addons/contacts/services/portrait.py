"""The client as a specialist sees him: who he is, what he drives, what has happened so far (S1-57…62)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, func, literal_column, select

from addons.contacts.models import (
    Consent,
    ContactReason,
    Customer,
    Document,
    InboundContact,
    LeadSource,
    RequestReason,
)
from addons.contacts.services.customers import get_customer, phones_read
from addons.contacts.services.document_types import document_types
from addons.contacts.services.lookup import visible_customer
from addons.contacts.services.powers import CHANGE, may_add_to_client, powers_of
from addons.contacts.services.states import STATE
from addons.contacts.services.vehicles import vehicles_read
from addons.contacts.services.vocabulary import CHANNEL
from core.db.change import get_record
from core.db.engine import WorkSession
from core.db.kept import Read, gather
from core.db.types import UtcDateTime
from core.errors import NotFound
from core.web.i18n import T, Translator
from core.web.subjects import words
from core.work import histories, timeline
from core.work.people import names_of
from core.work.subjects import subject_of

SHOWN_EVENTS = 30
Rows = Mapping[str, Sequence[Any]]
"""What :func:`reads_of` asked for, by name."""
ONE_STEP = timedelta(minutes=1)
"""A document is made in the step that ends its contact; one that was there before is older than that."""


@dataclass(slots=True)
class Portrait:
    """What is known of a contact's client; ``customer`` is nothing while nobody knows who he is."""

    customer: Customer | None = None
    phones: Sequence[Any] = ()
    vehicles: Sequence[Any] = ()
    contacts: int = 0
    documents: int = 0
    consent_until: datetime | None = None
    has_consent: bool = False
    source: LeadSource | None = None
    readable: bool = False
    """Whether the person may open the client's card."""
    new_number: bool = False
    """Whether the number he used is missing from his card (S1-67), and the person may write it there."""


def reads_of(session: WorkSession, contact: InboundContact) -> dict[str, Read]:
    """What the card reads of a contact and its client, for :func:`portrait_of`, :func:`told_by`, :func:`events_of`."""
    found = {"reasons": Read(_REASONS, {"contact": contact.id})}
    if contact.customer_id is None:
        return found | {"contacts": Read(_CONTACT_ALONE, {"number": contact.id})}
    customer = {"customer": contact.customer_id}
    return found | {
        "contacts": Read(_CONTACTS, {"number": contact.customer_id}),
        "documents": Read(_DOCUMENTS, customer),
        "phones": phones_read(contact.customer_id),
        "vehicles": vehicles_read(contact.customer_id),
        "consents": Read(_CONSENT, {**customer, "present": session.now()}),
        "counts": Read(_COUNTS, customer),
    }


def portrait_of(session: WorkSession, contact: InboundContact, found: Rows) -> Portrait:
    """The portrait for a contact's card, of what :func:`reads_of` reads."""
    if contact.customer_id is None:
        return Portrait()
    customer, readable = _customer(session, contact.customer_id)
    [(contacts, documents)], consents = found["counts"], found["consents"]
    numbers = {phone.e164 for phone in found["phones"]}
    return Portrait(
        customer=customer,
        phones=found["phones"],
        vehicles=found["vehicles"],
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
    """A short word about a client beside his name (slot ``client.badge``): ``look`` as of a pill.

    ``count`` reads one figure. The badge stands where it is above zero; the title may say ``%(number)s``.
    """

    title: str
    count: Read
    look: str = ""
    icon: str = ""


def gather_with_badges(
    session: WorkSession, contact: InboundContact, wanted: Mapping[str, Read]
) -> tuple[Rows, list[tuple[ClientBadge, int]]]:
    """The rows of these reads, and the client's badges with their figures; an addon that fails says nothing."""
    badges = _badges(session, contact)
    counts = {f"badge {number}": badge.count for number, badge in enumerate(badges)}
    answer = session.hooks.run_guarded(
        session, "contacts", "figures of badges", lambda: gather(session, {**wanted, **counts})
    )
    if answer.error:
        return gather(session, wanted), []
    shown = [(badge, answer.value[name][0][0]) for name, badge in zip(counts, badges, strict=True)]
    return answer.value, [(badge, number) for badge, number in shown if number]


def _badges(session: WorkSession, contact: InboundContact) -> list[ClientBadge]:
    if contact.customer_id is None:
        return []
    answers = session.hooks.each("contacts_client_badges", session=session, customer_id=contact.customer_id)
    return [badge for answer in answers if not answer.error for badge in answer.value]


@dataclass(frozen=True, slots=True)
class Told:
    """What was written down when the contact came in, beside what stands in its own columns (S2-37)."""

    reasons: Sequence[Any]
    source: LeadSource | None
    cause: InboundContact | None
    """The contact this one follows from; nothing when the person may not know of it."""


def told_by(session: WorkSession, contact: InboundContact, found: Rows) -> Told:
    """The rest of what was entered: the works wanted, the lead source, what it follows from."""
    return Told(
        found["reasons"],
        session.get(LeadSource, contact.lead_source_id) if contact.lead_source_id else None,
        get_record(session, InboundContact, contact.caused_by_id) if contact.caused_by_id else None,
    )


def events_of(
    session: WorkSession, contact: InboundContact, translate: Translator, found: Rows
) -> list[dict[str, Any]]:
    """What happened with this contact and its client, the newest first: contacts, documents, steps, notes (S1-62).

    ``to`` of a line is where it leads: an endpoint and the number of a record, or nothing.
    """
    lines = [
        *_steps(session, contact, translate),
        *_notes(session, contact, translate),
        *_contacts(found["contacts"], contact, translate),
        *_documents(found.get("documents", ()), translate),
    ]
    lines.sort(key=lambda line: line["at"], reverse=True)
    return lines[:SHOWN_EVENTS]


def _steps(session: WorkSession, contact: InboundContact, translate: Translator) -> list[dict[str, Any]]:
    """Who has taken the contact, to whom it was passed on, and how it ended."""
    passed_on = list(histories.audit_lines(session, subject_of(contact), None, _if_passed_on))
    passed_on = [line for line in passed_on if line.data["values"]]
    receivers = [line.data["values"]["responsible_id"][1] for line in passed_on]
    people = names_of(session, [contact.responsible_id, *receivers, *(line.author_id for line in passed_on)])
    lines = [
        _line(
            line.at,
            "arrow-forward-up",
            translate(T("Passed on to %(name)s"), name=people[receiver])
            if receiver in people
            else translate(T("Passed on to all specialists")),
            who=people.get(line.author_id or 0, ""),
        )
        for line, receiver in zip(passed_on, receivers, strict=True)
    ]
    if contact.taken_at and contact.responsible_id in people:
        title = translate(T("Taken by %(name)s"), name=people[contact.responsible_id])
        lines.append(_line(contact.taken_at, "hand-grab", title))
    if contact.finished_at:
        lines.append(_end(session, contact, contact.finished_at, translate))
    return lines


def _if_passed_on(action: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    return values if action == "contact.transferred" else {}


def _end(session: WorkSession, contact: InboundContact, at: datetime, translate: Translator) -> dict[str, Any]:
    if contact.document_id is None:
        title = translate(STATE[contact.state].title)
        return _line(at, "check", title, contact.result or contact.ignore_comment)
    document = get_record(session, Document, contact.document_id)
    if document is None:
        return _line(
            at, "check", translate(STATE[contact.state].title), translate(T("A document of another department."))
        )
    title = T("Document made") if document.at > at - ONE_STEP else T("Attached to a document")
    name, to = _named(session, document.type, document.number, document.id, translate)
    return _line(at, "file-text", translate(title), name, to=to, look="vio")


def _named(
    session: WorkSession, code: str, number: str, document_id: int, translate: Translator
) -> tuple[str, tuple[str, int] | None]:
    """What a document is called and where it is; no address when its addon is switched off (X-12)."""
    known = document_types(session.hooks).get(code)
    if known is None:
        return number, None
    return f"{translate(known[1].title)} {number}", (known[1].endpoint, document_id)


def _line(
    at: datetime,
    icon: str,
    title: str,
    text: str = "",
    *,
    look: str = "grey",
    who: str = "",
    to: tuple[str, int] | None = None,
) -> dict[str, Any]:
    return {"at": at, "icon": icon, "look": look, "title": title, "text": text, "who": who, "to": to}


def _notes(session: WorkSession, contact: InboundContact, translate: Translator) -> list[dict[str, Any]]:
    page = timeline.timeline(session, [subject_of(contact)], limit=SHOWN_EVENTS)
    authors = names_of(session, [line.author_id for line in page.lines])
    return [
        _line(
            line.at,
            "note",
            translate(line.title, **words(dict(line.title_values), translate.language)),
            line.body,
            who=authors.get(line.author_id or 0, ""),
        )
        for line in page.lines
    ]


def _contacts(rows: Sequence[Any], contact: InboundContact, translate: Translator) -> list[dict[str, Any]]:
    return [
        _line(
            row.at,
            CHANNEL[row.channel].icon,
            translate(CHANNEL[row.channel].title),
            row.note or translate(STATE[row.state].title),
            look=CHANNEL[row.channel].look,
            to=None if row.id == contact.id else ("contacts.contact", row.id),
        )
        for row in rows
    ]


def _documents(rows: Sequence[Any], translate: Translator) -> list[dict[str, Any]]:
    in_russian = translate.language == "ru"
    lines = []
    for row in rows:
        if row.id == contact.document_id and contact.finished_at:
            continue  # the step that ended the contact tells of it
        name, to = _named(session, row.type, row.number, row.id, translate)
        text = " · ".join(part for part in (row.title, row.state_ru if in_russian else row.state_en) if part)
        lines.append(_line(row.at, "file-text", name, text, look="vio", to=to))
    return lines


# The statements of the card, made once and run with other values.
_CUSTOMER = bindparam("customer", type_=BigInteger)
_COUNTS = select(
    select(func.count(InboundContact.id)).where(InboundContact.customer_id == _CUSTOMER).scalar_subquery(),
    select(func.count(Document.id)).where(Document.customer_id == _CUSTOMER).scalar_subquery(),
)
_REASONS: Select[*tuple[Any, ...]] = (
    select(RequestReason.title_ru, RequestReason.title_en)
    .join(ContactReason, ContactReason.reason_id == RequestReason.id)
    .where(ContactReason.contact_id == bindparam("contact", type_=BigInteger))
    .order_by(RequestReason.position, RequestReason.id)
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
    select(
        Document.id,
        Document.at,
        Document.type,
        Document.number,
        Document.title,
        Document.state_ru,
        Document.state_en,
    )
    .where(Document.customer_id == _CUSTOMER)
    .order_by(Document.at.desc())
    .limit(literal_column(str(SHOWN_EVENTS)))
)
