"""Tasks: one owner, one end, one reminder, and a history everybody who had it may read."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core.access.policy import NOBODY, Scope
from core.db.audit import AuditEntry
from core.db.engine import WorkSession
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.testing.clock import NOON
from core.work import tasks
from core.work.notifications import ActiveNotification, Sound, active
from core.work.office_models import WorkingHours
from core.work.reminders import due_reminders
from core.work.subjects import Subject
from core.work.task_lists import due_list, task_tree
from core.work.task_models import Task, TaskReminder
from core.work.tasks import NewTask, TaskState
from tests.work.office import ANNA, BORIS, DESK, GLEB, VERA, WORKSHOP, Office

CLIENT = Subject("contacts_contact", 5)
CALL = NewTask(title="Перезвонить", due_at=NOON + timedelta(hours=2), assignee_id=BORIS, subject=CLIENT)
GROUP = NewTask(title="Process the missed call", due_at=NOON, role="operator")


def create(office: Office, new: NewTask, by: int = ANNA) -> int:
    with office.by(by) as session:
        return tasks.create_task(session, new).id


def told(office: Office, user: int) -> list[ActiveNotification]:
    with office.by(user) as session:
        return active(session)


def titles(office: Office, user: int) -> list[list[str]]:
    with office.database.reading(office.access(user)) as session:
        due = due_list(session)
    return [[task.title for task in part] for part in (due.overdue, due.today, due.later)]


def remind(office: Office, now: datetime | None = None) -> int:
    with office.by_system() as session:
        return due_reminders(session, now or office.clock())


def test_who_gets_a_task_is_told_who_gives_it_to_himself_is_not(office: Office) -> None:
    task_id = create(office, CALL)
    create(office, replace(CALL, assignee_id=ANNA))
    [notification] = told(office, BORIS)
    assert (notification.title, notification.body, notification.subject) == (
        "New task",
        "Перезвонить",
        Subject("core_task", task_id),
    )
    assert told(office, ANNA) == []


@pytest.mark.parametrize(
    "wrong", [replace(CALL, title=" "), replace(CALL, title="т" * 201), replace(CALL, assignee_id=None)]
)
def test_a_task_needs_a_title_and_somebody(office: Office, wrong: NewTask) -> None:
    with pytest.raises(Invalid):
        create(office, wrong)


def test_the_same_cause_replayed_makes_one_task(office: Office) -> None:
    """SEC-52."""
    once = replace(CALL, once_key="call 17 missed")
    assert create(office, once) == create(office, once)
    assert len(told(office, BORIS)) == 1


def test_the_same_cause_at_the_same_moment_makes_one_task(office: Office) -> None:
    """SEC-52: four workers meet the same cause."""
    made: list[int] = []
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        made.append(create(office, replace(CALL, once_key="call 17 missed")))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len(set(made)) == 1
    assert len(told(office, BORIS)) == 1


def test_a_cause_whose_task_is_not_ones_to_know_of_is_a_conflict(office: Office) -> None:
    create(office, replace(CALL, once_key="call 17 missed"))
    with pytest.raises(Conflict):
        create(office, replace(CALL, once_key="call 17 missed", assignee_id=VERA), by=GLEB)


def test_a_task_for_a_person_who_does_not_exist_is_an_error_not_a_double(office: Office) -> None:
    with pytest.raises(IntegrityError):
        create(office, replace(CALL, assignee_id=99))


def test_lists_by_urgency_in_the_persons_own_zone(office: Office) -> None:
    """X-05: 23:30 in Moscow is today, although in UTC the next half hour is not."""
    office.clock.moment = NOON.replace(hour=19)
    for title, due_at in {
        "late": NOON,
        "today": NOON.replace(hour=20, minute=30),
        "later": NOON.replace(hour=21, minute=0),
    }.items():
        create(office, replace(CALL, title=title, due_at=due_at))
    assert titles(office, BORIS) == [["late"], ["today"], ["later"]]
    assert titles(office, ANNA) == [[], [], []]


def test_a_postponed_task_is_hidden_until_its_time_and_then_reminded_once(office: Office) -> None:
    """S1-39."""
    task_id = create(office, CALL)
    with office.by(BORIS) as session:
        task = tasks.postpone(session, task_id, NOON + timedelta(hours=5), "не отвечает")
        assert task.postponed == 1
    assert titles(office, BORIS) == [[], [], []]
    assert told(office, BORIS) == []
    assert remind(office, NOON + timedelta(hours=4)) == 0
    office.clock.go(hours=5)
    assert [remind(office), remind(office)] == [1, 0]
    assert titles(office, BORIS) == [[], ["Перезвонить"], []]
    assert [notification.title for notification in told(office, BORIS)] == ["It is time for a task"]


def test_a_task_handed_over_with_a_new_time_keeps_its_history_for_both(office: Office) -> None:
    """S1-77."""
    task_id = create(office, CALL, by=GLEB)
    with office.by(BORIS) as session:
        tasks.hand_over(session, task_id, VERA, NOON + timedelta(days=1), "она в теме")
    for user in (GLEB, BORIS, VERA):
        with office.by(user) as session:
            steps = [(step.action, step.from_user_id, step.to_user_id) for step in tasks.history(session, task_id)]
        assert steps == [("created", None, BORIS), ("handed_over", BORIS, VERA)]
    with pytest.raises(NotFound), office.by(ANNA) as session:
        tasks.history(session, task_id)
    assert told(office, BORIS) == []
    assert [notification.title for notification in told(office, VERA)] == ["A task was handed over to you"]
    assert remind(office, NOON + timedelta(hours=3)) == 0, "the reminder moved with it"
    with pytest.raises(Forbidden), office.by(BORIS) as session:
        tasks.complete(session, task_id)


def test_completing_twice_keeps_the_first_result_and_undo_opens_it_again(office: Office) -> None:
    task_id = create(office, CALL)
    for result in ("записан", "ещё раз"):
        with office.by(BORIS) as session:
            assert tasks.complete(session, task_id, result).result == "записан"
    assert told(office, BORIS) == []
    assert remind(office, NOON + timedelta(days=1)) == 0
    with pytest.raises(Conflict), office.by(BORIS) as session:
        tasks.cancel(session, task_id)
    with office.by(BORIS) as session:
        task = tasks.reopen(session, task_id)
        assert (task.state, task.result, task.finished_at) == (TaskState.OPEN, "", None)
        assert [step.action for step in tasks.history(session, task_id)] == ["created", "done", "reopened"]
    assert remind(office, NOON + timedelta(days=1)) == 1


def test_what_has_ended_cannot_be_postponed_or_handed_over(office: Office) -> None:
    task_id = create(office, CALL)
    with office.by(ANNA) as session:
        tasks.cancel(session, task_id, "не нужно")
        tasks.cancel(session, task_id)
    for change in (
        lambda session: tasks.postpone(session, task_id, NOON + timedelta(days=1)),
        lambda session: tasks.hand_over(session, task_id, VERA),
        lambda session: tasks.complete(session, task_id),
    ):
        with pytest.raises(Conflict), office.by(BORIS) as session:
            change(session)


def test_a_group_task_is_told_to_the_group_and_one_takes_it(office: Office) -> None:
    """S1-15, SEC-48."""
    task_id = create(office, GROUP, by=GLEB)
    assert len(told(office, ANNA)) == len(told(office, BORIS)) == 1
    assert told(office, VERA) == []
    with office.by(ANNA) as session:
        assert tasks.take(session, task_id).assignee_id == ANNA
    assert told(office, BORIS) == []
    with office.by(ANNA) as session:
        assert tasks.take(session, task_id).assignee_id == ANNA, "taking one's own again changes nothing"
    office.grants[BORIS] = {"core.task.read": Scope.ALL}
    with pytest.raises(Conflict) as refused, office.by(BORIS) as session:
        tasks.take(session, task_id)
    assert refused.value.values == {"name": "Анна"}


def test_a_task_put_back_waits_for_whoever_takes_it(office: Office) -> None:
    """S1-77: who had it keeps seeing it."""
    task_id = create(office, CALL)
    office.grants[BORIS] = {"core.task.assign": Scope.DEPARTMENT}
    with office.by(BORIS) as session:
        tasks.put_back(session, task_id, DESK)
        tasks.put_back(session, task_id, DESK)
    assert told(office, BORIS) == told(office, VERA) == []
    with office.by(VERA) as session:
        assert tasks.take(session, task_id).assignee_id == VERA
    with office.by(BORIS) as session:
        steps = [(event.action, event.from_user_id) for event in tasks.history(session, task_id)]
    assert steps == [("created", None), ("put_back", BORIS), ("taken", None)]


def test_of_two_who_take_at_once_exactly_one_gets_it(office: Office) -> None:
    """SEC-48: both have read the task as free before either writes."""
    task_id = create(office, GROUP, by=GLEB)
    with office.database.reading(office.access(ANNA)) as early:
        assert due_list(early).today[0].assignee_id is None
        with office.by(BORIS) as session:
            tasks.take(session, task_id)
    with pytest.raises(NotFound), office.by(ANNA) as session:
        tasks.take(session, task_id)
    with office.by_system() as session:
        assert session.get_one(Task, task_id).assignee_id == BORIS
        trail = select(func.count()).where(AuditEntry.action == "take", AuditEntry.subject_id == task_id)
        assert session.execute(trail).scalar_one() == 1


def test_who_is_not_of_the_group_may_see_but_not_take(office: Office) -> None:
    task_id = create(office, GROUP, by=GLEB)
    with pytest.raises(NotFound), office.by(VERA) as session:
        tasks.take(session, task_id)
    office.grants[VERA] = {"core.task.read": Scope.ALL}
    with pytest.raises(Forbidden), office.by(VERA) as session:
        tasks.take(session, task_id)
    office.grants[VERA] = {"core.task.read": Scope.ALL, "core.task.assign": Scope.ALL}
    with office.by(VERA) as session:
        assert tasks.take(session, task_id).assignee_id == VERA


def test_the_tasks_of_a_client_are_a_tree(office: Office) -> None:
    """S1-60: a process with two tasks is a node with two children."""
    office.grants[VERA] = {"core.task.read": Scope.ALL}
    process = create(office, replace(CALL, title="process"))
    for title in ("one", "two"):
        create(office, replace(CALL, title=title, parent_id=process))
    create(office, replace(CALL, title="alone"))
    create(office, replace(CALL, title="of another", subject=Subject("contacts_contact", 6), parent_id=process))
    with office.by(VERA) as session:
        tree = task_tree(session, CLIENT)
    assert [(node.task.title, [child.task.title for child in node.children]) for node in tree] == [
        ("process", ["one", "two"]),
        ("alone", []),
    ]


def test_off_hours_tasks_move_to_opening(office: Office) -> None:
    """X-06, S1-36: ordered at 23:00, due when the department opens in its branch's zone."""
    with office.by_system() as session:
        session.add_all(
            WorkingHours(department_id=WORKSHOP, weekday=day, opens=9 * 60, closes=18 * 60) for day in range(5)
        )
    night = NOON.replace(day=13, hour=19)  # Friday, 23:00 in Samara
    task_id = create(office, replace(CALL, due_at=night, department_id=WORKSHOP))
    with office.by_system() as session:
        assert session.get_one(Task, task_id).due_at == NOON.replace(day=16, hour=5)
        assert session.get_one(TaskReminder, task_id).remind_at == NOON.replace(day=16, hour=5)


def test_reminders_are_sent_once_by_two_sweeps_that_overlap(office: Office) -> None:
    """SEC-52: two workers, the second begins before the first has committed where the database allows it."""
    for _ in range(3):
        create(office, CALL, by=VERA)
    office.clock.go(hours=3)
    if office.database.dialect == "postgresql":
        with office.by_system() as first, office.by_system() as second:
            counts = [due_reminders(first, office.clock()), due_reminders(second, office.clock())]
    else:
        counts = [remind(office), remind(office)]
    assert counts == [3, 0]
    reminders = [notification for notification in told(office, BORIS) if notification.title == "It is time for a task"]
    assert len(reminders) == 3


def test_a_reminder_of_an_untaken_task_goes_to_its_department(office: Office) -> None:
    later = NOON + timedelta(hours=1)
    create(office, replace(GROUP, role=None, department_id=DESK, due_at=later), by=GLEB)
    remind(office, later)
    for user, expected in {ANNA: 2, BORIS: 2, VERA: 2, GLEB: 0}.items():
        assert len(told(office, user)) == expected


def test_a_task_whose_time_has_come_already_is_told_of_once_until_somebody_takes_it(office: Office) -> None:
    create(office, replace(CALL, remind_at=NOON))
    assert remind(office) == 0
    assert [(each.title, each.sound) for each in told(office, BORIS)] == [("New task", Sound.UNTIL_TAKEN)]


def test_rights_count_also_for_ones_own_tasks(office: Office) -> None:
    """SEC-1: without the right to read there is no task, without the right to finish nothing ends."""
    task_id = create(office, CALL)
    office.grants[BORIS] = {"core.task.finish": Scope.NONE}
    with pytest.raises(Forbidden), office.by(BORIS) as session:
        tasks.complete(session, task_id)
    office.grants[BORIS] = {"core.task.read": Scope.NONE}
    assert titles(office, BORIS) == [[], [], []]
    with office.database.reading(NOBODY) as session:
        assert due_list(session) == type(due_list(session))()


def test_a_head_of_department_changes_the_tasks_of_his_department(office: Office) -> None:
    """SEC-3."""
    task_id = create(office, replace(CALL, department_id=DESK))
    with pytest.raises(NotFound), office.by(VERA) as session:
        tasks.postpone(session, task_id, NOON + timedelta(days=1))
    office.grants[VERA] = {"core.task.read": Scope.DEPARTMENT, "core.task.change": Scope.DEPARTMENT}
    with office.by(VERA) as session:
        assert tasks.postpone(session, task_id, NOON + timedelta(days=1)).postponed == 1
    other = create(office, CALL)
    with pytest.raises(NotFound), office.by(VERA) as session:
        tasks.postpone(session, other, NOON + timedelta(days=1))


def test_what_is_said_of_a_task_has_a_length(office: Office) -> None:
    """SEC-36: it goes on into events and timelines."""
    task_id, long = create(office, CALL), "x" * 4001
    steps: tuple[Callable[[WorkSession], Task], ...] = (
        lambda session: tasks.complete(session, task_id, long),
        lambda session: tasks.cancel(session, task_id, long),
        lambda session: tasks.postpone(session, task_id, NOON + timedelta(days=1), long),
        lambda session: tasks.hand_over(session, task_id, ANNA, None, long),
    )
    for step in steps:
        with pytest.raises(Invalid, match="Check"), office.by(BORIS) as session:
            step(session)
    with office.by(BORIS) as session:
        assert tasks.complete(session, task_id, long[1:]).state == "done"
