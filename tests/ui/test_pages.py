"""Every screen as people see it: axe finds nothing, nothing scrolls sideways, every word is of the reader's language.

The workplaces, a list, a form and a card in both languages, both themes and three sizes; all other screens in two
of these. What pages look like does not depend on the database, so one is enough.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

import pyotp
import pytest

from core.access.demo import PASSWORD
from tests.ui.pages import WIDTHS
from tests.ui.screens_of import LEFT_OUT, WORKPLACES, Shown, screens
from tests.ui.showroom import Showroom
from tests.ui.viewing import Theme, Viewer

pytestmark = [pytest.mark.slow, pytest.mark.addons("contacts", "sales", "service", "delivery")]
DESKTOP, TABLET, PHONE = WIDTHS
TWO_LOOKS = pytest.mark.parametrize(
    ("language", "theme", "size"),
    [("ru", "light", DESKTOP), ("en", "dark", PHONE)],
    ids=["ru-light-1440", "en-dark-390"],
)


def test_what_is_left_out_is_there(showroom: Showroom) -> None:
    endpoints = showroom.app.router.routes
    assert [each for each in LEFT_OUT if not any(fnmatchcase(endpoint, each) for endpoint in endpoints)] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_workplaces_are_right_in_every_look(
    viewer: Viewer, showroom: Showroom, language: str, theme: Theme
) -> None:
    viewer.choose(language, theme)
    found = [each for each in screens(showroom.app) if each.name in WORKPLACES]
    assert len(found) == len(WORKPLACES)
    problems = [problem for each in found for problem in viewer.look(each, *WIDTHS)]
    assert problems == [], "\n".join(problems)


@TWO_LOOKS
def test_every_other_screen_is_right(
    viewer: Viewer, showroom: Showroom, language: str, theme: Theme, size: tuple[int, int]
) -> None:
    viewer.choose(language, theme)
    found = [each for each in screens(showroom.app) if each.name not in WORKPLACES]
    problems = [problem for each in found for problem in viewer.look(each, size)]
    assert problems == [], "\n".join(problems)


@TWO_LOOKS
def test_the_pages_of_the_second_factor_are_right(
    viewer: Viewer, language: str, theme: Theme, size: tuple[int, int]
) -> None:
    """They answer a form, so no address leads to them: the secret, the recovery codes, the keys with a factor."""
    viewer.choose(language, theme)
    login = {"ru": "sokolova", "en": "orlov"}[language]
    page = viewer.open(login, "/profile/security")
    page.locator("#begin-current_password").fill(PASSWORD)
    page.locator("#begin-current_password").press("Enter")
    code = page.locator("#code")
    code.wait_for()
    problems = viewer.found(page, Shown("the secret", "", login), size)
    code.fill(pyotp.TOTP(page.locator("[name=secret]").input_value()).now())
    code.press("Enter")
    page.locator(".own-codes").wait_for()
    problems += viewer.found(page, Shown("the recovery codes", "", login), size)
    problems += viewer.look(Shown("the keys", "/profile/security", login), size)
    assert problems == [], "\n".join(problems)


@TWO_LOOKS
def test_the_page_of_a_new_token_is_right(viewer: Viewer, language: str, theme: Theme, size: tuple[int, int]) -> None:
    viewer.choose(language, theme)
    page = viewer.open("admin", "/profile/security")
    page.locator("#token-name").fill(f"Site {language}")
    page.locator("#token-current_password").fill(PASSWORD)
    page.locator("#token-current_password").press("Enter")
    page.locator("code.own-uri").wait_for()
    problems = viewer.found(page, Shown("a token", "", "admin"), size)
    assert problems == [], "\n".join(problems)
