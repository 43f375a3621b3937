"""When a job is due, and which declarations are refused."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs.schedule import Daily, JobError, checked
from tests.jobs.depot import MOSCOW, job

BERLIN = ZoneInfo("Europe/Berlin")
MOMENTS = st.integers(1_600_000_000, 2_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def nothing(_session: object) -> None: ...


def test_an_interval_counts_from_the_beginning_of_the_run() -> None:
    began = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)

    assert job(nothing, every=timedelta(seconds=5)).next_after(began, MOSCOW) == began + timedelta(seconds=5)


def test_a_nightly_job_runs_at_the_dealerships_time() -> None:
    nightly = job(nothing, every=Daily(time(3, 15)))

    due = nightly.next_after(datetime(2026, 3, 10, 9, 0, tzinfo=UTC), MOSCOW)

    assert due == datetime(2026, 3, 11, 0, 15, tzinfo=UTC)


@given(moment=MOMENTS, at=st.times(), zone=st.sampled_from([MOSCOW, BERLIN, ZoneInfo("Asia/Kamchatka")]))
def test_a_daily_job_is_due_once_a_day_also_when_clocks_change(moment: datetime, at: time, zone: ZoneInfo) -> None:
    """SEC-55: the next turn is later, within 25 hours, and where that time exists it is shown by the local clock."""
    due = job(nothing, every=Daily(at)).next_after(moment, zone)

    assert moment < due <= moment + timedelta(hours=26)
    local = due.astimezone(zone)
    assert local.time() == at or local.utcoffset() != (due - timedelta(hours=3)).astimezone(zone).utcoffset()


@pytest.mark.parametrize(
    ("name", "every", "problem"),
    [
        ("sales.x", timedelta(minutes=1), "must begin with «core.»"),
        ("core." + "x" * 80, timedelta(minutes=1), "more than 80"),
        ("core.x", timedelta(0), "once a second"),
    ],
)
def test_a_wrong_declaration_is_refused(name: str, every: timedelta, problem: str) -> None:
    with pytest.raises(JobError, match=problem):
        checked("core", [job(nothing, name, every)])


def test_a_name_is_taken_once() -> None:
    with pytest.raises(JobError, match="declared twice"):
        checked("core", [job(nothing), job(nothing)])
