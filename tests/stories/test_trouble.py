"""Trouble loses nothing: a killed server, a session that has ended, two who press at once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from core.access.models import SignIn
from core.web.app import Application
from tests.stories.conftest import Person
from tests.support.dealership import PASSWORD, Dealership, Server, start_server
from tests.support.visitors import Visitor

pytestmark = pytest.mark.addons("contacts")

WORDS = "Просит перезвонить после шести, интересует рассрочка"


def type_something(page: Page) -> None:
    """What a receptionist has typed when the trouble comes; the page has said that it is kept."""
    page.get_by_role("combobox", name=re.compile("^Клиент")).fill("Виктор с трейд-ином")
    page.get_by_label("Со слов клиента").fill(WORDS)
    expect(page.locator("[data-draft-note]")).to_contain_text("черновик сохранён")


def find_it_again(page: Page) -> None:
    expect(page.get_by_role("combobox", name=re.compile("^Клиент"))).to_have_value("Виктор с трейд-ином")
    expect(page.get_by_label("Со слов клиента")).to_have_value(WORDS)


def test_a_killed_server_loses_no_word(person: Person, dealership: Dealership, server: Server) -> None:
    reception = person("lebedeva")
    type_something(reception)
    server.kill()
    port = urlsplit(server.address).port
    again = start_server(dealership.config, port)
    try:
        reception.goto(f"{again.address}/reception")
        find_it_again(reception)
    finally:
        again.stop()


def test_an_ended_session_loses_no_word(person: Person) -> None:
    reception = person("lebedeva")
    type_something(reception)
    reception.context.clear_cookies()
    reception.reload()
    reception.get_by_label("Имя для входа").fill("lebedeva")
    reception.get_by_label("Пароль", exact=True).fill(PASSWORD)
    reception.get_by_role("button", name="Войти").click()
    reception.wait_for_url(re.compile("/reception"))
    find_it_again(reception)


def test_a_session_that_ends_under_an_open_page_loses_no_word(person: Person, dealership: Dealership) -> None:
    """The page says so and keeps what is typed; signed in again elsewhere in the browser, it goes on."""
    reception = person("lebedeva")
    note, bar = reception.get_by_label("Со слов клиента"), reception.locator("#signed-out")
    with dealership.session() as session:
        for sign_in in session.scalars(select(SignIn)):
            sign_in.revoked_at = session.now()
    note.fill(WORDS)
    expect(bar).to_contain_text("Сеанс завершён")
    expect(reception.locator("#offline")).to_be_hidden()
    client = reception.get_by_role("combobox", name=re.compile("^Клиент"))
    client.fill("Виктор")
    expect(reception.locator("#customer_id-popup")).to_contain_text("Сеанс завершён")
    reception.locator("label", has_text="Да, найти").click()
    expect(note).to_have_value(WORDS)
    reception.locator("[name=way]").first.click()
    expect(note).to_have_value(WORDS)
    with reception.context.expect_page() as opened:
        bar.get_by_role("link").click()
    elsewhere = opened.value
    elsewhere.get_by_label("Имя для входа").fill("lebedeva")
    elsewhere.get_by_label("Пароль", exact=True).fill(PASSWORD)
    elsewhere.get_by_role("button", name="Войти").click()
    elsewhere.wait_for_url(lambda url: "/signin" not in url)
    elsewhere.close()
    reception.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(bar).to_be_hidden()
    expect(reception.locator("[data-draft-note]")).to_contain_text("черновик сохранён")
    reception.locator("[name=way]").first.click()
    expect(reception.locator(".rcp-done")).to_contain_text("Виктор")


def test_a_form_sent_too_late_leads_back_to_its_page(app: Application) -> None:
    answer = Visitor(app).post("/reception", {}, headers={"Referer": "http://localhost/reception?q=1"})
    assert answer.location == "/signin?next=/reception?q%3D1"


def test_who_cannot_be_led_back_is_led_to_the_start(app: Application) -> None:
    """What a refused form stands on takes forms alone; a foreign page is not ours to lead to."""
    for page in ("http://localhost/contact/1/claim", "http://elsewhere.example/reception"):
        assert Visitor(app).post("/reception", {}, headers={"Referer": page}).location == "/signin"


def test_a_form_sent_twice_makes_one_contact(app: Application) -> None:
    """SEC-48: the second sending leads where the first one led."""
    visitor = Visitor(app, "lebedeva")
    goal = re.search(r'name="goal_id" value="(\d+)" checked', visitor.get("/reception").text)
    assert goal is not None
    fields = {"channel": "phone", "goal_id": goal[1], "customer_id_text": "Виктор", "once": "one-time-key"}
    first, second = (visitor.post("/reception", fields).location for _ in range(2))
    assert first == second
    assert visitor.get("/traffic").text.count("ВТ-00000") <= 1


def test_two_who_press_at_once(app: Application) -> None:
    """S0-29 through the front door: one is led to his contact, the other gets 409 and the winner's name."""
    reception = Visitor(app, "lebedeva")
    goal = re.search(r'name="goal_id" value="(\d+)" checked', reception.get("/reception").text)
    assert goal is not None
    fields = {"channel": "phone", "goal_id": goal[1], "customer_id_text": "Виктор"}
    assert reception.post("/reception", fields).status_code == 303
    people = [Visitor(app, login) for login in ("petukhov", "sokolova")]
    tokens = [one.token() for one in people]

    def take(number: int) -> tuple[int, str]:
        answer = people[number].client.post(
            "/contact/1/claim", data={"csrf_token": tokens[number]}, headers={"Origin": "http://localhost"}
        )
        return answer.status_code, answer.text

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(take, range(2)))
    assert sorted(status for status, _ in answers) == [303, 409]
    winner = next(number for number, (status, _) in enumerate(answers) if status == 303)
    loser_text = answers[1 - winner][1]
    assert ("Петухов В.", "Соколова А.")[winner] in loser_text
