"""The operator's wizard of S3 on the reception form: who can take the call, what is left for him, once (S3-03…26).

What the telephone does with it (S3-01, 02, 13, 14, 18, 24) is told where calls are.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from addons.contacts.models import ContactGoal, Customer, InboundContact
from core.web.app import Application
from core.work.models import Presence
from core.work.task_models import Task
from tests.contacts.test_reception import Desk, tomorrow_at
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

NUMBER = "+79031234567"
SAID = "все менеджеры заняты"


@pytest.fixture
def desk(dealership: Dealership, app: Application) -> Desk:
    """The reception of a dealership."""
    return Desk(dealership, Visitor(app, "lebedeva"))


def left(desk: Desk, **more: Any) -> Any:
    """The form with what is left for somebody who cannot talk now."""
    fields = {
        "way": "callback",
        "goal_id": desk.goal("phone", category="sale"),
        "responsible_id": desk.dealership.people["petukhov"],
        "phone": NUMBER,
        "callback_at": tomorrow_at(11),
        "topic": "Три машины для такси",
        "wish": "Прислать предложение",
        "email": "ivanov@example.com",
    }
    return desk.send(**{**fields, **more})


def test_it_says_what_to_say_and_asks_for_the_name_s2_15_s2_16_s2_34(desk: Desk, app: Application) -> None:
    """The words are the goal's, and whoever keeps the goals changes them; also for a caller who hides his number (S2-17)."""
    goal = desk.goal("phone", category="repair")
    with desk.dealership.session() as session:
        session.get_one(ContactGoal, goal).script_ru = "Добрый день, сервис, меня зовут Мария!"
    page = desk.visitor.get(f"/reception?channel=phone&goal_id={goal}&origin=telephony.1.{'0' * 24}").text
    assert "Добрый день, сервис, меня зовут Мария!" in page
    assert 'name="customer_id_text"' in page
    assert 'name="phone" value=""' in page
    assert ("Волков" in page, "Петухов" in page) == (True, False), "the masters to pass on to (S2-33)"


def test_who_has_registered_how_many_s2_03(desk: Desk, app: Application) -> None:
    desk.send(customer_id_text="Виктор")
    page = Visitor(app, "kravtsov").get("/traffic?group=operator")
    assert page.status_code == 200
    assert "Лебедева М." in page.text


def test_a_link_with_the_number_opens_it_for_a_new_client_s3_03_s3_04_s3_05(desk: Desk) -> None:
    page = desk.visitor.get(f"/reception?channel=phone&phone=%2B{NUMBER[1:]}&customer_id=new").text
    assert f'name="phone" value="{NUMBER}"' in page
    assert 'name="last_name"' in page


def test_the_goal_chooses_who_is_offered_departments_first_s3_06_s3_07_s3_09_s3_11_s3_16(desk: Desk) -> None:
    pages = {
        category: desk.visitor.get(
            f"/reception/form?channel=phone&goal_id={desk.goal('phone', category=category)}"
        ).text
        for category in ("sale", "repair")
    }
    assert pages["sale"].index('name="department_id"') < pages["sale"].index('name="goal_id"')
    assert ("Петухов" in pages["sale"], "Волков" in pages["sale"]) == (True, False)
    assert ("Петухов" in pages["repair"], "Волков" in pages["repair"]) == (False, True)


def test_it_shows_where_they_are_and_can_show_the_free_ones_only_s3_12_s3_17(desk: Desk) -> None:
    with desk.dealership.session() as session:
        user = desk.dealership.people["petukhov"]
        session.merge(Presence(user_id=user, state="away", since=session.now(), last_seen_at=session.now(), note=""))
    page = desk.visitor.get(f"/reception/form?channel=phone&goal_id={desk.goal('phone', category='sale')}").text
    assert "Отошёл" in page
    assert 'name="only_free"' in page


def test_what_is_said_and_left_when_nobody_can_talk_s3_19_s3_20_s3_22_s3_23(desk: Desk) -> None:
    goal = desk.goal("phone", category="sale")
    assert SAID in desk.visitor.get(f"/reception/form?channel=phone&goal_id={goal}").text
    assert left(desk, customer_id_text="Виктор").status_code == 303
    contact = desk.contact()
    assert (contact.topic, contact.wish) == ("Три машины для такси", "Прислать предложение")
    assert (contact.email, contact.phone) == ("ivanov@example.com", NUMBER)
    assert contact.responsible_id == desk.dealership.people["petukhov"]
    assert left(desk, email="not a letter box").status_code == 422


def test_the_company_is_the_client_and_he_whom_one_talks_to_s3_21(desk: Desk) -> None:
    new = {"customer_id": "new", "last_name": "Иванов", "first_name": "Виктор", "company": "ООО «Ромашка»"}
    assert left(desk, **new).status_code == 303
    client = desk.one(select(Customer))
    assert (client.legal_form, client.name, client.first_name) == ("company", "ООО «Ромашка»", "Иванов Виктор")
    assert (client.email, client.main_phone) == ("ivanov@example.com", NUMBER)
    assert desk.contact().client_text == "ООО «Ромашка»"


@pytest.mark.parametrize("company", ["ООО «Ромашка»", "Р" * 161])
def test_a_company_needs_somebody_to_talk_to_and_a_name_that_fits(desk: Desk, company: str) -> None:
    answer = left(desk, customer_id="new", phone="", company=company)
    assert answer.status_code == 422
    assert "ООО «Ромашка»" in answer.text or "РРРР" in answer.text
    assert desk.one(select(func.count(InboundContact.id))) == 0


def test_what_was_refused_keeps_all_that_was_typed_s3_25(desk: Desk) -> None:
    page = left(desk, callback_at="", customer_id="new", last_name="Иванов", company="ООО «Ромашка»")
    assert page.status_code == 422
    for typed in ("Три машины для такси", "Прислать предложение", "ivanov@example.com", "ООО «Ромашка»", "Иванов"):
        assert typed in page.text


def test_sent_twice_it_is_taken_once_s3_26(desk: Desk) -> None:
    answers = [left(desk, customer_id_text="Виктор", once="one-and-the-same") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert desk.one(select(func.count(InboundContact.id))) == 1
    assert desk.one(select(func.count(Task.id))) == 1


def test_a_department_says_which_services_it_provides_s3_10(desk: Desk, app: Application) -> None:
    goal = desk.goal("phone", category="repair")
    with desk.dealership.session() as session:
        department = session.get_one(ContactGoal, goal).department_id
    admin = Visitor(app, "admin")
    card = admin.get(f"/admin/departments/{department}").text
    assert "Типы услуг" in card
    assert "Ремонт автомобиля" in card
    assert "Покупка нового автомобиля" not in card
    new = admin.get(f"/goals/new?department_id={department}").text
    assert "Сервис" in new
    fields = {"channel": "phone", "department_id": str(department), "purpose_ru": "Шиномонтаж", "purpose_en": "Tyres"}
    fields |= {"category": "repair", "route": "document", "norm_minutes": "5", "position": "100", "active": "1"}
    assert admin.post("/goals/new", fields).status_code == 303
    assert "Шиномонтаж" in admin.get(f"/admin/departments/{department}").text


def test_redirecting_offers_the_departments_of_the_same_service_first_s3_10(desk: Desk, app: Application) -> None:
    goal = desk.goal("phone", category="repair")
    desk.send(goal_id=goal, responsible_id=desk.dealership.people["volkov"])
    page = Visitor(app, "volkov").get(f"/contact/{desk.contact().id}/transfer").text
    assert page.index("Ремонт автомобиля") < page.index("Покупка нового автомобиля")
