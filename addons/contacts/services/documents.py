"""The journal of documents: head rows that every addon's documents share."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, case, func, literal_column, or_, select

from addons.contacts.models import Customer, CustomerPhone, Document, InboundContact, Vehicle
from addons.contacts.services.document_types import document_types
from core import Read, T, User, WorkSession, expect_record, filters, kept, numbers, search_key, shown_name

RESPONSIBLE = func.coalesce(shown_name, "").label("responsible")
"""What a colleague is called beside his document; nothing for nobody."""


class DocumentState(Protocol):
    """What the journal has to know of a document's state, whatever its addon makes states of."""

    @property
    def code(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def terminal(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class NewDocument:
    """What a document's head row begins with. ``series`` gives its number: «РЛ-000482».

    A document of another program has its ``number`` and the moment it began ``at`` already.
    """

    type: str
    series: numbers.Series
    state: DocumentState
    title: str
    customer_id: int | None = None
    customer_text: str = ""
    vehicle_id: int | None = None
    vehicle_text: str = ""
    responsible_id: int | None = None
    department_id: int | None = None
    branch_id: int | None = None
    amount: int | None = None
    number: str = ""
    at: datetime | None = None


def add_document(session: WorkSession, new: NewDocument) -> Document:
    """Add a head row with the next number of its series; the caller adds its own row with the same id."""
    number = new.number or numbers.next_number(session, new.series, new.branch_id)
    document = Document(
        type=new.type,
        number=number,
        at=new.at or session.now(),
        customer_id=new.customer_id,
        customer_text=new.customer_text,
        vehicle_id=new.vehicle_id,
        vehicle_text=new.vehicle_text,
        responsible_id=new.responsible_id,
        department_id=new.department_id,
        branch_id=new.branch_id,
        title=new.title,
        amount=new.amount,
    )
    show_state(session, document, new.state)
    index_document(session, document)
    session.add(document)
    session.flush()
    return document


def head_of(session: WorkSession, document_id: int) -> Document:
    """The head row of a document, for whoever changes the document's own row: the journal says the same (S0-52).

    The right to the journal may reach less far than the right to the document.
    """
    with session.unlimited("the journal's row of a document"):
        return expect_record(session, Document, document_id)


def first_contact(session: WorkSession, document_id: int) -> InboundContact | None:
    """The contact a document began with; nothing for one made by hand, or of a contact that this person may not see."""
    contacts = select(InboundContact).where(InboundContact.document_id == document_id)
    return session.scalars(contacts.order_by(InboundContact.at, InboundContact.id).limit(1)).one_or_none()


def show_state(session: WorkSession, document: Document, state: DocumentState) -> None:
    """Write a document's state into the journal, with its title in both languages (X-12)."""
    document.state = state.code
    document.state_ru, document.state_en = session.words("ru", state.title), session.words("en", state.title)
    document.open = not state.terminal


def index_document(session: WorkSession, document: Document) -> None:
    """Make a document findable by number, client, his phones, vehicle and title, whoever may see the client."""
    vehicle = session.get(Vehicle, document.vehicle_id) if document.vehicle_id else None
    name, phones = _client_of(session, document.customer_id)
    document.customer_text = name or document.customer_text
    document.search_key = search_key(
        document.number,
        document.customer_text,
        *phones,
        document.vehicle_text,
        (vehicle.plate or "") if vehicle else "",
        (vehicle.vin or "") if vehicle else "",
        document.title,
    )


def follow_parties(session: WorkSession, customers: Collection[int] = (), vehicles: Collection[int] = ()) -> None:
    """Open documents call their client and find their car as these are now, whoever may see them (S0-34)."""
    theirs = or_(Document.customer_id.in_(customers), Document.vehicle_id.in_(vehicles))
    _follow(session, and_(Document.open, theirs))


def closed_under(session: WorkSession, name: str, customers: Collection[int]) -> list[int]:
    """The numbers of the clients' documents that were closed under a name, whoever may see them."""
    with session.unlimited("the parties of a document"):
        return list(session.scalars(select(Document.id).where(_closed_under(name, customers))))


def take_back_name(session: WorkSession, name: str, customers: Collection[int], *, keep: Collection[int]) -> None:
    """Documents that were closed under a name call their client as he is now: it was another person's.

    :param keep: those that had the name before, from their own client.
    """
    _follow(session, and_(_closed_under(name, customers), Document.id.not_in(keep)))


def _closed_under(name: str, customers: Collection[int]) -> ColumnElement[bool]:
    theirs = and_(Document.customer_id.in_(customers), Document.customer_text == name)
    return and_(Document.open.is_(False), theirs)


def _follow(session: WorkSession, which: ColumnElement[bool]) -> None:
    session.flush()
    with session.unlimited("the parties of a document"):
        for document in session.scalars(select(Document).where(which)).all():
            called = document.customer_text
            index_document(session, document)
            session.flush()
            if document.customer_text != called:
                _tell(session, document)


def _tell(session: WorkSession, document: Document) -> None:
    _, kind = document_types(session.hooks).get(document.type, ("", None))
    if kind is not None and kind.met is not None:
        kind.met(session, document)


def _client_of(session: WorkSession, customer_id: int | None) -> tuple[str, list[str]]:
    """A client's name and numbers. Not as the person sees him: a key is written for everybody who will search."""
    if customer_id is None:
        return "", []
    connection = session.connection()
    name = connection.execute(select(Customer.name).where(Customer.id == customer_id)).scalar() or ""
    phones = select(CustomerPhone.e164).where(CustomerPhone.customer_id == customer_id)
    return name, list(connection.execute(phones.order_by(CustomerPhone.position, CustomerPhone.id)).scalars())


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An open document a contact may belong to, with the reasons it is proposed (slot ``contact.attach``)."""

    id: int
    type: str
    number: str
    title: str
    state_ru: str
    state_en: str
    responsible: str
    at: datetime
    same_client: bool
    same_vehicle: bool


def suggestions(session: WorkSession, contact: InboundContact, limit: int = 5) -> list[Suggestion]:
    """Open documents of the contact's client or vehicle, the likeliest first (S0-53)."""
    links = []
    if contact.customer_id:
        links.append(Document.customer_id == contact.customer_id)
    if contact.vehicle_id:
        links.append(Document.vehicle_id == contact.vehicle_id)
    if not links:
        return []
    rank = case((Document.vehicle_id == (contact.vehicle_id or -1), 0), else_=1)
    mine = case((Document.responsible_id == session.access.user_id, 0), else_=1)
    statement = (
        select(
            Document.id,
            Document.type,
            Document.number,
            Document.title,
            Document.state_ru,
            Document.state_en,
            RESPONSIBLE,
            Document.at,
            Document.customer_id,
            Document.vehicle_id,
        )
        .outerjoin(User, User.id == Document.responsible_id)
        .where(Document.open, or_(*links))
        .order_by(rank, mine, Document.at.desc(), Document.id.desc())
        .limit(limit)
    )
    return [
        Suggestion(
            row.id,
            row.type,
            row.number,
            row.title,
            row.state_ru,
            row.state_en,
            row.responsible,
            row.at,
            row.customer_id is not None and row.customer_id == contact.customer_id,
            row.vehicle_id is not None and row.vehicle_id == contact.vehicle_id,
        )
        for row in session.execute(statement)
    ]


def get_document(session: WorkSession, document_id: int) -> Document:
    """A document the person may know of.

    :raises NotFound: otherwise.
    """
    return expect_record(session, Document, document_id, T("There is no such document."))


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """An open document of a client, as reception and portrait name it."""

    id: int
    type: str
    number: str
    title: str
    state_ru: str
    state_en: str
    responsible: str
    at: datetime
    amount: int | None


SHOWN = 6

_OF_CLIENT: Select[*tuple[Any, ...]] = (
    select(
        Document.id,
        Document.type,
        Document.number,
        Document.title,
        Document.state_ru,
        Document.state_en,
        RESPONSIBLE,
        Document.at,
        Document.amount,
    )
    .outerjoin(User, User.id == Document.responsible_id)
    .where(Document.open, Document.customer_id == bindparam("customer", type_=BigInteger))
    .order_by(Document.at.desc(), Document.id.desc())
    .limit(literal_column(str(SHOWN)))
)


def documents_read(customer_id: int) -> Read:
    """Reads a client's open documents, the newest first, for :func:`documents_in`."""
    return Read(_OF_CLIENT, {"customer": customer_id})


def documents_in(rows: Sequence[Any]) -> list[OpenDocument]:
    """The documents that were read."""
    return [OpenDocument(*row) for row in rows]


def customer_documents(session: WorkSession, customer_id: int) -> list[OpenDocument]:
    """A client's open documents, the newest first."""
    return documents_in(kept.read(session, documents_read(customer_id)))


PICKER_SHOWN = 60


def find_documents(
    session: WorkSession, query: str = "", type_code: str = "", *, only_open: bool = True
) -> list[Suggestion]:
    """Documents to attach a contact to, the newest first: by number, client, phone, plate or title (S0-34, S0-41)."""
    statement = (
        select(
            Document.id,
            Document.type,
            Document.number,
            Document.title,
            Document.state_ru,
            Document.state_en,
            RESPONSIBLE,
            Document.at,
            Document.customer_text,
        )
        .outerjoin(User, User.id == Document.responsible_id)
        .order_by(Document.at.desc(), Document.id.desc())
        .limit(PICKER_SHOWN)
    )
    if only_open:
        statement = statement.where(Document.open)
    if type_code:
        statement = statement.where(Document.type == type_code)
    if query.strip():
        statement = statement.where(filters.found(session, Document.search_key, query))
    return [
        Suggestion(
            row.id,
            row.type,
            row.number,
            " · ".join(part for part in (row.customer_text, row.title) if part),
            row.state_ru,
            row.state_en,
            row.responsible,
            row.at,
            same_client=False,
            same_vehicle=False,
        )
        for row in session.execute(statement)
    ]
