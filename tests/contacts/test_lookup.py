"""The look-up of reception: a client is found however he is named, and by every spelling of his number (S2-27, S2-28)."""

from __future__ import annotations

import pytest

from addons.contacts.services.customers import CustomerData, create_customer
from addons.contacts.services.lookup import find_customers
from addons.contacts.services.records import create_vehicle
from tests.support.dealership import Dealership

pytestmark = pytest.mark.addons("contacts")

BY_NUMBER = ("+79161234567", "8 (916) 123-45-67", "89161234567", "9161234567", "+7 916 123 45 67", "7-916-123-4567")
BY_SECOND = ("8 495 765-43-21", "84957654321")
BY_PLATE = ("А123ВС777", "A123BC777", "а 123 вс 777", "a123bc 777", "f123dc777")
BY_NAME = ("Звонарёв", "звонарев", "pdjyfh`d", "zvonarev", "Звон", "Звонарёв Илья")


@pytest.fixture
def ilya(dealership: Dealership) -> int:
    with dealership.session() as session:
        data = CustomerData(last_name="Звонарёв", first_name="Илья", phones=("8 916 123-45-67", "8 495 765-43-21"))
        number = create_customer(session, data).id
        create_customer(session, CustomerData(last_name="Другой", first_name="Пётр", phones=("8 916 123-45-68",)))
        create_vehicle(session, {"title": "Camry", "plate": "А123ВС777", "customer_id": number})
        return number


@pytest.mark.parametrize("typed", [*BY_NUMBER, *BY_SECOND, *BY_PLATE, *BY_NAME, "4567"])
def test_a_client_is_found_however_he_is_named(dealership: Dealership, ilya: int, typed: str) -> None:
    with dealership.session() as session:
        found = find_customers(session, typed).customers
        assert [(each.id, each.vehicles) for each in found] == [(ilya, [("Camry", "A123BC777")])]


@pytest.mark.parametrize("typed", ["+79161234500", "В999ВВ99", "Никтоев"])
def test_nobody_is_found_by_what_is_not_his(dealership: Dealership, ilya: int, typed: str) -> None:
    with dealership.session() as session:
        assert find_customers(session, typed).customers == []
