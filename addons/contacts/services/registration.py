"""Registering a contact: one transaction that leaves nobody unanswered (S0-02…27, X-02)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import update

from addons.contacts.models import ContactReason, Customer, InboundContact, Make, Vehicle, VehicleModel
from addons.contacts.services.goals import Goal, Specialist, get_goal, specialists
from addons.contacts.services.lookup import visible_customer
from addons.contacts.services.vehicles import note_mileage, vehicle_title
from addons.contacts.services.vocabulary import CHANNEL
from core.db.engine import WorkSession
from core.errors import Invalid
from core.live.events import publish
from core.text.folding import search_key
from core.text.phones import parse_phone
from core.web.i18n import T
from core.work import numbers
from core.work.notifications import Message, Sound, notify
from core.work.subjects import subject_of

SERIES = numbers.Series("contacts.inbound", "ВТ-%(number)06d")
LONGEST_NOTE = 4000
PERSONAL_NOTICE, GROUP_NOTICE = "contacts.personal", "contacts.group"
"""The kinds of notifications, by which people set their sounds."""


class Way(StrEnum):
    """How a registered contact goes on: the buttons of reception."""

    TRANSFER = "transfer"
    QUEUE = "queue"
    INFORM = "inform"


@dataclass(frozen=True, slots=True)
class NewContact:
    """A contact as reception enters it. Client: a directory record or any words that describe him (S0-08…12).

    ``responsible_id`` empty means all specialists of the goal (S0-27). ``mileage`` is in kilometres.
    """

    channel: str
    goal_id: int | None
    way: Way = Way.TRANSFER
    responsible_id: int | None = None
    customer_id: int | None = None
    client_text: str = ""
    phone: str = ""
    email: str = ""
    vehicle_id: int | None = None
    make_id: int | None = None
    model_id: int | None = None
    vehicle_text: str = ""
    model_year: int | None = None
    mileage: int | None = None
    note: str = ""
    topic: str = ""
    wish: str = ""
    caused_by_id: int | None = None
    lead_source_id: int | None = None
    reason_ids: Sequence[int] = field(default_factory=tuple)
    source_data: dict[str, Any] | None = None


@dataclass(slots=True)
class _Checked:
    """What the checks have found out on the way."""

    goal: Goal
    staff: list[Specialist]
    customer: Customer | None
    vehicle: Vehicle | None
    vehicle_text: str


def register(session: WorkSession, new: NewContact) -> InboundContact:
    """Register a contact, give it an owner, a queue place or a group notification, and tell them.

    :raises Invalid: for missing or wrong input; nothing is saved then (S0-11).
    """
    checked = _check(session, new)
    contact = _contact(session, new, checked)
    session.add(contact)
    session.flush()
    session.add_all(ContactReason(contact_id=contact.id, reason_id=reason) for reason in dict.fromkeys(new.reason_ids))
    if checked.vehicle is not None and new.mileage is not None:
        note_mileage(session, checked.vehicle, new.mileage, contact_id=contact.id)
    if checked.customer is not None:
        _touch(session, checked.customer)
    _tell(session, contact, checked)
    session.hooks.each("contacts_contact_registered", session=session, contact=contact)
    return contact


def _check(session: WorkSession, new: NewContact) -> _Checked:
    errors: dict[str, list[str]] = {}
    if new.channel not in CHANNEL:
        errors["channel"] = [T("Choose how the client got in touch.")]
    if not new.goal_id:
        errors["goal_id"] = [T("Choose what the client came for.")]
    if new.customer_id is None and not (new.client_text.strip() or new.phone.strip()):
        errors["client_text"] = [T("Say at least something about the client: a name, a number or how he looks.")]
    errors.update(_wrong_lengths(new))
    if errors:
        raise Invalid(errors)
    goal = get_goal(session, new.goal_id or 0)
    staff = specialists(session, goal.id)
    if goal.channel != new.channel:
        errors["goal_id"] = [T("This goal belongs to another channel.")]
    if new.responsible_id is not None and new.responsible_id not in {person.id for person in staff}:
        errors["responsible_id"] = [T("This person does not handle the goal. Choose another one.")]
    if new.responsible_id is None and not staff and new.way is not Way.INFORM:
        errors["responsible_id"] = [T("Nobody handles this goal yet. Tell your administrator.")]
    customer = visible_customer(session, new.customer_id) if new.customer_id else None
    vehicle = session.get(Vehicle, new.vehicle_id) if new.vehicle_id else None
    if vehicle is not None and (customer is None or vehicle.customer_id != customer.id):
        errors["vehicle_id"] = [T("This car belongs to another client.")]
    if errors:
        raise Invalid(errors)
    return _Checked(goal, staff, customer, vehicle, _vehicle_text(session, new, vehicle))


def _wrong_lengths(new: NewContact) -> dict[str, list[str]]:
    limits = {"client_text": 260, "phone": 60, "email": 200, "vehicle_text": 160, "topic": 300, "wish": 300}
    errors: dict[str, list[str]] = {
        name: [T("This is too long.")] for name, limit in limits.items() if len(getattr(new, name)) > limit
    }
    if len(new.note) > LONGEST_NOTE:
        errors["note"] = [T("This is too long.")]
    if new.mileage is not None and not 0 <= new.mileage < 3_000_000:
        errors["mileage"] = [T("This is no mileage.")]
    if new.model_year is not None and not 1900 <= new.model_year <= 2100:
        errors["model_year"] = [T("This is no model year.")]
    return errors


def _vehicle_text(session: WorkSession, new: NewContact, vehicle: Vehicle | None) -> str:
    if vehicle is not None:
        return vehicle.title
    make = session.get(Make, new.make_id) if new.make_id else None
    model = session.get(VehicleModel, new.model_id) if new.model_id else None
    if (new.make_id and make is None) or (new.model_id and (model is None or model.make_id != new.make_id)):
        raise Invalid({"make_id": [T("There is no such make or model.")]})
    return vehicle_title(make, model) or new.vehicle_text.strip()


def _contact(session: WorkSession, new: NewContact, checked: _Checked) -> InboundContact:
    now = session.now()
    phone = parse_phone(new.phone) if new.phone.strip() else None
    customer = checked.customer
    number = phone.e164 if phone else (customer.main_phone if customer else "")
    contact = InboundContact(
        number=numbers.next_number(session, SERIES),
        at=now,
        channel=new.channel,
        state=_first_state(new),
        goal_id=checked.goal.id,
        department_id=checked.goal.department_id,
        branch_id=checked.goal.branch_id,
        responsible_id=new.responsible_id,
        customer_id=customer.id if customer else None,
        client_text=customer.name if customer else (new.client_text.strip() or new.phone.strip()),
        phone=number,
        phone_raw=new.phone.strip(),
        email=new.email.strip(),
        vehicle_id=checked.vehicle.id if checked.vehicle else None,
        make_id=new.make_id,
        model_id=new.model_id,
        vehicle_text=checked.vehicle_text,
        model_year=new.model_year or (checked.vehicle.model_year if checked.vehicle else None),
        mileage=new.mileage,
        note=new.note.strip(),
        topic=new.topic.strip(),
        wish=new.wish.strip(),
        caused_by_id=new.caused_by_id,
        lead_source_id=new.lead_source_id,
        is_primary=is_primary(session, customer),
        is_request=checked.goal.is_request,
        waits_since=now if new.way is Way.QUEUE else None,
        finished_at=now if new.way is Way.INFORM else None,
        source_data=new.source_data,
    )
    index_contact(contact)
    return contact


def _first_state(new: NewContact) -> str:
    if new.way is Way.INFORM:
        return "informed"
    if new.way is Way.QUEUE:
        return "waiting"
    return "assigned" if new.responsible_id is not None else "unclaimed"


def index_contact(contact: InboundContact) -> None:
    """Make a contact findable by number, client, phone and car."""
    contact.search_key = search_key(contact.number, contact.client_text, contact.phone, contact.vehicle_text)


def is_primary(session: WorkSession, customer: Customer | None) -> bool:
    """Whether this is a first-time client: nobody we know, or nothing finished with him yet (T-1)."""
    if customer is None:
        return True
    answers = session.hooks.asked("contacts_finished_business", session=session, customer_id=customer.id)
    return not any(answer.value for answer in answers)


def _touch(session: WorkSession, customer: Customer) -> None:
    """Remember when the client was last in touch; a fact about traffic, not a change of his record."""
    statement = update(Customer).where(Customer.id == customer.id).values(last_contact_at=session.now())
    session.execute(statement.execution_options(audited=True, synchronize_session=False))


def _tell(session: WorkSession, contact: InboundContact, checked: _Checked) -> None:
    """Notify the responsible, or every specialist of the goal until one takes it (S0-22, S0-25, S0-27)."""
    publish(session, "contacts.traffic", contact=contact.id)
    if contact.state == "informed":
        return
    users = [contact.responsible_id] if contact.responsible_id else [person.id for person in checked.staff]
    notify_of(session, contact, checked.goal, users, group=contact.responsible_id is None)


def notify_of(session: WorkSession, contact: InboundContact, goal: Goal, users: Sequence[int], *, group: bool) -> None:
    """Tell people of a contact: who it is, what for, and from whom."""
    kind = GROUP_NOTICE if group else PERSONAL_NOTICE
    notify(session, users, kind, subject_of(contact), message_of(contact, goal, session.access.name), group=group)


def message_of(contact: InboundContact, goal: Goal, sender: str) -> Message:
    """What a notification of a contact says."""
    waiting = contact.state == "waiting"
    return Message(
        title=T("%(channel)s, waiting: %(client)s") if waiting else T("%(channel)s: %(client)s"),
        title_values={"channel": {"msgid": CHANNEL[contact.channel].title}, "client": contact.client_text},
        body="%(goal)s · %(sender)s" if sender else "%(goal)s",
        body_values={"goal": {"ru": goal.short("ru"), "en": goal.short("en")}, "sender": sender},
        icon=CHANNEL[contact.channel].icon,
        sound=Sound.UNTIL_TAKEN,
    )
