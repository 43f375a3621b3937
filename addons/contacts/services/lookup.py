"""Finding a client however he is named: phone in any spelling, name in any layout, plate, VIN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, String, and_, bindparam, or_, select

from addons.contacts.models import Customer, CustomerPhone, Vehicle
from core.db.engine import WorkSession
from core.db.guards import select_kept
from core.db.search_index import matches
from core.errors import NotFound
from core.text.folding import MAX_QUERY, corrected_layout, match_score, terms
from core.text.phones import phone_query

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
    statement = select(Customer).where(Customer.id == customer_id, Customer.merged_into_id.is_(None))
    customer = session.scalars(statement.execution_options(right=LOOKUP)).one_or_none()
    if customer is None:
        raise NotFound("There is no such client.")
    return customer


def find_customers(session: WorkSession, query: str, limit: int = 8) -> LookupResult:
    """The clients a typed text may mean: by number when it is one, else by every word in any reading."""
    text = query.strip()[:MAX_QUERY]
    if found := _by_phone(session, text, limit):
        return LookupResult(found)
    words = terms(text)
    if not words:
        return LookupResult([])
    found = _fetch(session, _by_words(session, words), limit)
    found.sort(key=lambda customer: -match_score(text, customer.name))
    return LookupResult(found, corrected_layout(text, [customer.name for customer in found]) or "")


def _by_phone(session: WorkSession, text: str, limit: int) -> list[FoundCustomer]:
    wanted = phone_query(text)
    if wanted is None:
        return []
    if wanted.e164 and not wanted.inside:
        rows = select_kept(session, _BY_NUMBER, {"e164": wanted.e164, "most": limit}, right=LOOKUP)
        return _found(session, rows)
    conditions = [matches(session, Customer.search_key, digits) for digits in wanted.inside]
    if wanted.e164:
        owners = select(CustomerPhone.customer_id).where(CustomerPhone.e164 == wanted.e164)
        conditions.append(Customer.id.in_(owners))
    return _fetch(session, or_(*conditions), limit)


def _by_words(session: WorkSession, words: Sequence[Sequence[str]]) -> ColumnElement[bool]:
    return and_(*(or_(*(matches(session, Customer.search_key, reading) for reading in word)) for word in words))


def _fetch(session: WorkSession, condition: ColumnElement[bool], limit: int) -> list[FoundCustomer]:
    statement = _customers(condition).limit(limit)
    return _found(session, session.execute(statement.execution_options(right=LOOKUP)).all())


def _customers(condition: ColumnElement[bool]) -> Select[int, str, str, bool]:
    """The clients that meet a condition, those first who were in touch last."""
    return (
        select(Customer.id, Customer.name, Customer.main_phone, Customer.vip)
        .where(Customer.merged_into_id.is_(None), condition)
        .order_by(Customer.last_contact_at.desc().nulls_last(), Customer.name, Customer.id)
    )


def _found(session: WorkSession, rows: Sequence[Any]) -> list[FoundCustomer]:
    found = {row.id: FoundCustomer(row.id, row.name, row.main_phone, row.vip) for row in rows}
    _add_vehicles(session, found)
    return list(found.values())


def _add_vehicles(session: WorkSession, found: dict[int, FoundCustomer]) -> None:
    if not found:
        return
    for row in select_kept(session, _CARS, {"owners": sorted(found)}):
        found[row.customer_id].vehicles.append((row.title, row.plate or ""))


# Asked at every key that is typed: made once, run with other values.
_OWNERS = select(CustomerPhone.customer_id).where(CustomerPhone.e164 == bindparam("e164", type_=String))
_BY_NUMBER = _customers(Customer.id.in_(_OWNERS)).limit(bindparam("most", type_=Integer))
_CARS = (
    select(Vehicle.customer_id, Vehicle.title, Vehicle.plate)
    .where(Vehicle.customer_id.in_(bindparam("owners", expanding=True)))
    .order_by(Vehicle.id)
)
