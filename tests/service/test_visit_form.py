"""The form of a car visit: in which workshop the car is received, and which booking it answers."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from addons.service.models import Bay, Booking, CarVisit
from core.access.models import Branch, Department, UserDepartment
from core.web.app import Application
from tests.service.conftest import bays, book, client, tomorrow
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

NEW = "/service/visits/new"


@pytest.fixture
def south(dealership: Dealership) -> int:
    """The workshop of a second branch, by its department."""
    with dealership.session() as session:
        branch = Branch(title_ru="Южный", title_en="South")
        session.add(branch)
        session.flush()
        department = Department(branch_id=branch.id, title_ru="Сервис", title_en="Service", kind="workshop")
        session.add(department)
        session.flush()
        session.add(Bay(title="Пост 1", department_id=department.id))
        return department.id


def _works_there(dealership: Dealership, department_id: int) -> None:
    with dealership.session() as session:
        session.add(UserDepartment(user_id=dealership.people["volkov"], department_id=department_id))


def _offered(page: str) -> list[tuple[str, bool]]:
    """The workshops of the form, and which one is chosen."""
    found = re.search(r'<select[^>]* name="department_id".*?</select>', page, re.DOTALL)
    options = re.findall(r"<option ([^>]*)>", found[0] if found else "")
    numbers = [re.search(r'value="(\d+)"', each) for each in options]
    return [(number[1], "selected" in each) for each, number in zip(options, numbers, strict=True) if number]


def _sent(dealership: Dealership, **more: object) -> dict[str, str]:
    with dealership.session() as session:
        customer, vehicle = client(session)
    return {"customer_id": str(customer), "vehicle_id": str(vehicle), "mileage": "45000", "keys_taken": "1"} | {
        name: str(value) for name, value in more.items()
    }


def test_who_works_in_one_workshop_is_not_asked_for_it(dealership: Dealership, adviser: Visitor, south: int) -> None:
    own = workshop_of(dealership)
    assert "department_id" not in adviser.get(NEW).text
    assert adviser.post(NEW, _sent(dealership, department_id=south)).status_code == 303
    with dealership.session() as session:
        assert session.scalars(select(CarVisit.department_id)).one() == own


def workshop_of(dealership: Dealership) -> int:
    """The department of the first workshop."""
    with dealership.session() as session:
        return session.scalars(
            select(Department.id).where(Department.kind == "workshop").order_by(Department.id).limit(1)
        ).one()


def test_a_car_is_received_in_the_workshop_that_is_chosen(dealership: Dealership, app: Application, south: int) -> None:
    own = workshop_of(dealership)
    _works_there(dealership, south)
    adviser = Visitor(app, "volkov")
    assert sorted(_offered(adviser.get(NEW).text)) == sorted([(str(own), True), (str(south), False)])
    assert adviser.post(NEW, _sent(dealership, department_id=south)).status_code == 303
    with dealership.session() as session:
        visit = session.scalars(select(CarVisit)).one()
        assert visit.department_id == south
        assert visit.branch_id == session.get_one(Department, south).branch_id
        assert visit.number.startswith(f"МЗ{visit.branch_id}-")


def test_a_workshop_out_of_reach_cannot_be_chosen(dealership: Dealership, app: Application, south: int) -> None:
    with dealership.session() as session:
        branch = session.get_one(Department, south).branch_id
        third = Department(branch_id=branch, title_ru="Кузовной", title_en="Body shop", kind="workshop")
        session.add(third)
        session.flush()
        session.add(Bay(title="Пост 1", department_id=third.id))
        strange = third.id
    _works_there(dealership, south)
    refused = Visitor(app, "volkov").post(NEW, _sent(dealership, department_id=strange))
    assert refused.status_code == 422
    with dealership.session() as session:
        assert session.scalars(select(CarVisit)).all() == []


def test_the_form_says_which_booking_it_answers(dealership: Dealership, app: Application, south: int) -> None:
    with dealership.session() as session:
        [bay, *_] = bays(session)
    number = book(dealership, starts_at=tomorrow(9), bay_id=bay, department_id=workshop_of(dealership))
    _works_there(dealership, south)
    page = Visitor(app, "volkov").get(f"{NEW}?booking={number}").text
    with dealership.session() as session:
        booking = session.get_one(Booking, number)
        assert f'href="/service/bookings/{number}">{booking.number}</a>' in page
    assert "Автомобиль приехал по записи" in page
    assert "Стук в подвеске" in page
    assert _offered(page) == [], "the booking says where"
    assert "Автомобиль приехал по записи" not in Visitor(app, "volkov").get(NEW).text
