"""«Check the data»: what a contact says of client and car, corrected and written where it belongs (S1-46, S1-47)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from sqlalchemy import select

from addons.contacts.models import ContactReason, InboundContact, Vehicle
from addons.contacts.services import callbacks
from addons.contacts.services.goals import Goal, goals_for, specialists
from addons.contacts.services.identifying import client_of
from addons.contacts.services.powers import CHANGE, expect_power, may_add_to_client, may_change_client
from addons.contacts.services.registration import index_contact, notify_of
from addons.contacts.services.registration_checks import Checked, NewContact, check
from addons.contacts.services.states import OPEN
from addons.contacts.services.vehicles import forget_mileage, note_mileage, vehicles_of
from core import (
    Invalid,
    T,
    WorkSession,
    close_for_subject,
    expect_record,
    expect_version,
    parse_phone,
    publish,
    subject_of,
    timeline,
)

CHECKED = "contacts.checked"
"""The kind of the timeline's entry about corrected data."""
CHANGE_VEHICLE = "contacts.vehicle.change"

LABELS = {
    "goal_id": T("Contact goal"),
    "client_text": T("Client"),
    "phone": T("Phone"),
    "email": T("E-mail"),
    "vehicle_id": T("Vehicle"),
    "make_id": T("Make"),
    "model_id": T("Model"),
    "vehicle_text": T("Vehicle"),
    "model_year": T("Model year"),
    "mileage": T("Mileage, km"),
    "lead_source_id": T("Lead source"),
    "reason_ids": T("Wanted work"),
    "note": T("In the client's words"),
}
"""The fields of the form in their order, with what people call them."""
CAR = ("vehicle_id", "make_id", "model_id", "vehicle_text")
"""The fields that say together which car is meant."""


@dataclass(frozen=True, slots=True)
class ContactData:
    """The data of a contact as the form holds them; ``client_text`` counts while nobody knows the client."""

    goal_id: int | None
    client_text: str = ""
    phone: str = ""
    email: str = ""
    vehicle_id: int | None = None
    make_id: int | None = None
    model_id: int | None = None
    vehicle_text: str = ""
    model_year: int | None = None
    mileage: int | None = None
    lead_source_id: int | None = None
    reason_ids: Sequence[int] = field(default_factory=tuple)
    note: str = ""
    mileage_sure: bool = False
    """Whether somebody has looked at an odometer that shows less than before."""


NOT_STORED = ("reason_ids", "mileage_sure")


def data_of(session: WorkSession, contact: InboundContact) -> ContactData:
    """The data as they are now."""
    reasons = select(ContactReason.reason_id).where(ContactReason.contact_id == contact.id)
    own = {each.name: getattr(contact, each.name) for each in fields(ContactData) if each.name not in NOT_STORED}
    own["phone"] = contact.phone or contact.phone_raw
    return ContactData(**own, reason_ids=sorted(session.scalars(reasons)))


def contact_to_check(session: WorkSession, contact_id: int) -> InboundContact:
    """The contact, for somebody who may correct it.

    :raises NotFound: when he may not even know of it.
    :raises Forbidden: when he may only read it.
    """
    contact = expect_record(session, InboundContact, contact_id, T("There is no such contact."))
    expect_power(session, contact, CHANGE)
    return contact


def vehicles_for(session: WorkSession, contact: InboundContact) -> list[Any]:
    """The client's cars, and the one the contact is about, whose ever it is by now."""
    found = list(vehicles_of(session, contact.customer_id)) if contact.customer_id is not None else []
    its_own = {contact.vehicle_id} - {None} - {car.id for car in found}
    return [*found, *(session.get_one(Vehicle, number) for number in its_own)]


def correct(session: WorkSession, contact_id: int, version: int, data: ContactData) -> InboundContact:
    """Save the checked data: on the contact, in the client's card, with the car (S1-47, S1-68…71).

    :raises StaleDataError: when somebody has changed the contact meanwhile (SEC-49).
    :raises Invalid: with every mistake at its field, also an odometer that goes backwards unconfirmed.
    """
    contact = contact_to_check(session, contact_id)
    expect_version(contact, version)
    before = data_of(session, contact)
    checked = _checked(session, contact, before, data)
    _write(contact, data, checked)
    _set_reasons(session, contact, before, data)
    session.flush()
    _write_to_car(session, contact, checked.vehicle, before)
    _write_to_client(session, contact)
    if before.goal_id != contact.goal_id:
        _direct_anew(session, contact, checked.goal)
    _tell(session, contact, before)
    return contact


def changed_fields(before: ContactData, after: ContactData) -> list[str]:
    """The names of what is different, in the order of the form."""
    return [name for name in LABELS if _value(before, name) != _value(after, name)]


def values_to_choose(data: ContactData) -> dict[str, Any]:
    """The data by what two people can each have a version of: the car's fields go together."""
    values = {name: _value(data, name) for name in LABELS if name not in CAR}
    return {**values, CAR[0]: [getattr(data, name) for name in CAR]}


def with_values(data: ContactData, values: Mapping[str, Any]) -> ContactData:
    """The data with those values of :func:`values_to_choose`."""
    return replace(data, **{**values, **dict(zip(CAR, values[CAR[0]], strict=True))})


def _value(data: ContactData, name: str) -> Any:
    value = getattr(data, name)
    return sorted(value) if name == "reason_ids" else value


# --- checks -----------------------------------------------------------------------------------


def _checked(session: WorkSession, contact: InboundContact, before: ContactData, data: ContactData) -> Checked:
    """What registration would ask of the client and his car, that the number is one, that the goal can be chosen."""
    own = _values(data)
    if contact.customer_id is not None:
        own["client_text"] = contact.client_text
    if (data.vehicle_id, data.mileage) == (before.vehicle_id, before.mileage):
        own["mileage_sure"] = True
    errors: dict[str, list[str]] = {}
    if data.phone.strip() and parse_phone(data.phone) is None and data.phone.strip() != contact.phone_raw:
        errors["phone"] = [T("This is no phone number.")]
    if data.goal_id != contact.goal_id and data.goal_id not in {goal.id for goal in goals_for(session, contact)}:
        errors["goal_id"] = [T("Choose what the client came for.")]
    try:
        said: dict[str, Any] = {"channel": contact.channel, "customer_id": contact.customer_id}
        checked = check(session, NewContact(**own, **said), NewContact(**_values(before), **said))
    except Invalid as refusal:
        raise Invalid({**refusal.errors, **errors}) from refusal
    if errors:
        raise Invalid(errors)
    return checked


def _values(data: ContactData) -> dict[str, Any]:
    return {each.name: getattr(data, each.name) for each in fields(ContactData)}


# --- writing ----------------------------------------------------------------------------------


def _write(contact: InboundContact, data: ContactData, checked: Checked) -> None:
    phone, vehicle = checked.phone, checked.vehicle
    if data.phone.strip() != (contact.phone or contact.phone_raw):
        contact.phone, contact.phone_raw = (phone.e164 if phone else ""), data.phone.strip()
    if contact.customer_id is None:
        contact.client_text = data.client_text.strip() or data.phone.strip()
    contact.email, contact.note = data.email.strip(), data.note.strip()
    contact.vehicle_id = vehicle.id if vehicle else None
    contact.make_id, contact.model_id = data.make_id, data.model_id
    contact.vehicle_text = checked.vehicle_text
    contact.model_year = data.model_year or (vehicle.model_year if vehicle else None)
    contact.mileage, contact.lead_source_id = data.mileage, data.lead_source_id
    contact.goal_id = checked.goal.id
    contact.department_id, contact.branch_id = checked.goal.department_id, checked.goal.branch_id
    contact.is_request = checked.goal.is_request and contact.state != "ignored"
    index_contact(contact)


def _set_reasons(session: WorkSession, contact: InboundContact, before: ContactData, data: ContactData) -> None:
    wanted, had = set(data.reason_ids), set(before.reason_ids)
    gone = select(ContactReason).where(
        ContactReason.contact_id == contact.id, ContactReason.reason_id.in_(had - wanted)
    )
    for each in session.scalars(gone):
        session.delete(each)
    session.add_all(ContactReason(contact_id=contact.id, reason_id=reason) for reason in sorted(wanted - had))


def _write_to_car(session: WorkSession, contact: InboundContact, vehicle: Vehicle | None, before: ContactData) -> None:
    """A dated reading of the odometer instead of a wrong one, and the year where the car's own record is wrong."""
    if not session.access.may(CHANGE_VEHICLE):
        return
    if (before.vehicle_id, before.mileage) != (contact.vehicle_id, contact.mileage):
        forget_mileage(session, contact.id)
        if vehicle is not None and contact.mileage is not None:
            note_mileage(session, vehicle, contact.mileage, contact_id=contact.id)
    if vehicle is not None and contact.model_year is not None and contact.model_year != vehicle.model_year:
        vehicle.model_year = contact.model_year


def _write_to_client(session: WorkSession, contact: InboundContact) -> None:
    """The e-mail address; over another one only for whoever may change this client."""
    customer = client_of(session, contact.customer_id)
    if customer is None or not contact.email or contact.email == customer.email:
        return
    if may_change_client(session, customer) or (not customer.email and may_add_to_client(session, contact, customer)):
        customer.email = contact.email


def _direct_anew(session: WorkSession, contact: InboundContact, goal: Goal) -> None:
    """Another goal has other specialists: a contact nobody has taken is told to them (X-02)."""
    if contact.responsible_id is not None or contact.state not in OPEN:
        return
    staff = [person.id for person in specialists(session, goal.id)]
    if not staff:
        raise Invalid({"goal_id": [T("Nobody handles this goal yet. Tell your administrator.")]})
    callbacks.follow(session, contact)
    close_for_subject(session, subject_of(contact), reason="transferred")
    notify_of(session, contact, goal, staff, group=True)


def _tell(session: WorkSession, contact: InboundContact, before: ContactData) -> None:
    """Which fields were corrected, on the card's timeline; the values are in the trail (SEC-63)."""
    changed = changed_fields(before, data_of(session, contact))
    if not changed:
        return
    names = list(dict.fromkeys(LABELS[name] for name in changed))
    told = {language: ", ".join(session.words(language, name) for name in names) for language in ("ru", "en")}
    timeline.add_entry(session, [subject_of(contact)], CHECKED, T("Data corrected: %(fields)s"), {"fields": told})
    publish(session, "contacts.traffic", contact=contact.id)
