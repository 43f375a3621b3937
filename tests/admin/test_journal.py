"""The audit journal: who, what, field changes in words, filters, export (SEC-63, SEC-70)."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select

from core.access import people
from core.access.models import Department, User, UserDepartment
from core.db.audit import AuditEntry, AuditValue, Change, record_changes
from core.db.base import addon_of_table
from core.testing.statements import Statements
from core.web.app import Application
from core.web.screens import Field
from tests.support.dealership import Dealership
from tests.support.visitors import Visit


def rows(page: str) -> str:
    return page.partition("<tbody>")[2].partition("</tbody>")[0]


@pytest.fixture
def changed(visit: Visit, dealership: Dealership) -> int:
    """The number of a user whose name, extension and state the administrator has changed; of its last entry by fields."""
    with dealership.session() as session:
        version = session.scalars(select(User.version).where(User.login == "volkov")).one()
    number = dealership.people["volkov"]
    fields = {"login": "volkov", "full_name": "Волков Степан", "language": "en", "extension": "42"}
    answer = visit("admin").post(f"/admin/users/{number}/edit", {**fields, "version": str(version)})
    assert answer.status_code == 303
    return number


def test_changes_are_told_in_words(visit: Visit, dealership: Dealership, changed: int) -> None:
    admin = visit("admin")
    found = rows(admin.get(f"/admin/audit?record=core_user:{changed}&action=change").text)
    assert "Админ" in found
    assert "изменён" in found
    assert "Пользователь: Волков Степан" in found
    assert "Добавочный: 42" in found
    assert "full_name" not in found
    with dealership.session() as session:
        mine = (AuditEntry.subject_type == "core_user", AuditEntry.subject_id == changed, AuditEntry.action == "change")
        number = session.scalars(select(AuditEntry.id).where(*mine).order_by(AuditEntry.id.desc())).first()
    card = admin.get(f"/admin/audit/{number}").text
    assert "<td>Русский</td><td>Английский</td>" in card
    assert f'href="/admin/users/{changed}"' in card
    admin.post("/profile", {"language": "en", "theme": "auto"})
    assert "Extension: 42" in rows(admin.get(f"/admin/audit?record=core_user:{changed}&action=change").text)


def test_sec_4_a_field_one_must_not_see_is_not_in_the_trail_either(
    app: Application, visit: Visit, dealership: Dealership, changed: int
) -> None:
    """Who may read the trail reads of a record what he may read on its card."""
    [screen] = app.screens.of_table("core_user")
    guarded = [
        replace(section, fields=tuple(_guarded(each, "core.user.disable") for each in section.fields))
        for section in screen.screen.sections
    ]
    screen.screen = replace(screen.screen, sections=tuple(guarded))
    with dealership.session() as session:
        user = session.scalars(select(User).where(User.login == "sokolova")).one()
        people.set_roles(session, user, ["supervisor"])
        mine = (AuditEntry.subject_type == "core_user", AuditEntry.subject_id == changed, AuditEntry.action == "change")
        number = session.scalars(select(AuditEntry.id).where(*mine).order_by(AuditEntry.id.desc())).first()
    for login, seen in (("admin", True), ("sokolova", False)):
        reader = visit(login)
        listed = rows(reader.get(f"/admin/audit?record=core_user:{changed}&action=change").text)
        card = reader.get(f"/admin/audit/{number}").text
        assert "Русский" in card
        assert ["Добавочный" in page for page in (listed, card)] == [seen, seen], login


def _guarded(field: Field, right: str) -> Field:
    return replace(field, right=right) if field.name == "extension" else field


def test_filters(visit: Visit, dealership: Dealership, changed: int) -> None:
    """By person, by record, by period, by kind; what makes no sense is refused (SEC-30)."""
    admin, me = visit("admin"), dealership.people["admin"]
    assert "Волков Степан" in rows(admin.get(f"/admin/audit?person={me}&period=today").text)
    assert "Волков Степан" in rows(admin.get(f"/admin/audit?record={changed}&thing=core_user").text)
    assert rows(admin.get("/admin/audit?period=2001-01-01..2001-01-02").text).strip() == ""
    assert "Волков" not in rows(admin.get("/admin/audit?thing=core_branch").text)
    for wrong in ("record=core_user:x", "record=", "record=core_user:" + "9" * 30, "action=explode"):
        assert admin.get(f"/admin/audit?{wrong}").status_code in (200, 400)
        assert admin.get(f"/admin/audit?{wrong}").status_code == (200 if wrong == "record=" else 400)
    assert admin.get("/admin/audit?panel=1").status_code == 200


@pytest.mark.addons("contacts")
def test_what_an_addon_notes_is_told_in_its_words(visit: Visit) -> None:
    """What happened and to what, and what else is known of it."""
    admin = visit("admin")
    page = admin.post("/clients/import", {"file": (io.BytesIO("Фамилия;Имя\nИванов;Иван\n".encode()), "a.csv")})
    assert page.status_code == 303
    found = rows(admin.get("/admin/audit?period=today").text)
    assert "файл отправлен на загрузку" in found
    assert "Загрузка №" in found
    assert "Файл: a.csv" in found
    assert "import_started" not in found


@pytest.mark.addons("contacts")
def test_what_an_addon_notes_can_be_filtered_by(visit: Visit, addon_set: tuple[str, ...]) -> None:
    admin = visit("admin")
    admin.post("/clients/import", {"file": (io.BytesIO("Фамилия;Имя\nИванов;Иван\n".encode()), "a.csv")})
    assert 'name="action" value="contact.claimed"' in admin.get("/admin/audit?panel=1").text
    nameless = re.findall(r'name="thing" value="(\w+)"[^>]*><span>\1<', admin.get("/admin/audit?panel=1").text)
    assert [thing for thing in nameless if addon_of_table(thing) in ("core", *addon_set)] == []
    page = admin.get("/admin/audit?action=import_started")
    assert page.status_code == 200
    assert "Файл: a.csv" in rows(page.text)
    assert "вход" not in rows(page.text)


def test_what_no_screen_names_is_told_in_words_too(visit: Visit, dealership: Dealership, changed: int) -> None:
    """Commands of the server; and an entry of which only the program's own columns have changed."""
    admin = visit("admin")
    with dealership.session() as session:
        record_changes(session, [Change("change", "core_user", changed, {"search_key": ["a", "b"]})])
        record_changes(session, [Change("change", "core_addon", 1, {"contents": [{}, {"menu": {"sales": {}}}]})])
    told = rows(admin.get(f"/admin/audit?record=core_user:{changed}").text)
    assert "только служебные данные программы" in told
    assert "команда сервера" in told
    assert "sales" not in rows(admin.get("/admin/audit?record=core_addon:1&action=change").text)


def test_references_are_named(visit: Visit, dealership: Dealership) -> None:
    with dealership.session() as session:
        department = session.scalars(select(Department.id)).first()
        role_page = f"/admin/users/{dealership.people['volkov']}"
    visit("admin").post(f"{role_page}/roles", {"roles": "supervisor"})
    found = rows(visit("admin").get("/admin/audit?thing=core_user_role&period=today").text)
    assert "Роль сотрудника" in found
    assert "Роль: Руководитель" in found
    assert "Пользователь: Волков Сергей" in found
    if department is not None:
        visit("admin").post(f"{role_page}/departments", {"departments": str(department)})
        with dealership.session() as session:
            assert session.scalars(
                select(UserDepartment.department_id).where(UserDepartment.user_id == dealership.people["volkov"])
            ).all() == [department]


def test_erased_values_leave_the_entry(visit: Visit, dealership: Dealership, changed: int) -> None:
    """SEC-70."""
    with dealership.session() as session:
        mine = (AuditEntry.subject_type == "core_user", AuditEntry.subject_id == changed)
        number = session.scalars(select(AuditEntry.id).where(*mine).order_by(AuditEntry.id.desc())).first()
        session.execute(delete(AuditValue).where(AuditValue.audit_id == number))
    card = visit("admin").get(f"/admin/audit/{number}")
    assert card.status_code == 200
    assert "Значения уничтожены" in card.text
    assert visit("admin").get("/admin/audit").status_code == 200


def test_export_needs_its_right_and_leaves_a_trace(visit: Visit, dealership: Dealership, changed: int) -> None:
    admin = visit("admin")
    file = admin.post("/admin/audit/export", {"format": "csv", "query": f"record=core_user:{changed}"})
    assert file.status_code == 200
    assert "Волков Степан" in file.data.decode("utf-8-sig")
    with dealership.session() as session:
        assert session.scalars(select(AuditEntry.user_id).where(AuditEntry.action == "export")).all() == [
            dealership.people["admin"]
        ]
    admin.post(f"/admin/users/{dealership.people['sokolova']}/roles", {"roles": "supervisor"})
    supervisor = visit("sokolova")
    assert supervisor.get("/admin/audit").status_code == 200
    assert supervisor.post("/admin/audit/export", {"format": "csv", "query": ""}).status_code == 403
    assert visit("lebedeva").get("/admin/audit").status_code == 403


def test_a_sign_in_is_seen(visit: Visit) -> None:
    """SEC-63."""
    admin = visit("admin")
    found = rows(admin.get("/admin/audit?action=sign_in&action=sign_in_refused&action=sign_out").text)
    assert "вход" in found
    assert "Пользователь: Администратор" in found
    assert "Адрес" in found


def test_no_page_is_open_to_changes(app: Application) -> None:
    """The journal is read only: it has no form, no deletion."""
    endpoints = {f"core.audit.{part}" for part in ("new", "create", "edit", "save", "delete", "delete_do")}
    assert endpoints.isdisjoint(app.router.routes)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("period=2001-01-01..2001-01-02", "ix_core_audit_at"),
        ("person={me}&period=2001-01-01..2001-01-02", "ix_core_audit_user"),
        ("record=core_user:{me}", "ix_core_audit_subject"),
        ("record={me}", "ix_core_audit_subject"),
        ("thing=core_user", "ix_core_audit_thing"),
        ("action=export", "ix_core_audit_action"),
        ("person={me}&action=change", "ix_core_audit_user"),
        ("action=export&action=personal_data.export", "ix_core_audit_action"),
    ],
)
def test_the_filters_are_answered_by_an_index(
    app: Application, visit: Visit, dealership: Dealership, query: str, index: str
) -> None:
    """The trail is the longest table of all."""
    admin = visit("admin")
    _lengthen_trail(app)
    with Statements(app.database) as statements:
        assert admin.get("/admin/audit?" + query.format(me=dealership.people["admin"])).status_code == 200
    statement, parameters = next(each for each in statements.sent if "core_audit_value" in each[0])
    with app.database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        else:
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).all()
    assert index in str(plan)


def _lengthen_trail(app: Application) -> None:
    """A few rows are read faster without an index, or with any."""
    start, kinds = datetime(2026, 1, 1, tzinfo=UTC), [*["core_task"] * 5, "core_user"]
    row = {"source": "", "action": "change", "values_hash": ""}
    rows = [
        {
            **row,
            "at": start + timedelta(minutes=n),
            "user_id": n % 50,
            "subject_type": kinds[n % 6],
            "subject_id": n % 700,
        }
        for n in range(5000)
    ]
    with app.database.engine.begin() as connection:
        connection.execute(insert(AuditEntry), rows)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE core_audit")
