"""``forecourt user``: accounts from the command line (SEC-10, SEC-11, SEC-18)."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from core.access.models import ApiToken, Department, SignIn, User, UserRole
from core.access.passwords import Passwords, read_code
from core.access.policy import system
from core.db.audit import AuditEntry
from core.host import instance, registry
from tests.cli.conftest import Console


@pytest.fixture
def staffed(console: Console) -> Console:
    """With an administrator and a department."""
    console.ok("user", "add", "admin", "--name", "Админ", "--role", "administrator")
    with working(console) as session:
        from core.access.models import Branch

        session.add(Branch(id=1, title_ru="Москва", title_en="Moscow"))
        session.flush()
        session.add(Department(id=7, branch_id=1, title_ru="Продажи", title_en="Sales"))
    return console


def working(console: Console):  # type: ignore[no-untyped-def]
    return instance.working(console.config, registry.start([], registry.Discovery()), "test")


def user(console: Console, login: str) -> User:
    with working(console) as session:
        links = (selectinload(User.role_links).selectinload(UserRole.role), selectinload(User.department_links))
        return session.scalars(select(User).where(User.login == login).options(*links)).one()


def code_in(output: str) -> str:
    return output.strip().rsplit(" ", 1)[1]


def test_a_new_person_gets_a_code_that_is_his_password_once(staffed: Console) -> None:
    said = staffed.ok(
        "user", "add", "Ivanova", "--name", "Иванова Анна", "--department", "sales", "--role", "supervisor"
    )

    assert said.startswith("added: ivanova, one-time code ")
    found = user(staffed, "ivanova")
    assert Passwords().verify(found.password_hash, read_code(code_in(said)))
    assert found.must_change_password
    assert [link.department_id for link in found.department_links] == [7]
    assert [link.role.code for link in found.role_links] == ["supervisor"]


@pytest.mark.parametrize("department", ["7", "Продажи", "продажи", "Sales"])
def test_a_department_is_named_by_title_or_number(staffed: Console, department: str) -> None:
    staffed.ok("user", "add", "anna", "--name", "Анна", "--department", department)

    assert [link.department_id for link in user(staffed, "anna").department_links] == [7]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "admin", "--name", "X"], "login: This login is taken."),
        (["add", "two words", "--name", "X"], "login:"),
        (["add", "anna", "--name", " "], "full_name:"),
        (["add", "anna"], "Missing option '--name'"),
        (["add", "anna", "--name", "X", "--role", "king"], "There is no role «king»; there are: administrator"),
        (["add", "anna", "--name", "X", "--department", "Луна"], "There is no department «Луна»; there are: Продажи"),
        (["code", "nobody"], "nobody with the login «nobody»"),
        (["roles", "nobody", "administrator"], "nobody with the login"),
        (["roles", "admin", "king"], "There is no role «king»"),
        (["roles", "admin"], "This is the last administrator"),
        (["disable", "admin"], "This is the last administrator"),
        (["token", "admin", " "], "name:"),
    ],
)
def test_a_mistake_is_one_clear_line_and_changes_nothing(staffed: Console, arguments: list[str], said: str) -> None:
    before = staffed.ok("user", "list")

    output = staffed.refused("user", *arguments)

    assert said in output
    assert len([line for line in output.splitlines() if line.startswith("Error:")]) == 1
    assert staffed.ok("user", "list") == before


def test_all_people_are_listed(staffed: Console) -> None:
    staffed.ok("user", "add", "anna", "--name", "Анна")
    staffed.ok("user", "disable", "anna")

    assert [line.split() for line in staffed.ok("user", "list").splitlines()] == [
        ["admin", "administrator", "Админ"],
        ["anna", "-", "Анна", "disabled"],
    ]


def test_roles_are_exactly_those_given(staffed: Console) -> None:
    staffed.ok("user", "add", "anna", "--name", "Анна", "--role", "supervisor")
    staffed.ok("user", "roles", "anna", "administrator")
    assert [link.role.code for link in user(staffed, "anna").role_links] == ["administrator"]

    assert staffed.ok("user", "roles", "anna") == "roles of anna: none\n"
    assert user(staffed, "anna").role_links == []


def test_a_new_code_ends_the_sign_ins(staffed: Console) -> None:
    with working(staffed) as session:
        now = session.now()
        session.add(SignIn(token_hash="x", user_id=1, created_at=now, last_seen_at=now, expires_at=now))

    code = code_in(staffed.ok("user", "code", "admin"))

    assert Passwords().verify(user(staffed, "admin").password_hash, read_code(code))
    with working(staffed) as session:
        assert session.scalars(select(SignIn.revoked_at)).one() is not None


def test_a_token_is_printed_once_and_kept_as_a_hash(staffed: Console) -> None:
    token = staffed.ok("user", "token", "admin", "site").strip()

    with working(staffed) as session:
        kept = session.scalars(select(ApiToken)).one()
        assert (kept.name, kept.prefix) == ("site", token[:12])
        assert token not in kept.token_hash


def test_a_disabled_person_is_let_in_again(staffed: Console) -> None:
    staffed.ok("user", "add", "anna", "--name", "Анна")
    staffed.ok("user", "disable", "anna")
    assert not user(staffed, "anna").active

    staffed.ok("user", "enable", "anna")

    assert user(staffed, "anna").active


def test_what_the_command_did_is_in_the_trail(staffed: Console) -> None:
    """SEC-9, SEC-63: with its reason."""
    with working(staffed) as session:
        found = session.execute(
            select(AuditEntry.source, AuditEntry.action).where(AuditEntry.subject_type == "core_user")
        ).all()
    assert ("command · user add", "create") in [tuple(row) for row in found]
    assert system("x").source == "command"
