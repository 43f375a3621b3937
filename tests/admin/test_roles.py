"""The rights table of a role: saved, marked as edited, reset, guarded against locking everybody out (SEC-1, X-07)."""

from __future__ import annotations

from sqlalchemy import select

from core.access.models import Branch, Department, Role, UserDepartment
from core.db.audit import AuditEntry, AuditValue
from tests.support.dealership import Dealership
from tests.support.visitors import Visit


def role_of(dealership: Dealership, code: str) -> Role:
    with dealership.session() as session:
        return session.scalars(select(Role).where(Role.code == code)).one()


def test_rights_are_edited_and_reset(visit: Visit, dealership: Dealership) -> None:
    admin, volkov = visit("admin"), visit("volkov")
    role = role_of(dealership, "staff")
    page = f"/admin/roles/{role.id}"
    assert volkov.get("/admin/users").status_code == 200
    sent = {"version": str(role.version), "grant.core.user.read": "none"}
    assert admin.post(f"{page}/rights", sent).status_code == 303
    assert volkov.get("/admin/users").status_code == 403
    shown = admin.get(page).text
    assert 'class="edited"' in shown
    assert "1 право изменено" in shown
    assert role_of(dealership, "staff").shipped["core.user.read"] == "all"
    assert admin.post(f"{page}/reset").status_code == 303
    assert volkov.get("/admin/users").status_code == 200
    assert 'class="edited"' not in admin.get(page).text


def test_the_table_speaks_the_readers_language(visit: Visit, dealership: Dealership) -> None:
    """X-03."""
    role, admin = role_of(dealership, "staff"), visit("admin")
    assert "Журнал действий" in admin.get(f"/admin/roles/{role.id}").text
    admin.post("/profile", {"language": "en", "theme": "auto"})
    english = admin.get(f"/admin/roles/{role.id}").text
    assert "Audit trail" in english
    assert "Reset to shipped" not in english


def test_what_does_not_exist_is_refused(visit: Visit, dealership: Dealership) -> None:
    """SEC-7, SEC-30: unknown rights, scopes without a meaning for the thing, and forms from an older state."""
    role, admin = role_of(dealership, "staff"), visit("admin")
    page = f"/admin/roles/{role.id}/rights"
    for name, scope in (("core.user.fly", "all"), ("core.user.read", "own"), ("core.user.read", "galaxy")):
        sent = {"version": str(role.version), f"grant.{name}": scope}
        assert admin.post(page, sent).status_code == 400
    assert admin.post(page, {"grant.core.user.read": "all"}).status_code == 400
    assert admin.post(page, {"version": "0", "grant.core.user.read": "all"}).status_code == 409
    assert admin.post("/admin/roles/999999999/rights", {"version": "1"}).status_code == 404
    assert role_of(dealership, "staff").grants == role.grants


def test_administrators_cannot_lock_everybody_out(visit: Visit, dealership: Dealership) -> None:
    role, admin = role_of(dealership, "administrator"), visit("admin")
    sent = {"version": str(role.version), "grant.core.role.change": "none"}
    assert admin.post(f"/admin/roles/{role.id}/rights", sent).status_code == 409
    assert admin.get(f"/admin/roles/{role.id}").status_code == 200


def test_everybody_is_counted_under_the_role_that_everybody_has(visit: Visit, dealership: Dealership) -> None:
    row = next(each for each in visit("admin").get("/admin/roles").text.split("<tr") if ">staff<" in each)
    assert f">{len(dealership.people)}<" in row


def test_departments_of_one_title_are_told_apart_by_their_branches(visit: Visit, dealership: Dealership) -> None:
    with dealership.session() as session:
        for login, branch in (("volkov", "Урал"), ("petukhov", "Волга")):
            department = Department(branch=Branch(title_ru=branch, title_en=branch), title_ru="Цех", title_en="Shop")
            session.add(UserDepartment(user_id=dealership.people[login], department=department))
    listed = visit("admin").get("/admin/users").text.partition("<tbody>")[2]
    assert "Цех · Урал" in listed
    assert "Цех · Волга" in listed


def test_a_role_of_ones_own(visit: Visit, dealership: Dealership) -> None:
    """Made, given, not deleted while somebody has it, then deleted; shipped ones stay."""
    admin = visit("admin")
    made = admin.post(
        "/admin/roles/new", {"code": "night_watch", "title_ru": "Ночной сторож", "title_en": "Night watch"}
    )
    assert made.status_code == 303
    role = role_of(dealership, "night_watch")
    assert role.grants == {}
    again = admin.post("/admin/roles/new", {"code": "night_watch", "title_ru": "Х", "title_en": "X"})
    assert again.status_code == 422
    bad = admin.post("/admin/roles/new", {"code": "Ночь", "title_ru": "Х", "title_en": "X"})
    assert bad.status_code == 422
    user = f"/admin/users/{dealership.people['volkov']}"
    admin.post(f"{user}/roles", {"roles": "night_watch"})
    assert admin.post(f"/admin/roles/{role.id}/delete", {"version": "1"}).status_code == 409
    admin.post(f"{user}/roles", {})
    assert admin.post(f"/admin/roles/{role.id}/delete", {"version": "1"}).status_code == 303
    shipped = role_of(dealership, "supervisor")
    assert admin.post(f"/admin/roles/{shipped.id}/delete", {"version": "1"}).status_code == 409
    assert admin.post(f"/admin/roles/{shipped.id}/reset").status_code == 303


def test_reading_is_not_changing(visit: Visit, dealership: Dealership) -> None:
    """SEC-1: the supervisor reads the table and cannot send it."""
    admin, volkov = visit("admin"), visit("volkov")
    admin.post(f"/admin/users/{dealership.people['volkov']}/roles", {"roles": "supervisor"})
    role = role_of(dealership, "staff")
    page = volkov.get(f"/admin/roles/{role.id}").text
    assert "Сохранить права" not in page
    assert volkov.post(f"/admin/roles/{role.id}/rights", {"version": str(role.version)}).status_code == 403


def test_a_change_of_rights_is_in_the_trail(visit: Visit, dealership: Dealership) -> None:
    """SEC-63: with old and new, and readable in the journal."""
    role, admin = role_of(dealership, "staff"), visit("admin")
    admin.post(f"/admin/roles/{role.id}/rights", {"version": str(role.version), "grant.core.user.read": "none"})
    with dealership.session() as session:
        entry, values = session.execute(
            select(AuditEntry, AuditValue)
            .join(AuditValue, AuditValue.audit_id == AuditEntry.id)
            .where(AuditEntry.subject_type == "core_role", AuditEntry.user_id == dealership.people["admin"])
        ).one()
        assert entry.action == "change"
        assert values.changes["grants"][0]["core.user.read"] == "all"
        number = entry.id
    shown = admin.get(f"/admin/audit/{number}").text
    assert "core.user.read: all" in shown
