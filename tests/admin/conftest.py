"""The dealership with its pages of administration, asked for as browsers without scripts do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from core.web.app import Application
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

Visit = Callable[[str], Visitor]


@pytest.fixture
def app(dealership: Dealership) -> Iterator[Application]:
    """The application of the dealership."""
    app = Application(dealership.config)
    yield app
    app.close()


@pytest.fixture
def visit(app: Application) -> Visit:
    """Signs somebody in."""
    return lambda login: Visitor(app, login)
