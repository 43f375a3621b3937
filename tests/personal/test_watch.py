"""Watching: who opened and exported how much, whom a leak affects, how many people are held (SEC-63, 73, 75)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from addons.contacts.models import Customer, InboundContact, Vehicle
from core.access.policy import Scope
from core.db.audit import note_action
from core.errors import Forbidden
from core.work import personal_watch
from core.work.personal_erasure import erase
from core.work.personal_models import CardRead
from core.work.personal_watch import CARDS_AN_HOUR, ReadLog, affected, count_people, note_export, warn
from core.work.subjects import Subject
from core.work.task_models import Task
from tests.personal.dealership import OWNER, SELLER, Dealership

pytestmark = pytest.mark.addons("contacts", "sales")


def _open_cards(dealership: Dealership, number: int, log: ReadLog) -> None:
    for card in range(1, number + 1):
        log.note(SELLER, Subject("contacts_customer", card), dealership.clock.moment)


def _warnings(dealership: Dealership) -> list[tuple[str, dict[str, object]]]:
    with dealership.by_job() as session:
        tasks = session.scalars(select(Task).where(Task.kind == personal_watch.WARNING).order_by(Task.id))
        return [(task.title, task.title_values) for task in tasks]


def test_more_than_500_cards_an_hour_warn_the_owner_once(dealership: Dealership) -> None:
    """SEC-63: five hundred are allowed; the same card counts once; two processes count together."""
    first, second = ReadLog(dealership.database), ReadLog(dealership.database)
    _open_cards(dealership, CARDS_AN_HOUR, first)
    _open_cards(dealership, CARDS_AN_HOUR, second)
    for log in (first, second):
        log.write(dealership.clock.moment)
    with dealership.by_job() as session:
        assert warn(session, session.now()) == 0
    second.note(SELLER, Subject("contacts_customer", 9_999), dealership.clock.moment)
    second.write(dealership.clock.moment)
    for _ in range(2):
        with dealership.by_job() as session:
            warn(session, session.now())
    assert _warnings(dealership) == [
        ("%(name)s opened %(number)s cards within an hour", {"name": "Борис", "number": CARDS_AN_HOUR + 1})
    ]
    dealership.clock.go(hours=3)
    with dealership.by_job() as session:
        assert warn(session, session.now()) == 0


def test_reads_are_written_when_it_is_time(dealership: Dealership) -> None:
    """SEC-63: after some seconds or when many have gathered, never one by one."""
    log = ReadLog(dealership.database, every=timedelta(seconds=5), most=3)
    number = select(func.count()).select_from(CardRead)
    _open_cards(dealership, 2, log)
    with dealership.by_job() as session:
        assert session.scalar(number) == 0
    _open_cards(dealership, 3, log)
    with dealership.by_job() as session:
        assert session.scalar(number) == 3
    log.note(SELLER, Subject("contacts_customer", 7), dealership.clock.go(seconds=6))
    log.note(None, Subject("contacts_customer", 8), dealership.clock.moment)
    with dealership.by_job() as session:
        assert session.scalar(number) == 4


def test_reads_that_cannot_be_written_are_kept(dealership: Dealership, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-63: a busy database refuses no reader and loses no read; a process that ends leaves none behind."""
    log = ReadLog(dealership.database)

    def busy(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    with monkeypatch.context() as patched:
        patched.setattr(personal_watch, "keep_reads", busy)
        _open_cards(dealership, 2, log)
        log.write(dealership.clock.moment)
    log.close(dealership.clock.moment)
    _open_cards(dealership, 3, log)
    with dealership.by_job() as session:
        assert session.scalar(select(func.count()).select_from(CardRead)) == 3


def test_an_export_of_more_than_1000_rows_warns_the_owner(dealership: Dealership) -> None:
    """SEC-63."""
    with dealership.by(SELLER) as session:
        note_action(session, "export", screen="contacts.clients", rows=1000)
        note_action(session, "export", screen="contacts.clients", rows=1001)
    with dealership.by_job() as session:
        assert warn(session, session.now()) == 1
        warn(session, session.now())
    assert _warnings(dealership) == [("%(name)s exported %(number)s rows", {"name": "Борис", "number": 1001})]


def test_a_leak_names_the_people_behind_every_card(dealership: Dealership) -> None:
    """SEC-73: by account, period and export; a contact, a car and a client lead to the same person."""
    person, other = dealership.client(), dealership.neighbour()
    dealership.clock.go(days=10)
    with dealership.by(SELLER) as session:
        contact, car = (
            session.scalars(select(InboundContact.id).order_by(InboundContact.id)).first(),
            session.scalars(select(Vehicle.id)).one(),
        )
        note_export(session, "contacts_customer", [other])
    log = ReadLog(dealership.database)
    log.note(SELLER, Subject("contacts_inbound_contact", contact or 0), dealership.clock.moment)
    log.note(SELLER, Subject("contacts_vehicle", car), dealership.clock.moment)
    log.write(dealership.clock.moment)
    now = dealership.clock.go(hours=1)
    day = timedelta(days=1)
    with dealership.by() as session:
        found = affected(session, since=now - day, until=now, user_id=SELLER)
        assert {each.person: each.ways for each in found} == {
            person: ("card",),
            Subject("contacts_customer", other): ("export",),
        }
        exports = affected(session, since=now - day, until=now, exports_only=True)
        assert [each.person.id for each in exports] == [other]
        assert affected(session, since=now - day, until=now, user_id=OWNER) == []
        changed = affected(session, since=now - 20 * day, until=now, user_id=OWNER)
        assert {person, Subject("contacts_customer", other)} <= {each.person for each in changed}
    with dealership.by(core__personal_data__read=Scope.NONE) as session, pytest.raises(Forbidden):
        affected(session, since=now - day, until=now)


def test_people_are_counted_and_a_hundred_thousand_warn(
    dealership: Dealership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SEC-75: merged and erased people do not count; the warning comes once."""
    person = dealership.client()
    dealership.neighbour()
    with dealership.by_job() as session:
        assert session.scalar(select(func.count()).select_from(Customer)) == 3
        assert count_people(session) == 2
    monkeypatch.setattr(personal_watch, "MANY_PEOPLE", 2)
    for _ in range(2):
        with dealership.by_job() as session:
            warn(session, session.now())
    assert [values for _, values in _warnings(dealership)] == [{"number": 2}]
    with dealership.by() as session:
        erase(session, person, "demand", dealership.files)
        assert count_people(session) == 1


def test_reads_are_forgotten_after_a_year(dealership: Dealership) -> None:
    """SEC-72, SEC-73: late enough for a leak that is found late."""
    log = ReadLog(dealership.database)
    _open_cards(dealership, 2, log)
    log.write(dealership.clock.moment)
    dealership.clock.go(days=368)
    with dealership.by_job() as session:
        warn(session, session.now())
        assert session.scalar(select(func.count()).select_from(CardRead)) == 0
