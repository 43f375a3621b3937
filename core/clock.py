"""Where the time comes from; tests pass their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Tells the present moment; tests give one that stands still."""


def utcnow() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
