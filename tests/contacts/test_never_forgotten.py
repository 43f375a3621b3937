"""X-02: whatever people do with contacts, none is ever left without an owner, a group that knows of it, or an end."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from sqlalchemy import select

from addons.contacts.models import IgnoreReason, InboundContact
from addons.contacts.services import handling
from addons.contacts.services.registration import Way
from addons.contacts.services.states import OPEN
from core.db.engine import WorkSession
from core.errors import Refusal
from core.work.models import Notification
from tests.contacts.test_handling import Firm, come_in, firm

__all__ = ["firm"]

STAFF = ("petukhov", "sokolova", "volkov", "kravtsov", "lebedeva")
Step = Callable[[WorkSession, int, random.Random, Firm], object]

STEPS: dict[str, Step] = {
    "open": lambda session, contact, _, __: handling.open_contact(session, contact),
    "claim": lambda session, contact, _, __: handling.claim(session, contact),
    "transfer": lambda session, contact, chance, firm: handling.transfer(
        session, contact, chance.choice([None, firm.people["petukhov"], firm.people["sokolova"], firm.people["volkov"]])
    ),
    "queue": lambda session, contact, _, __: handling.queue(session, contact),
    "remind": lambda session, contact, _, __: handling.remind(session, contact),
    "ignore": lambda session, contact, chance, __: handling.ignore(
        session,
        contact,
        chance.choice(list(session.scalars(select(IgnoreReason.id)))),
        chance.choice(["", "потому что"]),
    ),
    "finish": lambda session, contact, chance, __: handling.finish(session, contact, chance.choice(["", "приедет"])),
}


@pytest.mark.parametrize("seed", range(6))
def test_no_contact_is_ever_forgotten(firm: Firm, seed: int) -> None:
    chance = random.Random(seed)
    ways = [{}, {"responsible_id": firm.people["petukhov"]}, {"way": Way.QUEUE}, {"way": Way.INFORM}]
    contacts = [come_in(firm, **chance.choice(ways)) for _ in range(4)]
    for _ in range(30):
        step, contact = chance.choice(list(STEPS)), chance.choice(contacts)
        try:
            with firm.as_(chance.choice(STAFF)) as session:
                STEPS[step](session, contact, chance, firm)
        except Refusal:
            pass
        assert forgotten(firm) == [], f"after {step}"


def forgotten(firm: Firm) -> list[str]:
    """Open contacts that nobody owns and nobody is told of."""
    told = (
        select(Notification.id)
        .where(
            Notification.subject_type == "contacts_inbound_contact",
            Notification.subject_id == InboundContact.id,
            Notification.group_key.is_not(None),
            Notification.closed_at.is_(None),
        )
        .exists()
    )
    statement = select(InboundContact.number).where(
        InboundContact.state.in_(OPEN), InboundContact.responsible_id.is_(None), ~told
    )
    with firm.database.session() as session:
        return list(session.connection().execute(statement).scalars())
