"""Whom and which car the forms of the workshop offer."""

from __future__ import annotations

import re
from html import unescape

import pytest

from addons.contacts.models import Customer
from addons.service.models import CarVisit
from core.access.models import UserDepartment
from core.web.app import Application
from tests.service.conftest import client, receive, workshop
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor


def offered(page: str) -> list[tuple[int, str]]:
    """The answers of a look-up: numbers, and what stands in the field once chosen."""
    return [
        (int(number), unescape(label)) for number, label in re.findall(r'data-value="(\d+)" data-label="([^"]*)"', page)
    ]


@pytest.mark.parametrize("screen", ["bookings", "visits"])
def test_the_clients_own_cars_come_first_with_plate_and_owner(
    dealership: Dealership, app: Application, screen: str
) -> None:
    with dealership.session() as session:
        _, other = client(session, title="Audi A4", plate="В777ВВ77")
        customer_id, own = client(session, title="Škoda Rapid")
        name = session.get_one(Customer, customer_id).name
    admin = Visitor(app, "admin")
    found = offered(admin.get(f"/service/{screen}/lookup/vehicle_id?customer_id={customer_id}").text)
    assert [number for number, _ in found] == [own, other]
    assert found[0][1] == f"Škoda Rapid · А 123 ВС 77 · {name}"
    assert offered(admin.get(f"/service/{screen}/lookup/vehicle_id").text)[0][0] == other
    chosen = admin.get(f"/service/{screen}/new?vehicle_id={own}").text
    assert f'value="Škoda Rapid · А 123 ВС 77 · {name}"' in unescape(chosen)


def test_only_those_who_may_advise_are_offered_and_whoever_was_chosen_stays(
    dealership: Dealership, app: Application
) -> None:
    number = receive(dealership, adviser_id=dealership.people["sokolova"])
    with dealership.session() as session:
        session.add(UserDepartment(user_id=dealership.people["petukhov"], department_id=workshop(session).id))
        version = session.get_one(CarVisit, number).version
    admin = Visitor(app, "admin")
    form = admin.get(f"/service/visits/{number}/edit").text
    choices = re.search(r'<select[^>]*name="adviser_id".*?</select>', form, re.DOTALL)
    assert choices is not None
    names = re.findall(r"<option[^>]*>([^<]+)</option>", choices[0])
    assert "Волков Сергей" in names  # may receive cars and works in the workshop
    assert "Соколова Анна" in names  # chosen before
    assert not {"Петухов Владимир", "Лебедева Мария", "Администратор"} & set(names)
    sent = {"version": version, "mileage": "45000", "keys_taken": "1", "reason": "Другое"}
    kept = admin.post(f"/service/visits/{number}/edit", sent | {"adviser_id": dealership.people["sokolova"]})
    assert kept.status_code == 303
    with dealership.session() as session:
        version = session.get_one(CarVisit, number).version
    refused = admin.post(
        f"/service/visits/{number}/edit", sent | {"version": version, "adviser_id": dealership.people["petukhov"]}
    )
    assert refused.status_code == 422
    with dealership.session() as session:
        workshop(session).active = False
    closed = re.search(r'<select[^>]*name="adviser_id".*?</select>', admin.get("/service/visits/new").text, re.DOTALL)
    assert closed is not None
    assert "Волков Сергей" not in closed[0]  # his workshop is closed
