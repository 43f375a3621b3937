"""The gallery in a real browser: pages and static files are answered in place, with the headers of the application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request as WsgiRequest

from core.web.errors import CSP
from tests.ui.contract import assets, rendered

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

ORIGIN = "http://gallery.localhost"
WIDTHS = ((1440, 900), (1024, 768), (390, 844))
Answers = dict[str, Callable[["Route"], None]]


@contextmanager
def opened(
    browser: Browser,
    template: str,
    *,
    size: tuple[int, int] = (1440, 900),
    theme: str = "light",
    language: str = "ru",
    system: Literal["light", "dark"] = "light",
    answers: Answers | None = None,
    scripts: bool = True,
    allowed_faults: str = "",
) -> Iterator[Page]:
    """A page of the gallery; leaving the block fails if the browser reported an error or a broken policy.

    ``answers`` maps a path, or a method and a path, to what the server says; anything else gets 204.
    """
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=system,
        reduced_motion="reduce",
        java_script_enabled=scripts,
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    body = rendered(template, theme=theme, language=language)
    page.route("**/*", lambda route: _answer(route, body, answers or {}))
    try:
        page.goto(f"{ORIGIN}/")
        yield page
    finally:
        context.close()
    faults = [fault for fault in faults if not allowed_faults or allowed_faults not in fault]
    assert faults == [], faults


def _answer(route: Route, body: str, answers: Answers) -> None:
    path = urlsplit(route.request.url).path
    answer = answers.get(f"{route.request.method} {path}") or answers.get(path)
    if answer is not None:
        answer(route)
    elif path == "/":
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": CSP}
        route.fulfill(body=body, headers=headers)
    elif path.startswith("/static/"):
        request = WsgiRequest(EnvironBuilder(path).get_environ())
        response = assets().serve(request)
        route.fulfill(status=response.status_code, body=response.get_data(), headers=dict(response.headers))
    else:
        route.fulfill(status=204)


def fragment(text: str) -> Callable[[Route], None]:
    """An answer with a piece of HTML."""
    return lambda route: route.fulfill(body=text, headers={"Content-Type": "text/html; charset=utf-8"})
