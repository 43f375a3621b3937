"""One contact of the demonstration: who it is from, its row, and storing many of them in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from addons.contacts.models import Customer, InboundContact
from addons.contacts.services.demo_clients import Car, Client
from addons.contacts.services.demo_office import CarKind, Office
from addons.contacts.services.goals import Goal
from addons.contacts.services.registration import SERIES
from core import Phone, WorkSession, demo, search_key

LAST_NUMBER = 4217
"""The next contact that somebody registers is ВТ-004218."""

BY_THEMSELVES = ("web", "chat", "mobile_app")
"""Channels that no receptionist registers."""


@dataclass(slots=True)
class Caller:
    """Who is in touch: a client of the directory, or whatever is known of a stranger.

    ``car`` is the client's own, ``wanted`` the model it is about when it is not that one.
    """

    branch: str
    text: str
    client: Client | None = None
    phone: Phone | None = None
    car: Car | None = None
    wanted: CarKind | None = None

    @property
    def about(self) -> CarKind | None:
        """The model it is about."""
        return self.wanted or (self.car.kind if self.car else None)


@dataclass(slots=True)
class Event:
    """A contact on its way into the database; ``before`` is the one that caused it."""

    caller: Caller
    goal: Goal
    row: dict[str, Any]
    before: Event | None = None
    id: int = 0
    told: list[int] = field(default_factory=list)
    """Who is notified of it, because it is open."""


def make_event(office: Office, caller: Caller, goal: Goal, at: datetime, note: str) -> Event:
    """A contact as it is registered; nobody has it yet."""
    client, car, about = caller.client, caller.car, caller.about
    row = {
        "at": at,
        "channel": goal.channel,
        "state": "unclaimed",
        "goal_id": goal.id,
        "department_id": goal.department_id,
        "branch_id": goal.branch_id,
        "responsible_id": None,
        "customer_id": client.id if client else None,
        "client_text": caller.text,
        "phone": caller.phone.e164 if caller.phone else "",
        "phone_raw": caller.phone.raw if caller.phone else "",
        "email": client.email if client and goal.channel in BY_THEMSELVES else "",
        "vehicle_id": car.id if car else None,
        "make_id": about.make_id if about else None,
        "model_id": about.model_id if about else None,
        "vehicle_text": about.title if about else "",
        "model_year": car.year if car and not caller.wanted else None,
        "mileage": None,
        "note": note,
        "topic": "",
        "wish": "",
        "lead_source_id": None,
        "caused_by_id": None,
        "is_primary": True,
        "is_request": goal.is_request,
        "waits_since": None,
        "taken_at": None,
        "finished_at": None,
        "document_id": None,
        "result": "",
        "ignore_reason_id": None,
        "ignore_comment": "",
        "source_data": {"form": goal.purpose_ru} if goal.channel in BY_THEMSELVES else None,
        "created_at": at,
        "created_by_id": None if goal.channel in BY_THEMSELVES else office.receptionist(caller.branch),
    }
    return Event(caller, goal, row)


def store(session: WorkSession, events: Sequence[Event]) -> list[Event]:
    """Number the contacts in the order of their time and store them; each about an earlier one names it (S2-24)."""
    events = sorted(events, key=lambda event: event.row["at"])
    for number, event in enumerate(events, start=LAST_NUMBER + 1 - len(events)):
        row = event.row
        row["number"] = SERIES.form % {"number": number}
        row["search_key"] = search_key(row["number"], row["client_text"], row["phone"], row["vehicle_text"])
    for event, number in zip(
        events, demo.add_records(session, InboundContact, [event.row for event in events]), strict=True
    ):
        event.id = number
    demo.continue_from(session, SERIES, LAST_NUMBER)
    causes = {event.id: event.before.id for event in events if event.before is not None}
    demo.set_column(session, InboundContact, "caused_by_id", causes)
    last = {event.row["customer_id"]: event.row["at"] for event in events if event.row["customer_id"] is not None}
    demo.set_column(session, Customer, "last_contact_at", last)
    return events
