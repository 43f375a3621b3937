"""The rights table, walked completely: every address as every role (SEC-1, SEC-3, X-07)."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, select

from core.access.models import Branch, Department, Role, SignInAttempt, User, UserDepartment, UserRole
from core.access.passwords import Passwords
from core.access.policy import Scope
from core.db.engine import WorkSession
from core.web.app import Application
from core.web.routing import PUBLIC, SIGNED_IN, Route
from tests.support.addons import ROOT
from tests.support.dealership import PASSWORD, Dealership
from tests.support.visitors import Visitor

NOBODYS = 999_999_999
"""The number of a record that does not exist."""

LONG_LIVED = {"core.live"}
"""Answers that do not end by themselves."""

ENDS_THE_VISIT = {"core.signout"}


@pytest.fixture
def dealership(dealership: Dealership) -> Dealership:
    """The dealership with somebody of every role."""
    with dealership.session() as session:
        one_person_a_role(session)
    return dealership


def one_person_a_role(session: WorkSession) -> None:
    """A member of staff for each shipped role, with that role alone, in the first department."""
    hashed = Passwords().hash(PASSWORD)
    department = session.scalars(select(Department.id).order_by(Department.id)).first()
    for role in list(session.scalars(select(Role))):
        user = User(login=f"only-{role.code}", full_name=role.title_en, password_hash=hashed)
        session.add(user)
        session.flush()
        if not role.everyone:
            session.add(UserRole(user_id=user.id, role_id=role.id))
        if department is not None:
            session.add(UserDepartment(user_id=user.id, department_id=department))


def roles(app: Application) -> list[str]:
    return sorted(app.rights.roles)


def path_of(app: Application, route: Route) -> str:
    """An address of the route that names no record there is."""
    arguments = {rule.endpoint: rule.arguments for rule in app.router.map.iter_rules()}[route.endpoint]
    samples = {"language": "ru", "key": "x", "action": "x", "field": "x"}
    values = {name: samples.get(name, NOBODYS) for name in arguments}
    return app.url(route.endpoint, **values)


def ask(visitor: Visitor, app: Application, route: Route, method: str) -> int:
    path = path_of(app, route)
    if route.api:
        return visitor.client.open(path, method=method).status_code
    return (visitor.get(path) if method == "GET" else visitor.post(path)).status_code


def test_strangers_see_the_sign_in_page_only(app: Application) -> None:
    stranger = Visitor(app)
    wrong = []
    for route in app.router.routes.values():
        for method in route.methods:
            if route.right == PUBLIC or route.endpoint in LONG_LIVED:
                continue
            status = ask(stranger, app, route, method)
            if status not in ((401,) if route.api else (303,)):
                wrong.append(f"{method} {route.rule} as a stranger: {status}")
    assert wrong == []


def test_every_address_as_every_role(app: Application, dealership: Dealership) -> None:
    """403 without the right, and never with it; never a fault, whoever asks."""
    wrong = []
    for code in roles(app):
        with dealership.session() as session:  # who asks every address has also signed in wrongly
            session.execute(delete(SignInAttempt))
        visitor = Visitor(app, f"only-{code}")
        for route in app.router.routes.values():
            if route.endpoint in LONG_LIVED | ENDS_THE_VISIT:
                continue
            allowed = route.right in (PUBLIC, SIGNED_IN) or app.rights.scope(code, route.right) > Scope.NONE
            for method in route.methods:
                status = ask(visitor, app, route, method)
                if status >= 500 or (not allowed and status != 403) or (allowed and status == 403 and method == "GET"):
                    wrong.append(f"{method} {route.rule} as {code} ({'may' if allowed else 'may not'}): {status}")
    assert wrong == []


def test_a_form_without_its_token_changes_nothing(app: Application) -> None:
    """SEC-23: the host refuses it before the view runs."""
    visitor = Visitor(app, "only-administrator")
    wrong = []
    for route in app.router.routes.values():
        if "POST" in route.methods and not route.signed and not route.api:
            status = visitor.client.post(path_of(app, route), data={"csrf_token": "forged"}).status_code
            if status != 403:
                wrong.append(f"{route.rule}: {status}")
    assert wrong == []


def test_foreign_sites_cannot_post(app: Application) -> None:
    """SEC-23: neither by Origin nor by Sec-Fetch-Site."""
    visitor = Visitor(app, "only-administrator")
    fields = {"csrf_token": visitor.token(), "state": "busy"}
    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert visitor.client.post("/presence", data=fields, headers=headers).status_code == 403
    assert visitor.post("/presence", {"state": "busy"}).status_code == 303


def test_the_written_table_is_the_one_in_force(app: Application, addon_set: tuple[str, ...]) -> None:
    """SEC-12: docs/rights.md is what the host enforces."""
    if len(addon_set) < len({file.parent for file in ROOT.glob("addons/*/addon.toml")}):
        written = (ROOT / "docs" / "rights.md").read_text(encoding="utf-8")
        assert all(f"`{name}`" in written or name in written for name in app.rights.rights)
        return
    assert Path(ROOT / "docs" / "rights.md").read_text(encoding="utf-8").endswith(app.rights.as_matrix())


def test_another_branch_is_unknown(app: Application, dealership: Dealership) -> None:
    """SEC-3: a record out of reach is answered like a missing one, in every address that names it."""
    with dealership.session() as session:
        branch = Branch(title_ru="Дальний филиал", title_en="Far branch")
        session.add(branch)
        session.flush()
        far = Department(branch_id=branch.id, title_ru="Дальний отдел", title_en="Far department")
        session.add(far)
        session.flush()
        stranger = User(login="far-away", full_name="Дальний Друг", password_hash=Passwords().hash(PASSWORD))
        session.add(stranger)
        session.flush()
        session.add(UserDepartment(user_id=stranger.id, department_id=far.id))
        roles_by_code = {role.code: role.id for role in session.scalars(select(Role))}
        wanted = [
            code for code in ("reception", "specialist", "sales_manager", "service_adviser") if code in roles_by_code
        ]
        session.add_all(UserRole(user_id=stranger.id, role_id=roles_by_code[code]) for code in wanted)
    records = scoped_records(app, dealership)
    visitor = Visitor(app, "far-away")
    wrong = []
    for endpoint, record_id in records:
        status = visitor.get(app.url(endpoint, record_id=record_id)).status_code
        if status != 404:
            wrong.append(f"{endpoint} {record_id}: {status}")
    assert wrong == []
    assert bool(records) == bool(app.host.running)


def scoped_records(app: Application, dealership: Dealership) -> list[tuple[str, int]]:
    """Records of the first branch, with an address each: a contact, and what each addon that is there makes of it."""
    if "contacts" not in app.host.running:
        return []
    from addons.contacts.models import ContactGoal
    from addons.contacts.services.registration import NewContact, register

    with dealership.session() as session:
        goal = session.scalars(
            select(ContactGoal).where(ContactGoal.channel == "phone").order_by(ContactGoal.id)
        ).first()
        assert goal is not None
        contact = register(session, NewContact(channel="phone", goal_id=goal.id, client_text="Виктор"))
        found = [("contacts.contact", contact.id)]
        if "sales" in app.host.running:
            from addons.sales.services.worksheets import NewWorksheet, create_worksheet

            document = create_worksheet(session, NewWorksheet(customer_text="Виктор", department_id=goal.department_id))
            found += [("sales.worksheets.card", document.id)]
    if "service" in app.host.running:
        from addons.service.models import RepairOrder
        from tests.service.conftest import book, receive

        found += [("service.bookings.card", book(dealership)), ("service.visits.card", receive(dealership))]
        with dealership.session() as session:
            found += [("service.orders.card", session.scalars(select(RepairOrder.id)).one())]
    return found
