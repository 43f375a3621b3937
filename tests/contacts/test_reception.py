"""The reception form, asked as a browser without scripts does: what it offers, what it refuses, what it saves."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from addons.contacts.models import (
    ContactGoal,
    Customer,
    GoalSpecialist,
    InboundContact,
    LeadSource,
    Make,
    RequestReason,
    Vehicle,
)
from addons.contacts.services import reception
from addons.contacts.services.catalogue import source_of
from addons.contacts.services.customers import CustomerData, create_customer
from addons.contacts.services.vocabulary import CHANNELS
from core.access.models import AccessEpoch, Branch, Department, UserDepartment
from core.db.audit import AuditEntry
from core.web.app import Application
from core.work.models import Notification
from core.work.task_models import Task
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

MOSCOW = ZoneInfo("Europe/Moscow")
CODES = [channel.code for channel in CHANNELS]


@pytest.fixture
def lebedeva(app: Application) -> Visitor:
    """Reception."""
    return Visitor(app, "lebedeva")


class Desk:
    """What tests of reception need of the database."""

    def __init__(self, dealership: Dealership, visitor: Visitor) -> None:
        self.dealership, self.visitor = dealership, visitor

    def goal(self, channel: str = "phone", **wanted: str) -> int:
        """A goal of a channel, by its purpose, category or route."""
        conditions = [getattr(ContactGoal, name) == value for name, value in wanted.items()]
        ids = select(ContactGoal.id).where(ContactGoal.channel == channel, *conditions).order_by(ContactGoal.id)
        found: int = self.one(ids.limit(1))
        return found

    def one(self, statement: Any) -> Any:
        """The only answer."""
        with self.dealership.session() as session:
            return session.scalars(statement).one()

    def all(self, statement: Any) -> list[Any]:
        """Every answer."""
        with self.dealership.session() as session:
            return list(session.scalars(statement))

    def send(self, **fields: Any) -> Any:
        """The form with these fields."""
        channel = fields.get("channel", "phone")
        known = {"channel": "phone", "goal_id": "", "customer_id_text": "Виктор", "way": "transfer"}
        if "goal_id" not in fields:
            known["goal_id"] = str(self.goal(channel if channel in CODES else "phone"))
        return self.visitor.post("/reception", {**known, **{name: str(value) for name, value in fields.items()}})

    def contact(self) -> InboundContact:
        """The last contact."""
        found: InboundContact = self.one(select(InboundContact).order_by(InboundContact.id.desc()).limit(1))
        return found

    def client(self, **data: Any) -> int:
        """A client of the directory."""
        with self.dealership.session() as session:
            branch = session.scalars(select(Branch.id).limit(1)).one()
            names = {"last_name": "Иванов", "first_name": "Виктор", "phones": ["89031234567"], **data}
            return create_customer(session, CustomerData(**names, branch_id=branch)).id

    def car(self, customer_id: int | None, **data: Any) -> int:
        """A client's car."""
        with self.dealership.session() as session:
            car = Vehicle(title="Kia Rio", customer_id=customer_id, **data)
            session.add(car)
            session.flush()
            return car.id


@pytest.fixture
def desk(dealership: Dealership, lebedeva: Visitor) -> Desk:
    return Desk(dealership, lebedeva)


def checked(page: str, name: str) -> str:
    """The value of the chosen radio."""
    found = re.search(rf'name="{name}" value="([^"]*)" checked', page)
    return found[1] if found else ""


# --- the goal -----------------------------------------------------------------------------------


def test_another_department_drops_the_goal(desk: Desk) -> None:
    """S0-03, S0-17: the form follows the department that was clicked, not the goal before it."""
    sale, repair = desk.goal(category="sale"), desk.goal(category="repair")
    workshop = desk.one(select(ContactGoal.department_id).where(ContactGoal.id == repair))
    page = desk.visitor.get(f"/reception/form?channel=phone&department_id={workshop}&goal_id={sale}").text
    assert checked(page, "department_id") == str(workshop)
    assert int(checked(page, "goal_id")) in desk.all(select(ContactGoal.id).where(ContactGoal.category == "repair"))
    assert "Волков" in page
    assert "Петухов" not in page


@pytest.mark.parametrize(("login", "linked"), [("lebedeva", False), ("admin", True)])
def test_a_goal_without_specialists_says_where_to_add_them(
    app: Application, desk: Desk, login: str, linked: bool
) -> None:
    goal = desk.goal("phone")
    with desk.dealership.session() as session:
        for each in session.scalars(select(GoalSpecialist).where(GoalSpecialist.goal_id == goal)):
            session.delete(each)
    page = Visitor(app, login).get(f"/reception/form?channel=phone&goal_id={goal}").text
    assert "Для этой цели пока нет специалистов." in page
    assert (f'href="/goals/{goal}"' in page) is linked
    assert ("«Справочники», «Цели контактов»" in page) is not linked
    refused = Visitor(app, login).post("/reception", {"channel": "phone", "goal_id": goal, "client_text": "Виктор"})
    assert refused.status_code == 422
    assert refused.text.count("Для этой цели пока нет специалистов.") == 1
    assert (f'href="/goals/{goal}"' in refused.text) is linked


def test_another_channel_keeps_the_purpose(desk: Desk) -> None:
    phone, visit = (desk.goal(channel, purpose_ru="Ремонт автомобиля") for channel in ("phone", "visit"))
    page = desk.visitor.get(f"/reception/form?channel=visit&goal_id={phone}").text
    assert checked(page, "goal_id") == str(visit)


def test_a_department_without_its_goal_is_asked_about(desk: Desk) -> None:
    """Without scripts the goals of the old department are still there."""
    workshop = desk.one(select(Department.id).where(Department.kind == "workshop"))
    answer = desk.send(goal_id=desk.goal(category="sale"), department_id=workshop)
    assert answer.status_code == 422
    assert checked(answer.text, "department_id") == str(workshop)
    assert desk.all(select(InboundContact.id)) == []


def test_departments_of_two_branches_say_which(desk: Desk) -> None:
    """S0-50: somebody of both sees «Автосалон» twice."""
    assert "Автосалон ·" not in desk.visitor.get("/reception/form?channel=visit").text
    with desk.dealership.session() as session:
        branch = Branch(title_ru="Юг", title_en="South", time_zone="Europe/Moscow")
        session.add(branch)
        session.flush()
        showroom = Department(branch_id=branch.id, title_ru="Автосалон", title_en="Showroom", kind="showroom")
        session.add(showroom)
        session.flush()
        goal = {"channel": "visit", "department_id": showroom.id, "purpose_ru": "Покупка", "purpose_en": "Buying"}
        session.add_all(
            [ContactGoal(**goal), UserDepartment(user_id=desk.dealership.people["lebedeva"], department_id=showroom.id)]
        )
        session.execute(update(AccessEpoch).values(number=AccessEpoch.number + 1))
    page = desk.visitor.get("/reception/form?channel=visit").text
    assert "Автосалон · Юг" in page
    assert page.count("Автосалон ·") == 2


# --- what is not known --------------------------------------------------------------------------

WRONG = {
    "channel": "pigeon",
    "way": "fly",
    "goal_id": "999999",
    "responsible_id": "999999",
    "customer_id": "999999",
    "vehicle_id": "999999",
    "make_id": "999999",
    "model_id": "999999",
    "reason_ids": "999999",
    "lead_source_id": "999999",
    "caused_by_id": "999999",
    "email": "нет",
    "model_year": "прошлый",
    "mileage": "много",
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_known_is_refused_and_not_replaced(desk: Desk, name: str) -> None:
    """S0-11, S1-45, S2-18: 422 with words, nothing is saved; without a goal neither."""
    for value in (WRONG[name], "abc") if name.endswith(("id", "ids")) else (WRONG[name],):
        answer = desk.send(**{name: value})
        assert answer.status_code == 422, value
        assert "field-error" in answer.text or 'role="alert"' in answer.text
    assert desk.all(select(InboundContact.id)) == []


def test_a_car_is_the_clients_own(desk: Desk) -> None:
    one, other = desk.client(), desk.client(last_name="Белов", phones=["89031112233"])
    answer = desk.send(customer_id=one, vehicle_id=desk.car(other))
    assert answer.status_code == 422
    assert desk.send(customer_id=one, vehicle_id=desk.car(one)).status_code == 303


def test_a_goal_of_another_branch_is_out_of_reach(desk: Desk) -> None:
    """The right to register reaches the person's own branches."""
    with desk.dealership.session() as session:
        branch = Branch(title_ru="Юг", title_en="South")
        session.add(branch)
        session.flush()
        department = Department(branch_id=branch.id, kind="showroom", title_ru="Юг", title_en="South")
        session.add(department)
        session.flush()
        goal = ContactGoal(channel="phone", department_id=department.id, purpose_ru="Цель", purpose_en="Goal")
        session.add(goal)
        session.flush()
        goal_id = goal.id
    assert desk.send(goal_id=goal_id, responsible_id=desk.dealership.people["petukhov"]).status_code == 422
    assert str(goal_id) not in re.findall(r'name="goal_id" value="(\d+)"', desk.visitor.get("/reception").text)


# --- how it goes on -----------------------------------------------------------------------------


def test_only_information_is_closed_at_once(desk: Desk) -> None:
    """S2-21, S1-48."""
    assert desk.send(way="inform").status_code == 422
    assert desk.send(way="inform", goal_id=desk.goal(route="information")).status_code == 303
    assert desk.contact().state == "informed"


def test_each_route_has_its_own_step(desk: Desk) -> None:
    """S2-20…24: informed at once, a colleague is asked for, the contact before is asked for, a document."""
    pages = {
        route: desk.visitor.get(f"/reception/form?goal_id={desk.goal(route=route)}").text
        for route in ("document", "information", "employee", "follow_up")
    }
    steps = {"information": 'value="inform"', "employee": 'name="employee_id"', "follow_up": 'id="cause-box"'}
    for route, page in pages.items():
        assert {step for step, mark in steps.items() if mark in page} == ({route} & steps.keys())


def test_any_colleague_can_be_asked_for(desk: Desk) -> None:
    """S2-22: the route «to a certain employee»."""
    kravtsov, employee = desk.dealership.people["kravtsov"], desk.goal(route="employee")
    page = desk.visitor.get(f"/reception/form?goal_id={employee}&employee_id={kravtsov}").text
    assert checked(page, "responsible_id") == str(kravtsov)
    assert desk.send(goal_id=employee, employee_id=kravtsov).status_code == 303
    assert (desk.contact().responsible_id, desk.contact().state) == (kravtsov, "assigned")
    assert desk.send(goal_id=desk.goal(route="document"), responsible_id=kravtsov).status_code == 422


def test_a_contact_follows_an_earlier_one(desk: Desk) -> None:
    """S2-24: «Звонок-основание» is picked among the contacts of the number, and who had it can take this one."""
    volkov, follow = desk.dealership.people["volkov"], desk.goal(route="follow_up", category="repair")
    desk.send(goal_id=desk.goal(category="repair"), responsible_id=volkov, phone="8 903 123-45-67")
    earlier = desk.contact().id
    page = desk.visitor.get(f"/reception/caller?goal_id={follow}&phone=9031234567").text
    assert f'name="caused_by_id" value="{earlier}"' in page
    other = desk.goal(purpose_ru="По прежнему обращению")
    sent = desk.send(goal_id=other, phone="9031234567", caused_by_id=earlier, responsible_id=volkov)
    assert sent.status_code == 303
    assert (desk.contact().caused_by_id, desk.contact().responsible_id) == (earlier, volkov)


def test_the_contact_before_is_chosen_where_there_is_one(desk: Desk) -> None:
    """S2-24: of somebody whom nobody remembers there is none."""
    follow = desk.goal(route="follow_up", category="repair")
    fields = {"goal_id": follow, "responsible_id": desk.dealership.people["volkov"], "phone": "9031234567"}
    assert desk.send(**fields).status_code == 303
    refused = desk.send(**fields)
    assert (refused.status_code, "Выберите обращение, которое продолжает это." in refused.text) == (422, True)
    assert desk.send(**fields, caused_by_id=desk.contact().id).status_code == 303


def tomorrow_at(hour: int) -> str:
    day = datetime.now(MOSCOW).date() + timedelta(days=1)
    return f"{day.isoformat()}T{hour:02d}:00"


def test_a_call_back_is_a_task_for_the_specialist(desk: Desk) -> None:
    """X-01, S1-55, S2-23, S2-35, S2-36, S3-27 where no addon has an interest: one owner, one time, what about; told once."""
    volkov, goal = desk.dealership.people["volkov"], desk.goal(category="repair")
    fields = {"way": "callback", "responsible_id": volkov, "phone": "89031234567", "callback_at": tomorrow_at(11)}
    assert desk.send(**fields, goal_id=goal, topic="Стук слева", wish="Прислать расчёт").status_code == 303
    contact, task = desk.contact(), desk.one(select(Task))
    assert (contact.state, contact.responsible_id, contact.topic) == ("assigned", volkov, "Стук слева")
    assert (task.assignee_id, task.subject_type, task.subject_id) == (volkov, contact.__tablename__, contact.id)
    assert task.due_at.astimezone(MOSCOW).hour == 11
    assert "Прислать расчёт" in task.details
    told = desk.all(select(Notification.subject_type).where(Notification.user_id == volkov))
    assert told == [Task.__tablename__]


@pytest.mark.parametrize(
    ("missing", "field"),
    [({"callback_at": ""}, "callback_at"), ({"phone": ""}, "phone"), ({"responsible_id": ""}, "responsible_id")],
)
def test_a_call_back_needs_number_time_and_person(desk: Desk, missing: dict[str, str], field: str) -> None:
    petukhov = desk.dealership.people["petukhov"]
    fields = {"responsible_id": petukhov, "phone": "89031234567", "callback_at": tomorrow_at(11), **missing}
    answer = desk.send(way="callback", **fields)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert desk.all(select(Task.id)) == []


def test_no_call_back_where_the_goal_forbids_it(desk: Desk) -> None:
    """S1-56: the option is hidden, and refused."""
    goal_id = desk.goal(category="sale")
    with desk.dealership.session() as session:
        session.get_one(ContactGoal, goal_id).allows_callback = False
    assert 'value="callback"' not in desk.visitor.get(f"/reception/form?goal_id={goal_id}").text
    fields = {"responsible_id": desk.dealership.people["petukhov"], "phone": "89031234567"}
    assert desk.send(way="callback", goal_id=goal_id, callback_at=tomorrow_at(11), **fields).status_code == 422


def test_finishing_the_contact_ends_the_call(desk: Desk, app: Application) -> None:
    petukhov = desk.dealership.people["petukhov"]
    desk.send(way="callback", responsible_id=petukhov, phone="89031234567", callback_at=tomorrow_at(11))
    answer = Visitor(app, "petukhov").post(f"/contact/{desk.contact().id}/finish", {"result": "Договорились"})
    assert answer.status_code == 303
    assert desk.one(select(Task.state)) == "done"


# --- undo ---------------------------------------------------------------------------------------


def test_a_registration_is_confirmed_and_can_be_undone(desk: Desk) -> None:
    """The number, the card, and the way back; nobody is told any more, and the form is filled again."""
    petukhov = desk.dealership.people["petukhov"]
    where = desk.send(responsible_id=petukhov, note="Ждёт у входа").location
    contact = desk.contact()
    page = desk.visitor.get(where).text
    assert contact.number in page
    assert f"/contact/{contact.id}" in page
    undone = desk.visitor.post(f"/reception/undo/{contact.id}")
    assert undone.status_code == 303
    told = desk.visitor.get(undone.location).text
    told = told[told.index('data-told="undone"') : told.index('id="rcp-form"')]
    assert "Отменено:" in told
    assert contact.number in told
    assert desk.contact().state == "withdrawn"
    assert desk.all(select(Notification.id).where(Notification.closed_at.is_(None))) == []
    actions = desk.all(select(AuditEntry.action).where(AuditEntry.subject_id == contact.id))
    assert "contact.withdrawn" in actions
    again = desk.visitor.get("/reception").text
    assert "Ждёт у входа" in again
    assert checked(again, "responsible_id") == str(petukhov)
    assert desk.visitor.post(f"/reception/undo/{contact.id}").status_code == 409


def test_what_somebody_has_taken_is_not_undone(desk: Desk, app: Application) -> None:
    desk.send()
    contact = desk.contact()
    assert Visitor(app, "petukhov").post(f"/contact/{contact.id}/claim").status_code == 303
    answer = desk.visitor.post(f"/reception/undo/{contact.id}")
    assert answer.status_code == 409
    assert "Петухов В." in answer.text
    assert desk.contact().state == "in_progress"
    assert Visitor(app, "sokolova").post(f"/reception/undo/{contact.id}").status_code in (403, 404)


def test_digits_that_are_no_number_are_said_at_their_field(desk: Desk) -> None:
    """SEC-30: «²» is a digit in Unicode, and no number."""
    client = desk.client()
    car = desk.car(client, mileage=50_000)
    answer = desk.send(customer_id=client, vehicle_id=car, year_of=car, mileage="²")
    assert (answer.status_code, "Введите целое число." in answer.text) == (422, True)


def test_an_undone_call_back_and_mileage_are_gone(desk: Desk) -> None:
    client = desk.client()
    car = desk.car(client, mileage=50_000)
    fields = {"customer_id": client, "vehicle_id": car, "mileage": "60 000", "way": "callback"}
    volkov = desk.dealership.people["volkov"]
    goal = desk.goal(category="repair")
    desk.send(goal_id=goal, responsible_id=volkov, callback_at=tomorrow_at(11), **fields)
    assert desk.one(select(Vehicle.mileage)) == 60_000
    desk.visitor.post(f"/reception/undo/{desk.contact().id}")
    assert desk.one(select(Vehicle.mileage)) == 50_000
    assert desk.one(select(Task.state)) == "cancelled"


def test_an_undo_gives_back_all_that_was_sent(desk: Desk) -> None:
    """Also what the contact itself does not keep as it was typed."""
    make = desk.one(select(Make.id).where(Make.name == "Kia"))
    desk.client(phones=["89031234567"])
    goal, when = desk.goal(category="repair"), tomorrow_at(11)
    fields: dict[str, Any] = {"make_id": make, "model_id_text": "особая сборка", "phone": "89031234567", "known": "0"}
    fields |= {"responsible_id": desk.dealership.people["volkov"], "callback_at": when}
    assert desk.send(goal_id=goal, way="callback", note="Стучит", **fields).status_code == 303
    desk.visitor.post(f"/reception/undo/{desk.contact().id}")
    page = desk.visitor.get("/reception").text
    for text in ("особая сборка", f'value="{when}"', "Стучит", "Виктор"):
        assert text in page
    assert checked(page, "known") == "0"


def test_only_a_form_that_is_filled_again_is_said_to_be(desk: Desk) -> None:
    """Neither of a registration before the last one, nor after the form was cleared or filled otherwise."""
    said = "Форма заполнена, как была отправлена."
    numbers = []
    for note in ("первая", "вторая"):
        desk.send(note=note)
        numbers.append(max(desk.all(select(InboundContact.id))))
    pages = [desk.visitor.post(f"/reception/undo/{number}").location for number in numbers]
    shown = [desk.visitor.get(page).text for page in pages]
    assert [(said in text, "вторая" in text) for text in shown] == [(False, True), (True, True)]
    desk.visitor.post("/drafts/contacts.reception", {"note": "третья"})
    assert said not in desk.visitor.get(pages[1]).text
    desk.visitor.post("/reception/clear")
    assert said not in desk.visitor.get(pages[1]).text


def test_an_undo_takes_a_new_client_as_he_is_now(desk: Desk) -> None:
    desk.send(customer_id="new", last_name="Белов", first_name="Олег")
    desk.visitor.post(f"/reception/undo/{desk.contact().id}")
    assert f'value="{desk.one(select(Customer.id))}"' in desk.visitor.get("/reception").text


def test_an_undo_does_not_write_over_what_is_typed_meanwhile(desk: Desk) -> None:
    desk.send(note="зелёная")
    desk.visitor.post("/drafts/contacts.reception", {"channel": "phone", "note": "лиловая"})
    desk.visitor.post(f"/reception/undo/{desk.contact().id}")
    page = desk.visitor.get("/reception").text
    assert ("лиловая" in page, "зелёная" in page) == (True, False)
    for here, waiting in (("зелёная", "лиловая"), ("лиловая", "зелёная")):
        assert "/reception/exchange" in page
        assert desk.visitor.post("/reception/exchange").status_code == 303
        page = desk.visitor.get("/reception").text
        assert (here in page, waiting in page) == (True, False)
    desk.visitor.post("/reception/clear")
    desk.visitor.post("/reception/exchange")
    page = desk.visitor.get("/reception").text
    assert ("зелёная" in page, "/reception/exchange" in page) == (True, False)


def test_a_page_after_registering_keeps_what_is_typed_next(desk: Desk) -> None:
    where = desk.send().location
    desk.visitor.post("/drafts/contacts.reception", {"note": "следующий клиент"})
    assert "следующий клиент" in desk.visitor.get(where).text
    desk.visitor.post("/reception/clear")
    assert "следующий клиент" not in desk.visitor.get("/reception").text


def test_what_was_typed_goes_with_the_registration(desk: Desk) -> None:
    desk.visitor.post("/drafts/contacts.reception", {"channel": "phone", "note": "сиреневая"})
    desk.send(note="сиреневая")
    page = desk.visitor.get("/reception").text
    assert "сиреневая" not in page
    assert "/reception/exchange" not in page


# --- the client and his car ---------------------------------------------------------------------


def test_a_known_number_is_never_left_with_a_stranger_unasked(desk: Desk) -> None:
    """S2-08, S2-25: the client is offered before anything is saved; «somebody else» is an answer too."""
    client = desk.client()
    answer = desk.send(phone="+7 (903) 123-45-67")
    assert answer.status_code == 422
    assert f'name="known" value="{client}"' in answer.text
    assert desk.all(select(InboundContact.id)) == []
    assert desk.send(phone="89031234567", known="0").status_code == 303
    assert desk.contact().customer_id is None
    assert desk.send(phone="89031234567", known=client).status_code == 303
    assert desk.contact().customer_id == client


def test_a_number_in_the_name_is_the_number(desk: Desk) -> None:
    assert desk.send(customer_id_text="8 903 123-45-67").status_code == 303
    assert desk.contact().phone == "+79031234567"


@pytest.mark.parametrize("channel", sorted(CODES))
def test_only_who_is_here_can_wait(desk: Desk, channel: str) -> None:
    """C-07: the queue is for who stands in the hall, and no button offers what would be refused."""
    here = channel in ("visit", "invitation", "other")
    page = desk.visitor.get(f"/reception?channel={channel}").text
    assert ('value="queue"' in page) == here
    sent = desk.send(channel=channel, goal_id=desk.goal(channel), way="queue")
    assert sent.status_code == (303 if here else 422)
    assert ("В очереди может ждать только тот, кто пришёл." in sent.text) != here


def test_a_client_is_made_while_he_talks(desk: Desk) -> None:
    """S1-76: from what was typed, with his number; whoever may be the same one is shown first."""
    page = desk.visitor.get("/reception/form?customer_id=new&customer_id_text=Тарасов Пётр Ильич").text
    for name, value in (("last_name", "Тарасов"), ("first_name", "Пётр"), ("middle_name", "Ильич")):
        assert re.search(rf'name="{name}"[^>]* value="{value}"', page)
    fields = {"customer_id": "new", "last_name": "Тарасов", "first_name": "Пётр", "phone": "89031112233"}
    fields["channel"] = "visit"
    assert desk.send(**fields).status_code == 303
    client = desk.one(select(Customer))
    assert (client.name, client.main_phone) == ("Тарасов Пётр", "+79031112233")
    assert desk.contact().customer_id == client.id
    asked = desk.send(**fields, way="queue")
    assert asked.status_code == 409
    found = re.search(r'name="confirmed" value="([^"]+)"', asked.text)
    assert found
    assert desk.send(**fields, way="", asked_way="queue", confirmed=unescape(found[1])).status_code == 303
    assert desk.contact().state == "waiting"
    assert desk.send(customer_id="new", customer_id_text="?", last_name="").status_code in (303, 422)


NAMES = ("тарас", "8 903 000-00-01", "а123вс777")
"""A name and a number of somebody new, and a plate, which names nobody."""


def test_the_look_up_offers_a_new_client(desk: Desk) -> None:
    offered = ['data-value="new"' in desk.visitor.get(f"/reception/clients?q={typed}&new=1").text for typed in NAMES]
    assert offered == [True, True, False]
    assert 'data-value="new"' not in desk.visitor.get("/reception/clients?q=тарас").text


def test_a_first_visit_to_the_workshop_needs_the_make(desk: Desk) -> None:
    """S2-29, S2-30: «for the first time» asks for the car; the make must be there."""
    repair = desk.goal(category="repair")
    page = desk.visitor.get(f"/reception/form?goal_id={repair}&served=no").text
    assert 'aria-required="true"' in page
    assert 'name="model_year"' in page
    assert desk.send(goal_id=repair, served="no").status_code == 422
    make = desk.one(select(Make).where(Make.name == "Kia"))
    assert desk.send(goal_id=repair, served="no", make_id=make.id, model_year=2019).status_code == 303
    assert (desk.contact().vehicle_text, desk.contact().model_year) == ("Kia", 2019)


def test_the_make_is_of_the_directory(desk: Desk) -> None:
    """S2-31, S2-32, S1-50: typed in any layout it is found, unknown words are refused; the model may be in words."""
    assert desk.send(make_id_text="Самоделка").status_code == 422
    assert desk.send(make_id_text="лшф", model_id_text="Особая").status_code == 303
    assert desk.contact().vehicle_text == "Kia Особая"


def test_the_year_comes_with_the_car(desk: Desk) -> None:
    """S1-70, S1-71: the year is the car's, the mileage is always asked anew."""
    client = desk.client()
    car = desk.car(client, model_year=2018, mileage=50_000)
    address = f"/reception/form?customer_id={client}&vehicle_id={car}"
    page = desk.visitor.get(f"{address}&model_year=1999&mileage=7").text
    assert re.search(r'name="model_year" value="2018"', page)
    assert re.search(r'name="mileage" value=""', page)
    assert "2017" in desk.visitor.get(f"{address}&model_year=2017&year_of={car}").text


def test_a_lower_mileage_is_asked_about(desk: Desk) -> None:
    """S1-71: warned before the last reading is written over."""
    client = desk.client()
    car = desk.car(client, mileage=50_000)
    fields = {"customer_id": client, "vehicle_id": car, "year_of": car, "mileage": "40 000"}
    answer = desk.send(**fields)
    assert answer.status_code == 422
    assert 'name="mileage_sure" value="40 000"' in answer.text
    assert desk.one(select(Vehicle.mileage)) == 50_000
    assert desk.send(**fields, mileage_sure="40 000").status_code == 303
    assert desk.one(select(Vehicle.mileage)) == 40_000


def test_the_lead_source_comes_with_the_line_or_the_link(desk: Desk) -> None:
    """S1-72: filled in the form, and on the contact when nobody has chosen one."""
    with desk.dealership.session() as session:
        session.add(LeadSource(title_ru="Щит", title_en="Board", called_line="+74951112233", utm_source="board"))
        session.flush()
    source = desk.one(select(LeadSource.id).where(LeadSource.title_ru == "Щит"))
    for told in ("called_line=84951112233", "utm_source=Board"):
        assert f'value="{source}" selected' in desk.visitor.get(f"/reception?{told}").text
    desk.send(called_line="8 495 111-22-33")
    assert desk.contact().lead_source_id == source
    other = desk.one(select(LeadSource.id).where(LeadSource.id != source).limit(1))
    desk.send(called_line="84951112233", lead_source_id=other)
    assert desk.contact().lead_source_id == other


def test_the_line_is_kept_as_the_telephone_says_it(desk: Desk, app: Application) -> None:
    """S1-72, X-04: however the administrator has written it; a line that is no number stays as it is."""
    admin = Visitor(app, "admin")
    for title, line in (("Щит", "8 (495) 111-22-33"), ("Стенд", "стенд-2")):
        fields = {"title_ru": title, "title_en": title, "called_line": line, "active": "y", "position": "1"}
        assert admin.post("/lead-sources/new", {**fields, "once": title}).status_code == 303
    for title, spellings in (("Щит", ("+74951112233", "84951112233", "4951112233")), ("Стенд", ("стенд-2",))):
        source = desk.one(select(LeadSource.id).where(LeadSource.title_ru == title))
        with desk.dealership.session() as session:
            assert {source_of(session, each, "") for each in spellings} == {source}
    assert admin.post(f"/lead-sources/{source}/edit", {**fields, "called_line": "", "version": "1"}).status_code == 303
    assert desk.one(select(LeadSource.called_line).where(LeadSource.id == source)) == ""


# --- channels, the side -------------------------------------------------------------------------


@pytest.mark.parametrize("channel", CODES)
def test_every_channel_is_registered_by_hand(desk: Desk, channel: str) -> None:
    """S1-01, S1-05…08, S2-19, C-05: one record, one process, whatever the channel."""
    page = desk.visitor.get(f"/reception/form?channel={channel}").text
    assert checked(page, "channel") == channel
    assert desk.send(channel=channel, goal_id=checked(page, "goal_id")).status_code == 303
    assert desk.contact().channel == channel


def test_a_known_caller_takes_three_clicks(desk: Desk) -> None:
    """S2-04: his number comes with the address; he, the specialist and the button are chosen."""
    client = desk.client()
    page = desk.visitor.get("/reception?phone=89031234567").text
    assert f'name="known" value="{client}"' in page
    assert desk.send(phone="89031234567", known=client, responsible_id=desk.dealership.people["petukhov"])
    assert desk.contact().customer_id == client


def test_the_wanted_works_are_kept(desk: Desk) -> None:
    """S1-73."""
    reasons = desk.all(select(RequestReason.id).limit(2))
    answer = desk.visitor.post(
        "/reception",
        {
            "channel": "phone",
            "goal_id": str(desk.goal(category="repair")),
            "customer_id_text": "В",
            "reason_ids": [str(each) for each in reasons],
        },
    )
    assert answer.status_code == 303


def test_a_call_by_mobile_is_a_call(desk: Desk) -> None:
    """C-05."""
    for channel in ("phone", "mobile_phone", "visit", "web"):
        assert desk.send(channel=channel, goal_id=desk.goal(channel)).status_code == 303
    with desk.dealership.session() as session:
        found = reception.side(session).today
    assert (found.calls, found.visits, found.others) == (2, 1, 1)


def test_the_latest_are_those_of_today(desk: Desk) -> None:
    """S0-51: and «not taken» leads to their list."""
    desk.send(customer_id_text="Вчерашний")
    desk.send(customer_id_text="Сегодняшний")
    with desk.dealership.session() as session:
        old = session.scalars(select(InboundContact).order_by(InboundContact.id).limit(1)).one()
        old.at = old.at - timedelta(days=1)
    side = desk.visitor.get("/reception/side").text
    assert "Сегодняшний" in side
    assert "Вчерашний" not in side
    found = re.search(r'href="(/traffic\?[^"]+)"', side)
    assert found
    listed = desk.visitor.get(unescape(found[1])).text
    assert "Вчерашний" in listed
    assert "Сегодняшний" in listed


def test_reception_without_a_department_is_told_why_there_are_no_goals(
    dealership: Dealership, lebedeva: Visitor
) -> None:
    with dealership.session() as session:
        for place in session.scalars(
            select(UserDepartment).where(UserDepartment.user_id == dealership.people["lebedeva"])
        ):
            session.delete(place)
        session.execute(update(AccessEpoch).values(number=AccessEpoch.number + 1))
    page = lebedeva.get("/reception").text
    assert "Вы не относитесь ни к одному подразделению" in page
    assert 'name="goal_id"' not in page
