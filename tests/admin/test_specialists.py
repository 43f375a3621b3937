"""Who handles a contact goal is chosen on its card (S0-06, S0-07)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.support.dealership import Dealership
from tests.support.visitors import Visit

pytestmark = pytest.mark.addons("contacts")


@pytest.fixture
def goal(dealership: Dealership) -> int:
    """One of the showroom."""
    from addons.contacts.models import ContactGoal
    from core.access.models import Department

    with dealership.session() as session:
        showroom = select(Department.id).where(Department.kind == "showroom")
        goals = select(ContactGoal.id).where(ContactGoal.department_id.in_(showroom)).order_by(ContactGoal.id)
        found = session.scalars(goals).first()
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
    assert "Кравцов Андрей" not in before
    card = admin.get(f"/goals/{goal}").text
    assert "Кто обрабатывает" in card
    assert before[0] in card
    assert admin.post(f"{page}/add", {"user_id": str(dealership.people["kravtsov"])}).status_code == 303
    assert admin.post(f"{page}/add", {"user_id": str(dealership.people["kravtsov"])}).status_code == 303
    assert "Кравцов Андрей" in names(dealership, goal)
    for login in ("petukhov", "sokolova", "volkov"):
        admin.post(f"{page}/remove", {"user_id": str(dealership.people[login])})
    assert names(dealership, goal) == ["Кравцов Андрей"]


def test_search_finds_in_the_wrong_layout_and_shows_presence(visit: Visit, goal: int) -> None:
    admin = visit("admin")
    found = admin.get(f"/goals/{goal}/specialists?q=rhfdwjd", headers={"HX-Request": "true"})
    assert "<html" not in found.text
    assert "Кравцов Андрей" in found.text
    assert "Волков" not in found.text
    assert "Не на смене" in found.text
    assert "Больше никого не найдено" in admin.get(f"/goals/{goal}/specialists?q=xyzxyz").text


@pytest.mark.parametrize("login", ["volkov", "lebedeva"])
def test_who_could_not_take_its_contacts_is_not_chosen(
    visit: Visit, dealership: Dealership, goal: int, login: str
) -> None:
    """X-02: neither a specialist of another department nor somebody who takes no contacts at all."""
    admin, page = visit("admin"), f"/goals/{goal}/specialists"
    name = {"volkov": "Волков Сергей", "lebedeva": "Лебедева Мария"}[login]
    assert name not in admin.get(f"{page}?q={name.split()[0]}").text
    refused = admin.post(f"{page}/add", {"user_id": str(dealership.people[login])})
    assert refused.status_code == 422
    assert "Права этого сотрудника не распространяются на обращения этой цели." in refused.text
    assert name not in names(dealership, goal)


def test_who_has_lost_the_right_is_shown_apart(visit: Visit, dealership: Dealership, goal: int) -> None:
    """S0-07: the picker offers him no more, and the card says why; chosen anew when he has the right again."""
    from addons.contacts.services import releasing
    from core.access.models import Role, User, UserRole

    def give(codes: tuple[str, ...]) -> None:
        with dealership.session() as session:
            roles = session.scalars(select(Role.id).where(Role.code.in_(codes)))
            person = session.get_one(User, dealership.people["petukhov"])
            person.role_links.clear()
            session.flush()
            person.role_links.extend(UserRole(role_id=role) for role in roles)

    give(("sales_manager",))
    with dealership.session() as session:
        releasing.sweep(session)
    assert "Петухов Владимир" not in names(dealership, goal)
    card = visit("admin").get(f"/goals/{goal}").text
    assert card.index("им о них не сообщается") < card.index("Петухов Владимир")
    give(("specialist",))
    chosen = visit("admin").post(f"/goals/{goal}/specialists/add", {"user_id": str(dealership.people["petukhov"])})
    assert chosen.status_code == 303
    assert "Петухов Владимир" in names(dealership, goal)


def test_who_heads_the_whole_handles_the_goals_of_its_parts(visit: Visit, dealership: Dealership, goal: int) -> None:
    from addons.contacts.models import ContactGoal
    from core.access.models import Department, UserDepartment

    with dealership.session() as session:
        showroom = session.get_one(Department, session.get_one(ContactGoal, goal).department_id)
        whole = Department(branch_id=showroom.branch_id, title_ru="Центр", title_en="Centre", kind="other")
        session.add(whole)
        session.flush()
        showroom.parent_id = whole.id
        session.add(UserDepartment(user_id=dealership.people["volkov"], department_id=whole.id))
    added = visit("admin").post(f"/goals/{goal}/specialists/add", {"user_id": str(dealership.people["volkov"])})
    assert added.status_code == 303
    assert "Волков Сергей" in names(dealership, goal)


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
