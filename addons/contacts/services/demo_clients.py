"""The clients of the demonstration: three hundred of them with numbers, cars and consents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from addons.contacts.models import Consent, Customer, CustomerPhone, LeadSource, OdometerReading, Vehicle
from addons.contacts.services import demo_names as names
from addons.contacts.services.customers import display_name
from addons.contacts.services.demo_office import CarKind, Office
from core import Phone, WorkSession, demo, fold, latin_pieces, parse_phone, rewrite, search_key

CLIENTS = 300
KNOWN = (
    ("Иванов", "Виктор", "Сергеевич", "+7 903 123-45-67", ("Mercedes-Benz", "A-класс", 2019, "A123BC777")),
    ("Иванов", "Дмитрий", "Олегович", "8 (916) 000-18-33", ("Škoda", "Octavia", 2018, "K418MH97")),
    ("Иванова", "Ольга", "Петровна", "+7 985 000-90-05", ("Kia", "Rio", 2017, "O902TP799")),
    ("Новикова", "Елена", "Андреевна", "8 985 000 64 20", ("Škoda", "Octavia", 2020, "T605EX197")),
    ("Волкова", "Наталья", "Игоревна", "+7 (916) 000 07 41", ("Mercedes-Benz", "GLC", 2024, "M719OK777")),
    ("Кузнецова", "Ольга", "Владимировна", "89260001208", ("Haval", "Jolion", 2023, "H044CM790")),
    ("Сергеев", "Павел", "Николаевич", "+79990002236", ("Kia", "Sportage", 2021, "M077KK799")),
)
"""Clients that open contacts and descriptions of the program name."""

_WMI = {(make, model): wmi for make, model, _, wmi in names.GARAGE}
_VIN_SIGNS = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
_YEAR_SIGNS = "89ABCDEFGHJKLMNPRSTV"
"""The tenth character of a VIN from the model year 2008 on."""
_PLATE_LETTERS = "ABEKMHOPCTYX"


@dataclass(slots=True)
class Car:
    """A client's car; ``id`` is its number once it is stored."""

    kind: CarKind
    year: int
    vin: str
    plate: str
    mileage: int
    seen_at: datetime
    id: int = 0


@dataclass(slots=True)
class Client:
    """A client as the stories need him; ``id`` is his number once he is stored."""

    legal_form: str
    last_name: str
    first_name: str
    middle_name: str
    branch: str
    id: int = 0
    phones: list[Phone] = field(default_factory=list)
    cars: list[Car] = field(default_factory=list)
    email: str = ""
    last_contact_at: datetime | None = None

    @property
    def name(self) -> str:
        """What lists call him."""
        return display_name(self.legal_form, self.last_name, self.first_name, self.middle_name)


def add_clients(session: WorkSession, office: Office) -> list[Client]:
    """Store the clients with all that belongs to them."""
    clients = [*_known(office), *_invented(office)]
    sources = list(session.scalars(select(LeadSource.id).order_by(LeadSource.id)))
    ids = demo.add_records(session, Customer, [_customer(office, client, sources) for client in clients])
    for client, number in zip(clients, ids, strict=True):
        client.id = number
    demo.add_records(session, CustomerPhone, [row for client in clients for row in _phones(client)])
    _store_cars(session, office, clients)
    demo.add_records(session, Consent, [row for client in clients for row in _consents(office, client)])
    return clients


def _known(office: Office) -> list[Client]:
    clients = []
    for last_name, first_name, middle_name, number, (make, model, year, plate) in KNOWN:
        client = Client("person", last_name, first_name, middle_name, "north", phones=_read(number))
        client.cars = [_car(office, make, model, year, plate)]
        clients.append(client)
    return clients


def _invented(office: Office) -> list[Client]:
    rng = office.rng
    others = [("government", title) for title in names.GOVERNMENT] + [("company", title) for title in names.COMPANIES]
    clients = [_organisation(rng, form, title) for form, title in others]
    persons = {client.name: client for client in (_person(rng) for _ in range(CLIENTS * 2))}
    clients += list(persons.values())[: CLIENTS - len(KNOWN) - len(clients)]
    used = {client.phones[0].e164 for client in clients if client.phones}
    plates: set[str] = set()
    for client in clients:
        client.phones = _numbers(rng, client, used)
        client.cars = [_any_car(office, plates) for _ in range(_garage_size(rng, client))]
        client.email = _email(rng, client)
    rng.shuffle(clients)
    return clients


def _organisation(rng: Random, legal_form: str, title: str) -> Client:
    contact = _person(rng)
    return Client(legal_form, title, f"{contact.last_name} {contact.first_name}", "", contact.branch)


def _person(rng: Random) -> Client:
    woman = rng.random() < 0.36
    surname = rng.choice(names.SURNAMES)
    father = rng.choice(names.FATHERS)
    first_name = rng.choice(names.WOMEN if woman else names.MEN)
    middle_name = father[woman] if rng.random() < 0.8 else ""
    return Client("person", _feminine(surname) if woman else surname, first_name, middle_name, _branch(rng))


def _branch(rng: Random) -> str:
    return "north" if rng.random() < 0.65 else "south"


def _feminine(surname: str) -> str:
    if surname.endswith(("ов", "ев", "ёв", "ин", "ын")):
        return surname + "а"
    return surname[:-2] + "ая" if surname.endswith("ий") else surname


def _numbers(rng: Random, client: Client, used: set[str]) -> list[Phone]:
    """One or two numbers that nobody else has, each written in its own way."""
    count = 2 if rng.random() < 0.25 else 1
    city = client.legal_form != "person"
    phones: list[Phone] = []
    while len(phones) < count:
        code = rng.choice(names.CITY_CODES if city and not phones else names.MOBILE_CODES)
        last = f"{rng.randrange(10_000):04d}"
        written = rng.choice(names.SPELLINGS).format(code=code, a="000", b=last[:2], c=last[2:])
        if city and not phones and rng.random() < 0.5:
            written += f" доб. {rng.randrange(100, 600)}"
        phone = parse_phone(written)
        if phone is not None and phone.e164 not in used:
            used.add(phone.e164)
            phones.append(phone)
    return phones


def _read(number: str) -> list[Phone]:
    phone = parse_phone(number)
    return [phone] if phone is not None else []


def _garage_size(rng: Random, client: Client) -> int:
    return rng.randint(2, 4) if client.legal_form != "person" else rng.choices((0, 1, 2), (14, 68, 18))[0]


def _any_car(office: Office, plates: set[str]) -> Car:
    rng = office.rng
    make, model, _, _ = rng.choices(names.GARAGE, [row[2] for row in names.GARAGE])[0]
    year = min(office.now.year, rng.randint(2009, office.now.year))
    plate = _plate(rng)
    while plate in plates:
        plate = _plate(rng)
    plates.add(plate)
    return _car(office, make, model, year, plate)


def _car(office: Office, make: str, model: str, year: int, plate: str) -> Car:
    rng = office.rng
    age = max(1, (office.now.year - year) * 12 + office.now.month)
    return Car(
        kind=office.cars[make, model],
        year=year,
        vin=_vin(rng, _WMI.get((make, model), "X7L"), year),
        plate=plate,
        mileage=age * rng.randint(700, 1900) // 10 * 10,
        seen_at=office.now - timedelta(days=rng.randint(70, 400)),
    )


def _plate(rng: Random) -> str:
    first, second, third = (rng.choice(_PLATE_LETTERS) for _ in range(3))
    return f"{first}{rng.randint(1, 999):03d}{second}{third}{rng.choice(names.REGIONS)}"


def _vin(rng: Random, wmi: str, year: int) -> str:
    described = "".join(rng.choice(_VIN_SIGNS) for _ in range(6))
    year_sign = _YEAR_SIGNS[min(max(year - 2008, 0), len(_YEAR_SIGNS) - 1)]
    return f"{wmi}{described}{year_sign}{rng.choice('ABGKR')}{rng.randrange(1_000_000):06d}"


def _email(rng: Random, client: Client) -> str:
    if rng.random() > 0.45:
        return ""
    slug = rewrite(fold(client.last_name), latin_pieces).replace(" ", "-")
    return f"{slug}{rng.randint(1, 99)}@example.com"


def _customer(office: Office, client: Client, sources: Sequence[int]) -> dict[str, Any]:
    rng = office.rng
    cars = [part for car in client.cars for part in (car.plate, car.vin, car.kind.title)]
    numbers = [phone.e164 for phone in client.phones]
    known_since = office.now - timedelta(days=rng.randint(65, 1500), minutes=rng.randint(0, 900))
    fleet = client.legal_form == "person" and rng.random() < 0.02
    department = office.departments[f"{client.branch}.{rng.choice(('showroom', 'workshop'))}"]
    return {
        "created_at": known_since,
        "created_by_id": office.receptionist(client.branch),
        "legal_form": client.legal_form,
        "relation": _relation(rng, client),
        "last_name": client.last_name,
        "first_name": client.first_name,
        "middle_name": client.middle_name,
        "name": client.name,
        "vip": client.legal_form == "government" or fleet,
        "vip_reason": "Третий автомобиль в семье у нас" if fleet else "",
        "email": client.email,
        "lead_source_id": rng.choice(sources) if rng.random() < 0.8 else None,
        "responsible_id": rng.choice(office.staff[department]) if rng.random() < 0.6 else None,
        "branch_id": office.branches[client.branch],
        "main_phone": numbers[0] if numbers else "",
        "search_key": search_key(
            client.last_name, client.first_name, client.middle_name, *numbers, client.email, *cars
        ),
    }


def _relation(rng: Random, client: Client) -> str:
    if client.legal_form != "person":
        return "partner" if rng.random() < 0.15 else "corporate"
    return "employee" if rng.random() < 0.03 else "retail"


def _phones(client: Client) -> list[dict[str, Any]]:
    return [
        {
            "customer_id": client.id,
            "e164": phone.e164,
            "last7": phone.last7,
            "extension": phone.extension or "",
            "raw": phone.raw,
            "position": position,
        }
        for position, phone in enumerate(client.phones, start=1)
    ]


def _store_cars(session: WorkSession, office: Office, clients: Sequence[Client]) -> None:
    owned = [(client, car) for client in clients for car in client.cars]
    ids = demo.add_records(session, Vehicle, [_vehicle(office, client, car) for client, car in owned])
    for (_, car), number in zip(owned, ids, strict=True):
        car.id = number
    readings = [
        {"vehicle_id": car.id, "at": car.seen_at, "kilometres": car.mileage, "contact_id": None} for _, car in owned
    ]
    demo.add_records(session, OdometerReading, readings)


def _vehicle(office: Office, client: Client, car: Car) -> dict[str, Any]:
    return {
        "customer_id": client.id,
        "make_id": car.kind.make_id,
        "model_id": car.kind.model_id,
        "title": car.kind.title,
        "model_year": car.year,
        "vin": car.vin,
        "plate": car.plate,
        "colour": office.rng.choice(names.COLOURS),
        "mileage": car.mileage,
        "mileage_at": car.seen_at,
        "search_key": search_key(*car.kind.names, car.kind.title, car.plate, car.vin),
    }


def _consents(office: Office, client: Client) -> list[dict[str, Any]]:
    rng = office.rng
    if client.legal_form != "person" or rng.random() < 0.12:
        return []
    given = office.now - timedelta(days=rng.randint(65, 1000))
    purposes = ["processing", "marketing"] if rng.random() < 0.5 else ["processing"]
    paper = rng.random() < 0.7
    return [
        {
            "customer_id": client.id,
            "purpose": purpose,
            "text_version": "2024-09",
            "given_at": given,
            "until": given + timedelta(days=5 * 365),
            "channel": "paper" if paper else "site",
            "evidence": "Подпись на бумажном согласии" if paper else "Отметка в форме на сайте",
        }
        for purpose in purposes
    ]
