"""The page that removes an addon: what is shown, who may, what must be typed, what is in the trail."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from sqlalchemy import select

from core.access.models import User, UserRole
from core.access.passwords import Passwords
from core.config import Config
from core.db.audit import AuditEntry, AuditValue
from core.db.holders import holders
from core.host import instance
from core.host.switching import Outcome
from core.host.uninstalling import uninstall
from core.web.app import Application
from core.web.views import admin_uninstall
from tests.support.dealership import PASSWORD, Dealership
from tests.support.visitors import Visitor
from tests.uninstall.conftest import session_of, without_code, work
from tests.uninstall.test_documents import sell

PATH = "/admin/addons/testlend/uninstall"


@pytest.fixture
def office(office: Config) -> Config:
    """The office with an administrator, who asks for pages."""
    from core.access.models import Role

    with session_of(office) as session:
        admin = User(login="admin", full_name="Admin", password_hash=Passwords().hash(PASSWORD), language="en")
        plain = User(login="plain", full_name="Plain", password_hash=Passwords().hash(PASSWORD), language="en")
        session.add_all([admin, plain])
        session.flush()
        role = session.scalars(select(Role).where(Role.code == "administrator")).one()
        session.add(UserRole(user_id=admin.id, role_id=role.id))
    return msgspec.structs.replace(office, require_second_factor=False)


@pytest.fixture
def closing() -> Iterator[list[Application]]:
    """Applications that are closed after the test."""
    apps: list[Application] = []
    yield apps
    for app in apps:
        app.close()


def visitor(config: Config, closing: list[Application], login: str = "admin") -> Visitor:
    closing.append(Application(config))
    return Visitor(closing[-1], login)


def test_it_is_told_typed_and_done(office: Config, closing: list[Application]) -> None:
    work(office)
    on = visitor(office, closing)
    assert "It is switched on." in on.get(PATH).text
    assert on.post(PATH, {"name": "testlend"}).status_code == 409
    switched = on.post("/admin/addons/testlend/disable").location or ""
    assert "“Loan cars” still holds rows: 5, files: 1" in on.get(switched).text
    admin = visitor(office, closing)
    assert f'href="{PATH}"' in admin.get("/admin/addons").text
    page = admin.get(PATH).text
    for words in ("testlend_car", "Days of a loan", "Cars: See", "Loan cars", "“Lends cars”: 1 person", "Reminders"):
        assert words in page
    wrong = admin.post(PATH, {"name": "testlen"})
    assert (wrong.status_code, "This is another name." in wrong.text) == (422, True)
    done = admin.post(PATH, {"name": "testlend"})
    assert done.location == "/admin/addons?done=uninstall&names=testlend"
    assert "Removed with its data: Loan cars." in admin.get(done.location or "").text
    assert len(list(office.backups.iterdir())) == 1
    assert admin.get(PATH).status_code == 404
    with session_of(office) as session:
        statement = (
            select(AuditEntry.action, User.login)
            .join(AuditValue, AuditValue.audit_id == AuditEntry.id)
            .outerjoin(User, User.id == AuditEntry.user_id)
            .where(AuditEntry.action.like("addon_%"))
            .order_by(AuditEntry.id)
        )
        assert session.execute(statement).all() == [
            ("addon_uninstall", "admin"),
            ("addon_refused", "admin"),
            ("addon_disable", "admin"),
            ("addon_uninstall", "admin"),
            ("addon_uninstalled", None),
        ]


def test_a_refusal_is_told_in_the_language_of_the_reader(
    office: Config, closing: list[Application], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that refuses speaks English; its words are for the details."""
    work(office)
    with session_of(office) as session:
        session.scalars(select(User).where(User.login == "admin")).one().language = "ru"
    admin = visitor(office, closing)
    page = admin.post(PATH, {"name": "testlend"}).text
    assert "«Подменные машины» не удалено." in page
    assert "Дополнение включено." in page
    assert "<pre>«testlend» is enabled: disable it first" in page
    assert "За это время" not in page
    instance.disable(office, "testlend")
    monkeypatch.setattr(admin_uninstall, "switch", lambda *_arguments: Outcome(reason="rows were deleted meanwhile"))
    page = admin.post(PATH, {"name": "testlend"}).text
    assert "не удалено. За это время что-то изменилось, или что-то не работает." in " ".join(page.split())


def test_who_has_no_right(office: Config, closing: list[Application]) -> None:
    """SEC-1."""
    work(office)
    instance.disable(office, "testlend")
    plain = visitor(office, closing, "plain")
    assert plain.get(PATH).status_code == 403
    assert plain.post(PATH, {"name": "testlend"}).status_code == 403
    assert PATH not in plain.get("/admin/addons").text


def test_an_addon_whose_code_is_gone(office: Config, closing: list[Application]) -> None:
    """It is called by the name it had, can be switched off, and removed."""
    work(office)
    bare = without_code(office)
    admin = visitor(bare, closing)
    assert "Loan cars" in admin.get("/admin/addons").text
    assert admin.post("/admin/addons/testlend/disable").status_code == 303
    assert "Its code is not installed any more." in admin.get(PATH).text
    assert admin.post(PATH, {"name": "testlend"}).status_code == 303


def test_who_refers_to_it_is_named(office: Config, closing: list[Application]) -> None:
    work(office)
    instance.enable(office, ["testnote"])
    instance.disable(office, "testnote")
    instance.disable(office, "testlend")
    admin = visitor(office, closing)
    page = admin.get(PATH).text
    assert "Remove these first: Notes" in page
    assert "testnote_note, column car_id: 0" in page
    assert "Type “testlend” to remove it" not in page


def test_no_addon_has_such_a_name(office: Config, closing: list[Application]) -> None:
    admin = visitor(office, closing)
    for name in ("core", "nobody", "..%2f..", "testlend"):
        assert admin.get(f"/admin/addons/{name}/uninstall").status_code == 404


@pytest.mark.addons("contacts", "sales")
def test_a_deletion_is_held_by_what_is_switched_off(dealership: Dealership, closing: list[Application]) -> None:
    """In words, with the addon's name, and only as long as its rows are there."""
    from addons.contacts.models import LeadSource

    with dealership.session() as session:
        source = LeadSource(title_ru="Выставка", title_en="Exhibition")
        session.add(source)
        session.flush()
        number = source.id
    sell(dealership, lead_source_id=number)
    instance.disable(dealership.config, "sales")
    admin = visitor(dealership.config, closing)
    path = f"/lead-sources/{number}/delete"
    words = "отключённое дополнение «Продажи», данные которого сохранены: 1"
    assert words in admin.get(path).text
    assert words in admin.post(path, {"version": "1"}).text
    uninstall(dealership.config, "sales")
    assert admin.post(path, {"version": "1"}).status_code == 303


def test_what_would_go_with_a_record_holds_it_too(office: Config) -> None:
    """A row of an addon that is off goes with a record, and another one of that addon refers to it."""
    with instance.engine_of(office) as engine, engine.begin() as connection:
        for statement in (
            (
                "CREATE TABLE far_part (id INTEGER PRIMARY KEY, user_id BIGINT,"
                " FOREIGN KEY (user_id) REFERENCES core_user (id) ON DELETE CASCADE)"
            ),
            (
                "CREATE TABLE far_line (id INTEGER PRIMARY KEY, part_id INTEGER, before_id INTEGER, user_id BIGINT,"
                " FOREIGN KEY (part_id) REFERENCES far_part (id), FOREIGN KEY (before_id) REFERENCES far_line (id),"
                " FOREIGN KEY (user_id) REFERENCES core_user (id) ON DELETE CASCADE)"
            ),
            "INSERT INTO far_part (id, user_id) VALUES (1, 1), (2, NULL)",
            "INSERT INTO far_line (id, part_id, before_id, user_id) VALUES (1, 2, NULL, NULL), (2, 1, NULL, 1)",
        ):
            connection.exec_driver_sql(statement)
        assert holders(connection, "core_user", 1) == []
        connection.exec_driver_sql("INSERT INTO far_line (id, part_id, before_id) VALUES (3, 1, NULL), (4, NULL, 2)")
        assert holders(connection, "core_user", 1) == [("far", "far_line", 2)]


def test_another_change_is_told_of_in_words(
    office: Config, closing: list[Application], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In which process it is stands in the details alone."""
    other = "addon restore testlend, process 7 on host"
    work(office)
    instance.disable(office, "testlend")
    answer = Outcome(reason=f"under way already: {other}", under_way=other)
    monkeypatch.setattr(admin_uninstall, "switch", lambda *_arguments: answer)
    page = visitor(office, closing).post(PATH, {"name": "testlend"}).text
    assert "Another change is under way: bringing back Loan cars. Try again" in page
    assert "process 7" not in page.partition("<pre>")[0]
