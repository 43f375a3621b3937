"""Trouble loses nothing: a killed server, a session that has ended, two who press at once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from addons.contacts.models import InboundContact
from core.access.models import SignIn
from core.access.policy import system
from core.web.app import Application
from core.web.http import Request
from core.work.models import Presence
from core.work.presence import lapse, presence_of
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


def sign_in(page: Page, login: str) -> None:
    """On the page of signing in."""
    page.get_by_label("Имя для входа").fill(login)
    page.get_by_label("Пароль", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Войти").click()
    page.wait_for_url(lambda url: "/signin" not in url)


def sign_in_without_a_page(page: Page, login: str) -> None:
    """As a tab does that tells the others nothing; a tab would also take the attention away and give it back."""
    address = urljoin(page.url, "/signin")
    requests = page.context.request
    token = re.search(r'name="?csrf_token"?[^>]*value="([^"]+)"', requests.get(address).text())
    assert token
    form = {"csrf_token": token[1], "login": login, "password": PASSWORD}
    assert requests.post(address, form=form, headers={"Origin": urljoin(page.url, "/").rstrip("/")}).ok


def end_sign_ins(dealership: Dealership) -> None:
    with dealership.session() as session:
        for each in session.scalars(select(SignIn)):
            each.revoked_at = session.now()


def go_without_events(page: Page) -> None:
    """The connection of live events would find out by itself that somebody signed in; the tabs share no other."""
    page.add_init_script("delete window.SharedWorker")
    page.route(re.compile(r"/live(\?|$)"), lambda route: route.abort())
    page.reload()


def find_it_again(page: Page) -> None:
    expect(page.get_by_role("combobox", name=re.compile("^Клиент"))).to_have_value("Виктор с трейд-ином")
    expect(page.get_by_label("Со слов клиента")).to_have_value(WORDS)


def test_a_refused_form_that_is_loaded_again_loses_no_word(person: Person, server: Server) -> None:
    """Also one that no draft keeps; somebody else who comes to its page finds it empty."""
    admin = person("admin")
    admin.goto(f"{server.address}/admin/users/new")
    admin.get_by_label("Имя, сначала фамилия").fill("Орлов Павел")
    admin.get_by_text("Английский", exact=True).click()
    admin.get_by_text("Специалист", exact=True).click()
    admin.get_by_role("button", name=re.compile("^Создать учётную запись")).click()
    login = admin.get_by_label("Имя для входа")
    expect(login).to_have_attribute("aria-invalid", "true")
    login.fill("orlov")
    admin.wait_for_function("() => JSON.stringify(history.state).includes('orlov')")
    admin.on("dialog", lambda dialog: dialog.accept())
    for _ in range(2):
        admin.reload()
        expect(admin.get_by_label("Имя, сначала фамилия")).to_have_value("Орлов Павел")
        expect(login).to_have_value("orlov")
        assert admin.get_by_role("radio", name="Английский").is_checked()
        assert admin.get_by_role("checkbox", name="Специалист", exact=True).is_checked()
    admin.evaluate("""() => {
      const { typed } = history.state;
      history.replaceState({ typed: { ...typed, forms: [[...typed.forms[0], ["csrf_token", "another's"]]] } }, "");
    }""")
    admin.reload()
    expect(login).to_have_value("orlov")
    assert admin.locator("form[action='/admin/users/new'] [name=csrf_token]").input_value() != "another's"
    admin.evaluate("history.replaceState({ typed: { ...history.state.typed, reader: '0' } }, '')")
    admin.reload()
    expect(login).to_have_value("")


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
    sign_in(reception, "lebedeva")
    reception.wait_for_url(re.compile("/reception"))
    find_it_again(reception)


def test_a_session_that_ends_under_an_open_page_loses_no_word(person: Person, dealership: Dealership) -> None:
    """The page says so and keeps what is typed; signed in again elsewhere in the browser, it goes on."""
    reception = person("lebedeva")
    note, bar = reception.get_by_label("Со слов клиента"), reception.locator("#signed-out")
    end_sign_ins(dealership)
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
    sign_in(opened.value, "lebedeva")
    expect(bar).to_be_hidden()
    expect(reception.locator("[data-draft-note]")).to_contain_text("черновик сохранён")
    reception.locator("[name=way]").first.click()
    expect(reception.locator(".rcp-done")).to_contain_text("Виктор")


def test_a_page_that_is_come_back_to_goes_on(person: Person, dealership: Dealership) -> None:
    """Also where no page has told it that its reader has signed in again."""
    reception = person("lebedeva")
    note, bar = reception.get_by_label("Со слов клиента"), reception.locator("#signed-out")
    go_without_events(reception)
    end_sign_ins(dealership)
    note.fill(WORDS)
    expect(bar).to_be_visible()
    sign_in_without_a_page(reception, "lebedeva")
    expect(bar).to_be_visible()
    # The driver keeps all its pages focused, unless it is told not to.
    reception.context.new_cdp_session(reception).send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    reception.context.new_page().bring_to_front()
    reception.bring_to_front()
    expect(bar).to_be_hidden()
    expect(note).to_have_value(WORDS)


def test_somebody_else_who_signs_in_sends_nothing_of_mine(person: Person, dealership: Dealership) -> None:
    """The page says who is signed in instead, keeps what is typed, and goes on when its own reader is back."""
    reception = person("lebedeva")
    note, bar = reception.get_by_label("Со слов клиента"), reception.locator("#signed-out")
    type_something(reception)
    elsewhere = reception.context.new_page()
    elsewhere.goto(urljoin(reception.url, "/profile"))
    elsewhere.get_by_role("button", name="моё состояние").click()
    elsewhere.get_by_role("button", name="Выйти").click()
    sign_in(elsewhere, "petukhov")
    expect(bar).to_contain_text("Сейчас здесь работает Петухов")
    note.fill("Ещё слово")
    expect(reception.locator("[data-draft-note]")).to_contain_text("черновик не сохранён")
    reception.locator("[name=way]").first.click()
    expect(note).to_have_value("Ещё слово")
    expect(bar).to_contain_text("Сейчас здесь работает Петухов")
    with dealership.session() as session:
        assert session.scalar(select(func.count()).select_from(InboundContact)) == 0
    with reception.context.expect_page() as opened:
        bar.get_by_role("link").click()
    sign_in(opened.value, "lebedeva")
    expect(bar).to_be_hidden()
    expect(elsewhere.locator("#signed-out")).to_contain_text("Сейчас здесь работает Лебедева")
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
    """S0-29 through the front door: both are led to the contact, whose card tells the loser who was faster."""
    reception = Visitor(app, "lebedeva")
    goal = re.search(r'name="goal_id" value="(\d+)" checked', reception.get("/reception").text)
    assert goal is not None
    fields = {"channel": "phone", "goal_id": goal[1], "customer_id_text": "Виктор"}
    assert reception.post("/reception", fields).status_code == 303
    people = [Visitor(app, login) for login in ("petukhov", "sokolova")]
    tokens = [one.token() for one in people]

    def take(number: int) -> tuple[int, str | None]:
        answer = people[number].client.post(
            "/contact/1/claim", data={"csrf_token": tokens[number]}, headers={"Origin": "http://localhost"}
        )
        return answer.status_code, answer.location

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(take, range(2)))
    assert sorted(answers) == [(303, "/contact/1"), (303, "/contact/1?late=1")]
    winner = answers.index((303, "/contact/1"))
    card = people[1 - winner].get("/contact/1?late=1").text
    assert f"Обращение уже взял(а) {('Петухов В.', 'Соколова А.')[winner]}: вас опередили." in card
    assert "вас опередили" not in people[winner].get("/contact/1?late=1").text


def test_a_refusal_keeps_the_frame(app: Application) -> None:
    """Who is signed in stays present on it and hears what comes in; a stranger gets a page without it."""
    manager = Visitor(app, "petukhov")
    for answer in (manager.get("/nowhere"), manager.get("/contact/999"), manager.post("/contact/999/claim")):
        assert answer.status_code == 404
        assert 'id="toasts"' in answer.text
    assert 'id="toasts"' not in Visitor(app).get("/nowhere").text


@pytest.mark.parametrize("trouble", [OperationalError("SELECT 1", {}, Exception("busy")), PoolTimeout("no room")])
def test_a_refusal_that_cannot_read_its_frame_is_told_without_it(
    app: Application, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    """SEC-54."""
    manager, render = Visitor(app, "petukhov"), app.pages.render

    def without_database(request: Request, template: str, context: dict[str, Any]) -> str:
        if template == "errors/inside.html":
            raise trouble
        return render(request, template, context)

    monkeypatch.setattr(app.pages, "render", without_database)
    answer = manager.get("/nowhere")
    assert answer.status_code == 404
    assert 'id="toasts"' not in answer.text


def test_signing_in_and_working_make_one_present(app: Application, dealership: Dealership) -> None:
    """S0-18: also who had said that he goes home, and who was not seen for long."""
    manager, number = Visitor(app, "petukhov"), dealership.people["petukhov"]

    def state() -> str:
        with app.database.reading(system("tests")) as session:
            return presence_of(session, [number])[number].state.value

    assert state() == "free"
    manager.post("/presence", {"state": "off"})
    assert state() == "off"
    Visitor(app, "petukhov")
    assert state() == "free"
    manager.post("/presence", {"state": "busy"})
    with app.database.writing(system("tests")) as session:
        long_ago = session.now() - timedelta(hours=1)
        session.execute(update(Presence).values(last_seen_at=long_ago).execution_options(audited=True))
        session.execute(update(SignIn).values(last_seen_at=long_ago).execution_options(audited=True))
        lapse(session, session.now())
    assert state() == "off"
    manager.get("/contact/999")
    assert state() == "busy"


def test_ones_own_state_follows(person: Person, server: Server, app: Application) -> None:
    """What one says in another browser, or what becomes of it by itself, is seen in every open page."""
    manager = person("petukhov")
    expect(manager.locator("#my-state")).to_have_text("Свободен")
    Visitor(app, "petukhov").post("/presence", {"state": "away"})
    expect(manager.locator("#my-state")).to_have_text("Отошёл")
    manager.locator(".fc-me").click()
    expect(manager.locator("#me").get_by_role("button", name="Отошёл")).to_have_attribute("aria-pressed", "true")
