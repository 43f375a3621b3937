"""The works of a booking: chosen, changed, and what the repair order begins with (S0-35, S0-38)."""

from __future__ import annotations

import re
from dataclasses import replace

from sqlalchemy import select

from addons.contacts.models import ContactReason, InboundContact, RequestReason
from addons.service.models import Booking, CarVisit, Job, LabourRate, OrderLine
from addons.service.services import booked_jobs, booking_form, bookings, order_lines, visits
from core.db.engine import WorkSession
from core.web.app import Application
from tests.api.program import Program
from tests.service.conftest import bays, book, client, held, receive, tomorrow
from tests.service.test_answers import come_in
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

OIL, PADS = "Замена масла и фильтров", "Замена тормозных колодок"


def job_ids(session: WorkSession, *titles: str) -> list[int]:
    named = select(Job.title_ru, Job.id).where(Job.title_ru.in_(titles))
    found = {row.title_ru: row.id for row in session.execute(named)}
    return [found[title] for title in titles]


def test_the_repair_order_begins_with_the_works_that_were_booked(dealership: Dealership) -> None:
    with dealership.session() as session:
        customer_id, vehicle_id = client(session)
        jobs = job_ids(session, OIL, PADS)
        [bay, *_] = bays(session)
        session.add(LabourRate(pay_type="customer", hourly=3_000_00))
    petukhov = dealership.people["petukhov"]
    booked = book(
        dealership,
        customer_id=customer_id,
        vehicle_id=vehicle_id,
        job_ids=jobs,
        starts_at=tomorrow(),
        bay_id=bay,
        mechanic_id=petukhov,
    )
    with dealership.session() as session:
        new = visits.from_booking(session, session.get_one(Booking, booked))
        visit = session.get_one(CarVisit, visits.open_visit(session, replace(new, mileage=45_000)).id)
        [order] = visits.orders_of(session, visit)
        lines = [
            (line.job_id, line.quantity, line.price, line.mechanic_id) for line in order_lines.lines_of(session, order)
        ]
        assert lines == [(jobs[0], 800, 3_000_00, petukhov), (jobs[1], 1_200, 3_000_00, petukhov)]
        assert order.total == 6_000_00


def test_a_visit_without_a_booking_begins_with_no_works(dealership: Dealership) -> None:
    receive(dealership)
    with dealership.session() as session:
        assert session.scalars(select(OrderLine)).all() == []


def test_works_are_shown_and_changed_and_the_duration_follows(dealership: Dealership, adviser: Visitor) -> None:
    with dealership.session() as session:
        oil, pads = job_ids(session, OIL, PADS)
        [bay, *_] = bays(session)
    booked = book(dealership, job_ids=[oil], starts_at=tomorrow(), bay_id=bay, minutes=60, adviser_id=None)
    assert OIL in adviser.get(f"/service/bookings/{booked}").text
    works = adviser.get(f"/service/bookings/help?booking={booked}", headers={"HX-Request": "true"}).text
    assert re.findall(r'value="(\d+)"[^>]* checked', works) == [str(oil)]
    form = adviser.get(f"/service/bookings/{booked}/edit").text
    assert f"/service/bookings/help?booking={booked}" in form
    with dealership.session() as session:
        version = str(session.get_one(Booking, booked).version)
    sent = {"customer_text": "Иванов", "reason": "Стук", "minutes": "120", "version": version}
    changed = adviser.post(f"/service/bookings/{booked}/edit", sent | {"job_ids": ["", str(oil), str(pads)]})
    assert changed.status_code == 303, changed.text
    with dealership.session() as session:
        booking = session.get_one(Booking, booked)
        assert [job.id for job in booked_jobs.planned(session, booking)] == [oil, pads]
        assert (booking.minutes, booking.ends_at) == (120, tomorrow(12))


def test_a_change_that_does_not_name_works_leaves_them(dealership: Dealership, adviser: Visitor) -> None:
    with dealership.session() as session:
        [oil] = job_ids(session, OIL)
    booked = book(dealership, job_ids=[oil])
    with dealership.session() as session:
        version = str(session.get_one(Booking, booked).version)
    sent = {"customer_text": "Иванов", "reason": "Другое", "version": version}
    assert adviser.post(f"/service/bookings/{booked}/edit", sent).status_code == 303
    with dealership.session() as session:
        assert [job.id for job in booked_jobs.planned(session, session.get_one(Booking, booked))] == [oil]


def test_works_that_do_not_fit_before_the_next_car_are_refused_at_the_duration(
    dealership: Dealership, adviser: Visitor
) -> None:
    with dealership.session() as session:
        [bay, *_] = bays(session)
    booked = book(dealership, starts_at=tomorrow(10), bay_id=bay, minutes=60, adviser_id=None)
    book(dealership, starts_at=tomorrow(11), bay_id=bay, minutes=60, adviser_id=None)
    with dealership.session() as session:
        version = str(session.get_one(Booking, booked).version)
    sent = {"customer_text": "Иванов", "reason": "Стук", "minutes": "120", "version": version}
    refused = adviser.post(f"/service/bookings/{booked}/edit", sent)
    assert refused.status_code == 422
    with dealership.session() as session:
        assert (session.get_one(Booking, booked).minutes, held(session, booked)) == (60, 4)


def test_a_program_chooses_works_too_and_not_of_a_car_that_is_here(app: Application, dealership: Dealership) -> None:
    with dealership.session() as session:
        oil, pads = job_ids(session, OIL, PADS)
        customer_id, vehicle_id = client(session)
    booked, robot = book(dealership, customer_id=customer_id, vehicle_id=vehicle_id), Program(app, dealership, "volkov")
    path = f"/service/bookings/{booked}/works"
    assert robot.post(path, {"job_ids": [oil, pads]}).status_code == 200
    with dealership.session() as session:
        assert session.get_one(Booking, booked).minutes == 120
        visits.open_visit(
            session,
            visits.NewVisit(customer_id=customer_id, vehicle_id=vehicle_id, mileage=1, booking_id=booked),
        )
    assert robot.post(path, {"job_ids": [oil]}).status_code == 422


def test_a_booking_from_a_contact_begins_with_the_works_that_answer_it(
    app: Application, dealership: Dealership, adviser: Visitor
) -> None:
    contact = come_in(app, dealership)
    with dealership.session() as session:
        oil, pads = job_ids(session, OIL, PADS)
        reason = session.scalars(select(RequestReason.id).where(RequestReason.title_ru == OIL)).one()
        session.add(ContactReason(contact_id=contact, reason_id=reason))
        session.get_one(Job, pads).reason_id = reason
    with dealership.session() as session:
        begun = booking_form.begin(session, contact)
        assert (begun["job_ids"], begun["minutes"]) == ([oil, pads], 120)
        made = bookings.create_from_contact(session, session.get_one(InboundContact, contact))
        assert [job.id for job in booked_jobs.planned(session, session.get_one(Booking, made.id))] == [oil, pads]
    form = adviser.get(f"/service/bookings/new?contact={contact}").text
    assert f'name="job_ids" value="{oil}"' in form
    [minutes] = re.findall(r'<input[^>]*id="minutes"[^>]*>', form)
    assert 'value="120"' in minutes
