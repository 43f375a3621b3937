"""The workshops of the demonstration: how much there is, and that it obeys the rules of real data (X-02, T-1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

import addons.service
from addons.contacts.models import Document, InboundContact, Vehicle
from addons.contacts.services.demo_office import ZONE
from addons.contacts.services.demo_people import HOURS
from addons.service.models import (
    Approval,
    Bay,
    Booking,
    CarVisit,
    Employee,
    Hold,
    OrderLine,
    Payment,
    Recommendation,
    RepairOrder,
)
from addons.service.services import demo, reminders
from addons.service.services.amounts import line_amounts
from addons.service.services.kinds import BOOKING_SERIES, BOOKINGS, ORDER_SERIES, ORDERS, VISIT_SERIES, VISITS
from addons.service.services.slots import slot_of, slots_between
from core.access.demo import logins
from core.access.policy import NOBODY
from core.work.numbers import next_number
from core.work.task_models import Task
from tests.contacts.fresh import NOW, Instance, fill_demo, lent, open_instance, rights_with
from tests.support.databases import Databases

fill_all = partial(fill_demo, rights=rights_with(addons.service), more=demo.fill)
"""The demonstration of contacts and service."""


@pytest.fixture
def shown(databases: Databases) -> Iterator[Instance]:
    """The demonstration on a Friday afternoon."""
    with lent(databases, "service-demo", fill_all) as instance:
        yield instance


def every(instance: Instance, model: Any) -> list[Any]:
    with instance.reading() as session:
        return list(session.scalars(select(model).order_by(model.id)))


def test_clients_are_reminded_the_day_before(shown: Instance) -> None:
    due = {
        each.id: (each.starts_at - timedelta(days=1), each.adviser_id)
        for each in every(shown, Booking)
        if each.state == "scheduled" and each.starts_at and each.starts_at - timedelta(days=1) > NOW
    }
    tasks = {task.subject_id: task for task in every(shown, Task) if task.kind == reminders.REMIND}
    assert {number: (tasks[number].due_at, tasks[number].assignee_id) for number in due} == due
    assert len(due) > 50


def test_reminders_do_not_pile_up(shown: Instance) -> None:
    """Most of those for today and before are done; the few that are left are spread over the advisers."""
    tonight = datetime.combine(NOW.astimezone(ZONE).date() + timedelta(days=1), time(), ZONE)
    tasks = [task for task in every(shown, Task) if task.kind == reminders.REMIND]
    left = [task for task in tasks if task.state == "open" and task.due_at < tonight]
    done = [task for task in tasks if task.state == "done"]
    assert 3 <= len(left) <= 6
    shares = Counter(task.assignee_id for task in left)
    assert len(shares) > 1
    assert max(shares.values()) - min(shares.values()) <= 1
    assert len(done) > 100
    assert all(task.created_at <= task.finished_at <= NOW for task in done)
    assert {task.state for task in tasks if task.due_at >= tonight} == {"open"}


def test_clients_come_again_by_what_the_program_before_has_kept(shown: Instance) -> None:
    """S1-64, S1-65: archived orders stand in the history of clients and cars, and in no total."""
    past = [each for each in every(shown, RepairOrder) if each.external_id is not None]
    assert len(past) == 40
    cars = {each.id: each for each in every(shown, Vehicle)}
    for order in past:
        assert (order.state, order.total, order.mileage < cars[order.vehicle_id].mileage) == ("closed", 0, True)
        assert cars[order.vehicle_id].customer_id == order.customer_id
        assert order.past_works
        assert order.at < NOW - timedelta(days=190)
    here = {each.customer_id for each in every(shown, CarVisit)}
    assert len({each.customer_id for each in past} & here) > 10


def test_there_are_two_months_of_work_in_every_state(shown: Instance) -> None:
    bookings, visits, orders = every(shown, Booking), every(shown, CarVisit), every(shown, RepairOrder)
    assert {each.state for each in bookings} == set(BOOKINGS.machine.titles)
    assert {each.state for each in visits} == {"open", "ready", "handed_over"}
    assert {each.state for each in orders} == set(ORDERS.machine.titles) - {"cancelled"}
    assert len({each.branch_id for each in visits if each.state == "open"}) == 2
    assert min(each.arrived_at for each in visits) < NOW - timedelta(days=55)
    assert Counter(each.state for each in orders)["closed"] > 400
    for model in (Recommendation, Payment, Approval):
        assert every(shown, model)


def test_every_sum_follows_from_its_lines(shown: Instance) -> None:
    lines: dict[int, list[OrderLine]] = {}
    for line in every(shown, OrderLine):
        sums = (line.amount, line.discount_amount, line.total, line.vat_amount)
        assert sums == line_amounts(line.quantity, line.price, line.discount, line.vat)
        lines.setdefault(line.order_id, []).append(line)
    paid = Counter[int]()
    for payment in every(shown, Payment):
        paid[payment.order_id] += payment.amount
    amounts = {each.id: each.amount for each in every(shown, Document)}
    agreed = {each.order_id: each.total for each in every(shown, Approval)}
    for order in (each for each in every(shown, RepairOrder) if each.external_id is None):
        assert order.total == sum(line.total for line in lines[order.id]) == amounts[order.id] > 0
        assert order.paid == paid[order.id]
        assert order.agreed_total == agreed.get(order.id, 0)
        if order.state in ("done", "closed"):
            assert order.agreed_total == order.total
            assert all(line.done and line.approval_id for line in lines[order.id])
        if order.state == "closed" and order.pay_type == "customer":
            assert order.paid == order.total
    assert any(line.discount for each in lines.values() for line in each)
    assert {line.kind for each in lines.values() for line in each} == {"labour", "part", "outside"}


@pytest.mark.parametrize(
    ("model", "series"), [(Booking, BOOKING_SERIES), (CarVisit, VISIT_SERIES), (RepairOrder, ORDER_SERIES)]
)
def test_numbers_have_no_gaps_and_go_on(shown: Instance, model: Any, series: Any) -> None:
    rows = [each for each in every(shown, model) if getattr(each, "external_id", None) is None]
    for branch in {row.branch_id for row in rows}:
        values = {"branch": branch, "year": NOW.year, "short_year": NOW.year % 100}
        mine = [row.number for row in rows if row.branch_id == branch]
        assert mine == [series.form % {**values, "number": number} for number in range(1, len(mine) + 1)]
        with shown.writing() as session:
            assert next_number(session, series, branch) == series.form % {**values, "number": len(mine) + 1}


def test_the_next_days_are_booked_well_and_four_wait_for_a_time(shown: Instance) -> None:
    bookings, bays = every(shown, Booking), [bay for bay in every(shown, Bay) if bay.active]
    opens, closes = HOURS["workshop"]
    whole = len(bays) * (closes - opens) * 60
    for days in range(1, 11):
        day = (NOW + timedelta(days=days)).astimezone(ZONE).date()
        planned = [each for each in bookings if each.starts_at and each.starts_at.astimezone(ZONE).date() == day]
        if day.weekday() < 5:
            assert 0.55 <= sum(each.minutes for each in planned) / whole <= 0.85
    waiting = [each for each in bookings if each.starts_at is None]
    assert len(waiting) == 4
    assert {each.state for each in waiting} == {"scheduled"}


def test_what_is_still_to_come_holds_its_time(shown: Instance) -> None:
    holds: dict[int, set[tuple[str, int]]] = {}
    for hold in every(shown, Hold):
        holds.setdefault(hold.booking_id, set()).add(("bay" if hold.bay_id else str(hold.user_id), hold.slot))
    coming = [
        each for each in every(shown, Booking) if each.state == "scheduled" and each.starts_at and each.starts_at > NOW
    ]
    assert len(coming) > 150
    for booking in coming:
        assert booking.ends_at - booking.starts_at == timedelta(minutes=booking.minutes)
        wanted = {("bay", slot) for slot in slots_between(booking.starts_at, booking.ends_at)}
        wanted |= {(str(booking.mechanic_id), slot) for slot in slots_between(booking.starts_at, booking.ends_at)}
        assert holds[booking.id] == wanted | {(str(booking.adviser_id), slot_of(booking.starts_at))}


def test_contacts_lead_to_what_they_have_become(shown: Instance) -> None:
    """S0-35, S0-38: of the same client, and of the same car where it is known."""
    documents = {each.id: each for each in every(shown, Document)}
    linked = [each for each in every(shown, InboundContact) if each.document_id is not None]
    assert len(linked) > 250
    for contact in linked:
        document = documents[contact.document_id]
        assert contact.customer_id in (None, document.customer_id)
        assert (contact.branch_id, contact.state) == (document.branch_id, "processed")
    assert {documents[each.document_id].type for each in linked} == {BOOKINGS.thing, VISITS.thing}


def test_cars_are_in_one_place_and_their_mileage_grows(shown: Instance) -> None:
    visits = every(shown, CarVisit)
    here = Counter(each.vehicle_id for each in visits if each.state != "handed_over")
    assert set(here.values()) == {1}
    last: dict[int, CarVisit] = {}
    for visit in sorted(visits, key=lambda each: each.arrived_at):
        before = last.get(visit.vehicle_id)
        if before is not None:
            assert before.mileage < visit.mileage
            assert before.handed_over_at <= visit.arrived_at
        last[visit.vehicle_id] = visit
    mileages = {each.id: each.mileage for each in every(shown, Vehicle)}
    assert all(mileages[id_] == visit.mileage for id_, visit in last.items())


def test_who_waits_at_the_reception_has_a_booking(shown: Instance) -> None:
    with shown.reading() as session:
        waiting = select(InboundContact.customer_id).where(InboundContact.client_text.startswith("Иванов Дмитрий"))
        customer_id = session.scalars(waiting.where(InboundContact.state == "waiting")).one()
        mine = select(Booking.starts_at).where(Booking.customer_id == customer_id, Booking.state == "scheduled")
        at = min(filter(None, session.scalars(mine)))
    assert timedelta() <= at - NOW < timedelta(hours=1)


def test_advisers_mechanics_and_their_head_have_their_roles(shown: Instance) -> None:
    with shown.database.reading(NOBODY) as session:
        roles = {each.login: each.role for each in logins(session, "ru")}
    assert roles["volkov"] == "Мастер-консультант, Специалист"
    assert roles["gromova"] == "Руководитель сервиса, Руководитель отдела"
    assert roles["gusev"] == "Механик"
    mechanics = {each.user_id for each in every(shown, Employee) if each.mechanic}
    bays = [bay for bay in every(shown, Bay) if bay.active]
    assert len(bays) == len(mechanics) == 10
    assert {bay.mechanic_id for bay in bays} == mechanics


def test_a_second_time_changes_nothing(shown: Instance) -> None:
    with shown.writing() as session:
        before = session.scalar(select(func.count(Document.id)))
        demo.fill(session)
        assert session.scalar(select(func.count(Document.id))) == before


def told(instance: Instance) -> list[tuple[object, ...]]:
    return [(each.number, each.state, each.starts_at, each.phone, each.reason) for each in every(instance, Booking)]


def test_at_the_same_moment_it_is_the_same_workshop(databases: Databases, shown: Instance) -> None:
    url = databases.create()
    fill_all(url)
    other = open_instance(url)
    assert told(other) == told(shown)
    other.database.dispose()
    databases.drop(url)


@pytest.mark.parametrize("now", [datetime(2027, 1, 2, 0, 20, tzinfo=UTC), datetime(2026, 3, 1, 4, 59, tzinfo=UTC)])
def test_at_night_and_in_a_new_year_there_are_cars_too(databases: Databases, now: datetime) -> None:
    url = databases.create()
    fill_all(url, now)
    instance = open_instance(url, now)
    assert {each.state for each in every(instance, CarVisit)} == {"open", "ready", "handed_over"}
    assert all(each.arrived_at <= now for each in every(instance, CarVisit))
    numbers = [each.number for each in every(instance, RepairOrder)]
    assert len(set(numbers)) == len(numbers)
    instance.database.dispose()
    databases.drop(url)
