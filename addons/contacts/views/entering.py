"""The reception form as it stands: what was chosen and typed, and the contact that it means."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, field, fields
from datetime import datetime
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from addons.contacts.models import Make, VehicleModel
from addons.contacts.services import callers, catalogue
from addons.contacts.services.customers import CustomerData
from addons.contacts.services.registration_checks import Errors, NewContact, Way
from core import Invalid, T, WorkSession, local_moment, number_of, parse_phone

NEW, NOBODY_KNOWN = "new", "0"
YES, NO = "yes", "no"


@dataclass(slots=True)
class Entered:
    """The reception form: numbers read, everything else as it was typed.

    ``company`` is whom a new client speaks for (S3-21). ``known`` is the answer to «whose number is this»: a client's number, or 0 for somebody else. ``served`` answers
    «have you been our client before» (S0-15). ``year_of`` is the car the year was taken from (S1-70). ``unread`` are
    the fields that hold something nobody could have chosen. ``only_free`` is how the staff is looked at, nothing told.
    ``origin`` names what has opened the form, such as a call on the line; each has a form of its own.
    """

    channel: str = "phone"
    department_id: int | None = None
    goal_id: int | None = None
    responsible_id: int | None = None
    employee_id: int | None = None
    customer_id: int | None = None
    new_client: bool = False
    last_name: str = ""
    first_name: str = ""
    middle_name: str = ""
    company: str = ""
    client_text: str = ""
    phone: str = ""
    known: str = ""
    served: str = ""
    email: str = ""
    vehicle_id: int | None = None
    make_id: int | None = None
    make_text: str = ""
    model_id: int | None = None
    model_text: str = ""
    model_year: str = ""
    year_of: int | None = None
    mileage: str = ""
    mileage_sure: str = ""
    note: str = ""
    topic: str = ""
    wish: str = ""
    callback_at: str = ""
    caused_by_id: int | None = None
    lead_source_id: int | None = None
    called_line: str = ""
    utm_source: str = ""
    only_free: str = ""
    way: str = ""
    origin: str = ""
    reason_ids: list[int] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, values: MultiDict[str, str], known: Container[str]) -> Entered:
        """The form from a request's fields or a kept draft; what cannot be read counts as not chosen, and is noted."""
        entered = cls()
        for name in _TEXTS:
            setattr(entered, name, values.get(_SENT.get(name, name), ""))
        for name in _NUMBERS:
            setattr(entered, name, entered._number(name, values.get(name, "")))
        reasons = [entered._number("reason_ids", text) for text in values.getlist("reason_ids")]
        entered.reason_ids = [number for number in reasons if number is not None]
        entered.new_client = values.get("customer_id") == NEW
        if entered.channel not in known:
            entered._unknown_channel()
        entered.way = entered.way or values.get("asked_way", "")
        entered.origin = origin_of(values)
        return entered

    @property
    def typed(self) -> bool:
        """Whether somebody has written something of a client, not only chosen a channel or a goal."""
        return any(getattr(self, name) for name in _TYPED)

    def _number(self, name: str, text: str) -> int | None:
        number = number_of(text)
        if text and number is None and not (name == "customer_id" and text == NEW):
            self.unread.add(name)
        return number

    def _unknown_channel(self) -> None:
        if self.channel:
            self.unread.add("channel")
        self.channel = "phone"

    def settle(self, session: WorkSession) -> None:
        """What follows from the rest: the client whose number it is, the employee, the make that was meant."""
        if self.known not in ("", NOBODY_KNOWN):
            self.customer_id, self.known = number_of(self.known), ""
        if self.employee_id is not None:
            self.responsible_id = self.employee_id
        self._read_client_text()
        if self.make_id is None and self.make_text and (make := catalogue.make_meant(session, self.make_text)):
            self.make_id, self.make_text = make.id, make.name
        if self.make_id is not None and not self.make_text and (known := session.get(Make, self.make_id)):
            self.make_text = known.name
        if self.model_id is not None and not self.model_text and (named := session.get(VehicleModel, self.model_id)):
            self.model_text = named.name
        if self.make_id is not None and self.model_id is None and self.model_text:
            model = catalogue.model_meant(session, self.model_text, self.make_id)
            if model is not None:
                self.model_id, self.model_text = model.id, model.name

    def _read_client_text(self) -> None:
        """A number where the name belongs is the number; a new client's words are his names."""
        typed = self.client_text.strip()
        named = any(letter.isalpha() for letter in typed)
        if not self.phone and not named and parse_phone(typed):
            self.phone = typed
        if self.new_client and not (self.last_name or self.first_name or self.middle_name) and named:
            words = typed.split(maxsplit=2)
            names = (("first_name",), ("last_name", "first_name"), ("last_name", "first_name", "middle_name"))
            for name, word in zip(names[len(words) - 1] if words else (), words, strict=True):
                setattr(self, name, word)


_SENT = {"client_text": "customer_id_text", "make_text": "make_id_text", "model_text": "model_id_text"}
_NUMBERS = tuple(each.name for each in fields(Entered) if each.name.endswith("_id") or each.name == "year_of")
_TEXTS = tuple(each.name for each in fields(Entered) if each.type == "str")

_TYPED = (
    *("customer_id", "client_text", "phone", "email", "last_name", "first_name", "middle_name", "company"),
    "make_text",
    *("model_text", "model_year", "mileage", "note", "topic", "wish", "reason_ids"),
)
FORM_FIELDS = frozenset(_SENT.get(each.name, each.name) for each in fields(Entered) if each.name != "unread")
"""What the form's fields are called where they are sent."""


_ORIGIN = re.compile(r"[a-z0-9.-]{1,60}")


def origin_of(values: MultiDict[str, str]) -> str:
    """What has opened the form; nothing for what names nothing."""
    text = values.get("origin", "")
    return text if _ORIGIN.fullmatch(text) else ""


def is_form(values: MultiDict[str, str]) -> bool:
    """Whether an address fills the form, as a link of the telephone does."""
    return any(name in values for name in FORM_FIELDS)


def contact_of(session: WorkSession, entered: Entered, zone: str) -> NewContact:
    """The contact that the form means.

    :raises Invalid: for what the form alone can tell: no numbers, no such choice, a known number of an unknown client.
    """
    errors = Errors()
    for name in entered.unread:
        errors.say(name, T("There is no such choice any more."))
    year, mileage = _whole(entered.model_year, "model_year", errors), _whole(entered.mileage, "mileage", errors)
    if entered.make_text and entered.make_id is None and entered.vehicle_id is None:
        errors.say("make_id", T("Choose the make from the list."))
    unknown = entered.customer_id is None and not entered.new_client and not entered.known
    if unknown and callers.clients_with(session, entered.phone):
        errors.say("phone", T("Our client has this number. Choose him, or say that it is somebody else."))
    way = _way(entered, errors)
    callback_at = _moment(entered.callback_at, zone, errors) if way is Way.CALLBACK else None
    if errors:
        raise Invalid(errors)
    return NewContact(
        channel=entered.channel,
        goal_id=entered.goal_id,
        way=way,
        responsible_id=entered.responsible_id,
        customer_id=entered.customer_id,
        new_client=_new_client(entered),
        client_text=entered.client_text,
        phone=entered.phone,
        email=entered.email,
        first_time=entered.served == NO and entered.customer_id is None,
        vehicle_id=entered.vehicle_id,
        make_id=entered.make_id if entered.vehicle_id is None else None,
        model_id=entered.model_id if entered.vehicle_id is None else None,
        vehicle_text=entered.model_text,
        model_year=year,
        mileage=mileage,
        mileage_sure=bool(entered.mileage_sure) and entered.mileage_sure == entered.mileage,
        note=entered.note,
        topic=entered.topic,
        wish=entered.wish,
        callback_at=callback_at,
        caused_by_id=entered.caused_by_id,
        lead_source_id=entered.lead_source_id,
        called_line=entered.called_line,
        utm_source=entered.utm_source,
        reason_ids=entered.reason_ids,
        origin=entered.origin,
    )


def _new_client(entered: Entered) -> CustomerData | None:
    """Who he is; where a company is named, it is the client, and he is whom one talks to there (S3-21)."""
    person = " ".join(filter(None, (entered.last_name, entered.first_name, entered.middle_name)))
    if not entered.new_client:
        return None
    if entered.company.strip():
        return CustomerData(legal_form="company", last_name=entered.company, first_name=person)
    if entered.origin and not person:
        return None  # a form that a call has opened waits for a name, which a caller may keep to himself
    return CustomerData(last_name=entered.last_name, first_name=entered.first_name, middle_name=entered.middle_name)


def _way(entered: Entered, errors: Errors) -> Way:
    if entered.way and entered.way not in set(Way):
        errors.say("way", T("There is no such choice any more."))
        return Way.TRANSFER
    return Way(entered.way or Way.TRANSFER)


def _whole(text: str, name: str, errors: Errors) -> int | None:
    """A whole number, with the spaces people group it by."""
    digits = "".join(text.split())
    if digits and not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        errors.say(name, T("Write a whole number."))
        return None
    return int(digits) if digits else None


def _moment(text: str, zone: str, errors: Errors) -> datetime | None:
    """A moment as the browser's own field sends it, in the person's zone (X-05)."""
    moment = local_moment(text, ZoneInfo(zone))
    if text and moment is None:
        errors.say("callback_at", T("This is no date and time."))
    return moment
