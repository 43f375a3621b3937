"""Accounts are records of their own, and there is always an administrator (SEC-6, SEC-10, SEC-11)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from core.access import people
from core.access.models import User, UserRole
from core.access.policy import Access, Scope, system
from core.db.audit import AuditEntry
from core.db.engine import WorkSession
from core.errors import Conflict, Forbidden, Invalid
from tests.access.firm import SALES, WORKSHOP, Firm

CLIENT_RIGHTS = Access(7, grants={"contacts.customer.change": Scope.ALL, "core.user.read": Scope.ALL})


@pytest.mark.parametrize(
    "attempt",
    [
        lambda firm, session, user: people.create_user(session, firm.door.passwords, login="x2", full_name="X"),
        lambda firm, session, user: people.give_code(session, firm.door.passwords, user),
        lambda firm, session, user: people.remove_second_factor(session, firm.door.second_factors, user),
        lambda firm, session, user: people.set_roles(session, user, ["administrator"]),
        lambda firm, session, user: people.set_departments(session, user, []),
        lambda firm, session, user: people.disable(session, user),
        lambda firm, session, user: people.enable(session, user),
    ],
)
def test_sec_10_rights_on_clients_change_no_account(
    firm: Firm, attempt: Callable[[Firm, WorkSession, User], object]
) -> None:
    user_id = firm.hire()
    with firm.database.writing(CLIENT_RIGHTS) as session, pytest.raises(Forbidden):
        attempt(firm, session, session.get_one(User, user_id))


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"login": "IVANOVA", "full_name": "X"}, {"login"}),
        ({"login": "a b", "full_name": "X"}, {"login"}),
        ({"login": "x", "full_name": " "}, {"login", "full_name"}),
        ({"login": "x" * 65, "full_name": "X"}, {"login"}),
        ({"login": "a\x00\ud800", "full_name": "X"}, {"login"}),
        ({"login": "new", "full_name": "X", "roles": ["nobody knows"]}, {"roles"}),
        ({"login": "new", "full_name": "X", "departments": [99]}, {"departments"}),
    ],
)
def test_an_account_is_checked_all_at_once(firm: Firm, values: dict[str, str], fields: set[str]) -> None:
    firm.hire()
    with pytest.raises(Invalid) as refused, firm.database.writing(system("test")) as session:
        people.create_user(session, firm.door.passwords, **values)
    assert set(refused.value.errors) == fields


def test_roles_and_departments_become_exactly_those_named(firm: Firm) -> None:
    user_id = firm.hire(roles=("seller",), departments=(SALES,))
    with firm.database.writing(system("test")) as session:
        user = session.get_one(User, user_id)
        people.set_roles(session, user, ["supervisor", "seller"])
        people.set_roles(session, user, ["supervisor"])
        people.set_departments(session, user, [WORKSHOP])
    access = firm.access(firm.sign_in().token)
    assert access.roles == {"supervisor", "staff"}
    assert access.department_ids == {WORKSHOP}


def test_sec_63_role_changes_are_in_the_audit_trail(firm: Firm) -> None:
    user_id = firm.hire(roles=("seller",))
    with firm.database.writing(Access(user_id, grants={"core.user.assign_roles": Scope.ALL})) as session:
        people.set_roles(session, session.get_one(User, user_id), ["supervisor"])
    with firm.database.reading(system("test")) as session:
        told = session.execute(
            select(AuditEntry.action).where(
                AuditEntry.subject_type == UserRole.__tablename__, AuditEntry.user_id == user_id
            )
        ).scalars()
        assert sorted(told) == ["create", "delete"]


def test_the_last_administrator_stays(firm: Firm) -> None:
    user_id = firm.hire("boss", roles=("administrator",))
    for leave in (lambda session, user: people.set_roles(session, user, []), people.disable):
        with pytest.raises(Conflict), firm.database.writing(system("test")) as session:
            leave(session, session.get_one(User, user_id))
    firm.hire("second", roles=("administrator",))
    with firm.database.writing(system("test")) as session:
        people.disable(session, session.get_one(User, user_id))
    assert not firm.user("boss").active


def test_a_new_code_replaces_a_forgotten_password(firm: Firm) -> None:
    user_id = firm.hire()
    token = firm.sign_in().token
    with firm.database.writing(system("test")) as session:
        code = people.give_code(session, firm.door.passwords, session.get_one(User, user_id))
    assert firm.identify(token) is None
    with pytest.raises(Invalid):
        firm.sign_in()
    assert firm.known(firm.sign_in(password=code).token).pending == "password"
