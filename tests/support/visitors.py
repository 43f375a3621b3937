"""People who ask the application without a browser: signed in, forms with their tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from core.testing import visitors
from core.web.app import Application
from tests.support.dealership import Dealership


class Visitor(visitors.Visitor):
    """Somebody of the dealership, or a stranger without a login."""

    def __init__(self, app: Application, login: str = "") -> None:
        super().__init__(app)
        self.login = login
        if login:
            self.enter(login)


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
