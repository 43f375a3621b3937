"""What is asked of a contact before it is registered: every mistake at its field, and nothing is saved (S0-11).

The person's own choices are checked here as strictly as those of a program: what is not known any more is refused,
never silently replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import select

from addons.contacts.models import Customer, InboundContact, LeadSource, Make, RequestReason, Vehicle, VehicleModel
from addons.contacts.services.callers import earlier_contacts
from addons.contacts.services.customers import CustomerData
from addons.contacts.services.following import in_touch
from addons.contacts.services.goals import (
    Goal,
    Specialist,
    goal_in,
    goal_read,
    may_handle,
    may_register_for,
    specialists_in,
    specialists_read,
)
from addons.contacts.services.lookup import visible_customer
from addons.contacts.services.primary import business_reads, primary_in
from addons.contacts.services.vehicles import NO_MILEAGE, is_lower, no_mileage, vehicle_title
from addons.contacts.services.vocabulary import channel_of_goals, channels
from core import Invalid, NotFound, Phone, Record, T, WorkSession, get_record, kept, looks_like_email, parse_phone

LONGEST = {"client_text": 260, "phone": 60, "email": 200, "vehicle_text": 160, "topic": 300, "wish": 300, "note": 4000}
LATEST_CALLBACK = timedelta(days=366)
R = TypeVar("R", bound=Record)
Fetch = Callable[[WorkSession, int], Customer]


class Way(StrEnum):
    """How a registered contact goes on: the buttons of reception.

    ``transfer`` also hands a live call over (S0-20); ``register`` leaves it where it is (S0-22). ``callback`` is for
    somebody who cannot talk now (S2-23, S2-36).
    """

    TRANSFER = "transfer"
    REGISTER = "register"
    QUEUE = "queue"
    CALLBACK = "callback"
    INFORM = "inform"


@dataclass(frozen=True, slots=True)
class NewContact:
    """A contact as it comes in. Client: a directory record or any words that describe him (S0-08…12).

    ``responsible_id`` empty means all specialists of the goal (S0-27). ``mileage`` is in kilometres; ``mileage_sure``
    says that one lower than last time is right. ``first_time`` is the client's own word (S2-29). ``new_client``
    becomes a record of the directory (S1-76). ``called_line`` and ``utm_source`` tell the lead source (S1-72).

    ``recorded`` is for a machine that writes down what has happened, at ``at``: there is nobody who could correct it, so
    who talked has it also when he does not handle the goal, nobody need handle it, and its writer tells people.
    ``origin`` is what has opened the form, as the addon names it that knows; contacts only passes it on.
    """

    channel: str
    goal_id: int | None
    way: Way = Way.TRANSFER
    responsible_id: int | None = None
    customer_id: int | None = None
    new_client: CustomerData | None = None
    client_text: str = ""
    phone: str = ""
    email: str = ""
    first_time: bool = False
    vehicle_id: int | None = None
    make_id: int | None = None
    model_id: int | None = None
    vehicle_text: str = ""
    model_year: int | None = None
    mileage: int | None = None
    mileage_sure: bool = False
    note: str = ""
    topic: str = ""
    wish: str = ""
    callback_at: datetime | None = None
    caused_by_id: int | None = None
    lead_source_id: int | None = None
    called_line: str = ""
    utm_source: str = ""
    reason_ids: Iterable[int] = field(default_factory=tuple)
    source_data: dict[str, Any] | None = None
    at: datetime | None = None
    recorded: bool = False
    origin: str = ""


@dataclass(slots=True)
class Checked:
    """What the checks have found out on the way."""

    goal: Goal
    staff: list[Specialist]
    customer: Customer | None
    is_primary: bool
    phone: Phone | None
    vehicle: Vehicle | None
    vehicle_text: str
    at: datetime | None = None
    """When a new contact came in."""


class Errors(dict[str, list[str]]):
    """Messages by the field they belong to; the first mistake of a field is enough."""

    def say(self, name: str, message: str) -> None:
        """Note a mistake."""
        self.setdefault(name, [message])


def check(session: WorkSession, new: NewContact, stored: NewContact) -> Checked:
    """What a registered contact is to say of client, car and goal.

    :param stored: what it says now; that may stay, also when it can no longer be chosen.
    :raises Invalid: with all the mistakes.
    """
    errors = Errors()
    checked = _checked(session, new, stored, visible_customer, errors)
    if errors or checked is None:
        raise Invalid(errors)
    return checked


def check_way(session: WorkSession, new: NewContact) -> Checked:
    """What a new contact says of them, who handles it and how, and that this person may register it so (X-02).

    :raises Invalid: with all the mistakes.
    """
    errors = Errors()
    nothing = NewContact(new.channel, None)
    cause = _known(session, InboundContact, "caused_by_id", new, nothing, errors)
    at = new.at or session.now()
    checked = _checked(session, new, nothing, partial(in_touch, at=at), errors)
    if checked is not None:
        checked.at = at
        if not may_register_for(session.access, checked.goal):
            errors.say("goal_id", T("This goal belongs to another branch."))
    if checked is not None and not new.recorded:
        _check_people(session, new, checked, cause, errors)
        _check_step(session, new, checked, errors)
        _check_cause(session, new, checked, errors)
    if errors or checked is None:
        raise Invalid(errors)
    return checked


def _checked(session: WorkSession, new: NewContact, stored: NewContact, fetch: Fetch, errors: Errors) -> Checked | None:
    """What was found out; nothing when not even the goal is known."""
    _check_texts(channels(session.hooks), new, errors)
    phone = parse_phone(new.phone) if new.phone.strip() else None
    customer = _client(session, new, fetch, errors)
    vehicle = _vehicle(session, new, stored, errors)
    make, model = _make_and_model(session, new, stored, errors)
    _check_lists(session, new, stored, errors)
    goal_id = new.goal_id or 0
    business = business_reads(session, customer.id if customer else None)
    found = kept.gather(session, {"goal": goal_read(goal_id), "staff": specialists_read(goal_id), **business})
    goal = _goal(found["goal"], stored, channel_of_goals(session.hooks, new.channel), errors)
    if goal is None:
        return None
    if new.first_time and goal.category == "repair" and not (make or vehicle):
        errors.say("make_id", T("Choose the make of the client's car."))
    text = _vehicle_text(new, vehicle, make, model)
    staff = specialists_in(found["staff"])
    return Checked(goal, staff, customer, primary_in(business, found), phone, vehicle, text)


def _vehicle_text(new: NewContact, vehicle: Vehicle | None, make: Make | None, model: VehicleModel | None) -> str:
    """The chosen car; else the make with the model of the directory or in words (S1-50); else words alone."""
    if vehicle is not None:
        return vehicle.title
    typed = new.vehicle_text.strip() if model is None else ""
    return f"{vehicle_title(make, model)} {typed}".strip()[: LONGEST["vehicle_text"]]


def _check_texts(known: Container[str], new: NewContact, errors: Errors) -> None:
    if new.channel not in known:
        errors.say("channel", T("Choose how the client got in touch."))
    if not (new.customer_id or new.new_client or new.client_text.strip() or new.phone.strip()):
        errors.say("client_text", T("Say at least something about the client: a name, a number or how he looks."))
    for name, limit in LONGEST.items():
        if len(getattr(new, name)) > limit:
            errors.say(name, T("This is too long."))
    if new.email.strip() and not looks_like_email(new.email.strip(), longest=LONGEST["email"]):
        errors.say("email", T("This is no e-mail address."))
    if no_mileage(new.mileage):
        errors.say("mileage", NO_MILEAGE)
    if new.model_year is not None and not 1900 <= new.model_year <= 2100:
        errors.say("model_year", T("This is no model year."))


def _client(session: WorkSession, new: NewContact, fetch: Fetch, errors: Errors) -> Customer | None:
    if new.customer_id is None:
        return None
    try:
        return fetch(session, new.customer_id)
    except NotFound:
        errors.say("customer_id", T("Choose a client from the list."))
        return None


def _vehicle(session: WorkSession, new: NewContact, stored: NewContact, errors: Errors) -> Vehicle | None:
    """The chosen car: the client's own, or one whose owner nobody knows."""
    vehicle = _known(session, Vehicle, "vehicle_id", new, stored, errors)
    if vehicle is None:
        return None
    if vehicle.customer_id not in (None, new.customer_id) and vehicle.id != stored.vehicle_id:
        errors.say("vehicle_id", T("This car belongs to another client."))
    elif is_lower(vehicle, new.mileage) and not new.mileage_sure:
        errors.say("mileage", T("This is less than last time. Confirm it if it is right."))
    return vehicle


def _make_and_model(
    session: WorkSession, new: NewContact, stored: NewContact, errors: Errors
) -> tuple[Make | None, VehicleModel | None]:
    make = _known(session, Make, "make_id", new, stored, errors)
    model = _known(session, VehicleModel, "model_id", new, stored, errors)
    if model is not None and model.make_id != new.make_id:
        errors.say("model_id", T("There is no such make or model."))
    return make, model


def _check_lists(session: WorkSession, new: NewContact, stored: NewContact, errors: Errors) -> None:
    _known(session, LeadSource, "lead_source_id", new, stored, errors)
    wanted = set(new.reason_ids) - set(stored.reason_ids)
    if not wanted:
        return
    offered = select(RequestReason.id).where(RequestReason.id.in_(sorted(wanted)), RequestReason.active)
    if wanted - set(session.scalars(offered)):
        errors.say("reason_ids", T("There is no such choice any more."))


def _known(
    session: WorkSession, model: type[R], name: str, new: NewContact, stored: NewContact, errors: Errors
) -> R | None:
    """The record that was chosen; one that is out of use only where it was chosen before."""
    id_ = getattr(new, name)
    record = get_record(session, model, id_) if id_ is not None else None
    out_of_use = not getattr(record, "active", True) and id_ != getattr(stored, name)
    if id_ is not None and (record is None or out_of_use):
        errors.say(name, T("There is no such choice any more."))
    return record


def _goal(rows: Sequence[Any], stored: NewContact, channel: str, errors: Errors) -> Goal | None:
    try:
        goal = goal_in(rows)
    except Invalid as refusal:
        errors.update(refusal.errors)
        return None
    if not goal.active and goal.id != stored.goal_id:
        errors.say("goal_id", T("There is no such choice any more."))
    if goal.channel != channel:
        errors.say("goal_id", T("This goal belongs to another channel."))
    return goal


def _check_people(
    session: WorkSession, new: NewContact, checked: Checked, cause: InboundContact | None, errors: Errors
) -> None:
    """Somebody gets every contact but a question that was answered at once (X-02)."""
    if new.responsible_id is not None:
        if not may_handle(session, checked.goal, checked.staff, new.responsible_id, cause):
            errors.say("responsible_id", T("This person does not handle the goal. Choose another one."))
    elif new.way is Way.CALLBACK:
        errors.say("responsible_id", T("Choose who is to call back."))
    elif not checked.staff and new.way is not Way.INFORM:
        errors.say("responsible_id", T("Nobody handles this goal yet. Tell your administrator."))


def _check_cause(session: WorkSession, new: NewContact, checked: Checked, errors: Errors) -> None:
    """What follows an earlier contact names it, where this client or this number has one (S2-24)."""
    if checked.goal.route != "follow_up" or new.caused_by_id is not None:
        return
    if earlier_contacts(session, new.customer_id, new.phone):
        errors.say("caused_by_id", T("Choose the contact that this one follows."))


def _check_step(session: WorkSession, new: NewContact, checked: Checked, errors: Errors) -> None:
    """What channel and route allow, and what a call back needs (C-07, S1-55, S1-56, S2-21, S2-35)."""
    if new.way is Way.QUEUE and not channels(session.hooks)[checked.goal.channel].waits_here:
        errors.say("way", T("Only who is here can wait in the queue."))
    if new.way is Way.INFORM and checked.goal.route != "information":
        errors.say("way", T("Only a question for information can be closed at once."))
    if new.way is not Way.CALLBACK:
        return
    if not checked.goal.allows_callback:
        errors.say("way", T("With this goal nobody is called back."))
    if new.callback_at is None:
        errors.say("callback_at", T("Say when to call back."))
    elif not session.now() < new.callback_at < session.now() + LATEST_CALLBACK:
        errors.say("callback_at", T("This time is past or too far away."))
    if checked.phone is None and not (checked.customer and checked.customer.main_phone):
        errors.say("phone", T("Write the number to call back."))
