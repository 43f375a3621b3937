"""What reaches its term goes by itself, with its act; what does not, stays (SEC-72)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from addons.contacts.models import Consent, Customer, InboundContact
from addons.contacts.services import consents
from addons.contacts.services.customers import CustomerData, create_customer
from addons.contacts.services.personal import CLIENTS_DAYS, LEADS_DAYS
from core.db.engine import WorkSession
from core.work import settings
from core.work.personal_erasure import erase
from core.work.personal_models import Erasure, HeldValue
from core.work.personal_retention import due_for_purge, purge
from core.work.subjects import Subject
from tests.personal.dealership import LAST, Dealership

pytestmark = pytest.mark.addons("contacts", "sales")


def _contact(session: WorkSession, number: str, at: datetime, **values: Any) -> InboundContact:
    told: dict[str, Any] = {"phone": "+79160000009", "client_text": "Незнакомец", "state": "informed"} | values
    contact = InboundContact(
        number=number, at=at, channel="phone", goal_id=1, department_id=1, branch_id=1, finished_at=at, **told
    )
    session.add(contact)
    session.flush()
    return contact


def test_leads_go_after_their_term_and_open_ones_stay(dealership: Dealership) -> None:
    """SEC-72: three years by default; the journal has a line for each."""
    start = dealership.clock.moment
    with dealership.by() as session:
        old = _contact(session, "1", start).id
        still_open = _contact(session, "2", start)
        still_open.finished_at = None
        young = _contact(session, "3", start + timedelta(days=300)).id
        open_id = still_open.id
    dealership.clock.go(days=1097)
    with dealership.by_job() as session:
        assert [each.subject.id for each in due_for_purge(session, session.now())] == [old]
        assert purge(session, session.now(), dealership.files) == 1
        assert purge(session, session.now(), dealership.files) == 0
    with dealership.by_job() as session:
        phones = {row.id: row.phone for row in session.execute(select(InboundContact.id, InboundContact.phone))}
        assert phones == {old: "", open_id: "+79160000009", young: "+79160000009"}
        act = session.scalars(select(Erasure)).one()
        assert (act.source, act.reason, act.person) == ("term", "term", f"Contact No. {old}")


def test_a_caller_erased_with_a_client_is_not_due_again(dealership: Dealership) -> None:
    """SEC-72: a purge never stumbles over what has nothing left."""
    person = dealership.client()
    with dealership.by() as session:
        for contact in session.scalars(select(InboundContact)):
            contact.finished_at = session.now()
        erase(session, person, "demand", dealership.files)
    dealership.clock.go(days=1097)
    with dealership.by_job() as session:
        assert [each.rule for each in due_for_purge(session, session.now())] == ["held"]
        assert purge(session, session.now(), dealership.files) == 1
        assert due_for_purge(session, session.now()) == []


def test_clients_nobody_was_in_touch_with_go(dealership: Dealership) -> None:
    """SEC-72: five years without contact, document or change; an open document holds them."""
    person = dealership.client()
    with dealership.by() as session:
        create_customer(session, CustomerData(last_name="Давний"))
        session.scalars(select(InboundContact)).all()
    dealership.clock.go(days=1827)
    with dealership.by_job() as session:
        due = due_for_purge(session, session.now())
        names = [session.get_one(Customer, each.subject.id).name for each in due]
        assert names == ["Давний"]
        purge(session, session.now(), dealership.files)
    assert dealership.found("Давний") == []
    assert dealership.found(LAST)
    assert person.id


def test_a_term_of_nought_means_never(dealership: Dealership) -> None:
    """SEC-72: the terms are settings."""
    with dealership.by() as session:
        _contact(session, "1", session.now())
        for setting in (LEADS_DAYS, CLIENTS_DAYS):
            settings.write(session, setting, 0)
        create_customer(session, CustomerData(last_name="Давний"))
    dealership.clock.go(days=36_000)
    with dealership.by_job() as session:
        assert due_for_purge(session, session.now()) == []


def test_acts_are_kept_three_years(dealership: Dealership) -> None:
    """SEC-71: and then forgotten, for an act is personal data of its executor."""
    with dealership.by() as session:
        _contact(session, "1", session.now())
    dealership.clock.go(days=1097)
    with dealership.by_job() as session:
        purge(session, session.now(), dealership.files)
    dealership.clock.go(days=3 * 365)
    with dealership.by_job() as session:
        purge(session, session.now(), dealership.files)
        assert len(session.scalars(select(Erasure)).all()) == 1
    dealership.clock.go(days=2)
    with dealership.by_job() as session:
        purge(session, session.now(), dealership.files)
        assert session.scalars(select(Erasure)).all() == []


def _hold_two(dealership: Dealership) -> tuple[Subject, Subject]:
    """Two erased people of whom a consent is kept until the same moment."""
    person, other = dealership.client(), Subject("contacts_customer", dealership.neighbour())
    with dealership.by() as session:
        consents.give(session, consents.NewConsent(other.id, "marketing", "2026-1", "paper", "бумага № 18"))
    with dealership.by() as session:
        for each in (person, other):
            erase(session, each, "demand", dealership.files)
    dealership.clock.go(days=4 * 366)
    return person, other


def test_who_is_not_among_the_first_comes_with_the_next_run(dealership: Dealership) -> None:
    """SEC-72: the note that says a value is due stays until it is gone."""
    _hold_two(dealership)
    for _ in range(2):
        with dealership.by_job() as session:
            assert purge(session, session.now(), dealership.files, limit=1) == 1
    with dealership.by_job() as session:
        assert session.scalars(select(HeldValue)).all() == []
        assert set(session.scalars(select(Consent.evidence))) == {""}


@pytest.mark.parametrize("changed", [{"subject_type": "workshop_guest"}, {"subject_id": 99_999}])
def test_a_record_that_cannot_be_erased_holds_up_no_other(dealership: Dealership, changed: dict[str, Any]) -> None:
    """SEC-72: one of an addon that is disabled just now, or one that is gone."""
    person, _ = _hold_two(dealership)
    with dealership.by_job() as session:
        [act] = session.scalars(select(Erasure).where(Erasure.subject_id == person.id))
        for name, value in changed.items():
            setattr(act, name, value)
    with dealership.by_job() as session:
        assert purge(session, session.now(), dealership.files) == 1
    with dealership.by_job() as session:
        assert set(session.scalars(select(HeldValue.erasure_id))) == {act.id}
