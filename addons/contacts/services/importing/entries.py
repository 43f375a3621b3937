"""A row of the file as it is understood: a client, a car, or both, and everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from addons.contacts.services.importing import cells
from addons.contacts.services.importing.cells import Problem, Wrong
from addons.contacts.services.importing.columns import CLIENT, TARGETS, VEHICLE, Target
from addons.contacts.services.importing.directories import LEGAL_FORMS, RELATIONS, Directories
from addons.contacts.services.names import Name
from addons.contacts.services.vehicles import HIGHEST_MILEAGE
from core import Phone, T, normalise_plate, normalise_vin


@dataclass(slots=True)
class ClientPart:
    """What a row says of a client: only the columns it fills in, by their names in the table."""

    external_id: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    phones: list[Phone] = field(default_factory=list)
    whose_has_left: bool = False
    """Whether the responsible works here no more: he stays with his clients, and gets no new ones."""

    def name(self) -> Name:
        """The name as it is compared with others."""
        parts = [self.fields.get(part, "") for part in ("last_name", "first_name", "middle_name")]
        return Name.of(self.fields.get("legal_form", "person"), *parts)


@dataclass(slots=True)
class CarPart:
    """What a row says of a car."""

    external_id: str = ""
    vin: str = ""
    plate: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Entry:
    """One row: ``number`` is its place in the file, from 1."""

    number: int
    texts: Mapping[str, str]
    client: ClientPart | None = None
    car: CarPart | None = None
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, target: str, message: str, **values: Any) -> None:
        """Note why this row cannot be imported."""
        self.problems.append(Problem(target, message, values, self.texts.get(target, "")))


class Reader:
    """Reads the rows of one file."""

    def __init__(
        self,
        columns: Mapping[int, str],
        directories: Directories,
        zone: ZoneInfo,
        targets: Sequence[Target] = TARGETS,
    ) -> None:
        self._targets = {target.name: target for target in targets}
        self._columns = {place: name for place, name in columns.items() if name in self._targets}
        self._directories = directories
        self._zone = zone

    def read(self, number: int, row: Sequence[str]) -> Entry:
        """A row with every mistake it has, not only the first."""
        entry = Entry(number, self._texts(row))
        self._check_cells(entry)
        parts = {self._targets[name].part for name in entry.texts}
        if CLIENT in parts:
            entry.client = self._client(entry)
        if VEHICLE in parts:
            entry.car = self._car(entry)
        if not parts:
            entry.wrong("", T("There is nothing to import in this row."))
        return entry

    def _texts(self, row: Sequence[str]) -> dict[str, str]:
        """The filled cells by field; several columns of phones are one."""
        found: dict[str, str] = {}
        for place, name in self._columns.items():
            text = row[place].strip() if place < len(row) else ""
            if text:
                text = text if self._targets[name].lines or name == "phones" else " ".join(text.split())
                found[name] = f"{found[name]}, {text}" if name in found else text
        return found

    def _check_cells(self, entry: Entry) -> None:
        for name, text in entry.texts.items():
            if len(text) > self._targets[name].length:
                entry.wrong(name, T("At most %(max)s characters."), max=self._targets[name].length)
        for target in self._targets.values():
            if target.needed and entry.texts and target.name not in entry.texts:
                entry.wrong(target.name, T("Fill this in."))

    def _take(
        self, entry: Entry, name: str, read: Callable[[str], Any], into: dict[str, Any], column: str = ""
    ) -> None:
        """Read one cell into a column, or note what is wrong with it."""
        text = entry.texts.get(name)
        if text is None or len(text) > self._targets[name].length:
            return
        try:
            into[column or name] = read(text)
        except Wrong as wrong:
            entry.wrong(name, wrong.message, **wrong.values)

    def _client(self, entry: Entry) -> ClientPart:
        part = ClientPart(external_id=entry.texts.get("external_id", ""))
        given = part.fields
        self._take(entry, "legal_form", lambda text: cells.one_of(text, LEGAL_FORMS), given)
        self._take(entry, "relation", lambda text: cells.one_of(text, RELATIONS), given)
        if "full_name" in entry.texts:
            given |= _names(entry.texts["full_name"], given.get("legal_form", "person"))
        for name in ("last_name", "first_name", "middle_name", "vip_reason", "note"):
            self._take(entry, name, str, given)
        self._take(entry, "email", cells.email, given)
        self._take(entry, "vip", cells.yes_or_no, given)
        self._take(entry, "last_contact_at", lambda text: cells.moment(text, self._zone), given)
        self._take(entry, "responsible", self._person, given, "responsible_id")
        part.whose_has_left = given.get("responsible_id") in self._directories.left
        self._take(entry, "lead_source", self._source, given, "lead_source_id")
        numbers: dict[str, Any] = {}
        self._take(entry, "phones", cells.phones, numbers)
        unique = {(phone.e164, phone.extension): phone for phone in numbers.get("phones", ())}
        part.phones = list(unique.values())
        return part

    def _person(self, text: str) -> int:
        found = self._directories.person(text)
        if found is None:
            raise Wrong(T("There is no such person, or there are two of this name: write the login."))
        return found

    def _source(self, text: str) -> int:
        found = self._directories.source(text)
        if found is None:
            raise Wrong(T("There is no such lead source."))
        return found

    def _car(self, entry: Entry) -> CarPart:
        part = CarPart(external_id=entry.texts.get("vehicle_external_id", ""))
        given: dict[str, Any] = part.fields
        self._read_codes(entry, part)
        self._take(entry, "make", self._make, given, "make_id")
        if "make_id" in given:
            self._take(entry, "model", lambda text: self._model(given["make_id"], text), given, "model_id")
        elif "model" in entry.texts and "make" not in entry.texts:
            entry.wrong("model", T("A model needs its make."))
        self._take(entry, "model_year", cells.year, given)
        self._take(entry, "colour", str, given)
        self._take(entry, "mileage", lambda text: cells.whole(text, 0, HIGHEST_MILEAGE), given)
        self._take(entry, "mileage_at", lambda text: cells.moment(text, self._zone), given)
        self._take(entry, "vehicle_note", str, given, "note")
        if not (part.external_id or part.vin or part.plate or "make_id" in given) and not entry.problems:
            entry.wrong("", T("Say which car it is: its VIN, its plate, or at least its make."))
        return part

    def _read_codes(self, entry: Entry, part: CarPart) -> None:
        vin = normalise_vin(entry.texts.get("vin", ""))
        if vin.value and not vin.valid:
            entry.wrong("vin", T("A VIN has 17 letters and digits, without I, O and Q."))
        elif vin.value:
            part.vin = vin.value
        part.plate = normalise_plate(entry.texts.get("plate", ""))
        if len(part.plate) > 16:
            entry.wrong("plate", T("This is no plate."))

    def _make(self, text: str) -> int:
        found = self._directories.make(text)
        if found is None:
            raise Wrong(T("There is no such make in the directory."))
        return found

    def _model(self, make_id: int, text: str) -> int:
        found = self._directories.model(make_id, text)
        if found is None:
            raise Wrong(T("The make has no such model in the directory."))
        return found


def _names(full: str, legal_form: str) -> dict[str, str]:
    """A person's name in its order of the documents, surname first; a company's is one name."""
    if legal_form != "person":
        return {"last_name": full}
    parts = full.split(maxsplit=2)
    return dict(zip(("last_name", "first_name", "middle_name"), parts, strict=False))
