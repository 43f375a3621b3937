"""The files and the browser of the tests together: what pages fetch, and that nothing leaves the machine."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from core.web.assets import PATH, Assets
from tests.support.addons import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


class Quiet(WSGIRequestHandler):
    """A server that writes no log."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the name is Werkzeug's
        return


@pytest.fixture
def site() -> Iterator[str]:
    """The address of one page with the product's styles, font and an icon of the sprite."""
    assets = Assets({"": ROOT / "core" / "web" / "static"}, sources=[ROOT / "core"])
    sheets = ("vendor/bootstrap.min.css", "forecourt.css")
    links = "".join(f'<link rel="stylesheet" href="{assets.url(name)}">' for name in sheets)
    page = (
        '<!doctype html><html lang="en"><head><title>Cars</title><link rel="icon" href="data:,">'
        f"{links}</head><body><main><h1>Автомобили, cars</h1>{assets.icon('bell', 'i-22')}</main></body></html>"
    )

    @Request.application
    def app(request: Request) -> Response:
        if request.path.startswith(PATH):
            return assets.serve(request)
        return Response(page, content_type="text/html; charset=utf-8")

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_styles_reach_the_fonts_and_pages_the_sprite(page: Page, site: str) -> None:
    seen = {}
    page.on("response", lambda answer: seen.update({answer.url.rpartition("/")[2]: answer}))

    page.goto(site, wait_until="networkidle")

    for name in ("forecourt.css", "inter-cyrillic.woff2", "inter-latin.woff2", "icons.svg"):
        assert seen[name].status == 200
        assert "immutable" in seen[name].headers["cache-control"]


def test_a_page_can_be_checked_for_accessibility(page: Page, site: str, axe: str) -> None:
    page.goto(site)
    page.evaluate(axe)

    assert page.evaluate("axe.run().then(found => found.violations.map(rule => rule.id))") == []
    page.set_content("<img src='data:,'>")
    page.evaluate(axe)
    assert "image-alt" in page.evaluate("axe.run().then(found => found.violations.map(rule => rule.id))")


@pytest.mark.parametrize("address", ["http://forecourt.example/", "https://192.0.2.1/"])
def test_the_browser_cannot_leave_the_machine(page: Page, address: str) -> None:
    from playwright.sync_api import Error

    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto(address, timeout=5000)
