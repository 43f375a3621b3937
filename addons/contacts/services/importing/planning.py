"""Whose a row is and what it changes, or why it cannot be imported; the same for the check and for the import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from addons.contacts.models import Vehicle
from addons.contacts.services.customers import CustomerData, check_customer
from addons.contacts.services.importing.book import (
    Book,
    Car,
    Party,
    build_of,
    name_token,
    plate_token,
    shown_name,
)
from addons.contacts.services.importing.entries import CarPart, ClientPart, Entry
from addons.contacts.services.importing.kinds import ImportedRow, ImportWork
from core import Invalid, T

_NAMES = ("last_name", "first_name", "middle_name")
_CHECKED = ("legal_form", "relation", *_NAMES, "vip", "vip_reason", "email")
_TARGET_OF = {"responsible_id": "responsible", "lead_source_id": "lead_source", "make_id": "make", "model_id": "model"}
_NEVER_CONTRADICTED = frozenset(("last_contact_at", "mileage", "mileage_at"))
"""Of these the newest counts."""


class _Clash(Exception):
    """The row cannot be brought together with what is known; message and values as of a problem."""

    def __init__(self, target: str, message: str, **values: Any) -> None:
        super().__init__(message)
        self.target, self.message, self.values = target, message, values


@dataclass(slots=True)
class Plan:
    """What a good row does. ``changes`` and ``car_changes`` hold only what is different from what is stored.

    A row of the ``past`` only adds to what is known of its client and its car.
    """

    entry: Entry
    past: bool = False
    party: Party | None = None
    new_party: bool = False
    changes: dict[str, Any] = field(default_factory=dict)
    phones: list[Any] = field(default_factory=list)
    car: Car | None = None
    owner: Party | None = None
    """Whose car it is: the row's client, or the one the car has already."""

    new_car: bool = False
    car_changes: dict[str, Any] = field(default_factory=dict)
    row: ImportedRow | None = None
    row_outcome: str = ""
    """What becomes of what the row tells beside its client and its car."""

    @property
    def outcome(self) -> str:
        """What became of the row, as it is counted."""
        if self.row_outcome not in ("", "unchanged"):
            return self.row_outcome
        if not self.past and (self.new_party or (self.party is None and self.new_car)):
            return "created"
        changed = self.new_party or self.changes or self.phones or self.new_car or self.car_changes
        return "updated" if changed else "unchanged"


def plan_row(book: Book, entry: Entry, *, match_known: bool, work: ImportWork | None = None) -> Plan | None:
    """Plan a row and let the book know of it; nothing, with the reasons on the entry, when it cannot be imported.

    :param work: what an addon makes of the row beside its client and its car.
    """
    if entry.problems:
        return None
    plan = Plan(entry, past=work is not None)
    try:
        _plan_client(book, plan, match_known=match_known)
        _plan_car(book, plan)
    except _Clash as clash:
        entry.wrong(clash.target, clash.message, **clash.values)
    if work is None:
        _contradictions(plan)
    elif not entry.problems:
        _plan_more(book, plan, work)
    if entry.problems:
        return None
    _tell(book, plan)
    return plan


def _plan_more(book: Book, plan: Plan, work: ImportWork) -> None:
    owner = book.owner_of(plan.car) if plan.car is not None else None
    plan.row = ImportedRow(plan.entry, plan.party, plan.car, owner)
    plan.row_outcome = work.plan(plan.row)


# --- the client -----------------------------------------------------------------------------------


def _plan_client(book: Book, plan: Plan, *, match_known: bool) -> None:
    client = plan.entry.client
    if client is None:
        return
    party = _find_party(book, plan, client, match_known=match_known)
    plan.new_party = party is None
    plan.party = party or _new_party(plan.entry, client)
    plan.changes = _client_changes(plan.party, client)
    if plan.past:
        plan.changes = _unknown(plan.party.record, plan.changes)
    plan.phones = _new_phones(plan.party, client)
    if client.whose_has_left and "responsible_id" in plan.changes:
        plan.entry.wrong("responsible", T("This colleague works here no more."))
    _check(plan.entry, plan.party, plan.changes)


def _unknown(record: Any, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is known of a client or a car already: what was once is no news of him."""
    return {name: value for name, value in changes.items() if record is None or not getattr(record, name)}


def _find_party(book: Book, plan: Plan, client: ClientPart, *, match_known: bool) -> Party | None:
    """The client a row means, or nothing for a new one.

    The other program's number decides. Without it: the phones, then the VIN, then the full name, and the name must
    not contradict, so that a number that has gone on to somebody else does not make two people one.
    """
    entry = plan.entry
    if client.external_id:
        known = next(iter(book.by_token(f"e:{client.external_id}")), None)
        if known is not None:
            return _not_merged(known)
        return _without_number(book, entry, client) if match_known else None
    if not match_known:
        raise _Clash("external_id", T("The client's number is missing, and known clients are not to be looked for."))
    return _by_phone(book, client) or _by_vin(book, plan, client) or _by_name(book, client)


def _not_merged(party: Party) -> Party:
    if party.merged:
        raise _Clash("external_id", T("“%(name)s” was merged with another client here."), name=party.shown)
    return party


def _without_number(book: Book, entry: Entry, client: ClientPart) -> Party | None:
    """Somebody who was entered by hand before, and whom the other program's number now reaches."""
    name = client.name()
    found = {
        party.key: party
        for party in (*_owners_of_phones(book, client), *filter(None, (_owner_of_vin(book, entry),)))
        if party.external_id is None and name.like(party.name)
    }
    if len(found) > 1:
        raise _Clash("phones", T("Several clients have these numbers. Merge them first."))
    return next(iter(found.values()), None)


def _owners_of_phones(book: Book, client: ClientPart) -> list[Party]:
    found = {party.key: party for phone in client.phones for party in book.by_token(f"p:{phone.e164}")}
    return list(found.values())


def _owner_of_vin(book: Book, entry: Entry) -> Party | None:
    car = book.car_by(f"v:{entry.car.vin}") if entry.car is not None and entry.car.vin else None
    return book.owner_of(car) if car is not None else None


def _by_phone(book: Book, client: ClientPart) -> Party | None:
    owners = _owners_of_phones(book, client)
    name = client.name()
    found = [party for party in owners if name.like(party.name)]
    if len(found) > 1:
        same = [party for party in found if name.same(party.name)]
        if len(same) != 1:
            raise _Clash("phones", T("Several clients have these numbers. Merge them first."))
        found = same
    if owners and not found:
        raise _Clash("phones", T("This number belongs to “%(name)s”."), name=owners[0].shown)
    return found[0] if found else None


def _by_vin(book: Book, plan: Plan, client: ClientPart) -> Party | None:
    owner = _owner_of_vin(book, plan.entry)
    if owner is not None and not client.name().like(owner.name):
        if plan.past:
            return None  # it was somebody else's then
        raise _Clash("vin", T("The car with this VIN belongs to “%(name)s”."), name=owner.shown)
    return owner


def _by_name(book: Book, client: ClientPart) -> Party | None:
    """By the full name, where there is nothing better to go by."""
    name = shown_name(client)
    if client.phones or not name:
        return None
    found = book.by_token(name_token(name))
    if len(found) > 1:
        raise _Clash("last_name", T("Several clients have this name, and the row has no phone."))
    return found[0] if found else None


def _new_party(entry: Entry, client: ClientPart) -> Party:
    return Party(f"row:{entry.number}", client.name(), shown_name(client), client.external_id or None)


def _client_changes(party: Party, client: ClientPart) -> dict[str, Any]:
    record = party.record
    if record is None:
        return _untold(party.given, {**client.fields, "external_id": client.external_id or None})
    changes = {name: value for name, value in client.fields.items() if getattr(record, name) != value}
    if changes.get("legal_form", record.legal_form) == "government":
        changes.pop("vip", None)
    if not _newer(changes.get("last_contact_at"), record.last_contact_at):
        changes.pop("last_contact_at", None)
    if client.external_id and record.external_id != client.external_id:
        changes["external_id"] = client.external_id
    return _untold(party.given, changes)


def _untold(given: Mapping[str, list[Any]], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Without what an earlier row has said already; only in the check it is not written by then."""
    return {name: value for name, value in changes.items() if name not in given}


def _newer(given: datetime | None, known: datetime | None) -> bool:
    return given is not None and (known is None or given > known)


def _new_phones(party: Party, client: ClientPart) -> list[Any]:
    return [phone for phone in client.phones if (phone.e164, phone.extension or "") not in party.phones]


def _check(entry: Entry, party: Party, changes: Mapping[str, Any]) -> None:
    """The rules of the client's form, over what he will be afterwards."""
    record = party.record
    known = {name: getattr(record, name) for name in _CHECKED} if record is not None else {}
    told = {name: party.given[name][0] for name in _CHECKED if name in party.given}
    if "vip" in told:
        told["vip"] = told["vip"] == str(True)
    given = {name: value for name, value in changes.items() if name in _CHECKED}
    try:
        check_customer(CustomerData(**{**known, **told, **given}))
    except Invalid as refusal:
        for name, messages in refusal.errors.items():
            for message in messages:
                entry.wrong(_column(entry, name), message)


def _column(entry: Entry, name: str) -> str:
    """Where in the file it stands: the parts of a name may have come in one column."""
    return "full_name" if name in _NAMES and name not in entry.texts and "full_name" in entry.texts else name


# --- the car --------------------------------------------------------------------------------------


def _plan_car(book: Book, plan: Plan) -> None:
    part = plan.entry.car
    if part is None:
        return
    owner = plan.party.key if plan.party is not None else ""
    car = _find_car(book, part, owner)
    plan.new_car = car is None
    plan.car = car or _new_car(plan.entry, part, owner)
    if owner and plan.car.owner not in ("", owner) and not plan.past:
        holder = book.owner_of(plan.car)
        name = holder.shown if holder is not None else ""
        raise _Clash("vin" if part.vin else "plate", T("This car belongs to “%(name)s”."), name=name)
    plan.car_changes = _car_changes(plan.car, part)
    if plan.past:
        plan.car_changes = _unknown(plan.car.record, plan.car_changes)
    if owner and not plan.car.owner:
        plan.car_changes["customer_id"] = owner


def _find_car(book: Book, part: CarPart, owner: str) -> Car | None:
    """The car a row means: by its number, its VIN; among the client's own by its plate, else by what it is."""
    by_number = book.car_by(f"x:{part.external_id}") if part.external_id else None
    by_vin = book.car_by(f"v:{part.vin}") if part.vin else None
    if by_number is not None and by_vin is not None and by_number.key != by_vin.key:
        raise _Clash("vin", T("This VIN is on another car: “%(name)s”."), name=by_vin.shown)
    if by_number is not None or by_vin is not None:
        return _same_number(by_number or by_vin, part)
    plates = [plate_token(owner, part.plate), plate_token("", part.plate)] if part.plate else []
    builds = [build_of(owner, part)] if not (part.plate or part.vin or part.external_id) else []
    return next(filter(None, (_agreeing(book, token, part) for token in filter(None, (*plates, *builds)))), None)


def _same_number(car: Car | None, part: CarPart) -> Car | None:
    if car is not None and part.external_id and car.external_id not in (None, "", part.external_id):
        raise _Clash("vin", T("The car with this VIN has another number: %(number)s."), number=car.external_id)
    return car


def _agreeing(book: Book, token: str, part: CarPart) -> Car | None:
    """The car of a token, if its VIN and number do not say that it is another one."""
    car = book.car_by(token)
    if car is None or (part.vin and car.vin and part.vin != car.vin):
        return None
    return None if part.external_id and car.external_id not in (None, "", part.external_id) else car


def _new_car(entry: Entry, part: CarPart, owner: str) -> Car:
    return Car(
        f"row:{entry.number}",
        part.plate or part.vin,
        owner,
        part.external_id or None,
        part.vin,
        part.plate,
        part.fields.get("make_id"),
        part.fields.get("model_id"),
        part.fields.get("model_year"),
    )


def _car_changes(car: Car, part: CarPart) -> dict[str, Any]:
    codes = {"external_id": part.external_id, "vin": part.vin, "plate": part.plate}
    given = {**part.fields, **{name: code for name, code in codes.items() if code}}
    record = car.record
    if record is None:
        return _untold(car.given, given)
    changes = {name: value for name, value in given.items() if getattr(record, name) != value}
    if not _newer_mileage(record, part):
        changes.pop("mileage", None)
        changes.pop("mileage_at", None)
    return _untold(car.given, changes)


def _newer_mileage(record: Vehicle, part: CarPart) -> bool:
    """An odometer is read anew, not corrected by an older reading (S1-71)."""
    kilometres, at = part.fields.get("mileage"), part.fields.get("mileage_at")
    if kilometres is None:
        return False
    if at is not None and record.mileage_at is not None:
        return bool(at > record.mileage_at)
    return record.mileage is None or kilometres > record.mileage


# --- what rows say of each other -----------------------------------------------------------------


def _contradictions(plan: Plan) -> None:
    """Two rows of one client or car must agree, or importing the file again would change it back and forth."""
    if plan.party is not None and plan.entry.client is not None:
        _compare(plan.entry, plan.party.given, _said(plan.entry.client))
    if plan.car is not None and plan.entry.car is not None:
        _compare(plan.entry, plan.car.given, _said(plan.entry.car))


def _said(part: ClientPart | CarPart) -> dict[str, str]:
    codes = {"vin": part.vin, "plate": part.plate} if isinstance(part, CarPart) else {}
    said = {**part.fields, **codes, "external_id": part.external_id}
    return {name: str(value) for name, value in said.items() if value not in ("", None)}


def _compare(entry: Entry, given: Mapping[str, list[Any]], said: Mapping[str, str]) -> None:
    for name, value in said.items():
        earlier, row = given.get(name, (value, 0))
        if earlier != value and name not in _NEVER_CONTRADICTED:
            entry.wrong(_TARGET_OF.get(name, name), T("Row %(row)s says something else of this."), row=row)


def _tell(book: Book, plan: Plan) -> None:
    """Let the book know what a good row has said, for the rows after it."""
    number = plan.entry.number
    if plan.party is not None and plan.entry.client is not None:
        client, party = plan.entry.client, plan.party
        _remember(party.given, _said(client), number)
        party.external_id = client.external_id or party.external_id
        party.phones += [(phone.e164, phone.extension or "") for phone in plan.phones]
        book.hear(party, (phone.e164 for phone in client.phones))
    if plan.car is not None and plan.entry.car is not None:
        _tell_car(book, plan.car, plan.entry.car, plan.party, number)
        plan.owner = book.owner_of(plan.car)


def _tell_car(book: Book, car: Car, part: CarPart, party: Party | None, number: int) -> None:
    _remember(car.given, _said(part), number)
    car.external_id, car.vin = part.external_id or car.external_id, part.vin or car.vin
    car.plate = part.plate or car.plate
    for name in ("make_id", "model_id", "model_year"):
        setattr(car, name, part.fields.get(name) or getattr(car, name))
    if party is not None and car.owner in ("", party.key):
        car.owner = party.key
        if all(each.key != car.key for each in party.cars):
            party.cars.append(car)
    book.hear_car(car)


def _remember(given: dict[str, list[Any]], said: Mapping[str, str], number: int) -> None:
    for name, value in said.items():
        given.setdefault(name, [value, number])
