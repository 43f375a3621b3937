"""The form of a booking: what it proposes, and what it keeps (S0-35, S0-36)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from addons.contacts.services.records import create_vehicle
from addons.service.models import Bay, Booking, BookingJob, Job
from addons.service.services import booking_help
from addons.service.services.bookings import NewBooking, create_booking
from addons.service.services.visits import from_booking, open_visit
from core.access.models import Department, User
from core.web.app import Application
from tests.api.program import Program
from tests.service.conftest import bays, book, client, tomorrow, workshop
from tests.service.test_roster import round_the_clock
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor


def job(dealership: Dealership, title: str) -> int:
    with dealership.session() as session:
        return session.scalars(select(Job.id).where(Job.title_ru == title)).one()


def test_works_say_how_long_it_takes_and_which_bay(dealership: Dealership) -> None:
    tyres, pads, oil = (
        job(dealership, each) for each in ("Сезонная замена шин", "Замена тормозных колодок", "Замена масла и фильтров")
    )
    with dealership.session() as session:
        one = booking_help.helping(session, job_ids=[tyres], minutes=15)
        assert (one.minutes, {each.bay.kind for each in one.windows}, len(one.windows)) == (60, {"tyres"}, 3)
        two = booking_help.helping(session, job_ids=[pads, oil])
        assert (two.minutes, {each.bay.kind for each in two.windows}) == (120, {"lift"})
        both = booking_help.helping(session, job_ids=[tyres, pads])
        assert booking_help.kind_of([each for each in both.jobs if each.id in both.chosen]) == ""
        assert booking_help.helping(session, minutes=45).minutes == 45


def test_a_window_that_is_taken_is_not_proposed(dealership: Dealership) -> None:
    tyres = job(dealership, "Сезонная замена шин")
    with dealership.session() as session:
        first, *_ = booking_help.helping(session, job_ids=[tyres]).windows
        wanted = NewBooking(
            customer_text="Олег",
            starts_at=first.starts_at,
            minutes=60,
            bay_id=first.bay.id,
            department_id=workshop(session).id,
        )
        create_booking(session, wanted)
        following, *_ = booking_help.helping(session, job_ids=[tyres]).windows
        assert following.starts_at >= first.starts_at + timedelta(hours=1)


def test_a_window_is_proposed_when_the_adviser_can_receive_the_car(dealership: Dealership, adviser: Visitor) -> None:
    with dealership.session() as session:
        first, *_ = booking_help.helping(session).windows
        [*_, other] = bays(session)
    book(dealership, starts_at=first.starts_at, bay_id=other, minutes=15)
    with dealership.session() as session:
        found = booking_help.helping(session, adviser_id=dealership.people["volkov"]).windows
        assert first.starts_at not in [each.starts_at for each in found]
        assert booking_help.helping(session).windows[0].starts_at == first.starts_at
    at = f"{first.starts_at:%d.%m.%Y %H:%M}"
    assert at not in adviser.get("/service/bookings/help").text
    free = dealership.people["kravtsov"]
    assert at in adviser.get(f"/service/bookings/help?adviser_id={free}").text


def test_a_bay_of_another_workshop_makes_the_booking_there(dealership: Dealership) -> None:
    with dealership.session() as session:
        own = workshop(session)
        other = session.scalars(select(Department).where(Department.id != own.id).limit(1)).one()
        bay = Bay(title="Второй сервис", department_id=other.id)
        session.add(bay)
        session.flush()
        new = NewBooking(
            customer_text="Олег", department_id=own.id, bay_id=bay.id, starts_at=tomorrow(), minutes=60, adviser_id=None
        )
        booking = session.get_one(Booking, create_booking(session, new).id)
        assert (booking.department_id, booking.branch_id) == (other.id, other.branch_id)


def test_times_of_a_workshop_are_told_by_its_clock_wherever_one_sits(dealership: Dealership, app: Application) -> None:
    """The workshop is in Moscow, who books sits in Yekaterinburg, two hours ahead (X-05)."""
    at, moscow = tomorrow(), ZoneInfo("Europe/Moscow")
    with dealership.session() as session:
        round_the_clock(session)
        [bay, *_] = bays(session)
    number = book(dealership, starts_at=at, bay_id=bay)
    card, time = f"/service/bookings/{number}", f"/service/bookings/{number}/time"
    windows, planner = f"/service/planner/{number}/windows", f"/service?day={at.astimezone(moscow):%Y-%m-%d}"
    clock = f"{at.astimezone(moscow):%H:%M}"
    for zone in ("Europe/Moscow", "Asia/Yekaterinburg"):
        with dealership.session() as session:
            session.get_one(User, dealership.people["volkov"]).time_zone = zone
        adviser = Visitor(app, "volkov")
        pages = {path: adviser.get(path).text for path in (card, time, windows, planner)}
        assert f"{clock}–" in pages[card]
        assert f'value="{at.astimezone(moscow):%Y-%m-%dT%H:%M}"' in pages[time]
        ways = re.findall(r'name="way" value="(\S+) \d+">.*?(\d\d\.\d\d \d\d:\d\d) · ', pages[time], re.DOTALL)
        assert len(ways) == 3
        for way, told in ways:
            assert f"{datetime.fromisoformat(way).astimezone(moscow):%d.%m %H:%M}" == told
            assert f"{told[-5:]}–" in pages[windows]
        assert f"{clock}–" in pages[planner]
        named = [path for path, page in pages.items() if "(Europe/Moscow)" in page]
        assert named == ([] if zone == "Europe/Moscow" else list(pages)), zone
    later = (at + timedelta(hours=1)).astimezone(moscow)
    sent = {"starts_at": f"{later:%Y-%m-%dT%H:%M}", "minutes": "60", "bay_id": str(bay)}
    page = Visitor(app, "volkov").get(time).text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    assert Visitor(app, "volkov").post(time, sent | {"version": version[1]}).status_code == 303
    with dealership.session() as session:
        assert session.get_one(Booking, number).starts_at == at + timedelta(hours=1), (
            "typed by the clock it was shown by"
        )


def test_a_proposed_window_is_a_button_and_never_the_time_it_has(dealership: Dealership, adviser: Visitor) -> None:
    with dealership.session() as session:
        round_the_clock(session)
        [bay, *_] = bays(session)
    number = book(dealership, starts_at=tomorrow(), bay_id=bay, adviser_id=None)
    address = f"/service/bookings/{number}/time"
    page = adviser.get(address).text
    ways = re.findall(r'name="way" value="([^"]*)"', page)
    assert len(ways) == 3
    assert f"{tomorrow().isoformat()} {bay}" not in ways
    with dealership.session() as session:
        version = session.get_one(Booking, number).version
    as_it_was = {"starts_at": "", "bay_id": "", "minutes": "60", "version": str(version)}
    assert adviser.post(address, as_it_was | {"way": "nonsense"}).status_code == 422
    assert adviser.post(address, as_it_was | {"way": ways[0]}).status_code == 303
    with dealership.session() as session:
        booking = session.get_one(Booking, number)
        assert booking.starts_at is not None
        assert f"{booking.starts_at.isoformat()} {booking.bay_id}" == ways[0]


def test_the_bay_of_a_booking_keeps_its_name_when_it_is_used_no_more(dealership: Dealership, adviser: Visitor) -> None:
    """No other bay is chosen instead without a word: who saves it is told that it cannot be had."""
    with dealership.session() as session:
        round_the_clock(session)
        [number, *_] = bays(session)
    booked = book(dealership, starts_at=tomorrow(), bay_id=number, adviser_id=None)
    with dealership.session() as session:
        bay = session.get_one(Bay, number)
        bay.active, title = False, bay.title
    page = adviser.get(f"/service/bookings/{booked}/time").text
    assert re.search(rf'<option value="{number}" selected>{re.escape(title)}', page)


def test_a_window_brings_its_mechanic_and_works_stand_above_the_time(dealership: Dealership, adviser: Visitor) -> None:
    petukhov = dealership.people["petukhov"]
    with dealership.session() as session:
        for number in bays(session):
            session.get_one(Bay, number).mechanic_id = petukhov
    part = adviser.get("/service/bookings/help", headers={"HX-Request": "true"}).text
    assert f'data-mechanic="{petukhov}"' in part
    form = adviser.get("/service/bookings/new").text
    assert form.index('id="booking-help"') < form.index('id="starts_at"')


def test_a_model_is_offered_with_its_make(adviser: Visitor) -> None:
    form = adviser.get("/service/bookings/new").text
    models = form[form.index('id="model_id"') :]
    offered = re.findall(r"<option[^>]*>([^<]+)</option>", models[: models.index("</select>")])
    assert "Kia Rio" in offered
    assert offered == sorted(offered)


def test_the_clients_cars_are_offered(dealership: Dealership) -> None:
    with dealership.session() as session:
        customer_id, vehicle_id = client(session)
        found = booking_help.helping(session, customer_id=customer_id)
        assert [car.id for car in found.cars] == [vehicle_id]
        assert booking_help.helping(session, customer_id=customer_id + 1).cars == ()


def test_it_is_a_page_without_scripts(adviser: Visitor) -> None:
    form = adviser.get("/service/bookings/new").text
    assert "/service/bookings/help" in form
    page = adviser.get("/service/bookings/help?minutes=90").text
    assert len(re.findall(r"<li>\d\d\.\d\d\.\d{4} \d\d:\d\d · ", page)) == 3


def test_nonsense_proposes_nothing_and_breaks_nothing(adviser: Visitor) -> None:
    for query in (
        "minutes=-5",
        "minutes=9999999",
        "job_ids=x&bay_id=0",
        "starts_at=9999-12-31T23:59",
        "customer_id=77777",
    ):
        assert adviser.get(f"/service/bookings/help?{query}").status_code == 200


def test_chosen_works_are_kept_with_the_booking(adviser: Visitor, dealership: Dealership) -> None:
    oil = job(dealership, "Замена масла и фильтров")
    answer = adviser.post(
        "/service/bookings/new",
        {"customer_text": "Олег", "reason": "Масло", "minutes": "60", "job_ids": [str(oil), "x"]},
    )
    assert answer.status_code == 303, answer.text
    with dealership.session() as session:
        booking = session.scalars(select(Booking)).one()
        assert session.scalars(select(BookingJob.job_id).where(BookingJob.booking_id == booking.id)).all() == [oil]


def test_client_and_car_stay_when_the_car_is_here(app: Application, dealership: Dealership, adviser: Visitor) -> None:
    """Its visit says whose it is and which; everything else of the booking changes as before."""
    with dealership.session() as session:
        customer_id, vehicle_id = client(session)
        other = create_vehicle(session, {"title": "Kia Ceed", "plate": "А124ВС77", "customer_id": customer_id}).id
    number = book(dealership, customer_id=customer_id, customer_text="", vehicle_id=vehicle_id)
    page, path = f"/service/bookings/{number}/edit", f"/service/bookings/{number}"
    assert 'name="vehicle_id"' in adviser.get(page).text
    with dealership.session() as session:
        expected = session.get_one(Booking, number)
        open_visit(session, replace(from_booking(session, expected), mileage=45_000))

    form = adviser.get(page).text
    assert 'name="vehicle_id"' not in form
    assert 'name="customer_id"' not in form
    assert "Kia Rio" in form
    version = re.findall(r'name="version" value="(\d+)"', form)[0]
    kept = {"version": version, "adviser_id": str(dealership.people["volkov"])}
    for sent in ({"vehicle_id": str(other)}, {"customer_id": "", "customer_text": "Олег"}):
        answer = adviser.post(page, kept | sent)
        assert answer.status_code == 422
        assert "Автомобиль уже принят" in answer.text
    program = Program(app, dealership, "volkov")
    answer = program.patch(path, {"version": int(version), "vehicle_id": other})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["vehicle_id"])
    assert adviser.post(page, kept | {"wishes": "Позвонить"}).status_code == 303
    with dealership.session() as session:
        booking = session.get_one(Booking, number)
        assert (booking.customer_id, booking.vehicle_id, booking.wishes) == (customer_id, vehicle_id, "Позвонить")
