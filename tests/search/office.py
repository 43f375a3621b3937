"""A few clients, cars, contacts and documents to search among, in two branches."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from addons.contacts.models import ContactGoal, Document, InboundContact, Make, Vehicle
from addons.contacts.services.customers import CustomerData, create_customer, index_customer
from addons.contacts.services.documents import index_document
from addons.contacts.services.registration import index_contact
from addons.contacts.services.vehicles import index_vehicle
from core.access.models import Branch, Department
from core.db.engine import WorkSession

NOON = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FAR = "Дальнев"
"""The surname of a client of the other branch."""


def fill(session: WorkSession) -> None:
    """Иванов with a Mercedes, Петров with a Škoda and two phones, and their contacts and documents."""
    near = session.scalars(select(Department).where(Department.kind == "showroom")).one()
    far = Branch(title_ru="Дальний", title_en="Far")
    session.add(far)
    session.flush()
    ivanov = _client(session, "Иванов", "Виктор", "8 (903) 123-45-67", near.branch_id, email="viktor@example.ru")
    petrov = _client(session, "Петров", "Павел", "+7 916 000-18-33", near.branch_id, second="84951234567")
    _client(session, FAR, "Иван", "+7 916 555-66-77", far.id)
    _client(session, "Сидоров", "Пётр Иванович", "+7 916 555-66-00", near.branch_id)
    mercedes = _car(session, ivanov, "Mercedes-Benz", "A123BC777", "WDD1690071J123456")
    _car(session, petrov, "Škoda", "K418MH97", "TMBAG7NE0G0123456")
    _contact(session, near, "ВТ-004218", ivanov, "Иванов Виктор", "+79031234567")
    _contact(session, near, "ВТ-004219", None, "мужчина в синей куртке", "")
    _document(session, near, "РЛ-000482", ivanov, mercedes, "gone.sheet", "Mercedes-Benz E-класс")
    _document(session, near, "ЗН-011382", petrov, None, "gone.order", "Замена масла")


def _client(
    session: WorkSession, last: str, first: str, phone: str, branch_id: int, *, email: str = "", second: str = ""
) -> int:
    phones = [phone, second] if second else [phone]
    data = CustomerData(last_name=last, first_name=first, email=email, phones=phones, branch_id=branch_id)
    return create_customer(session, data).id


def _car(session: WorkSession, customer_id: int, make: str, plate: str, vin: str) -> int:
    from addons.contacts.models import Customer

    known = session.scalars(select(Make).where(Make.name == make)).one()
    car = Vehicle(customer_id=customer_id, make_id=known.id, plate=plate, vin=vin, model_year=2020)
    session.add(car)
    index_vehicle(session, car)
    session.flush()
    owner = session.get(Customer, customer_id)
    assert owner is not None
    index_customer(session, owner)
    session.flush()
    return car.id


def _contact(
    session: WorkSession, department: Department, number: str, customer_id: int | None, text: str, phone: str
) -> None:
    goal = session.scalars(select(ContactGoal).order_by(ContactGoal.id)).first()
    assert goal is not None
    contact = InboundContact(
        number=number,
        at=NOON,
        channel="phone",
        state="assigned",
        goal_id=goal.id,
        department_id=department.id,
        branch_id=department.branch_id,
        customer_id=customer_id,
        client_text=text,
        phone=phone,
    )
    index_contact(contact)
    session.add(contact)
    session.flush()


def _document(
    session: WorkSession,
    department: Department,
    number: str,
    customer_id: int,
    vehicle_id: int | None,
    kind: str,
    title: str,
) -> None:
    document = Document(
        type=kind,
        number=number,
        at=NOON,
        customer_id=customer_id,
        vehicle_id=vehicle_id,
        department_id=department.id,
        branch_id=department.branch_id,
        state="open",
        state_ru="Открыт",
        state_en="Open",
        title=title,
    )
    index_document(session, document)
    session.add(document)
    session.flush()
