"""Writing what a part of the file has planned: clients, then their numbers and cars, each with its search key."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from addons.contacts.models import Customer, CustomerPhone, OdometerReading, Vehicle
from addons.contacts.services.customers import display_name
from addons.contacts.services.documents import follow_parties
from addons.contacts.services.importing.book import Car, Party
from addons.contacts.services.importing.directories import Directories
from addons.contacts.services.importing.planning import Plan
from addons.contacts.services.vehicles import vehicle_title
from core import Phone, WorkSession, search_key

_BLANK = {"legal_form": "person", "relation": "retail", "vip": False} | dict.fromkeys(
    ("last_name", "first_name", "middle_name", "vip_reason", "email", "note", "main_phone", "search_key"), ""
)
_BLANK_CAR = dict.fromkeys(("title", "colour", "note", "search_key"), "")


class Writer:
    """Gathers the records of one part and writes them in three flushes, however many they are."""

    def __init__(
        self, session: WorkSession, directories: Directories, *, author_id: int | None, branch_id: int | None
    ) -> None:
        self._session = session
        self._directories = directories
        self._author_id = author_id
        self._branch_id = branch_id
        self._parties: dict[str, Party] = {}
        self._cars: dict[str, Car] = {}
        self._phones: list[tuple[Party, Phone]] = []
        self._readings: list[tuple[Car, int, datetime]] = []

    def apply(self, plan: Plan) -> None:
        """Put a planned row on its records; the rows after it compare themselves with that."""
        if plan.party is not None:
            self._apply_client(plan, plan.party)
        if plan.car is not None:
            self._apply_car(plan, plan.car)

    def _apply_client(self, plan: Plan, party: Party) -> None:
        record = party.record
        if record is None:
            record = party.record = Customer(**_BLANK, branch_id=self._branch_id, created_by_id=self._author_id)
        for name, value in plan.changes.items():
            setattr(record, name, value)
        record.vip = record.vip or record.legal_form == "government"
        record.name = display_name(record.legal_form, record.last_name, record.first_name, record.middle_name)
        for phone in plan.phones:
            record.main_phone = record.main_phone or phone.e164
            self._phones.append((party, phone))
        if plan.new_party or plan.changes or plan.phones:
            self._parties[party.key] = party

    def _apply_car(self, plan: Plan, car: Car) -> None:
        record = car.record
        if record is None:
            record = car.record = Vehicle(**_BLANK_CAR, created_by_id=self._author_id)
        changes = {name: value for name, value in plan.car_changes.items() if name != "customer_id"}
        for name, value in changes.items():
            setattr(record, name, value)
        if "mileage" in changes:
            record.mileage_at = changes.get("mileage_at") or self._session.now()
            self._readings.append((car, changes["mileage"], record.mileage_at))
        if plan.new_car or plan.car_changes:
            self._cars[car.key] = car
            if plan.owner is not None:
                # A car is a part of its owner's search key.
                self._parties[plan.owner.key] = plan.owner

    def flush(self) -> None:
        """Write everything: clients first, as the others need their numbers."""
        for car in self._cars.values():
            self._index_car(car)
        for party in self._parties.values():
            _index_client(party)
        self._add(party.record for party in self._parties.values())
        owners = {party.key: party.record for party in self._parties.values()}
        for car in self._cars.values():
            owner = owners.get(car.owner)
            if owner is not None and car.record is not None:
                car.record.customer_id = owner.id
        self._add(car.record for car in self._cars.values())
        self._add(self._phone_rows())
        self._add(
            OdometerReading(vehicle_id=car.record.id, at=at, kilometres=kilometres)
            for car, kilometres, at in self._readings
            if car.record is not None
        )
        known = [party.record.id for party in self._parties.values() if party.record is not None]
        follow_parties(self._session, known, [car.record.id for car in self._cars.values() if car.record is not None])

    def _add(self, records: Iterable[Any]) -> None:
        self._session.add_all(list(records))
        self._session.flush()

    def _phone_rows(self) -> Iterable[CustomerPhone]:
        for party, phone in self._phones:
            if party.record is None:
                continue
            extension = phone.extension or ""
            yield CustomerPhone(
                customer_id=party.record.id,
                e164=phone.e164,
                last7=phone.last7,
                extension=extension,
                raw=phone.raw[:60],
                position=party.phones.index((phone.e164, extension)) + 1,
            )

    def _index_car(self, car: Car) -> None:
        record = car.record
        if record is None:
            return
        make = self._directories.makes.get(record.make_id or 0)
        model = self._directories.models.get(record.model_id or 0)
        record.title = (vehicle_title(make, model) or record.title or record.plate or record.vin or "")[:160]
        names = [name for part in (make, model) if part is not None for name in (part.name, part.name_ru)]
        record.search_key = search_key(*names, record.title, record.plate or "", record.vin or "")


def _index_client(party: Party) -> None:
    """As :func:`addons.contacts.services.customers.index_customer` does, from what is at hand."""
    record = party.record
    if record is None:
        return
    cars = [car.record for car in party.cars if car.record is not None]
    vehicles = [part or "" for car in cars for part in (car.plate, car.vin, car.title)]
    numbers = [e164 for e164, _ in party.phones]
    names = (record.last_name, record.first_name, record.middle_name)
    record.search_key = search_key(*names, *numbers, record.email, *vehicles)
