"""What an administrator has taken out of use: chosen no more, and kept where it was chosen before."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from addons.contacts.models import ContactGoal, IgnoreReason, LeadSource, Make, RequestReason
from addons.contacts.services import handling
from addons.sales.models import LostReason
from addons.sales.services import worksheets
from core.access.models import Department
from core.errors import Invalid
from tests.contacts.test_handling import Firm, come_in, firm, new_car_goal
from tests.contacts.test_identifying import mine

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


def test_no_deal_is_lost_for_it(firm: Firm) -> None:
    reason, contact = retire(firm, LostReason), mine(firm)
    with firm.as_("petukhov") as session:
        worksheet = handling.create_document(session, contact, "sales.worksheet").id
    with firm.as_("petukhov") as session, pytest.raises(Invalid):
        worksheets.move(session, worksheet, "lost", lost_reason_id=reason)
