"""What a list and a card look like on paper: what they say and nothing to press, black on white in the dark theme too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.ui.showroom import Showroom
from tests.ui.viewing import Viewer

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.slow, pytest.mark.addons("contacts", "sales", "service", "delivery")]

_DRAWN = """(selector) => [...document.querySelectorAll(selector)]
  .filter((element) => element.checkVisibility() && element.getClientRects().length)
  .map((element) => element.outerHTML.slice(0, 120))"""
_INK = """(selector) => {
  const look = getComputedStyle(document.querySelector(selector));
  return [look.color, getComputedStyle(document.body).backgroundColor];
}"""
CONTROLS = (
    "nav, header.fc-top, .fc-rail, .tabbar, button, .btn:not([href^='tel:']), input, select, textarea, kbd, .toasts *"
)
UPRIGHT, LYING = (703, 1032), (1032, 703)  # A4 between margins of 12 mm; lists lie on their side


@pytest.fixture
def printed(viewer: Viewer) -> Iterator[Viewer]:
    """Everybody sees dark pages in Russian; paper is looked at."""
    viewer.choose("ru", "dark")
    yield viewer
    viewer.page("admin").emulate_media(media="screen")


def on_paper(viewer: Viewer, path: str, sheet: tuple[int, int] = LYING) -> Page:
    page = viewer.open("admin", path)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": sheet[0], "height": sheet[1]})
    return page


@pytest.mark.parametrize(
    ("path", "sheet"),
    [
        ("/traffic", LYING),
        ("/clients?q=ivanov", LYING),
        ("/sales", LYING),
        ("/clients/1", UPRIGHT),
        ("/contact/1100", UPRIGHT),
        ("/sales/150", UPRIGHT),
    ],
)
def test_paper_has_what_the_page_says_and_nothing_to_press(printed: Viewer, path: str, sheet: tuple[int, int]) -> None:
    page = on_paper(printed, path, sheet)
    assert page.evaluate(_DRAWN, CONTROLS) == []
    assert page.evaluate(_INK, ".print-head .strong") == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert page.evaluate("document.documentElement.scrollWidth") <= sheet[0]


def test_a_list_is_whole_on_paper_and_its_rows_stay_together(printed: Viewer) -> None:
    page = on_paper(printed, "/traffic")
    assert page.evaluate("document.querySelector('.tw').scrollHeight <= document.querySelector('.tw').clientHeight")
    assert page.evaluate("getComputedStyle(document.querySelector('.grid thead')).display") == "table-header-group"
    assert page.evaluate("getComputedStyle(document.querySelector('.grid tbody tr')).breakInside") == "avoid"
    assert page.evaluate("getComputedStyle(document.querySelector('.grid tbody td')).display") == "table-cell"


def test_the_filter_of_a_list_stands_over_it(printed: Viewer) -> None:
    page = on_paper(printed, "/traffic?channel=phone")
    assert len(page.evaluate(_DRAWN, ".ftag")) == 1


_PRINTED = "window.print = () => { window.wasPrinted = true; dispatchEvent(new Event('beforeprint')); }"  # it asks for a printer


def test_all_rows_of_a_list_are_printed_at_once(printed: Viewer) -> None:
    """On a page of their own, which prints itself and has every row and its head."""
    page = printed.open("admin", "/traffic")
    page.set_viewport_size({"width": 1440, "height": 900})
    rows = page.locator("[data-row]").count()
    page.context.add_init_script(_PRINTED)
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Печать всех строк").click()
    paper = opened.value
    paper.wait_for_function("() => window.wasPrinted")
    assert paper.locator("[data-row]").count() > rows
    paper.emulate_media(media="print")
    assert paper.evaluate(_DRAWN, CONTROLS) == []
    assert paper.evaluate(_DRAWN, ".print-only") == []
    paper.close()
    page.emulate_media(media="print")
    assert len(page.evaluate(_DRAWN, ".print-only")) == 1


@pytest.mark.parametrize("path", ["/traffic?period=2001-01-01..2001-01-02", "/clients/1", "/contact/1100"])
def test_there_is_a_button_for_it_and_the_paper_says_what_it_is_and_when(printed: Viewer, path: str) -> None:
    page = printed.open("admin", path)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.evaluate(_PRINTED)
    page.get_by_role("button", name="Печать").click()
    assert page.evaluate("window.wasPrinted")
    page.emulate_media(media="print")
    head = page.locator(".print-head")
    assert head.locator(".strong").inner_text() == page.title().removesuffix(" — Forecourt")
    assert re.search(r"20\d\d", head.inner_text())


def test_the_paper_fits_its_sheets(printed: Viewer, showroom: Showroom) -> None:
    """Chromium makes a PDF of a list: on its side, on as many sheets as its rows need."""
    page = on_paper(printed, "/traffic")
    paper = page.pdf(prefer_css_page_size=True)
    assert paper.startswith(b"%PDF")
    sheets = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", paper)
    assert len(sheets) > 1
    assert all(float(width) > float(height) for width, height in sheets)
