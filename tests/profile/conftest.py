"""The application with a clock the test sets, lenient or strict about the second factor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import pytest

from core.testing.clock import SetClock
from core.web.app import Application
from tests.support.dealership import Dealership


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def app(dealership: Dealership, clock: SetClock) -> Iterator[Application]:
    """Nobody needs a second factor."""
    app = Application(dealership.config, clock=clock)
    yield app
    app.close()


@pytest.fixture
def strict_app(dealership: Dealership, clock: SetClock) -> Iterator[Application]:
    """Administrators need a second factor, as on a real instance."""
    app = Application(msgspec.structs.replace(dealership.config, require_second_factor=True), clock=clock)
    yield app
    app.close()
