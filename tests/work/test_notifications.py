"""Notifications: told once, ended by opening or by taking (S0-21…31, C-08)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.errors import NotFound
from core.testing.statements import Statements
from core.work.models import Notification
from core.work.notifications import (
    Message,
    Notice,
    Sound,
    active,
    chosen_sounds,
    close_for_subject,
    close_for_subjects,
    notify,
    notify_each,
    open_notification,
    set_sound,
    snooze,
    wake_snoozed,
)
from core.work.standing import standing_of
from core.work.subjects import Subject
from tests.work.office import ANNA, BORIS, GLEB, VERA, Office

VISIT = Subject("contacts_inbound_contact", 7)
CAME = Message("A visitor came to you: %(who)s", {"who": "Орлов"}, icon="person-walking", sound=Sound.UNTIL_TAKEN)


def tell(office: Office, *users: int, group: bool = False, subject: Subject = VISIT) -> list[int]:
    with office.by(GLEB) as session:
        return notify(session, users, "contacts.visit", subject, CAME, group=group)


def waiting(office: Office, user: int) -> list[int]:
    with office.by(user) as session:
        return [notification.id for notification in active(session)]


def test_a_personal_notification_waits_for_its_owner_alone_and_is_published(office: Office) -> None:
    [told] = tell(office, ANNA)
    with office.by(ANNA) as session:
        [mine] = active(session)
        assert standing_of(session).unread == 1
    assert (mine.id, mine.subject, mine.title_values, mine.from_user_id) == (told, VISIT, {"who": "Орлов"}, GLEB)
    assert waiting(office, BORIS) == []
    assert office.events("notification.created") == [(ANNA, {"notification": told})]


def test_a_personal_notification_ends_when_it_is_opened_and_leads_to_its_subject(office: Office) -> None:
    """S0-24, S0-30."""
    [told] = tell(office, ANNA)
    with office.by(ANNA) as session:
        assert open_notification(session, told) == VISIT
    with office.by(ANNA) as session:
        assert open_notification(session, told) == VISIT, "opening again changes nothing"
    assert waiting(office, ANNA) == []
    assert office.events("notification.closed") == [(ANNA, {"notification": told})]


def test_nobody_opens_or_snoozes_what_is_not_his(office: Office) -> None:
    """SEC-3: a foreign notification answers like a missing one."""
    [told] = tell(office, ANNA)
    with pytest.raises(NotFound), office.by(BORIS) as session:
        open_notification(session, told)
    with pytest.raises(NotFound), office.by(BORIS) as session:
        snooze(session, told, office.clock() + timedelta(hours=1))
    assert waiting(office, ANNA) == [told]


def test_a_group_notification_stays_when_opened_and_ends_for_all_when_one_takes(office: Office) -> None:
    """S0-27, S0-28, C-08."""
    for_anna, for_boris = tell(office, ANNA, BORIS, group=True)
    with office.by(ANNA) as session:
        open_notification(session, for_anna)
    assert waiting(office, ANNA) == [for_anna]
    assert waiting(office, BORIS) == [for_boris]
    with office.by(BORIS) as session:
        ended = close_for_subject(session, VISIT, reason="taken", group_only=True)
    assert [closed.user_id for closed in ended] == [ANNA, BORIS]
    assert waiting(office, ANNA) == waiting(office, BORIS) == []
    assert office.events("notification.closed") == [
        (ANNA, {"notification": for_anna}),
        (BORIS, {"notification": for_boris}),
    ]


def test_taking_leaves_personal_ones_other_subjects_and_the_excepted_person(office: Office) -> None:
    [personal] = tell(office, VERA)
    [other] = tell(office, VERA, group=True, subject=Subject(VISIT.type, 8))
    kept, _ended = tell(office, ANNA, BORIS, group=True)
    with office.by(ANNA) as session:
        close_for_subject(session, VISIT, reason="taken", group_only=True, except_user=ANNA)
    assert waiting(office, VERA) == [other, personal]
    assert waiting(office, ANNA) == [kept]
    assert waiting(office, BORIS) == []


def test_a_hundred_people_are_told_with_two_inserts(office: Office) -> None:
    with Statements(office.database) as statements:
        told = tell(office, ANNA, BORIS, VERA, ANNA, group=True)
    assert len(told) == 3, "a person named twice is told once"
    assert [statement.split()[2] for statement in statements.about("INSERT")] == [
        "core_notification",
        "core_notification",
        "core_event",
    ]


def test_different_things_are_told_together_and_end_together(office: Office) -> None:
    """Phones that ring at once: each of his own call. SQLite tells numbers of rows one at a time."""
    other = Subject(VISIT.type, 8)
    with Statements(office.database) as statements, office.by(GLEB) as session:
        notices = [Notice(BORIS, VISIT, CAME), Notice(ANNA, other, Message("Another one")), Notice(BORIS, other, CAME)]
        told = notify_each(session, "contacts.visit", notices)
    inserts = [statement.split()[2] for statement in statements.about("INSERT")]
    assert inserts == ["core_notification"] * (1 if office.database.engine.name == "postgresql" else 3) + ["core_event"]
    for_boris, for_anna, also_for_boris = told
    assert waiting(office, BORIS) == [also_for_boris, for_boris]
    with office.by(ANNA) as session:
        [mine] = active(session)
    assert (mine.id, mine.subject, mine.title, mine.is_group) == (for_anna, other, "Another one", False)
    with office.by(GLEB) as session:
        ended = close_for_subjects(session, VISIT.type, [other.id, 9], reason="done")
        assert close_for_subjects(session, VISIT.type, [], reason="done") == []
        assert notify_each(session, "contacts.visit", []) == []
    assert [closed.id for closed in ended] == [for_anna, also_for_boris]
    assert waiting(office, BORIS) == [for_boris]
    assert [payload["notification"] for _, payload in office.events("notification.closed")] == [
        for_anna,
        also_for_boris,
    ]


def test_a_snoozed_notification_returns_once(office: Office) -> None:
    """SEC-52."""
    [told] = tell(office, ANNA)
    with office.by(ANNA) as session:
        snooze(session, told, office.clock() + timedelta(minutes=10))
    assert waiting(office, ANNA) == []
    for expected in (0, 1, 0):
        with office.by_system() as session:
            assert wake_snoozed(session, office.clock.moment) == expected
        office.clock.go(minutes=10)
    assert waiting(office, ANNA) == [told]
    assert len(office.events("notification.created")) == 2


def test_what_has_ended_cannot_be_snoozed(office: Office) -> None:
    [told] = tell(office, ANNA)
    with office.by(ANNA) as session:
        open_notification(session, told)
    with pytest.raises(NotFound), office.by(ANNA) as session:
        snooze(session, told, office.clock.go(hours=1))


def test_each_chooses_how_loud_a_kind_is(office: Office) -> None:
    tell(office, ANNA, BORIS)
    for sound in (Sound.ONCE, Sound.SILENT):
        with office.by(ANNA) as session:
            set_sound(session, "contacts.visit", sound)
    with office.by(ANNA) as session:
        assert chosen_sounds(session) == {"contacts.visit": Sound.SILENT}
        assert [notification.sound for notification in active(session)] == [Sound.SILENT]
    with office.by(BORIS) as session:
        assert [notification.sound for notification in active(session)] == [Sound.UNTIL_TAKEN]


def test_a_live_event_fetches_only_what_it_names(office: Office) -> None:
    first, second = (tell(office, ANNA)[0] for _ in range(2))
    with office.by(ANNA) as session:
        assert [notification.id for notification in active(session, [first])] == [first]
        assert [notification.id for notification in active(session)] == [second, first]


def test_no_query_of_a_person_reaches_the_notifications_of_others(office: Office) -> None:
    """SEC-2: the rule is on the session, not only in the functions."""
    tell(office, ANNA, BORIS)
    with office.by(BORIS) as session:
        assert set(session.scalars(select(Notification.user_id))) == {BORIS}
    with office.by_system() as session:
        assert set(session.scalars(select(Notification.user_id))) == {ANNA, BORIS}
