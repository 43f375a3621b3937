"""What contacts holds about people, and what becomes of it (SEC-69…72)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, or_, select, update

from addons.contacts.models import (
    ClientMessage,
    Consent,
    ContactGoal,
    ContactReason,
    Customer,
    CustomerPhone,
    Delivery,
    Document,
    GoalSpecialist,
    IgnoreReason,
    Import,
    ImportFact,
    ImportPart,
    ImportRow,
    InboundContact,
    IntakeSource,
    LeadSource,
    Make,
    Merge,
    MergeMove,
    OdometerReading,
    RequestReason,
    Vehicle,
    VehicleModel,
)
from addons.contacts.services import consents
from addons.contacts.services.intake.talks import STATES
from addons.contacts.services.states import STATE
from addons.contacts.services.vehicles import vehicle_title
from addons.contacts.services.vocabulary import channel_titles
from core import (
    Declaration,
    NotPersonal,
    PersonalData,
    Retention,
    Setting,
    Subject,
    T,
    WorkSession,
    personal_data,
    search_key,
)

LEADS_DAYS = Setting(
    "contacts.keep_leads_days",
    int,
    1096,
    title=T("Contacts of people who never became clients: days until they are erased, 0 for never"),
    group=T("Retention"),
    minimum=0,
    maximum=36_500,
)
CLIENTS_DAYS = Setting(
    "contacts.keep_clients_days",
    int,
    1826,
    title=T("Clients without any contact or open document: days until they are erased, 0 for never"),
    group=T("Retention"),
    minimum=0,
    maximum=36_500,
)
SETTINGS = (LEADS_DAYS, CLIENTS_DAYS)

_STATES = {code: state.title for code, state in STATE.items()}
_FORMS = {"person": T("Private person"), "company": T("Company"), "government": T("Government body")}
_PROOF = T("Proof that the consent was given (152-FZ, art. 9 part 3; Civil Code, art. 196)")
_CLIENT, _NOBODY = T("Client No. %(n)s"), T("Data erased")
_NAME, _REACH = T("Person’s name"), T("Phone numbers and e-mail addresses")
_CAR = T("Vehicle: VIN, plate, mileage")
_TALKS = T("Contents of contacts with the dealership")
_PAPERS = T("Documents with the client")


def declarations() -> list[Declaration]:
    """Every table of contacts: with people in it, or without and why."""
    tables = [_customer(), _phone(), _consent(), _vehicle(), _odometer(), _contact(), _document(), _merge()]
    tables += [_message(), _delivery()]
    return [*tables, _refused_rows(), *_terms(), *_others()]


def _customer() -> PersonalData:
    return PersonalData(
        model=Customer,
        title=T("Client"),
        category=_NAME,
        reference=_CLIENT,
        person=True,
        counted=(Customer.merged_into_id.is_(None),),
        links=(personal_data.Link("merged_into_id", Customer),),
        fields={
            "name": personal_data.placeholder(T("Person’s name"), identifies=True),
            "last_name": personal_data.blank(T("Last name or short legal name")),
            "first_name": personal_data.blank(T("First name or contact person")),
            "middle_name": personal_data.blank(T("Middle name")),
            "email": personal_data.blank(T("E-mail"), identifies=True),
            "main_phone": personal_data.blank(T("Main phone"), identifies=True),
            "vip_reason": personal_data.blank(T("Why VIP")),
            "note": personal_data.blank(T("Note")),
            "external_id": personal_data.blank(T("Number in another system")),
            "search_key": personal_data.searched(),
        },
        export={
            "legal_form": personal_data.Told(T("Legal form"), _FORMS),
            "vip": T("VIP"),
            "created_at": T("Held since"),
            "last_contact_at": T("Last contact"),
        },
    )


def _phone() -> PersonalData:
    return PersonalData(
        model=CustomerPhone,
        title=T("Phone numbers"),
        category=_REACH,
        links=(personal_data.Link("customer_id", Customer),),
        delete=True,
        fields={
            "e164": personal_data.blank(T("Phone"), identifies=True),
            "last7": personal_data.blank(""),
            "extension": personal_data.blank(T("Extension")),
            "raw": personal_data.blank(T("As it was written")),
        },
    )


def _consent() -> PersonalData:
    return PersonalData(
        model=Consent,
        title=T("Consents"),
        category=T("Consents and their withdrawal"),
        links=(personal_data.Link("customer_id", Customer),),
        fields={"evidence": personal_data.keep(T("Evidence"), _PROOF, years=3)},
        export={
            "purpose": personal_data.Told(T("Purpose"), consents.PURPOSES),
            "text_version": T("Version of the text"),
            "given_at": T("Given"),
            "channel": personal_data.Told(T("How"), consents.CHANNEL_TITLES),
            "until": T("Valid until"),
            "withdrawn_at": T("Withdrawn"),
        },
        exempt={"text_version": T("names a text of the dealership")},
    )


def _vehicle() -> PersonalData:
    return PersonalData(
        model=Vehicle,
        title=T("Vehicles"),
        category=_CAR,
        links=(personal_data.Link("customer_id", Customer),),
        fields={
            "vin": personal_data.blank(T("VIN"), identifies=True),
            "plate": personal_data.blank(T("Plate"), identifies=True),
            "title": personal_data.derived(T("Vehicle"), _plain_title),
            "colour": personal_data.blank(T("Colour")),
            "note": personal_data.blank(T("Note")),
            "external_id": personal_data.blank(T("Number in another system")),
            "search_key": personal_data.searched("title"),
        },
        export={"model_year": T("Model year"), "mileage": T("Mileage, km"), "mileage_at": T("Mileage as of")},
        after=_clean_neighbours,
    )


def _plain_title(session: WorkSession, row: Mapping[str, Any]) -> str:
    """Make and model of the directories: what the car is called without its plate."""
    make = session.get(Make, row["make_id"]) if row["make_id"] else None
    model = session.get(VehicleModel, row["model_id"]) if row["model_id"] else None
    return vehicle_title(make, model)


def _clean_neighbours(session: WorkSession, rows: personal_data.Rows) -> Iterable[Subject]:
    """Documents of former owners can be found by the car's VIN and plate; from now on by what is left."""
    cars = sorted(rows.get(Vehicle, ()))
    own = rows.get(Document, frozenset())
    columns = (Document.id, Document.number, Document.customer_text, Document.vehicle_text, Document.title)
    found = session.connection().execute(select(*columns).where(Document.vehicle_id.in_(cars))).all()
    others = [row for row in found if row.id not in own]
    for row in others:
        key = search_key(row.number, row.customer_text, row.vehicle_text, row.title)
        session.connection().execute(update(Document).where(Document.id == row.id).values(search_key=key))
    return [Subject(Document.__tablename__, row.id) for row in others]


def _odometer() -> PersonalData:
    return PersonalData(
        model=OdometerReading,
        title=T("Odometer readings"),
        category=_CAR,
        links=(personal_data.Link("vehicle_id", Vehicle),),
        fields={},
        export={"at": T("Time"), "kilometres": T("Mileage, km")},
    )


def _contact() -> PersonalData:
    return PersonalData(
        model=InboundContact,
        title=T("Contacts with the dealership"),
        category=_TALKS,
        reference=T("Contact No. %(n)s"),
        links=(
            personal_data.Link("customer_id", Customer),
            personal_data.Link("phone", CustomerPhone, "e164", only=(InboundContact.customer_id.is_(None),)),
        ),
        fields={
            "client_text": personal_data.derived(T("Client in words"), _client_words, identifies=True),
            "phone": personal_data.blank(T("Phone"), identifies=True),
            "phone_raw": personal_data.blank(T("Phone as it was written")),
            "email": personal_data.blank(T("E-mail"), identifies=True),
            "vehicle_text": personal_data.blank(T("Vehicle in words")),
            "note": personal_data.blank(T("Note")),
            "topic": personal_data.blank(T("Topic")),
            "wish": personal_data.blank(T("Wish")),
            "result": personal_data.blank(T("Result")),
            "ignore_comment": personal_data.blank(T("Why no document was needed")),
            "source_data": personal_data.blank(T("Data of the form or call")),
            "search_key": personal_data.searched("number"),
        },
        export={
            "number": T("Number"),
            "at": T("Time"),
            "channel": personal_data.Told(T("Channel"), channel_titles),
            "state": personal_data.Told(T("State"), _STATES),
            "mileage": T("Mileage, km"),
            "model_year": T("Model year"),
        },
    )


def _client_words(session: WorkSession, row: Mapping[str, Any]) -> str:
    """The client's reference, or that there was somebody."""
    if row["customer_id"] is None:
        return session.words("ru", _NOBODY)
    return session.words("ru", _CLIENT) % {"n": row["customer_id"]}


def _document() -> PersonalData:
    return PersonalData(
        model=Document,
        title=T("Documents"),
        category=_PAPERS,
        links=(personal_data.Link("customer_id", Customer),),
        fields={
            "customer_text": personal_data.placeholder(T("Client")),
            "vehicle_text": personal_data.blank(T("Vehicle")),
            "title": personal_data.blank(T("Title")),
            "search_key": personal_data.searched("number"),
        },
        export={"number": T("Number"), "at": T("Time"), "state_ru": T("State"), "amount": T("Amount, kopecks")},
    )


def _merge() -> PersonalData:
    return PersonalData(
        model=Merge,
        title=T("Merged records of the client"),
        category=_NAME,
        links=(personal_data.Link("kept_id", Customer), personal_data.Link("gone_id", Customer)),
        delete=True,
        fields={
            "gone_name": personal_data.blank(T("Name of the record that went")),
            "before": personal_data.blank(T("Both records before")),
            "after": personal_data.blank(T("Both records after")),
        },
        export={"created_at": T("Time")},
    )


def _message() -> PersonalData:
    return PersonalData(
        model=ClientMessage,
        title=T("Messages with the client"),
        category=_TALKS,
        links=(personal_data.Link("contact_id", InboundContact),),
        delete=True,
        fields={
            "peer": personal_data.blank(T("Who he is in the messenger"), identifies=True),
            "text": personal_data.blank(T("Text")),
        },
        export={"at": T("Time"), "state": personal_data.Told(T("State"), STATES)},
        exempt={
            "external_id": T("the messenger's own name for a message"),
            "problem": T("why a message could not be sent"),
        },
    )


def _delivery() -> PersonalData:
    return PersonalData(
        model=Delivery,
        title=T("What sites and messengers have sent"),
        category=_TALKS,
        links=(personal_data.Link("contact_id", InboundContact),),
        delete=True,
        fields={"body": personal_data.blank(T("As it came"))},
        export={"at": T("Time")},
        exempt={
            "key": T("the source's own name for a request"),
            "body_hash": T("tells one request from another"),
        },
    )


def _refused_rows() -> personal_data.Sweep:
    return personal_data.Sweep(
        model=ImportRow,
        title=T("Refused lines of imports"),
        category=T("Imported lists"),
        columns=("cells", "problems"),
    )


def _terms() -> list[Declaration]:
    return [
        Retention(
            name="contacts.leads", title=T("Contacts of people who never became clients"), days=LEADS_DAYS, due=_leads
        ),
        Retention(
            name="contacts.clients", title=T("Clients nobody was in touch with"), days=CLIENTS_DAYS, due=_clients
        ),
    ]


def _leads(session: WorkSession, before: datetime, limit: int) -> Sequence[Subject]:
    """Finished contacts of nobody in the directory that led to no document and still hold something."""
    holding = or_(
        InboundContact.phone != "",
        InboundContact.phone_raw != "",
        InboundContact.email != "",
        InboundContact.note != "",
        InboundContact.client_text.not_in(("", session.words("ru", _NOBODY))),
    )
    statement = (
        select(InboundContact.id)
        .where(
            InboundContact.at < before,
            InboundContact.finished_at.is_not(None),
            InboundContact.customer_id.is_(None),
            InboundContact.document_id.is_(None),
            holding,
        )
        .order_by(InboundContact.at, InboundContact.id)
        .limit(limit)
    )
    ids = session.connection().execute(statement).scalars()
    return [Subject(InboundContact.__tablename__, number) for number in ids]


def _clients(session: WorkSession, before: datetime, limit: int) -> Sequence[Subject]:
    """Clients untouched since, without an open document or contact, who are not erased yet."""
    document = exists().where(
        Document.customer_id == Customer.id, or_(Document.open, Document.at >= before, Document.updated_at >= before)
    )
    contact = exists().where(
        InboundContact.customer_id == Customer.id,
        or_(InboundContact.finished_at.is_(None), InboundContact.at >= before),
    )
    statement = (
        select(Customer.id)
        .where(
            Customer.merged_into_id.is_(None),
            or_(Customer.last_contact_at.is_(None), Customer.last_contact_at < before),
            Customer.updated_at < before,
            and_(~document, ~contact),
            or_(Customer.last_name != "", Customer.first_name != "", Customer.main_phone != ""),
        )
        .order_by(Customer.id)
        .limit(limit)
    )
    ids = session.connection().execute(statement).scalars()
    return [Subject(Customer.__tablename__, number) for number in ids]


def _others() -> list[Declaration]:
    directories = (ContactGoal, IgnoreReason, RequestReason, LeadSource, Make, VehicleModel)
    return [
        NotPersonal(T("a directory: the same for everybody"), directories),
        NotPersonal(T("tells which colleague handles what"), (GoalSpecialist,)),
        NotPersonal(T("names a file and its columns, no line of it"), (Import,)),
        NotPersonal(T("lines on their way: there only while an import is worked on"), (ImportPart, ImportFact)),
        NotPersonal(T("sites and messengers of the dealership"), (IntakeSource,)),
        NotPersonal(T("numbers of moved rows; deleted with the merge"), (MergeMove,)),
        NotPersonal(T("links a contact to a directory; it tells nothing without the contact"), (ContactReason,)),
    ]
