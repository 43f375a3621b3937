"""Moments and days as the browser's own fields send and show them: by the clock of the person's place (X-05)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def local_moment(text: str, zone: ZoneInfo) -> datetime | None:
    """The moment that was typed, in UTC; nothing for what is none, as the hour is that a clock put forward skips."""
    try:
        typed = datetime.fromisoformat(text).replace(tzinfo=None)
        moment = typed.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if _shown(moment, zone) == typed else None


def clock_skips(text: str, zone: ZoneInfo) -> bool:
    """Whether a text is a time that the clock never shows, because it is put forward that night."""
    try:
        typed = datetime.fromisoformat(text).replace(tzinfo=None)
        return _shown(typed.replace(tzinfo=zone).astimezone(UTC), zone) != typed
    except (ValueError, OverflowError):
        return False


def _shown(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def local_day(text: str, clock: time, zone: ZoneInfo) -> datetime | None:
    """The moment of a time on the day that was typed, in UTC; nothing for what is none."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - the zone is put to it below
        return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def calendar_day(text: str) -> date | None:
    """The day that an address asks to see; nothing for what is none, or lies outside 2000 to 2099."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date(2000, 1, 1) <= day < date(2100, 1, 1) else None


def moment_input(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as the browser's own field wants it."""
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
