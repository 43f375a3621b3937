"""The dealership whose screens are looked at: made once, served once, in one browser for each of its people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support.dealership import Server, start_server
from tests.ui.looking import Words, words
from tests.ui.showroom import Showroom, open_showroom
from tests.ui.viewing import Viewer

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def showroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Showroom]:
    yield from open_showroom(tmp_path_factory.mktemp("showroom"))


@pytest.fixture(scope="session")
def served(showroom: Showroom) -> Iterator[Server]:
    running = start_server(showroom.config, FORECOURT_DEMO="true")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def both_languages(showroom: Showroom) -> Words:
    return words(showroom.catalogues(), showroom.column("contacts_model", "name"))


@pytest.fixture(scope="session")
def viewer(browser: Browser, served: Server, showroom: Showroom, axe: str, both_languages: Words) -> Iterator[Viewer]:
    viewer = Viewer(browser, served, showroom, axe, both_languages)
    yield viewer
    viewer.close()
