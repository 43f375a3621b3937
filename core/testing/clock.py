"""Time that passes only when a test says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
"""A Tuesday, noon in Moscow."""


class SetClock:
    """A clock the test sets."""

    def __init__(self, moment: datetime = NOON) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def go(self, **passed: float) -> datetime:
        """So much time passes, as in ``go(minutes=10)``."""
        self.moment += timedelta(**passed)
        return self.moment
