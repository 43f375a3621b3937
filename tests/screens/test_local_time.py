"""Moments and days of the browser's own fields (X-05, SEC-30)."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from core.web.local_time import clock_skips, local_day, local_moment, moment_input

OMSK = ZoneInfo("Asia/Omsk")
HELSINKI = ZoneInfo("Europe/Helsinki")


def test_a_moment_is_of_the_persons_clock() -> None:
    moment = datetime(2026, 11, 20, 8, 7, tzinfo=UTC)
    assert local_moment("2026-11-20T14:07", OMSK) == moment
    assert moment_input(moment, OMSK) == "2026-11-20T14:07"


def test_a_day_begins_and_ends_by_the_persons_clock() -> None:
    assert local_day("2026-11-20", time.min, OMSK) == datetime(2026, 11, 19, 18, tzinfo=UTC)
    assert local_day("2026-11-20", time.max, OMSK) == datetime(2026, 11, 20, 17, 59, 59, 999999, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-02-30", "9999-99-99T99:99", "0001-01-01", "0001-01-01T00:00"])
def test_what_is_none_is_nothing(text: str) -> None:
    assert local_moment(text, OMSK) is None
    assert local_day(text, time.min, OMSK) is None


def test_a_time_the_clock_skips_is_no_moment() -> None:
    """On 28 March 2027 the clocks of Helsinki go from 03:00 to 04:00."""
    assert local_moment("2027-03-28T02:59", HELSINKI) == datetime(2027, 3, 28, 0, 59, tzinfo=UTC)
    assert local_moment("2027-03-28T03:30", HELSINKI) is None
    assert local_moment("2027-03-28T04:00", HELSINKI) == datetime(2027, 3, 28, 1, tzinfo=UTC)
    assert clock_skips("2027-03-28T03:30", HELSINKI)
    assert not clock_skips("2027-03-28T04:00", HELSINKI)
    assert not clock_skips("tomorrow", HELSINKI)
    assert not clock_skips("0001-01-01T00:00", HELSINKI)
