"""The client as a specialist sees him: who he is, what he drives, what has happened so far (S1-57…62)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Select, bindparam, func, or_, select

from addons.contacts.models import (
    ContactReason,
    Customer,
    Document,
    InboundContact,
    LeadSource,
    RequestReason,
)
from addons.contacts.services import consents
from addons.contacts.services.customers import get_customer, phones_read
from addons.contacts.services.handling import cause_of
from addons.contacts.services.identifying import client_of
from addons.contacts.services.powers import CHANGE, has_power, may_add_to_client
from addons.contacts.services.states import REAL
from addons.contacts.services.vehicles import vehicles_read
from addons.contacts.services.vocabulary import SENT_TITLES
from core import NotFound, Read, WorkSession, kept

Rows = Mapping[str, Sequence[Any]]
"""What :func:`reads_of` asked for, by name."""


@dataclass(slots=True)
class Portrait:
    """What is known of a contact's client; ``customer`` is nothing while nobody knows, or the person may not know."""

    customer: Customer | None = None
    phones: Sequence[Any] = ()
    vehicles: Sequence[Any] = ()
    contacts: int = 0
    documents: int = 0
    consent_until: datetime | None = None
    has_consent: bool = False
    source: Any | None = None
    readable: bool = False
    """Whether the person may open the client's card."""
    new_number: bool = False
    """Whether the number he used is missing from his card (S1-67), and the person may write it there."""


def reads_of(session: WorkSession, contact: InboundContact) -> dict[str, Read]:
    """What the card reads of a contact and its client, for :func:`portrait_of` and :func:`told_by`."""
    found = {
        "reasons": Read(_REASONS, {"contact": contact.id}),
        # A title of a directory; whose client it came with is decided where the client is shown.
        "sources": Read(_SOURCES, {"source": contact.lead_source_id, "client": contact.customer_id}, everything=True),
    }
    if contact.customer_id is None:
        return found
    customer = {"customer": contact.customer_id}
    return found | {
        "phones": phones_read(contact.customer_id),
        "vehicles": vehicles_read(contact.customer_id),
        "consents": consents.holding_read(session, contact.customer_id, consents.PROCESSING),
        "counts": Read(_COUNTS, customer),
    }


def portrait_of(session: WorkSession, contact: InboundContact, found: Rows) -> Portrait:
    """The portrait for a contact's card, of what :func:`reads_of` reads."""
    if contact.customer_id is None:
        return Portrait()
    customer, readable = _customer(session, contact.customer_id)
    if customer is None:
        return Portrait()
    [(contacts, documents)], holding = found["counts"], found["consents"]
    numbers = {phone.e164 for phone in found["phones"]}
    return Portrait(
        customer=customer,
        phones=found["phones"],
        vehicles=found["vehicles"],
        contacts=contacts,
        documents=documents,
        consent_until=holding[0].until if holding else None,
        has_consent=bool(holding),
        source=_source(found, customer.lead_source_id),
        readable=readable,
        new_number=bool(contact.phone)
        and contact.phone not in numbers
        and has_power(session, contact, CHANGE)
        and may_add_to_client(session, contact, customer),
    )


def _source(found: Rows, source_id: int | None) -> Any | None:
    """The lead source with that number, with its titles."""
    return next((row for row in found["sources"] if row.id == source_id), None)


def _customer(session: WorkSession, customer_id: int) -> tuple[Customer | None, bool]:
    """The client, and whether the person may open his card; nobody for who may neither read nor look him up."""
    try:
        return get_customer(session, customer_id), True
    except NotFound:
        # Whoever handles the contact may see whom he talks to, also a client of another branch.
        return client_of(session, customer_id), False


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
        session, "contacts", "contacts_client_badges", lambda: kept.gather(session, {**wanted, **counts})
    )
    if answer.error:
        return kept.gather(session, wanted), []
    shown = [(badge, answer.value[name][0][0]) for name, badge in zip(counts, badges, strict=True)]
    return answer.value, [(badge, number) for badge, number in shown if number]


def _badges(session: WorkSession, contact: InboundContact) -> list[ClientBadge]:
    if contact.customer_id is None:
        return []
    answers = session.hooks.each("contacts_client_badges", session=session, customer_id=contact.customer_id)
    return [badge for answer in answers if not answer.error for badge in answer.value]


class Sent(NamedTuple):
    """One value of what a form or a program has sent; ``label`` is what people call it, if that is known."""

    name: str
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Told:
    """What was written down when the contact came in, beside what stands in its own columns (S2-37)."""

    reasons: Sequence[Any]
    source: Any | None
    cause: InboundContact | None
    """The contact this one follows from; nothing when the person may not know of it."""
    sent: Sequence[Sent]
    """What the form or the program that brought it has sent, as it came (S1-40)."""


def told_by(session: WorkSession, contact: InboundContact, found: Rows) -> Told:
    """The rest of what was entered: the works wanted, the lead source, what it follows from."""
    return Told(
        found["reasons"],
        _source(found, contact.lead_source_id),
        cause_of(session, contact),
        list(_sent(contact.source_data or {})),
    )


def _sent(data: Mapping[str, Any], above: str = "") -> Iterator[Sent]:
    """Every value with its name; what stands within something else is named after both."""
    for name, value in data.items():
        if isinstance(value, dict):
            yield from _sent(value, f"{above}{name}.")
        else:
            label = SENT_TITLES.get(name, "") if above in ("", "form.") else ""
            yield Sent(f"{above}{name}", "" if value is None else str(value), label)


# The statements of the card, made once and run with other values.
_CUSTOMER = bindparam("customer", type_=BigInteger)
_COUNTS = select(
    select(func.count(InboundContact.id)).where(InboundContact.customer_id == _CUSTOMER, REAL).scalar_subquery(),
    select(func.count(Document.id)).where(Document.customer_id == _CUSTOMER).scalar_subquery(),
)
_REASONS: Select[*tuple[Any, ...]] = (
    select(RequestReason.title_ru, RequestReason.title_en)
    .join(ContactReason, ContactReason.reason_id == RequestReason.id)
    .where(ContactReason.contact_id == bindparam("contact", type_=BigInteger))
    .order_by(RequestReason.position, RequestReason.id)
)
_SOURCES: Select[*tuple[Any, ...]] = select(LeadSource.id, LeadSource.title_ru, LeadSource.title_en).where(
    or_(
        LeadSource.id == bindparam("source", type_=BigInteger),
        LeadSource.id
        == select(Customer.lead_source_id)
        .where(Customer.id == bindparam("client", type_=BigInteger))
        .scalar_subquery(),
    )
)
