"""Calls of recordings become records and contacts, once (X-09, S1-03, S1-04, S1-13)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from addons.contacts.models import InboundContact
from addons.telephony.models import DONE, Call, CallLeg, CallName, Link, Recording
from addons.telephony.services import keeping, registering, replaying
from addons.telephony.services.asterisk.jobs import Job, jobs
from addons.telephony.services.exchanges import recorded_exchange
from core.db.base import Base
from core.db.engine import WorkSession
from tests.support.dealership import Dealership
from tests.telephony.recorded import EXPECTED, NAMES, recording
from tests.telephony.told import answered, call, job

KEPT: tuple[type[Base], ...] = (Call, CallName, CallLeg, Recording, InboundContact, Link)


def replayed(session: WorkSession, *names: str) -> None:
    """Store recordings, each as of an exchange of its own."""
    for name in names:
        keep(session, *jobs(replaying.reduce(recording(name))), pbx=name)


def keep(session: WorkSession, *told: Job, pbx: str = "test") -> None:
    """Store calls of one exchange, and register what is due."""
    keeping.record(session, recorded_exchange(session, pbx).id, told)
    while registering.register_due(session):
        pass


def rows(session: WorkSession) -> list[tuple[str, int, int | None]]:
    """Of each table how many rows there are, and the highest number of one that has numbers."""
    session.flush()
    found = []
    for model in KEPT:
        highest = session.scalar(select(func.max(model.__table__.c.id))) if "id" in model.__table__.c else None
        found.append((model.__tablename__, session.scalar(select(func.count()).select_from(model)) or 0, highest))
    return found


def test_every_recording_is_stored_once_and_every_client_call_is_a_contact_s1_13_x_09(dealership: Dealership) -> None:
    with dealership.session() as session:
        replayed(session, *NAMES)
        told = [call for name in NAMES for call in EXPECTED[name]["calls"]]
        calls = session.scalars(select(Call)).all()
        assert len(calls) == len(told)
        assert sorted((each.direction, each.disposition, each.loss_reason) for each in calls) == sorted(
            (each["direction"], each["disposition"], each.get("loss_reason") or "") for each in told
        )
        contacts = session.scalar(select(func.count(InboundContact.id)))
        assert contacts == sum(EXPECTED[name]["client_contacts"] for name in NAMES)
        assert {each.contact_state for each in calls if each.direction != "internal"} == {DONE}
        before = rows(session)
        replayed(session, *NAMES)
        assert rows(session) == before


def test_two_exchanges_may_have_one_name_for_two_calls(dealership: Dealership) -> None:
    with dealership.session() as session:
        at = session.now() - timedelta(hours=1)
        for pbx in ("north", "south"):
            keep(session, job(call(at)), pbx=pbx)
        assert session.scalar(select(func.count(Call.id))) == 2


def test_what_a_transfer_makes_one_call_is_one_record(dealership: Dealership) -> None:
    """The consultation had a name of its own, and was stored before it was known to be a part of the call."""
    with dealership.session() as session:
        at = session.now() - timedelta(hours=1)
        whole = answered(at, linkedids=("1795305000.0", "1795305030.4"))
        keep(session, job(answered(at)), job(call(at, "1795305030.4", direction="internal", client=None)))
        assert session.scalar(select(func.count(Call.id))) == 2
        keep(session, job(whole))
        kept = session.scalars(select(Call)).one()
        assert (kept.linkedid, kept.answered_at is not None) == ("1795305000.0", True)
        assert set(session.scalars(select(CallName.name))) == set(whole.linkedids)


def test_the_end_that_was_guessed_gives_way_to_the_one_that_was_seen(dealership: Dealership) -> None:
    with dealership.session() as session:
        at = session.now() - timedelta(hours=1)
        keep(session, job(call(at, ended_known=False, ended=at.timestamp() + 90)))
        keep(session, job(call(at)))
        kept = session.scalars(select(Call)).one()
        assert (kept.ended_known, kept.ended_at) == (True, at + timedelta(seconds=20))
        keep(session, job(call(at, ended_known=False, ended=at.timestamp() + 90)))
        assert session.scalars(select(Call)).one().ended_at == at + timedelta(seconds=20)


@pytest.mark.parametrize("together", [True, False])
def test_the_attempts_of_a_job_are_one_call(dealership: Dealership, together: bool) -> None:
    with dealership.session() as session:
        at = session.now() - timedelta(hours=1)
        made: dict[str, Any] = {"direction": "out", "loss_reason": None}
        first = call(at, "fc-77-1", disposition="no_employee", **made)
        second = answered(at + timedelta(minutes=1), "fc-77-2", direction="out")
        third = call(at + timedelta(minutes=3), "fc-77-3", disposition="no_employee", **made)
        for each in [[first, second, third]] if together else [[first], [second], [third]]:
            keep(session, job(*each))
        kept = session.scalars(select(Call)).one()
        assert (kept.linkedid, kept.disposition, kept.started_at) == ("fc-77-1", "answered", at)
        assert session.scalar(select(func.count(CallLeg.id))) == 3


def test_a_call_that_cannot_be_stored_keeps_no_other_from_it(dealership: Dealership) -> None:
    with dealership.session() as session:
        at = session.now() - timedelta(hours=1)
        broken = call(at, "1.1", ended=1e18)
        odd = call(at, "1.2", client="\x00" + "9" * 5000, did="\x00")
        keep(session, job(broken), job(odd), job(call(at, "1.3")))
        assert set(session.scalars(select(Call.linkedid))) == {"1.2", "1.3"}
