"""Every call of a client becomes a contact, missed ones a task, and none is lost (S1-03, S1-04, S1-10…20, S2-50)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from addons.contacts.models import ContactGoal, GoalSpecialist, InboundContact
from addons.contacts.services import handling
from addons.contacts.services.attempts import call_attempts
from addons.contacts.services.customers import CustomerData, create_customer
from addons.contacts.services.registration import NewContact, register
from addons.telephony.models import DONE, WAITING, Call, Line
from addons.telephony.services import missed, missed_report, passing, registering
from addons.telephony.services.exchanges import recorded_exchange
from addons.telephony.services.live import key_of
from addons.telephony.services.storing import store
from core.access.identity import access_of
from core.access.models import Department, User
from core.access.policy import system
from core.db.engine import WorkSession
from core.work.models import Notification
from core.work.settings import write
from core.work.task_models import Task
from tests.support.dealership import Dealership
from tests.telephony.test_storing import keep
from tests.telephony.told import CLIENT, DID, answered, call, job

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def contact_of(session: WorkSession) -> InboundContact:
    return session.scalars(select(InboundContact)).one()


def task_of(session: WorkSession) -> Task:
    return session.scalars(select(Task).where(Task.kind == missed.KIND)).one()


def extension(session: WorkSession, dealership: Dealership, login: str, ext: str = "102") -> int:
    user = session.get_one(User, dealership.people[login])
    user.extension = ext
    session.flush()
    return user.id


def registered(session: WorkSession) -> InboundContact:
    """The contact of a call that somebody has registered."""
    goal = session.scalars(select(ContactGoal).where(ContactGoal.channel == "phone")).first()
    assert goal is not None
    return register(session, NewContact(channel="phone", goal_id=goal.id, phone="8 (916) 123-45-67"))


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        pytest.param("ringing_manager", "ringing a manager", id="S1-18"),
        pytest.param("waiting_queue", "waiting for an answer", id="S1-19"),
        pytest.param("listening_ivr", "listening to the voice menu", id="S1-20"),
    ],
)
def test_a_missed_call_is_a_contact_and_a_task_of_every_operator_s1_14_15_16_17(
    dealership: Dealership, reason: str, words: str
) -> None:
    with dealership.session() as session:
        keep(session, job(call(session.now() - HOUR, loss_reason=reason)))
        contact, task = contact_of(session), task_of(session)
        assert (contact.channel, contact.phone, contact.state) == ("telephony.missed", CLIENT, "unclaimed")
        assert contact.at == session.scalars(select(Call.started_at)).one()
        assert (task.role, task.state, task.subject_id) == ("reception", "open", contact.id)
        assert task.title_values["reason"]["msgid"] == words
        assert task.title_values["seconds"] == 20
        told = session.scalars(select(Notification.user_id).where(Notification.kind == missed.KIND)).all()
        assert told == [dealership.people["lebedeva"]]


def test_each_missed_call_has_a_contact_of_its_own_s1_13(dealership: Dealership) -> None:
    with dealership.session() as session:
        at = session.now() - HOUR
        keep(session, *(job(call(at + i * MINUTE / 4, f"1.{i}", client=f"+7916{i:07d}")) for i in range(100)))
        assert len(session.scalars(select(InboundContact)).all()) == 100
        assert {each.contact_state for each in session.scalars(select(Call))} == {DONE}


@pytest.mark.parametrize("direction", ["in", "out"])
def test_who_gets_through_or_is_called_back_is_done_s2_50(dealership: Dealership, direction: str) -> None:
    with dealership.session() as session:
        at = session.now() - HOUR
        keep(session, job(call(at)))
        assert session.scalars(select(Call)).one().waits_for_call
        keep(session, job(answered(at + 10 * MINUTE, direction=direction)))
        first = session.scalars(select(Call).order_by(Call.started_at)).first()
        assert first is not None
        assert (first.waits_for_call, first.reached_at) == (False, at + 10 * MINUTE + timedelta(seconds=5))
        assert task_of(session).state == "done"
        lost = session.get_one(InboundContact, first.contact_id)
        assert (lost.state, bool(lost.result)) == ("processed", True)


def test_a_call_back_has_the_contact_of_the_missed_call_also_when_it_is_registered_later(
    dealership: Dealership,
) -> None:
    """After a gap many are stored at once, and registered some at a time."""
    with dealership.session() as session:
        at = session.now() - HOUR
        told = [job(call(at)), job(answered(at + 10 * MINUTE, direction="out"))]
        store(session, recorded_exchange(session, "test").id, told, timedelta())
        assert [registering.register_due(session, 1) for _ in told] == [True, True]
        assert set(session.scalars(select(Call.contact_id))) == {contact_of(session).id}
        waits = select(Call.waits_for_call).order_by(Call.started_at)
        assert session.scalars(waits).all() == [True, False], "who was reached is looked for once, when no more are due"
        assert not registering.register_due(session, 1)
        assert session.scalars(waits).all() == [False, False]


@pytest.mark.parametrize(
    "other", [{"client": "+79031112233"}, {"disposition": "client_no_answer", "answered": None, "direction": "out"}]
)
def test_another_client_and_a_call_without_an_answer_do_not_end_it(
    dealership: Dealership, other: dict[str, Any]
) -> None:
    with dealership.session() as session:
        at = session.now() - HOUR
        keep(session, job(call(at)), job(answered(at + MINUTE, **other)))
        assert task_of(session).state == "open"


def test_a_contact_that_is_ended_by_hand_ends_its_task_s2_50(dealership: Dealership) -> None:
    with dealership.session() as session:
        keep(session, job(call(session.now() - HOUR)))
        handling.finish(session, contact_of(session).id, "Ошиблись номером")
        registering.register_due(session)
        assert task_of(session).state == "done"
        kept = session.scalars(select(Call)).one()
        assert (kept.waits_for_call, kept.reached_at) == (False, None)


def test_numbers_that_are_withheld_are_different_clients(dealership: Dealership) -> None:
    with dealership.session() as session:
        at = session.now() - HOUR
        keep(session, job(call(at, client=None)), job(answered(at + MINUTE, client=None)))
        assert task_of(session).state == "open"
        assert all(contact.client_text for contact in session.scalars(select(InboundContact)))


def test_nothing_is_asked_about_a_client_who_has_got_through_already(dealership: Dealership) -> None:
    with dealership.session() as session:
        at = session.now() - HOUR
        keep(session, job(answered(at + MINUTE)))
        keep(session, job(call(at)))
        assert session.scalars(select(Task).where(Task.kind == missed.KIND)).all() == []
        assert not any(each.waits_for_call for each in session.scalars(select(Call)))


def test_who_talked_has_the_contact_and_is_told_s1_03(dealership: Dealership) -> None:
    with dealership.session() as session:
        user_id = extension(session, dealership, "petukhov")
        keep(session, job(answered(session.now() - HOUR)))
        contact = contact_of(session)
        assert (contact.channel, contact.responsible_id, contact.state) == ("phone", user_id, "assigned")
        assert session.scalars(select(Notification.user_id)).all() == [user_id]


def test_an_answered_call_waits_for_who_talked(dealership: Dealership) -> None:
    with dealership.session() as session:
        keep(session, job(answered(session.now() - 2 * MINUTE)))
        assert session.scalars(select(Call)).one().contact_state == WAITING
        assert session.scalars(select(InboundContact)).all() == []
        write(session, registering.GRACE, 0)


def test_the_contact_of_a_call_s_form_is_its_own_as_soon_as_both_are_there_s2_14(dealership: Dealership) -> None:
    """Whatever is first: the contact while they talk, or the call because the form is filled in afterwards."""
    with dealership.session() as session:
        began = session.now() - 2 * MINUTE
        during, after = answered(began, "1795305000.1"), answered(began, "1795305000.2", client="+79161234568")
        pbx = recorded_exchange(session, "test").id
        first, second = registered(session), registered(session)
        passing.registered(session, first, "self", f"telephony.{pbx}.{key_of(during.linkedid)}")
        keep(session, job(during), job(after))
        of = select(Call.contact_id).order_by(Call.linkedid)
        assert session.scalars(of).all() == [first.id, None]
        passing.registered(session, second, "self", f"telephony.{pbx}.{key_of(after.linkedid)}")
        registering.register_due(session)
        assert session.scalars(of).all() == [first.id, second.id]


def test_a_registration_that_was_undone_is_nothing_to_its_call(dealership: Dealership) -> None:
    """Whether it was undone before the call was stored, or after it had become the call's."""
    with dealership.session() as session:
        told = answered(session.now() - 2 * MINUTE)
        origin = f"telephony.{recorded_exchange(session, 'test').id}.{key_of(told.linkedid)}"
        undone = registered(session)
        passing.registered(session, undone, "self", origin)
        undone.state = "withdrawn"
        keep(session, job(told))
        assert session.scalars(select(Call.contact_state)).all() == [WAITING], "it has its grace"
        for _ in range(2):
            again = registered(session)
            passing.registered(session, again, "self", origin)
            session.expire_all()
            registering.register_due(session)
            assert session.scalars(select(Call.contact_id)).all() == [again.id]
            again.state = "withdrawn"
            session.flush()
        registering.register_due(session)
        waits = session.execute(select(Call.contact_id, Call.contact_state, Call.contact_due_at)).one()
        assert tuple(waits)[:2] == (None, WAITING), "nobody has registered it again, so it will be by itself"
        assert waits.contact_due_at > session.now()


def test_the_contact_of_a_colleague_s_call_is_the_call_s_too_s1_54(dealership: Dealership) -> None:
    """Who the client was passed on to registers after the end; he does not see the call of who talked first."""
    with dealership.session() as session:
        lebedeva = extension(session, dealership, "lebedeva", "101")
        told = answered(session.now() - 2 * MINUTE, by="101")
        keep(session, job(told))
        contact, pbx = registered(session), recorded_exchange(session, "test").id
        volkov = access_of(session, dealership.people["volkov"])
        assert volkov is not None
        session.access = volkov
        assert session.scalars(select(Call.id)).all() == []
        passing.registered(session, contact, "self", f"telephony.{pbx}.{key_of(told.linkedid)}")
        session.access = system("test")
        session.expire_all()
        registering.register_due(session)
        call_ = session.scalars(select(Call)).one()
        assert (call_.employee_id, call_.contact_id) == (lebedeva, contact.id)


def test_what_somebody_has_registered_is_the_contact_of_the_call(dealership: Dealership) -> None:
    with dealership.session() as session:
        by_hand = registered(session)
        by_hand.created_by_id = dealership.people["lebedeva"]
        session.flush()
        keep(session, job(answered(session.now() - MINUTE)))
        call_ = session.scalars(select(Call)).one()
        call_.contact_due_at = session.now()
        session.flush()
        registering.register_due(session)
        assert (call_.contact_id, call_.contact_by_hand) == (by_hand.id, True)
        assert contact_of(session).id == by_hand.id


@pytest.mark.parametrize("written", ["8 916 123-45-67", "+7 (916) 1234567", "9161234567"])
def test_the_caller_is_known_in_any_spelling_s1_12_s2_08(dealership: Dealership, written: str) -> None:
    with dealership.session() as session:
        customer = create_customer(session, CustomerData(last_name="Петров", phones=[written]))
        keep(session, job(call(session.now() - HOUR, client="89161234567")))
        assert contact_of(session).customer_id == customer.id


def test_nobody_knows_an_unknown_number_s1_10(dealership: Dealership) -> None:
    with dealership.session() as session:
        keep(session, job(call(session.now() - HOUR)))
        contact = contact_of(session)
        assert (contact.customer_id, contact.is_primary) == (None, True)


def test_the_line_says_what_the_client_wants_s1_72(dealership: Dealership) -> None:
    with dealership.session() as session:
        workshop = select(Department.id).where(Department.kind == "workshop")
        goal = session.scalars(
            select(ContactGoal).where(ContactGoal.channel == "phone", ContactGoal.department_id.in_(workshop))
        ).first()
        assert goal is not None
        line = Line(number="+74955550103", title="Сервис", goal_id=goal.id)
        session.add(line)
        session.flush()
        keep(session, job(call(session.now() - HOUR, did=DID)))
        kept = session.scalars(select(Call)).one()
        assert (contact_of(session).goal_id, kept.line_id) == (goal.id, line.id)


def test_without_anybody_who_handles_the_goal_the_operators_have_it_x_02(dealership: Dealership) -> None:
    with dealership.session() as session:
        for link in session.scalars(select(GoalSpecialist)):
            session.delete(link)
        keep(session, job(answered(session.now() - HOUR)))
        assert contact_of(session).state == "unclaimed"
        assert task_of(session).role == "reception"


def test_calls_that_cannot_be_registered_do_not_hold_up_the_others(dealership: Dealership) -> None:
    with dealership.session() as session:
        for goal in session.scalars(select(ContactGoal)):
            goal.active = False
        at = session.now() - HOUR
        told = [job(call(at, f"1.{number}")) for number in range(3)]
        store(session, recorded_exchange(session, "test").id, told, timedelta())
        assert [registering.register_due(session, 2) for _ in range(3)] == [True, False, False]
        problems = session.scalars(select(Call.contact_problem)).all()
        assert (len(problems), all(problems)) == (3, True), "each has been tried"


def test_who_was_reached_is_looked_for_however_many_calls_cannot_be_registered_s1_13(
    dealership: Dealership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registering, "BATCH", 1)
    monkeypatch.setattr(registering, "ROUNDS", 2)
    with dealership.session() as session:
        for goal in session.scalars(select(ContactGoal)):
            goal.active = False
        at = session.now() - HOUR
        told = [job(call(at)), job(answered(at + MINUTE)), job(answered(at + 2 * MINUTE, "1.9"))]
        store(session, recorded_exchange(session, "test").id, told, timedelta())
        assert registering.sweep(session) == 2, "in transactions of its own, and not without end"
        assert not any(session.scalars(select(Call.waits_for_call)))
        assert registering.count_due(session) == 1


def test_without_a_goal_the_call_is_kept_and_registered_as_soon_as_there_is_one(dealership: Dealership) -> None:
    with dealership.session() as session:
        goals = session.scalars(select(ContactGoal).where(ContactGoal.channel == "phone", ContactGoal.active)).all()
        for goal in goals:
            goal.active = False
        keep(session, job(call(session.now() - HOUR)))
        kept = session.scalars(select(Call)).one()
        assert (kept.contact_state, bool(kept.contact_problem)) == (WAITING, True)
        goals[0].active = True
        kept.contact_due_at = session.now()
        session.flush()
        registering.register_due(session)
        assert (kept.contact_state, kept.contact_problem) == (DONE, "")


@pytest.mark.parametrize("disposition", ["answered", "client_no_answer", "client_busy", "employee_no_answer"])
def test_a_call_of_ours_is_a_contact_that_asks_nothing_of_anybody(dealership: Dealership, disposition: str) -> None:
    with dealership.session() as session:
        talked = {} if disposition == "answered" else {"answered": None}
        keep(session, job(answered(session.now() - HOUR, direction="out", disposition=disposition, **talked)))
        contact = contact_of(session)
        assert (contact.channel, contact.state, contact.is_request) == ("telephony.out", "processed", False)
        assert session.scalars(select(Task)).all() == []


def test_rules_of_others_learn_of_calls_in_vain_s4_82(dealership: Dealership) -> None:
    with dealership.session() as session:
        at = session.now() - HOUR
        customer = create_customer(session, CustomerData(last_name="Петров", phones=[CLIENT]))
        made: dict[str, Any] = {"direction": "out", "loss_reason": None}
        told = [
            call(at, "1.1", disposition="client_no_answer", **made),
            call(at + MINUTE, "1.2", disposition="client_busy", **made),
            call(at + 2 * MINUTE, "1.3", disposition="employee_no_answer", **made),
            call(at + 3 * MINUTE, "1.4"),
            call(at - HOUR, "1.5", disposition="client_no_answer", **made),
        ]
        keep(session, *map(job, told))
        in_vain = [at, at + MINUTE]
        assert call_attempts(session, customer.id, "", at) == in_vain
        assert call_attempts(session, None, CLIENT, at) == in_vain
        assert call_attempts(session, None, "", at) == []


def test_calls_inside_the_house_are_no_traffic(dealership: Dealership) -> None:
    with dealership.session() as session:
        keep(session, job(answered(session.now() - HOUR, direction="internal", client=None)))
        assert session.scalars(select(InboundContact)).all() == []


def test_how_long_it_took_to_call_back_is_kept_s2_50(dealership: Dealership) -> None:
    with dealership.session() as session:
        at = session.now() - HOUR
        write(session, missed.CALL_BACK_WITHIN, 15)
        keep(session, job(call(at)))
        assert task_of(session).due_at >= at + 15 * MINUTE
        keep(session, job(answered(at + 10 * MINUTE, direction="out")))
        first = session.scalars(select(Call).order_by(Call.started_at)).first()
        assert first is not None
        assert first.reached_ms == 10 * 60_000 + 5_000
        (by_reason,) = missed_report.report(session, at - HOUR, at + HOUR).reasons
        assert (by_reason.missed, by_reason.reached, by_reason.in_time) == (1, 1, 1)
        write(session, missed.CALL_BACK_WITHIN, 5)
        (by_reason,) = missed_report.report(session, at - HOUR, at + HOUR).reasons
        assert (by_reason.reached, by_reason.in_time) == (1, 0)


def test_the_hour_of_a_missed_call_is_that_of_the_reader_s1_21(dealership: Dealership) -> None:
    with dealership.session() as session:
        at = session.now() - HOUR
        keep(session, job(call(at)))
        found = missed_report.report(session, at - HOUR, at + HOUR)
        assert [each.title for each in found.hours] == [f"{at.astimezone(session.access.zone):%H}:00"]
        assert found.total.share == 100
