"""«Время доставки»: an interval in any spelling (S4-62…64)."""

from __future__ import annotations

import re
from typing import NamedTuple

from core import T

DAY = 24 * 60
UNREADABLE = T("Write the interval like “10 to 13” or 10:00–13:00.")
NO_SUCH_TIME = T("There is no such time of day: hours go from 0 to 24, minutes from 0 to 59.")
BACKWARDS = T("The interval ends before it begins.")

_TIME = r"(\d{1,2})(?:\s*[:.]\s*(\d{2}))?(?:\s*(?:ч|час|часа|часов|h)\b\.?)?"
_SPELLING = re.compile(
    rf"\s*(?:(?:с|со|from)\s+)?{_TIME}\s*(?:до|по|to|till|until|[-‐-―−])\s*{_TIME}\s*", re.IGNORECASE
)


class BadWindow(ValueError):
    """Text that is no interval of a day; its argument is the msgid of why."""


class Window(NamedTuple):
    """From and to in minutes of the local day; the end is never before the beginning, and may be midnight (1440)."""

    start: int
    end: int

    @property
    def minutes(self) -> int:
        """How long it is."""
        return self.end - self.start

    def __str__(self) -> str:
        return f"{_clock(self.start)}–{_clock(self.end)}"


def parse_window(text: str) -> Window:
    """Read an interval: «с 10 до 13», ``10-13``, ``10:00–13:00``.

    :raises BadWindow: for what is no interval, an hour that does not exist, or an end that is not after the beginning.
    """
    found = _SPELLING.fullmatch(text)
    if found is None:
        raise BadWindow(UNREADABLE)
    hour, minute, last_hour, last_minute = (int(part or 0) for part in found.groups())
    window = Window(_minutes(hour, minute), _minutes(last_hour, last_minute))
    if window.minutes <= 0:
        raise BadWindow(BACKWARDS)
    return window


def length(text: str) -> int:
    """How many minutes a stored interval lasts; none where there is no interval."""
    return parse_window(text).minutes if text else 0


def _minutes(hour: int, minute: int) -> int:
    found = hour * 60 + minute
    if minute > 59 or found > DAY:
        raise BadWindow(NO_SUCH_TIME)
    return found


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
