"""Moments and days of the browser's own fields (X-05, SEC-30)."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from core.web.local_time import local_day, local_moment, moment_input

OMSK = ZoneInfo("Asia/Omsk")


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
