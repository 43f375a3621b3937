"""A first-time client at the workshop, what is asked about the odometer, and sums in messages (S0-38, S1-71)."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from addons.contacts.models import Customer, CustomerPhone, Make, Vehicle, VehicleModel
from addons.contacts.services.importing import entries
from addons.contacts.services.vehicles import HIGHEST_MILEAGE
from addons.service.models import Booking, CarVisit
from addons.service.services import past_columns
from core.text.msgids import Figure, Kopecks
from core.web.app import Application
from core.web.views.aside import MADE
from tests.api.program import Program
from tests.service.conftest import book, client
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor


@pytest.fixture
def admin(app: Application) -> Visitor:
    """Who may do everything."""
    return Visitor(app, "admin")


def make_and_model(dealership: Dealership) -> tuple[int, int]:
    with dealership.session() as session:
        model, make = session.execute(
            select(VehicleModel.id, VehicleModel.make_id).join(Make, Make.id == VehicleModel.make_id).limit(1)
        ).one()
        return make, model


def filled(page: str) -> dict[str, str]:
    """The fields of the record's form, as a browser would send them."""
    form = page[page.index('id="record-form"') :]
    found = {
        name[1]: unescape(value[1]) if (value := re.search(r'value="([^"]*)"', tag)) else ""
        for tag in re.findall(r"<input[^>]*>", form)
        if (name := re.search(r'name="([^"]+)"', tag)) and ("checkbox" not in tag or " checked" in tag)
    }
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(
            r'<option[^>]*selected[^>]*value="([^"]*)"|<option[^>]*value="([^"]*)"[^>]*selected', options
        )
        found[name] = next(filter(None, chosen.groups()), "") if chosen else ""
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', form):
        found[name] = unescape(text).strip()
    return found


def test_a_first_time_client_is_received(dealership: Dealership, admin: Visitor) -> None:
    """S0-38: client and car are written down on the way, from what he said when he booked; nothing typed is lost."""
    make_id, model_id = make_and_model(dealership)
    booked = book(
        dealership,
        customer_text="Смирнов Пётр",
        phone="+79035550011",
        make_id=make_id,
        model_id=model_id,
    )
    form = admin.get(f"/service/visits/new?booking={booked}").text
    assert "Завести клиента" in form
    assert "Завести автомобиль" in form
    typed = filled(form) | {"mileage": "45 000", "condition": "Царапина на двери"}
    away = admin.post(f"/service/visits/new/aside/customer_id?booking={booked}", typed)
    assert away.status_code == 303
    client_form = filled(admin.get(away.location).text)
    assert (client_form["last_name"], client_form["first_name"]) == ("Смирнов", "Пётр")
    assert client_form["numbers-phones"] == "+7 903 555-00-11"
    made = admin.post(away.location, client_form)
    with dealership.session() as session:
        customer = session.scalars(select(Customer).where(Customer.last_name == "Смирнов")).one()
        assert session.scalars(select(CustomerPhone.e164).where(CustomerPhone.customer_id == customer.id)).all() == [
            "+79035550011"
        ]
    back = filled(admin.get(made.location).text)
    assert (back["customer_id"], back["mileage"], back["condition"]) == (
        str(customer.id),
        "45 000",
        "Царапина на двери",
    )
    typed = back | {"vehicle_id_text": "К777УУ77"}
    away = admin.post(f"/service/visits/new/aside/vehicle_id?booking={booked}", typed)
    car_form = filled(admin.get(away.location).text)
    assert (car_form["make_id"], car_form["model_id"]) == (str(make_id), str(model_id))
    assert (car_form["plate"], car_form["customer_id"]) == ("К 777 УУ 77", str(customer.id))
    made = admin.post(away.location, car_form)
    whole = filled(admin.get(made.location).text)
    assert (whole["customer_id"], whole["mileage"]) == (str(customer.id), "45 000")
    received = admin.post(f"/service/visits/new?booking={booked}", whole)
    assert received.status_code == 303
    with dealership.session() as session:
        visit = session.scalars(select(CarVisit)).one()
        vehicle = session.get_one(Vehicle, visit.vehicle_id)
        assert (visit.customer_id, visit.mileage, visit.condition) == (customer.id, 45_000, "Царапина на двери")
        assert (vehicle.customer_id, vehicle.plate) == (customer.id, "K777YY77")
        assert session.get_one(Booking, booked).state == "checked_in"


def test_a_form_that_was_put_aside_can_still_be_saved(dealership: Dealership, admin: Visitor) -> None:
    """SEC-48: whoever turns back instead of making the record saves the very form he had."""
    with dealership.session() as session:
        customer_id, vehicle_id = client(session)
    typed = filled(admin.get("/service/visits/new").text)
    typed |= {"customer_id": str(customer_id), "vehicle_id": str(vehicle_id), "mileage": "45000"}
    admin.post("/service/visits/new/aside/customer_id", typed)
    saved = admin.post("/service/visits/new", typed)
    assert re.fullmatch(r".*/service/visits/\d+", saved.location)


def test_what_was_typed_begins_the_new_client(admin: Visitor) -> None:
    for written, begun in {
        "Кузнецов Олег": {"last_name": ["Кузнецов"], "first_name": ["Олег"]},
        "ромашка": {"last_name": ["ромашка"]},
        "89035550012": {"numbers-phones": ["+7 903 555-00-12"]},
    }.items():
        away = admin.post("/service/visits/new/aside/customer_id", {"customer_id_text": written})
        given = parse_qs(urlsplit(away.location).query)
        assert begun.items() <= given.items()
        assert given["back"] == ["/service/visits/new"]


def test_only_a_page_of_this_installation_is_gone_back_to(admin: Visitor) -> None:
    """SEC-27."""
    form = filled(admin.get("/clients/new").text) | {"last_name": "Чужой"}
    made = admin.post("/clients/new?back=https://evil.example/&into=customer_id", form)
    assert "evil" not in made.location
    form = filled(admin.get("/clients/new").text) | {"last_name": "Другой"}
    made = admin.post("/clients/new?back=//evil.example&into=customer_id", form)
    assert "evil" not in made.location
    assert admin.get(f"/service/visits/new?{MADE}=mileage&mileage=7").status_code == 200
    assert admin.post("/service/visits/new/aside/mileage", {}).status_code == 404


@pytest.mark.usefixtures("dealership")
def test_who_may_not_make_clients_is_not_offered_it(app: Application) -> None:
    mechanic = Visitor(app, "petukhov")
    assert mechanic.post("/service/visits/new/aside/customer_id", {}).status_code == 403


def test_one_limit_of_mileage_holds_everywhere(dealership: Dealership, admin: Visitor, app: Application) -> None:
    """S1-71: what a form takes, every other form, the programs and the imports take."""
    with dealership.session() as session:
        customer_id, vehicle_id = client(session)
    robot = Program(app, dealership, "admin")
    for kilometres, taken in ((HIGHEST_MILEAGE + 1, False), (HIGHEST_MILEAGE, True)):
        sent: dict[str, Any] = {"customer_id": customer_id, "vehicle_id": vehicle_id, "mileage": kilometres}
        visit = admin.post("/service/visits/new", sent | {"keys_taken": "1"})
        assert (visit.status_code == 303) is taken
        answer = robot.post("/contacts/traffic", {"channel": "phone", "goal_id": 1, "client_text": "В", **sent})
        assert ("mileage" in (answer.json or {}).get("errors", {})) is not taken
    card = filled(admin.get(f"/vehicles/{vehicle_id}/edit").text)
    assert admin.post(f"/vehicles/{vehicle_id}/edit", card | {"mileage": str(HIGHEST_MILEAGE + 1)}).status_code == 422
    assert entries.HIGHEST_MILEAGE == past_columns.HIGHEST_MILEAGE == HIGHEST_MILEAGE


def test_a_fallen_mileage_is_told_whole_and_asked_once(dealership: Dealership, admin: Visitor) -> None:
    """S1-71: both readings and the day of the last one; confirmed, it stays so while another field is corrected."""
    with dealership.session() as session:
        customer_id, vehicle_id = client(session, mileage=1_000_000)
    sent = {"customer_id": customer_id, "vehicle_id": vehicle_id, "mileage": "45000", "keys_taken": "1"}
    asked = admin.post("/service/visits/new", sent)
    assert asked.status_code == 409
    assert re.search(
        r"Пробег 45\s000 км меньше прошлого показания 1\s000\s000 км от \d+ \w+ \d{4}", unescape(asked.text)
    )
    wrong = admin.post("/service/visits/new", sent | {"confirmed": "mileage.45000", "keys_taken": "20"})
    assert wrong.status_code == 422
    again = filled(wrong.text)
    assert again["confirmed"] == "mileage.45000"
    assert admin.post("/service/visits/new", again | {"keys_taken": "2"}).status_code == 303


def test_sums_and_figures_are_written_as_their_reader_does(app: Application) -> None:
    written = "%(sum)s %(km)s"
    values = {"sum": Kopecks(10_357_25), "km": Figure(45_000)}
    assert app.translators["ru"](written, **values) == "10\xa0357,25 ₽ 45\xa0000"
    assert app.translators["en"](written, **values) == "10,357.25 ₽ 45,000"
