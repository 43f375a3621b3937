"""Registering a contact: one transaction that leaves nobody unanswered (S0-02…27, X-02)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from addons.contacts.models import ContactReason, Customer, InboundContact
from addons.contacts.services import callbacks, interests
from addons.contacts.services.catalogue import source_of
from addons.contacts.services.customers import create_customer
from addons.contacts.services.duplicates import client_doubts
from addons.contacts.services.following import note_last_contact
from addons.contacts.services.goals import Goal
from addons.contacts.services.registration_checks import LONGEST, Checked, NewContact, Way, check_way
from addons.contacts.services.vehicles import note_mileage
from addons.contacts.services.vocabulary import channels
from core import (
    Doubt,
    Invalid,
    Message,
    Sound,
    T,
    WorkSession,
    confirm,
    format_phone,
    notify,
    numbers,
    publish,
    search_key,
    subject_of,
)

__all__ = ["LONGEST", "NewContact", "Way", "register"]

SERIES = numbers.Series("contacts.inbound", "ВТ-%(number)06d")
LONGEST_NOTE = LONGEST["note"]
PERSONAL_NOTICE, GROUP_NOTICE = "contacts.personal", "contacts.group"
"""The kinds of notifications, by which people set their sounds."""


def register(session: WorkSession, new: NewContact, confirmed: Collection[str] = ()) -> InboundContact:
    """Register a contact, give it an owner, a queue place or a group notification, and tell them.

    :param confirmed: the doubts that have been looked at: clients who may be the new one.
    :raises Invalid: for missing or wrong input; nothing is saved then (S0-11).
    :raises Confirmation: with what has to be looked at first.
    """
    checked = check_way(session, new)
    confirm(_client_doubts(session, new), confirmed)
    if new.new_client is not None:
        checked.customer = _new_client(session, new, checked.goal)
    contact = _contact(session, new, checked)
    session.add(contact)
    session.flush()
    session.add_all(ContactReason(contact_id=contact.id, reason_id=reason) for reason in dict.fromkeys(new.reason_ids))
    if checked.vehicle is not None and new.mileage is not None:
        note_mileage(session, checked.vehicle, new.mileage, contact_id=contact.id)
    if new.new_client is not None and checked.customer is not None:
        note_last_contact(session, checked.customer.id, contact.at)
    _tell(session, contact, new, checked)
    told = {"contact": contact, "way": new.way.value, "origin": new.origin}
    session.hooks.each("contacts_contact_registered", session=session, **told)
    return contact


def _client_doubts(session: WorkSession, new: NewContact) -> list[Doubt]:
    client = new.new_client
    if client is None:
        return []
    names = {name: getattr(client, name) for name in ("legal_form", "last_name", "first_name", "middle_name")}
    return client_doubts(session, None, {**names, "phones": new.phone})


def _new_client(session: WorkSession, new: NewContact, goal: Goal) -> Customer:
    """The client becomes a record of the directory while he talks (S1-76).

    :raises Invalid: naming the fields of reception.
    """
    session.access.require("contacts.customer.create")
    assert new.new_client is not None
    phones = [new.phone] if new.phone.strip() else []
    source_id = _source(session, new)
    data = replace(new.new_client, phones=phones, email=new.email, branch_id=goal.branch_id, lead_source_id=source_id)
    try:
        return create_customer(session, data)
    except Invalid as refusal:
        asked = _ASKED if data.legal_form == "person" else {**_ASKED, **_ASKED_OF_COMPANY}
        raise Invalid({asked.get(name, name): texts for name, texts in refusal.errors.items()}) from None


_ASKED = {"phones": "phone"}
_ASKED_OF_COMPANY = {"last_name": "company", "first_name": "last_name"}
"""Where reception asks for what a client's record is made of."""


def _contact(session: WorkSession, new: NewContact, checked: Checked) -> InboundContact:
    now, customer, vehicle = checked.at or session.now(), checked.customer, checked.vehicle
    number = checked.phone.e164 if checked.phone else (customer.main_phone if customer else "")
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
        client_text=customer.name if customer else format_phone(new.client_text.strip() or new.phone.strip()),
        phone=number,
        phone_raw=new.phone.strip(),
        email=new.email.strip(),
        vehicle_id=vehicle.id if vehicle else None,
        make_id=new.make_id,
        model_id=new.model_id,
        vehicle_text=checked.vehicle_text,
        model_year=new.model_year or (vehicle.model_year if vehicle else None),
        mileage=new.mileage,
        note=new.note.strip(),
        topic=new.topic.strip(),
        wish=new.wish.strip(),
        caused_by_id=new.caused_by_id,
        lead_source_id=_source(session, new),
        is_primary=checked.is_primary,
        is_request=checked.goal.is_request,
        waits_since=now if new.way is Way.QUEUE else None,
        finished_at=now if new.way is Way.INFORM else None,
        source_data=new.source_data,
    )
    index_contact(contact)
    return contact


def _source(session: WorkSession, new: NewContact) -> int | None:
    """«Рекламный канал»: what was chosen, else what the called line or the link says (S1-72)."""
    return new.lead_source_id or source_of(session, new.called_line, new.utm_source)


def _first_state(new: NewContact) -> str:
    if new.way is Way.INFORM:
        return "informed"
    if new.way is Way.QUEUE:
        return "waiting"
    return "assigned" if new.responsible_id is not None else "unclaimed"


def index_contact(contact: InboundContact) -> None:
    """Make a contact findable by number, client, phone and car."""
    contact.search_key = search_key(contact.number, contact.client_text, contact.phone, contact.vehicle_text)


def _tell(session: WorkSession, contact: InboundContact, new: NewContact, checked: Checked) -> None:
    """Notify the responsible, or every specialist of the goal until one takes it (S0-22, S0-25, S0-27).

    Whoever is to call back is told of that task, which rings when it is due (S2-36); where the client has said what he
    wants, that may be a document of his own instead (S3-27).
    """
    publish(session, "contacts.traffic", contact=contact.id)
    if contact.state == "informed" or new.recorded:
        return
    if new.callback_at is not None and new.way is Way.CALLBACK:
        if not interests.leave(session, contact, checked.goal, new.callback_at):
            callbacks.plan(session, contact, new.callback_at)
        return
    users = [contact.responsible_id] if contact.responsible_id else [person.id for person in checked.staff]
    notify_of(session, contact, checked.goal, users, group=contact.responsible_id is None)


def notify_of(session: WorkSession, contact: InboundContact, goal: Goal, users: Sequence[int], *, group: bool) -> None:
    """Tell people of a contact: who it is, what for, and from whom."""
    kind = GROUP_NOTICE if group else PERSONAL_NOTICE
    sender = session.access.name if session.access.user_id is not None else ""
    notify(session, users, kind, subject_of(contact), message_of(session, contact, goal, sender), group=group)


def message_of(session: WorkSession, contact: InboundContact, goal: Goal, sender: str) -> Message:
    """What a notification of a contact says."""
    waiting, channel = contact.state == "waiting", channels(session.hooks)[contact.channel]
    return Message(
        title=T("%(channel)s, waiting: %(client)s") if waiting else T("%(channel)s: %(client)s"),
        title_values={"channel": {"msgid": channel.title}, "client": contact.client_text},
        body="%(goal)s · %(sender)s" if sender else "%(goal)s",
        body_values={"goal": {"ru": goal.short("ru"), "en": goal.short("en")}, "sender": sender},
        icon=channel.icon,
        sound=Sound.UNTIL_TAKEN,
    )
