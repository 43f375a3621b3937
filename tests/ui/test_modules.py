"""Look-up, palette, drafts, toasts and htmx, each against a server that answers as told."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from tests.ui.contract import rendered
from tests.ui.pages import fragment, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

OPTIONS = """
<div class="lookup-note">Раскладка исправлена</div>
<div role="option" aria-selected="false" data-value="12" data-label="Иванов Виктор">Иванов Виктор</div>
<div role="option" aria-selected="false" data-value="13" data-label="Иванова Ольга">Иванова Ольга</div>
<script>document.title = "run"</script>
"""
LATER_OPTION = '<div role="option" aria-selected="false" data-value="13" data-label="Иванова Ольга">Иванова Ольга</div>'
FOUND = """
<a role="option" aria-selected="false" href="#one">Один</a>
<a role="option" aria-selected="false" href="#two">Два</a>
"""
PUT_TOAST = """([seconds, words]) => document.getElementById("toasts").insertAdjacentHTML("beforeend",
  `<div class="toastfc" data-toast="${seconds}"><span data-toast-text>${words}</span></div>`)"""


def test_a_look_up_is_filled_by_keyboard(browser: Browser) -> None:
    with opened(browser, "reception.html", answers={"/lookup": fragment(OPTIONS)}) as page:
        page.evaluate("document.addEventListener('change', (event) => { window.changed = event.target.name; })")
        page.fill("#customer", "bdfyjd")
        page.wait_for_selector("#customer-list [aria-selected=true]")
        assert page.get_attribute("#customer", "aria-expanded") == "true"
        assert page.get_attribute("#customer", "aria-activedescendant") == "customer-list-0"
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert page.input_value("#customer-value") == "13"
        assert page.input_value("#customer") == "Иванова Ольга"
        assert page.evaluate("window.changed") == "customer"
        assert page.get_attribute("#customer", "aria-expanded") == "false"
        assert page.title() != "run"


def test_typing_on_after_a_choice_takes_the_choice_back(browser: Browser) -> None:
    with opened(browser, "reception.html", answers={"/lookup": fragment(OPTIONS)}) as page:
        page.fill("#customer", "иван")
        page.wait_for_selector("#customer-list [aria-selected=true]")
        page.keyboard.press("Enter")
        page.keyboard.type("!")
        assert page.input_value("#customer-value") == ""


def test_a_look_up_without_an_answer_says_so_and_keeps_the_text(browser: Browser) -> None:
    answers = {"/lookup": lambda route: route.abort()}
    with opened(browser, "reception.html", answers=answers, allowed_faults="ERR_FAILED") as page:
        page.fill("#customer", "иван")
        page.wait_for_selector(".lookup-note:not(:empty)")
        assert "Сервер не отвечает" in page.locator(".lookup-note").inner_text()
        assert page.input_value("#customer") == "иван"


def test_the_palette_finds_and_opens(browser: Browser) -> None:
    asked: list[str] = []

    def search(route: Route) -> None:
        asked.append(route.request.url)
        fragment(FOUND)(route)

    with opened(browser, "contact.html", answers={"/core/search": search}) as page:
        page.keyboard.press("Control+KeyK")
        page.keyboard.type("ива")
        page.wait_for_selector("#palette-list [aria-selected=true]")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#two"
        assert not page.locator("#palette").is_visible()
    assert asked[-1].endswith("?q=%D0%B8%D0%B2%D0%B0")


def test_enter_in_a_look_up_waits_for_the_answer_to_what_is_written(browser: Browser) -> None:
    """One who types faster than the server answers gets no record of an earlier text."""
    held: list[Route] = []
    with opened(browser, "reception.html", answers={"/lookup": held.append}) as page:
        page.fill("#customer", "иван")
        _answer_next(page, held, OPTIONS)
        page.wait_for_selector("#customer-list [aria-selected=true]")
        page.keyboard.type("ова")
        assert page.locator("#customer-list [aria-selected=true]").count() == 0
        page.keyboard.press("Enter")
        assert page.input_value("#customer-value") == ""
        _answer_next(page, held, LATER_OPTION)
        page.wait_for_function("() => document.querySelector('#customer-value').value === '13'")
        assert page.input_value("#customer") == "Иванова Ольга"


def test_a_look_up_picks_nothing_for_a_text_that_was_changed_after_enter(browser: Browser) -> None:
    held: list[Route] = []
    with opened(browser, "reception.html", answers={"/lookup": held.append}) as page:
        page.fill("#customer", "иван")
        page.keyboard.press("Enter")
        page.keyboard.type("о")
        _answer_next(page, held, OPTIONS)
        _answer_next(page, held, OPTIONS)
        page.wait_for_selector("#customer-list [aria-selected=true]")
        assert page.input_value("#customer-value") == ""
        assert page.input_value("#customer") == "ивано"


def test_enter_in_the_palette_waits_for_the_answer_to_what_is_written(browser: Browser) -> None:
    held: list[Route] = []
    with opened(browser, "contact.html", answers={"/core/search": held.append}) as page:
        page.keyboard.press("Control+KeyK")
        _answer_next(page, held, FOUND)
        page.wait_for_selector("#palette-list [aria-selected=true]")
        page.keyboard.type("иванов")
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == ""
        _answer_next(page, held, FOUND.replace("#one", "#ivanov"))
        page.wait_for_function("() => location.hash === '#ivanov'")


def _answer_next(page: Page, held: list[Route], text: str) -> None:
    """Answer the oldest request that is waiting; a page that has given it up does not mind."""
    while not held:
        page.wait_for_timeout(20)
    fragment(text)(held.pop(0))


def test_a_draft_is_kept_without_token_or_password(browser: Browser) -> None:
    kept: list[dict[str, list[str]]] = []

    def save(route: Route) -> None:
        kept.append(parse_qs(route.request.post_data or ""))
        assert route.request.headers["x-csrf-token"] == "token"
        route.fulfill(status=200, body="{}")

    with opened(browser, "reception.html", answers={"/drafts/contacts%3Anew": save}) as page:
        page.evaluate(
            """() => document.querySelector('[data-draft]').insertAdjacentHTML('beforeend',
            '<input type=hidden name=csrf_token value=secret><input type=password name=pin value=1>')"""
        )
        page.fill("#note", "перезвонить в субботу")
        page.wait_for_function("() => document.querySelector('[data-draft]').dataset.kept !== undefined")
        assert re.search(r"черновик сохранён \d\d:\d\d", page.locator("[data-draft-note]").inner_text())
    assert kept[-1]["note"] == ["перезвонить в субботу"]
    assert not {"csrf_token", "once", "pin"} & kept[-1].keys()


def test_a_draft_is_kept_at_the_time_of_the_dealership(browser: Browser) -> None:
    """X-05: the browser's own zone says nothing; the page's does."""
    with opened(
        browser, "reception.html", answers={"/drafts/contacts%3Anew": lambda route: route.fulfill(body="{}")}
    ) as page:
        assert page.get_attribute("body", "data-zone")
        for zone in ("Asia/Kamchatka", "Pacific/Marquesas"):
            page.evaluate("(zone) => { document.body.dataset.zone = zone; }", zone)
            page.fill("#note", f"перезвонить: {zone}")
            local = datetime.now(ZoneInfo(zone))
            times = {f"{moment:%H:%M}" for moment in (local, local + timedelta(minutes=1))}
            words = "() => document.querySelector('[data-draft-note]').textContent"
            page.wait_for_function(f"(times) => times.some((time) => ({words})().includes(time))", arg=sorted(times))


def test_a_draft_that_could_not_be_kept_is_said(browser: Browser) -> None:
    answers = {"/drafts/contacts%3Anew": lambda route: route.fulfill(status=503)}
    with opened(browser, "reception.html", answers=answers, allowed_faults="503") as page:
        page.fill("#note", "важное")
        page.wait_for_function("() => document.querySelector('[data-draft-note]').textContent.includes('не сохранён')")
        assert page.input_value("#note") == "важное"


def test_leaving_the_page_sends_what_waits(browser: Browser) -> None:
    kept: list[str] = []

    def save(route: Route) -> None:
        kept.append(route.request.post_data or "")
        route.fulfill(status=200, body="{}")

    with opened(browser, "reception.html", answers={"/drafts/contacts%3Anew": save}) as page:
        page.fill("#note", "last")
        page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
        page.wait_for_function("() => document.querySelector('[data-draft]').dataset.kept !== undefined")
    assert "note=last" in kept[0]


def test_a_draft_on_its_way_is_called_off_when_the_form_is_sent(browser: Browser) -> None:
    held: list[Route] = []
    with opened(browser, "reception.html", answers={"/drafts/contacts%3Anew": held.append}) as page:
        said = page.locator("[data-draft-note]").inner_text()
        page.fill("#note", "перезвонить")
        while not held:
            page.wait_for_timeout(20)
        with page.expect_event("requestfailed", lambda request: "/drafts/" in request.url):
            page.evaluate(
                """() => { const form = document.querySelector('[data-draft]');
                form.addEventListener('submit', (event) => event.preventDefault()); form.requestSubmit(); }"""
            )
        assert page.locator("[data-draft-note]").inner_text() == said


def test_a_form_nobody_has_written_in_is_not_kept_when_the_connection_is_back(browser: Browser) -> None:
    kept: list[Route] = []
    with opened(browser, "reception.html", answers={"/drafts/contacts%3Anew": kept.append}) as page:
        page.clock.install()
        page.evaluate("dispatchEvent(new Event('online'))")
        page.clock.fast_forward(5_000)
        page.wait_for_timeout(100)
    assert kept == []


def test_the_first_error_has_the_focus_when_a_form_comes_back(browser: Browser) -> None:
    with opened(browser, "form.html") as page:
        assert page.evaluate("document.activeElement.name") == "customer"


def test_a_toast_leaves_by_itself_but_not_while_it_is_read(browser: Browser) -> None:
    with opened(browser, "search.html") as page:
        page.clock.install()
        page.evaluate(PUT_TOAST, [10, "Готово"])
        page.wait_for_selector("[data-toast][data-armed]")
        page.hover("[data-toast]")
        page.clock.fast_forward(30_000)
        assert page.locator("[data-toast]").count() == 1
        page.mouse.move(0, 0)
        page.clock.fast_forward(11_000)
        page.wait_for_selector("[data-toast]", state="detached")


def test_a_toast_is_spoken_through_the_live_region(browser: Browser) -> None:
    with opened(browser, "search.html") as page:
        page.evaluate(PUT_TOAST, [0, "Передано"])
        page.wait_for_function("() => document.getElementById('announce').textContent === 'Передано'")


def test_timers_count_on_and_change_their_colour(browser: Browser) -> None:
    with opened(browser, "parts.html") as page:
        page.evaluate(
            "document.querySelector('[data-since]').dataset.since = new Date(Date.now() - 301000).toISOString()"
        )
        page.wait_for_function("() => document.querySelector('[data-since]').textContent.startsWith('5:0')")
        assert "ink-warn" in (page.get_attribute("[data-since]", "class") or "")


def test_htmx_requests_are_signed_and_refusals_are_shown(browser: Browser) -> None:
    """SEC-23; a 422 answer is swapped in, and the first wrong field gets the focus."""
    seen: list[str] = []

    def refuse(route: Route) -> None:
        seen.append(route.request.headers.get("x-csrf-token", ""))
        route.fulfill(
            status=422, body='<input id="wrong" aria-invalid="true" aria-label="x">', content_type="text/html"
        )

    with opened(browser, "search.html", answers={"POST /save": refuse}, allowed_faults="422") as page:
        page.evaluate(
            """() => { const box = document.createElement('div');
            box.innerHTML = '<form id=f hx-post="/save" hx-target="#out"><button>ok</button></form><div id=out></div>';
            document.querySelector('main').append(box); htmx.process(box); }"""
        )
        page.click("#f button")
        page.wait_for_function("() => document.activeElement.id === 'wrong'")
        page.wait_for_function("() => !document.querySelector('#f').hasAttribute('aria-busy')")
    assert seen == ["token"]


def test_an_error_never_takes_the_place_of_what_is_typed(browser: Browser) -> None:
    """An answer that is not the part that was asked for is said, and the page stays."""
    answers = {
        "POST /own": (403, "<div data-failure><b>403</b><div data-words>Страница устарела.</div></div>"),
        "POST /proxy": (502, "<html><body>bad gateway</body></html>"),
    }
    routes = {
        path: lambda route, status=status, body=body: route.fulfill(status=status, body=body, content_type="text/html")
        for path, (status, body) in answers.items()
    }
    with opened(browser, "search.html", answers=routes, allowed_faults="Failed to load resource") as page:
        page.evaluate(
            """() => { document.querySelector('main').insertAdjacentHTML('beforeend',
            `<form id=f hx-target="#f"><textarea id=t name=t aria-label=t></textarea>
            <button id=own hx-post="/own" hx-target="#f" hx-select="#f > *">a</button>
            <button id=proxy hx-post="/proxy" hx-target="#f" hx-select="#f > *">b</button></form>`);
            htmx.process(document.querySelector('main')); }"""
        )
        page.fill("#t", "Москва")
        page.click("#own")
        page.wait_for_selector("#toasts [data-toast-text]:text-is('Страница устарела.')")
        page.click("#proxy")
        page.wait_for_selector("#toasts [data-toast-text]:has-text('Сервер не отвечает')")
        assert page.input_value("#t") == "Москва"


def test_what_moves_by_itself_says_so(browser: Browser) -> None:
    """SEC-19: what an event makes htmx ask for is nothing its reader did; a press of his is."""
    asked: list[str | None] = []

    def answer(route: Route) -> None:
        asked.append(route.request.headers.get("x-by-itself"))
        fragment("<p>new</p>")(route)

    with opened(browser, "search.html", answers={"/board": answer}) as page:
        page.evaluate(
            """() => { document.querySelector('main').insertAdjacentHTML('beforeend',
            '<div id=board hx-get="/board" hx-trigger="live, click">old</div>');
            htmx.process(document.querySelector('main')); }"""
        )
        for event in ("live", "click"):
            with page.expect_response("**/board"):
                page.dispatch_event("#board", event)
            page.wait_for_selector("#board p")
    assert asked == ["1", None]


def test_the_bell_is_filled_when_it_is_opened(browser: Browser) -> None:
    answers = {"/core/notifications": fragment("<p id='fresh'>Новое</p>")}
    with opened(browser, "search.html", answers=answers) as page:
        page.click("[popovertarget=bell]")
        page.wait_for_selector("#bell #fresh")


def test_a_dialog_opens_instead_of_its_page_and_closes_with_escape(browser: Browser) -> None:
    with opened(browser, "parts.html") as page:
        page.click("[data-open=sure]")
        assert page.locator("#sure").is_visible()
        page.keyboard.press("Escape")
        assert not page.locator("#sure").is_visible()
        assert page.evaluate("document.activeElement.dataset.open") == "sure"


def test_a_dialog_that_asks_has_a_way_out_in_words(browser: Browser) -> None:
    with opened(browser, "parts.html") as page:
        page.click("[data-open=sure]")
        page.locator("#sure").get_by_role("button", name="Отмена").click()
        assert not page.locator("#sure").is_visible()
        assert page.evaluate("document.activeElement.dataset.open") == "sure"


def test_a_board_card_moves_by_its_menu_without_dragging() -> None:
    """WCAG 2.5.7."""
    assert 'aria-label="Переместить в…"' in rendered("parts.html")
