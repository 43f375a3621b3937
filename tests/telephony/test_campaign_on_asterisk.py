"""A request of a site makes the phones of a real Asterisk ring (S1-25, S1-28…35)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from addons.contacts.models import Customer, InboundContact
from addons.contacts.services.customers import CustomerData, create_customer
from addons.contacts.services.intake import requests
from addons.telephony.models import WAITING, Attempt, Call, CallLeg, Campaign, Link, Pbx
from addons.telephony.services import exchanges
from addons.telephony.services.autodial import rules
from addons.telephony.services.link import keeper
from addons.telephony.services.vocabulary import GOING_ON
from core.access.models import User
from core.clock import utcnow
from core.web.app import Application
from core.work import settings
from core.work.task_models import Task
from tests.contacts.hooks import Clock, Site, open_always, source
from tests.pbx.by_hand import Hands, hands
from tests.pbx.console import ACCOUNT
from tests.pbx.plays import TALK
from tests.pbx.server import SECRET
from tests.pbx.server import Pbx as Asterisk
from tests.pbx.telephone import Telephone
from tests.support.dealership import Dealership
from tests.telephony.test_asterisk import wait
from tests.telephony.test_links_kept import on_duty

RING, PAUSE = 5, 8
"""Seconds for which phones ring, the fewest that can be set, and between two rings of the group."""
OFF, LATE = 1.5, 3.0
"""By how many seconds the length of a ring may be off, and its beginning by that of the ring before it."""


@dataclass
class Office:
    """A dealership that is open, with the phones of a house on its desks; a client of petukhov asks its site to be called."""

    dealership: Dealership
    app: Application
    hands: Hands

    def asks(self) -> None:
        """The client sends the form of the site, once the exchange is linked."""
        wait(self.is_linked)
        address, secret = source(self.dealership, "contacts.form", "web", call_at_once=True)
        site = Site(self.app, Clock(utcnow()), address, secret)
        assert site.send({"name": "Иван", "phone": f"+{self.hands.house.client()}"}).status_code == 202

    def keep_links(self, people: Callable[[], None], rings: int) -> None:
        """Keep the link while people are at their phones, and until so many rings of phones are stored."""
        with ThreadPoolExecutor(1) as pool:
            playing = pool.submit(people)
            with on_duty(
                self.dealership, lambda: playing.done() and (bool(playing.exception()) or self.is_over(rings))
            ) as duty:
                keeper.keep(duty)
            playing.result()

    def is_linked(self) -> bool:
        with self.dealership.session() as session:
            return session.scalar(select(Link.state)) == "linked"

    def is_over(self, rings: int) -> bool:
        with self.dealership.session() as session:
            going_on = session.scalar(select(Campaign.id).where(Campaign.state == GOING_ON))
            waiting = session.scalar(select(Call.id).where(Call.contact_state == WAITING))
            return (going_on, waiting) == (None, None) and session.scalar(select(func.count(CallLeg.id))) == rings


@pytest.fixture(params=["22", "16"])
def office(
    request: pytest.FixtureRequest, dealership: Dealership, asterisk: Callable[[str], Asterisk]
) -> Iterator[Office]:
    exchange = asterisk(request.param)
    with hands(exchange, 30) as taken:
        house = taken.house
        with dealership.session() as session:
            for login, place in (("petukhov", 2), ("volkov", 3)):
                session.get_one(User, dealership.people[login]).extension = house.extension(place)
            pbx = Pbx(name="north", host="127.0.0.1", port=exchange.ami_port, account=ACCOUNT, log=str(exchange.log))
            session.add(pbx)
            session.flush()
            exchanges.set_secret(session, pbx, SECRET)
            client = create_customer(session, CustomerData(last_name="Тарасов", phones=[f"+{house.client()}"]))
            session.get_one(Customer, client.id).responsible_id = dealership.people["petukhov"]
            settings.write(session, rules.GROUP, f"6{house.number}")
            settings.write(session, rules.RESPONSIBLE_SECONDS, RING)
            settings.write(session, rules.GROUP_SECONDS, RING)
            settings.write(session, rules.PAUSE_SECONDS, 1)
            open_always(session)
        app = Application(dealership.config)
        try:
            yield Office(dealership, app, taken)
        finally:
            app.close()


def test_nobody_answers_and_it_is_a_task_s1_29_s1_30_s1_31_s1_32_s1_35(office: Office) -> None:
    with office.dealership.session() as session:
        settings.write(session, rules.PAUSE_SECONDS, PAUSE)
    desks = [office.hands.phone(place) for place in (2, 3)]

    def wait_in_vain() -> None:
        office.asks()
        for desk, times in zip(desks, (4, 3), strict=True):
            for _ in range(times):
                office.hands.wait(office.hands.wait(desk.rung()).until_over())

    office.keep_links(wait_in_vain, rings=7)
    responsible, colleague = (began(desk) for desk in desks)
    between = [after - before for before, after in pairwise(responsible)]
    assert between == pytest.approx([RING, RING + PAUSE, RING + PAUSE], abs=LATE)
    assert colleague == pytest.approx(responsible[1:], abs=0.5)
    rings = [call for desk in desks for call in desk.calls]
    assert [call.answered for call in rings] == [None] * 7
    assert [call.ended - call.began for call in rings if call.ended] == pytest.approx([RING] * 7, abs=OFF)
    with office.dealership.session() as session:
        contact = session.scalars(select(InboundContact)).one()
        campaign = session.scalars(select(Campaign)).one()
        assert (campaign.state, campaign.contact_id, contact.responsible_id) == ("unanswered", contact.id, None)
        states = session.scalars(select(Attempt.state).order_by(Attempt.id)).all()
        assert states == ["unanswered"] * 4
        task = session.scalars(select(Task).where(Task.kind == requests.KIND)).one()
        assert task.department_id == contact.department_id
        call = session.scalars(select(Call)).one()
        assert (call.disposition, call.contact_id, call.answered_at) == ("no_employee", contact.id, None)


def test_a_colleague_answers_and_the_client_is_called_s1_25_s1_33_s1_34(office: Office) -> None:
    office.hands.phone(2)
    desk, house = office.hands.phone(3), office.hands.house

    def answer_the_second() -> None:
        office.asks()
        office.hands.wait(office.hands.wait(desk.rung()).until_over())
        mine = office.hands.wait(desk.rung())
        assert mine.shown == house.client()
        office.hands.do(mine.answer)
        client = office.hands.wait(house.called())
        office.hands.do(client.answer)
        time.sleep(TALK)
        office.hands.do(mine.hang_up)
        office.hands.wait(client.until_over())

    office.keep_links(answer_the_second, rings=5)
    with office.dealership.session() as session:
        contact = session.scalars(select(InboundContact)).one()
        volkov = office.dealership.people["volkov"]
        assert session.scalars(select(Campaign.state)).one() == "answered"
        assert contact.responsible_id == volkov
        talk = session.scalars(select(Call)).one()
        assert talk.disposition == "answered"
        assert (talk.contact_id, talk.employee_id, talk.phone) == (contact.id, volkov, f"+{house.client()}")
        assert talk.ended_at is not None
        assert talk.answered_at is not None
        assert (talk.ended_at - talk.answered_at).total_seconds() >= TALK


def began(desk: Telephone) -> list[float]:
    """When a phone began to ring."""
    return [call.began for call in desk.calls]
