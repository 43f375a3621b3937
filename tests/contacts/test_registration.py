"""What registering leaves behind: call backs that follow their contact, and a way back that only one can win."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from addons.contacts.models import ContactGoal, Customer
from addons.contacts.services import callbacks, desk, handling, identifying, portrait, undoing
from addons.contacts.services.goals import Goal, may_register_for
from addons.contacts.services.registration import Way
from addons.contacts.services.releasing import release_of_the_gone
from core.access.models import User
from core.access.policy import Access, Scope, system
from core.db.engine import WorkSession
from core.errors import Conflict
from core.testing.statements import Statements
from core.web.app import Application
from core.work.office_models import WorkingHours
from core.work.task_models import Task
from tests.contacts.test_handling import Firm, come_in, firm, state_of, waiting_notes
from tests.contacts.test_identifying import add_client, mine
from tests.support.visitors import Visitor

__all__ = ["firm"]


def later(firm: Firm, at: datetime | None = None, **given: object) -> int:
    """A contact that Petukhov is to call back."""
    when = at or datetime.now(UTC) + timedelta(hours=2)
    fields = {"responsible_id": firm.people["petukhov"], "phone": "89031234567", "callback_at": when} | given
    return come_in(firm, **fields, way=Way.CALLBACK, channel="phone")


def task_of(session: WorkSession) -> Task:
    return session.scalars(select(Task)).one()


def call_of(firm: Firm) -> tuple[str, int | None]:
    """The state of the call back and who is to make it."""
    with firm.database.writing(system("test")) as session:
        task = task_of(session)
        return task.state, task.assignee_id


class TestCallBack:
    def test_it_follows_the_contact(self, firm: Firm) -> None:
        """X-01: one open work item with an owner, whoever that is by now."""
        contact = later(firm)
        with firm.as_("petukhov") as session:
            handling.transfer(session, contact, firm.people["sokolova"])
        with firm.as_("sokolova") as session:
            assert task_of(session).assignee_id == firm.people["sokolova"]
            handling.finish(session, contact, "Перезвонила")
            assert task_of(session).state == "done"

    def test_what_was_promised_stays_promised_while_nobody_has_the_contact(self, firm: Firm) -> None:
        """X-01: the call is everybody's of the department, and then of whoever takes the contact."""
        contact = later(firm)
        with firm.as_("petukhov") as session:
            due = task_of(session).due_at
            handling.transfer(session, contact, None)
        assert call_of(firm) == ("open", None)
        with firm.as_("sokolova") as session:
            assert task_of(session).waits_for(session.access)
            handling.claim(session, contact)
            assert task_of(session).due_at == due
        assert call_of(firm) == ("open", firm.people["sokolova"])

    def test_it_does_not_stay_with_who_has_left(self, firm: Firm) -> None:
        contact = later(firm)
        with firm.database.writing(system("test")) as session:
            session.get_one(User, firm.people["petukhov"]).active = False
        with firm.database.writing(system("test")) as session:
            assert release_of_the_gone(session) == 1
        assert call_of(firm) == ("open", None)
        with firm.as_("sokolova") as session:
            handling.claim(session, contact)
        assert call_of(firm) == ("open", firm.people["sokolova"])

    def test_it_follows_whoever_acts(self, firm: Firm) -> None:
        """X-01, S1-55: the head of the department sees the contact and not its task."""
        contact = later(firm)
        with firm.as_("kravtsov") as session:
            handling.transfer(session, contact, firm.people["sokolova"])
        assert call_of(firm) == ("open", firm.people["sokolova"])
        with firm.as_("kravtsov") as session:
            handling.finish(session, contact, "Позвонил сам")
        assert call_of(firm)[0] == "done"

    def test_it_is_to_whoever_the_client_is_by_now(self, firm: Firm) -> None:
        """S1-66: not to the one he was taken for."""
        wrong, right = add_client(firm, "Иванов", "+79031234567"), add_client(firm, "Петров", "+79031234568")
        contact = later(firm, customer_id=wrong, client_text="", phone="")
        with firm.as_("petukhov") as session:
            identifying.identify(session, contact, right)
            assert task_of(session).title_values == {"client": "Петров Пётр", "phone": "+7 903 123-45-68"}

    def test_off_hours_it_moves_to_the_opening(self, firm: Firm) -> None:
        """X-06."""
        moscow = ZoneInfo("Europe/Moscow")
        night = (datetime.now(moscow) + timedelta(days=1)).replace(hour=3, minute=0, second=0, microsecond=0)
        with firm.as_("admin") as session:
            department = session.scalars(
                select(ContactGoal.department_id).where(ContactGoal.category == "sale")
            ).first()
            assert department is not None
            hours = session.scalars(select(WorkingHours).where(WorkingHours.department_id == department)).all()
            for each in hours:
                session.delete(each)
            session.flush()
            for day in range(7):
                session.add(WorkingHours(department_id=department, weekday=day, opens=540, closes=1260))
        later(firm, night)
        with firm.as_("petukhov") as session:
            assert task_of(session).due_at.astimezone(moscow) == night.replace(hour=9)
            proposed = callbacks.propose(session, department).astimezone(moscow)
            assert 9 <= proposed.hour < 21 or (proposed.hour, proposed.minute) == (21, 0)


class TestUndoing:
    def test_of_undo_and_take_one_wins(self, firm: Firm) -> None:
        """SEC-48: the contact is either withdrawn or somebody's, never both."""
        contact = come_in(firm)
        barrier = Barrier(2)

        def act(login: str) -> bool:
            barrier.wait()
            try:
                with firm.as_(login) as session:
                    step = undoing.undo if login == "lebedeva" else handling.claim
                    step(session, contact)
            except Conflict:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            undone, taken = pool.map(act, ("lebedeva", "petukhov"))
        assert undone != taken
        state = ("withdrawn", None) if undone else ("in_progress", firm.people["petukhov"])
        assert state_of(firm, contact) == state
        assert waiting_notes(firm, contact) == {}

    def test_it_counts_nowhere(self, app: Application, firm: Firm) -> None:
        """S2-51: neither at the desk, nor with its client, nor in the journal, unless it is asked for there."""
        client = add_client(firm, "Иванов", "+79031234567")
        undone = come_in(firm, customer_id=client, responsible_id=firm.people["petukhov"])
        with firm.as_("lebedeva") as session:
            undoing.undo(session, undone)
        with firm.as_("admin") as session:
            assert session.get_one(Customer, client).last_contact_at is None
        real = mine(firm, customer_id=client)
        with firm.as_("petukhov") as session:
            assert desk.finished_today(session) == []
            contact = handling.get_contact(session, real)
            found, _ = portrait.gather_with_badges(session, contact, portrait.reads_of(session, contact))
            assert portrait.portrait_of(session, contact, found).contacts == 1
            at = contact.at
            wrong = handling.get_contact(session, undone).number
        with firm.as_("admin") as session:
            assert session.get_one(Customer, client).last_contact_at == at
        reception = Visitor(app, "lebedeva")
        journal = reception.get("/traffic").text
        assert f"/contact/{real}" in journal
        assert f"/contact/{undone}" not in journal
        assert f"/contact/{undone}" in reception.get("/traffic?state=withdrawn").text
        card = reception.get(f"/clients/{client}").text
        assert f"/contact/{real}" in card
        assert wrong not in card
        assert f"/contact/{undone}" not in card
        assert f'href="/contact/{undone}"' not in Visitor(app, "petukhov").get(f"/contact/{real}").text

    def test_not_after_a_while(self, firm: Firm) -> None:
        contact = come_in(firm)
        with firm.as_("lebedeva") as session:
            assert undoing.just_registered(session, contact) is not None
            handling.get_contact(session, contact).created_at -= timedelta(hours=1)
        with firm.as_("lebedeva") as session:
            assert undoing.just_registered(session, contact) is None
            with pytest.raises(Conflict, match="too late"):
                undoing.undo(session, contact)
        assert state_of(firm, contact) == ("unclaimed", None)


def test_the_right_to_register_has_a_reach() -> None:
    goal = Goal(1, "phone", 5, 2, "", "", "", "", "sale", "document", True, True, True, 5, "", "")

    def reaches(scope: Scope, branch: int, department: int = 9) -> bool:
        grants = {"contacts.contact.create": scope}
        access = Access(1, grants=grants, branch_ids=frozenset({branch}), department_ids=frozenset({department}))
        return may_register_for(access, goal)

    assert [reaches(scope, branch=2) for scope in Scope] == [False, True, False, True, True]
    assert [reaches(scope, branch=1) for scope in Scope] == [False, False, False, False, True]
    assert reaches(Scope.DEPARTMENT, branch=2, department=5)


@pytest.mark.parametrize("login", ["petukhov", None])
def test_the_specialists_of_the_goal_are_asked_for_once(firm: Firm, login: str | None) -> None:
    responsible_id = firm.people[login] if login else None
    with Statements(firm.database) as statements:
        contact = come_in(firm, responsible_id=responsible_id)
    assert len(statements.about("FROM core_user JOIN contacts_goal_specialist")) == 1
    with firm.as_("admin") as session, Statements(firm.database) as statements:
        handling.transfer(session, contact, firm.people["sokolova"])
    assert len(statements.about("FROM core_user JOIN contacts_goal_specialist")) == 1
