"""Moments and days as the browser's own fields send and show them: by the clock of the person's place (X-05)."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo


def local_moment(text: str, zone: ZoneInfo) -> datetime | None:
    """The moment that was typed, in UTC; nothing for what is none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def local_day(text: str, clock: time, zone: ZoneInfo) -> datetime | None:
    """The moment of a time on the day that was typed, in UTC; nothing for what is none."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - the zone is put to it below
        return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def moment_input(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as the browser's own field wants it."""
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
