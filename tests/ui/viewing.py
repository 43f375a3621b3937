"""Somebody who looks at the screens of a dealership in real browsers, as each of its people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sqlalchemy import select

from core.access.demo import PASSWORD
from core.access.models import User
from core.access.policy import system
from tests.support.dealership import Server
from tests.ui.looking import Words, prepare, settle, violations, wider
from tests.ui.screens_of import Shown
from tests.ui.showroom import Showroom

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

Theme = Literal["light", "dark"]


class Viewer:
    """Opens screens in the browsers of their people, in a language and a theme, and tells what is wrong with them."""

    def __init__(self, browser: Browser, server: Server, showroom: Showroom, axe: str, words: Words) -> None:
        self.browser, self.server, self.showroom, self.axe, self.words = browser, server, showroom, axe, words
        self.language = "ru"
        self.theme: Theme = "light"
        self.pages: dict[str, Page] = {}
        self.contexts: list[BrowserContext] = []

    def choose(self, language: str, theme: Theme) -> None:
        """Give everybody a language and a theme; of those who are not signed in, the browser says it."""
        self.language, self.theme = language, theme
        with self.showroom.app.database.writing(system("test")) as session:
            for user in session.scalars(select(User)):
                user.language, user.theme = language, theme
        for page in self.pages.values():
            self._tell(page)

    def page(self, login: str) -> Page:
        """The page of somebody who has signed in, or of a visitor."""
        if login not in self.pages:
            context = self.browser.new_context(reduced_motion="reduce")
            self.contexts.append(context)
            page = context.new_page()
            prepare(page, self.axe)
            self.pages[login] = page
            self._tell(page)
            if login:
                self._sign_in(page, login)
        return self.pages[login]

    def _tell(self, page: Page) -> None:
        page.context.add_cookies([{"name": "language", "value": self.language, "url": self.server.address}])
        page.emulate_media(color_scheme=self.theme, reduced_motion="reduce")

    def _sign_in(self, page: Page, login: str) -> None:
        page.goto(f"{self.server.address}/signin")
        page.locator("[name=login]").fill(login)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[name=password]").press("Enter")
        page.wait_for_url(lambda url: "/signin" not in url)

    def open(self, login: str, path: str) -> Page:
        """A page as somebody sees it, with everything it asks for."""
        page = self.page(login)
        page.goto(f"{self.server.address}{path}", wait_until="domcontentloaded")
        settle(page)
        return page

    def look(self, shown: Shown, *sizes: tuple[int, int]) -> list[str]:
        """What is wrong with a screen, in each size."""
        page = self.page(shown.login)
        answer = page.goto(f"{self.server.address}{shown.path}", wait_until="domcontentloaded")
        if answer is None or answer.status != shown.status:
            return [f"{shown.name}: {shown.path} answers {answer and answer.status}"]
        return self.found(page, shown, *sizes)

    def found(self, page: Page, shown: Shown, *sizes: tuple[int, int]) -> list[str]:
        """What is wrong with the page that is open."""
        settle(page)
        language = shown.language or self.language
        problems = [f"{shown.name} {language}: {each}" for each in self.words.wrong(page, language)]
        for width, height in sizes:
            if page.viewport_size != {"width": width, "height": height}:
                page.set_viewport_size({"width": width, "height": height})
            wrong = [*wider(page), *violations(page)]
            problems += [f"{shown.name} {language} {self.theme} {width}: {each}" for each in wrong]
        return problems

    def close(self) -> None:
        """Close the browsers."""
        for context in self.contexts:
            context.close()


__all__ = ["Theme", "Viewer"]
