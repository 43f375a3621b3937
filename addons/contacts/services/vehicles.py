"""Cars: their names, what makes them findable, and what their odometers showed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, select

from addons.contacts.models import Make, OdometerReading, Vehicle, VehicleModel
from core import Doubt, Figure, Read, T, WorkSession, format_plate, kept, search_key

HIGHEST_MILEAGE = 2_999_999
"""The most kilometres an odometer shows, a lorry's too; the same at every form, service and import (S1-71)."""
NO_MILEAGE = T("From 0 to 2,999,999 km.")


def vehicle_title(make: Make | None, model: VehicleModel | None) -> str:
    """«Mercedes-Benz A-класс» from the directories."""
    return " ".join(part.name for part in (make, model) if part is not None)


def index_vehicle(session: WorkSession, vehicle: Vehicle) -> None:
    """Make a car findable by plate in either alphabet, by VIN, make and model in both scripts."""
    make = session.get(Make, vehicle.make_id) if vehicle.make_id else None
    model = session.get(VehicleModel, vehicle.model_id) if vehicle.model_id else None
    vehicle.title = vehicle_title(make, model) or vehicle.title
    names = [name for part in (make, model) if part is not None for name in (part.name, part.name_ru)]
    vehicle.search_key = search_key(*names, vehicle.title, vehicle.plate or "", vehicle.vin or "")


_OF_CLIENT: Select[*tuple[Any, ...]] = (
    select(Vehicle.id, Vehicle.title, Vehicle.model_year, Vehicle.mileage, Vehicle.plate, Vehicle.vin)
    .where(Vehicle.customer_id == bindparam("customer", type_=BigInteger))
    .order_by(Vehicle.model_year.desc(), Vehicle.id)
)


def vehicles_read(customer_id: int) -> Read:
    """Reads a client's cars, the newest first: id, title, model year, mileage in km, plate, VIN."""
    return Read(_OF_CLIENT, {"customer": customer_id})


def vehicles_of(session: WorkSession, customer_id: int) -> Sequence[Any]:
    """What :func:`vehicles_read` reads."""
    return kept.read(session, vehicles_read(customer_id))


def is_lower(vehicle: Any, kilometres: int | None) -> bool:
    """Whether a reading is lower than the last one, which somebody should look at before it is kept (S1-71)."""
    return kilometres is not None and vehicle.mileage is not None and kilometres < vehicle.mileage


def no_mileage(kilometres: int | None) -> bool:
    """Whether no odometer shows this; an unknown mileage is not a wrong one."""
    return kilometres is not None and not 0 <= kilometres <= HIGHEST_MILEAGE


def mileage_doubt(session: WorkSession, vehicle: Vehicle, kilometres: int | None) -> list[Doubt]:
    """The question whether an odometer has really gone back: what it shows, what it showed before and when (S1-71)."""
    if kilometres is None or not is_lower(vehicle, kilometres):
        return []
    at = vehicle.mileage_at or vehicle.updated_at
    values = {
        "km": Figure(kilometres),
        "last": Figure(vehicle.mileage or 0),
        "day": at.astimezone(session.access.zone).date(),
    }
    reason = T("The mileage of %(km)s km is less than the last reading of %(last)s km of %(day)s.")
    return [Doubt(f"mileage.{kilometres}", vehicle.title, (), (reason,), values=values)]


def note_mileage(
    session: WorkSession,
    vehicle: Vehicle,
    kilometres: int,
    *,
    contact_id: int | None = None,
    at: datetime | None = None,
) -> None:
    """Keep a dated reading; the latest one is the car's mileage (S1-71).

    :param at: when it was read, now unless given; whoever may have to correct it keeps this moment.
    """
    now = at or session.now()
    _keep_known(session, vehicle)
    session.add(OdometerReading(vehicle_id=vehicle.id, at=now, kilometres=kilometres, contact_id=contact_id))
    vehicle.mileage, vehicle.mileage_at = kilometres, now


def note_past_mileage(
    session: WorkSession, vehicle: Vehicle, kilometres: int, at: datetime, *, instead_of: datetime | None = None
) -> None:
    """Keep a reading of a day that is over; it is the car's mileage only where nothing newer is known (S1-71).

    :param instead_of: when it was thought to have been read; that reading is corrected.
    """
    _keep_known(session, vehicle)
    known = select(OdometerReading).where(OdometerReading.vehicle_id == vehicle.id)
    reading = session.scalars(known.where(OdometerReading.at == (instead_of or at)).limit(1)).first()
    if reading is None:
        session.add(OdometerReading(vehicle_id=vehicle.id, at=at, kilometres=kilometres))
    else:
        reading.at, reading.kilometres = at, kilometres
    session.flush()
    last = _last_reading(session, vehicle.id)
    if last is not None and last.at == at:
        vehicle.mileage, vehicle.mileage_at = kilometres, at


def _keep_known(session: WorkSession, vehicle: Vehicle) -> None:
    """A mileage that came without a reading becomes the first one."""
    if vehicle.mileage is not None and _last_reading(session, vehicle.id) is None:
        known_at = vehicle.mileage_at or vehicle.created_at
        session.add(OdometerReading(vehicle_id=vehicle.id, at=known_at, kilometres=vehicle.mileage))
        session.flush()


def clear_mileage(vehicle: Vehicle) -> None:
    """The mileage is not known now. What was read stays: a reading is history, whoever empties a field (S1-71)."""
    vehicle.mileage = vehicle.mileage_at = None


def forget_mileage(session: WorkSession, contact_id: int) -> None:
    """What was read with this contact was not read, or not on this car.

    A car whose mileage is from it has the reading before it again.
    """
    for reading in session.scalars(select(OdometerReading).where(OdometerReading.contact_id == contact_id)).all():
        _forget(session, reading)


def take_back_mileage(session: WorkSession, vehicle: Vehicle, at: datetime) -> None:
    """What was read of this car at this moment was not read."""
    for reading in _read_at(session, vehicle, at):
        _forget(session, reading)


def correct_mileage(session: WorkSession, vehicle: Vehicle, at: datetime, kilometres: int) -> None:
    """The odometer showed something else at this moment; where it is the latest reading the car's mileage follows."""
    for reading in _read_at(session, vehicle, at):
        reading.kilometres = kilometres
    if vehicle.mileage_at == at:
        vehicle.mileage = kilometres
    session.flush()


def _read_at(session: WorkSession, vehicle: Vehicle, at: datetime) -> Sequence[OdometerReading]:
    same = (OdometerReading.vehicle_id == vehicle.id, OdometerReading.at == at)
    return session.scalars(select(OdometerReading).where(*same)).all()


def _forget(session: WorkSession, reading: OdometerReading) -> None:
    vehicle = session.get(Vehicle, reading.vehicle_id)
    session.delete(reading)
    session.flush()
    if vehicle is not None and vehicle.mileage_at == reading.at:
        _go_back(vehicle, _last_reading(session, vehicle.id))
        session.flush()


def _go_back(vehicle: Vehicle, reading: OdometerReading | None) -> None:
    if reading is None:
        clear_mileage(vehicle)
    else:
        vehicle.mileage, vehicle.mileage_at = reading.kilometres, reading.at


def _last_reading(session: WorkSession, vehicle_id: int) -> OdometerReading | None:
    statement = select(OdometerReading).where(OdometerReading.vehicle_id == vehicle_id)
    return session.scalars(statement.order_by(OdometerReading.at.desc(), OdometerReading.id.desc()).limit(1)).first()


def plate_text(plate: str | None) -> str:
    """A plate in one line, as people write it."""
    return " ".join(part for part in format_plate(plate) if part) if plate else ""
