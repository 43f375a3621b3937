"""Who is there counts for what is free: shifts, absences, and nights in which clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from addons.service.models import Absence, Bay, Shift
from addons.service.services import bookings, slots
from addons.service.services.bookings import Time
from addons.service.services.roster import made_of, worked
from core.access.models import Branch
from core.db.engine import WorkSession
from core.errors import Confirmation, Invalid
from core.work.office_models import DepartmentCalendar, WorkingHours
from tests.service.conftest import bays, book, tomorrow, workshop
from tests.support.dealership import Dealership

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def round_the_clock(session: WorkSession, zone: str = "Europe/Moscow") -> None:
    """A workshop that is always open, in one zone."""
    department = workshop(session)
    session.get_one(Branch, department.branch_id).time_zone = zone
    rules = (
        *session.scalars(_of(WorkingHours, department.id)),
        *session.scalars(_of(DepartmentCalendar, department.id)),
    )
    for rule in rules:
        session.delete(rule)
    session.flush()


def _of(model: Any, department_id: int) -> Any:
    return select(model).where(model.department_id == department_id)


def only_bay(session: WorkSession, mechanic_id: int) -> int:
    """One bay, of this mechanic; the others are not used."""
    [bay, *others] = [session.get_one(Bay, number) for number in bays(session)]
    bay.mechanic_id = mechanic_id
    for other in others:
        other.active = False
    session.flush()
    return bay.id


def free(session: WorkSession, around: datetime, **more: Any) -> list[datetime]:
    windows = slots.nearest(session, workshop(session).id, HOUR, around, **more)
    return [window.starts_at for window in windows]


def test_only_windows_in_which_the_mechanic_has_a_shift_are_proposed(dealership: Dealership) -> None:
    mechanic = dealership.people["petukhov"]
    with dealership.session() as session:
        round_the_clock(session)
        only_bay(session, mechanic)
        assert free(session, tomorrow(6))[0] == tomorrow(6)
        session.add(Shift(user_id=mechanic, starts_at=tomorrow(9), ends_at=tomorrow(10, 15)))
        assert free(session, tomorrow(6)) == [tomorrow(9), tomorrow(9, 15)]


def test_shifts_that_follow_each_other_are_one(dealership: Dealership) -> None:
    mechanic = dealership.people["petukhov"]
    with dealership.session() as session:
        round_the_clock(session)
        only_bay(session, mechanic)
        for hour in (9, 10):
            session.add(Shift(user_id=mechanic, starts_at=tomorrow(hour), ends_at=tomorrow(hour + 1)))
        assert free(session, tomorrow(6)) == [tomorrow(9), tomorrow(9, 15), tomorrow(9, 30)]


def test_windows_are_proposed_that_a_client_can_choose_between(dealership: Dealership) -> None:
    """The soonest, one two hours later, and if those are of one day, one of another by the clock of the workshop."""
    with dealership.session() as session:
        round_the_clock(session)
        only_bay(session, dealership.people["petukhov"])
        midnight = tomorrow(21)
        assert free(session, tomorrow(9, 5)) == [tomorrow(9, 15), tomorrow(11, 15), midnight]
        late = tomorrow(20)
        assert free(session, late) == [late, late + 2 * HOUR, late + 4 * HOUR]


def test_what_is_taken_between_does_not_make_windows_stand_closer(dealership: Dealership) -> None:
    mechanic = dealership.people["petukhov"]
    with dealership.session() as session:
        round_the_clock(session)
        bay = only_bay(session, mechanic)
    book(dealership, starts_at=tomorrow(10), minutes=180, bay_id=bay, adviser_id=None)
    with dealership.session() as session:
        assert free(session, tomorrow(9)) == [tomorrow(9), tomorrow(13), tomorrow(21)]


def test_nothing_is_proposed_while_the_mechanic_is_absent(dealership: Dealership) -> None:
    mechanic = dealership.people["petukhov"]
    with dealership.session() as session:
        round_the_clock(session)
        only_bay(session, mechanic)
        first = tomorrow().date()
        session.add(Absence(user_id=mechanic, first_day=first, last_day=first + DAY))
        back = datetime.combine(first + 2 * DAY, datetime.min.time(), tzinfo=ZoneInfo("Europe/Moscow"))
        assert free(session, tomorrow(6))[0] == back.astimezone(UTC)


def test_a_mechanic_with_another_car_is_not_free(dealership: Dealership) -> None:
    mechanic = dealership.people["petukhov"]
    with dealership.session() as session:
        round_the_clock(session)
        [bay, *others] = bays(session)
    book(dealership, starts_at=tomorrow(9), minutes=60, bay_id=others[0], mechanic_id=mechanic, adviser_id=None)
    with dealership.session() as session:
        only_bay(session, mechanic)
        assert free(session, tomorrow(9), bay_ids=(bay,))[0] == tomorrow(10)


def test_a_window_lets_the_adviser_receive_the_car(dealership: Dealership) -> None:
    adviser = dealership.people["volkov"]
    with dealership.session() as session:
        round_the_clock(session)
        [bay, *_] = bays(session)
    book(dealership, starts_at=tomorrow(9), minutes=60, bay_id=bay, adviser_id=adviser)
    with dealership.session() as session:
        assert free(session, tomorrow(9))[0] == tomorrow(9)
        assert free(session, tomorrow(9), adviser_id=adviser)[0] == tomorrow(9, 15)


def test_a_time_without_its_mechanic_is_asked_about(dealership: Dealership) -> None:
    mechanic = dealership.people["petukhov"]
    with dealership.session() as session:
        round_the_clock(session)
        bay = only_bay(session, mechanic)
        session.add(Absence(user_id=mechanic, first_day=tomorrow().date(), last_day=tomorrow().date()))
    number = book(dealership, adviser_id=None)
    time = Time(tomorrow(9), bay, 60, mechanic)
    with dealership.session() as session, pytest.raises(Confirmation) as asked:
        bookings.reschedule(session, number, time)
    assert [doubt.reasons for doubt in asked.value.doubts] == [("The mechanic is away then",)]
    with dealership.session() as session:
        booking = bookings.reschedule(session, number, time, asked.value.keys.split())
        assert booking.starts_at == tomorrow(9)


@pytest.mark.parametrize(
    ("night", "quarters"), [(date(2027, 3, 28), 92), (date(2027, 10, 31), 100)], ids=["23 hours", "25 hours"]
)
def test_an_absent_day_has_as_many_quarters_as_its_clock(night: date, quarters: int) -> None:
    begins = datetime.combine(night, datetime.min.time(), tzinfo=BERLIN).astimezone(UTC)
    roster = made_of(BERLIN, [], [(1, night, night)])
    times = [begins + number * slots.QUARTER for number in range(-4, 110)]
    away = [at for at in times if not roster.is_there(1, at, at + slots.QUARTER)]
    assert (away[0], len(away)) == (begins, quarters)


def test_in_a_night_that_has_an_hour_twice_work_lasts_as_long_as_it_takes(dealership: Dealership) -> None:
    """The night of 31 October 2027 in Berlin: 02:00 to 03:00 comes twice, and a shift of one night is ten hours."""
    mechanic = dealership.people["petukhov"]
    begins, ends = (datetime(2027, 10, 30, 22, tzinfo=BERLIN), datetime(2027, 10, 31, 7, tzinfo=BERLIN))
    with dealership.session() as session:
        round_the_clock(session, "Europe/Berlin")
        only_bay(session, mechanic)
        session.add(Shift(user_id=mechanic, starts_at=begins.astimezone(UTC), ends_at=ends.astimezone(UTC)))
        found = slots.nearest(session, workshop(session).id, 10 * HOUR, begins)
        assert found[0].starts_at == begins.astimezone(UTC)
        assert (found[0].ends_at, ends - begins) == (ends.astimezone(UTC), 9 * HOUR)
        longer = slots.nearest(session, workshop(session).id, 10 * HOUR + slots.QUARTER, begins)
        assert all(window.starts_at > ends for window in longer)


def test_who_leaves_shifts_unwritten_works_the_hours_of_the_department(dealership: Dealership) -> None:
    mechanic = dealership.people["petukhov"]
    with dealership.session() as session:
        long_ago = tomorrow() - timedelta(weeks=9)
        session.add(Shift(user_id=mechanic, starts_at=long_ago, ends_at=long_ago + HOUR))
        round_the_clock(session)
        only_bay(session, mechanic)
        assert free(session, tomorrow(6))[0] == tomorrow(6)
        assert session.scalars(select(Shift.id)).all()


def test_what_lasts_for_days_needs_nobody_at_night() -> None:
    noon = datetime(2027, 5, 4, 12, tzinfo=UTC)
    openings = [(noon - 3 * HOUR, noon + 3 * HOUR), (noon + 21 * HOUR, noon + 27 * HOUR)]
    assert list(worked(openings, noon, noon + DAY)) == [(noon, noon + 3 * HOUR), (noon + 21 * HOUR, noon + DAY)]


def test_work_longer_than_a_day_is_kept_as_it_was_proposed(dealership: Dealership) -> None:
    """Twelve hours of a workshop that is open from 9 to 18 by the clock of Moscow: until noon on the next day."""
    with dealership.session() as session:
        round_the_clock(session)
        department = workshop(session).id
        bay = only_bay(session, dealership.people["petukhov"])
        session.add_all(
            WorkingHours(department_id=department, weekday=weekday, opens=9 * 60, closes=18 * 60)
            for weekday in range(7)
        )
    number = book(dealership, adviser_id=None)
    starts = tomorrow(6)
    with dealership.session() as session:
        [window, *_] = slots.nearest(session, department, 12 * HOUR, starts)
        assert (window.starts_at, window.ends_at) == (starts, starts + DAY + 3 * HOUR)
        booking = bookings.reschedule(session, number, Time(starts, bay, 12 * 60))
        assert (booking.ends_at, booking.minutes) == (window.ends_at, 12 * 60)
    with pytest.raises(slots.Taken):
        book(dealership, starts_at=starts + DAY + 2 * HOUR, bay_id=bay, adviser_id=None)
    with dealership.session() as session, pytest.raises(Invalid) as refused:
        bookings.reschedule(session, number, Time(starts, bay, bookings.LONGEST))
    assert list(refused.value.errors) == ["minutes"]
