"""What a desk writes, and when: it leaves others the time to write, and a database that is away is not asked again at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from addons.telephony.services import live
from addons.telephony.services.link import desk as desks
from addons.telephony.services.link.desk import AFTER_TROUBLE, BEHIND, FOR_OTHERS, SHOWN_WITHIN, Desk
from addons.telephony.services.on_line import MENU, OnLine
from addons.telephony.services.orders import REFUSED
from core.db.engine import WorkSession
from tests.support.dealership import Dealership
from tests.telephony.test_links_kept import add_exchange, on_duty, stored
from tests.telephony.told import call

LONG = 15.0
"""Seconds that a database lets one wait for its lock."""


class Clock:
    """The clock of the desk's module, which goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


class Office:
    """A desk, its clock, and a database that takes its time."""

    def __init__(self, desk: Desk, database: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
        self.desk, self.clock = desk, clock
        self.tries = 0
        self.takes = 0.0
        """Seconds that each writing takes."""
        self.locked = False
        self._writing: Callable[..., Any] = database.writing
        monkeypatch.setattr(database, "writing", self.writing)

    @contextmanager
    def writing(self, *values: Any) -> Iterator[WorkSession]:
        self.tries += 1
        self.clock.now += self.takes
        if self.locked:
            raise OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))
        with self._writing(*values) as session:
            yield session

    def line(self, number: int) -> None:
        """So many calls are on the line."""
        told = (OnLine(f"1.{each}", "in", MENU, "", "", 1.0, None, f"PJSIP/line-{each}", ()) for each in range(number))
        self.desk.on_line(tuple(told))


@pytest.fixture
def office(dealership: Dealership, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    number, clock = add_exchange(dealership, 5038), Clock()
    monkeypatch.setattr(desks, "time", clock)
    with on_duty(dealership, lambda: False) as duty:
        found = Office(Desk(duty, number, lambda: True), duty.database, clock, monkeypatch)
        found.desk.store(at_once=True)
        clock.now += 1
        found.tries = 0
        yield found


@pytest.mark.parametrize(("takes", "rests"), [(0.0, FOR_OTHERS), (0.03, 0.03), (0.1, SHOWN_WITHIN)])
def test_between_two_writings_of_the_line_others_can_write_as_long(office: Office, takes: float, rests: float) -> None:
    office.takes = takes
    office.line(1)
    office.desk.store()
    office.line(2)
    assert office.desk.rests == pytest.approx(rests)
    office.desk.store()
    assert office.tries == 1
    office.clock.now += office.desk.rests
    office.desk.store()
    assert office.tries == 2


def test_a_locked_database_is_waited_for_once_and_then_left_alone_for_a_while(
    office: Office, dealership: Dealership
) -> None:
    """Whatever there is to write: the exchange would take a link for gone that waits three times without a word."""
    desk = office.desk
    with dealership.session() as session:
        desk.tell([call(session.now() - timedelta(hours=1))])
    office.line(1)
    desk.done(7, REFUSED)
    office.locked, office.takes = True, LONG
    assert not desk.store()
    assert office.tries == 1
    assert desk.rests == pytest.approx(AFTER_TROUBLE)
    assert not desk.store()
    assert (desk.orders(), desk.dials()) == ([], [])
    assert office.tries == 1
    office.locked, office.takes = False, 0.0
    office.clock.now += AFTER_TROUBLE
    desk.store()
    assert len(stored(dealership)) == 1


def test_a_call_that_is_over_is_stored_whatever_is_wrong_with_the_line(
    office: Office, dealership: Dealership, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*_: object) -> None:
        raise ValueError("odd")

    monkeypatch.setattr(live, "write", wrong)
    with dealership.session() as session:
        office.desk.tell([call(session.now() - timedelta(hours=1))])
    office.line(1)
    office.desk.store()
    assert len(stored(dealership)) == 1


def test_a_link_that_is_behind_makes_contacts_afterwards(office: Office, dealership: Dealership) -> None:
    with dealership.session() as session:
        office.desk.tell([call(session.now() - timedelta(hours=1))])
    office.desk.store(waiting=lambda: BEHIND + 1)
    office.desk.store(waiting=lambda: BEHIND + 1)
    assert [each.contact_id for each in stored(dealership)] == [None]
    office.desk.store()
    assert [each.contact_state for each in stored(dealership)] == ["done"]


def test_while_the_exchange_says_more_contacts_are_made_one_at_a_time(office: Office, dealership: Dealership) -> None:
    """A phone may ring: it does not wait for five of them."""
    with dealership.session() as session:
        at = session.now() - timedelta(hours=1)
        office.desk.tell(call(at, f"1.{number}") for number in range(4))
    made = []
    for waits in (1, 1, 0):
        office.clock.now += 1
        office.desk.store(waiting=lambda waits=waits: waits)
        made.append(sum(each.contact_id is not None for each in stored(dealership)))
    assert made == [1, 2, 4]


def test_contacts_wait_until_what_is_on_the_line_is_shown(office: Office, dealership: Dealership) -> None:
    with dealership.session() as session:
        office.desk.tell([call(session.now() - timedelta(hours=1))])
    office.desk.store(waiting=lambda: BEHIND + 1)
    office.clock.now += 1
    office.locked = True
    office.line(1)
    tries = office.tries
    office.desk.store()
    assert office.tries == tries + 1, "the line was tried, and no contact after it"
