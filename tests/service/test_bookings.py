"""Bookings: their time in the plan, and who gets it (S0-35..37)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from addons.contacts.models import Document
from addons.service.models import Bay, Booking, Employee
from addons.service.services import booking_form, bookings, placing, slots
from addons.service.services.bookings import Time
from addons.service.services.visits import NewVisit, open_visit
from core.db.engine import WorkSession
from core.errors import Confirmation, Conflict, Invalid
from core.web.app import Application
from core.work import tasks
from core.work.subjects import subject_of
from core.work.task_models import Task
from core.work.timeline import timeline
from tests.api.program import Program
from tests.service.conftest import bays, begins, book, client, held, tomorrow, workshop
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

HOUR = timedelta(hours=1)


def test_without_a_time_it_waits_in_the_queue(dealership: Dealership) -> None:
    number = book(dealership)
    with dealership.session() as session:
        booking = session.get_one(Booking, number)
        document = session.get_one(Document, number)
        assert (booking.state, booking.starts_at, held(session, number)) == ("scheduled", None, 0)
        assert (document.state_ru, document.open) == ("Запланирована", True)
        assert document.number == booking.number


def test_a_time_takes_the_bay_its_mechanic_and_the_adviser(dealership: Dealership) -> None:
    with dealership.session() as session:
        [bay, *_] = bays(session)
    number = book(dealership, starts_at=tomorrow(), bay_id=bay, minutes=60, mechanic_id=dealership.people["petukhov"])
    with dealership.session() as session:
        assert held(session, number) == 4 + 4 + 1


def test_who_comes_second_is_told_the_three_nearest_free_windows(dealership: Dealership) -> None:
    with dealership.session() as session:
        [bay, other, third, *_] = bays(session)
    book(dealership, starts_at=tomorrow(), bay_id=bay, minutes=60, adviser_id=None)
    late = book(dealership, adviser_id=None)
    with dealership.session() as session, pytest.raises(slots.Taken) as refused:
        bookings.reschedule(session, late, Time(tomorrow(10, 30), bay, 60))
    windows = refused.value.windows
    midnight = tomorrow(21)
    assert [window.starts_at for window in windows] == [tomorrow(10, 30), tomorrow(12, 30), midnight]
    assert windows[0].bay_id in (other, third)
    with dealership.session() as session:
        assert session.get_one(Booking, late).starts_at is None
        assert held(session, late) == 0


def test_another_time_frees_the_old_one_and_is_in_the_history(dealership: Dealership) -> None:
    """S0-37."""
    with dealership.session() as session:
        [bay, *_] = bays(session)
    number = book(dealership, starts_at=tomorrow(), bay_id=bay, minutes=60, adviser_id=None)
    with dealership.session() as session:
        bookings.reschedule(session, number, Time(tomorrow(14), bay, 60))
        booking = session.get_one(Booking, number)
        assert (booking.starts_at, booking.rescheduled) == (tomorrow(14), 1)
        lines = timeline(session, [subject_of(booking)], limit=9).lines
        assert [line.data["after"] for line in lines] == [tomorrow(14).isoformat()]
    assert book(dealership, starts_at=tomorrow(), bay_id=bay, minutes=60, adviser_id=None)


def test_what_makes_no_sense_is_refused(dealership: Dealership) -> None:
    number = book(dealership)
    with dealership.session() as session:
        [bay, *_] = bays(session)
    for time, field in (
        (Time(tomorrow() - timedelta(days=2), bay, 60), "starts_at"),
        (Time(tomorrow(), bay, 0), "minutes"),
        (Time(tomorrow(), bay, 9_999_999_999_999), "minutes"),
        (Time(tomorrow().replace(year=9999), bay, 60), "starts_at"),
        (Time(tomorrow(), 999_999, 60), "bay_id"),
    ):
        with dealership.session() as session, pytest.raises(Invalid) as refused:
            bookings.reschedule(session, number, time)
        assert list(refused.value.errors) == [field]


def test_only_who_repairs_cars_here_is_planned(dealership: Dealership) -> None:
    """Also nobody who is not there at all: that is no time somebody else has."""
    people = dealership.people
    number = book(dealership)
    with dealership.session() as session:
        [bay, *_] = bays(session)
        session.get_one(Bay, bay).mechanic_id = people["kravtsov"]
    for stranger in (people["sokolova"], 999_999):
        with dealership.session() as session, pytest.raises(Invalid) as refused:
            bookings.reschedule(session, number, Time(tomorrow(), bay, 60, stranger))
        assert list(refused.value.errors) == ["mechanic_id"]
    with dealership.session() as session:
        assert bookings.reschedule(session, number, Time(tomorrow(), bay, 60, people["petukhov"])).mechanic_id
        left = session.scalars(select(Employee).where(Employee.user_id == people["petukhov"])).one()
        left.active = False
        session.flush()
        moved = placing.place(session, number, session.get_one(Booking, number).version, placing.Wish(tomorrow(12)))
        assert moved.mechanic_id == people["kravtsov"]


def test_the_reminder_follows_the_booking(dealership: Dealership) -> None:
    with dealership.session() as session:
        [bay, *_] = bays(session)
    at = tomorrow() + timedelta(days=3)
    number = book(dealership, starts_at=at, bay_id=bay)
    with dealership.session() as session:
        [task] = session.scalars(select(Task).where(Task.kind == "service.remind"))
        assert (task.due_at, task.assignee_id) == (at - timedelta(days=1), dealership.people["volkov"])
        bookings.reschedule(session, number, Time(at + timedelta(days=1), bay, 60, None, task.assignee_id))
        assert session.get_one(Task, task.id).due_at == at
        bookings.move(session, number, "cancelled", "Передумал")
        assert session.get_one(Task, task.id).state != "open"


def test_who_did_not_come_is_called(dealership: Dealership) -> None:
    with dealership.session() as session:
        [bay, *_] = bays(session)
    number = book(dealership, starts_at=tomorrow(), bay_id=bay)
    with dealership.session() as session:
        begins(session, number)
        bookings.move(session, number, "no_show")
        assert [task.state for task in session.scalars(select(Task).where(Task.kind == "service.missed"))] == ["open"]
        assert held(session, number) == 0
        bookings.move(session, number, "scheduled")
        assert session.get_one(Booking, number).starts_at is None
        assert [task.state for task in session.scalars(select(Task).where(Task.kind == "service.missed"))] == ["done"]


def test_what_is_over_keeps_its_state(dealership: Dealership) -> None:
    number = book(dealership)
    with dealership.session() as session, pytest.raises(Invalid):
        bookings.move(session, number, "cancelled")
    with dealership.session() as session:
        bookings.move(session, number, "cancelled", "Передумал")
        bookings.move(session, number, "cancelled", "Передумал")
    with dealership.session() as session, pytest.raises(Conflict):
        bookings.move(session, number, "no_show")
    with dealership.session() as session, pytest.raises(Conflict):
        bookings.move(session, number, "completed")


def test_a_closed_workshop_is_asked_about(dealership: Dealership) -> None:
    from core.work.office_models import WorkingHours

    number = book(dealership)
    with dealership.session() as session:
        [bay, *_] = bays(session)
        place = workshop(session).id
        session.add_all(WorkingHours(department_id=place, weekday=day, opens=600, closes=1200) for day in range(7))
    night = tomorrow(1)
    with dealership.session() as session, pytest.raises(Confirmation) as asked:
        bookings.reschedule(session, number, Time(night, bay, 60))
    with dealership.session() as session:
        bookings.reschedule(session, number, Time(night, bay, 60), asked.value.keys.split())
        assert session.get_one(Booking, number).starts_at == night


def task_of(session: WorkSession, kind: str) -> Task:
    return session.scalars(select(Task).where(Task.kind == kind)).one()


def test_nobody_is_called_who_has_come_after_all(dealership: Dealership) -> None:
    with dealership.session() as session:
        customer_id, vehicle_id = client(session)
        [bay, *_] = bays(session)
    at = tomorrow() + timedelta(days=3)
    number = book(dealership, customer_id=customer_id, vehicle_id=vehicle_id, starts_at=at, bay_id=bay)
    with dealership.session() as session:
        begins(session, number)
        bookings.move(session, number, "no_show")
        assert task_of(session, "service.missed").state == "open"
        open_visit(session, NewVisit(customer_id=customer_id, vehicle_id=vehicle_id, mileage=1, booking_id=number))
        assert {task.state for task in session.scalars(select(Task))} == {"done"}


def test_what_somebody_did_with_a_reminder_stays_when_its_client_is_called_something_else(
    dealership: Dealership,
) -> None:
    """Also one whose time has come: somebody still has to call (S1-39, S1-77)."""
    with dealership.session() as session:
        customer_id, vehicle_id = client(session)
        [bay, *_] = bays(session)
    at = tomorrow() + timedelta(days=3)
    number = book(dealership, customer_id=customer_id, vehicle_id=vehicle_id, starts_at=at, bay_id=bay)
    with dealership.session() as session:
        task, now = task_of(session, "service.remind"), session.now()
        task.due_at = now - timedelta(minutes=5)
        document, booking = session.get_one(Document, number), session.get_one(Booking, number)
        booking.starts_at = now + timedelta(hours=20)
        document.customer_text = "Иванов Пётр"
        session.flush()
        bookings.meet(session, document)
        assert (task.state, task.due_at, task.title_values) == (
            "open",
            now - timedelta(minutes=5),
            {"client": "Иванов Пётр"},
        )
        tasks.complete(session, task.id, "Дозвонились")
        bookings.meet(session, document)
        assert task_of(session, "service.remind").state == "done"


def test_a_call_to_who_did_not_come_is_asked_for_once(dealership: Dealership) -> None:
    number = book(dealership)
    with dealership.session() as session:
        bookings.move(session, number, "no_show")
        tasks.complete(session, task_of(session, "service.missed").id, "Не придёт")
        bookings.meet(session, session.get_one(Document, number))
        assert task_of(session, "service.missed").state == "done"
        bookings.move(session, number, "scheduled")
        bookings.move(session, number, "no_show")
        again = session.scalars(select(Task.state).where(Task.kind == "service.missed").order_by(Task.id)).all()
        assert again == ["done", "open"]


def test_a_new_adviser_gets_the_reminder_unless_it_was_handed_to_somebody(dealership: Dealership) -> None:
    with dealership.session() as session:
        [bay, *_] = bays(session)
    at = tomorrow() + timedelta(days=3)
    number = book(dealership, starts_at=at, bay_id=bay)
    people = dealership.people
    with dealership.session() as session:
        booking = session.get_one(Booking, number)
        booking_form.change(session, booking, {"adviser_id": people["kravtsov"]})
        task = task_of(session, "service.remind")
        assert task.assignee_id == people["kravtsov"]
        tasks.hand_over(session, task.id, people["lebedeva"])
        booking_form.change(session, booking, {"adviser_id": people["volkov"]})
        assert task.assignee_id == people["lebedeva"]


def test_a_new_adviser_must_be_free_and_the_one_before_is(dealership: Dealership) -> None:
    with dealership.session() as session:
        [bay, other, third, *_] = bays(session)
    volkov, kravtsov = dealership.people["volkov"], dealership.people["kravtsov"]
    number = book(dealership, starts_at=tomorrow(), bay_id=bay)
    busy = book(dealership, starts_at=tomorrow(), bay_id=other, adviser_id=kravtsov)
    with dealership.session() as session, pytest.raises(Invalid) as refused:
        booking_form.change(session, session.get_one(Booking, number), {"adviser_id": kravtsov})
    assert refused.value.errors == {"adviser_id": ["The adviser receives another car then. Choose another time."]}
    with dealership.session() as session:
        booking_form.change(session, session.get_one(Booking, busy), {"adviser_id": dealership.people["lebedeva"]})
        booking_form.change(session, session.get_one(Booking, number), {"adviser_id": kravtsov})
    assert book(dealership, starts_at=tomorrow(), bay_id=third, adviser_id=volkov)


def test_a_refused_time_says_who_is_not_free(dealership: Dealership) -> None:
    mechanic = dealership.people["petukhov"]
    with dealership.session() as session:
        [bay, other, *_] = bays(session)
    book(dealership, starts_at=tomorrow(), bay_id=bay, mechanic_id=mechanic)
    for more, why in (
        ({"bay_id": bay, "adviser_id": None}, "This time is taken"),
        ({"bay_id": other, "mechanic_id": mechanic, "adviser_id": None}, "The mechanic has"),
        ({"bay_id": other}, "The adviser receives"),
    ):
        with pytest.raises(slots.Taken, match=why):
            book(dealership, starts_at=tomorrow(), **more)


def test_nobody_has_stayed_away_before_he_was_to_come(dealership: Dealership, adviser: Visitor) -> None:
    with dealership.session() as session:
        [bay, *_] = bays(session)
    number = book(dealership, starts_at=tomorrow(), bay_id=bay, adviser_id=None)
    refused = adviser.post(f"/service/bookings/{number}/move", {"target": "no_show"})
    assert refused.status_code == 409
    assert "Клиент приедет" in refused.text
    with dealership.session() as session:
        assert session.get_one(Booking, number).state == "scheduled"


def test_a_client_who_was_said_not_to_have_come_is_expected_again_at_his_time(
    dealership: Dealership, adviser: Visitor
) -> None:
    with dealership.session() as session:
        [bay, *_] = bays(session)
    number = book(dealership, starts_at=tomorrow(), bay_id=bay, adviser_id=None)
    with dealership.session() as session:
        began = begins(session, number)
    card = f"/service/bookings/{number}"
    assert adviser.post(f"{card}/move", {"target": "no_show"}).status_code == 303
    assert f"{card}/undo-missed" in adviser.get(card).text
    for _ in range(2):
        assert adviser.post(f"{card}/undo-missed").status_code == 303
    with dealership.session() as session:
        booking = session.get_one(Booking, number)
        assert (booking.state, booking.starts_at, held(session, number)) == ("scheduled", began, 4)
        assert not session.scalars(select(Task).where(Task.kind == "service.missed", Task.state == "open")).all()
        bookings.move(session, number, "no_show")
        session.get_one(Booking, number).state_since = session.now() - HOUR
    assert adviser.post(f"{card}/undo-missed").status_code == 409


def test_a_client_who_comes_on_another_day_is_asked_about(
    app: Application, dealership: Dealership, adviser: Visitor
) -> None:
    with dealership.session() as session:
        customer_id, vehicle_id = client(session)
        [bay, *_] = bays(session)
    on_another = tomorrow() + timedelta(days=1)  # by the workshop's clock too, whose day begins before that of UTC
    number = book(
        dealership, customer_id=customer_id, vehicle_id=vehicle_id, starts_at=on_another, bay_id=bay, adviser_id=None
    )
    sent = {"customer_id": str(customer_id), "vehicle_id": str(vehicle_id), "mileage": "45000", "keys_taken": "1"}
    asked = adviser.post(f"/service/visits/new?booking={number}", sent)
    assert asked.status_code == 409
    assert "Клиент записан на другой день" in asked.text
    receiving = {"customer_id": customer_id, "vehicle_id": vehicle_id, "mileage": 45_000, "booking_id": number}
    robot = Program(app, dealership, "volkov")
    keys = [each["key"] for each in robot.post("/service/visits/receive", receiving).json["doubts"]]
    assert keys == [f"day.{number}"]
    confirmed = sent | {"confirmed": f"day.{number}"}
    assert adviser.post(f"/service/visits/new?booking={number}", confirmed).status_code == 303
