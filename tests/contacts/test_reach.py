"""SEC-3, SEC-6: every address that changes something, walked from the map by people whose right does not reach it."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from sqlalchemy import inspect, select, text
from werkzeug.routing import Rule

from addons.contacts.models import ContactGoal, Customer, IgnoreReason
from addons.contacts.services import handling, identifying
from addons.contacts.services.customers import CustomerData, create_customer
from addons.contacts.services.phone_section import write_number
from core.access.models import Branch, Department, Role, User, UserDepartment, UserRole
from core.access.passwords import Passwords
from core.db.engine import WorkSession
from core.errors import Forbidden, NotFound
from core.web.app import Application
from tests.contacts.test_handling import Firm, come_in, firm
from tests.support.dealership import PASSWORD, Dealership
from tests.support.visitors import Visitor

__all__ = ["firm"]

HARMLESS = {
    "contacts.opened": "tells that the owner looks at his contact; from anybody else it changes nothing",
    "contacts.claim": "who may read the contact is told by name who was faster (S0-29)",
}
"""Addresses that answer a stranger with something else than a refusal, and why; the rows stay as they are."""

ANYBODY_MAY = {"contacts.consent_give": "a consent can be taken of any client, as the rights table says"}
COLLEAGUE_MAY = {
    "contacts.note": "whoever may read a contact may write a note on it",
    "contacts.vehicles.save": "cars belong to the whole dealership, as the rights table says",
}
"""What a specialist of the same department may do with a colleague's contact."""


@dataclass
class Records:
    """What petukhov has, whom the others must leave alone."""

    contact: int
    free: int
    customer: int
    worksheet: int = 0


@pytest.fixture
def records(dealership: Dealership, firm: Firm) -> Records:
    with dealership.session() as session:
        _hire_elsewhere(session)
        branch_id = session.scalars(select(Branch.id).order_by(Branch.id)).first()
        customer = create_customer(
            session,
            CustomerData(
                last_name="Иванов",
                first_name="Пётр",
                phones=["+79031234567"],
                responsible_id=firm.people["petukhov"],
                branch_id=branch_id,
            ),
        )
        customer_id = customer.id
    given = {"customer_id": customer_id, "phone": "+79035550101"}
    contact = come_in(firm, responsible_id=firm.people["petukhov"], **given)
    return Records(contact, come_in(firm), customer_id, _worksheet(firm, customer_id))


def _hire_elsewhere(session: WorkSession) -> None:
    """A branch of its own with a specialist and a receptionist."""
    branch = Branch(title_ru="Самара", title_en="Samara", time_zone="Europe/Samara")
    session.add(branch)
    session.flush()
    department = Department(branch_id=branch.id, title_ru="Салон", title_en="Showroom", kind="showroom")
    session.add(department)
    session.flush()
    hashed = Passwords().hash(PASSWORD)
    roles = {role.code: role.id for role in session.scalars(select(Role))}
    for login, codes in (("samarin", ("specialist", "sales_manager")), ("samarina", ("reception",))):
        user = User(login=login, full_name=login.title(), short_name=login.title(), password_hash=hashed)
        session.add(user)
        session.flush()
        session.add_all(UserRole(user_id=user.id, role_id=roles[code]) for code in codes if code in roles)
        session.add(UserDepartment(user_id=user.id, department_id=department.id))


def _worksheet(firm: Firm, customer_id: int) -> int:
    """A worksheet of petukhov, where sales is there."""
    from importlib.util import find_spec

    if "sales_worksheet" not in _tables(firm) or find_spec("addons.sales") is None:
        return 0
    from addons.sales.services.worksheets import NewWorksheet, create_worksheet

    with firm.as_("petukhov") as session:
        contact = handling.get_contact(session, come_in(firm, responsible_id=firm.people["petukhov"]))
        new = NewWorksheet(
            customer_id=customer_id,
            interest="Kia Rio",
            responsible_id=firm.people["petukhov"],
            department_id=contact.department_id,
            branch_id=contact.branch_id,
        )
        return create_worksheet(session, new).id


def _tables(firm: Firm) -> list[str]:
    with firm.database.engine.connect() as connection:
        return inspect(connection).get_table_names()


def rules_of(app: Application) -> list[Rule]:
    """Every address of an addon that takes a form about one record."""
    return [
        rule
        for rule in app.router.map.iter_rules()
        if rule.methods and "POST" in rule.methods and not rule.endpoint.startswith("core.")
        if not app.router.routes[rule.endpoint].api
        if "record_id" in rule.arguments or rule.endpoint == "sales.board_move"
    ]


OF = {"/contact/": "contact", "/clients/": "customer", "/traffic/": "contact", "/sales/": "worksheet"}


def path_of(rule: Rule, records: Records, contact_id: int) -> str | None:
    """The address for petukhov's record; nothing where no such record is part of the test."""
    kinds = {"contact": contact_id, "customer": records.customer, "worksheet": records.worksheet}
    kind = next((kind for start, kind in OF.items() if rule.rule.startswith(start)), "")
    if rule.endpoint == "contacts.consent_withdraw" or not kind or not kinds[kind] or "import" in rule.rule:
        return None
    return rule.rule.replace("<int:record_id>", str(kinds[kind]))


def form_of(firm: Firm, records: Records) -> dict[str, object]:
    """A form in which every address finds what it asks for."""
    with firm.database.session() as session:
        goal = session.connection().execute(select(ContactGoal.id)).scalars().first()
        reason = session.connection().execute(select(IgnoreReason.id)).scalars().first()
    return {
        "version": 1,
        "goal_id": goal,
        "reason_id": reason,
        "comment": "чужое",
        "result": "чужое",
        "text": "чужое",
        "type": "sales.worksheet",
        "document_id": records.worksheet,
        "customer_id": records.customer,
        "responsible_id": "",
        "phone": "+79039990000",
        "last_name": "Чужой",
        "first_name": "Чужой",
        "stage": "test_drive",
        "state": "test_drive",
        "id": records.worksheet,
        "lost_reason_id": 1,
        "purpose": "processing",
        "channel": "phone",
    }


def rows_of(firm: Firm) -> dict[str, list[str]]:
    """All rows of the addons and what hangs on their records."""
    starts = ("contacts_", "sales_", "core_timeline", "core_task", "core_notification")
    names = [name for name in _tables(firm) if name.startswith(starts) and "_fts" not in name]
    with firm.database.engine.connect() as connection:
        return {
            name: sorted(
                json.dumps(dict(row), default=str, sort_keys=True)
                for row in connection.execute(text(f"SELECT * FROM {name}")).mappings()
            )
            for name in sorted(names)
        }


def walked(app: Application, firm: Firm, records: Records, login: str, allowed: dict[str, str]) -> list[str]:
    """What was not refused, or changed something all the same."""
    visitor, form, before = Visitor(app, login), form_of(firm, records), rows_of(firm)
    wrong = []
    for rule in rules_of(app):
        path = path_of(rule, records, records.contact)
        if path is None or rule.endpoint in allowed:
            continue
        status = visitor.post(path, form).status_code
        if status not in (403, 404) and rule.endpoint not in HARMLESS:
            wrong.append(f"{rule.endpoint}: {status}")
        if rows_of(firm) != before:
            wrong.append(f"{rule.endpoint}: something changed")
            before = rows_of(firm)
    return wrong


@pytest.mark.parametrize(
    ("login", "allowed"),
    [("sokolova", COLLEAGUE_MAY), ("volkov", {}), ("samarin", {}), ("samarina", {})],
    ids=["a colleague", "another department", "another branch", "reception of another branch"],
)
def test_nobody_touches_what_is_not_his(
    app: Application, firm: Firm, records: Records, login: str, allowed: dict[str, str]
) -> None:
    assert walked(app, firm, records, login, {**ANYBODY_MAY, **allowed}) == []


def test_the_walk_meets_the_steps_of_the_card(app: Application) -> None:
    met = {rule.endpoint for rule in rules_of(app)}
    steps = "claim transfer queue remind ignore finish create_document attach identify create_client save_phone"
    assert {f"contacts.{step}" for step in (*steps.split(), "note", "save_data", "add_phone")} <= met


class TestNumbers:
    """A number goes into the card of a client whom the person may change."""

    def add(self, firm: Firm, login: str, customer_id: int) -> bool:
        with firm.as_(login) as session:
            return write_number(session, customer_id, "8 903 999-00-00")

    def test_his_own_client(self, firm: Firm, records: Records) -> None:
        assert self.add(firm, "petukhov", records.customer)
        assert not self.add(firm, "petukhov", records.customer)

    def test_the_reception_of_the_branch(self, firm: Firm, records: Records) -> None:
        assert self.add(firm, "lebedeva", records.customer)

    def test_not_a_colleagues_client(self, firm: Firm, records: Records) -> None:
        with pytest.raises(Forbidden):
            self.add(firm, "sokolova", records.customer)

    def test_of_another_branch_nobody_knows(self, dealership: Dealership, firm: Firm, records: Records) -> None:
        with dealership.session() as session:
            firm.people["samarina"] = session.scalars(select(User.id).where(User.login == "samarina")).one()
        with pytest.raises(NotFound):
            self.add(firm, "samarina", records.customer)

    def test_from_the_contact_for_who_has_taken_it(self, firm: Firm, records: Records) -> None:
        """S1-53: he talks with the client, whoever is responsible for him otherwise."""
        with firm.as_("admin") as session:
            customer = session.get_one(Customer, records.customer)
            customer.responsible_id = firm.people["sokolova"]
        with firm.as_("petukhov") as session:
            assert identifying.save_phone(session, records.contact)

    def test_not_from_a_colleagues_contact(self, firm: Firm, records: Records) -> None:
        with firm.as_("sokolova") as session, pytest.raises(Forbidden):
            identifying.save_phone(session, records.contact)


class TestReminding:
    def test_only_who_may_queue_it(self, firm: Firm, records: Records) -> None:
        with firm.as_("lebedeva") as session:
            handling.queue(session, records.contact)
        with firm.as_("sokolova") as session, pytest.raises(Forbidden):
            handling.remind(session, records.contact)
        with firm.as_("lebedeva") as session:
            handling.remind(session, records.contact)


class TestTheHead:
    """The rights table gives the head of the department these steps on all its contacts."""

    def test_finishes_a_contact_of_his_people(self, firm: Firm, records: Records) -> None:
        with firm.as_("kravtsov") as session:
            assert handling.finish(session, records.contact, "Отказался").state == "processed"

    def test_ignores_one_that_nobody_took(self, firm: Firm, records: Records) -> None:
        with firm.as_("kravtsov") as session:
            reason = session.scalars(select(IgnoreReason.id).where(~IgnoreReason.comment_required)).first()
            assert handling.ignore(session, records.free, reason).state == "ignored"

    def test_the_administrator_too(self, firm: Firm, records: Records) -> None:
        with firm.as_("admin") as session:
            assert handling.finish(session, records.contact, "Отказался").state == "processed"


def test_acting_on_a_free_contact_takes_it(firm: Firm, records: Records) -> None:
    """The buttons are there for a specialist of the goal, and what they promise is done."""
    with firm.as_("sokolova") as session:
        contact = handling.finish(session, records.free, "Приедет")
        assert (contact.state, contact.responsible_id) == ("processed", firm.people["sokolova"])
