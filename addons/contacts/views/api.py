"""What programs may do with contacts: the steps of the card, by the same services."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypeVar

from msgspec import Meta, Struct

from addons.contacts.models import Document, InboundContact
from addons.contacts.services import handling, identifying, powers, registration, reopening
from addons.contacts.services.documents import get_document
from core import MAX_ID, Operation, T, WorkSession, subject_of, timeline

Id = Annotated[int, Meta(ge=1, le=MAX_ID)]
Small = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Shown = TypeVar("Shown", bound=Struct)
Text300 = Annotated[str, Meta(max_length=300)]


class ContactShown(Struct, kw_only=True):
    """A contact after a step."""

    id: int
    number: str
    version: int
    at: datetime
    channel: str
    state: str
    goal_id: int
    department_id: int
    branch_id: int
    responsible_id: int | None
    customer_id: int | None
    vehicle_id: int | None
    document_id: int | None
    client_text: str
    phone: str
    is_primary: bool
    waits_since: datetime | None
    taken_at: datetime | None
    finished_at: datetime | None


class DocumentShown(Struct, kw_only=True):
    """A document's row in the journal."""

    id: int
    type: str
    number: str
    version: int
    at: datetime
    customer_id: int | None
    responsible_id: int | None
    title: str
    amount: int | None
    state: str
    open: bool


class Registration(Struct, kw_only=True, forbid_unknown_fields=True):
    """A contact as it comes in; the client is a record of the directory or described in words."""

    channel: Annotated[str, Meta(max_length=20, examples=["phone"])]
    goal_id: Annotated[Id, Meta(examples=[3])]
    way: registration.Way = registration.Way.TRANSFER
    responsible_id: Id | None = None
    customer_id: Id | None = None
    client_text: Annotated[str, Meta(max_length=260, examples=["Виктор"])] = ""
    phone: Annotated[str, Meta(max_length=60, examples=["+79161234567"])] = ""
    email: Annotated[str, Meta(max_length=200)] = ""
    vehicle_id: Id | None = None
    make_id: Id | None = None
    model_id: Id | None = None
    vehicle_text: Annotated[str, Meta(max_length=160)] = ""
    model_year: Small | None = None
    mileage: Annotated[Small, Meta(description=str(T("Kilometres")))] | None = None
    mileage_sure: bool = False
    note: Annotated[str, Meta(max_length=registration.LONGEST_NOTE)] = ""
    topic: Text300 = ""
    wish: Text300 = ""
    callback_at: Annotated[datetime, Meta(tz=True)] | None = None
    caused_by_id: Id | None = None
    lead_source_id: Id | None = None
    called_line: Annotated[str, Meta(max_length=40)] = ""
    utm_source: Annotated[str, Meta(max_length=60)] = ""
    reason_ids: Annotated[list[Id], Meta(max_length=50)] = []


class Transfer(Struct, kw_only=True, forbid_unknown_fields=True):
    """To whom; nobody means all specialists of the goal. No goal means that it stays; a remark becomes a note."""

    responsible_id: Annotated[Id | None, Meta(examples=[12])] = None
    goal_id: Annotated[Id | None, Meta(examples=[3])] = None
    remark: Annotated[str, Meta(max_length=300, examples=["Спрашивает о зимней резине"])] = ""


class Ignoring(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why a contact needs no document."""

    reason_id: Annotated[Id, Meta(examples=[2])]
    comment: Text300 = ""


class Finishing(Struct, kw_only=True, forbid_unknown_fields=True):
    """What came out of it."""

    result: Annotated[str, Meta(max_length=300, examples=["Перезвонит в понедельник"])] = ""


class DocumentType(Struct, kw_only=True, forbid_unknown_fields=True):
    """What the contact becomes."""

    type: Annotated[str, Meta(max_length=60, examples=["sales.worksheet"])]


class Attaching(Struct, kw_only=True, forbid_unknown_fields=True):
    """The document the contact belongs to; ``confirmed`` names the doubts that were looked at."""

    document_id: Annotated[Id, Meta(examples=[482])]
    confirmed: Annotated[list[Annotated[str, Meta(max_length=60)]], Meta(max_length=20, examples=[["client.77"]])] = []


class Identifying(Struct, kw_only=True, forbid_unknown_fields=True):
    """The client of the directory."""

    customer_id: Annotated[Id, Meta(examples=[77])]


class Note(Struct, kw_only=True, forbid_unknown_fields=True):
    """A note; colleagues named in it as @login are told."""

    text: Annotated[str, Meta(max_length=timeline.LONGEST_NOTE, examples=["@petukhov перезвоните до 18:00"])]


def operations() -> list[Operation]:
    """Registering a contact, and every step of its card."""
    return [
        Operation(
            name="register",
            title=T("Register a contact"),
            path="/traffic",
            right="contacts.contact.create",
            run=_register,
            show=_contact,
            gives=ContactShown,
            takes=Registration,
            find=handling.get_contact,
            creates="contacts.traffic",
        ),
        _step("claim", T("Take a contact"), "claim", handling.claim),
        _step("transfer", T("Pass a contact on"), "pass_on", _transfer, Transfer),
        _step("queue", T("Put a visitor into the waiting queue"), "queue", handling.queue),
        _step("remind", T("Tell of a waiting client once more"), "queue", handling.remind),
        _step("ignore", T("Ignore a contact, with a reason"), "ignore", _ignore, Ignoring),
        _step("finish", T("Close a contact with a result"), "finish", _finish, Finishing),
        _step("reopen", T("Take up again what ended without a document"), "read", reopening.reopen),
        _step("detach", T("Take the attachment to a document back"), "finish", reopening.detach),
        _step("identify", T("Say which client it is"), "change", _identify, Identifying),
        _step("note", T("Write a note on a contact"), "read", _note, Note),
        _document_step("document", T("Make a document of a contact"), _create_document, DocumentType, made=True),
        _document_step("attach", T("Attach a contact to a document"), _attach, Attaching),
    ]


def _step(name: str, title: str, action: str, run: Any, takes: type[Struct] | None = None) -> Operation:
    return Operation(
        name=name,
        title=title,
        path=f"/traffic/{{id}}/{name}",
        right=f"{powers.THING}.{action}",
        run=run,
        show=_contact,
        gives=ContactShown,
        takes=takes,
        find=handling.get_contact,
    )


def _document_step(name: str, title: str, run: Any, takes: type[Struct], *, made: bool = False) -> Operation:
    return Operation(
        name=name,
        title=title,
        path=f"/traffic/{{id}}/{name}",
        right=f"{powers.THING}.finish",
        run=run,
        show=_document,
        gives=DocumentShown,
        takes=takes,
        find=get_document,
        creates="contacts.documents" if made else "",
    )


def _register(session: WorkSession, sent: Registration) -> InboundContact:
    values = {name: getattr(sent, name) for name in sent.__struct_fields__}
    return registration.register(session, registration.NewContact(**values))


def _transfer(session: WorkSession, record_id: int, sent: Transfer) -> InboundContact:
    return handling.transfer(session, record_id, sent.responsible_id, sent.goal_id, sent.remark)


def _ignore(session: WorkSession, record_id: int, sent: Ignoring) -> InboundContact:
    return handling.ignore(session, record_id, sent.reason_id, sent.comment)


def _finish(session: WorkSession, record_id: int, sent: Finishing) -> InboundContact:
    return handling.finish(session, record_id, sent.result)


def _identify(session: WorkSession, record_id: int, sent: Identifying) -> InboundContact:
    return identifying.identify(session, record_id, sent.customer_id)


def _note(session: WorkSession, record_id: int, sent: Note) -> InboundContact:
    contact = handling.get_contact(session, record_id)
    timeline.note(session, subject_of(contact), sent.text)
    return contact


def _create_document(session: WorkSession, record_id: int, sent: DocumentType) -> Document:
    return handling.create_document(session, record_id, sent.type)


def _attach(session: WorkSession, record_id: int, sent: Attaching) -> Document:
    return handling.attach(session, record_id, sent.document_id, sent.confirmed)


def _contact(_session: WorkSession, contact: InboundContact) -> ContactShown:
    return _shown(ContactShown, contact)


def _document(_session: WorkSession, document: Document) -> DocumentShown:
    return _shown(DocumentShown, document)


def _shown(kind: type[Shown], record: Any) -> Shown:
    """A struct of a record's columns of the same names."""
    return kind(**{name: getattr(record, name) for name in kind.__struct_fields__})
