"""Who handles a contact goal is chosen on its card (S0-06, S0-07)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.support.dealership import Dealership
from tests.support.visitors import Visit

pytestmark = pytest.mark.addons("contacts")


@pytest.fixture
def goal(dealership: Dealership) -> int:
    from addons.contacts.models import ContactGoal

    with dealership.session() as session:
        found = session.scalars(select(ContactGoal.id).order_by(ContactGoal.id)).first()
    assert found is not None
    return found


def names(dealership: Dealership, goal: int) -> list[str]:
    """What the picker of the reception offers for the goal."""
    from addons.contacts.services.goals import specialists

    with dealership.session() as session:
        return [person.name for person in specialists(session, goal)]


def test_the_picker_offers_exactly_the_chosen(visit: Visit, dealership: Dealership, goal: int) -> None:
    """S0-07."""
    admin, page = visit("admin"), f"/goals/{goal}/specialists"
    before = names(dealership, goal)
    assert "Лебедева Мария" not in before
    card = admin.get(f"/goals/{goal}").text
    assert "Кто обрабатывает" in card
    assert before[0] in card
    assert admin.post(f"{page}/add", {"user_id": str(dealership.people["lebedeva"])}).status_code == 303
    assert admin.post(f"{page}/add", {"user_id": str(dealership.people["lebedeva"])}).status_code == 303
    assert "Лебедева Мария" in names(dealership, goal)
    for login in ("petukhov", "sokolova", "volkov"):
        admin.post(f"{page}/remove", {"user_id": str(dealership.people[login])})
    assert names(dealership, goal) == ["Лебедева Мария"]


def test_search_finds_in_the_wrong_layout_and_shows_presence(visit: Visit, goal: int) -> None:
    admin = visit("admin")
    found = admin.get(f"/goals/{goal}/specialists?q=kt,tltdf", headers={"HX-Request": "true"})
    assert "<html" not in found.text
    assert "Лебедева Мария" in found.text
    assert "Волков" not in found.text
    assert "Не на смене" in found.text
    assert "Больше никого не найдено" in admin.get(f"/goals/{goal}/specialists?q=xyzxyz").text


def test_foreign_rights_and_numbers(visit: Visit, dealership: Dealership, goal: int) -> None:
    """SEC-1, SEC-30: readers see who handles it and cannot change it."""
    from addons.contacts.models import GoalSpecialist

    reader, admin = visit("petukhov"), visit("admin")
    card = reader.get(f"/goals/{goal}")
    assert card.status_code == 200
    assert "specialists/add" not in card.text
    assert reader.post(f"/goals/{goal}/specialists/add", {"user_id": "1"}).status_code == 403
    assert reader.get(f"/goals/{goal}/specialists").status_code == 403
    for number in ("999999999", "x", "9" * 30, ""):
        assert admin.post(f"/goals/{goal}/specialists/add", {"user_id": number}).status_code == 404
    assert admin.post("/goals/999999999/specialists/add", {"user_id": "1"}).status_code == 404
    with dealership.session() as session:
        assert session.scalars(select(GoalSpecialist.user_id).where(GoalSpecialist.user_id > 100)).all() == []
