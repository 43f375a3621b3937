"""Clients: their names, numbers and what makes them findable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, select

from addons.contacts.models import Customer, CustomerPhone, Vehicle
from addons.contacts.services.documents import follow_parties
from core import (
    Forbidden,
    Invalid,
    NotFound,
    Phone,
    Read,
    T,
    WorkSession,
    get_record,
    looks_like_email,
    parse_phone,
    search_key,
)

SET_VIP = "contacts.customer.set_vip"


def _longest(name: str) -> int:
    """How many characters a client's column holds."""
    length: int = getattr(Customer, name).type.length
    return length


_LONGEST = {name: _longest(name) for name in ("last_name", "first_name", "middle_name", "vip_reason")}
_LONGEST_NAME = _longest("name")


@dataclass(frozen=True, slots=True)
class CustomerData:
    """A client as a form gives him; which names are needed depends on the legal form (S4-05…07)."""

    legal_form: str = "person"
    relation: str = "retail"
    last_name: str = ""
    first_name: str = ""
    middle_name: str = ""
    vip: bool = False
    vip_reason: str = ""
    email: str = ""
    note: str = ""
    phones: Sequence[str] = field(default_factory=tuple)
    lead_source_id: int | None = None
    responsible_id: int | None = None
    branch_id: int | None = None
    external_id: str | None = None


def display_name(legal_form: str, last_name: str, first_name: str, middle_name: str) -> str:
    """The name in lists: a person's full name, a company's short legal name."""
    if legal_form == "person":
        return " ".join(part for part in (last_name, first_name, middle_name) if part)
    return last_name


def create_customer(session: WorkSession, data: CustomerData) -> Customer:
    """Add a client.

    :raises Invalid: for missing names, a number that is none, VIP without a reason.
    :raises Forbidden: for VIP by hand without the right.
    """
    phones = check_customer(data)
    expect_vip_right(session, (False, ""), data)
    customer = Customer(branch_id=data.branch_id, external_id=data.external_id)
    apply_customer(customer, data)
    session.add(customer)
    session.flush()
    for position, phone in enumerate(phones, start=1):
        session.add(_phone_row(customer.id, phone, position))
    customer.main_phone = phones[0].e164 if phones else ""
    index_customer(session, customer, phones=phones)
    return customer


def apply_customer(customer: Customer, data: CustomerData) -> None:
    """Write a form's values on a client; a government body is always VIP (S4-03)."""
    customer.legal_form, customer.relation = data.legal_form, data.relation
    customer.last_name, customer.first_name, customer.middle_name = (
        data.last_name.strip(),
        data.first_name.strip(),
        data.middle_name.strip(),
    )
    customer.name = display_name(data.legal_form, customer.last_name, customer.first_name, customer.middle_name)
    customer.vip = data.vip or data.legal_form == "government"
    customer.vip_reason = data.vip_reason.strip()
    customer.email, customer.note = data.email.strip(), data.note.strip()
    customer.lead_source_id, customer.responsible_id = data.lead_source_id, data.responsible_id


def email_fault(text: str) -> str:
    """What is wrong with a client's e-mail address; he may have none."""
    written = text.strip()
    return "" if not written or looks_like_email(written, longest=200) else T("This is no e-mail address.")


def check_customer(data: CustomerData) -> list[Phone]:
    """The client's numbers, read; every mistake of the form at once.

    :raises Invalid: naming the fields.
    """
    errors = _too_long(data)
    if data.legal_form == "person":
        if not (data.last_name.strip() or data.first_name.strip()):
            errors["last_name"] = [T("Give at least a name.")]
    else:
        if not data.last_name.strip():
            errors["last_name"] = [T("Give the short legal name.")]
        if not data.first_name.strip():
            errors["first_name"] = [T("Give the person to talk to.")]
    if data.vip and data.legal_form != "government" and not data.vip_reason.strip():
        errors["vip_reason"] = [T("Say why this client is VIP.")]
    fault = email_fault(data.email)
    if fault:
        errors["email"] = [fault]
    phones = [(raw, parse_phone(raw)) for raw in data.phones if raw.strip()]
    bad = [raw for raw, phone in phones if phone is None]
    if bad:
        errors["phones"] = [T("This is no phone number.")]
    if errors:
        raise Invalid(errors)
    unique = {(phone.e164, phone.extension): phone for _, phone in phones if phone is not None}
    return list(unique.values())


def _too_long(data: CustomerData) -> dict[str, list[str]]:
    """The texts that no column takes. Its parts may fit and the whole name be too long all the same."""
    errors: dict[str, list[str]] = {
        name: [T("This is too long.")] for name, most in _LONGEST.items() if len(getattr(data, name).strip()) > most
    }
    names = (data.last_name.strip(), data.first_name.strip(), data.middle_name.strip())
    if len(display_name(data.legal_form, *names)) > _LONGEST_NAME:
        errors["last_name"] = [T("This is too long.")]
    return errors


def add_phone(session: WorkSession, customer: Customer, raw: str) -> bool:
    """Write a number into the client's card once (S1-53).

    :returns: whether it was new.
    :raises Invalid: when it is no number.
    """
    phone = parse_phone(raw)
    if phone is None:
        raise Invalid({"phone": [T("This is no phone number.")]})
    known = phones_of(session, customer.id)
    if any(row.e164 == phone.e164 and row.extension == (phone.extension or "") for row in known):
        return False
    session.add(_phone_row(customer.id, phone, len(known) + 1))
    customer.main_phone = customer.main_phone or phone.e164
    session.flush()
    index_customer(session, customer)
    follow_parties(session, customers=[customer.id])
    return True


def _phone_row(customer_id: int, phone: Phone, position: int) -> CustomerPhone:
    return CustomerPhone(
        customer_id=customer_id,
        e164=phone.e164,
        last7=phone.last7,
        extension=phone.extension or "",
        raw=phone.raw[:60],
        position=position,
    )


def phones_of(session: WorkSession, customer_id: int) -> list[CustomerPhone]:
    """A client's numbers, the main one first."""
    statement = select(CustomerPhone).where(CustomerPhone.customer_id == customer_id)
    return list(session.scalars(statement.order_by(CustomerPhone.position, CustomerPhone.id)))


_NUMBERS: Select[*tuple[Any, ...]] = (
    select(CustomerPhone.e164, CustomerPhone.extension)
    .where(CustomerPhone.customer_id == bindparam("customer", type_=BigInteger))
    .order_by(CustomerPhone.position, CustomerPhone.id)
)


def phones_read(customer_id: int) -> Read:
    """Reads a client's numbers to be shown, the main one first: E.164 and extension."""
    return Read(_NUMBERS, {"customer": customer_id})


def index_customer(session: WorkSession, customer: Customer, *, phones: Sequence[Phone] | None = None) -> None:
    """Make a client findable by name, number, e-mail and the plates and VINs of his cars."""
    numbers = [phone.e164 for phone in phones] if phones is not None else []
    if phones is None:
        numbers = [row.e164 for row in phones_of(session, customer.id)]
    cars = select(Vehicle.plate, Vehicle.vin, Vehicle.title).where(Vehicle.customer_id == customer.id)
    vehicles = [part or "" for row in session.execute(cars) for part in row]
    names = (customer.last_name, customer.first_name, customer.middle_name)
    customer.search_key = search_key(*names, *numbers, customer.email, *vehicles)


def get_customer(session: WorkSession, customer_id: int) -> Customer:
    """A client the person may know of; a merged one leads to the one that stayed.

    :raises NotFound: otherwise.
    """
    customer = get_record(session, Customer, customer_id)
    while customer is not None and customer.merged_into_id is not None:
        customer = get_record(session, Customer, customer.merged_into_id)
    if customer is None:
        raise NotFound("There is no such client.")
    return customer


def vip_by_hand(customer: Customer | CustomerData) -> tuple[bool, str]:
    """Whether and why somebody has made a client VIP; a government body is VIP without anybody's doing (S4-03)."""
    reason = customer.vip_reason.strip()
    return (bool(reason) if customer.legal_form == "government" else customer.vip, reason)


def expect_vip_right(session: WorkSession, before: tuple[bool, str], data: CustomerData) -> None:
    """Refuse people without the right to make somebody VIP by hand, or no longer VIP (S4-04).

    :raises Forbidden: without it.
    """
    if vip_by_hand(data) != before and not session.access.may(SET_VIP):
        raise Forbidden("Only those with the right to set VIP may change it.")
