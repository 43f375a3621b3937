"""The files an import gives back: its problem rows, and the clients with their cars in the columns it reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, tuple_

from addons.contacts.models import Customer, CustomerPhone, Import, ImportRow, LeadSource, Vehicle
from addons.contacts.services.importing.cells import Problem
from addons.contacts.services.importing.columns import TARGETS
from addons.contacts.services.importing.directories import LEGAL_FORM_WORDS, RELATION_WORDS, Directories
from addons.contacts.services.importing.kinds import ImportKind, import_kinds, targets_of
from core import T, Table, Translator, WorkSession, within, write_csv, write_xlsx

EXPORT, EXPORT_CARS = "contacts.customer.export", "contacts.vehicle.export"
_AT_ONCE = 500
HEADINGS = [target.heading for target in TARGETS if target.name != "full_name"]
"""Our own columns: what is exported so is recognised again."""

_WHO = ("full_name", "last_name", "first_name", "middle_name")
_LONGEST_WHO = 120

_NAMES = [target.name for target in TARGETS if target.name != "full_name"]


def who_is_meant(record: Import, cells: Sequence[str]) -> str:
    """Whom a row is about, as the file names him; by his numbers where it does not."""
    filled: dict[str, list[str]] = {}
    for place, name in record.columns.items():
        if int(place) < len(cells) and cells[int(place)].strip():
            filled.setdefault(name, []).append(cells[int(place)].strip())
    named = [text for name in _WHO for text in filled.get(name, ())]
    return " ".join(named or filled.get("phones", ()))[:_LONGEST_WHO]


def titles(session: WorkSession, record: Import) -> dict[str, str]:
    """What the fields of a file are called: msgids by name; of an addon that is off those of clients and cars alone."""
    return {each.name: each.title for each in targets_of(import_kinds(session.hooks).get(record.kind))}


def problem_texts(stored: Sequence[Any], named: Mapping[str, str], translate: Translator) -> list[str]:
    """The problems of a row in words, each with its field and what stands there.

    :param named: the titles of the fields.
    """
    texts = []
    for problem in map(Problem.restored, stored):
        said = translate(problem.message, **problem.values)
        title = translate(named[problem.target]) if problem.target in named else ""
        texts.append(f"{title}: {said}" if title else said)
    return texts


def problem_rows(session: WorkSession, record: Import, limit: int, after: tuple[int, int] = (0, 0)) -> list[ImportRow]:
    """Some problem rows in the order of the file, those after a row's number and id."""
    place = tuple_(ImportRow.number, ImportRow.id)
    statement = select(ImportRow).where(ImportRow.import_id == record.id, place > after)
    return list(session.scalars(statement.order_by(ImportRow.number, ImportRow.id).limit(limit)))


def write_problems(session: WorkSession, record: Import, path: Path, translate: Translator) -> int:
    """All problem rows as a workbook: number, reasons, and the row as it came, to be mended and sent again."""
    heads = [translate(T("Row")), translate(T("What is wrong")), *record.headings]
    title = translate(T("Rows with problems"))
    return write_xlsx(path, Table(title, [record.file_name], heads, _problems(session, record, translate)))


def _problems(session: WorkSession, record: Import, translate: Translator) -> Iterator[list[Any]]:
    after = (0, 0)
    named = titles(session, record)
    while rows := problem_rows(session, record, _AT_ONCE, after):
        after = (rows[-1].number, rows[-1].id)
        for row in rows:
            yield [row.number, "; ".join(problem_texts(row.problems, named, translate)), *row.cells]


def write_template(path: Path, translate: Translator, kind: ImportKind | None = None) -> None:
    """An empty table with our columns."""
    headings = [target.heading for target in targets_of(kind) if target.name != "full_name"]
    write_xlsx(path, Table(translate(kind.title if kind is not None else T("Clients")), [], headings, []))


def write_clients(
    session: WorkSession, path: Path, kind: str, translate: Translator, ids: list[int] | None = None
) -> int:
    """The clients this person may export with their cars, one car a row, so that an import understands it again.

    Without the right to export cars the clients come alone.

    :param kind: ``xlsx`` or ``csv``.
    :param ids: gets the numbers of the clients, for the trail.
    :returns: how many rows.
    """
    table = Table(translate(T("Clients")), [], HEADINGS, _rows(session, [] if ids is None else ids))
    return write_xlsx(path, table) if kind == "xlsx" else write_csv(path, table)


def _rows(session: WorkSession, written: list[int]) -> Iterator[list[Any]]:
    directories = Directories(session, add=False, write=False)
    sources = {row.id: row.title_ru for row in session.execute(select(LeadSource.id, LeadSource.title_ru))}
    zone = session.access.zone
    last = 0
    while customers := _portion(session, last):
        last = customers[-1].id
        ids = [customer.id for customer in customers]
        written += ids
        phones = _phones(session, ids)
        cars = _cars(session, ids) if session.access.may(EXPORT_CARS) else {}
        for customer in customers:
            client = _client_values(customer, phones.get(customer.id, ""), directories, sources, zone)
            for car in cars.get(customer.id) or [None]:
                values = {**client, **(_car_values(car, directories, zone) if car is not None else {})}
                yield [values.get(name, "") for name in _NAMES]


def _portion(session: WorkSession, after: int) -> list[Customer]:
    reach = within(session, Customer, EXPORT)
    statement = select(Customer).where(reach, Customer.id > after, Customer.merged_into_id.is_(None))
    return list(session.scalars(statement.order_by(Customer.id).limit(_AT_ONCE)))


def _phones(session: WorkSession, customer_ids: Sequence[int]) -> dict[int, str]:
    statement = select(CustomerPhone).where(CustomerPhone.customer_id.in_(customer_ids))
    found: dict[int, list[str]] = {}
    for phone in session.scalars(statement.order_by(CustomerPhone.position, CustomerPhone.id)):
        text = f"{phone.e164} доб. {phone.extension}" if phone.extension else phone.e164
        found.setdefault(phone.customer_id, []).append(text)
    return {number: ", ".join(texts) for number, texts in found.items()}


def _cars(session: WorkSession, customer_ids: Sequence[int]) -> dict[int, list[Vehicle | None]]:
    """The cars by owner; one of which nothing is known that it could be found by again is left out."""
    found: dict[int, list[Vehicle | None]] = {}
    statement = select(Vehicle).where(Vehicle.customer_id.in_(customer_ids)).order_by(Vehicle.id)
    for car in session.scalars(statement):
        if car.customer_id and (car.external_id or car.vin or car.plate or car.make_id):
            found.setdefault(car.customer_id, []).append(car)
    return found


def _client_values(
    customer: Customer, phones: str, directories: Directories, sources: Mapping[int, str], zone: ZoneInfo
) -> dict[str, Any]:
    return {
        "external_id": customer.external_id or "",
        "legal_form": LEGAL_FORM_WORDS[customer.legal_form][0],
        "relation": RELATION_WORDS[customer.relation][0],
        "last_name": customer.last_name,
        "first_name": customer.first_name,
        "middle_name": customer.middle_name,
        "phones": phones,
        "email": customer.email,
        "vip": "да" if customer.vip else "",
        "vip_reason": customer.vip_reason,
        "responsible": directories.person_word(customer.responsible_id),
        "lead_source": sources.get(customer.lead_source_id or 0, ""),
        "last_contact_at": _local(customer.last_contact_at, zone),
        "note": customer.note,
    }


def _car_values(car: Vehicle, directories: Directories, zone: ZoneInfo) -> dict[str, Any]:
    make, model = directories.makes.get(car.make_id or 0), directories.models.get(car.model_id or 0)
    return {
        "vehicle_external_id": car.external_id or "",
        "vin": car.vin or "",
        "plate": car.plate or "",
        "make": make.name if make is not None else "",
        "model": model.name if model is not None else "",
        "model_year": car.model_year or "",
        "colour": car.colour,
        "mileage": "" if car.mileage is None else car.mileage,
        "mileage_at": _local(car.mileage_at, zone) if car.mileage is not None else "",
        "vehicle_note": car.note,
    }


def _local(moment: Any, zone: ZoneInfo) -> Any:
    """A moment as a sheet keeps it: local, to the minute, never later than it was."""
    return moment.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0) if moment is not None else ""
