"""The life of a contact as services see it: registered, taken, passed on, turned into a document, ignored."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import pytest
from sqlalchemy import select

from addons.contacts.models import ContactGoal, IgnoreReason, InboundContact, Vehicle
from addons.contacts.services import handling
from addons.contacts.services.customers import CustomerData, create_customer
from addons.contacts.services.registration import NewContact, Way, register
from addons.contacts.services.states import OPEN, STATE
from core.access.identity import access_of
from core.db.audit import AuditEntry
from core.db.engine import Database, WorkSession
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.host import instance, registry
from core.work.models import Notification
from tests.support.dealership import Dealership


class Firm:
    """The dealership with a session for each of its people."""

    def __init__(self, dealership: Dealership) -> None:
        self.people = dealership.people
        host = registry.start(instance.enabled(dealership.config), registry.discover(), strict=True)
        self.database = Database(dealership.config.database_url, host.hooks)

    @contextmanager
    def as_(self, login: str) -> Iterator[WorkSession]:
        """A writing session of one person."""
        with self.database.session() as session:
            access = access_of(session, self.people[login])
        assert access is not None
        with self.database.writing(access) as session:
            yield session


@pytest.fixture
def firm(dealership: Dealership) -> Iterator[Firm]:
    firm = Firm(dealership)
    yield firm
    firm.database.dispose()


def new_car_goal(session: WorkSession, channel: str = "visit") -> int:
    wanted = (ContactGoal.channel == channel, ContactGoal.purpose_ru == "Покупка нового автомобиля")
    return session.scalars(select(ContactGoal.id).where(*wanted)).one()


def come_in(firm: Firm, **given: object) -> int:
    """A visitor whom reception registers; returns the contact's number in the table."""
    with firm.as_("lebedeva") as session:
        fields = {"client_text": "мужчина в красной куртке", "channel": "visit", **given}
        return register(session, NewContact(goal_id=new_car_goal(session, str(fields["channel"])), **fields)).id


def waiting_notes(firm: Firm, contact_id: int) -> dict[str, bool]:
    """Who is told of a contact now, and whether together with others."""
    names = {number: login for login, number in firm.people.items()}
    with firm.database.session() as session:
        statement = select(Notification.user_id, Notification.group_key).where(
            Notification.subject_type == "contacts_inbound_contact",
            Notification.subject_id == contact_id,
            Notification.closed_at.is_(None),
        )
        return {names[user]: group is not None for user, group in session.connection().execute(statement)}


def state_of(firm: Firm, contact_id: int) -> tuple[str, int | None]:
    with firm.database.session() as session:
        statement = select(InboundContact.state, InboundContact.responsible_id).where(InboundContact.id == contact_id)
        return tuple(session.connection().execute(statement).one())


class TestRegistering:
    def test_a_client_must_be_described_somehow(self, firm: Firm) -> None:
        """S0-11: a field error, and nothing is saved."""
        with pytest.raises(Invalid) as refusal:
            come_in(firm, client_text=" ")
        assert "client_text" in refusal.value.errors
        with firm.database.session() as session:
            assert session.connection().execute(select(InboundContact.id)).first() is None

    def test_any_words_will_do(self, firm: Firm) -> None:
        """S0-12."""
        assert state_of(firm, come_in(firm)) == ("unclaimed", None)

    def test_nobody_chosen_tells_all_specialists(self, firm: Firm) -> None:
        """S0-27."""
        assert waiting_notes(firm, come_in(firm)) == {"petukhov": True, "sokolova": True}

    def test_one_chosen_is_told_alone(self, firm: Firm) -> None:
        """S0-21, S0-22."""
        contact = come_in(firm, responsible_id=firm.people["petukhov"])
        assert waiting_notes(firm, contact) == {"petukhov": False}
        assert state_of(firm, contact) == ("assigned", firm.people["petukhov"])

    def test_a_stranger_to_the_goal_cannot_be_chosen(self, firm: Firm) -> None:
        """S0-17."""
        with pytest.raises(Invalid) as refusal:
            come_in(firm, responsible_id=firm.people["volkov"])
        assert "responsible_id" in refusal.value.errors

    def test_the_queue_reminds_whoever_is_to_come(self, firm: Firm) -> None:
        """S0-23, S0-25."""
        contact = come_in(firm, responsible_id=firm.people["petukhov"], way=Way.QUEUE)
        assert state_of(firm, contact)[0] == "waiting"
        assert waiting_notes(firm, contact) == {"petukhov": False}

    def test_numbers_have_no_gaps(self, firm: Firm) -> None:
        contacts = [come_in(firm) for _ in range(3)]
        with pytest.raises(Invalid):
            come_in(firm, client_text="")
        contacts.append(come_in(firm))
        with firm.database.session() as session:
            numbers = (
                session.connection().execute(select(InboundContact.number).order_by(InboundContact.id)).scalars().all()
            )
        assert numbers == [f"ВТ-{number:06d}" for number in range(1, len(contacts) + 1)]

    def test_a_car_of_another_client_is_refused(self, firm: Firm) -> None:
        """A car whose owner nobody knows may be this client's; one of somebody else is not."""
        with firm.as_("lebedeva") as session:
            one = create_customer(session, CustomerData(last_name="Иванов", first_name="Виктор"))
            other = create_customer(session, CustomerData(last_name="Белов", first_name="Олег"))
            cars = [Vehicle(title="Kia Rio", customer_id=owner) for owner in (None, one.id, other.id)]
            session.add_all(cars)
            session.flush()
            customer_id, (free, own, another) = one.id, [car.id for car in cars]
        come_in(firm, customer_id=customer_id, vehicle_id=free)
        come_in(firm, customer_id=customer_id, vehicle_id=own)
        for wrong in ({"customer_id": customer_id, "vehicle_id": another}, {"vehicle_id": own}):
            with pytest.raises(Invalid) as refusal:
                come_in(firm, **wrong)
            assert "vehicle_id" in refusal.value.errors


class TestTaking:
    def test_opening_is_not_taking(self, firm: Firm) -> None:
        """S0-28: a group notification stays until somebody takes the contact."""
        contact = come_in(firm)
        with firm.as_("petukhov") as session:
            handling.open_contact(session, contact)
        assert waiting_notes(firm, contact) == {"petukhov": True, "sokolova": True}

    def test_taking_ends_it_for_the_others(self, firm: Firm) -> None:
        contact = come_in(firm)
        with firm.as_("petukhov") as session:
            handling.claim(session, contact)
        assert state_of(firm, contact) == ("in_progress", firm.people["petukhov"])
        assert waiting_notes(firm, contact) == {}

    def test_of_two_at_once_one_wins_and_the_other_is_told_who(self, firm: Firm) -> None:
        """S0-29, SEC-48: real threads, each with its own connection."""
        for _ in range(5):
            contact = come_in(firm)
            results = self._both(firm, contact)
            winners = [login for login, result in results.items() if result == "taken"]
            assert len(winners) == 1
            (loser,) = set(results) - set(winners)
            names = {"petukhov": "Петухов В.", "sokolova": "Соколова А."}
            assert results[loser] == f"lost to {names[winners[0]]}"
            assert state_of(firm, contact) == ("in_progress", firm.people[winners[0]])

    @staticmethod
    def _both(firm: Firm, contact: int) -> dict[str, str]:
        barrier = Barrier(2)

        def take(login: str) -> str:
            barrier.wait()
            try:
                with firm.as_(login) as session:
                    handling.claim(session, contact)
            except Conflict as refusal:
                return f"lost to {refusal.values['name']}"
            return "taken"

        with ThreadPoolExecutor(2) as pool:
            return dict(zip(("petukhov", "sokolova"), pool.map(take, ("petukhov", "sokolova")), strict=True))

    def test_who_does_not_handle_the_goal_cannot_take_it(self, firm: Firm) -> None:
        contact = come_in(firm)
        with firm.as_("kravtsov") as session, pytest.raises(Forbidden):
            handling.claim(session, contact)
        assert state_of(firm, contact) == ("unclaimed", None)

    def test_another_department_does_not_know_of_it(self, firm: Firm) -> None:
        """SEC-3."""
        contact = come_in(firm)
        with firm.as_("volkov") as session, pytest.raises(NotFound):
            handling.claim(session, contact)

    def test_the_waiting_visitor_waits_no_longer(self, firm: Firm) -> None:
        """S0-24: the click on the notification ends the waiting."""
        contact = come_in(firm, responsible_id=firm.people["petukhov"], way=Way.QUEUE)
        with firm.as_("petukhov") as session:
            assert handling.open_contact(session, contact).waits_since is None
        assert state_of(firm, contact)[0] == "in_progress"
        assert waiting_notes(firm, contact) == {}

    def test_only_who_waits_is_reminded_of(self, firm: Firm) -> None:
        """Nobody is told of a contact that is in work, with a notification that opening it would not end."""
        contact = come_in(firm, responsible_id=firm.people["petukhov"])
        with firm.as_("lebedeva") as session, pytest.raises(Conflict, match="waits"):
            handling.remind(session, contact)
        with firm.as_("petukhov") as session:
            handling.open_contact(session, contact)
        with firm.as_("lebedeva") as session, pytest.raises(Conflict, match="already taken"):
            handling.remind(session, contact)
        assert waiting_notes(firm, contact) == {}


class TestEnding:
    def reason(self, session: WorkSession, title: str) -> int:
        return session.scalars(select(IgnoreReason.id).where(IgnoreReason.title_ru == title)).one()

    def taken(self, firm: Firm) -> int:
        contact = come_in(firm)
        with firm.as_("petukhov") as session:
            handling.claim(session, contact)
        return contact

    def test_ignoring_needs_a_reason(self, firm: Firm) -> None:
        """S0-45."""
        contact = self.taken(firm)
        with firm.as_("petukhov") as session, pytest.raises(Invalid):
            handling.ignore(session, contact, None)
        assert state_of(firm, contact)[0] == "in_progress"

    def test_other_needs_a_comment(self, firm: Firm) -> None:
        """S0-45: «Прочее» without a word is refused."""
        contact = self.taken(firm)
        with firm.as_("petukhov") as session, pytest.raises(Invalid) as refusal:
            handling.ignore(session, contact, self.reason(session, "Прочее"))
        assert "comment" in refusal.value.errors
        with firm.as_("petukhov") as session:
            handling.ignore(session, contact, self.reason(session, "Прочее"), "Зашёл погреться")
        assert state_of(firm, contact)[0] == "ignored"

    def test_words_are_never_cut(self, firm: Firm) -> None:
        contact = self.taken(firm)
        with firm.as_("petukhov") as session, pytest.raises(Invalid) as refusal:
            handling.ignore(session, contact, self.reason(session, "Прочее"), "я" * 301)
        assert "comment" in refusal.value.errors
        with firm.as_("petukhov") as session, pytest.raises(Invalid) as refusal:
            handling.finish(session, contact, "я" * 301)
        assert "result" in refusal.value.errors
        with firm.as_("petukhov") as session:
            assert handling.finish(session, contact, "я" * 300).result == "я" * 300

    def test_only_its_owner_ignores_it(self, firm: Firm) -> None:
        """S0-46."""
        contact = self.taken(firm)
        with firm.as_("sokolova") as session, pytest.raises(Forbidden):
            handling.ignore(session, contact, self.reason(session, "Реклама, спам"))

    def test_a_result_is_needed_where_the_goal_says_so(self, firm: Firm) -> None:
        """S1-48, S1-49."""
        contact = self.taken(firm)
        with firm.as_("petukhov") as session, pytest.raises(Invalid):
            handling.finish(session, contact, "")
        with firm.as_("petukhov") as session:
            handling.finish(session, contact, "Приедет в субботу")
        assert state_of(firm, contact)[0] == "processed"

    def test_what_is_finished_stays_finished(self, firm: Firm) -> None:
        contact = self.taken(firm)
        with firm.as_("petukhov") as session:
            handling.finish(session, contact, "Приедет в субботу")
        with firm.as_("petukhov") as session, pytest.raises(Conflict):
            handling.transfer(session, contact, firm.people["sokolova"])

    def test_passing_on_tells_the_next_one(self, firm: Firm) -> None:
        """S1-54."""
        contact = self.taken(firm)
        with firm.as_("petukhov") as session:
            handling.transfer(session, contact, firm.people["sokolova"])
        assert state_of(firm, contact) == ("assigned", firm.people["sokolova"])
        assert waiting_notes(firm, contact) == {"sokolova": False}

    def test_every_step_is_in_the_trail(self, firm: Firm) -> None:
        """SEC-63: take-overs and endings, with who did them."""
        contact = self.taken(firm)
        with firm.as_("petukhov") as session:
            handling.finish(session, contact, "Приедет в субботу")
        with firm.database.session() as session:
            statement = (
                select(AuditEntry.action, AuditEntry.user_id)
                .where(AuditEntry.subject_type == "contacts_inbound_contact", AuditEntry.subject_id == contact)
                .order_by(AuditEntry.id)
            )
            trail = [tuple(row) for row in session.connection().execute(statement)]
        petukhov, lebedeva = firm.people["petukhov"], firm.people["lebedeva"]
        assert trail == [("create", lebedeva), ("contact.claimed", petukhov), ("contact.processed", petukhov)]


def test_every_state_has_words_and_an_end() -> None:
    assert set(OPEN) | {"processed", "informed", "ignored", "withdrawn"} == set(STATE)
