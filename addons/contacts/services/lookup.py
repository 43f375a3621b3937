"""Finding a client however he is named: phone in any spelling, name in any layout, plate, VIN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, String, bindparam, select

from addons.contacts.models import Customer, CustomerPhone, Vehicle
from addons.contacts.services.search import Reading, read
from core import (
    MAX_QUERY,
    NotFound,
    Read,
    WorkSession,
    corrected_layout,
    kept,
    match_score,
    phone_query,
    plate_being_typed,
    plate_kind,
    row_rules,
)

LOOKUP = "contacts.customer.lookup"
"""The right to find any client by name or number, also one whose card stays closed to the person."""


@dataclass(slots=True)
class FoundCustomer:
    """A client as the look-up shows him."""

    id: int
    name: str
    phone: str
    vip: bool
    vehicles: list[tuple[str, str]] = field(default_factory=list)
    """Title and plate of his cars."""


@dataclass(frozen=True, slots=True)
class LookupResult:
    """What was found, and how the typed text had to be read to find it (S2-32)."""

    customers: list[FoundCustomer]
    read_as: str = ""


def visible_customer(session: WorkSession, customer_id: int) -> Customer:
    """A client for choosing him in a form: the look-up right is enough.

    :raises NotFound: when there is none.
    """
    statement = row_rules(session).ruled("visible customer", _visible, right=LOOKUP)
    customer: Customer | None = session.scalars(statement, {"customer": customer_id}).one_or_none()
    if customer is None:
        raise NotFound("There is no such client.")
    return customer


def _visible() -> Select[Any]:
    number = bindparam("customer", type_=BigInteger)
    return select(Customer).where(Customer.id == number, Customer.merged_into_id.is_(None))


def find_customers(session: WorkSession, query: str, limit: int = 8) -> LookupResult:
    """The clients a typed text may mean: by number when it is one, else by every word in any reading.

    Those whose name begins with what was typed come first, then who was in touch last. Of a word that fits very many
    the newest records are looked at, as in the global search.
    """
    text = query.strip()[:MAX_QUERY]
    whole = _by_whole(session, text, limit)
    if whole:
        return LookupResult(_found(session, whole))
    found = _by_reading(session, read(text), limit)
    found.sort(key=lambda customer: -match_score(text, customer.name))
    return LookupResult(found, corrected_layout(text, [customer.name for customer in found]) or "")


def _by_whole(session: WorkSession, text: str, limit: int) -> Sequence[Any]:
    """Whoever a whole number or plate belongs to: most of what is asked, and answered by an index."""
    wanted = phone_query(text)
    if wanted is not None and wanted.e164 and not wanted.inside:
        return kept.read(session, Read(_BY_NUMBER, {"e164": wanted.e164, "most": limit}, right=LOOKUP))
    plate = plate_being_typed(text)
    if plate and plate_kind(plate) != "other":
        return kept.read(session, Read(_BY_PLATE, {"plate": plate, "most": limit}, right=LOOKUP))
    return ()


def _by_reading(session: WorkSession, reading: Reading, limit: int) -> list[FoundCustomer]:
    owners = select(CustomerPhone.customer_id).where(CustomerPhone.e164 == reading.e164)
    condition = reading.condition(session, Customer.search_key, Customer.id.in_(owners), by_name=True)
    if condition is None:
        return []
    statement = _customers(condition, reading.nearness(Customer.search_key)).limit(limit)
    return _found(session, session.execute(statement.execution_options(right=LOOKUP)).all())


def _customers(condition: ColumnElement[bool], *first: ColumnElement[Any]) -> Select[int, str, str, bool]:
    """The clients that meet a condition, those before others who were in touch later.

    :param first: what they are ordered by before that.
    """
    return (
        select(Customer.id, Customer.name, Customer.main_phone, Customer.vip)
        .where(Customer.merged_into_id.is_(None), condition)
        .order_by(*first, Customer.last_contact_at.desc().nulls_last(), Customer.name, Customer.id)
    )


def _found(session: WorkSession, rows: Sequence[Any]) -> list[FoundCustomer]:
    found = {row.id: FoundCustomer(row.id, row.name, row.main_phone, row.vip) for row in rows}
    _add_vehicles(session, found)
    return list(found.values())


def _add_vehicles(session: WorkSession, found: dict[int, FoundCustomer]) -> None:
    if not found:
        return
    for row in kept.read(session, Read(_CARS, {"owners": sorted(found)})):
        found[row.customer_id].vehicles.append((row.title, row.plate or ""))


# Asked at every key that is typed: made once, run with other values.
_OWNERS = select(CustomerPhone.customer_id).where(CustomerPhone.e164 == bindparam("e164", type_=String))
_BY_NUMBER = _customers(Customer.id.in_(_OWNERS)).limit(bindparam("most", type_=Integer))
_DRIVERS = select(Vehicle.customer_id).where(Vehicle.plate == bindparam("plate", type_=String))
_BY_PLATE = _customers(Customer.id.in_(_DRIVERS)).limit(bindparam("most", type_=Integer))
_CARS = (
    select(Vehicle.customer_id, Vehicle.title, Vehicle.plate)
    .where(Vehicle.customer_id.in_(bindparam("owners", expanding=True)))
    .order_by(Vehicle.id)
)
