"""Branches, departments and their working hours (X-05, X-06, S3-10)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from core.access.models import Branch, Department
from core.access.policy import Scope
from core.errors import Forbidden, Invalid
from core.work import working_hours
from core.work.calendar import calendar_of
from core.work.office_models import CalendarException, WorkingHours
from tests.support.dealership import Dealership
from tests.support.visitors import Visit


@pytest.fixture
def department(dealership: Dealership) -> int:
    """A department in a branch of its own, in Yekaterinburg."""
    with dealership.session() as session:
        branch = Branch(title_ru="Урал", title_en="Urals", time_zone="Asia/Yekaterinburg")
        session.add(branch)
        session.flush()
        found = Department(branch_id=branch.id, title_ru="Кузовной цех", title_en="Body shop")
        session.add(found)
        session.flush()
        return found.id


WEEK = {"opens-0-0": "09:00", "closes-0-0": "13:00", "opens-0-1": "14:00", "closes-0-1": "18:00", "country": "RU"}


def test_a_week_with_a_break_and_a_night_shift(visit: Visit, dealership: Dealership, department: int) -> None:
    """X-06: what is typed is what the calendar says, in the branch's zone (X-05)."""
    night = {"opens-4-0": "22:00", "closes-4-0": "06:00"}
    admin, page = visit("admin"), f"/admin/departments/{department}/hours"
    assert admin.post(page, {**WEEK, **night, "rests": "1"}).location == f"{page}?saved=1"
    with dealership.session() as session:
        calendar = calendar_of(session, department)
    assert calendar.week == {0: ((540, 780), (840, 1080)), 4: ((1320, 1800),)}
    assert calendar.country == "RU"
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    assert calendar.is_open(monday + timedelta(hours=4))  # 9:00 in Yekaterinburg
    assert not calendar.is_open(monday + timedelta(hours=8, minutes=30))
    shown = admin.get(f"/admin/departments/{department}").text
    assert "09:00–13:00, 14:00–18:00" in shown
    assert "22:00–06:00" in shown


def test_a_week_somebody_else_has_changed_is_not_overwritten(
    visit: Visit, dealership: Dealership, department: int
) -> None:
    """SEC-49."""
    admin, page = visit("admin"), f"/admin/departments/{department}/hours"
    found = re.search(r'name="was" value="([^"]+)"', admin.get(page).text)
    assert found is not None
    assert admin.post(page, {**WEEK, "was": found[1]}).status_code == 303
    assert admin.post(page, {**WEEK, "rests": "1", "was": found[1]}).status_code == 409
    with dealership.session() as session:
        assert working_hours.holidays_of(session, department) == (False, "RU")


def test_saving_the_same_week_changes_no_row(visit: Visit, dealership: Dealership, department: int) -> None:
    admin, page = visit("admin"), f"/admin/departments/{department}/hours"
    admin.post(page, WEEK)
    with dealership.session() as session:
        before = session.scalars(select(WorkingHours.id).order_by(WorkingHours.id)).all()
    admin.post(page, WEEK)
    with dealership.session() as session:
        assert session.scalars(select(WorkingHours.id).order_by(WorkingHours.id)).all() == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"closes-0-0": ""},
        {"opens-0-0": "25:00"},
        {"opens-0-0": "<script>"},
        {"closes-0-0": "15:00"},
        {"country": "XX"},
    ],
)
def test_a_wrong_week_is_told_and_nothing_is_stored(
    visit: Visit, dealership: Dealership, department: int, wrong: dict[str, str]
) -> None:
    """SEC-30."""
    refused = visit("admin").post(f"/admin/departments/{department}/hours", {**WEEK, **wrong})
    assert refused.status_code == 422
    assert 'value="09:00"' in refused.text or "opens-0-0" in wrong
    with dealership.session() as session:
        assert session.scalars(select(WorkingHours.id)).all() == []


def test_special_days(visit: Visit, dealership: Dealership, department: int) -> None:
    admin, page = visit("admin"), f"/admin/departments/{department}/hours"
    day = (datetime.now(UTC).date() + timedelta(days=20)).isoformat()
    assert (
        admin.post(
            f"{page}/days", {"day": day, "opens": "10:00", "closes": "15:00", "reason": "Инвентаризация"}
        ).status_code
        == 303
    )
    assert "Инвентаризация" in admin.get(page).text
    assert admin.post(f"{page}/days", {"day": day, "opens": "14:00", "closes": "16:00"}).status_code == 422
    assert admin.post(f"{page}/days", {"day": day}).status_code == 422
    assert admin.post(f"{page}/days", {"day": "31.02.2026"}).status_code == 422
    with dealership.session() as session:
        number = session.scalars(select(CalendarException.id)).one()
    assert admin.post(f"/admin/departments/1000000/hours/days/{number}/remove").status_code == 404
    assert admin.post(f"{page}/days/{number}/remove").status_code == 303
    assert "Инвентаризация" not in admin.get(page).text


def test_the_right_reaches_as_far_as_it_says(dealership: Dealership, department: int) -> None:
    """SEC-2: a supervisor of another branch may not decide about these hours."""
    with dealership.session() as session:
        branch_id = session.scalars(select(Department.branch_id).where(Department.id == department)).one()
        from core.access.policy import Access

        there = Access(user_id=1, grants={"core.calendar.change": Scope.BRANCH}, branch_ids=frozenset({branch_id}))
        elsewhere = Access(
            user_id=1, grants={"core.calendar.change": Scope.BRANCH}, branch_ids=frozenset({branch_id + 1})
        )
        session.access = elsewhere
        with pytest.raises(Forbidden):
            working_hours.set_week(session, department, {0: [(540, 1080)]})
        session.access = there
        working_hours.set_week(session, department, {0: [(540, 1080)]})
        with pytest.raises(Invalid):
            working_hours.set_week(session, department, {6: [(1320, 1440 + 600)], 0: [(540, 1080)]})


def test_staff_reads_the_hours_and_changes_nothing(visit: Visit, department: int) -> None:
    """SEC-1."""
    staff, page = visit("lebedeva"), f"/admin/departments/{department}/hours"
    assert staff.get(page).status_code == 200
    assert staff.post(page, WEEK).status_code == 403
    assert staff.post(f"{page}/days", {"day": "2027-01-01"}).status_code == 403


def test_a_department_stays_in_its_branch_and_out_of_itself(
    visit: Visit, dealership: Dealership, department: int
) -> None:
    admin = visit("admin")
    with dealership.session() as session:
        branch_id = session.scalars(select(Department.branch_id).where(Department.id == department)).one()
        other = Branch(title_ru="Волга", title_en="Volga")
        session.add(other)
        session.flush()
        other_id = other.id
    fields = {
        "branch_id": str(branch_id),
        "title_ru": "Малярка",
        "title_en": "Paint shop",
        "kind": "paint",
        "active": "y",
    }
    made = admin.post("/admin/departments/new", {**fields, "parent_id": str(department)})
    assert made.status_code == 303
    foreign = admin.post("/admin/departments/new", {**fields, "branch_id": str(other_id), "parent_id": str(department)})
    assert foreign.status_code == 422
    child = int((made.location or "").rpartition("/")[2])
    with dealership.session() as session:
        version = session.scalars(select(Department.version).where(Department.id == department)).one()
    circle = {**fields, "title_ru": "Кузовной цех", "parent_id": str(child), "version": str(version)}
    assert admin.post(f"/admin/departments/{department}/edit", circle).status_code == 422
    assert admin.post(f"/admin/departments/{department}/delete").status_code in (404, 405)


def test_a_branch_has_a_zone_that_exists(visit: Visit, dealership: Dealership) -> None:
    """X-05."""
    admin = visit("admin")
    fields = {"title_ru": "Восток", "title_en": "East", "active": "y"}
    assert admin.post("/admin/branches/new", {**fields, "time_zone": "Mars/Olympus"}).status_code == 422
    assert admin.post("/admin/branches/new", {**fields, "time_zone": "Asia/Vladivostok"}).status_code == 303
    with dealership.session() as session:
        assert session.scalars(select(Branch.time_zone).where(Branch.title_ru == "Восток")).one() == "Asia/Vladivostok"


def test_the_day_of_an_exception_counts(dealership: Dealership, department: int) -> None:
    with dealership.session() as session:
        working_hours.set_week(session, department, {day: [(540, 1080)] for day in range(7)})
        working_hours.add_exception(session, department, date(2026, 12, 31), None, "Новый год")
        calendar = calendar_of(session, department)
    assert calendar.hours(date(2026, 12, 31)) == ()
    assert calendar.hours(date(2026, 12, 30)) == ((540, 1080),)
