"""The gallery as people see it: three widths, both themes, both languages, no scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
from playwright.sync_api import expect

from tests.ui.contract import PAGES
from tests.ui.pages import WIDTHS, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN_AXE = """async (rules) => {
  const found = await axe.run(document, { runOnly: rules });
  return found.violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}"""


def violations(page: Page, axe: str) -> list[str]:
    """What axe-core finds on the page."""
    page.evaluate(axe)
    return list(page.evaluate(RUN_AXE, RULES))


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("template", PAGES)
def test_a_page_is_accessible_and_fits_every_width(browser: Browser, axe: str, template: str, theme: str) -> None:
    """WCAG 2.2 AA; the page's own content policy is on, and breaking it fails the test (SEC-26)."""
    for size in WIDTHS:
        with opened(browser, template, size=size, theme=theme) as page:
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
            assert violations(page, axe) == []


@pytest.mark.slow
@pytest.mark.parametrize("template", ["journal.html", "signin.html"])
def test_english_fits_a_phone(browser: Browser, axe: str, template: str) -> None:
    with opened(browser, template, size=(390, 844), language="en") as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert violations(page, axe) == []


@pytest.mark.parametrize(("system", "background"), [("dark", "rgb(12, 17, 25)"), ("light", "rgb(243, 245, 248)")])
def test_the_theme_follows_the_system_without_a_script(
    browser: Browser, system: Literal["light", "dark"], background: str
) -> None:
    """So there is no flash of the other theme before scripts run."""
    with opened(browser, "journal.html", theme="auto", system=system, scripts=False) as page:
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == background


def test_a_pinned_theme_wins_over_the_system(browser: Browser) -> None:
    with opened(browser, "journal.html", theme="light", system="dark") as page:
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(243, 245, 248)"
        assert page.evaluate("document.documentElement.dataset.bsTheme") == "light"


def test_bootstraps_own_parts_turn_dark_with_the_system(browser: Browser) -> None:
    with opened(browser, "journal.html", theme="auto", system="dark") as page:
        assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
        page.emulate_media(color_scheme="light")
        page.wait_for_function("() => document.documentElement.dataset.bsTheme === 'light'")


@pytest.mark.parametrize("width", [768, 1024, 1199])
def test_on_a_tablet_the_side_column_stands_below_and_looks_in(browser: Browser, width: int) -> None:
    """Its head is seen at once, and all of it can be scrolled to."""
    with opened(browser, "reception.html", size=(width, 768)) as page:
        expect(page.locator(".rcp-side h2").first).to_be_in_viewport()
        last = page.locator(".rcp-side .rowl").last
        last.scroll_into_view_if_needed()
        expect(last).to_be_in_viewport()


LONG = "Т" * 200
SAY = """([selector, text]) => { for (const each of document.querySelectorAll(selector)) each.textContent = text; }"""


@pytest.mark.parametrize("size", WIDTHS, ids=lambda size: str(size[0]))
def test_a_word_without_an_end_breaks_no_page(browser: Browser, size: tuple[int, int]) -> None:
    """What was typed stays in its box, and the search beside a long title can still be read and pressed."""
    outside = """(selector) => [...document.querySelectorAll(selector)].filter(
      (each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX === "visible").map((each) => each.outerHTML.slice(0, 300))"""
    with opened(browser, "contact.html", size=size) as page:
        for selector in ("h1", ".rowl .grow a", ".tl b", ".tl .tiny", ".notice .grow", ".who .clamp", "p"):
            page.evaluate(SAY, [selector, LONG])
        page.evaluate(
            """(text) => document.querySelector(".fc-main .card-b").insertAdjacentHTML("beforeend",
              `<div class="rowl"><div class="grow"><a href="#x">${text}</a></div></div>`)""",
            LONG,
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert page.evaluate(outside, ".fc-main .card-fc") == []
        search, beside = page.locator(".fc-search"), page.locator(".fc-search + .fc-icon-btn")
        assert page.evaluate("document.querySelector('.fc-search').scrollWidth") <= search.bounding_box()["width"]
        if beside.is_visible():
            assert search.bounding_box()["width"] >= 150


@pytest.mark.parametrize("size", WIDTHS, ids=lambda size: str(size[0]))
def test_a_pop_up_covers_no_button_of_a_list(browser: Browser, size: tuple[int, int]) -> None:
    covered = """() => {
      const box = document.getElementById("toasts").getBoundingClientRect();
      const under = (each) => {
        const own = each.getBoundingClientRect();
        return own.width && own.right > box.left && own.left < box.right && own.bottom > box.top && own.top < box.bottom;
      };
      return [...document.querySelectorAll(".lst-foot .btn, .bulk .btn")].filter(under).map((each) => each.outerHTML);
    }"""
    note = '<article class="toastfc" data-note="1"><div class="in"><div class="grow"><div class="strong clamp">{0}</div><div class="clamp">{0}</div><div class="acts"><button class="btn btn-sm btn-fc">x</button></div></div></div></article>'
    with opened(browser, "journal.html", size=size) as page:
        if size[0] > 767:  # rows are not selected on a phone
            page.locator("[data-select]").first.check()
        page.evaluate(
            "(html) => { document.getElementById('toasts').innerHTML = html; }", note.format("Звонок от клиента " * 20)
        )
        assert page.evaluate(covered) == []


def test_the_menu_of_the_person_opens_under_its_button_whatever_stands_over_the_bar(browser: Browser) -> None:
    with opened(browser, "journal.html") as page:
        page.evaluate("document.querySelector('#offline').hidden = false")
        page.locator(".fc-me").click()
        button, sheet = page.locator(".fc-me").bounding_box(), page.locator("#me").bounding_box()
        assert button is not None
        assert sheet is not None
        assert sheet["y"] >= button["y"] + button["height"]
