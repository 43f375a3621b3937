"""Who makes a client VIP, and what the form's fields are called for each group (S4-03…05)."""

from __future__ import annotations

import re

from sqlalchemy import select

from addons.contacts.models import Customer
from core.web.app import Application
from tests.api.program import Program
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

PERSON = {
    "legal_form": "person",
    "relation": "retail",
    "last_name": "Белов",
    "first_name": "Олег",
    "section.numbers": "1",
}
COMPANY = PERSON | {"legal_form": "company", "last_name": "ООО «Вега»"}
GOVERNMENT = PERSON | {"legal_form": "government", "last_name": "МБОУ Школа № 5"}
VIP = {"vip": "y", "vip_reason": "Постоянный покупатель"}


def _client(dealership: Dealership, name: str) -> tuple[int, int, bool, str]:
    with dealership.session() as session:
        row = session.execute(
            select(Customer.id, Customer.version, Customer.vip, Customer.vip_reason).where(Customer.last_name == name)
        ).one()
        return row.id, row.version, row.vip, row.vip_reason


def _change(visitor: Visitor, dealership: Dealership, name: str, fields: dict[str, str]) -> int:
    number, version, _, _ = _client(dealership, name)
    return visitor.post(f"/clients/{number}/edit", {**fields, "version": str(version)}).status_code


def test_without_the_right_nobody_becomes_vip(dealership: Dealership, app: Application) -> None:
    """S4-04."""
    reception = Visitor(app, "lebedeva")
    assert 'name="vip"' not in reception.get("/clients/new").text
    assert reception.post("/clients/new", PERSON | VIP).status_code == 303
    assert _client(dealership, "Белов")[2:] == (False, "")
    assert _change(reception, dealership, "Белов", PERSON | VIP) == 303
    assert _client(dealership, "Белов")[2:] == (False, "")


def test_what_another_has_set_stays_when_somebody_without_the_right_saves(
    dealership: Dealership, app: Application
) -> None:
    head, reception = Visitor(app, "kravtsov"), Visitor(app, "lebedeva")
    assert head.post("/clients/new", PERSON | VIP).status_code == 303
    number = _client(dealership, "Белов")[0]
    assert VIP["vip_reason"] in reception.get(f"/clients/{number}/edit").text
    assert _change(reception, dealership, "Белов", PERSON) == 303
    assert _client(dealership, "Белов")[2:] == (True, VIP["vip_reason"])
    assert _change(head, dealership, "Белов", PERSON) == 303
    assert _client(dealership, "Белов")[2:] == (False, "")


def test_a_vip_by_hand_needs_a_reason(app: Application) -> None:
    answer = Visitor(app, "kravtsov").post("/clients/new", PERSON | {"vip": "y"})
    assert answer.status_code == 422
    assert "Укажите, почему" in answer.text or "VIP" in answer.text


def test_a_government_body_is_vip_whoever_saves_it(dealership: Dealership, app: Application) -> None:
    """S4-03, C-28."""
    head, reception = Visitor(app, "kravtsov"), Visitor(app, "lebedeva")
    name = GOVERNMENT["last_name"]
    assert reception.post("/clients/new", GOVERNMENT).status_code == 303
    assert _client(dealership, name)[2:] == (True, "")
    number = _client(dealership, name)[0]
    box = re.search(r'<input[^>]*name="vip"[^>]*>', head.get(f"/clients/{number}/edit").text)
    assert box is not None
    assert "checked" in box[0]
    assert "disabled" in box[0]
    assert _change(head, dealership, name, GOVERNMENT) == 303
    assert _client(dealership, name)[2:] == (True, "")
    assert _change(reception, dealership, name, COMPANY | {"last_name": name}) == 303
    assert _client(dealership, name)[2:] == (False, "")


def test_programs_are_held_to_the_same(dealership: Dealership, app: Application) -> None:
    body = {"last_name": "Белов", "vip": True, "vip_reason": "Постоянный"}
    assert Program(app, dealership, "lebedeva").post("/contacts/clients", body).status_code == 422
    assert Program(app, dealership, "kravtsov").post("/contacts/clients", body).status_code == 201
    assert _client(dealership, "Белов")[2]


def test_names_are_called_after_the_group(dealership: Dealership, app: Application) -> None:
    """S4-05…07."""
    head = Visitor(app, "kravtsov")
    fresh = head.get("/clients/new").text
    assert ">Фамилия<" in fresh
    assert "Краткое название" in fresh  # in data-labels: the page renames the field when the group changes
    assert "Фамилия или краткое название" not in re.sub(r'data-labels="[^"]*"', "", fresh)
    refused = head.post("/clients/new", COMPANY | {"first_name": ""})
    assert refused.status_code == 422
    assert ">Краткое название<" in refused.text
    assert ">Контактное лицо<" in refused.text
    assert head.post("/clients/new", COMPANY).status_code == 303
    card = head.get(f"/clients/{_client(dealership, COMPANY['last_name'])[0]}").text
    assert "Краткое название" in card
    assert "Контактное лицо" in card
