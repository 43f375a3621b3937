"""The gallery as people see it: three widths, both themes, both languages, no scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

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


def test_on_a_tablet_the_side_column_hides_behind_its_button(browser: Browser) -> None:
    with opened(browser, "reception.html", size=(1024, 768)) as page:
        assert not page.locator(".rcp-side").is_visible()
        page.click("[popovertarget=side]")
        assert page.locator(".rcp-side").is_visible()
