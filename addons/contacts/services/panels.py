"""What contacts shows on cards: a client's numbers, cars, contacts and documents; a document's contacts; what a department does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, func, inspect, literal_column, select
from sqlalchemy.orm import InstrumentedAttribute

from addons.contacts.models import (
    ContactGoal,
    Customer,
    Document,
    GoalSpecialist,
    InboundContact,
    IntakeSource,
    Vehicle,
)
from addons.contacts.services.customers import phones_read
from addons.contacts.services.document_kinds import reference
from addons.contacts.services.document_types import document_types
from addons.contacts.services.goals import GOAL_TITLE
from addons.contacts.services.powers import change_reach
from addons.contacts.services.states import REAL, STATE
from addons.contacts.services.vehicles import vehicles_read
from addons.contacts.services.vocabulary import CATEGORIES, channels
from core import Department, Hooks, Panel, Reach, Read, Record, T, WorkSession

SHOWN = 30


def panels_of(session: WorkSession, subject: Record) -> list[Panel] | None:
    """The panels for a card: of a client, of a car, or of any addon's document."""
    if isinstance(subject, Customer):
        return _client_panels(session, subject)
    if isinstance(subject, Vehicle):
        return [_contacts(session.hooks, _OF_VEHICLE, subject.id, T("Contacts about this car"))]
    if isinstance(subject, IntakeSource):
        template = "contacts/panel_address.html"
        return [Panel("address", T("Address"), template, partial(dict, source=subject), order=5)]
    if isinstance(subject, Department):
        return [_services(session.hooks, subject)]
    if is_document(subject):
        return [_contacts(session.hooks, _OF_DOCUMENT, subject.id, T("Contacts of this document"))]
    return None


def is_document(subject: Record) -> bool:
    """Whether a record is some addon's document: its number is that of a row in the journal."""
    (key, *_) = inspect(type(subject)).primary_key
    return any(reference.column.table.name == Document.__tablename__ for reference in key.foreign_keys)


def _services(hooks: Hooks, department: Department) -> Panel:
    """The types of services that a department provides: the goals that clients come to it for (S3-10, C-04)."""
    return Panel(
        "services",
        T("Types of services"),
        "contacts/panel_services.html",
        partial(dict, department=department, categories=CATEGORIES, channel_of=channels(hooks)),
        order=20,
        right="contacts.goal.read",
        reads={"services": Read(_SERVICES, {"department": department.id})},
    )


def _client_panels(session: WorkSession, customer: Customer) -> list[Panel]:
    reach = change_reach(session, customer)
    return [
        Panel(
            "phones",
            T("Phones"),
            "contacts/panel_phones.html",
            partial(_phones, customer, reach),
            order=10,
            place="side",
            right="contacts.customer.read",
            reads={"phones": phones_read(customer.id), **reach.reads},
            early=True,
        ),
        Panel(
            "vehicles",
            T("Vehicles"),
            "contacts/panel_vehicles.html",
            dict,
            order=20,
            place="side",
            right="contacts.vehicle.read",
            reads={"vehicles": vehicles_read(customer.id)},
        ),
        Panel(
            "documents",
            T("Documents"),
            "contacts/panel_documents.html",
            partial(_documents, session),
            order=20,
            right="contacts.document.read",
            reads={"documents": Read(_DOCUMENTS, {"customer": customer.id})},
        ),
        _contacts(session.hooks, _OF_CLIENT, customer.id, T("Contact history")),
    ]


def _phones(customer: Customer, change: Reach, phones: Sequence[Any], reach: Sequence[Any] = ()) -> dict[str, Any]:
    return {"customer": customer, "phones": phones, "may_add": bool(change.rights(reach))}


def _contacts(hooks: Hooks, statement: Select[*tuple[Any, ...]], number: int, title: str) -> Panel:
    return Panel(
        "contacts",
        title,
        "contacts/panel_contacts.html",
        partial(dict, states=STATE, channel_of=channels(hooks)),
        order=30,
        right="contacts.contact.read",
        reads={"contacts": Read(statement, {"number": number})},
    )


def _contact_rows(column: InstrumentedAttribute[Any]) -> Select[*tuple[Any, ...]]:
    """The statement for the contacts of one record; made once, it is part of every card."""
    return (
        select(
            InboundContact.id,
            InboundContact.number,
            InboundContact.at,
            InboundContact.channel,
            InboundContact.state,
            InboundContact.client_text,
            InboundContact.note,
            *GOAL_TITLE,
            Document.number.label("document"),
        )
        .join(ContactGoal, ContactGoal.id == InboundContact.goal_id)
        .join(Department, Department.id == InboundContact.department_id)
        .outerjoin(Document, Document.id == InboundContact.document_id)
        .where(column == bindparam("number", type_=BigInteger), REAL)
        .order_by(InboundContact.at.desc(), InboundContact.id.desc())
        .limit(literal_column(str(SHOWN)))
    )


_SERVICES = (
    select(
        ContactGoal.id,
        ContactGoal.channel,
        ContactGoal.purpose_ru,
        ContactGoal.purpose_en,
        ContactGoal.category,
        ContactGoal.active,
        select(func.count(GoalSpecialist.id))
        .where(GoalSpecialist.goal_id == ContactGoal.id)
        .correlate(ContactGoal)
        .scalar_subquery()
        .label("people"),
    )
    .where(ContactGoal.department_id == bindparam("department", type_=BigInteger))
    .order_by(ContactGoal.active.desc(), ContactGoal.position, ContactGoal.id)
    .limit(literal_column("100"))
)
_OF_CLIENT = _contact_rows(InboundContact.customer_id)
_OF_VEHICLE = _contact_rows(InboundContact.vehicle_id)
_OF_DOCUMENT = _contact_rows(InboundContact.document_id)
_DOCUMENTS = (
    select(
        Document.id,
        Document.type,
        Document.number,
        Document.title,
        Document.at,
        Document.amount,
        Document.open,
        Document.state_ru,
        Document.state_en,
    )
    .where(Document.customer_id == bindparam("customer", type_=BigInteger))
    .order_by(Document.at.desc(), Document.id.desc())
    .limit(literal_column(str(SHOWN)))
)


def _documents(session: WorkSession, documents: Sequence[Any]) -> dict[str, Any]:
    endpoints = {code: kind.endpoint for code, (_, kind) in document_types(session.hooks).items()}
    names = {each.id: reference(session, each) for each in documents if each.type not in endpoints}
    return {"documents": documents, "endpoints": endpoints, "names": names}
