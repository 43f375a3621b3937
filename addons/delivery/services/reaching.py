"""Whether a client could not be reached, by the calls that he did not answer (S4-23…26, C-11).

Durations are those that really passed, days those of the dealership's clocks: a night on which the clocks are changed makes
no difference to the first and moves the second with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import combinations

from addons.delivery.services.facts import Facts

SAME_CALL = timedelta(minutes=1)
"""A call noted by hand and by the telephone exchange is one call."""


def distinct(calls: Iterable[datetime]) -> list[datetime]:
    """The calls in their order, each once, however many have noted it."""
    found: list[datetime] = []
    for at in sorted(calls):
        if not found or at - found[-1] >= SAME_CALL:
            found.append(at)
    return found


def by_day(facts: Facts) -> dict[date, list[datetime]]:
    """The calls without an answer of each day of the dealership."""
    found: dict[date, list[datetime]] = {}
    for at in facts.unanswered:
        found.setdefault(facts.day_of(at), []).append(at)
    return found


def most_within(calls: Sequence[datetime], window: timedelta, spread: timedelta, needed: int) -> int:
    """The most calls inside one window; as many as are needed count only if they are spread so far."""
    best = min(len(calls), 1)
    for first, last in combinations(range(len(calls)), 2):
        lasted, number = calls[last] - calls[first], last - first + 1
        if lasted <= window and (number < needed or lasted >= spread):
            best = max(best, number)
    return best


def apart(calls: Sequence[datetime], gap: timedelta) -> int:
    """How many of the calls can be counted with at least the gap between each and the next."""
    counted: list[datetime] = []
    for at in calls:
        if not counted or at - counted[-1] >= gap:
            counted.append(at)
    return len(counted)


def days_before(last: date, number: int) -> list[date]:
    """So many calendar days in a row that end with this one, the first one first (C-15)."""
    return [last - timedelta(days=back) for back in reversed(range(number))]
