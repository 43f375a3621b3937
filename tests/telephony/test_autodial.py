"""A request of a site makes the phones ring, by a clock moved by hand (S1-25, S1-28…38, SEC-43)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from addons.contacts.models import Customer, InboundContact, IntakeSource
from addons.contacts.services.customers import CustomerData, create_customer
from addons.contacts.services.intake import requests
from addons.telephony.models import Attempt, Call, Campaign, Pbx
from addons.telephony.services import keeping, registering
from addons.telephony.services.asterisk.calls import Call as Told
from addons.telephony.services.asterisk.calls import Leg, Made, Waits
from addons.telephony.services.asterisk.jobs import jobs
from addons.telephony.services.autodial import campaigns, orders, rules
from addons.telephony.services.link.asterisk import follow
from addons.telephony.services.link.desk import Desk
from addons.telephony.services.link.dials import ANSWERED, REFUSED, UNANSWERED, Dial, Outcome
from core.access.models import Department, User
from core.access.policy import system
from core.db.engine import WorkSession
from core.web.app import Application
from core.work import settings
from core.work.models import Notification
from core.work.office_models import WorkingHours
from core.work.task_models import Task
from tests.contacts.hooks import FRIDAY_NOON, SITE, Clock, Site, source
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor
from tests.telephony.manager import Manager, Part
from tests.telephony.test_link import ENOUGH, QUICK, exchange, rings


@dataclass
class House:
    """A dealership with an exchange, a site that asks for calls, and a clock."""

    app: Application
    clock: Clock
    site: Site
    pbx: int
    people: dict[str, int]

    @contextmanager
    def writing(self) -> Iterator[WorkSession]:
        with self.app.database.writing(system("test")) as session:
            yield session

    def dial(self, **later: float) -> list[Dial]:
        """What the link is given to dial, so much later."""
        self.clock.move(**later)
        with self.writing() as session:
            return orders.take(session, self.pbx)

    def tell(self, name: str, result: str, extension: str = "") -> None:
        """What the link tells of it."""
        with self.writing() as session:
            campaigns.note(session, Outcome(name, result, extension))

    def state(self) -> str:
        with self.writing() as session:
            return session.scalars(select(Campaign.state).order_by(Campaign.id.desc())).first() or ""

    def contact(self) -> InboundContact:
        with self.writing() as session:
            return session.scalars(select(InboundContact).order_by(InboundContact.id.desc())).first()  # type: ignore[return-value]

    def tasks(self) -> list[Task]:
        with self.writing() as session:
            return list(session.scalars(select(Task).where(Task.kind == requests.KIND)))

    def starts(self, until: float, answer: str = UNANSWERED) -> list[tuple[float, str]]:
        """When what rings, second by second, while nobody answers."""
        began = self.clock.now
        found: list[tuple[float, str]] = []
        ends: dict[float, str] = {}
        for _ in range(int(until) + 1):
            second = (self.clock.now - began).total_seconds()
            if second in ends and answer:
                self.tell(ends[second], answer)
            for dial in self.dial():
                found.append((second, dial.ring))
                ends[second + dial.seconds] = dial.channel_id
            self.clock.move(seconds=1)
        return found


@pytest.fixture
def house(dealership: Dealership) -> Iterator[House]:
    clock = Clock()
    app = Application(dealership.config, clock=clock)
    address, secret = source(dealership, "contacts.form", "web", call_at_once=True)
    with dealership.session() as session:
        for login, extension in (("volkov", "103"), ("petukhov", "102")):
            session.get_one(User, dealership.people[login]).extension = extension
        pbx = Pbx(name="АТС", host="pbx.example")
        session.add(pbx)
        for department in session.scalars(select(Department.id)).all():
            for day in range(7):
                session.add(WorkingHours(department_id=department, weekday=day, opens=540, closes=1260))
        session.flush()
        number = pbx.id
    house = House(app, clock, Site(app, clock, address, secret), number, dealership.people)
    yield house
    house.app.close()  # another one than at first where a test starts it anew


def test_the_group_rings_three_times_and_then_it_is_a_task_s1_30_s1_31_s1_32_s1_35(house: House) -> None:
    assert house.site.send().status_code == 202
    assert house.tasks() == []
    assert house.starts(150) == [(0, "600"), (60, "600"), (120, "600")]
    assert house.state() == "unanswered"
    with house.writing() as session:
        campaign = session.scalars(select(Campaign)).one()
        assert campaign.ended_at == campaign.began_at + timedelta(seconds=150)
    [task] = house.tasks()
    assert task.department_id == house.contact().department_id
    assert "Укажите результат обращения: Иван" in Visitor(house.app, "volkov").get("/tasks").text


def test_the_responsible_rings_first_s1_28_s1_29(house: House) -> None:
    client_of(house, "petukhov")
    house.site.send()
    assert house.starts(180) == [(0, "102"), (30, "600"), (90, "600"), (150, "600")]
    assert house.state() == "unanswered"


def test_of_several_exchanges_that_of_the_phone_rings_s1_28(house: House) -> None:
    client_of(house, "petukhov")
    with house.writing() as session:
        session.get_one(Pbx, house.pbx).extensions = "1XX"
        session.add(other := Pbx(name="other", host="other.example", extensions="600"))
        session.flush()
        number = other.id
    house.site.send()
    [first] = house.dial()
    assert first.ring == "102"
    house.tell(first.channel_id, UNANSWERED)
    assert house.dial(seconds=1) == []
    with house.writing() as session:
        assert [each.ring for each in orders.take(session, number)] == ["600"]


def test_a_responsible_whose_phone_is_off_keeps_nobody_waiting_s1_29(house: House) -> None:
    client_of(house, "petukhov")
    house.site.send()
    [first] = house.dial()
    house.tell(first.channel_id, UNANSWERED)
    assert [each.ring for each in house.dial(seconds=1)] == ["600"]


def client_of(house: House, login: str) -> None:
    with house.writing() as session:
        client = create_customer(session, CustomerData(last_name="Тарасов", phones=["+79161234567"]))
        session.get_one(Customer, client.id).responsible_id = house.people[login]


def test_what_is_ordered_shows_the_request_and_then_calls_its_client_s1_33_s1_37_s1_38(house: House) -> None:
    house.site.send()
    [dial] = house.dial()
    assert dial.shown == "Заявка с сайта Имя: Иван Телефон: +79161234567"
    assert (dial.client, dial.client_context, dial.seconds) == ("+79161234567", "callback", 30)


def test_whoever_answers_gets_the_contact_and_its_task_s1_34(house: House) -> None:
    house.site.send()
    [dial] = house.dial()
    house.tell(dial.channel_id, ANSWERED, "103")
    house.tell(dial.channel_id, ANSWERED, "103")
    house.tell(dial.channel_id, UNANSWERED)
    contact, [task] = house.contact(), house.tasks()
    assert house.state() == "answered"
    assert (contact.responsible_id, task.assignee_id) == (house.people["volkov"], house.people["volkov"])
    with house.writing() as session:
        told = select(Notification).where(Notification.closed_at.is_(None))
        assert {each.user_id for each in session.scalars(told)} == {house.people["volkov"]}
    assert house.dial(seconds=300) == []
    page = Visitor(house.app, "volkov").get(f"/contact/{contact.id}").text
    assert "Сотрудник ответил" in page
    assert "600" in page


def test_a_phone_that_is_nobody_s_leaves_the_contact_to_all(house: House) -> None:
    house.site.send()
    [dial] = house.dial()
    house.tell(dial.channel_id, ANSWERED, "199")
    assert house.state() == "answered"
    assert (house.contact().responsible_id, len(house.tasks())) == (None, 1)


def test_outside_working_hours_nobody_rings_s1_36(house: House) -> None:
    house.clock.now = FRIDAY_NOON.replace(hour=20)  # 23:00 in Moscow
    house.site.send()
    assert house.state() == "closed"
    [task] = house.tasks()
    assert task.due_at == FRIDAY_NOON.replace(day=21, hour=6)
    assert house.dial(hours=12) == []


def test_at_closing_time_the_calls_end(house: House) -> None:
    house.clock.now = FRIDAY_NOON.replace(hour=17, minute=59, second=30)
    house.site.send()
    assert [each[1] for each in house.starts(70)] == ["600"]
    assert house.state() == "closed"
    assert len(house.tasks()) == 1


def test_who_takes_the_request_meanwhile_ends_the_calls(house: House) -> None:
    house.site.send()
    [dial] = house.dial()
    house.tell(dial.channel_id, UNANSWERED)
    Visitor(house.app, "volkov").post(f"/contact/{house.contact().id}/claim")
    assert house.dial(seconds=60) == []
    assert house.state() == "overtaken"
    assert [each.assignee_id for each in house.tasks()] == [house.people["volkov"]]


def test_over_the_line_it_rings_and_the_request_is_whoever_s_who_answers_s1_25_s1_34(house: House) -> None:
    house.site.send()
    looks = iter(range(ENOUGH))
    duty: Any = SimpleNamespace(database=house.app.database)
    with Manager(Part(dialled=rings(answered=True))) as manager:
        desk = Desk(duty, house.pbx, lambda: next(looks) >= 0 and house.state() == "going_on")
        follow(exchange(manager.port), desk, QUICK)
        [asked] = [each for each in manager.asked if each["Action"] == "Originate"]
    assert asked["Exten"] == "79161234567"
    assert house.state() == "answered"
    assert house.contact().responsible_id == house.people["volkov"]


# --- restarts and doubt -----------------------------------------------------------------------------


def test_what_was_ordered_is_dialled_once_whoever_asks(house: House) -> None:
    house.site.send()
    assert len(house.dial()) == 1
    assert house.dial() == []
    assert house.dial(seconds=5) == []


def test_a_restart_in_the_pause_goes_on_where_it_was(house: House, dealership: Dealership) -> None:
    house.site.send()
    [first] = house.dial()
    house.tell(first.channel_id, UNANSWERED)
    house.app.close()
    house.app = Application(dealership.config, clock=house.clock)
    assert house.dial(seconds=45) == []
    assert [each.channel_id[-2:] for each in house.dial(seconds=15)] == ["-1"]


def test_a_ring_of_which_nothing_is_heard_is_in_doubt_and_never_dialled_twice(house: House) -> None:
    house.site.send()
    house.dial()
    assert house.starts(100) == []
    assert house.state() == "doubtful"
    assert len(house.tasks()) == 1


def test_an_answer_that_no_link_heard_is_known_from_the_call_itself(house: House) -> None:
    house.site.send()
    [dial] = house.dial()
    house.clock.move(seconds=50)
    with house.writing() as session:
        campaigns.settle(session, [made(dial.channel_id, house.clock.now)])
    assert house.state() == "answered"
    assert house.contact().responsible_id == house.people["volkov"]


def test_while_the_exchange_is_away_nobody_rings_and_it_becomes_a_task(house: House) -> None:
    house.site.send()
    for _ in range(200):
        house.clock.move(seconds=1)
        with house.writing() as session:
            campaigns.advance(session)
    assert house.state() == "unanswered"
    assert len(house.tasks()) == 1
    assert house.dial() == []


def test_what_the_exchange_refuses_is_tried_again_at_its_time(house: House) -> None:
    house.site.send()
    [dial] = house.dial()
    house.tell(dial.channel_id, REFUSED)
    assert house.dial(seconds=30) == []
    assert len(house.dial(seconds=30)) == 1


def test_without_telephony_s_end_contacts_takes_the_request_back(house: House) -> None:
    house.site.send()
    house.clock.move(minutes=10)
    with house.writing() as session:
        assert requests.release_overdue(session) == 1
    assert len(house.tasks()) == 1


def test_the_call_is_that_of_the_request_and_no_new_contact_x_09(house: House) -> None:
    house.site.send()
    [dial] = house.dial()
    house.tell(dial.channel_id, ANSWERED, "103")
    call = made(dial.channel_id, house.clock.now)
    house.clock.move(minutes=2)
    for _ in range(2):
        with house.writing() as session:
            keeping.record(session, house.pbx, jobs([call]))
            registering.register_due(session)
    contact = house.contact().id
    with house.writing() as session:
        assert session.scalars(select(Call.contact_id)).all() == [contact]
        assert len(session.scalars(select(InboundContact)).all()) == 1


def made(name: str, at: datetime) -> Told:
    """A call of ours that 103 has answered, and the client too."""
    started = at.timestamp()
    return Told(
        linkedid=name,
        direction="out",
        disposition="answered",
        caller=None,
        client="79161234567",
        client_e164="+79161234567",
        did=None,
        started=started,
        answered=started + 10,
        ended=started + 60,
        ended_known=True,
        wait=5.0,
        talk=50.0,
        with_employee=50.0,
        answered_by=("103",),
        hangup_by="client",
        loss_reason=None,
        waits=Waits(),
        legs=(Leg("103", started + 1, started + 3, started + 60, "answered", "other side", "79161234567"),),
        transfers=(),
        recordings=(),
        made=Made("103", "click_to_call", started + 3, started + 6),
        linkedids=(name,),
    )


# --- what is never dialled ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phone", "reason"),
    [
        ("", rules.NO_NUMBER),
        ("1234", rules.NO_NUMBER),
        ("+7 809 123-45-67", rules.DEAR),
        ("+375 29 123-45-67", rules.FOREIGN),
        ("+7 701 123-45-67", rules.FOREIGN),
        ("+1 900 555-01-23", rules.FOREIGN),
    ],
)
def test_such_numbers_are_never_called(house: House, phone: str, reason: str) -> None:
    assert house.site.send({"name": "Иван", "phone": phone}).status_code == 202
    assert house.dial() == []
    with house.writing() as session:
        campaign = session.scalars(select(Campaign)).one()
        assert (campaign.state, campaign.reason) == ("refused", str(reason))
    assert len(house.tasks()) == 1


def test_what_costs_extra_is_never_called_whatever_the_setting_says_sec_43(house: House) -> None:
    with house.writing() as session:
        settings.write(session, rules.NEVER, [])
    house.site.send({"name": "Иван", "phone": "+7 803 123-45-67"})
    assert house.state() == "refused"


def test_listed_countries_are_called(house: House) -> None:
    with house.writing() as session:
        settings.write(session, rules.COUNTRIES, ["+375"])
    house.site.send({"name": "Иван", "phone": "+375 29 123-45-67"})
    assert [each.client for each in house.dial()] == ["+375291234567"]


def test_a_number_is_called_once_in_ten_minutes_and_three_times_a_day(house: House) -> None:
    def send() -> str:
        house.site.send()
        state = house.state()
        house.starts(160)
        return state

    assert [send(), send()] == ["going_on", "refused"]
    for _ in range(2):
        house.clock.move(minutes=15)
        assert send() == "going_on"
    house.clock.move(minutes=15)
    assert send() == "refused"


def test_a_site_has_a_budget_for_the_day(house: House) -> None:
    with house.writing() as session:
        settings.write(session, rules.BUDGET, 2)
    for number in range(3):
        house.site.send({"name": "Иван", "phone": f"+7916123450{number}"})
    with house.writing() as session:
        states = session.scalars(select(Campaign.state).order_by(Campaign.id)).all()
        assert states == ["going_on", "going_on", "refused"]


def test_variant_two_and_other_paths_ring_nobody_s1_26(house: House) -> None:
    house.site.send(path=f"/crm_reg_call.php?source={house.site.address}")
    assert house.dial() == []
    assert (house.state(), len(house.tasks())) == ("", 1)
    with house.writing() as session:
        session.scalars(select(IntakeSource)).one().call_at_once = False
    house.site.send({**SITE, "phone": "+79161112233"}, path=f"/crm/callback.php?source={house.site.address}")
    assert [each.client for each in house.dial()] == ["+79161112233"]


def test_the_numbers_are_settings(house: House) -> None:
    chosen: list[tuple[Any, Any]] = [
        (rules.GROUP, "700"),
        (rules.GROUP_SECONDS, 10),
        (rules.PAUSE_SECONDS, 5),
        (rules.ATTEMPTS, 2),
    ]
    with house.writing() as session:
        for setting, value in chosen:
            settings.write(session, setting, value)
    house.site.send()
    assert house.starts(60) == [(0, "700"), (15, "700")]


def test_without_an_exchange_the_request_is_a_task(house: House) -> None:
    with house.writing() as session:
        session.get_one(Pbx, house.pbx).active = False
    house.site.send()
    assert (house.state(), len(house.tasks())) == ("refused", 1)


def test_a_doubled_request_rings_once_x_09(house: House) -> None:
    house.site.send(id="a")
    house.site.send(id="a")
    assert len(house.dial()) == 1
    with house.writing() as session:
        assert len(session.scalars(select(Attempt)).all()) == 1
    assert timedelta(0) < house.clock.now - FRIDAY_NOON + timedelta(seconds=1)
