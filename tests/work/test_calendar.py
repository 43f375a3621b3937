"""Working hours: weeks, exceptions, holidays and clock changes (X-05, X-06, SEC-55)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.access.models import Branch
from core.errors import NotFound
from core.work.calendar import Calendar, add_working_time, calendar_of, is_open, next_opening
from core.work.office_models import CalendarException, DepartmentCalendar, WorkingHours
from tests.work.office import DESK, SAMARA, WORKSHOP, Office

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")
WEEKDAYS = dict.fromkeys(range(5), ((9 * 60, 13 * 60), (14 * 60, 18 * 60)))
ROUND_THE_CLOCK = dict.fromkeys(range(7), ((0, 24 * 60),))


def at(text: str, zone: ZoneInfo = MOSCOW) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        pytest.param("2026-03-10T10:00", "2026-03-10T10:00", id="open"),
        pytest.param("2026-03-10T08:59", "2026-03-10T09:00", id="before opening"),
        pytest.param("2026-03-10T09:00", "2026-03-10T09:00", id="at opening"),
        pytest.param("2026-03-10T13:00", "2026-03-10T14:00", id="lunch begins at its minute"),
        pytest.param("2026-03-10T18:00", "2026-03-11T09:00", id="closed at closing"),
        pytest.param("2026-03-13T23:00", "2026-03-16T09:00", id="Friday night"),
    ],
)
def test_next_opening(moment: str, opening: str) -> None:
    calendar = Calendar(MOSCOW, WEEKDAYS)
    found = calendar.next_opening(at(moment))
    assert found == at(opening)
    assert found is not None
    assert found.tzinfo is UTC
    assert calendar.is_open(at(moment)) == (moment == opening)


def test_moved_days_off_and_moved_working_days_of_the_russian_calendar() -> None:
    calendar = Calendar(MOSCOW, WEEKDAYS, country="RU")
    assert calendar.hours(date(2025, 11, 1)) == WEEKDAYS[4], "a Saturday worked instead of a Monday"
    assert calendar.hours(date(2025, 11, 3)) == ()
    assert calendar.hours(date(2025, 11, 8)) == ()
    assert calendar.next_opening(at("2025-12-30T18:00")) == at("2026-01-12T09:00")
    assert Calendar(MOSCOW, WEEKDAYS).hours(date(2025, 11, 3)) == WEEKDAYS[0], "who works on holidays"


def test_an_exception_stands_over_holiday_and_weekday() -> None:
    shortened = ((10 * 60, 12 * 60),)
    calendar = Calendar(MOSCOW, WEEKDAYS, {date(2026, 1, 2): shortened, date(2026, 3, 10): ()}, "RU")
    assert calendar.next_opening(at("2026-01-01T12:00")) == at("2026-01-02T10:00")
    assert calendar.next_opening(at("2026-03-10T10:00")) == at("2026-03-11T09:00")


def test_a_night_shift_reaches_into_the_next_day() -> None:
    calendar = Calendar(MOSCOW, {4: ((20 * 60, 26 * 60),)})
    assert calendar.is_open(at("2026-03-14T01:59"))
    assert not calendar.is_open(at("2026-03-14T02:00"))


def test_without_a_week_a_department_is_always_open_and_with_an_empty_year_never() -> None:
    moment = at("2026-03-14T03:00")
    assert Calendar(MOSCOW).next_opening(moment) == moment
    assert Calendar(MOSCOW).add_working_time(moment, timedelta(hours=2)) == moment + timedelta(hours=2)
    closed = Calendar(MOSCOW, {0: ()})
    assert closed.next_opening(moment) is None
    assert closed.add_working_time(moment, timedelta(hours=1)) is None


def test_working_time_skips_lunch_nights_and_weekends() -> None:
    calendar = Calendar(MOSCOW, WEEKDAYS)
    assert calendar.add_working_time(at("2026-03-13T12:00"), timedelta(hours=2)) == at("2026-03-13T15:00")
    assert calendar.add_working_time(at("2026-03-13T17:00"), timedelta(hours=2)) == at("2026-03-16T10:00")
    assert calendar.add_working_time(at("2026-03-14T12:00"), timedelta(hours=8)) == at("2026-03-16T18:00")


def test_the_opening_stays_at_nine_when_the_clock_changes() -> None:
    """SEC-55: nine o'clock local is another UTC hour after the change."""
    calendar = Calendar(BERLIN, dict.fromkeys(range(7), ((9 * 60, 18 * 60),)))
    assert calendar.next_opening(at("2026-03-28T20:00", BERLIN)) == datetime(2026, 3, 29, 7, tzinfo=UTC)
    assert calendar.next_opening(at("2026-03-27T20:00", BERLIN)) == datetime(2026, 3, 28, 8, tzinfo=UTC)


def test_a_day_of_23_or_25_hours_has_as_much_working_time() -> None:
    calendar = Calendar(BERLIN, ROUND_THE_CLOCK)
    spring, autumn = at("2026-03-29T00:00", BERLIN), at("2026-10-25T00:00", BERLIN)
    assert calendar.add_working_time(spring, timedelta(hours=23)) == at("2026-03-30T00:00", BERLIN)
    assert calendar.add_working_time(autumn, timedelta(hours=25)) == at("2026-10-26T00:00", BERLIN)


def test_hours_within_the_skipped_and_the_repeated_hour() -> None:
    skipped = Calendar(BERLIN, {6: ((90, 150),)})  # 01:30-02:30, and 02:00 is 03:00
    assert skipped.is_open(datetime(2026, 3, 29, 0, 45, tzinfo=UTC))
    repeated = Calendar(BERLIN, {6: ((150, 150 + 15),)})  # 02:30-02:45, which the clock shows twice
    assert repeated.is_open(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    assert repeated.is_open(datetime(2026, 10, 25, 1, 44, tzinfo=UTC))
    assert not repeated.is_open(datetime(2026, 10, 25, 1, 45, tzinfo=UTC))


minutes = st.integers(0, 24 * 60)
stretches = st.lists(st.tuples(minutes, st.integers(1, 600)).map(lambda s: (s[0], s[0] + s[1])), max_size=3)
weeks = st.dictionaries(st.integers(0, 6), stretches.map(lambda found: tuple(sorted(found))), max_size=7)
moments = st.integers(0, 2 * 366 * 1440).map(
    lambda passed: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=passed)
)
zones = st.sampled_from([MOSCOW, BERLIN, ZoneInfo("America/St_Johns"), ZoneInfo("Australia/Lord_Howe")])


@given(week=weeks, moment=moments, zone=zones)
def test_the_next_opening_is_open_and_nothing_before_it_is(
    week: dict[int, tuple[tuple[int, int], ...]], moment: datetime, zone: ZoneInfo
) -> None:
    calendar = Calendar(zone, week, country="RU")
    opening = calendar.next_opening(moment)
    if opening is None:
        assert not any(week.values())
        return
    assert opening >= moment
    assert calendar.is_open(opening)
    for part in (0.0, 0.3, 0.9):
        earlier = moment + (opening - moment) * part
        assert earlier == opening or not calendar.is_open(earlier)


@given(week=weeks, moment=moments, zone=zones, hours=st.lists(st.integers(1, 20), min_size=2, max_size=2))
def test_working_time_adds_up(
    week: dict[int, tuple[tuple[int, int], ...]], moment: datetime, zone: ZoneInfo, hours: Iterable[int]
) -> None:
    calendar = Calendar(zone, week)
    first, second = (timedelta(hours=number) for number in hours)
    half = calendar.add_working_time(moment, first)
    whole = calendar.add_working_time(moment, first + second)
    if half is not None and whole is not None:
        assert calendar.add_working_time(half, second) == whole


def _fill(office: Office) -> None:
    with office.by_system() as session:
        session.add_all(
            WorkingHours(department_id=WORKSHOP, weekday=day, opens=opens, closes=closes)
            for day, hours in WEEKDAYS.items()
            for opens, closes in reversed(hours)
        )
        session.add(DepartmentCalendar(department_id=WORKSHOP, rests_on_holidays=True))
        session.add(CalendarException(department_id=WORKSHOP, day=date(2026, 3, 11), reason="инвентаризация"))
        session.add(CalendarException(department_id=WORKSHOP, day=date(2026, 3, 14), opens=600, closes=720))


def test_the_rules_of_a_department_come_from_the_database_in_its_branchs_zone(office: Office) -> None:
    """X-05, X-06: Samara is an hour ahead of Moscow."""
    _fill(office)
    samara = ZoneInfo("Europe/Samara")
    with office.database.reading(office.access(1)) as session:
        assert calendar_of(session, WORKSHOP).week == WEEKDAYS
        assert is_open(session, WORKSHOP, at("2026-03-10T09:00", samara))
        assert not is_open(session, WORKSHOP, at("2026-03-10T08:59", samara))
        assert next_opening(session, WORKSHOP, at("2026-03-10T18:00", samara)) == at("2026-03-12T09:00", samara)
        assert next_opening(session, WORKSHOP, at("2026-03-13T18:00", samara)) == at("2026-03-14T10:00", samara)
        assert next_opening(session, WORKSHOP, at("2026-01-01T10:00", samara)) == at("2026-01-12T09:00", samara)
        assert is_open(session, DESK, at("2026-03-10T03:00"))
        done = add_working_time(session, WORKSHOP, at("2026-03-10T17:00", samara), timedelta(hours=2))
        assert done == at("2026-03-12T10:00", samara)
        with pytest.raises(NotFound):
            is_open(session, 99, at("2026-03-10T09:00"))


def test_another_zone_of_the_branch_moves_openings_not_stored_moments(office: Office) -> None:
    """X-05."""
    _fill(office)
    with office.by_system() as session:
        session.get_one(Branch, SAMARA).time_zone = "Asia/Vladivostok"
        stored = session.get_one(Branch, SAMARA).created_at
    with office.by_system() as session:
        assert is_open(session, WORKSHOP, at("2026-03-10T09:00", ZoneInfo("Asia/Vladivostok")))
        assert session.get_one(Branch, SAMARA).created_at == stored
