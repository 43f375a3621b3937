"""Site forms, the app and messengers: taken once, and only from whom they are (S1-05…07, S1-23…27, S1-40…43, C-16, X-09)."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import Client

from addons.contacts.models import (
    ClientMessage,
    ContactGoal,
    Delivery,
    GoalSpecialist,
    InboundContact,
    IntakeSource,
    LeadSource,
)
from addons.contacts.services import handling
from addons.contacts.services.customers import CustomerData, create_customer
from addons.contacts.services.intake import receiving, requests, signing
from addons.contacts.services.intake.limits import Buckets
from core import TooMany
from core.access.models import Department
from core.access.policy import system
from core.db.engine import WorkSession
from core.web.app import Application
from core.work.models import Notification
from core.work.office_models import WorkingHours
from core.work.task_models import Task
from tests.contacts.hooks import (
    FRIDAY_NOON,
    SITE,
    Clock,
    Site,
    said,
    set_secret,
    source,
    telegram,
    update,
    whatsapp,
)
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(dealership: Dealership, clock: Clock) -> Iterator[Application]:
    app = Application(dealership.config, clock=clock)
    yield app
    app.close()


@pytest.fixture
def site(app: Application, clock: Clock, dealership: Dealership) -> Site:
    return Site(app, clock, *source(dealership, "contacts.form", "web"))


def contacts(dealership: Dealership) -> list[InboundContact]:
    with dealership.session() as session:
        return list(session.scalars(select(InboundContact).order_by(InboundContact.id)))


def only(session: WorkSession) -> InboundContact:
    return session.scalars(select(InboundContact)).one()


# --- site forms -------------------------------------------------------------------------------------


def test_a_form_becomes_a_request_with_everything_that_was_sent_s1_05_s1_23_s1_40(
    site: Site, dealership: Dealership
) -> None:
    answer = site.send(
        {**SITE, "source": "баннер", "utm_campaign": "осень", "wrapped": {"page": "/to"}, "many": [1, 2]}
    )
    assert answer.status_code == 202
    [contact] = contacts(dealership)
    assert answer.json == {"taken": [{"id": contact.id, "number": contact.number, "repeated": False}]}
    assert (contact.channel, contact.client_text, contact.phone) == ("web", "Иван", "+79161234567")
    assert contact.note == "Стучит подвеска"
    assert contact.source_data is not None
    assert contact.source_data["form"] == "Запись на диагностику"
    assert contact.source_data["utm_campaign"] == "осень"
    assert (contact.source_data["source"], contact.source_data["intake_source"]) == ("баннер", "contacts.form")
    assert contact.source_data["wrapped"] == {"page": "/to"}
    assert contact.source_data["many"] == "[1,2]"
    card = Visitor(site.app, "admin").get(f"/contact/{contact.id}").text
    assert "осень" in card
    assert "/to" in card


def test_two_kinds_of_forms_are_told_apart_by_their_names_s1_23(site: Site, dealership: Dealership) -> None:
    site.send()
    site.send({"name": "Ольга", "phone": "+79031112233", "form": "Обратный звонок"})
    assert [(each.source_data or {})["form"] for each in contacts(dealership)] == [
        "Запись на диагностику",
        "Обратный звонок",
    ]


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=xx"])
def test_a_form_may_be_sent_as_browsers_send_it(site: Site, dealership: Dealership, kind: str) -> None:
    body = "name=%D0%98%D0%B2%D0%B0%D0%BD&phone=89161234567"
    if "multipart" in kind:
        part = '--xx\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
        body = part.format("name", "Иван") + part.format("phone", "89161234567") + "--xx--\r\n"
    assert site.send(body=body.encode(), content_type=kind).status_code == 202
    [contact] = contacts(dealership)
    assert (contact.client_text, contact.phone) == ("Иван", "+79161234567")


def test_it_makes_a_task_for_the_department_and_tells_who_handles_it_s1_26_s1_27(
    site: Site, dealership: Dealership
) -> None:
    site.send()
    with dealership.session() as session:
        contact = only(session)
        task = session.scalars(select(Task).where(Task.kind == requests.KIND)).one()
        assert (contact.state, task.assignee_id, task.department_id) == ("unclaimed", None, contact.department_id)
        told = session.scalars(select(Notification.user_id)).all()
        assert dealership.people["volkov"] in told
    volkov = Visitor(site.app, "volkov")
    assert "Иван" in volkov.get("/desk").text
    assert "Укажите результат обращения: Иван" in volkov.get("/tasks").text.replace("&nbsp;", " ")


def test_the_task_goes_with_the_contact_and_ends_with_it(site: Site, dealership: Dealership) -> None:
    site.send()
    contact = contacts(dealership)[0]
    volkov = Visitor(site.app, "volkov")
    volkov.post(f"/contact/{contact.id}/claim")
    with dealership.session() as session:
        task = session.scalars(select(Task).where(Task.kind == requests.KIND)).one()
        assert task.assignee_id == dealership.people["volkov"]
    volkov.post(f"/contact/{contact.id}/finish", {"result": "Записан"})
    with dealership.session() as session:
        assert session.scalars(select(Task.state).where(Task.kind == requests.KIND)).one() == "done"


def test_off_hours_the_task_is_due_at_the_opening_s1_36(site: Site, dealership: Dealership, clock: Clock) -> None:
    with dealership.session() as session:
        for department in session.scalars(select(Department.id)).all():
            for day in range(7):
                session.add(WorkingHours(department_id=department, weekday=day, opens=540, closes=1260))
    clock.now = FRIDAY_NOON.replace(hour=21)  # midnight in Moscow
    site.send()
    with dealership.session() as session:
        task = session.scalars(select(Task).where(Task.kind == requests.KIND)).one()
        assert task.due_at == FRIDAY_NOON.replace(day=21, hour=6)


def test_without_anybody_who_handles_it_the_operators_get_the_task_x_02(site: Site, dealership: Dealership) -> None:
    with dealership.session() as session:
        for link in session.scalars(select(GoalSpecialist)):
            session.delete(link)
    assert site.send().status_code == 202
    with dealership.session() as session:
        task = session.scalars(select(Task).where(Task.kind == requests.KIND)).one()
        assert (task.role, task.branch_id) == ("reception", only(session).branch_id)


def test_a_known_number_is_its_client_s(site: Site, dealership: Dealership) -> None:
    with dealership.session() as session:
        client = create_customer(session, CustomerData(last_name="Тарасов", phones=["+79161234567"])).id
    site.send()
    assert contacts(dealership)[0].customer_id == client


def test_a_goal_out_of_use_loses_no_request(site: Site, dealership: Dealership) -> None:
    with dealership.session() as session:
        mine = session.scalars(select(IntakeSource.goal_id)).one()
        session.get_one(ContactGoal, mine).active = False
    assert site.send().status_code == 202
    assert contacts(dealership)[0].goal_id != mine


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ({"utm_source": "Avito-Spring"}, "Весна"),
        ({"called_line": "8 495 555-01-03"}, "Щит на трассе"),
        ({"form": "Тест-драйв"}, "Форма пробной поездки"),
        ({}, "Наш новый сайт"),
    ],
)
def test_the_advertising_channel_is_known_by_link_line_form_or_source_s1_72(
    site: Site, dealership: Dealership, sent: dict[str, str], found: str
) -> None:
    with dealership.session() as session:
        session.add_all(
            [
                LeadSource(title_ru="Весна", title_en="a", utm_source="avito-spring"),
                LeadSource(title_ru="Щит на трассе", title_en="b", called_line="+74955550103"),
                LeadSource(title_ru="Форма пробной поездки", title_en="c", form_name="тест-драйв"),
                own := LeadSource(title_ru="Наш новый сайт", title_en="d"),
            ]
        )
        session.flush()
        session.scalars(select(IntakeSource)).one().lead_source_id = own.id
    site.send({"name": "Иван", "phone": "89161234567", **sent})
    with dealership.session() as session:
        assert session.get_one(LeadSource, only(session).lead_source_id or 0).title_ru == found


# --- once, and from whom it is -----------------------------------------------------------------------


def test_the_same_id_again_changes_nothing_x_09(site: Site, dealership: Dealership) -> None:
    first = site.send(id="a")
    again = site.send(id="a", at=site.clock.now + timedelta(seconds=60))
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json == {"taken": [{**first.json["taken"][0], "repeated": True}]}  # type: ignore[index]
    assert len(contacts(dealership)) == 1


def test_the_same_id_with_another_body_is_refused(site: Site, dealership: Dealership) -> None:
    site.send(id="a")
    answer = site.send({"name": "Другой"}, id="a")
    assert answer.status_code == 409
    assert answer.content_type == "application/problem+json"
    assert len(contacts(dealership)) == 1


def test_of_twenty_at_once_one_is_taken_x_09(site: Site, dealership: Dealership) -> None:
    start = threading.Barrier(20)
    statuses: list[int] = []

    def send() -> None:
        start.wait()
        statuses.append(site.send(id="a").status_code)

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [202] * 20
    assert len(contacts(dealership)) == 1


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"secret": signing.new_secret()}, 401),
        ({"signature": ""}, 401),
        ({"signature": "v1,é"}, 401),
        ({"id": ""}, 401),
        ({"id": "x" * 201}, 401),
        ({"at": FRIDAY_NOON - timedelta(seconds=301)}, 401),
        ({"at": FRIDAY_NOON + timedelta(seconds=301)}, 401),
        ({"path": "/intake/0000000000000000"}, 404),
        ({"body": b"{"}, 400),
        ({"body": b"[]"}, 400),
        ({"body": b"[" * 100_000}, 400),
        ({"body": b'{"name": "\\ud800"}'}, 400),
        ({"body": b"\xff\xfe"}, 400),
        ({"body": b"{}"}, 422),
        ({"body": json.dumps({"name": "x" * 300_000}).encode()}, 413),
    ],
)
def test_what_is_forged_late_or_broken_changes_nothing_and_is_told_so_s1_24(
    site: Site, dealership: Dealership, wrong: dict[str, Any], status: int
) -> None:
    answer = site.send(**wrong)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["detail"]
    assert contacts(dealership) == []
    with dealership.session() as session:
        assert session.scalar(select(func.count(Delivery.id))) == 0


@pytest.mark.parametrize(
    "strange",
    [
        {"name": "a\x00b\x1b", "phone": "8 916 123-45-67"},
        {"name": "x" * 5_000, "comment": "y" * 50_000},
        {"name": 5, "phone": None, "deep": {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}},
        {"name": "a", "email": "no address", "big": int("9" * 25)},
        {f"field{number}": number for number in range(500)} | {"name": "a"},
    ],
)
def test_whatever_people_type_is_taken(site: Site, dealership: Dealership, strange: dict[str, Any]) -> None:
    answer = site.send(strange)
    assert answer.status_code in (202, 400), answer.json
    if answer.status_code == 202:
        [contact] = contacts(dealership)
        assert Visitor(site.app, "admin").get(f"/contact/{contact.id}").status_code == 200


def test_a_source_out_of_use_takes_nothing(site: Site, dealership: Dealership) -> None:
    with dealership.session() as session:
        session.scalars(select(IntakeSource)).one().active = False
    assert site.send().status_code == 404


def test_a_body_of_unknown_length_is_refused(site: Site) -> None:
    answer = Client(site.app).post(f"/intake/{site.address}", headers={"Transfer-Encoding": "chunked"})
    assert answer.status_code == 411


def test_who_comes_too_often_is_told_when_to_come_again(site: Site, dealership: Dealership) -> None:
    answers = [site.send(signature="wrong") for _ in range(125)]
    refused = [each for each in answers if each.status_code == 429]
    assert [each.status_code for each in answers[:120]] == [401] * 120
    assert refused
    assert int(refused[0].headers["Retry-After"]) >= 1


def test_buckets_fill_again_and_forget_whom_they_need_not_know() -> None:
    now = [0.0]
    buckets = Buckets(per_minute=60, burst=2, clock=lambda: now[0])
    buckets.spend("a")
    buckets.spend("a")
    with pytest.raises(TooMany) as refused:
        buckets.spend("a")
    assert refused.value.retry_after >= 1
    now[0] = 1.0
    buckets.spend("a")
    for number in range(25_000):
        buckets.spend(str(number))
    assert len(buckets) <= 10_000


# --- secrets ----------------------------------------------------------------------------------------


def test_a_secret_is_shown_once_and_rotated_within_a_day(site: Site, dealership: Dealership, clock: Clock) -> None:
    admin, old = Visitor(site.app, "admin"), site.secret
    with dealership.session() as session:
        number = session.scalars(select(IntakeSource.id)).one()
    shown = admin.post(f"/intake-sources/{number}/secret").text
    secret = shown.split(signing.PREFIX)[1].split("<")[0]
    assert f"{signing.PREFIX}{secret}" not in admin.get(f"/intake-sources/{number}").text
    assert site.send(secret=signing.PREFIX + secret).status_code == 202
    assert site.send(secret=old).status_code == 202
    clock.move(hours=25)
    assert site.send(secret=signing.PREFIX + secret).status_code == 202
    assert site.send(secret=old).status_code == 401


def test_nobody_else_gets_at_a_source(site: Site) -> None:
    for login in ("lebedeva", "volkov", "kravtsov"):
        assert Visitor(site.app, login).get("/intake-sources").status_code in (403, 404)
        assert Visitor(site.app, login).post("/intake-sources/1/secret").status_code in (403, 404)


def test_a_secret_lies_sealed_and_not_in_the_trail(site: Site, dealership: Dealership) -> None:
    with dealership.session() as session:
        assert site.secret not in session.scalars(select(IntakeSource)).one().sealed_secret
    assert site.secret not in Visitor(site.app, "admin").get("/admin/audit").text


# --- paths of the old kind --------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/crm/callback.php", "/crm_reg_call.php", "/crm/crm_reg_call.php"])
def test_old_paths_take_forms_from_listed_addresses_c_16(app: Application, dealership: Dealership, path: str) -> None:
    source(dealership, "contacts.plain_form", "web", networks="10.1.2.0/24\n2001:db8::/32")
    form = {"name": "Иван", "phone": "89161234567"}
    for address in ("10.1.2.9", "::ffff:10.1.2.10"):
        answer = Client(app).post(path, data=form, environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == 202
    assert len(contacts(dealership)) == 1, "sent again within ten minutes it is the same request"
    refused = Client(app).post(path, data=form, environ_base={"REMOTE_ADDR": "10.9.9.9"})
    assert refused.status_code == 404
    assert Client(app).get(path, environ_base={"REMOTE_ADDR": "10.1.2.9"}).status_code == 405


def test_what_an_old_form_says_again_is_the_same_request_for_ten_minutes_c_16(
    app: Application, dealership: Dealership, clock: Clock
) -> None:
    source(dealership, "contacts.plain_form", "web", networks="10.1.2.3")
    clock.now = FRIDAY_NOON + timedelta(minutes=9, seconds=59)

    def send() -> bool:
        answer = Client(app).post(
            "/crm_reg_call.php", data=SITE, content_type="multipart/form-data", environ_base={"REMOTE_ADDR": "10.1.2.3"}
        )
        assert answer.json is not None, answer.text
        return bool(answer.json["taken"][0]["repeated"])

    assert not send()
    clock.move(seconds=2)
    assert send(), "another ten minutes of the clock have begun"
    clock.move(minutes=10)
    assert not send()
    assert send()
    assert len(contacts(dealership)) == 2


def test_an_unsigned_source_needs_its_addresses_also_at_its_own_path(app: Application, dealership: Dealership) -> None:
    address, _ = source(dealership, "contacts.plain_form", "web", networks="10.1.2.3")
    post = Client(app).post
    assert post(f"/intake/{address}", data=SITE, environ_base={"REMOTE_ADDR": "10.1.2.4"}).status_code == 403
    assert post(f"/intake/{address}", data=SITE, environ_base={"REMOTE_ADDR": "10.1.2.3"}).status_code == 202


def test_a_site_that_signs_may_call_the_old_path_too_c_16(site: Site, dealership: Dealership) -> None:
    assert site.send(path=f"/crm_reg_call.php?source={site.address}").status_code == 202
    assert len(contacts(dealership)) == 1


def test_old_paths_have_a_limit_of_their_own(app: Application) -> None:
    statuses = [Client(app).post("/crm/callback.php", data=SITE).status_code for _ in range(25)]
    assert statuses[:20] == [404] * 20
    assert 429 in statuses


# --- app and messengers -----------------------------------------------------------------------------


def test_a_request_of_the_app_says_what_the_client_typed_s1_07_s1_42_s1_43(
    app: Application, clock: Clock, dealership: Dealership
) -> None:
    site = Site(app, clock, *source(dealership, "contacts.app", "mobile_app"))
    text = "Скрип тормозов,\nхочу в субботу"
    site.send({"name": "Ольга", "phone": "+79031112233", "comment": text, "vehicle": "Polo"})
    [contact] = contacts(dealership)
    assert (contact.channel, contact.note, contact.vehicle_text) == ("mobile_app", text, "Polo")


def test_telegram_s1_06_s1_41(app: Application, dealership: Dealership) -> None:
    address, secret = source(dealership, "contacts.telegram", "chat")
    assert telegram(app, address, secret, update(1, "Есть ли колодки?")).status_code == 202
    assert telegram(app, address, secret, update(1, "Есть ли колодки?")).status_code == 202
    assert telegram(app, address, "wrong", update(2, "?")).status_code == 401
    assert telegram(app, address, secret, {"update_id": 3, "edited_message": {}}).status_code == 202
    [contact] = contacts(dealership)
    assert (contact.channel, contact.client_text, contact.note) == ("chat", "Пётр Ильин", "Есть ли колодки?")
    assert contact.source_data is not None
    assert (contact.source_data["messenger"], contact.source_data["id"]) == ("Telegram", "777")


def test_the_next_lines_of_a_chat_belong_to_its_contact(app: Application, dealership: Dealership) -> None:
    address, secret = source(dealership, "contacts.telegram", "chat")
    telegram(app, address, secret, update(1, "Добрый день"))
    telegram(app, address, secret, update(2, "Есть ли колодки?"))
    telegram(app, address, secret, update(2, "Есть ли колодки?"))
    [contact] = contacts(dealership)
    page = Visitor(app, "admin").get(f"/contact/{contact.id}").text
    assert page.count("Есть ли колодки?") >= 1
    with dealership.session() as session:
        found = only(session)
        found.responsible_id, found.state = dealership.people["volkov"], "in_progress"
        session.flush()
    telegram(app, address, secret, update(3, "Спасибо"))
    with dealership.session() as session:
        told = select(Notification).where(Notification.kind == "contacts.message")
        assert session.scalars(told).one().user_id == dealership.people["volkov"]
        handling.get_contact(session, contact.id).state = "processed"
    telegram(app, address, secret, update(4, "Ещё вопрос"))
    assert len(contacts(dealership)) == 2


def test_a_shared_number_is_the_sender_s_own(app: Application, dealership: Dealership) -> None:
    address, secret = source(dealership, "contacts.telegram", "chat")
    telegram(app, address, secret, update(1, "", contact={"phone_number": "79161234567", "user_id": 777}))
    assert contacts(dealership)[0].phone == "+79161234567"


def test_a_number_that_is_shared_later_is_learned_and_names_the_client(
    app: Application, dealership: Dealership
) -> None:
    address, secret = source(dealership, "contacts.telegram", "chat")
    telegram(app, address, secret, update(1, "Есть ли колодки?"))
    with dealership.session() as session:
        known = create_customer(session, CustomerData(last_name="Ильин", phones=["+79161234567"]))
    telegram(app, address, secret, update(2, "", contact={"phone_number": "79161234567", "user_id": 777}))
    other = {"phone_number": "79031112233", "user_id": 777}
    telegram(app, address, secret, update(3, "", contact=other))
    [contact] = contacts(dealership)
    assert (contact.phone, contact.customer_id, contact.client_text) == ("+79161234567", known.id, "Ильин")
    assert "9161234567" in contact.search_key
    with dealership.session() as session:
        lines = session.scalars(select(ClientMessage.text).order_by(ClientMessage.id)).all()
        assert lines == ["Есть ли колодки?", "[contact]\n+79161234567", "[contact]\n+79031112233"]
        task = session.scalars(select(Task).where(Task.kind == requests.KIND)).one()
        assert task.title_values == {"client": "Ильин", "phone": "+7 916 123-45-67"}


def test_whatsapp_s1_06_s1_41(app: Application, dealership: Dealership) -> None:
    address, _ = source(dealership, "contacts.whatsapp", "chat")
    set_secret(dealership, address, secret="the secret of the app at Meta")
    secret = "the secret of the app at Meta"
    for _ in range(2):
        assert whatsapp(app, address, secret, said("wamid.1", "Сколько стоит ТО?")).status_code == 202
    assert whatsapp(app, address, "another secret of some app", said("wamid.2", "?")).status_code == 401
    [contact] = contacts(dealership)
    assert (contact.client_text, contact.phone, contact.note) == ("Ольга", "+79031112233", "Сколько стоит ТО?")
    assert (contact.source_data or {})["messenger"] == "WhatsApp"


def test_whatsapp_makes_sure_whose_the_address_is(app: Application, dealership: Dealership) -> None:
    address, secret = source(dealership, "contacts.whatsapp", "chat")
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": secret}
    answer = Client(app).get(f"/intake/{address}", query_string=asked)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert Client(app).get(f"/intake/{address}", query_string={**asked, "hub.verify_token": "x"}).status_code == 401


def test_an_old_message_that_comes_again_after_its_name_was_forgotten_is_left(
    app: Application, dealership: Dealership, clock: Clock
) -> None:
    address, secret = source(dealership, "contacts.telegram", "chat")
    long_ago = update(1, "Здравствуйте")
    telegram(app, address, secret, long_ago)
    clock.move(days=31)
    with app.database.writing(system("test")) as session:
        assert receiving.purge(session, clock.now - timedelta(days=30), 200) == 1
    assert telegram(app, address, secret, long_ago).status_code == 202
    assert len(contacts(dealership)) == 1


JIVO = {
    "event_name": "offline_message",
    "offline_message_id": "42",
    "visitor": {"name": "Анна", "phone": "+79165554433", "email": "anna@example.org", "number": "9001"},
    "message": "Перезвоните мне",
    "page": {"url": "https://site.example/to", "title": "ТО"},
    "session": {"utm_json": {"source": "yandex"}, "geoip": {"city": "Москва"}},
}


def test_jivosite_s1_06_s1_41(app: Application, dealership: Dealership) -> None:
    address, secret = source(dealership, "contacts.jivosite", "chat")
    path = f"/intake/{address}"
    for _ in range(2):
        answer = Client(app).post(path, query_string={"secret": secret}, json=JIVO)
        assert (answer.status_code, answer.json) == (200, {"result": "ok"})
    assert Client(app).post(path, query_string={"secret": "x"}, json=JIVO).status_code == 401
    assert Client(app).post(path, json=JIVO).status_code == 401
    assert (
        Client(app).post(path, query_string={"secret": secret}, json={"event_name": "chat_updated"}).status_code == 200
    )
    [contact] = contacts(dealership)
    assert (contact.client_text, contact.phone, contact.note) == ("Анна", "+79165554433", "Перезвоните мне")
    data = contact.source_data or {}
    assert (data["messenger"], data["id"], data["page"]) == ("Jivosite", "9001", "https://site.example/to")


def test_a_chat_of_jivosite_that_is_over_is_told_with_the_client_s_words(
    app: Application, dealership: Dealership
) -> None:
    address, secret = source(dealership, "contacts.jivosite", "chat")
    lines = [
        {"type": "visitor", "message": "Здравствуйте", "timestamp": int(FRIDAY_NOON.timestamp())},
        {"type": "agent", "message": "Слушаю вас", "timestamp": int(FRIDAY_NOON.timestamp())},
        {"type": "visitor", "message": "Нужны колодки", "timestamp": int(FRIDAY_NOON.timestamp())},
    ]
    event = {"event_name": "chat_finished", "chat_id": 7, "visitor": {"number": "1"}, "chat": {"messages": lines}}
    Client(app).post(f"/intake/{address}", query_string={"secret": secret}, json=event)
    assert contacts(dealership)[0].note == "Здравствуйте\nНужны колодки"


# --- the screen -------------------------------------------------------------------------------------


def test_an_administrator_makes_a_source(app: Application, dealership: Dealership) -> None:
    admin = Visitor(app, "admin")
    with dealership.session() as session:
        web = session.scalars(select(ContactGoal.id).where(ContactGoal.channel == "web")).first()
        phone = session.scalars(select(ContactGoal.id).where(ContactGoal.channel == "phone")).first()
    offered = re.findall(r"<option [^>]*>([^<]+)", admin.get("/intake-sources/new").text.partition('name="goal_id"')[2])
    assert len(offered) == len(set(offered)), "a goal is told with its channel and department"
    begun = admin.get("/intake-sources/new").text
    proposed = re.search(r'<option selected value="(\d+)"', begun.partition('name="goal_id"')[2])
    assert proposed is not None
    with dealership.session() as session:
        assert session.get_one(ContactGoal, int(proposed[1])).channel == "web", "one that fits the kind above"
    for name in ("account", "networks"):
        assert re.search(rf'<(?:input|textarea)[^>]*data-unasked-now[^>]*name="{name}"', begun), name
    form = {"title": "Сайт", "adapter": "contacts.plain_form", "goal_id": phone, "active": "1"}
    other = admin.post("/intake-sources/new", form)
    assert other.status_code == 422
    assert "Обращения отсюда имеют канал «" in other.text
    assert admin.post("/intake-sources/new", {**form, "goal_id": web}).status_code == 422, "without addresses"
    wrong = admin.post("/intake-sources/new", {**form, "goal_id": web, "networks": "здесь"})
    assert wrong.status_code == 422
    assert "«здесь»" in wrong.text
    assert admin.post("/intake-sources/new", {**form, "goal_id": web, "networks": "10.0.0.1"}).status_code == 303
    with dealership.session() as session:
        made = session.scalars(select(IntakeSource)).one()
        assert len(made.address) == 16
    card = admin.get(f"/intake-sources/{made.id}").text
    assert re.search(rf"http://[^/ ]+/intake/{made.address}", card), "to be copied as it is"
    assert "Секрета пока нет" in card


def test_a_source_that_has_sent_something_stays_with_its_talks(app: Application, dealership: Dealership) -> None:
    address, secret = source(dealership, "contacts.telegram", "chat")
    telegram(app, address, secret, update(1, "Есть ли колодки?"))
    with dealership.session() as session:
        number, version = session.execute(select(IntakeSource.id, IntakeSource.version)).one()
    admin, card = Visitor(app, "admin"), f"/intake-sources/{number}"
    assert "ссылается" in admin.get(f"{card}/delete").text
    assert admin.post(f"{card}/delete", {"version": str(version)}).status_code == 409
    with dealership.session() as session:
        assert session.scalars(select(ClientMessage.text)).all() == ["Есть ли колодки?"]
        assert session.scalar(select(func.count(Delivery.id))) == 1
