"""The dealership of the tests with somebody to search for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.web.app import Application
from tests.support.dealership import Dealership


@pytest.fixture
def app(dealership: Dealership, addon_set: tuple[str, ...]) -> Iterator[Application]:
    """The application, with a few clients and documents where there are clients at all."""
    if "contacts" in addon_set:
        from tests.search import office

        with dealership.session() as session:
            office.fill(session)
    app = Application(dealership.config)
    yield app
    app.close()
