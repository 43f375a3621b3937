"""The planner: what it shows to whom, and where it puts a booking (S0-35..37)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from addons.service.models import Absence, Bay, Booking, Employee, Shift
from addons.service.services import placing, planner
from addons.service.services.planner import Scope
from core.access.models import Branch, Department, Role, User, UserRole
from core.db.kept import gather
from core.errors import Conflict
from core.testing.statements import Statements
from core.web.app import Application
from core.work.office_models import WorkingHours
from tests.service.conftest import bays, book, clock_change, tomorrow, workshop
from tests.service.test_roster import round_the_clock
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HELSINKI = ZoneInfo("Europe/Helsinki")
MOST_STATEMENTS = 8


def day() -> str:
    return tomorrow().date().isoformat()


def first_bays(dealership: Dealership) -> list[int]:
    with dealership.session() as session:
        round_the_clock(session)
        return bays(session)


def plan(dealership: Dealership, view: str = planner.BAYS) -> planner.Plan:
    with dealership.session() as session:
        scope = Scope(workshop(session).id, tomorrow().date(), view)
        departments = planner.workshops(session)
        return planner.plan_of(session, scope, departments, lambda wanted: gather(session, wanted))


def place(app: Application, number: int, login: str = "volkov", **fields: object) -> tuple[int, str]:
    values = {
        "version": "1",
        "starts_at": tomorrow(9).isoformat(),
        **{name: str(each) for name, each in fields.items()},
    }
    answer = Visitor(app, login).post(f"/service/planner/{number}/place", values, headers={"X-Fragment": "1"})
    return answer.status_code, answer.text


def version_of(dealership: Dealership, number: int) -> int:
    with dealership.session() as session:
        return session.get_one(Booking, number).version


def starts(dealership: Dealership, number: int) -> object:
    with dealership.session() as session:
        return session.get_one(Booking, number).starts_at


# --- what it shows ------------------------------------------------------------------------------


def test_a_booking_stands_in_its_bay_and_one_without_a_time_in_the_queue(
    dealership: Dealership, adviser: Visitor
) -> None:
    [bay, *_] = first_bays(dealership)
    placed = book(dealership, starts_at=tomorrow(9), minutes=90, bay_id=bay)
    waiting = book(dealership, customer_text="Орлова Татьяна")
    text = adviser.get(f"/service?day={day()}").text
    lane = re.search(rf'<tbody data-lane="{bay}">.*?</tbody>', text, re.DOTALL)
    assert lane is not None
    assert f'data-id="{placed}"' in lane[0]
    assert "12:00–13:30" in lane[0]
    assert f'data-queued="{waiting}"' in text
    assert "Орлова Татьяна" in text
    assert text.count("data-id=") == 1


def test_the_menu_leads_to_the_planner(adviser: Visitor) -> None:
    assert 'href="/service"' in adviser.get("/service").text


def test_the_week_begins_on_its_monday_and_shows_all_of_it(dealership: Dealership) -> None:
    first_bays(dealership)
    scope = plan(dealership, planner.WEEK).scope
    assert (scope.first.weekday(), scope.days) == (0, 7)


def test_load_is_the_taken_part_of_working_time(dealership: Dealership) -> None:
    [bay, *others] = first_bays(dealership)
    book(dealership, starts_at=tomorrow(6), minutes=6 * 60, bay_id=bay, adviser_id=None)
    found = plan(dealership)
    loads = {lane.id: lane.load for lane in found.lanes}
    assert loads == {bay: 25, **dict.fromkeys(others, 0)}
    assert found.load == round(25 / len(loads))


def test_what_goes_on_after_closing_is_overtime(dealership: Dealership) -> None:
    """Open from 9 to 18 by the clock of Moscow, which is 15:00 in UTC."""
    [bay, other, *_] = first_bays(dealership)
    with dealership.session() as session:
        department = workshop(session).id
        session.add_all(
            WorkingHours(department_id=department, weekday=weekday, opens=9 * 60, closes=18 * 60)
            for weekday in range(7)
        )
    book(dealership, starts_at=tomorrow(14), minutes=60, bay_id=bay, adviser_id=None)
    late = book(dealership, starts_at=tomorrow(14), minutes=90, bay_id=other, adviser_id=None)
    found = plan(dealership)
    assert [stay.id for stay in found.stays if stay.overtime] == [late]
    assert (found.overtime, found.opens, found.closes) == (1, 9, 19)


def test_masters_have_lanes_and_so_has_what_nobody_was_named_for(dealership: Dealership) -> None:
    mechanic = dealership.people["petukhov"]
    [bay, other, *_] = first_bays(dealership)
    with dealership.session() as session:
        session.get_one(Bay, bay).mechanic_id = mechanic
    named = book(dealership, starts_at=tomorrow(9), bay_id=bay, adviser_id=None)
    unnamed = book(dealership, starts_at=tomorrow(9), bay_id=other, adviser_id=None)
    found = plan(dealership, planner.MASTERS)
    assert {stay.id: found.lane_of(stay) for stay in found.stays} == {named: mechanic, unnamed: planner.NOBODY}
    assert [lane.id for lane in found.lanes] == [dealership.people["kravtsov"], mechanic, planner.NOBODY]


def test_of_what_a_person_may_not_read_he_sees_that_the_time_is_taken(dealership: Dealership, app: Application) -> None:
    [bay, *_] = first_bays(dealership)
    book(dealership, starts_at=tomorrow(9), bay_id=bay, customer_text="Тайный Клиент")
    book(dealership, customer_text="Тайный Ждущий")
    with dealership.session() as session:
        department = workshop(session).id
        session.get_one(Bay, bay).active = False
    assert "Тайный Клиент" in Visitor(app, "volkov").get(f"/service?day={day()}").text
    stranger = _planner_only(dealership, app)
    text = stranger.get(f"/service?day={day()}&department={department}").text
    assert "Тайный" not in text
    assert "Время занято" in text
    assert not any(mark in text for mark in ("data-id=", "data-queued=", 'data-look="bad"', "Пост не используется"))


def _planner_only(dealership: Dealership, app: Application) -> Visitor:
    """Somebody of another department who may look at the planner."""
    with dealership.session() as session:
        role = session.scalars(select(Role).where(Role.code == "mechanic")).one()
        session.add(UserRole(user_id=dealership.people["sokolova"], role_id=role.id))
    return Visitor(app, "sokolova")


def test_without_the_right_there_is_no_planner(app: Application) -> None:
    assert Visitor(app, "sokolova").get("/service").status_code == 403


def test_bays_say_their_branch_where_several_branches_have_some(dealership: Dealership, adviser: Visitor) -> None:
    """Each branch calls its bays «Пост 1», «Пост 2»."""
    [bay, *_] = first_bays(dealership)
    number = book(dealership, starts_at=tomorrow(9), bay_id=bay)
    with dealership.session() as session:
        title = session.get_one(Bay, bay).title
        branch = session.get_one(Branch, workshop(session).branch_id).title_ru
    pages = ("/service/bookings/new", "/service/bookings", f"/service/bookings/{number}", "/service/bookings?panel=1")
    assert [page for page in pages if f"{title} · {branch}" in adviser.get(page).text] == []
    with dealership.session() as session:
        south = Branch(title_ru="Южный", title_en="South")
        session.add(south)
        session.flush()
        there = Department(branch_id=south.id, title_ru="Сервис", title_en="Service", kind="workshop")
        session.add(there)
        session.flush()
        session.add(Bay(title=title, department_id=there.id))
    assert [page for page in pages if f"{title} · {branch}" not in adviser.get(page).text] == []
    assert f"{title} · Южный" in adviser.get("/service/bookings/new").text
    assert "Сервис · Южный</option>" in adviser.get("/service").text


def test_without_bays_the_page_says_what_to_do(dealership: Dealership, app: Application) -> None:
    with dealership.session() as session:
        for number in bays(session):
            session.get_one(Bay, number).active = False
    assert "/service/bays/new" in Visitor(app, "admin").get("/service").text


@pytest.mark.parametrize("query", ["day=tomorrow", "day=9999-12-31", "view=nothing", "department=999999", "day="])
def test_an_address_that_makes_no_sense_shows_today(adviser: Visitor, query: str) -> None:
    assert adviser.get(f"/service?{query}").status_code == 200


# --- what is not there any more -----------------------------------------------------------------


def test_a_booking_in_a_bay_out_of_use_is_told(dealership: Dealership, adviser: Visitor) -> None:
    [bay, *_] = first_bays(dealership)
    number = book(dealership, starts_at=tomorrow(9), bay_id=bay)
    with dealership.session() as session:
        session.get_one(Bay, bay).active = False
    assert [(stay.id, stay.trouble) for stay in plan(dealership).troubled] == [(number, "The bay is out of use")]
    text = adviser.get(f"/service?day={day()}").text
    assert "Этим записям нужно другое" not in text
    assert "Пост не используется" in text
    with dealership.session() as session:
        session.get_one(Booking, number).state = "checked_in"
    assert "Этим записям нужно другое" in adviser.get(f"/service?day={day()}").text


def test_a_booking_under_an_absence_is_told(dealership: Dealership) -> None:
    mechanic = dealership.people["petukhov"]
    [bay, *_] = first_bays(dealership)
    book(dealership, starts_at=tomorrow(9), bay_id=bay, mechanic_id=mechanic)
    assert plan(dealership).troubled == []
    with dealership.session() as session:
        session.add(Absence(user_id=mechanic, first_day=tomorrow().date(), last_day=tomorrow().date()))
    assert [stay.trouble for stay in plan(dealership).troubled] == ["The mechanic is away then"]


def test_what_has_lost_its_place_stands_in_the_queue_of_every_day_until_it_has_another(
    dealership: Dealership, adviser: Visitor
) -> None:
    mechanic = dealership.people["petukhov"]
    [bay, other, *_] = first_bays(dealership)
    in_bay = book(dealership, starts_at=tomorrow(9) + 3 * DAY, bay_id=bay, adviser_id=None)
    of_mechanic = book(
        dealership, starts_at=tomorrow(11) + 4 * DAY, bay_id=other, mechanic_id=mechanic, adviser_id=None
    )
    untouched = book(dealership, starts_at=tomorrow(15), bay_id=other, mechanic_id=mechanic, adviser_id=None)
    waiting = book(dealership)
    assert [each.id for each in plan(dealership).queue] == [waiting]
    with dealership.session() as session:
        session.get_one(Bay, bay).active = False
        away = (tomorrow() + 4 * DAY).date()
        session.add(Absence(user_id=mechanic, first_day=away, last_day=away))
    queue = plan(dealership).queue
    assert [(each.id, each.trouble) for each in queue] == [
        (in_bay, "The bay is out of use"),
        (of_mechanic, "The mechanic is away then"),
        (waiting, ""),
    ]
    assert "Пост не используется" in adviser.get("/service").text
    told = {number: adviser.get(f"/service/bookings/{number}").text for number in (in_bay, of_mechanic, untouched)}
    assert "Нужно другое время, пост или механик: пост не используется" in told[in_bay]
    assert "Нужно другое время, пост или механик" in told[of_mechanic]
    assert "Нужно другое время" not in told[untouched]
    with dealership.session() as session:
        found = session.get_one(Booking, in_bay)
        placing.place(session, in_bay, found.version, placing.Wish(tomorrow(9) + 3 * DAY, bay_id=other))
    assert [each.id for each in plan(dealership).queue] == [of_mechanic, waiting]


def test_a_mechanic_who_has_left_leaves_his_bookings_to_the_queue(dealership: Dealership) -> None:
    mechanic = dealership.people["petukhov"]
    [bay, *_] = first_bays(dealership)
    number = book(dealership, starts_at=tomorrow(9), bay_id=bay, mechanic_id=mechanic)
    with dealership.session() as session:
        session.get_one(User, mechanic).active = False
    assert [(each.id, each.trouble) for each in plan(dealership).queue] == [
        (number, "The mechanic does not work here any more")
    ]


def test_a_booking_under_a_shift_that_was_deleted_is_told(dealership: Dealership) -> None:
    mechanic = dealership.people["petukhov"]
    [bay, *_] = first_bays(dealership)
    with dealership.session() as session:
        shifts = [
            Shift(user_id=mechanic, starts_at=at, ends_at=at + 9 * HOUR)
            for at in (tomorrow(6), tomorrow(6) + 24 * HOUR)
        ]
        session.add_all(shifts)
        session.flush()
        deleted = shifts[0].id
    book(dealership, starts_at=tomorrow(9), bay_id=bay, mechanic_id=mechanic)
    assert plan(dealership).troubled == []
    with dealership.session() as session:
        session.delete(session.get_one(Shift, deleted))
    assert [stay.trouble for stay in plan(dealership).troubled] == ["The mechanic has no shift then"]
    assert [each.trouble for each in plan(dealership).queue] == ["The mechanic has no shift then"]


def test_who_was_taken_off_the_employees_keeps_his_row_while_a_car_of_his_is_planned(
    dealership: Dealership, adviser: Visitor
) -> None:
    mechanic = dealership.people["petukhov"]
    [bay, *_] = first_bays(dealership)
    book(dealership, starts_at=tomorrow(9), bay_id=bay, mechanic_id=mechanic)
    with dealership.session() as session:
        session.delete(session.scalars(select(Employee).where(Employee.user_id == mechanic)).one())
    found = plan(dealership, planner.MASTERS)
    assert [(lane.id, lane.gone) for lane in found.lanes if lane.id == mechanic] == [(mechanic, True)]
    assert [stay.trouble for stay in found.stays] == ["The mechanic does not work here any more"]
    assert adviser.get(f"/service?day={day()}&view=masters").status_code == 200


def test_a_bay_stays_in_its_department(dealership: Dealership, app: Application) -> None:
    [bay, *_] = first_bays(dealership)
    with dealership.session() as session:
        before = session.get_one(Bay, bay)
        other = session.scalars(select(Department.id).where(Department.id != before.department_id).limit(1)).one()
    sent = {"version": str(before.version), "title": "Яма", "kind": "lift", "department_id": str(other)}
    assert Visitor(app, "admin").post(f"/service/bays/{bay}/edit", sent).status_code == 303
    with dealership.session() as session:
        after = session.get_one(Bay, bay)
        assert (after.title, after.department_id) == ("Яма", before.department_id)


# --- putting a booking somewhere ----------------------------------------------------------------


def test_a_booking_is_put_where_it_is_dragged(dealership: Dealership, app: Application) -> None:
    [bay, other, *_] = first_bays(dealership)
    number = book(dealership)
    assert place(app, number, bay_id=bay)[0] == 204
    with dealership.session() as session:
        version = session.get_one(Booking, number).version
    assert place(app, number, version=version, bay_id=other, starts_at=tomorrow(11).isoformat(), minutes=120)[0] == 204
    with dealership.session() as session:
        booking = session.get_one(Booking, number)
        assert (booking.bay_id, booking.starts_at, booking.minutes) == (other, tomorrow(11), 120)


def test_a_taken_place_is_refused_with_three_windows_and_nothing_changes(
    dealership: Dealership, app: Application
) -> None:
    [bay, *_] = first_bays(dealership)
    book(dealership, starts_at=tomorrow(9), bay_id=bay, adviser_id=None)
    number = book(dealership, adviser_id=None)
    status, text = place(app, number, bay_id=bay)
    assert (status, text.count("data-window")) == (409, 3)
    with dealership.session() as session:
        [there] = session.scalars(select(Booking.number).where(Booking.starts_at.is_not(None)))
    assert f"Это время занято: {there}, " in text
    assert starts(dealership, number) is None


def test_an_old_version_is_refused(dealership: Dealership, app: Application) -> None:
    [bay, *_] = first_bays(dealership)
    number = book(dealership)
    assert place(app, number, bay_id=bay)[0] == 204
    status, text = place(app, number, bay_id=bay, starts_at=tomorrow(15).isoformat())
    assert status == 409
    assert "Посмотрите план ещё раз" in text
    assert starts(dealership, number) == tomorrow(9)


def test_a_master_brings_his_bay_and_another_master_leaves_it(dealership: Dealership) -> None:
    mechanic, second = dealership.people["petukhov"], dealership.people["kravtsov"]
    [bay, *_] = first_bays(dealership)
    with dealership.session() as session:
        session.get_one(Bay, bay).mechanic_id = mechanic
    number = book(dealership)
    with dealership.session() as session:
        booking = placing.place(session, number, 1, placing.Wish(tomorrow(9), mechanic_id=mechanic))
        assert (booking.bay_id, booking.mechanic_id) == (bay, mechanic)
        booking = placing.place(session, number, booking.version, placing.Wish(tomorrow(9), mechanic_id=second))
        assert (booking.bay_id, booking.mechanic_id, booking.starts_at) == (bay, second, tomorrow(9))


def test_what_is_over_is_not_moved(dealership: Dealership) -> None:
    [bay, *_] = first_bays(dealership)
    number = book(dealership, starts_at=tomorrow(9), bay_id=bay)
    with dealership.session() as session:
        booking = session.get_one(Booking, number)
        booking.state = "completed"
        session.flush()
        with pytest.raises(Conflict):
            placing.place(session, number, booking.version, placing.Wish(tomorrow(11)))


@pytest.mark.parametrize(
    "fields",
    [
        {"starts_at": "soon"},
        {"starts_at": ""},
        {"starts_at": "0001-01-01T00:00:00+14:00"},
        {"starts_at": "9999-12-31T23:00:00-12:00"},
        {"starts_at": "9999-12-31T23:00:00+00:00", "minutes": "600"},
        {"version": ""},
        {"bay_id": "0"},
        {"minutes": "999999"},
        {"minutes": "9999999999999"},
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    dealership: Dealership, app: Application, fields: dict[str, str]
) -> None:
    first_bays(dealership)
    number = book(dealership)
    status, text = place(app, number, **fields)
    assert status == 422
    assert 'role="alert"' in text


def test_who_may_only_look_moves_nothing(dealership: Dealership, app: Application) -> None:
    [bay, *_] = first_bays(dealership)
    number = book(dealership)
    _planner_only(dealership, app)
    assert place(app, number, login="sokolova", bay_id=bay)[0] in (403, 404)


def test_without_scripts_a_window_is_chosen_on_a_page_of_its_own(dealership: Dealership, adviser: Visitor) -> None:
    first_bays(dealership)
    number = book(dealership)
    page = adviser.get(f"/service/planner/{number}/windows?day={day()}")
    assert page.text.count("data-window ") == 3
    sent = dict(
        re.findall(r'<input type="hidden" name="(version|starts_at|bay_id|minutes)" value="([^"]*)">', page.text)
    )
    answer = adviser.post(f"/service/planner/{number}/place", sent)
    assert answer.status_code == 303
    assert answer.location is not None
    assert answer.location.startswith("/service?day=")
    assert starts(dealership, number) is not None


# --- nights in which clocks change ----------------------------------------------------------------


def night_of(dealership: Dealership, *, forward: bool) -> tuple[date, int]:
    """The next such night in Helsinki, and a bay there. Clocks go from 03:00 to 04:00, or from 04:00 to 03:00."""
    with dealership.session() as session:
        round_the_clock(session, "Europe/Helsinki")
        return clock_change(HELSINKI, forward=forward), bays(session)[0]


def at(day: date, clock: str, fold: int = 0) -> datetime:
    """What the clock shows in Helsinki, in UTC."""
    return datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=HELSINKI, fold=fold).astimezone(UTC)


def test_a_stay_over_a_clock_put_forward_stands_where_the_clock_says(
    dealership: Dealership, adviser: Visitor, app: Application
) -> None:
    night, bay = night_of(dealership, forward=True)
    number = book(dealership, starts_at=at(night, "02:00"), minutes=120, bay_id=bay, adviser_id=None)
    page = adviser.get(f"/service?day={night}").text
    assert f'data-start="{night}T02:00:00" data-end="{night}T05:00:00"' in page
    status, text = place(app, number, starts_at=f"{night}T03:30:00")
    assert status == 422
    assert "Этой ночью часы переводят вперёд, и такого времени нет" in text
    assert place(app, number, version=version_of(dealership, number), starts_at=f"{night}T05:00:00")[0] == 204
    with dealership.session() as session:
        booking = session.get_one(Booking, number)
        assert (booking.starts_at, booking.minutes) == (at(night, "05:00"), 120)


def test_a_stay_over_a_clock_put_back_stands_where_the_clock_says(
    dealership: Dealership, adviser: Visitor, app: Application
) -> None:
    """03:30 comes twice: of what is typed the first is meant, and what stays where it is stays at the second."""
    night, bay = night_of(dealership, forward=False)
    second = at(night, "03:30", fold=1)
    number = book(dealership, starts_at=second, minutes=60, bay_id=bay, adviser_id=None)
    page = adviser.get(f"/service?day={night}").text
    assert f'data-start="{night}T03:30:00" data-end="{night}T04:30:00"' in page
    longer = {"starts_at": "", "ends_at": f"{night}T05:00:00"}
    assert place(app, number, version=version_of(dealership, number), **longer)[0] == 204
    with dealership.session() as session:
        booking = session.get_one(Booking, number)
        assert (booking.starts_at, booking.minutes) == (second, 90)
    assert place(app, number, version=version_of(dealership, number), starts_at=f"{night}T03:30:00")[0] == 204
    assert starts(dealership, number) == second - HOUR


@pytest.mark.parametrize("path", ["/service/bookings/{number}/time", "/service/bookings/new"])
def test_a_time_that_the_clock_skips_is_refused_on_forms(dealership: Dealership, app: Application, path: str) -> None:
    night, bay = night_of(dealership, forward=True)
    number = book(dealership)
    sent = {"customer_text": "Олег", "starts_at": f"{night}T03:30", "minutes": "60", "bay_id": str(bay)}
    answer = Visitor(app, "volkov").post(path.format(number=number), sent)
    assert answer.status_code == 422
    assert "Этой ночью часы переводят вперёд" in answer.text


# --- what it costs ------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["bays", "masters", "week"])
def test_the_page_asks_the_database_as_often_however_much_is_planned(
    dealership: Dealership, app: Application, adviser: Visitor, view: str
) -> None:
    def asked() -> int:
        with Statements(app.database) as statements:
            assert adviser.get(f"/service?day={day()}&view={view}").status_code == 200
        return len(statements.sent)

    lanes = first_bays(dealership)
    book(dealership, starts_at=tomorrow(9), bay_id=lanes[0], adviser_id=None)
    asked()
    few = asked()
    mechanic = dealership.people["petukhov"]
    for hour in range(4):
        book(dealership, starts_at=tomorrow(10 + hour), bay_id=lanes[0], mechanic_id=mechanic, adviser_id=None)
        book(dealership, starts_at=tomorrow(10 + hour), bay_id=lanes[1], adviser_id=None)
        book(dealership)
    assert asked() == few <= MOST_STATEMENTS
