"""What one does is seen by the others at once: pop-ups on any page, the desk, the card, the board (S0-24, S0-28, S0-31)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from addons.contacts.services import handling
from addons.contacts.services.registration import Way
from core.access.own_account import end_sign_ins
from tests.contacts.test_handling import Firm, come_in, firm
from tests.stories.conftest import Person
from tests.support.dealership import PASSWORD, Dealership, Server

__all__ = ["firm"]

pytestmark = pytest.mark.addons("contacts")


def test_a_pop_up_on_a_page_that_has_nothing_to_do_with_it(person: Person, server: Server, firm: Firm) -> None:
    """S0-31; the title of the tab counts what is unread."""
    manager = person("petukhov")
    manager.goto(f"{server.address}/profile")
    one = come_in(firm, client_text="мужчина в красной куртке")
    popup = manager.locator(".toastfc", has_text="мужчина в красной куртке")
    expect(popup).to_be_visible()
    expect(manager).to_have_title(re.compile(r"^\(1\) "))
    come_in(firm, client_text="женщина с коляской")
    expect(manager).to_have_title(re.compile(r"^\(2\) "))
    with firm.as_("sokolova") as session:
        handling.claim(session, one)
    expect(popup).to_be_hidden()
    expect(manager).to_have_title(re.compile(r"^\(1\) "))


def test_the_card_one_looks_at_does_not_pop_up(person: Person, server: Server, firm: Firm) -> None:
    """The key that opens the newest stands on the newest only."""
    manager = person("petukhov")
    here = come_in(firm, client_text="мужчина в красной куртке")
    come_in(firm, client_text="женщина с коляской")
    popups = manager.locator(".toastfc[data-note]")
    expect(popups).to_have_count(2)
    expect(popups.locator("kbd:visible")).to_have_count(1)
    expect(popups.last.locator("kbd")).to_be_visible()
    manager.goto(f"{server.address}/contact/{here}")
    expect(popups.filter(has_text="женщина с коляской")).to_be_visible()
    expect(popups.filter(has_text="мужчина в красной куртке")).to_be_hidden()
    expect(manager).to_have_title(re.compile(r"^\(2\) "))


def test_the_desk_moves_by_itself(person: Person, server: Server, firm: Firm) -> None:
    manager = person("petukhov")
    manager.goto(f"{server.address}/desk")
    free = manager.locator("section", has=manager.get_by_role("heading", name="Можно взять"))
    contact = come_in(firm, client_text="мужчина в красной куртке")
    expect(free.get_by_role("link", name="мужчина в красной куртке")).to_be_visible()
    with firm.as_("sokolova") as session:
        handling.claim(session, contact)
    expect(free.get_by_role("link", name="мужчина в красной куртке")).to_be_hidden()


def test_the_card_moves_by_itself_and_keeps_what_is_typed(person: Person, server: Server, firm: Firm) -> None:
    contact = come_in(firm, client_text="мужчина в красной куртке")
    manager = person("petukhov")
    manager.goto(f"{server.address}/contact/{contact}")
    manager.get_by_role("button", name=re.compile("^Взять себе")).wait_for()
    note = manager.locator(".feed input[name=text]")
    note.fill("Просил не звонить")
    with firm.as_("sokolova") as session:
        handling.claim(session, contact)
    expect(manager.locator("#contact-head")).to_contain_text("Соколова А.")
    expect(manager.get_by_role("button", name=re.compile("^Взять себе"))).to_have_count(0)
    expect(note).to_have_value("Просил не звонить")


def test_what_has_happened_is_told_once(person: Person, server: Server, firm: Firm) -> None:
    """Who was reminded, and who was faster: loading the card again does not tell it again."""
    taken = come_in(firm, responsible_id=firm.people["sokolova"])
    waiting = come_in(firm, way=Way.QUEUE)
    manager = person("petukhov")
    for path, told in ((f"/contact/{taken}?late=1", "опередили"), (f"/contact/{waiting}?reminded=1", "Напоминание")):
        manager.goto(server.address + path)
        notice = manager.locator("[data-told]")
        expect(notice).to_contain_text(told)
        expect(manager).to_have_url(server.address + path.partition("?")[0])
        manager.reload()
        expect(manager.locator("#contact-head")).to_be_visible()
        expect(notice).to_have_count(0)


def test_a_double_click_opens_a_row(person: Person, server: Server, firm: Firm) -> None:
    """S1-61, and the same in lists."""
    contact = come_in(firm, client_text="мужчина в красной куртке", note="Ждёт")
    manager = person("petukhov")
    manager.goto(f"{server.address}/traffic")
    manager.locator("[data-row] .c-time, [data-row] td").first.dblclick()
    manager.wait_for_url(re.compile(rf"/contact/{contact}"))


def test_a_session_that_ends_while_one_types(
    person: Person, server: Server, firm: Firm, dealership: Dealership
) -> None:
    """The form is sent with a dead session: after signing in the words are there again."""
    contact = come_in(firm)
    with firm.as_("petukhov") as session:
        handling.claim(session, contact)
    manager = person("petukhov")
    manager.goto(f"{server.address}/contact/{contact}")
    manager.get_by_label("Результат обращения без документа").fill("Приедет в субботу")
    expect(manager.locator("#contact-outcome [data-draft-note]")).to_contain_text("черновик сохранён")
    with dealership.session() as session:
        end_sign_ins(session, dealership.people["petukhov"])
    manager.get_by_role("button", name="Выполнить, закрыть").click()
    _sign_in_again(manager)
    manager.goto(f"{server.address}/contact/{contact}")
    expect(manager.get_by_label("Результат обращения без документа")).to_have_value("Приедет в субботу")
    manager.get_by_role("button", name="Выполнить, закрыть").click()
    expect(manager.locator("#contact-head")).to_contain_text("Обработано")


def _sign_in_again(page: Page) -> None:
    page.get_by_label("Имя для входа").fill("petukhov")
    page.get_by_label("Пароль", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Войти").click()
    page.wait_for_url(lambda url: "/signin" not in url)
