"""Document numbers: no gap, no double, whoever else takes one at the same time."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from core.testing.clock import NOON
from core.work.numbers import Series, next_number
from tests.work.office import ANNA, MOSCOW, SAMARA, Office

SHEETS = Series("worktest.sheet", "РЛ-%(number)06d")
YEARLY = Series("worktest.order", "%(year)d/%(number)d", per_branch=True, per_year=True)


def test_numbers_follow_each_other_and_a_rollback_gives_its_number_back(office: Office) -> None:
    with office.by(ANNA) as session:
        assert [next_number(session, SHEETS) for _ in range(2)] == ["РЛ-000001", "РЛ-000002"]
    with office.database.session(office.access(ANNA), write=True) as session:
        assert next_number(session, SHEETS) == "РЛ-000003"
        session.rollback()
    with office.by(ANNA) as session:
        assert next_number(session, SHEETS) == "РЛ-000003"


def test_each_branch_and_year_counts_for_itself(office: Office) -> None:
    office.clock.moment = NOON.replace(month=12, day=31, hour=20, minute=59)
    with office.by(ANNA) as session:
        assert next_number(session, YEARLY, MOSCOW) == "2026/1"
        assert next_number(session, YEARLY, SAMARA) == "2027/1", "an hour before Moscow, whoever asks"
        assert next_number(session, YEARLY, MOSCOW) == "2026/2"
    office.clock.go(minutes=1)
    with office.by(ANNA) as session:
        assert next_number(session, YEARLY, MOSCOW) == "2027/1", "midnight in Moscow, not in London"
        with pytest.raises(ValueError):
            next_number(session, YEARLY)


def test_a_series_of_all_branches_has_one_year(office: Office) -> None:
    """People of two zones at midnight: that of the first branch counts."""
    series = Series("worktest.letter", "%(year)d/%(number)d", per_year=True)
    office.clock.moment = NOON.replace(month=12, day=31, hour=20, minute=30)
    for zone in ("Europe/Samara", "Europe/Moscow", "Asia/Vladivostok"):
        access = replace(office.access(ANNA), time_zone=zone)
        with office.database.writing(access) as session:
            assert next_number(session, series).startswith("2026/")


def test_many_at_once_get_numbers_without_gap_or_double(office: Office) -> None:
    taken: list[str] = []

    def take() -> None:
        for _ in range(5):
            with office.by(ANNA) as session:
                taken.append(next_number(session, SHEETS))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [f"РЛ-{number:06d}" for number in range(1, 21)]
