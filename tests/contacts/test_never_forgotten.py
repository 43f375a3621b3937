"""X-02: whatever people do with contacts, none is ever left without an owner who knows, a group that does, or an end."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from addons.contacts.models import ContactGoal, Customer, Document, GoalSpecialist, IgnoreReason, InboundContact
from addons.contacts.services import checking, handling, identifying, releasing
from addons.contacts.services.document_types import document_types
from addons.contacts.services.goals import out_of_reach, specialists
from addons.contacts.services.registration import Way
from addons.contacts.services.releasing import release_of_the_gone
from addons.contacts.services.states import OPEN
from core.access.models import Department, Role, User, UserRole
from core.access.policy import system
from core.db.engine import WorkSession
from core.errors import Refusal
from core.work.models import Notification
from core.work.task_models import Task
from tests.contacts.test_handling import Firm, come_in, firm, waiting_notes
from tests.contacts.test_identifying import add_client

__all__ = ["firm"]

STAFF = ("petukhov", "sokolova", "volkov", "kravtsov", "lebedeva")
Step = Callable[[WorkSession, int, random.Random, Firm], object]


def _ignore(session: WorkSession, contact: int, chance: random.Random, _: Firm) -> None:
    reasons = list(session.scalars(select(IgnoreReason.id)))
    handling.ignore(session, contact, chance.choice(reasons), chance.choice(["", "потому что"]))


def _transfer(session: WorkSession, contact: int, chance: random.Random, firm: Firm) -> None:
    people = ("petukhov", "sokolova", "volkov")
    handling.transfer(session, contact, chance.choice([None, *(firm.people[login] for login in people)]))


def _identify(session: WorkSession, contact: int, chance: random.Random, _: Firm) -> None:
    identifying.identify(session, contact, chance.choice(list(session.scalars(select(Customer.id)))))


def _correct(session: WorkSession, contact: int, chance: random.Random, _: Firm) -> None:
    """Another goal has other specialists, whose rights reach it."""
    found = handling.get_contact(session, contact)
    handled = ContactGoal.id.in_(select(GoalSpecialist.goal_id).where(GoalSpecialist.reached))
    goals = select(ContactGoal.id).where(ContactGoal.channel == found.channel, ContactGoal.active, handled)
    data = replace(checking.data_of(session, found), goal_id=chance.choice(list(session.scalars(goals))))
    checking.correct(session, contact, found.version, data)


def _create_document(session: WorkSession, contact: int, chance: random.Random, _: Firm) -> None:
    known = sorted(document_types(session.hooks))
    if known:
        handling.create_document(session, contact, chance.choice(known))


def _attach(session: WorkSession, contact: int, chance: random.Random, _: Firm) -> None:
    there = list(session.scalars(select(Document.id)))
    if there:
        handling.attach(session, contact, chance.choice(there))


STEPS: dict[str, Step] = {
    "open": lambda session, contact, _, __: handling.open_contact(session, contact),
    "claim": lambda session, contact, _, __: handling.claim(session, contact),
    "transfer": _transfer,
    "queue": lambda session, contact, _, __: handling.queue(session, contact),
    "remind": lambda session, contact, _, __: handling.remind(session, contact),
    "ignore": _ignore,
    "finish": lambda session, contact, chance, __: handling.finish(session, contact, chance.choice(["", "приедет"])),
    "identify": _identify,
    "correct": _correct,
    "create_document": _create_document,
    "attach": _attach,
}


@pytest.mark.parametrize("seed", range(8))
def test_no_contact_is_ever_forgotten(firm: Firm, seed: int) -> None:
    chance = random.Random(seed)
    for name in ("Иванов", "Петров"):
        add_client(firm, name)
    sweep(firm)
    ways: list[dict[str, object]] = [{}, {"responsible_id": firm.people["petukhov"]}, {"way": Way.QUEUE}]
    contacts = [come_in(firm, **chance.choice(ways)) for _ in range(5)]
    for _ in range(40):
        if chance.random() < 0.08:
            step = chance.choice([_close_or_open_an_account, _change_specialists])(firm, chance)
        else:
            step, contact = chance.choice(list(STEPS)), chance.choice(contacts)
            with suppress(Refusal), firm.as_(chance.choice(_at_work(firm))) as session:
                STEPS[step](session, contact, chance, firm)
        assert forgotten(firm) == [], f"after {step}"


def _close_or_open_an_account(firm: Firm, chance: random.Random) -> str:
    """Somebody of the showroom leaves or comes back; the job that looks after his contacts runs."""
    login = chance.choice(("petukhov", "sokolova"))
    other = {"petukhov": "sokolova", "sokolova": "petukhov"}[login]
    with firm.database.writing(system("test")) as session:
        people = {user.login: user for user in session.scalars(select(User))}
        people[login].active = not people[login].active or not people[other].active
    sweep(firm)
    return f"the account of {login}"


def _change_specialists(firm: Firm, chance: random.Random) -> str:
    """Others handle the goals of the showroom; the job that looks after its contacts runs."""
    chosen = chance.sample(("petukhov", "sokolova", "kravtsov"), chance.randint(1, 3))
    there = set(_at_work(firm))
    handle_sales(firm, chosen if there & set(chosen) else ["kravtsov"])
    sweep(firm)
    return f"the choice of {chosen}"


def handle_sales(firm: Firm, logins: Collection[str]) -> None:
    """These and nobody else handle the goals of the showroom."""
    with firm.database.writing(system("test")) as session:
        showroom = select(Department.id).where(Department.kind == "showroom")
        goals = list(session.scalars(select(ContactGoal.id).where(ContactGoal.department_id.in_(showroom))))
        for link in session.scalars(select(GoalSpecialist).where(GoalSpecialist.goal_id.in_(goals))).all():
            session.delete(link)
        session.flush()
        session.add_all(GoalSpecialist(goal_id=goal, user_id=firm.people[login]) for goal in goals for login in logins)


def set_roles(firm: Firm, login: str, codes: Collection[str]) -> None:
    """These and no other roles."""
    with firm.database.writing(system("test")) as session:
        person = session.get_one(User, firm.people[login])
        person.role_links.clear()
        session.flush()
        roles = session.scalars(select(Role.id).where(Role.code.in_(codes)))
        person.role_links.extend(UserRole(role_id=role) for role in roles)


def sweep(firm: Firm) -> None:
    with firm.database.writing(system("test")) as session:
        releasing.sweep(session)


def _at_work(firm: Firm) -> list[str]:
    with firm.database.session() as session:
        there = set(session.connection().execute(select(User.login).where(User.active)).scalars())
    return [login for login in STAFF if login in there]


def forgotten(firm: Firm) -> list[str]:
    """Open contacts nobody is told of: without an owner, with one who has not seen it, or with one who is gone."""
    told = select(Notification.id).where(
        Notification.subject_type == "contacts_inbound_contact",
        Notification.subject_id == InboundContact.id,
        Notification.closed_at.is_(None),
    )
    planned = select(Task.id).where(
        Task.subject_type == "contacts_inbound_contact",
        Task.subject_id == InboundContact.id,
        Task.assignee_id == InboundContact.responsible_id,
        Task.finished_at.is_(None),
    )
    gone = select(User.id).where(User.id == InboundContact.responsible_id, ~User.active)
    handles = select(GoalSpecialist.user_id).join(User, User.id == GoalSpecialist.user_id)
    here = handles.where(GoalSpecialist.goal_id == InboundContact.goal_id, User.active).correlate(InboundContact)
    told_all = told.where(Notification.group_key.is_not(None), Notification.user_id.in_(here))
    nobody = InboundContact.responsible_id.is_(None) & ~told_all.exists()
    unseen = (
        InboundContact.state.in_(("assigned", "waiting"))
        & InboundContact.responsible_id.is_not(None)
        & ~told.where(Notification.user_id == InboundContact.responsible_id).exists()
        & ~planned.exists()
    )
    statement = select(InboundContact.number).where(InboundContact.state.in_(OPEN), nobody | unseen | gone.exists())
    with firm.database.session() as session:
        return list(session.connection().execute(statement).scalars())


class TestWhatCountsAsForgotten:
    """The check itself would notice."""

    def close_all(self, firm: Firm) -> None:
        with firm.database.engine.begin() as connection:
            connection.execute(update(Notification).values(closed_at=Notification.created_at))

    def test_nobodys_and_nobody_told(self, firm: Firm) -> None:
        come_in(firm)
        self.close_all(firm)
        assert len(forgotten(firm)) == 1

    def test_somebodys_who_was_not_told(self, firm: Firm) -> None:
        come_in(firm, responsible_id=firm.people["petukhov"])
        assert forgotten(firm) == []
        self.close_all(firm)
        assert len(forgotten(firm)) == 1

    def test_somebodys_who_is_gone(self, firm: Firm) -> None:
        contact = come_in(firm, responsible_id=firm.people["petukhov"])
        with firm.as_("petukhov") as session:
            handling.open_contact(session, contact)
        with firm.database.writing(system("test")) as session:
            session.get_one(User, firm.people["petukhov"]).active = False
        assert len(forgotten(firm)) == 1
        with firm.database.writing(system("test")) as session:
            assert release_of_the_gone(session) == 1
        assert forgotten(firm) == []


def test_what_nobody_else_handles_stays_with_its_owner(firm: Firm) -> None:
    contact = come_in(firm, responsible_id=firm.people["petukhov"])
    with firm.database.writing(system("test")) as session:
        for login in ("petukhov", "sokolova"):
            session.get_one(User, firm.people[login]).active = False
    with firm.database.writing(system("test")) as session:
        assert release_of_the_gone(session) == 0
        found = session.get_one(InboundContact, contact)
        assert found.responsible_id == firm.people["petukhov"]


class TestWhoHandlesItChanges:
    """What nobody has taken is told to those who can take it now."""

    def test_all_who_were_told_handle_it_no_more(self, firm: Firm) -> None:
        contact = come_in(firm, way=Way.QUEUE)
        handle_sales(firm, ["kravtsov"])
        sweep(firm)
        assert waiting_notes(firm, contact) == {"kravtsov": True}
        with firm.as_("kravtsov") as session:
            handling.claim(session, contact)

    def test_the_only_one_has_left(self, firm: Firm) -> None:
        handle_sales(firm, ["petukhov"])
        contact = come_in(firm)
        with firm.database.writing(system("test")) as session:
            session.get_one(User, firm.people["petukhov"]).active = False
        sweep(firm)
        assert waiting_notes(firm, contact) == {"petukhov": True}, "nobody else handles it yet"
        handle_sales(firm, ["petukhov", "sokolova"])
        sweep(firm)
        assert waiting_notes(firm, contact) == {"sokolova": True}

    def test_a_specialist_without_the_right_any_more(self, firm: Firm) -> None:
        """S0-07: he cannot take it, so others are told; with the right given back he handles the goal as before."""
        contact = come_in(firm, way=Way.QUEUE)
        set_roles(firm, "petukhov", [])
        set_roles(firm, "sokolova", [])
        handle_sales(firm, ["petukhov", "sokolova", "kravtsov"])
        sweep(firm)
        assert waiting_notes(firm, contact) == {"kravtsov": True}
        set_roles(firm, "petukhov", ["specialist"])
        sweep(firm)
        with firm.database.writing(system("test")) as session:
            goal = session.get_one(InboundContact, contact).goal_id
            assert {each.id for each in specialists(session, goal)} == {
                firm.people[login] for login in ("petukhov", "kravtsov")
            }
            assert [each.id for each in out_of_reach(session, goal)] == [firm.people["sokolova"]]

    def test_who_knows_already_is_not_told_again(self, firm: Firm) -> None:
        come_in(firm)
        with firm.database.writing(system("test")) as session:
            assert releasing.tell_of_the_orphaned(session) == 0
