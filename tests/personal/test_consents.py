"""Consents: in so many words, provable, withdrawn as easily, and no advertising without one (SEC-68)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from addons.contacts.models import Consent
from addons.contacts.services.consents import MARKETING, PURPOSES, NewConsent, agrees, consents_of, give, withdraw
from core.access.policy import Scope
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.work.personal_terms import REASONS, ask_erasure, due_at, working_days_after
from core.work.subjects import Subject
from core.work.task_models import Task
from tests.personal.dealership import Dealership

pytestmark = pytest.mark.addons("contacts", "sales")

PAPER = NewConsent(1, "marketing", "2026-1", "paper", "бумага № 5")


def _client(dealership: Dealership) -> NewConsent:
    return replace(PAPER, customer_id=dealership.neighbour())


def test_no_advertising_without_a_consent_of_its_own(dealership: Dealership) -> None:
    """SEC-68: never implied; a consent to something else is none to this."""
    paper = _client(dealership)
    with dealership.by() as session:
        assert not agrees(session, paper.customer_id, MARKETING)
        give(session, replace(paper, purpose="processing"))
        assert not agrees(session, paper.customer_id, MARKETING)
        consent = give(session, paper)
        assert agrees(session, paper.customer_id, MARKETING)
        assert not agrees(session, paper.customer_id, "recording")
        told = (consent.purpose, consent.text_version, consent.channel, consent.evidence, consent.given_at)
        assert told == ("marketing", "2026-1", "paper", "бумага № 5", dealership.clock.moment)
        assert len(consents_of(session, paper.customer_id)) == 2


def test_a_consent_is_over_when_its_term_is(dealership: Dealership) -> None:
    """SEC-68."""
    paper = _client(dealership)
    with dealership.by() as session:
        give(session, replace(paper, until=dealership.clock.moment + timedelta(days=1)))
        assert agrees(session, paper.customer_id, MARKETING)
        dealership.clock.go(days=1)
        assert not agrees(session, paper.customer_id, MARKETING)


def test_a_consent_that_came_from_elsewhere_is_withdrawn_as_any_other(dealership: Dealership) -> None:
    """Its purpose need not be one of ours."""
    paper = _client(dealership)
    with dealership.by() as session:
        other = give(session, paper)
        other.purpose = "loyalty"
        session.flush()
        assert withdraw(session, other.id).withdrawn_at is not None


def test_withdrawal_works_at_once_and_makes_the_deadline(dealership: Dealership) -> None:
    """SEC-68, SEC-70: thirty days from when it arrived, for those who look after personal data."""
    paper = replace(_client(dealership), purpose="processing")
    with dealership.by() as session:
        number = give(session, paper).id
    arrived = dealership.clock.moment
    dealership.clock.go(days=2)
    with dealership.by() as session:
        withdraw(session, number, arrived)
        assert not agrees(session, paper.customer_id, "processing")
        task = session.scalars(select(Task)).one()
        assert (task.role, task.due_at) == ("administrator", arrived + timedelta(days=30))
        assert (task.subject_type, task.subject_id) == ("contacts_customer", paper.customer_id)
        assert "Сидоров" not in str(task.title_values)
    with dealership.by() as session, pytest.raises(Conflict):
        withdraw(session, number)
    with dealership.by() as session, pytest.raises(NotFound):
        withdraw(session, 999)


@pytest.mark.parametrize("purpose", sorted(set(PURPOSES) - {"processing"}))
def test_who_wants_no_advertising_is_not_erased(dealership: Dealership, purpose: str) -> None:
    """SEC-70: only a consent to processing is what his data is kept on."""
    paper = replace(_client(dealership), purpose=purpose)
    with dealership.by() as session:
        number = give(session, paper).id
    with dealership.by() as session:
        withdraw(session, number)
        assert not agrees(session, paper.customer_id, purpose)
        assert session.scalars(select(Task)).all() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("purpose", "anything"),
        ("channel", ""),
        ("text_version", "  "),
        ("text_version", "x" * 41),
        ("evidence", ""),
        ("evidence", "x" * 301),
        ("given_at", datetime(2030, 1, 1, tzinfo=UTC)),
        ("until", datetime(2020, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_consent_says_everything_or_is_none(dealership: Dealership, field: str, value: object) -> None:
    """SEC-68: purpose, text version, channel and evidence are demanded; nothing is stored otherwise."""
    paper = _client(dealership)
    with dealership.by() as session, pytest.raises(Invalid) as refused:
        give(session, replace(paper, **{field: value}))
    assert field in refused.value.errors
    with dealership.by() as session:
        assert session.scalars(select(Consent)).all() == []


def test_rights(dealership: Dealership) -> None:
    """SEC-1, SEC-68."""
    paper = _client(dealership)
    with dealership.by(contacts__consent__create=Scope.NONE) as session, pytest.raises(Forbidden):
        give(session, paper)
    with dealership.by() as session:
        number = give(session, paper).id
    with dealership.by(contacts__consent__withdraw=Scope.NONE) as session, pytest.raises(Forbidden):
        withdraw(session, number)


def test_deadlines_of_the_law(dealership: Dealership) -> None:
    """SEC-70: 30 days, or working days that skip weekends and the holidays of May; one task a cause."""
    friday = datetime(2026, 4, 30, 9, tzinfo=UTC)
    assert working_days_after(friday, 3) == datetime(2026, 5, 6, 9, tzinfo=UTC)
    assert due_at("purpose", friday) == friday + timedelta(days=30)
    assert due_at("unlawful", friday) == working_days_after(friday, 10) > friday + timedelta(days=14)
    assert set(REASONS) == {"withdrawn", "purpose", "unlawful", "demand", "term"}
    person = Subject("contacts_customer", dealership.neighbour())
    with dealership.by() as session:
        first = ask_erasure(session, person, "Client No. 1", "unlawful", friday)
        assert ask_erasure(session, person, "Client No. 1", "unlawful", friday).id == first.id
        due = sorted(session.scalars(select(Task.due_at)))
        assert due == [working_days_after(friday, 3), working_days_after(friday, 10)]
    with dealership.by() as session, pytest.raises(Invalid):
        ask_erasure(session, person, "Client No. 1", "why")
