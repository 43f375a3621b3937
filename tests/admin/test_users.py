"""Accounts on their pages: made with a code shown once, given roles and departments, closed (SEC-10, 11, 18, 21, 22)."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from core.access.models import Role, SignIn, User, UserRole
from core.access.policy import Scope
from core.db.audit import AuditEntry
from core.web.app import Application
from tests.support.dealership import PASSWORD, Dealership
from tests.support.visitors import Visit, Visitor

_CODE = re.compile(r'<output class="admin-code num">([^<]+)</output>')


def card(dealership: Dealership, login: str) -> str:
    return f"/admin/users/{dealership.people[login]}"


def code_in(page: str) -> str:
    found = _CODE.search(page)
    assert found is not None
    return found.group(1)


def test_a_new_account_and_its_code(visit: Visit, app: Application, dealership: Dealership) -> None:
    """SEC-18: the code is shown once, lets in once, and the person chooses a password."""
    admin = visit("admin")
    answer = admin.post(
        "/admin/users/new",
        {"login": "New.Person", "full_name": "Новикова Ольга", "roles": "supervisor", "language": "en"},
    )
    assert answer.status_code == 200
    code = code_in(answer.text)
    with dealership.session() as session:
        user = session.scalars(select(User).where(User.login == "new.person")).one()
        assert (user.language, [link.role.code for link in user.role_links]) == ("en", ["supervisor"])
        user_id = user.id
    assert code not in admin.get(f"/admin/users/{user_id}").text
    newcomer = Visitor(app)
    assert newcomer.post("/signin", {"login": "new.person", "password": code}).status_code == 303
    assert newcomer.get("/admin").location == "/profile/security"


def test_mistakes_stand_at_their_fields(visit: Visit) -> None:
    refused = visit("admin").post("/admin/users/new", {"login": "ad min", "full_name": ""})
    assert refused.status_code == 422
    assert 'id="login-error"' in refused.text
    assert 'id="full_name-error"' in refused.text
    taken = visit("admin").post("/admin/users/new", {"login": "ADMIN", "full_name": "Другой"})
    assert taken.status_code == 422


def test_roles_count_from_the_next_request(visit: Visit, dealership: Dealership) -> None:
    """SEC-11."""
    volkov, admin = visit("volkov"), visit("admin")
    assert volkov.get("/admin/roles").status_code == 403
    answer = admin.post(f"{card(dealership, 'volkov')}/roles", {"roles": ["supervisor"]})
    assert answer.location == f"{card(dealership, 'volkov')}?done=roles"
    assert volkov.get("/admin/roles").status_code == 200
    admin.post(f"{card(dealership, 'volkov')}/roles", {})
    assert volkov.get("/admin/roles").status_code == 403


@pytest.mark.addons("contacts")
def test_an_older_page_gives_back_no_role_that_was_taken(visit: Visit, dealership: Dealership) -> None:
    """SEC-49: what two administrators tick at once adds up."""
    admin, page = visit("admin"), card(dealership, "volkov")
    found = re.search(r'/roles".*?name="was" value="([^"]*)"', admin.get(page).text, re.DOTALL)
    assert found is not None
    assert "specialist" in found[1].split()
    admin.post(f"{page}/roles", {"roles": ["supervisor"], "was": found[1]})
    admin.post(f"{page}/roles", {"roles": ["specialist", "reception"], "was": found[1]})
    with dealership.session() as session:
        held = select(Role.code).join(UserRole, UserRole.role_id == Role.id)
        codes = session.scalars(held.where(UserRole.user_id == dealership.people["volkov"])).all()
    assert sorted(codes) == ["reception", "supervisor"]


def test_unknown_roles_and_departments_are_refused(visit: Visit, dealership: Dealership) -> None:
    """SEC-7, SEC-30."""
    admin = visit("admin")
    assert admin.post(f"{card(dealership, 'volkov')}/roles", {"roles": "emperor"}).status_code == 422
    for number in ("999999999", "-1", "9" * 30, "x"):
        assert admin.post(f"{card(dealership, 'volkov')}/departments", {"departments": number}).status_code == 422


def test_the_last_administrator_stays(visit: Visit, dealership: Dealership) -> None:
    admin = visit("admin")
    assert admin.post(f"{card(dealership, 'admin')}/roles", {}).status_code == 409
    assert admin.post(f"{card(dealership, 'admin')}/disable").status_code == 409
    assert admin.get("/admin").status_code == 200


def test_disabled_is_out_at_once(visit: Visit, app: Application, dealership: Dealership) -> None:
    """SEC-11: his sign-ins end, and enabling him brings none of them back."""
    petukhov, admin = visit("petukhov"), visit("admin")
    assert petukhov.get("/tasks").status_code == 200
    assert admin.post(f"{card(dealership, 'petukhov')}/disable").status_code == 303
    assert petukhov.get("/tasks").status_code == 303
    assert Visitor(app).post("/signin", {"login": "petukhov", "password": PASSWORD}).status_code != 303
    admin.post(f"{card(dealership, 'petukhov')}/enable")
    assert petukhov.get("/tasks").status_code == 303
    assert Visitor(app, "petukhov").get("/tasks").status_code == 200


def test_a_code_ends_the_sign_ins(visit: Visit, app: Application, dealership: Dealership) -> None:
    sokolova, admin = visit("sokolova"), visit("admin")
    code = code_in(admin.post(f"{card(dealership, 'sokolova')}/code").text)
    assert sokolova.get("/tasks").status_code == 303
    assert Visitor(app).post("/signin", {"login": "sokolova", "password": PASSWORD}).status_code != 303
    assert Visitor(app).post("/signin", {"login": "sokolova", "password": code}).status_code == 303


def test_sign_ins_are_seen_and_ended(visit: Visit, dealership: Dealership) -> None:
    """SEC-21: an administrator ends anybody's; a colleague sees none of them."""
    lebedeva, admin = visit("lebedeva"), visit("admin")
    page = card(dealership, "lebedeva")
    ways = re.findall(rf'action="({page}/sign-ins/\d+/end)"', admin.get(page).text)
    assert len(ways) == 1
    assert "/sign-ins/" not in lebedeva.get(card(dealership, "admin")).text
    assert admin.post(ways[0]).status_code == 303
    assert lebedeva.get("/tasks").status_code == 303
    visit("lebedeva")
    assert admin.post(f"{page}/sign-ins/end").status_code == 303
    with dealership.session() as session:
        living = select(SignIn).where(SignIn.user_id == dealership.people["lebedeva"], SignIn.revoked_at.is_(None))
        assert session.scalars(living).all() == []


def test_only_the_own_sign_ins_are_listed(visit: Visit) -> None:
    """SEC-2: the list shows staff their own, the administrator everybody's."""
    lebedeva, admin = visit("lebedeva"), visit("admin")
    assert "Админ" not in lebedeva.get("/admin/sign-ins").text.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = admin.get("/admin/sign-ins").text.partition("<tbody>")[2]
    assert "Админ" in rows
    assert "Лебедева М." in rows


def test_many_sign_ins_are_ended_at_once(visit: Visit, dealership: Dealership) -> None:
    volkov, admin = visit("volkov"), visit("admin")
    with dealership.session() as session:
        number = session.scalars(select(SignIn.id).where(SignIn.user_id == dealership.people["volkov"])).one()
    asked = admin.post("/admin/sign-ins/bulk/end", {"id": str(number), "query": ""})
    assert asked.status_code == 200
    assert volkov.get("/tasks").status_code == 200
    done = admin.post("/admin/sign-ins/bulk/end", {"id": str(number), "query": "", "answered": "1"})
    assert done.status_code == 303
    assert volkov.get("/tasks").status_code == 303


def test_an_account_is_changed_without_touching_its_rights(visit: Visit, dealership: Dealership) -> None:
    """SEC-7, SEC-10: nothing but the declared fields is bound."""
    admin, page = visit("admin"), f"{card(dealership, 'volkov')}/edit"
    fields = {
        "version": "1",
        "login": "Volkov2",
        "full_name": "Волков Сергей Ильич",
        "short_name": "Волков С.",
        "email": "v@example.com",
        "phone": "8 903 111-22-33",
        "extension": "77",
        "language": "ru",
        "time_zone": "",
        "active": "",
        "password_hash": "x",
        "must_change_password": "1",
    }
    with dealership.session() as session:
        fields["version"] = str(session.scalars(select(User.version).where(User.login == "volkov")).one())
    assert admin.post(page, fields).status_code == 303
    with dealership.session() as session:
        user = session.scalars(select(User).where(User.login == "volkov2")).one()
        assert (user.phone, user.extension, user.email) == ("+79031112233", "77", "v@example.com")
        assert (user.active, user.must_change_password, user.time_zone) == (True, False, None)
        assert user.password_hash != "x"


def test_nobody_changes_his_own_address_on_this_page(visit: Visit, dealership: Dealership) -> None:
    """SEC-22."""
    with dealership.session() as session:
        version = session.scalars(select(User.version).where(User.login == "admin")).one()
    fields = {"version": str(version), "login": "admin", "full_name": "А", "language": "ru", "email": "me@example.com"}
    refused = visit("admin").post(f"{card(dealership, 'admin')}/edit", fields)
    assert refused.status_code == 422
    with dealership.session() as session:
        assert session.scalars(select(User.email).where(User.login == "admin")).one() == ""


def test_staff_sees_colleagues_and_changes_nobody(visit: Visit, dealership: Dealership) -> None:
    """SEC-1, SEC-10."""
    staff = visit("lebedeva")
    page = staff.get(card(dealership, "volkov"))
    assert page.status_code == 200
    assert "<form" not in page.text.partition("<main")[2].partition('id="timeline"')[0]
    for part in ("roles", "departments", "disable", "enable", "code", "second-factor/remove", "edit"):
        assert staff.post(f"{card(dealership, 'volkov')}/{part}").status_code == 403
    assert staff.get("/admin/users/new").status_code == 403
    assert staff.get("/admin").status_code == 403


def test_each_step_is_in_the_trail(visit: Visit, app: Application, dealership: Dealership) -> None:
    """SEC-63: who did it, and with whom."""
    visit("admin").post(f"{card(dealership, 'volkov')}/code")
    with dealership.session() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "one_time_code")).one()
        assert (entry.user_id, entry.subject_id) == (dealership.people["admin"], dealership.people["volkov"])
    assert app.rights.scope("administrator", "core.user.give_code") == Scope.ALL


def test_people_are_found_in_any_spelling(visit: Visit) -> None:
    rows = visit("admin").get("/admin/users?q=gtne").text.partition("<tbody>")[2].partition("</tbody>")[0]
    assert "Петухов" in rows
    assert "Волков" not in rows
