"""The warning before a client is saved twice: same number, VIN or plate, or nearly the same name.

A form shows what is found and goes on only when the person has looked at it (:func:`core.errors.confirm`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from addons.contacts.models import Customer, CustomerPhone, Vehicle
from addons.contacts.services.lookup import LOOKUP
from addons.contacts.services.names import Name
from addons.contacts.services.vehicles import mileage_doubt, plate_text
from core import (
    Doubt,
    Remedy,
    T,
    WorkSession,
    format_phone,
    format_plate,
    normalise_plate,
    normalise_vin,
    parse_phone,
    search_index,
)

SHOWN = 5
MERGE = "contacts.customer.merge"
CARD = "contacts.clients.card"

_CANDIDATES = 200
_BEGINNING = 4
_SUREST: tuple[str, ...] = (T("Same VIN"), T("Same phone"), T("Same plate"), T("Same name"), T("Similar name"))


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a client about to be saved is known by. Phones are E.164, plates and VINs normalised."""

    name: Name = field(default_factory=Name)
    phones: Sequence[str] = ()
    vins: Sequence[str] = ()
    plates: Sequence[str] = ()


@dataclass(slots=True)
class Duplicate:
    """A client who may be the same one, and why; ``readable`` is whether the person may open his card."""

    id: int
    name: str
    phone: str
    vehicles: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    readable: bool = False


def find_duplicates(session: WorkSession, likeness: Likeness, *, except_id: int | None = None) -> list[Duplicate]:
    """The clients that may be the one described, the surest first, five at most.

    Whoever may look clients up sees those of other branches too, as the look-up shows them.
    """
    reasons: dict[int, list[str]] = {}
    for customer_id, reason in _matches(session, likeness):
        if customer_id != except_id and reason not in reasons.setdefault(customer_id, []):
            reasons[customer_id].append(reason)
    reasons = {customer_id: found for customer_id, found in reasons.items() if found}
    surest = sorted(reasons, key=lambda each: (min(map(_SUREST.index, reasons[each])), each))
    return _described(session, {each: reasons[each] for each in surest})


def _matches(session: WorkSession, likeness: Likeness) -> Iterator[tuple[int, str]]:
    if likeness.phones:
        owners = select(CustomerPhone.customer_id).where(CustomerPhone.e164.in_(sorted(likeness.phones)))
        yield from ((each, T("Same phone")) for each in session.scalars(owners))
    for column, values, reason in (
        (Vehicle.vin, likeness.vins, T("Same VIN")),
        (Vehicle.plate, likeness.plates, T("Same plate")),
    ):
        if values:
            owned = select(Vehicle.customer_id).where(column.in_(sorted(values)), Vehicle.customer_id.is_not(None))
            yield from ((each, reason) for each in session.scalars(owned) if each is not None)
    if likeness.name.telling:
        yield from _by_name(session, likeness.name)


def _by_name(session: WorkSession, name: Name) -> Iterator[tuple[int, str]]:
    statement = select(
        Customer.id, Customer.legal_form, Customer.last_name, Customer.first_name, Customer.middle_name
    ).where(Customer.merged_into_id.is_(None), or_(*_name_conditions(session, name)))
    for row in session.execute(statement.limit(_CANDIDATES).execution_options(**_as_lookup(session))):
        other = Name.of(row.legal_form, row.last_name, row.first_name, row.middle_name)
        if other.telling and name.like(other):
            yield row.id, T("Same name") if name.same(other) else T("Similar name")


def _name_conditions(session: WorkSession, name: Name) -> list[ColumnElement[bool]]:
    """What the search index can tell of a name with one letter wrong: the rest of it is still there."""

    def having(*fragments: str) -> ColumnElement[bool]:
        return and_(*(search_index.matches(session, Customer.search_key, each) for each in fragments if each))

    if not name.person:
        return [having(*name.last.split()), *(having(word) for word in name.last.split() if len(word) > _BEGINNING)]
    if len(name.first) == 1:
        return [having(name.last)]
    begin, end = name.last[:_BEGINNING], name.last[-_BEGINNING:]
    return [having(name.last, name.first[:_BEGINNING]), having(begin, name.first), having(end, name.first)]


def _as_lookup(session: WorkSession) -> dict[str, Any]:
    """The options that run a statement under the look-up right, where the person has it."""
    return {"right": LOOKUP} if session.access.may(LOOKUP) else {}


def _described(session: WorkSession, reasons: Mapping[int, list[str]]) -> list[Duplicate]:
    statement = select(Customer.id, Customer.name, Customer.main_phone).where(
        Customer.id.in_(reasons), Customer.merged_into_id.is_(None)
    )
    rows = {row.id: row for row in session.execute(statement.execution_options(**_as_lookup(session)))}
    shown = [each for each in reasons if each in rows][:SHOWN]
    readable = set(session.scalars(select(Customer.id).where(Customer.id.in_(shown))))
    cars = _cars(session, shown)
    return [
        Duplicate(each, rows[each].name, rows[each].main_phone, cars.get(each, []), reasons[each], each in readable)
        for each in shown
    ]


def _cars(session: WorkSession, customer_ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    statement = select(Vehicle.customer_id, Vehicle.title, Vehicle.plate).where(Vehicle.customer_id.in_(customer_ids))
    for row in session.execute(statement.order_by(Vehicle.id)):
        plate = " ".join(part for part in format_plate(row.plate) if part) if row.plate else ""
        found.setdefault(row.customer_id, []).append(" ".join(part for part in (row.title, plate) if part))
    return found


# --- for forms ----------------------------------------------------------------------------------


def client_doubts(session: WorkSession, customer: Customer | None, values: Mapping[str, Any]) -> list[Doubt]:
    """What a client's form should ask before it is saved.

    :param customer: the client being changed; of him only what has become different is looked for.
    :param values: what the form holds: names, ``legal_form``, and ``phones``, ``vin``, ``plate`` where it or one of
        its sections has them.
    """
    sections = (part for part in values.values() if isinstance(part, Mapping))
    flat = {**values, **{name: value for part in sections for name, value in part.items()}}
    likeness = _changed(customer, likeness_of(flat))
    found = find_duplicates(session, likeness, except_id=customer.id if customer is not None else None)
    return [doubt_of(session, each, customer) for each in found]


def phone_doubts(session: WorkSession, customer: Customer, raw: str) -> list[Doubt]:
    """What to ask before another number goes into a client's card: the others who have it."""
    likeness = Likeness(phones=likeness_of({"phone": raw}).phones)
    return [doubt_of(session, each, customer) for each in find_duplicates(session, likeness, except_id=customer.id)]


def likeness_of(values: Mapping[str, Any]) -> Likeness:
    """What a form's values say of who it is; what is no number or VIN counts as not given."""
    phones = values.get("phones") or values.get("phone") or ()
    written = [phones] if isinstance(phones, str) else list(phones)
    read = (parse_phone(piece) for text in written for piece in text.replace(";", ",").split(","))
    vin = normalise_vin(values.get("vin") or "")
    plate = normalise_plate(values.get("plate") or "")
    parts = [str(values.get(name) or "") for name in ("last_name", "first_name", "middle_name")]
    return Likeness(
        Name.of(str(values.get("legal_form") or "person"), *parts),
        [phone.e164 for phone in read if phone is not None],
        [vin.value] if vin.valid else [],
        [plate] if plate else [],
    )


def _changed(customer: Customer | None, likeness: Likeness) -> Likeness:
    if customer is None:
        return likeness
    known = Name.of(customer.legal_form, customer.last_name, customer.first_name, customer.middle_name)
    name = Name() if known.same(likeness.name) else likeness.name
    return Likeness(name, likeness.phones, likeness.vins, likeness.plates)


def doubt_of(session: WorkSession, found: Duplicate, customer: Customer | None = None) -> Doubt:
    """A found client as a form shows him: his card to look at, and what to do if it is he."""
    remedies: list[Remedy] = []
    if found.readable:
        remedies.append(Remedy(T("Open"), CARD, {"record_id": found.id}, aside=True))
        if customer is None:
            remedies.append(Remedy(T("This is the client"), CARD, {"record_id": found.id}))
        elif session.access.may(MERGE):
            remedies.append(Remedy(T("This is the client: merge"), "contacts.merge", {"id": [found.id, customer.id]}))
    phone = format_phone(found.phone) if found.phone else ""
    lines = tuple(line for line in (phone, *found.vehicles[:3]) if line)
    return Doubt(f"duplicate.{found.id}", found.name, lines, tuple(found.reasons), tuple(remedies))


def vehicle_doubts(session: WorkSession, vehicle: Vehicle | None, values: Mapping[str, Any]) -> list[Doubt]:
    """What a car's form should ask: the same plate on another car, an odometer that has gone back (S1-71).

    A VIN that is taken is refused, not asked.
    """
    fallen = mileage_doubt(session, vehicle, values.get("mileage")) if vehicle is not None else []
    return [*fallen, *_plate_doubts(session, vehicle, values)]


def _plate_doubts(session: WorkSession, vehicle: Vehicle | None, values: Mapping[str, Any]) -> list[Doubt]:
    plate = normalise_plate(values.get("plate") or "")
    if not plate or (vehicle is not None and vehicle.plate == plate):
        return []
    statement = select(Vehicle).where(Vehicle.plate == plate)
    if vehicle is not None:
        statement = statement.where(Vehicle.id != vehicle.id)
    return [_car_doubt(car) for car in session.scalars(statement.order_by(Vehicle.id).limit(SHOWN))]


def _car_doubt(car: Vehicle) -> Doubt:
    lines = tuple(line for line in (car.vin or "", str(car.model_year or "")) if line)
    card = {"record_id": car.id}
    remedies = (
        Remedy(T("Open"), "contacts.vehicles.card", card, aside=True),
        Remedy(T("This is the car"), "contacts.vehicles.card", card),
    )
    return Doubt(f"vehicle.{car.id}", car.title or plate_text(car.plate), lines, (T("Same plate"),), remedies)
