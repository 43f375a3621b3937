"""A client of another branch, chosen by look-up: what is done with his contacts, documents and cars stays whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from addons.contacts.models import Customer, Document, Vehicle
from addons.contacts.services import handling
from addons.contacts.services.customers import CustomerData, create_customer
from addons.contacts.services.lookup import LOOKUP
from addons.contacts.services.records import change_vehicle, create_vehicle
from core.access.models import Branch, Role
from core.access.policy import system
from core.web.app import Application
from tests.contacts.test_handling import Firm, come_in, firm
from tests.contacts.test_identifying import contact_of, mine
from tests.support.visitors import Visitor

__all__ = ["firm"]


@dataclass
class Far:
    """A client whose card none of the people here may open, and his car."""

    customer_id: int
    vehicle_id: int


@pytest.fixture
def far(firm: Firm) -> Far:
    with firm.database.writing(system("tests")) as session:
        branch = Branch(title_ru="Юг", title_en="South", time_zone="Europe/Moscow")
        session.add(branch)
        session.flush()
        phones = ("+79031234567", "+74951234567")
        data = CustomerData(last_name="Дальний", first_name="Пётр", phones=phones, branch_id=branch.id)
        client = create_customer(session, data).id
        return Far(client, create_vehicle(session, {"title": "BMW X5", "plate": "А123ВС77", "customer_id": client}).id)


@pytest.mark.addons("contacts", "sales")
def test_his_document_is_found_by_his_numbers_after_a_step_too(firm: Firm, far: Far) -> None:
    """SEC-2: a search key is not written with the eyes of whoever takes a step."""
    from addons.sales.services import worksheets

    contact = mine(firm, customer_id=far.customer_id, client_text="")
    with firm.as_("petukhov") as session:
        document = handling.create_document(session, contact, "sales.worksheet").id
    with firm.as_("petukhov") as session:
        worksheets.move(session, document, "selection")
    with firm.as_("admin") as session:
        key = session.get_one(Document, document).search_key
        assert "дальний" in key
        assert "79031234567" in key
        assert "74951234567" in key


def test_his_visit_is_noted(firm: Firm, far: Far) -> None:
    """Whoever was in touch lately is not forgotten by the retention rules."""
    contact = contact_of(firm, come_in(firm, customer_id=far.customer_id, client_text=""))
    with firm.as_("admin") as session:
        assert session.get_one(Customer, far.customer_id).last_contact_at == contact.at


def test_he_is_found_by_the_plate_his_car_has_now(firm: Firm, far: Far) -> None:
    with firm.as_("petukhov") as session:
        change_vehicle(session, session.get_one(Vehicle, far.vehicle_id), {"plate": "В777ВВ99"})
    with firm.as_("admin") as session:
        key = session.get_one(Customer, far.customer_id).search_key
        assert "b777bb99" in key
        assert "a123bc77" not in key


def test_who_may_not_look_him_up_sees_the_words_of_his_contact(firm: Firm, far: Far, app: Application) -> None:
    """SEC-4: his contact is theirs, his record is not."""
    contact = mine(firm, customer_id=far.customer_id, client_text="")
    forbid_looking_up(firm)
    page = Visitor(app, "petukhov").get(f"/contact/{contact}")
    assert page.status_code == 200
    assert "Дальний Пётр" in page.text
    assert f"/clients/{far.customer_id}" not in page.text


def forbid_looking_up(firm: Firm) -> None:
    """Nobody may look clients up any more."""
    with firm.as_("admin") as session:
        for role in session.scalars(select(Role)):
            role.grants = {right: scope for right, scope in role.grants.items() if right != LOOKUP}


class TestForms:
    """What was chosen by look-up stays and is shown, when something else in the form is changed."""

    @pytest.mark.addons("contacts", "sales")
    def test_his_worksheet_is_edited(self, firm: Firm, far: Far, app: Application) -> None:
        from addons.sales.models import Worksheet

        contact = mine(firm, customer_id=far.customer_id, client_text="")
        with firm.as_("petukhov") as session:
            document = handling.create_document(session, contact, "sales.worksheet").id
        form = Form(app, "petukhov", f"/sales/{document}/edit")
        assert form.fields["customer_id_text"] == "Дальний Пётр"
        assert form.save(note="позвонить").status_code == 303
        assert "Дальний Пётр" in Visitor(app, "petukhov").get(f"/sales/{document}").text
        with firm.as_("admin") as session:
            worksheet = session.get_one(Worksheet, document)
            assert (worksheet.customer_id, worksheet.note) == (far.customer_id, "позвонить")

    def test_the_plate_of_his_car_is_corrected(self, firm: Firm, far: Far, app: Application) -> None:
        assert Form(app, "petukhov", f"/vehicles/{far.vehicle_id}/edit").save(plate="В777ВВ99").status_code == 303
        with firm.as_("admin") as session:
            car = session.get_one(Vehicle, far.vehicle_id)
            assert (car.customer_id, car.plate) == (far.customer_id, "B777BB99")

    def test_who_may_not_look_him_up_keeps_him(self, firm: Firm, far: Far, app: Application) -> None:
        forbid_looking_up(firm)
        form = Form(app, "petukhov", f"/vehicles/{far.vehicle_id}/edit")
        assert "Дальний" not in form.page
        assert form.save(plate="В777ВВ99").status_code == 303
        with firm.as_("admin") as session:
            assert session.get_one(Vehicle, far.vehicle_id).customer_id == far.customer_id

    def test_a_client_who_was_not_there_before_has_to_be_visible(self, firm: Firm, far: Far, app: Application) -> None:
        form = Form(app, "petukhov", f"/vehicles/{far.vehicle_id}/edit")
        assert form.save(customer_id="999999").status_code == 422


class Form:
    """A form of somebody, with what stands in its fields."""

    def __init__(self, app: Application, login: str, path: str) -> None:
        self.visitor, self.path = Visitor(app, login), path
        self.page = self.visitor.get(path).text
        self.fields: dict[str, str] = {}
        for tag in re.findall(r"<input[^>]*>", self.page):
            name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
            if name and 'type="checkbox"' not in tag:
                self.fields[name[1]] = unescape(value[1]) if value else ""

    def save(self, **changes: str) -> TestResponse:
        """Send it with these changes."""
        return self.visitor.post(self.path, self.fields | changes)
