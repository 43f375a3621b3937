"""Who a contact's client is: chosen from the directory, corrected, created, and what he has told of himself."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import func, select, update

from addons.contacts.models import Customer, Document, InboundContact, Vehicle
from addons.contacts.services import callbacks
from addons.contacts.services.customers import CustomerData, add_phone, create_customer
from addons.contacts.services.document_types import document_types
from addons.contacts.services.documents import index_document
from addons.contacts.services.duplicates import client_doubts, phone_doubts
from addons.contacts.services.following import note_last_contact
from addons.contacts.services.lookup import LOOKUP, visible_customer
from addons.contacts.services.powers import CHANGE, expect_power, may_add_to_client
from addons.contacts.services.primary import is_primary
from addons.contacts.services.registration import index_contact
from addons.contacts.services.states import REAL, await_opening
from addons.contacts.services.vehicles import forget_mileage
from core import (
    Forbidden,
    NotFound,
    T,
    WorkSession,
    confirm,
    expect_record,
    get_record,
    note_action,
    publish,
    subject_of,
    timeline,
)

PATRONYMICS = ("вич", "вна", "чна", "vich", "vna", "chna")
DESCRIPTIONS = frozenset(
    (
        *("мужчина", "женщина", "девушка", "парень", "молодой", "молодая", "пожилой", "пожилая", "человек", "дама"),
        *("клиент", "клиентка", "посетитель", "пара", "семья", "водитель", "звонок", "заявка", "кто-то", "хочет"),
        *("man", "woman", "girl", "young", "elderly", "a", "an", "the", "client", "couple", "family", "somebody"),
    )
)
"""Words that begin a description of somebody whose name nobody knows."""
_BREAK = re.compile(r"[,;(:\n]")

CREATE_CLIENT = "contacts.customer.create"
IDENTIFIED = "contacts.identified"
"""The kind of the timeline's entry about who the client is."""
LEARNED = "contact.learned"
"""What a contact has learned of its client from the document it was attached to, as the trail calls it."""
OF_CLIENT = ("customer_id", "client_text", "phone", "is_primary", "vehicle_id")
"""What a contact has from its client."""


def identify(session: WorkSession, contact_id: int, customer_id: int) -> InboundContact:
    """Say which client of the directory this is, also instead of another one (S1-44, S1-52).

    First-time or repeat is worked out anew (S1-63).
    """
    contact = _own_contact(session, contact_id)
    if contact.customer_id != customer_id:
        meet(session, contact, visible_customer(session, customer_id))
    return contact


def create_client(
    session: WorkSession, contact_id: int, data: CustomerData, confirmed: Collection[str] = ()
) -> InboundContact:
    """A new client in the directory out of a contact, with its number, e-mail and lead source (S1-76).

    :raises Confirmation: when he may be in the directory already.
    """
    contact = _own_contact(session, contact_id)
    session.access.require(CREATE_CLIENT)
    number = _number_used(contact)
    data = replace(data, phones=[number] if number else (), lead_source_id=contact.lead_source_id)
    named = {name: getattr(data, name) for name in ("legal_form", "last_name", "first_name", "middle_name")}
    confirm(client_doubts(session, None, {**named, "phones": number}), confirmed)
    customer = create_customer(session, replace(data, email=data.email or contact.email, branch_id=contact.branch_id))
    meet(session, contact, customer)
    return contact


def names_in(text: str) -> dict[str, str]:
    """What a typed client may be called, to begin his record with; a description gives nothing.

    «Виктор с трейд-ином» and «Иванов Виктор, синяя Octavia» begin with a name, «Мужчина в куртке» does not.
    """
    words = [word.strip(".") for word in takewhile(_is_name, _BREAK.split(text)[0].split())]
    if len(words) > 3 or (words and words[0].casefold() in DESCRIPTIONS):
        words = []
    if len(words) == 1 or (len(words) == 2 and words[1].endswith(PATRONYMICS)):
        words.insert(0, "")
    return dict(zip(("last_name", "first_name", "middle_name"), [*words, "", "", ""], strict=False))


def _is_name(word: str) -> bool:
    return word[0].isupper() and word.strip(".").replace("-", "").isalpha()


def save_phone(session: WorkSession, contact_id: int, confirmed: Collection[str] = ()) -> bool:
    """«Записать номер телефона в карточку контрагента»: the number he used, once, in one spelling (S1-53).

    :returns: whether it was new there.
    :raises Forbidden: while nobody knows who he is, or when the client is out of the person's reach.
    :raises Confirmation: when somebody else has this number too.
    """
    contact = _own_contact(session, contact_id)
    customer = client_of(session, contact.customer_id)
    if customer is None:
        raise Forbidden("Say first who the client is.")
    if not may_add_to_client(session, contact, customer):
        raise Forbidden("You may read this record, and not do this to it.")
    number = _number_used(contact)
    confirm(phone_doubts(session, customer, number), confirmed)
    return add_phone(session, customer, number)


def _number_used(contact: InboundContact) -> str:
    """The number as it was written, so that its extension is not lost (X-04); nothing for words that are no number."""
    return (contact.phone_raw or contact.phone) if contact.phone else ""


def client_of(session: WorkSession, customer_id: int | None) -> Customer | None:
    """The client with this number, as whoever may look clients up knows him; nothing for nobody."""
    if customer_id is None:
        return None
    try:
        return visible_customer(session, customer_id)
    except NotFound:
        return None


def _own_contact(session: WorkSession, contact_id: int) -> InboundContact:
    contact = expect_record(session, InboundContact, contact_id, T("There is no such contact."))
    await_opening(session, contact)
    expect_power(session, contact, CHANGE)
    return contact


# --- everything that follows from knowing the client ------------------------------------------


def meet(session: WorkSession, contact: InboundContact, customer: Customer) -> None:
    """The contact is of this client: his name and number on it, whether he has bought before, when he was in touch."""
    before_id = contact.customer_id
    first_time = is_primary(session, customer.id)  # asked first: to read is to write what was set before
    contact.customer_id, contact.client_text, contact.is_primary = customer.id, customer.name, first_time
    if not contact.phone_raw:
        contact.phone = customer.main_phone
    if contact.vehicle_id is not None and not _owns(session, customer, contact.vehicle_id):
        contact.vehicle_id = None
        forget_mileage(session, contact.id)
    index_contact(contact)
    _pass_on(session, contact, customer)
    callbacks.name_anew(session, contact)
    note_last_contact(session, customer.id, contact.at)
    if before_id is not None:
        forget_last_contact(session, before_id, contact.at)
    _tell(session, contact, before_id)


def learn(session: WorkSession, contact: InboundContact, customer: Customer) -> None:
    """The contact is of its document's client; what it said before stands in the trail, for :func:`unlearned`."""
    before = {name: getattr(contact, name) for name in OF_CLIENT}
    meet(session, contact, customer)
    note_action(session, LEARNED, contact, **{name: [old, getattr(contact, name)] for name, old in before.items()})


def unlearned(contact: InboundContact, learned: Mapping[str, Any]) -> dict[str, Any]:
    """What the contact says when its document's client is not its own after all; nothing if it is of another one since.

    :param learned: what :func:`learn` noted; nothing once that is erased.
    """
    if not learned or learned["customer_id"][1] != contact.customer_id:
        return {}
    # A client's new name is on his contacts too; what else was written over since stays.
    return {name: old for name, (old, new) in learned.items() if name == "client_text" or getattr(contact, name) == new}


def forget_client(session: WorkSession, contact: InboundContact, customer_id: int) -> None:
    """Nobody knows any more who the contact's client is: what follows from that."""
    index_contact(contact)
    callbacks.name_anew(session, contact)
    forget_last_contact(session, customer_id, contact.at)
    _tell(session, contact, customer_id)


def _pass_on(session: WorkSession, contact: InboundContact, customer: Customer) -> None:
    """A document that came out of the contact before anybody knew who he is gets the client too."""
    document = get_record(session, Document, contact.document_id) if contact.document_id is not None else None
    if document is not None:
        give_client(session, document, customer)


def give_client(session: WorkSession, document: Document, customer: Customer) -> None:
    """A document of somebody unknown is this client's from now on; any other stays whose it is."""
    if document.customer_id is not None:
        return
    document.customer_id = customer.id
    index_document(session, document)
    _, kind = document_types(session.hooks).get(document.type, ("", None))
    if kind is not None and kind.met is not None:
        kind.met(session, document)


def _owns(session: WorkSession, customer: Customer, vehicle_id: int) -> bool:
    owner = session.scalar(select(Vehicle.customer_id).where(Vehicle.id == vehicle_id))
    return owner == customer.id


def forget_last_contact(session: WorkSession, customer_id: int, at: datetime) -> None:
    """The client of a contact that was not his, or was none, was last in touch before, whoever may see that."""
    latest = select(func.max(InboundContact.at)).where(InboundContact.customer_id == customer_id, REAL)
    remaining = session.connection().execute(latest).scalar()
    statement = update(Customer).where(Customer.id == customer_id, Customer.last_contact_at == at)
    statement = statement.values(last_contact_at=remaining)
    session.execute(statement.execution_options(audited=True, synchronize_session=False, right=LOOKUP))


def _tell(session: WorkSession, contact: InboundContact, before_id: int | None) -> None:
    """That it was said, without names: they are in the trail, which forgets a person who is to be forgotten."""
    if contact.customer_id is None:
        title = T("The client is unknown again")
    else:
        title = T("The client is another one") if before_id is not None else T("The client is known")
    ids = {"before": before_id, "after": contact.customer_id}
    timeline.add_entry(session, [subject_of(contact)], IDENTIFIED, title, data=ids)
    publish(session, "contacts.traffic", contact=contact.id)
