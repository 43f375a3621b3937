"""Who is asking: one narrow query, and every change of rights counts at once (SEC-8, SEC-11, SEC-19)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from core.access import own_account, people
from core.access.identity import access_of, note_seen
from core.access.models import Branch, Department, Role, SignIn, User
from core.access.policy import NOBODY, Scope, system
from core.db.engine import WorkSession
from core.errors import NotSignedIn
from core.testing.statements import Statements
from tests.access.firm import ADDRESS, MOSCOW, SALES, SAMARA, USED_CARS, WORKSHOP, Firm

Change = Callable[[WorkSession, User], object]


def change(firm: Firm, user_id: int, what: Change) -> None:
    with firm.database.writing(system("test")) as session:
        what(session, session.get_one(User, user_id))


def grant(firm: Firm, role: str, **grants: str) -> None:
    with firm.database.writing(system("test")) as session:
        record = session.scalars(select(Role).where(Role.code == role)).one()
        record.grants = {**record.grants, **{f"shop.order.{action}": scope for action, scope in grants.items()}}


def test_access_is_what_the_roles_and_departments_say(firm: Firm) -> None:
    grant(firm, "seller", read="own", change="department")
    user_id = firm.hire(roles=("seller", "supervisor"), departments=(SALES,))
    access = firm.access(firm.sign_in().token)
    assert access.user_id == user_id
    assert (access.login, access.name, access.language, access.theme) == ("ivanova", "Серова Анна", "ru", "auto")
    assert access.roles == {"seller", "supervisor", "staff"}
    assert access.scope("shop.order.change") == Scope.DEPARTMENT
    assert access.scope("core.task.read") == Scope.BRANCH
    assert access.scope("core.user.read") == Scope.ALL
    assert access.scope("core.user.create") == Scope.NONE
    assert access.department_ids == {SALES, USED_CARS}
    assert access.branch_ids == {MOSCOW}
    assert access.source == ADDRESS


def test_the_widest_scope_among_the_roles_counts(firm: Firm) -> None:
    grant(firm, "seller", read="branch", change="own")
    grant(firm, "supervisor", read="own", change="all")
    firm.hire(roles=("seller", "supervisor"))
    access = firm.access(firm.sign_in().token)
    assert (access.scope("shop.order.read"), access.scope("shop.order.change")) == (Scope.BRANCH, Scope.ALL)


def test_x_05_the_time_zone_is_the_persons_then_the_branchs_then_the_instances(firm: Firm) -> None:
    firm.hire("one")
    firm.hire("two", departments=(WORKSHOP,))
    three = firm.hire("three", departments=(WORKSHOP,))
    change(firm, three, lambda _session, user: setattr(user, "time_zone", "Asia/Omsk"))
    zones = [firm.access(firm.sign_in(login).token).time_zone for login in ("one", "two", "three")]
    assert zones == ["Europe/Moscow", "Europe/Samara", "Asia/Omsk"]


def test_identifying_takes_one_query(firm: Firm) -> None:
    firm.hire(roles=("supervisor",), departments=(SALES,))
    token = firm.sign_in().token
    firm.access(token)
    with Statements(firm.database) as sent:
        firm.access(token)
    assert [text.split()[0] for text in sent.texts] == ["SELECT"]


CHANGES: dict[str, Change] = {
    "roles": lambda session, user: people.set_roles(session, user, ["supervisor"]),
    "departments": lambda session, user: people.set_departments(session, user, [WORKSHOP]),
    "language": lambda _session, user: setattr(user, "language", "en"),
    "role": lambda session, _user: setattr(
        session.scalars(select(Role).where(Role.code == "seller")).one(), "grants", {"shop.order.read": "all"}
    ),
    "branch": lambda session, _user: setattr(session.get_one(Branch, MOSCOW), "time_zone", "Asia/Omsk"),
    "tree": lambda session, _user: setattr(session.get_one(Department, WORKSHOP), "parent_id", SALES),
}


@pytest.mark.parametrize("what", CHANGES)
def test_sec_11_a_change_counts_from_the_next_request_in_every_process(firm: Firm, what: str) -> None:
    user_id = firm.hire(roles=("seller",), departments=(SALES,))
    token = firm.sign_in().token
    before = firm.access(token)
    change(firm, user_id, CHANGES[what])
    after = firm.access(token)
    assert after != before
    with firm.database.reading(NOBODY) as session:
        fresh = access_of(session, user_id)
    assert fresh is not None
    assert (after.grants, after.roles, after.department_ids) == (fresh.grants, fresh.roles, fresh.department_ids)


def test_sec_11_a_change_that_is_rolled_back_has_not_happened(firm: Firm) -> None:
    user_id = firm.hire(roles=("seller",))
    token = firm.sign_in().token
    with firm.database.session(system("test"), write=True) as session:
        people.set_roles(session, session.get_one(User, user_id), ["supervisor"])
        session.rollback()
    assert firm.access(token).roles == {"seller", "staff"}


def test_sec_11_a_disabled_person_is_out_at_once_and_for_good(firm: Firm) -> None:
    user_id = firm.hire(roles=("administrator",))
    firm.hire("other", roles=("administrator",))
    token = firm.sign_in().token
    change(firm, user_id, lambda _session, user: setattr(user, "active", False))
    assert firm.identify(token) is None
    change(firm, user_id, people.enable)
    assert firm.identify(token) is None
    assert firm.sign_in().token


def test_sec_19_a_sign_in_ends_after_twelve_hours_however_busy(firm: Firm) -> None:
    firm.hire()
    token = firm.sign_in().token
    for _ in range(23):
        firm.clock.go(minutes=30)
        seen(firm, token)
    firm.clock.go(minutes=29)
    assert firm.identify(token)
    firm.clock.go(minutes=1)
    assert firm.identify(token) is None


def test_sec_19_an_idle_administrator_is_out_after_thirty_minutes(firm: Firm) -> None:
    firm.hire("boss", roles=("administrator",))
    firm.hire("staff")
    boss, staff = firm.sign_in("boss").token, firm.sign_in("staff").token
    firm.clock.go(minutes=29)
    seen(firm, boss)
    firm.clock.go(minutes=29)
    assert firm.identify(boss)
    firm.clock.go(minutes=1)
    assert firm.identify(boss) is None
    firm.clock.go(hours=10)
    assert firm.identify(staff)


def seen(firm: Firm, token: str) -> None:
    """What the application does with a request."""
    identity = firm.known(token)
    if identity.seen_due:
        with firm.database.writing(identity.access) as session:
            note_seen(session, identity)


def test_being_seen_is_written_down_once_a_minute(firm: Firm) -> None:
    firm.hire()
    token = firm.sign_in().token
    assert not firm.known(token).seen_due
    firm.clock.go(minutes=1)
    assert firm.known(token).seen_due
    seen(firm, token)
    assert not firm.known(token).seen_due


def test_sec_19_changed_roles_bring_a_new_id(firm: Firm) -> None:
    user_id = firm.hire()
    token = firm.sign_in().token
    assert not firm.known(token).renewal_due
    change(firm, user_id, lambda session, user: people.set_roles(session, user, ["seller"]))
    identity = firm.known(token)
    assert identity.renewal_due
    with firm.database.writing(identity.access) as session:
        renewed = firm.door.renew(session, identity)
    assert not firm.known(renewed).renewal_due
    assert not firm.known(token).renewal_due, "the former id asks for no second renewal"
    firm.clock.go(seconds=30)
    assert firm.identify(token) is None
    firm.clock.go(hours=12)
    assert firm.identify(renewed) is None, "the new id ends when the former one would have"


def test_two_requests_at_once_bring_one_new_id(firm: Firm) -> None:
    """A page and its frame, or two tabs: the later one must not give the browser an id that ends in half a minute."""
    user_id = firm.hire()
    token = firm.sign_in().token
    change(firm, user_id, lambda session, user: people.set_roles(session, user, ["seller"]))
    first, second = firm.known(token), firm.known(token)
    with firm.database.writing(first.access) as session:
        renewed = firm.door.renew(session, first)
    firm.clock.go(seconds=1)
    with firm.database.writing(second.access) as session, pytest.raises(NotSignedIn):
        firm.door.renew(session, second)
    firm.clock.go(seconds=40)
    assert firm.identify(renewed) is not None


def test_sec_8_forms_are_bound_to_the_sign_in(firm: Firm) -> None:
    firm.hire()
    first, second = firm.known(firm.sign_in().token), firm.known(firm.sign_in().token)
    assert first.csrf_owner != second.csrf_owner
    assert first.csrf_owner


@pytest.mark.parametrize("token", ["", "x", "\ud800", "fct_x"])
def test_sec_30_any_cookie_and_token_is_taken(firm: Firm, token: str) -> None:
    assert firm.identify(token) is None
    with firm.database.reading(NOBODY) as session:
        assert firm.door.identities.identify_token(session, token) is None


def test_old_sign_ins_are_forgotten(firm: Firm) -> None:
    firm.hire()
    firm.sign_in()
    firm.clock.go(days=91)
    firm.sign_in()
    with firm.database.writing(system("daily")) as session:
        own_account.forget_sign_ins(session)
        assert len(session.scalars(select(SignIn)).all()) == 1


def test_a_branch_without_people_changes_nothing(firm: Firm) -> None:
    firm.hire(departments=(SALES, WORKSHOP))
    assert firm.access(firm.sign_in().token).branch_ids == {MOSCOW, SAMARA}
