"""Every number of the rules, as settings with the defaults of the product documents (S4-81)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core import Read, Setting, T, WorkSession, kept, settings

_GROUP = T("Delivery")


def _number(name: str, default: int, title: str, help_: str = "", *, least: int = 1, most: int = 100) -> Setting[int]:
    return Setting(f"delivery.{name}", int, default, title, _GROUP, help_, minimum=least, maximum=most, per_branch=True)


CALL_BACK_DAYS = _number("call_back_days", 2, T("«Call back»: the task is due in so many days"), most=60)
CALLS = _number("no_answer_calls", 3, T("«No answer»: calls needed within the window"), most=20)
WINDOW = _number("no_answer_window", 300, T("«No answer»: the window of these calls, minutes"), most=1440)
SPREAD = _number(
    "no_answer_spread",
    0,
    T("«No answer»: the calls are spread over at least so many minutes"),
    T("0: it does not matter how close together they are."),
    least=0,
    most=1440,
)
DAYS = _number("no_answer_days", 2, T("«No answer» after agreements: days in a row"), most=14)
DAY_CALLS = _number("no_answer_day_calls", 3, T("«No answer» after agreements: calls on each day"), most=20)
GAP = _number("no_answer_gap", 60, T("«No answer» after agreements: minutes between these calls"), least=0, most=720)
SMALL_ORDER = _number(
    "small_order", 2000, T("«Not worthwhile»: an order is small below so many roubles"), most=1_000_000
)
SHORTEST = _number("shortest_window", 180, T("Shortest delivery interval, minutes"), least=15, most=720)

HOME_CITY = Setting(
    "delivery.home_city",
    str,
    "",
    T("Addresses: the city that is meant where none is named"),
    _GROUP,
    T("Empty: the operator is asked every time. What is filled in by this is marked as assumed."),
    maximum=100,
    per_branch=True,
)
HOME_REGION = Setting(
    "delivery.home_region",
    str,
    "",
    T("Addresses: the region of this city"),
    _GROUP,
    maximum=100,
    per_branch=True,
)

NUMBERS: tuple[Setting[int], ...] = (
    CALL_BACK_DAYS, CALLS, WINDOW, SPREAD, DAYS, DAY_CALLS, GAP, SMALL_ORDER, SHORTEST,
)  # fmt: skip
SETTINGS: tuple[Setting[Any], ...] = (*NUMBERS, HOME_CITY, HOME_REGION)


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers that hold for a branch; ``small_order`` is in kopecks."""

    call_back_days: int = CALL_BACK_DAYS.default
    calls: int = CALLS.default
    window: timedelta = timedelta(minutes=WINDOW.default)
    spread: timedelta = timedelta(minutes=SPREAD.default)
    days: int = DAYS.default
    day_calls: int = DAY_CALLS.default
    gap: timedelta = timedelta(minutes=GAP.default)
    small_order: int = SMALL_ORDER.default * 100
    shortest: int = SHORTEST.default


def limits_of(session: WorkSession, branch_id: int) -> Limits:
    """The numbers of a branch, in one query."""
    return limits_in(kept.read(session, limits_read(branch_id)))


def limits_read(branch_id: int) -> Read:
    """Reads the numbers of a branch, for whoever reads them with other things; see :func:`limits_in`."""
    return settings.values_read(NUMBERS, branch_id)


def limits_in(rows: Sequence[Any]) -> Limits:
    """The numbers that :func:`limits_read` has read."""
    found = settings.values_in(rows, NUMBERS)
    return Limits(
        call_back_days=found[CALL_BACK_DAYS.name],
        calls=found[CALLS.name],
        window=timedelta(minutes=found[WINDOW.name]),
        spread=timedelta(minutes=found[SPREAD.name]),
        days=found[DAYS.name],
        day_calls=found[DAY_CALLS.name],
        gap=timedelta(minutes=found[GAP.name]),
        small_order=found[SMALL_ORDER.name] * 100,
        shortest=found[SHORTEST.name],
    )
