"""Saving what the generated forms of contacts send: each record with its own rules and its search key."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import select

from addons.contacts.models import Customer, LeadSource, Make, Vehicle, VehicleModel
from addons.contacts.services.customers import (
    CustomerData,
    apply_customer,
    check_customer,
    create_customer,
    expect_vip_right,
    index_customer,
    vip_by_hand,
)
from addons.contacts.services.documents import follow_parties
from addons.contacts.services.vehicles import clear_mileage, index_vehicle, note_mileage
from core import Invalid, T, WorkSession, normalise_plate, normalise_vin, parse_phone, search_key

Named = TypeVar("Named", Make, VehicleModel)


def create_client(session: WorkSession, values: dict[str, Any]) -> Customer:
    """A client from the form."""
    branches = session.access.branch_ids
    return create_customer(session, CustomerData(**_known(values), branch_id=min(branches) if branches else None))


def change_client(session: WorkSession, customer: Customer, values: dict[str, Any]) -> None:
    """The changed fields of a client; one that is no government body any more is VIP only by hand (S4-03)."""
    before = vip_by_hand(customer)
    known = {name: getattr(customer, name) for name in _CLIENT_FIELDS} | {"vip": before[0]}
    data = CustomerData(**_known({**known, **values}))
    check_customer(data)
    expect_vip_right(session, before, data)
    apply_customer(customer, data)
    session.flush()
    index_customer(session, customer)
    follow_parties(session, customers=[customer.id])


_CLIENT_FIELDS = (
    "legal_form",
    "relation",
    "last_name",
    "first_name",
    "middle_name",
    "email",
    "responsible_id",
    "lead_source_id",
    "vip",
    "vip_reason",
    "note",
)


def _known(values: dict[str, Any]) -> dict[str, Any]:
    """The form's values as the service takes them: a text that was left empty is empty, not missing."""
    texts = {"last_name", "first_name", "middle_name", "email", "vip_reason", "note"}
    return {name: (value or "") if name in texts else value for name, value in values.items()}


def create_vehicle(session: WorkSession, values: dict[str, Any]) -> Vehicle:
    """A car from the form."""
    vehicle = Vehicle()
    session.add(vehicle)
    _apply_vehicle(session, vehicle, values)
    session.flush()
    _read_odometer(session, vehicle, values)
    _index_owner(session, vehicle.customer_id)
    return vehicle


def change_vehicle(session: WorkSession, vehicle: Vehicle, values: dict[str, Any]) -> None:
    """The changed fields of a car. Who owned it before is no longer found by it."""
    former_id = vehicle.customer_id
    _apply_vehicle(session, vehicle, values)
    session.flush()
    _read_odometer(session, vehicle, values)
    for owner_id in {former_id, vehicle.customer_id}:
        _index_owner(session, owner_id)
    follow_parties(session, vehicles=[vehicle.id])


def _apply_vehicle(session: WorkSession, vehicle: Vehicle, values: dict[str, Any]) -> None:
    errors: dict[str, list[str]] = {}
    values = dict(values)
    if values.get("vin"):
        vin = normalise_vin(values["vin"])
        if not vin.valid:
            errors["vin"] = [T("A VIN has 17 letters and digits, without I, O and Q.")]
        elif _vin_is_taken(session, vehicle, vin.value):
            errors["vin"] = [T("A car with this VIN is in the directory already.")]
        values["vin"] = vin.value
    if values.get("plate"):
        values["plate"] = normalise_plate(values["plate"])
    model = session.get(VehicleModel, values["model_id"]) if values.get("model_id") else None
    if model is not None and model.make_id != values.get("make_id", vehicle.make_id):
        errors["model_id"] = [T("This model belongs to another make.")]
    if errors:
        raise Invalid(errors)
    values.pop("mileage", None)
    for name, value in values.items():
        empty = "" if name in ("colour", "note") else None
        setattr(vehicle, name, empty if value is None or value == "" else value)
    if vehicle.make_id is None and not vehicle.title:
        vehicle.title = vehicle.plate or vehicle.vin or ""
    index_vehicle(session, vehicle)


def _read_odometer(session: WorkSession, vehicle: Vehicle, values: dict[str, Any]) -> None:
    """Another mileage is a reading of today; an emptied one is not known any more (S1-71)."""
    kilometres = values.get("mileage", vehicle.mileage)
    if kilometres == vehicle.mileage:
        return
    if kilometres is None:
        clear_mileage(vehicle)
    else:
        note_mileage(session, vehicle, kilometres)
    session.flush()


def _vin_is_taken(session: WorkSession, vehicle: Vehicle, vin: str) -> bool:
    with session.no_autoflush:
        found = session.scalar(select(Vehicle.id).where(Vehicle.vin == vin))
    return found is not None and found != vehicle.id


def _index_owner(session: WorkSession, customer_id: int | None) -> None:
    """A client is found by the plates and VINs of his cars, also one whom whoever changed the car may not see."""
    with session.unlimited("the search key of a car's owner"):
        owner = session.get(Customer, customer_id) if customer_id else None
        if owner is not None:
            index_customer(session, owner)
            session.flush()


def create_make(session: WorkSession, values: dict[str, Any]) -> Make:
    """A make from the form."""
    return _named(session, Make(), values)


def create_model(session: WorkSession, values: dict[str, Any]) -> VehicleModel:
    """A model from the form."""
    return _named(session, VehicleModel(), values)


def change_named(session: WorkSession, record: Named, values: dict[str, Any]) -> None:
    """The changed fields of a make or model."""
    _named(session, record, values)


def _named(session: WorkSession, record: Named, values: dict[str, Any]) -> Named:
    for name, value in values.items():
        setattr(record, name, "" if value is None and name == "name_ru" else value)
    record.search_key = search_key(record.name, record.name_ru)
    session.add(record)
    session.flush()
    return record


def create_source(session: WorkSession, values: dict[str, Any]) -> LeadSource:
    """A lead source from the form."""
    source = LeadSource()
    session.add(source)
    change_source(session, source, values)
    return source


def change_source(session: WorkSession, source: LeadSource, values: dict[str, Any]) -> None:
    """The changed fields of a lead source; a line that is a number is kept as the telephone says it (S1-72, X-04)."""
    for name, value in values.items():
        setattr(source, name, value)
    line = (source.called_line or "").strip()
    number = parse_phone(line)
    source.called_line = number.e164 if number is not None else line
    source.utm_source = source.utm_source or ""
    source.form_name = source.form_name or ""
    session.flush()
