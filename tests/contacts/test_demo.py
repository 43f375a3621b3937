"""The demonstration dealership: how much there is, and that it obeys the rules of real data (X-02, X-04, T-1)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from addons.contacts.models import (
    Consent,
    ContactGoal,
    Customer,
    CustomerPhone,
    GoalSpecialist,
    InboundContact,
    Vehicle,
    VehicleModel,
)
from addons.contacts.services import demo, reception
from addons.contacts.services.demo_names import TASKS
from addons.contacts.services.goals import note_reach
from addons.contacts.services.registration import SERIES
from addons.contacts.services.states import OPEN
from addons.contacts.services.vocabulary import CHANNELS
from core.access.demo import PASSWORD, logins, sign_in_as
from core.access.models import Branch, Role, User, UserRole
from core.access.passwords import Passwords
from core.access.people import create_user
from core.access.policy import NOBODY, system
from core.access.signin import make_authenticator
from core.errors import Invalid
from core.testing.databases import Databases
from core.text.folding import terms
from core.text.phones import parse_phone
from core.text.plates import normalise_plate, normalise_vin, plate_kind
from core.work.models import Notification, Presence, TimelineSubject
from core.work.numbers import next_number
from core.work.presence import PresenceState, presence_of
from core.work.task_models import Task, TaskReminder
from tests.contacts.fresh import NOW, Instance, fill, fill_demo, lent, open_instance

MOSCOW = ZoneInfo("Europe/Moscow")
WHERE = {"address": "192.0.2.7", "user_agent": "Firefox"}


@pytest.fixture
def shown(databases: Databases) -> Iterator[Instance]:
    """The demonstration on a Friday afternoon."""
    with lent(databases, "contacts-demo", fill_demo) as instance:
        yield instance


def contacts(instance: Instance) -> list[InboundContact]:
    with instance.reading() as session:
        return list(session.scalars(select(InboundContact).order_by(InboundContact.id)))


def test_whoever_handles_a_goal_may_take_its_contacts(shown: Instance) -> None:
    """S0-07."""
    with shown.writing() as session:
        note_reach(session)
        assert session.scalars(select(GoalSpecialist).where(~GoalSpecialist.reached)).all() == []


# --- contacts ---------------------------------------------------------------------------------------


def test_there_are_two_months_of_traffic_in_all_channels_and_states(shown: Instance) -> None:
    rows = contacts(shown)
    assert 1150 <= len(rows) <= 1250
    assert {row.channel for row in rows} == {channel.code for channel in CHANNELS} - {"other"}
    assert {row.state for row in rows} == {*OPEN, "processed", "informed", "ignored"}
    assert Counter(row.state for row in rows)["processed"] > len(rows) * 0.75
    assert max(row.at for row in rows) <= NOW
    assert timedelta(days=55) < NOW - min(row.at for row in rows) < timedelta(days=61)


def test_it_has_the_rhythm_of_a_dealership(shown: Instance) -> None:
    local = [row.at.astimezone(MOSCOW) for row in contacts(shown)]
    assert {moment.hour for moment in local} <= set(range(8, 21))
    days = Counter(moment.weekday() for moment in local)
    assert days[6] < min(days[day] for day in range(5))


def test_numbers_and_times_go_up_together_and_the_series_goes_on(shown: Instance) -> None:
    rows = contacts(shown)
    assert [row.number for row in rows] == sorted(row.number for row in rows)
    assert [row.at for row in rows] == sorted(row.at for row in rows)
    with shown.writing() as session:
        following = next_number(session, SERIES)
    assert int(following.removeprefix("ВТ-")) == int(rows[-1].number.removeprefix("ВТ-")) + 1


def test_nothing_is_open_without_owner_or_notification_x_02(shown: Instance) -> None:
    with shown.reading() as session:
        told = Counter(session.scalars(select(Notification.subject_id).where(Notification.closed_at.is_(None))))
        grouped = select(Notification.subject_id).where(Notification.group_key.is_not(None))
        group = set(session.scalars(grouped))
    for row in contacts(shown):
        if row.state not in OPEN:
            assert row.id not in told
        elif row.responsible_id is None:
            assert row.id in group, row.number
        elif row.state in ("assigned", "waiting"):
            assert told[row.id] == 1, row.number


def test_every_contact_fits_its_state(shown: Instance) -> None:
    for row in contacts(shown):
        assert (row.state == "waiting") == (row.waits_since is not None)
        assert (row.state in OPEN) == (row.finished_at is None)
        assert (row.state == "ignored") == (row.ignore_reason_id is not None)
        if row.state == "processed":
            assert row.document_id or row.result
            assert row.responsible_id
        if row.state in ("processed", "ignored", "in_progress"):
            assert row.taken_at is not None
            assert row.at <= row.taken_at <= (row.finished_at or NOW) <= NOW


def test_every_contact_says_who_it_is_and_can_be_found_s0_11(shown: Instance) -> None:
    for row in contacts(shown):
        assert row.client_text
        assert row.number.casefold()[:2] in row.search_key
        if row.phone_raw:
            phone = parse_phone(row.phone_raw)
            assert phone is not None
            assert phone.e164 == row.phone
        assert "{" not in row.note


def test_the_handler_is_a_specialist_of_the_goal_s0_17(shown: Instance) -> None:
    with shown.reading() as session:
        staff = set(session.execute(select(GoalSpecialist.goal_id, GoalSpecialist.user_id)).all())
        channels = dict(session.execute(select(ContactGoal.id, ContactGoal.channel)).all())
    for row in contacts(shown):
        assert channels[row.goal_id] == row.channel
        assert row.responsible_id is None or (row.goal_id, row.responsible_id) in staff


def test_clients_come_again_and_some_say_nothing(shown: Instance) -> None:
    rows = contacts(shown)
    times = Counter(row.customer_id for row in rows if row.customer_id)
    assert sum(count >= 3 for count in times.values()) > 80
    assert any(row.client_text == "Мужчина в синей куртке" and row.state == "waiting" for row in rows)
    assert any(row.caused_by_id for row in rows)
    with shown.reading() as session:
        assert len(reception.side(session).waiting) == 3
        assert reception.side(session).today.untaken >= 6


# --- clients ----------------------------------------------------------------------------------------


def test_clients_are_of_all_groups_and_government_is_vip_s4_01_s4_03(shown: Instance) -> None:
    with shown.reading() as session:
        clients = session.scalars(select(Customer)).all()
        assert len(clients) == 300
        assert {client.legal_form for client in clients} == {"person", "company", "government"}
        assert all(client.vip for client in clients if client.legal_form == "government")
        assert all(client.vip_reason for client in clients if client.vip and client.legal_form == "person")
        assert all(client.first_name for client in clients if client.legal_form != "person")
        assert session.scalar(select(func.count(Consent.id)))
        last = dict(
            session.execute(
                select(InboundContact.customer_id, func.max(InboundContact.at)).group_by(InboundContact.customer_id)
            ).all()
        )
        assert all(client.last_contact_at == last.get(client.id) for client in clients)


def test_numbers_are_written_in_many_ways_and_all_can_be_read_x_04(shown: Instance) -> None:
    with shown.reading() as session:
        phones = session.scalars(select(CustomerPhone)).all()
    for row in phones:
        phone = parse_phone(row.raw)
        assert phone is not None
        assert (phone.e164, phone.extension or "", phone.last7) == (row.e164, row.extension, row.last7)
    assert len({"".join("9" if sign.isdigit() else sign for sign in row.raw) for row in phones}) >= 8


def test_cars_have_plausible_plates_and_vins_of_their_own(shown: Instance) -> None:
    with shown.reading() as session:
        cars = session.scalars(select(Vehicle)).all()
        models = dict(session.execute(select(VehicleModel.id, VehicleModel.make_id)).all())
    assert len({car.vin for car in cars}) == len({car.plate for car in cars}) == len(cars) >= 300
    for car in cars:
        assert normalise_vin(car.vin or "").valid
        assert normalise_plate(car.plate or "") == car.plate
        assert plate_kind(car.plate or "") == "car"
        assert models[car.model_id or 0] == car.make_id


@pytest.mark.parametrize("typed", ["иванов виктор", "bdfyjd dbrnjh", "9031234567", "а123вс", "A123BC777", "ivanov v"])
def test_the_known_client_is_found_however_he_is_typed(shown: Instance, typed: str) -> None:
    with shown.reading() as session:
        keys = session.execute(select(Customer.name, Customer.search_key)).all()
    readings = terms(typed)
    found = [name for name, key in keys if all(any(form in key for form in word) for word in readings)]
    assert "Иванов Виктор Сергеевич" in found


# --- work -------------------------------------------------------------------------------------------


def test_there_are_tasks_for_today_and_overdue_ones_and_notes(shown: Instance) -> None:
    with shown.reading() as session:
        tasks = session.scalars(select(Task).where(Task.state == "open")).all()
        due = [task.due_at for task in tasks]
        assert any(moment < NOW - timedelta(hours=12) for moment in due)
        assert any(NOW < moment < NOW + timedelta(hours=9) for moment in due)
        late = select(func.count()).where(TaskReminder.sent_at.is_(None), TaskReminder.remind_at <= NOW)
        assert session.scalar(late) == 0
        notes = select(func.count()).where(TimelineSubject.subject_type == "contacts_customer")
        assert (session.scalar(notes) or 0) >= 80


def test_everybody_is_somewhere(shown: Instance) -> None:
    with shown.reading() as session:
        ids = dict(session.execute(select(User.login, User.id)).all())
        where = presence_of(session, ids.values())
    assert {present.state for present in where.values()} == set(PresenceState)
    assert where[ids["rumyantsev"]].note == "BMW X5"
    assert where[ids["petukhov"]].state is PresenceState.FREE


# --- people -----------------------------------------------------------------------------------------


def test_the_people_of_both_branches_have_roles_and_extensions(shown: Instance) -> None:
    with shown.reading() as session:
        roles = set(session.scalars(select(Role.code).join(UserRole, UserRole.role_id == Role.id)))
        assert {"administrator", "supervisor", "reception", "specialist", "traffic_head"} <= roles
        assert set(session.scalars(select(Branch.title_ru))) == {"ДЦ «Север»", "ДЦ «Юг»"}
        extensions = session.scalars(select(User.extension)).all()
        given = [extension for extension in extensions if extension]
        assert len(set(given)) == len(given) >= 12


def test_the_sign_in_page_names_them_with_their_roles(shown: Instance) -> None:
    with shown.database.reading(NOBODY) as session:
        russian = {each.login: each for each in logins(session, "ru")}
        english = {each.login: each for each in logins(session, "en")}
    assert russian["lebedeva"][1:3] == ("Лебедева Мария", "Ресепшн")
    assert english["lebedeva"][1:3] == ("Лебедева Мария", "Reception")
    assert (russian["volkov"].department, english["volkov"].department) == ("Сервис", "Service")
    assert russian["admin"].department == ""
    assert {"admin", "petukhov", "volkov"} <= set(russian)


def test_remarks_of_where_people_are_read_in_either_language(shown: Instance) -> None:
    with shown.reading() as session:
        notes = session.connection().execute(select(Presence.note)).scalars().all()
    assert any(notes)
    assert not re.search("[а-яё]", " ".join(notes), re.IGNORECASE)


def test_everybody_has_the_tasks_of_his_own_work(shown: Instance) -> None:
    with shown.reading() as session:
        of = select(Task.title).join(User, User.id == Task.assignee_id)
        for login, kind in (("petukhov", "showroom"), ("volkov", "workshop")):
            titles = set(session.scalars(of.where(User.login == login)))
            assert titles
            assert titles <= set(TASKS[kind])


def test_they_sign_in_by_a_click_and_by_the_common_password(shown: Instance) -> None:
    door = make_authenticator("a secret", "Форкорт", passwords=Passwords())
    with shown.database.writing(NOBODY) as session:
        assert sign_in_as(door, session, " Petukhov", **WHERE).user.full_name == "Петухов Владимир"
        token = sign_in_as(door, session, "volkov", "en", **WHERE).token
    with shown.database.reading(NOBODY) as session:
        identity = door.identities.identify(session, token)
    assert identity is not None
    assert (identity.access.login, identity.access.language) == ("volkov", "en")
    assert identity.access.may("contacts.contact.claim")
    with shown.database.writing(NOBODY) as session:
        assert door.sign_in(session, "lebedeva", PASSWORD, **WHERE).token


def test_nobody_else_can_be_signed_in_as_sec_18(shown: Instance) -> None:
    door = make_authenticator("a secret", "Форкорт", passwords=Passwords())
    with shown.database.writing(system("test")) as session:
        create_user(session, door.passwords, login="stranger", full_name="Чужой Иван", roles=["administrator"])
        gone = session.scalars(select(User).where(User.login == "morozova")).one()
        gone.active = False
        own = session.scalars(select(User).where(User.login == "sokolova")).one()
        own.password_hash = door.passwords.hash("тихая река у дома")
    with shown.database.writing(NOBODY) as session:
        for login in ("stranger", "morozova", "sokolova", "nobody", ""):
            with pytest.raises(Invalid):
                sign_in_as(door, session, login, **WHERE)
        assert not {"stranger", "morozova", "sokolova"} & {each.login for each in logins(session, "ru")}


# --- filling ----------------------------------------------------------------------------------------


def test_a_second_time_changes_nothing(shown: Instance) -> None:
    before = len(contacts(shown))
    with shown.writing() as session:
        demo.fill(session)
    assert len(contacts(shown)) == before


def test_at_the_same_moment_it_is_the_same_dealership(databases: Databases, shown: Instance) -> None:
    url = databases.create()
    fill_demo(url)
    other = open_instance(url)

    def told(instance: Instance) -> list[tuple[object, ...]]:
        return [(row.number, row.at, row.client_text, row.phone_raw, row.note, row.state) for row in contacts(instance)]

    assert told(other) == told(shown)
    other.database.dispose()
    databases.drop(url)


@pytest.mark.parametrize("now", [datetime(2027, 1, 2, 0, 20, tzinfo=UTC), datetime(2026, 3, 1, 4, 59, tzinfo=UTC)])
def test_at_night_and_on_sunday_morning_somebody_waits_too(databases: Databases, now: datetime) -> None:
    url = databases.prepared("contacts-empty", fill)
    instance = open_instance(url, now)
    with instance.writing() as session:
        demo.fill(session)
    rows = contacts(instance)
    assert {"waiting", "unclaimed", "assigned", "in_progress"} <= {row.state for row in rows}
    assert max(row.at for row in rows) <= now
    assert len(rows) > 1100
    instance.database.dispose()
    databases.drop(url)
