"""What contacts brings to the global search: clients, cars, inbound contacts and the journal of documents.

All of them keep a search key with a trigram index; a whole phone number is looked up by equality.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select, union_all
from sqlalchemy.orm import QueryableAttribute

from addons.contacts.models import Customer, CustomerPhone, Document, DocumentKind, InboundContact, Vehicle
from addons.contacts.services.document_kinds import kept_title, kind_off
from addons.contacts.services.document_types import document_types
from addons.contacts.services.states import REAL
from addons.contacts.services.vehicles import plate_text
from addons.contacts.services.vocabulary import channels
from core import Hit, Place, SearchSource, T, Typed, WorkSession, format_phone, read_typed, search_index

NEWEST = 100
"""Of how many records that fit, the newest, the best are chosen: a common word fits a tenth of all."""


def sources() -> list[SearchSource]:
    """The kinds of records of contacts that can be searched for."""
    return [
        SearchSource("clients", T("Clients"), "user", "contacts.customer.read", find_clients, order=10),
        SearchSource("vehicles", T("Vehicles"), "car", "contacts.vehicle.read", find_vehicles, order=20),
        SearchSource("traffic", T("Traffic"), "phone", "contacts.contact.read", find_contacts, order=30),
        SearchSource("documents", T("Documents"), "file-text", "contacts.document.read", find_documents, order=40),
    ]


class Reading(Typed):
    """A typed text, and the conditions it makes for the newest records that fit."""

    __slots__ = ()

    def condition(
        self,
        session: WorkSession,
        key: QueryableAttribute[str],
        same_number: ColumnElement[bool] | None = None,
        *,
        by_name: bool = False,
    ) -> ColumnElement[bool] | None:
        """The condition for the newest records that hold every word, or part of the number; ``None`` if none can.

        :param same_number: the condition that a record belongs to the whole number.
        :param by_name: one word alone is looked for as a whole word as well, so that Петров is found among all the
            Петрович.
        """
        number: QueryableAttribute[int] = key.parent.entity.id
        ways = [*([self.words] if self.words else []), *(((part,),) for part in self.digits)]
        found = [search_index.newest(session, key, ways, NEWEST)] if ways else []
        if by_name and len(self.words) == 1:
            found.append(search_index.newest(session, key, [self.words], NEWEST, whole=True))
        if self.e164 and same_number is not None:
            found.append(select(number).where(same_number).limit(NEWEST))
        # One list of ids: PostgreSQL reads the whole table for several lists joined by OR.
        return number.in_(union_all(*(select(each.subquery().c.id) for each in found))) if found else None

    def nearness(self, key: QueryableAttribute[str]) -> ColumnElement[int]:
        """0 where the key begins with the first word typed as a whole, 1 where it begins so, else 2; for ordering."""
        if not self.words:
            return literal(2)
        whole = or_(*(_begins(key, f"{reading} ") for reading in self.words[0]))
        begun = or_(*(_begins(key, reading) for reading in self.words[0]))
        return case((whole, 0), (begun, 1), else_=2)


def _begins(key: QueryableAttribute[str], text: str) -> ColumnElement[bool]:
    return func.substr(key, 1, len(text)) == text


def read(query: str) -> Reading:
    """What a typed text may mean."""
    typed = read_typed(query)
    return Reading(typed.words, typed.digits, typed.e164)


def _owners(e164: str) -> Select[int]:
    return select(CustomerPhone.customer_id).where(CustomerPhone.e164 == e164)


def _line(*texts: str) -> str:
    return " · ".join(filter(None, texts))


# --- clients ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Car:
    title: str
    plate: str
    vin: str

    @property
    def text(self) -> str:
        return " ".join(filter(None, (self.title, plate_text(self.plate))))


def find_clients(session: WorkSession, query: str, limit: int) -> list[Hit]:
    """Clients by name in any layout and script, by number, e-mail, and by the plates and VINs of their cars."""
    reading = read(query)
    condition = reading.condition(session, Customer.search_key, Customer.id.in_(_owners(reading.e164)), by_name=True)
    if condition is None:
        return []
    recent = Customer.last_contact_at.desc().nulls_last()
    statement = (
        select(Customer.id, Customer.name, Customer.main_phone, Customer.email, Customer.vip)
        .where(Customer.merged_into_id.is_(None), condition)
        .order_by(reading.nearness(Customer.search_key), recent, Customer.id.desc())
        .limit(limit)
    )
    rows = session.execute(statement).all()
    cars = _cars(session, [row.id for row in rows])
    return [
        Hit(
            title=row.name,
            text=_line(format_phone(row.main_phone), *(car.text for car in cars[row.id][:2])),
            also=(row.email, format_phone(reading.e164), *(car.vin for car in cars[row.id])),
            places=(Place("contacts.clients.card", {"record_id": row.id}),),
            mark=T("VIP") if row.vip else "",
        )
        for row in rows
    ]


def _cars(session: WorkSession, customer_ids: Sequence[int]) -> dict[int, list[_Car]]:
    cars: dict[int, list[_Car]] = {customer_id: [] for customer_id in customer_ids}
    if cars:
        columns = (Vehicle.customer_id, Vehicle.title, Vehicle.plate, Vehicle.vin)
        statement = select(*columns).where(Vehicle.customer_id.in_(customer_ids)).order_by(Vehicle.id.desc())
        for customer_id, title, plate, vin in session.execute(statement):
            cars[customer_id or 0].append(_Car(title, plate or "", vin or ""))
    return cars


# --- cars ------------------------------------------------------------------------------------------


def find_vehicles(session: WorkSession, query: str, limit: int) -> list[Hit]:
    """Cars by make and model in either script, by plate in either alphabet, by a part of the VIN (S2-28, S2-32)."""
    reading = read(query)
    condition = reading.condition(session, Vehicle.search_key)
    if condition is None:
        return []
    columns = (Vehicle.id, Vehicle.title, Vehicle.plate, Vehicle.vin, Vehicle.model_year)
    found = (
        select(*columns, Vehicle.customer_id)
        .where(condition)
        .order_by(reading.nearness(Vehicle.search_key), Vehicle.id.desc())
        .limit(limit)
    )
    rows = session.execute(found).all()
    owners = _names(session, [row.customer_id for row in rows if row.customer_id])
    return [
        Hit(
            title=row.title or plate_text(row.plate) or row.vin or "",
            text=_line(plate_text(row.plate), str(row.model_year or ""), owners.get(row.customer_id, "")),
            also=(row.vin or "",),
            places=(Place("contacts.vehicles.card", {"record_id": row.id}),),
        )
        for row in rows
    ]


def _names(session: WorkSession, customer_ids: Sequence[int]) -> dict[int, str]:
    """The names of those clients whom the person may know of."""
    if not customer_ids:
        return {}
    statement = select(Customer.id, Customer.name).where(Customer.id.in_(customer_ids))
    return {row.id: row.name for row in session.execute(statement)}


# --- inbound contacts ------------------------------------------------------------------------------


def find_contacts(session: WorkSession, query: str, limit: int) -> list[Hit]:
    """Inbound contacts by number, client, phone and car; the latest first."""
    reading = read(query)
    condition = reading.condition(session, InboundContact.search_key, InboundContact.phone == reading.e164)
    if condition is None:
        return []
    statement = (
        select(
            InboundContact.id,
            InboundContact.number,
            InboundContact.channel,
            InboundContact.client_text,
            InboundContact.phone,
            InboundContact.vehicle_text,
        )
        .where(REAL, condition)
        .order_by(InboundContact.at.desc(), InboundContact.id.desc())
        .limit(limit)
    )
    known = channels(session.hooks)
    return [
        Hit(
            title=row.number,
            text=_line(row.client_text, format_phone(row.phone), row.vehicle_text),
            places=(Place("contacts.contact", {"record_id": row.id}),),
            icon=known[row.channel].icon,
            kind=known[row.channel].look,
        )
        for row in session.execute(statement)
    ]


# --- documents -------------------------------------------------------------------------------------


def find_documents(session: WorkSession, query: str, limit: int) -> list[Hit]:
    """Documents of every addon by number, title, client and car; the open ones first (X-12).

    One whose own page is not open to the person, or whose addon is gone, leads to its row in the journal.
    """
    reading = read(query)
    condition = reading.condition(session, Document.search_key, Document.customer_id.in_(_owners(reading.e164)))
    if condition is None:
        return []
    state = Document.state_en if session.access.language == "en" else Document.state_ru
    shown = (Document.id, Document.type, Document.number, Document.title, Document.customer_text, Document.open)
    statement = (
        select(*shown, Document.vehicle_text, state.label("state"), kept_title(session).label("kind"))
        .outerjoin(DocumentKind, DocumentKind.code == Document.type)
        .where(condition)
        .order_by(Document.open.desc(), Document.at.desc(), Document.id.desc())
        .limit(limit)
    )
    kinds = document_types(session.hooks)
    hits = []
    for row in session.execute(statement):
        own = [Place(kinds[row.type][1].endpoint, {"record_id": row.id})] if row.type in kinds else []
        hits.append(
            Hit(
                title=row.number,
                text=_line(
                    "" if own else kind_off(session, row.kind),
                    row.customer_text,
                    row.vehicle_text,
                    row.title,
                ),
                places=(*own, Place("contacts.documents", {"q": row.number})),
                mark=row.state,
            )
        )
    return hits
