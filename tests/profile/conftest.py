"""The application with a clock the test sets, lenient or strict about the second factor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from core.web.app import Application
from tests.support.dealership import Dealership


@dataclass
class Clock:
    """A clock that goes when told."""

    moment: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def __call__(self) -> datetime:
        return self.moment

    def go(self, **passed: float) -> None:
        self.moment += timedelta(**passed)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(dealership: Dealership, clock: Clock) -> Iterator[Application]:
    """Nobody needs a second factor."""
    app = Application(dealership.config, clock=clock)
    yield app
    app.close()


@pytest.fixture
def strict_app(dealership: Dealership, clock: Clock) -> Iterator[Application]:
    """Administrators need a second factor, as on a real instance."""
    app = Application(msgspec.structs.replace(dealership.config, require_second_factor=True), clock=clock)
    yield app
    app.close()
