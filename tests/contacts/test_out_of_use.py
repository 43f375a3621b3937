"""What an administrator has taken out of use: chosen no more, and kept where it was chosen before."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from addons.contacts.models import ContactGoal, IgnoreReason, InboundContact, LeadSource, Make, RequestReason, Vehicle
from addons.contacts.services import checking, handling
from core.access.models import Department
from core.errors import Invalid
from core.web.app import Application
from tests.contacts.test_checking import correct
from tests.contacts.test_handling import Firm, come_in, firm, new_car_goal
from tests.contacts.test_identifying import add_client, mine
from tests.support.visitors import Visitor

__all__ = ["firm"]


def retire(firm: Firm, model: Any, *conditions: Any) -> int:
    """Take the first row of a directory out of use; returns its number."""
    with firm.as_("admin") as session:
        row = session.scalars(select(model).where(*conditions).order_by(model.id)).first()
        assert row is not None
        row.active = False
        return int(row.id)


@pytest.mark.parametrize(
    ("model", "field"), [(LeadSource, "lead_source_id"), (RequestReason, "reason_ids"), (Make, "make_id")]
)
def test_a_stale_page_registers_nothing_of_it(firm: Firm, model: Any, field: str) -> None:
    number = retire(firm, model)
    with pytest.raises(Invalid) as refusal:
        come_in(firm, **{field: [number] if field == "reason_ids" else number})
    assert list(refusal.value.errors) == [field]


@pytest.mark.parametrize("model", [ContactGoal, Department])
def test_nor_with_its_goal(firm: Firm, model: Any) -> None:
    with firm.as_("admin") as session:
        goal = session.get_one(ContactGoal, new_car_goal(session))
        session.get_one(model, goal.id if model is ContactGoal else goal.department_id).active = False
    with pytest.raises(Invalid) as refusal:
        come_in(firm)
    assert list(refusal.value.errors) == ["goal_id"]


def test_nobody_is_ignored_for_it(firm: Firm) -> None:
    reason, contact = retire(firm, IgnoreReason), mine(firm)
    with firm.as_("petukhov") as session, pytest.raises(Invalid):
        handling.ignore(session, contact, reason, "ошиблись номером")


@pytest.mark.addons("contacts", "sales")
def test_no_deal_is_lost_for_it(firm: Firm) -> None:
    from addons.sales.models import LostReason
    from addons.sales.services import worksheets

    reason, contact = retire(firm, LostReason), mine(firm)
    with firm.as_("petukhov") as session:
        worksheet = handling.create_document(session, contact, "sales.worksheet").id
    with firm.as_("petukhov") as session, pytest.raises(Invalid):
        worksheets.move(session, worksheet, "lost", lost_reason_id=reason)


class TestCheckingTheData:
    """S1-46: a corrected mail address takes nothing else from the contact."""

    @pytest.fixture
    def contact(self, firm: Firm) -> int:
        client = add_client(firm, "Иванов")
        with firm.as_("admin") as session:
            car = Vehicle(customer_id=client, title="Kia Rio", model_year=2019)
            session.add(car)
            session.flush()
            source, reason = (
                session.scalars(select(each.id).order_by(each.id)).first() for each in (LeadSource, RequestReason)
            )
            given = {"vehicle_id": car.id, "lead_source_id": source, "reason_ids": [reason]}
        contact = mine(firm, customer_id=client, client_text="", **given)
        other = add_client(firm, "Петров")
        with firm.as_("admin") as session:
            session.get_one(Vehicle, given["vehicle_id"]).customer_id = other
            for model, number in ((LeadSource, source), (RequestReason, reason)):
                session.get_one(model, number).active = False
            session.get_one(ContactGoal, new_car_goal(session)).active = False
        return contact

    def test_what_can_be_chosen_no_more_stays(self, firm: Firm, contact: int, app: Application) -> None:
        with firm.as_("admin") as session:
            before = checking.data_of(session, session.get_one(InboundContact, contact))
        visitor = Visitor(app, "petukhov")
        sent = filled(visitor.get(f"/contact/{contact}/data").text)
        assert sent["goal_id"] == [str(before.goal_id)]
        assert visitor.post(f"/contact/{contact}/data", sent | {"email": "a@example.org"}).status_code == 303
        with firm.as_("admin") as session:
            after = checking.data_of(session, session.get_one(InboundContact, contact))
        assert checking.changed_fields(before, after) == ["email"]

    def test_another_thing_out_of_use_is_not_chosen_instead(self, firm: Firm, contact: int) -> None:
        other = retire(firm, LeadSource, LeadSource.active)
        with pytest.raises(Invalid) as refusal:
            correct(firm, contact, lead_source_id=other)
        assert list(refusal.value.errors) == ["lead_source_id"]


def filled(page: str) -> dict[str, list[str]]:
    """The fields of a form as a browser would send them."""
    form, found = page[page.index('<form class="card-fc') :], dict[str, list[str]]()
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and (" checked" in tag or not re.search(r'type="(radio|checkbox)"', tag)):
            found.setdefault(name[1], []).append(unescape(value[1]) if value else "")
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        found[name] = re.findall(r'value="([^"]*)" selected', options)
    return found
