"""Two months of inbound traffic of the demonstration, up to this moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import select, update

from addons.contacts.models import Customer, IgnoreReason, InboundContact, LeadSource
from addons.contacts.services import demo_names as names
from addons.contacts.services import demo_stories as stories
from addons.contacts.services.demo_clients import Client
from addons.contacts.services.demo_office import ZONE, CarKind, Office
from addons.contacts.services.goals import Goal
from addons.contacts.services.registration import SERIES
from core.db.engine import WorkSession
from core.demo import add_records, continue_from
from core.text.folding import search_key
from core.text.phones import Phone, parse_phone

DAYS = 60
CONTACTS = 1200
LAST_NUMBER = 4217
"""The next contact that somebody registers is ВТ-004218."""

BUSY_DAYS = (1.15, 1.0, 1.0, 1.05, 1.15, 0.95, 0.55)
"""How much comes in on each day of the week, from Monday."""

BUSY_HOURS = {8: 2, 9: 7, 10: 10, 11: 11, 12: 9, 13: 7, 14: 8, 15: 8, 16: 8, 17: 10, 18: 8, 19: 5, 20: 2}
QUIET = timedelta(minutes=25)
"""What happened later than this is said in ``demo_present``: it is still open."""

WEEKDAYS = ("в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу", "в воскресенье")
BY_THEMSELVES = ("web", "chat", "mobile_app")
"""Channels that no receptionist registers."""


@dataclass(slots=True)
class Caller:
    """Who a story is about: a client of the directory, or whatever is known of a stranger."""

    branch: str
    client: Client | None
    text: str
    phone: Phone | None
    car: CarKind | None


def add_traffic(session: WorkSession, office: Office, clients: Sequence[Client]) -> None:
    """Store the contacts in the order of their time, with numbers that the next one continues."""
    directories = _directories(session)
    contacts: list[dict[str, Any]] = []
    wanted = CONTACTS - len(stories.STORIES)
    while len(contacts) < wanted:
        contacts += _told(office, clients, directories)
    contacts.sort(key=lambda contact: contact["at"])
    _number(contacts)
    add_records(session, InboundContact, contacts)
    continue_from(session, SERIES, LAST_NUMBER)
    touch_clients(session, contacts)


def touch_clients(session: WorkSession, contacts: Sequence[dict[str, Any]]) -> None:
    """Remember when each client was in touch last."""
    last = {row["customer_id"]: row["at"] for row in sorted(contacts, key=lambda row: row["at"]) if row["customer_id"]}
    rows = [{"id": number, "last_contact_at": at} for number, at in last.items()]
    session.connection().execute(
        update(Customer).where(Customer.id == 0), []
    ) if not rows else _touch(session, rows)
