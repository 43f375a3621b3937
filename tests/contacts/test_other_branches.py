"""A client of another branch, chosen by look-up: what is done with his contacts, documents and cars stays whole."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from addons.contacts.models import Customer, Document, Vehicle
from addons.contacts.services import handling
from addons.contacts.services.customers import CustomerData, create_customer
from addons.contacts.services.records import change_vehicle, create_vehicle
from addons.sales.services import worksheets
from core.access.models import Branch
from core.access.policy import system
from tests.contacts.test_handling import Firm, come_in, firm
from tests.contacts.test_identifying import contact_of, mine

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


def test_his_document_is_found_by_his_numbers_after_a_step_too(firm: Firm, far: Far) -> None:
    """SEC-2: a search key is not written with the eyes of whoever takes a step."""
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
