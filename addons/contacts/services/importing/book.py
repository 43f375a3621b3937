"""What is known of the clients and cars a part of the file speaks of: from the database, and from earlier rows.

Everybody is found by tokens: ``e:17`` the other program's number, ``p:+7…`` a phone, ``n:…`` a full name; a car by
``x:17``, ``v:VIN``, and among its owner's cars by plate or by make, model and year. While the file is only checked,
what its rows would create is kept as facts under the same tokens, so that a row finds what an earlier one said,
however many parts lie between (:class:`addons.contacts.models.ImportFact`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import or_, select

from addons.contacts.models import Customer, CustomerPhone, ImportFact, Vehicle
from addons.contacts.services.importing.entries import CarPart, ClientPart, Entry
from addons.contacts.services.lookup import LOOKUP
from addons.contacts.services.names import Name
from core import WorkSession, insert_into

_AT_ONCE = 500
_STORED = ("key", "shown", "external_id", "given", "phones")

Given = dict[str, list[Any]]
"""What rows of the file have said: the value and the number of the row, by field."""


@dataclass(slots=True)
class Party:
    """A client, stored (``db:17``) or yet to be created (``row:3``). ``record`` is his row while it is at hand."""

    key: str
    name: Name
    shown: str
    external_id: str | None = None
    merged: bool = False
    given: Given = field(default_factory=dict)
    record: Customer | None = None
    phones: list[tuple[str, str]] = field(default_factory=list)
    """His numbers in their order: E.164 and extension."""
    cars: list[Car] = field(default_factory=list)


@dataclass(slots=True)
class Car:
    """A car, stored or yet to be created; ``owner`` is the key of its party."""

    key: str
    shown: str
    owner: str = ""
    external_id: str | None = None
    vin: str = ""
    plate: str = ""
    make_id: int | None = None
    model_id: int | None = None
    model_year: int | None = None
    given: Given = field(default_factory=dict)
    record: Vehicle | None = None


class Book:
    """The clients and cars at hand, by their tokens."""

    def __init__(self) -> None:
        self.parties: dict[str, Party] = {}
        self.cars: dict[str, Car] = {}
        self._owners: dict[str, list[str]] = {}
        self._cars: dict[str, str] = {}
        self.heard: set[str] = set()
        """The tokens and keys that rows of this part have added to."""

    def by_token(self, token: str) -> list[Party]:
        """The clients a token may mean."""
        return [self.parties[key] for key in self._owners.get(token, ())]

    def car_by(self, token: str) -> Car | None:
        """The car a token means."""
        key = self._cars.get(token)
        return self.cars[key] if key is not None else None

    def owner_of(self, car: Car) -> Party | None:
        """Whose car it is."""
        return self.parties.get(car.owner)

    def know(self, party: Party, tokens: Iterable[str]) -> None:
        """Make a client findable."""
        self.parties[party.key] = party
        for token in tokens:
            keys = self._owners.setdefault(token, [])
            if party.key not in keys:
                keys.append(party.key)

    def know_car(self, car: Car) -> None:
        """Make a car findable."""
        self.cars[car.key] = car
        for token in car_tokens(car):
            self._cars.setdefault(token, car.key)

    def hear(self, party: Party, phones: Iterable[str]) -> None:
        """A row has told something of a client."""
        tokens = [*party_tokens(party), *(f"p:{phone}" for phone in phones)]
        self.know(party, tokens)
        self.heard.update((f"P:{party.key}", *tokens))

    def hear_car(self, car: Car) -> None:
        """A row has told something of a car."""
        self.know_car(car)
        self.heard.update((f"C:{car.key}", *car_tokens(car)))

    def facts(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """What this part has added, to be kept for the parts after it."""
        for token in sorted(self.heard):
            kind, _, key = token.partition(":")
            if kind == "P":
                yield token, _stored(self.parties[key])
            elif kind == "C":
                yield token, _stored_car(self.cars[key])
            elif token in self._owners:
                yield token, {"parties": self._owners[token]}
            else:
                yield token, {"car": self._cars[token]}


# --- tokens ---------------------------------------------------------------------------------------


def name_token(shown: str) -> str:
    """The token of a full name."""
    return f"n:{shown}"


def party_tokens(party: Party) -> list[str]:
    """What a client is found by, apart from his numbers."""
    return [
        *([name_token(party.shown)] if party.shown else []),
        *([f"e:{party.external_id}"] if party.external_id else []),
    ]


def entry_tokens(entry: Entry) -> Iterator[str]:
    """What a row's client can be found by."""
    client, car = entry.client, entry.car
    if client is not None:
        yield from (f"p:{phone.e164}" for phone in client.phones)
        if name := shown_name(client):
            yield name_token(name)
        if client.external_id:
            yield f"e:{client.external_id}"
    if car is not None:
        yield from _sure_tokens(car.external_id, car.vin)


def _sure_tokens(external_id: str | None, vin: str) -> Iterator[str]:
    if external_id:
        yield f"x:{external_id}"
    if vin:
        yield f"v:{vin}"


def car_tokens(car: Car) -> list[str]:
    """What a car is found by."""
    owned = (plate_token(car.owner, car.plate), build_token(car.owner, car.make_id, car.model_id, car.model_year))
    return [*_sure_tokens(car.external_id, car.vin), *filter(None, owned)]


def plate_token(owner: str, plate: str) -> str:
    """What a car with a plate is found by among one client's; a plate goes on to other cars in time."""
    return f"l:{owner}:{plate}" if plate else ""


def build_token(owner: str, make_id: int | None, model_id: int | None, model_year: int | None) -> str:
    """What a car is found by among one client's when nothing better is known of it."""
    return f"m:{owner}:{make_id}/{model_id or ''}/{model_year or ''}" if make_id else ""


def build_of(owner: str, car: CarPart) -> str:
    """:func:`build_token` of a row's car."""
    return build_token(owner, *(car.fields.get(name) for name in ("make_id", "model_id", "model_year")))


def shown_name(client: ClientPart) -> str:
    """The name of a row's client as lists show it."""
    fields = client.fields
    if fields.get("legal_form", "person") != "person":
        return str(fields.get("last_name", ""))
    parts = (fields.get(part, "") for part in ("last_name", "first_name", "middle_name"))
    return " ".join(part for part in parts if part)


# --- facts of earlier rows ------------------------------------------------------------------------


def _stored(party: Party) -> dict[str, Any]:
    return {"name": asdict(party.name), **{name: getattr(party, name) for name in _STORED}}


def _stored_car(car: Car) -> dict[str, Any]:
    return {name: getattr(car, name) for name in Car.__slots__ if name != "record"}


def load_facts(session: WorkSession, import_id: int, book: Book, entries: Sequence[Entry]) -> None:
    """Add what earlier rows of the file have said of the clients and cars of these rows."""
    tokens = {token for entry in entries for token in entry_tokens(entry)}
    found = read_facts(session, import_id, tokens)
    keys = {key for fact in found.values() for key in fact.get("parties", ())} | set(book.parties)
    cars = {fact["car"] for fact in found.values() if "car" in fact}
    owned = read_facts(session, import_id, set(_owned(entries, book, found)))
    cars |= {fact["car"] for fact in owned.values()} | set(book.cars)
    details = read_facts(session, import_id, {f"C:{key}" for key in cars})
    keys |= {fact["owner"] for fact in details.values() if fact["owner"]}
    _take_parties(book, read_facts(session, import_id, {f"P:{key}" for key in keys}), found)
    _take_cars(book, details)


def _owned(entries: Sequence[Entry], book: Book, found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The tokens of the rows' cars among those of every client a row may mean."""
    for entry in entries:
        car = entry.car
        if car is None:
            continue
        owners = {""}
        for token in entry_tokens(entry):
            owners |= {party.key for party in book.by_token(token)}
            owners |= set(found.get(token, {}).get("parties", ()))
        for owner in owners:
            yield from filter(None, (plate_token(owner, car.plate), build_of(owner, car)))


def _take_parties(book: Book, details: Mapping[str, Mapping[str, Any]], found: Mapping[str, Mapping[str, Any]]) -> None:
    tokens: dict[str, list[str]] = {}
    for token, fact in found.items():
        for key in fact.get("parties", ()):
            tokens.setdefault(key, []).append(token)
    for fact in details.values():
        party = book.parties.get(fact["key"]) or Party(fact["key"], Name(**fact["name"]), fact["shown"])
        party.external_id, party.given = fact["external_id"], fact["given"]
        party.phones = [(e164, extension) for e164, extension in fact["phones"]]
        book.know(party, [*party_tokens(party), *tokens.get(party.key, ())])


def _take_cars(book: Book, details: Mapping[str, Mapping[str, Any]]) -> None:
    for fact in details.values():
        known = book.cars.get(fact["key"])
        car = Car(**fact, record=known.record if known is not None else None)
        book.know_car(car)


def read_facts(session: WorkSession, import_id: int, keys: set[str]) -> dict[str, dict[str, Any]]:
    """What earlier rows have left under these tokens."""
    found: dict[str, dict[str, Any]] = {}
    wanted = sorted(keys)
    for start in range(0, len(wanted), _AT_ONCE):
        statement = select(ImportFact.key, ImportFact.fact).where(
            ImportFact.import_id == import_id, ImportFact.key.in_(wanted[start : start + _AT_ONCE])
        )
        found |= {row.key: row.fact for row in session.execute(statement)}
    return found


def keep_facts(session: WorkSession, import_id: int, book: Book) -> None:
    """Keep what these rows have said for the rows to come."""
    write_facts(session, import_id, book.facts())


def write_facts(session: WorkSession, import_id: int, facts: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Keep facts by their tokens; a later one takes the place of an earlier one."""
    rows = [{"import_id": import_id, "key": key, "fact": fact} for key, fact in facts]
    if rows:
        statement = insert_into(session, ImportFact)
        replaced = statement.on_conflict_do_update(
            index_elements=[ImportFact.import_id, ImportFact.key], set_={"fact": statement.excluded.fact}
        )
        session.execute(replaced, rows)


# --- the database ---------------------------------------------------------------------------------


def load_book(session: WorkSession, entries: Sequence[Entry]) -> Book:
    """The clients and cars of these rows that the database has, in a few statements for all of them."""
    cars = _cars_of_rows(session, entries)
    parties = _customers(session, entries, {car.customer_id for car in cars if car.customer_id})
    book = Book()
    for record in parties.values():
        party = Party(
            f"db:{record.id}",
            Name.of(record.legal_form, record.last_name, record.first_name, record.middle_name),
            record.name,
            record.external_id,
            record.merged_into_id is not None,
            record=record,
        )
        # A merged record is known by its number only, so that the row can be told what became of it.
        book.know(party, [f"e:{record.external_id}"] if party.merged else party_tokens(party))
    _add_phones(session, book, sorted(parties))
    owned = session.scalars(select(Vehicle).where(Vehicle.customer_id.in_(sorted(parties))).order_by(Vehicle.id)).all()
    for vehicle in {each.id: each for each in (*owned, *cars)}.values():
        car = _car_of(vehicle)
        book.know_car(car)
        owner = book.owner_of(car)
        if owner is not None:
            owner.cars.append(car)
    return book


def _cars_of_rows(session: WorkSession, entries: Sequence[Entry]) -> list[Vehicle]:
    parts = [entry.car for entry in entries if entry.car is not None]
    vins = sorted({car.vin for car in parts if car.vin})
    numbers = sorted({car.external_id for car in parts if car.external_id})
    plates = sorted({car.plate for car in parts if car.plate})
    unowned = Vehicle.plate.in_(plates) & Vehicle.customer_id.is_(None)
    statement = select(Vehicle).where(or_(Vehicle.vin.in_(vins), Vehicle.external_id.in_(numbers), unowned))
    return list(session.scalars(statement.order_by(Vehicle.id)))


def _customers(session: WorkSession, entries: Sequence[Entry], owners: set[int]) -> dict[int, Customer]:
    """The clients of these rows, of any branch: whoever imports answers for all of them."""
    parts = [entry.client for entry in entries if entry.client is not None]
    numbers = sorted({client.external_id for client in parts if client.external_id})
    phones = sorted({phone.e164 for client in parts for phone in client.phones})
    names = sorted({shown_name(client) for client in parts if not client.phones and not client.external_id})
    known = select(CustomerPhone.customer_id).where(CustomerPhone.e164.in_(phones))
    findable = or_(Customer.id.in_(known), Customer.id.in_(sorted(owners)), Customer.name.in_(names))
    statement = select(Customer).where(
        or_(Customer.external_id.in_(numbers), Customer.merged_into_id.is_(None) & findable)
    )
    found = session.scalars(statement.order_by(Customer.id).execution_options(right=LOOKUP))
    return {customer.id: customer for customer in found}


def _add_phones(session: WorkSession, book: Book, customer_ids: Sequence[int]) -> None:
    statement = (
        select(CustomerPhone)
        .where(CustomerPhone.customer_id.in_(customer_ids))
        .order_by(CustomerPhone.position, CustomerPhone.id)
    )
    for phone in session.scalars(statement):
        party = book.parties[f"db:{phone.customer_id}"]
        party.phones.append((phone.e164, phone.extension))
        if not party.merged:
            book.know(party, [f"p:{phone.e164}"])


def _car_of(vehicle: Vehicle) -> Car:
    return Car(
        f"db:{vehicle.id}",
        vehicle.title or vehicle.plate or vehicle.vin or "",
        f"db:{vehicle.customer_id}" if vehicle.customer_id else "",
        vehicle.external_id,
        vehicle.vin or "",
        vehicle.plate or "",
        vehicle.make_id,
        vehicle.model_id,
        vehicle.model_year,
        record=vehicle,
    )
