"""The demonstration dealership: invented people, clients and two months of traffic up to this moment."""

from __future__ import annotations

from sqlalchemy import select

from addons.contacts.models import Customer
from addons.contacts.services.demo_clients import add_clients
from addons.contacts.services.demo_contacts import store
from addons.contacts.services.demo_office import open_office
from addons.contacts.services.demo_past import add_reasons, past
from addons.contacts.services.demo_present import present, tell
from addons.contacts.services.demo_sources import add_sources
from addons.contacts.services.demo_work import add_notes, add_tasks
from core import WorkSession


def fill(session: WorkSession) -> None:
    """Fill an empty instance; one that has clients already is left as it is.

    At the same moment it is the same dealership every time.
    """
    if session.scalar(select(Customer.id).limit(1)) is not None:
        return
    office = open_office(session)
    clients = add_clients(session, office)
    events = store(session, [*past(session, office, clients), *present(office, clients)])
    add_reasons(session, office, events)
    tell(session, office, events)
    add_notes(session, office, clients)
    add_tasks(session, office, clients)
    add_sources(session)
