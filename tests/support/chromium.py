"""A real browser for the tests: the system's Chromium, driven by Playwright, unable to leave this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.system import need

if TYPE_CHECKING:
    from playwright.sync_api import Browser

AXE = Path(__file__).resolve().parents[2] / "assets" / "test" / "vendor" / "axe.min.js"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


def _find() -> Path | None:
    return next((Path(found) for name in _NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of the run; a test opens its own context in it."""
    from playwright.sync_api import sync_playwright

    program = need(_find, "chromium", "the browser tests")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, the accessibility checker, to be run in a page."""
    if not AXE.is_file():
        raise FileNotFoundError("axe-core is not fetched: run `make test-assets`")
    return AXE.read_text(encoding="utf-8")


def last(items: list[pytest.Item]) -> None:
    """Mark the tests with a browser and put them at the end: Playwright's event loop stays in the thread."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
