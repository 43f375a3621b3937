"""What has to be done by whom and when: one service for every addon (S1-39, S1-60, S1-77).

Every step is written to the history of the task and into the audit trail; whoever has to know is
notified. A task ends once: completing it again gives the first result back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from core.access.policy import Access
from core.db.change import change_where, expect_record
from core.db.engine import WorkSession
from core.db.guards import row_rules
from core.errors import Conflict, Forbidden, Invalid
from core.live.events import publish
from core.text.msgids import T
from core.work.calendar import next_opening
from core.work.notifications import Sound, close_for_subject
from core.work.people import name_of
from core.work.reminders import cancel_reminder, set_reminder
from core.work.subjects import Subject, subject_of
from core.work.task_models import Task, TaskEvent, untaken
from core.work.task_notices import tell
from core.work.timeline import LONGEST_NOTE

CHANGE, ASSIGN, FINISH = "core.task.change", "core.task.assign", "core.task.finish"

LONGEST_TITLE = 200


class TaskState(StrEnum):
    """A task is open until it is done or cancelled; both can be undone."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """What a task is to be made of.

    ``title`` is text, or a msgid with ``title_values``. Without ``assignee_id`` it is for all whom
    ``role``, ``department_id`` and ``branch_id`` fit, as far as they are given, until one takes it.
    The working hours of ``department_id`` hold: off hours ``due_at`` moves to the next opening (X-06).
    ``remind_at`` is ``due_at`` unless given; a task whose time has come already is told of once. ``once_key`` names the cause, so that it makes one task. ``quiet``: whoever gives it has told people himself; it only reminds of itself.
    """

    title: str
    due_at: datetime
    title_values: Mapping[str, Any] = field(default_factory=dict)
    details: str = ""
    kind: str = "core.task"
    subject: Subject | None = None
    parent_id: int | None = None
    assignee_id: int | None = None
    department_id: int | None = None
    branch_id: int | None = None
    role: str | None = None
    remind_at: datetime | None = None
    hidden_until: datetime | None = None
    origin: str = ""
    once_key: str | None = None
    quiet: bool = False


def create_task(session: WorkSession, new: NewTask) -> Task:
    """Give somebody something to do and tell him, unless he gave it to himself.

    :raises Invalid: it is nobody's, or its title is empty or too long.
    :raises NotFound: there is no such parent for this person.
    :raises Conflict: its cause has made a task already that this person must not know of.
    """
    earlier = _made_before(session, new.once_key)
    if earlier is not None:
        return earlier
    _check(session, new)
    task = _task(session, new)
    if not _inserted(session, task):
        return _winner(session, new.once_key)
    _log(session, task, "created", to_user_id=task.assignee_id)
    remind_at = new.remind_at or task.due_at
    if remind_at <= session.now() and not new.quiet:  # one telling of it is the reminder as well
        tell(session, task, T("New task"), everybody=True, sound=Sound.UNTIL_TAKEN)
        return task
    set_reminder(session, task.id, remind_at)
    if not new.quiet:
        tell(session, task, T("New task"))
    return task


def take(session: WorkSession, task_id: int) -> Task:
    """Make an untaken task the person's own; of two who try at once, one gets it (SEC-48).

    :raises Conflict: somebody was faster; the message names him.
    """
    task = _known(session, task_id)
    me = session.access.user_id
    conditions = [Task.id == task_id, Task.assignee_id.is_(None), Task.state == TaskState.OPEN.value]
    if not session.access.reaches(ASSIGN, task.department_id, task.branch_id):
        conditions.append(untaken(session.access))
    if not change_where(session, Task, conditions, {"assignee_id": me}, action="take"):
        session.refresh(task)
        return _taken(session, task)
    close_for_subject(session, subject_of(task), reason="taken")
    _log(session, task, "taken", to_user_id=me)
    return task


def postpone(session: WorkSession, task_id: int, until: datetime, comment: str = "") -> Task:
    """Put a task off: out of the lists until then, and a reminder at that moment (S1-39)."""
    _check_length("comment", comment)
    task = _open_task(session, task_id, CHANGE)
    before = task.due_at
    _move(session, task, until)
    task.postponed += 1
    _log(session, task, "postponed", comment, data={"from": _moment(before), "to": _moment(task.due_at)})
    close_for_subject(session, subject_of(task), reason="postponed")
    return task


def hand_over(
    session: WorkSession, task_id: int, to_user_id: int, due_at: datetime | None = None, comment: str = ""
) -> Task:
    """Give a task to a colleague, with a new time if need be; both keep seeing its history (S1-77)."""
    _check_length("comment", comment)
    task = _open_task(session, task_id, ASSIGN)
    before, from_user_id = task.due_at, task.assignee_id
    task.assignee_id = to_user_id
    if due_at is not None:
        task.due_at = _in_hours(session, task.department_id, due_at)
        set_reminder(session, task.id, task.due_at)
    task.hidden_until = None
    data = {"from": _moment(before), "to": _moment(task.due_at)}
    giver = from_user_id or session.access.user_id
    _log(session, task, "handed_over", comment, from_user_id=giver, to_user_id=to_user_id, data=data)
    close_for_subject(session, subject_of(task), reason="handed_over")
    tell(session, task, T("A task was handed over to you"))
    return task


def put_back(session: WorkSession, task_id: int, department_id: int) -> Task:
    """Give a task to nobody, until somebody of this department takes it; both keep seeing its history (S1-77).

    The department is told when the task is due, and now only by whoever puts it back.
    """
    task = _open_task(session, task_id, ASSIGN)
    if task.assignee_id is None and task.department_id == department_id:
        return task
    from_user_id = task.assignee_id
    task.assignee_id, task.role, task.department_id, task.hidden_until = None, None, department_id, None
    _log(session, task, "put_back", from_user_id=from_user_id)
    close_for_subject(session, subject_of(task), reason="put_back")
    return task


def complete(session: WorkSession, task_id: int, result: str = "") -> Task:
    """End a task with its result; a second time it gives the first result back and changes nothing.

    :raises Conflict: it was cancelled meanwhile.
    """
    _check_length("result", result)
    task = _mine(session, task_id, FINISH)
    if task.state == TaskState.DONE:
        return task
    if task.state == TaskState.CANCELLED:
        raise Conflict("This task was cancelled meanwhile.")
    return _finish(session, task, TaskState.DONE, result)


def cancel(session: WorkSession, task_id: int, reason: str = "") -> Task:
    """End a task nobody has to do any more; a second time changes nothing.

    :raises Conflict: it was done meanwhile.
    """
    _check_length("reason", reason)
    task = _mine(session, task_id, FINISH)
    if task.state == TaskState.CANCELLED:
        return task
    if task.state == TaskState.DONE:
        raise Conflict("This task was done meanwhile.")
    return _finish(session, task, TaskState.CANCELLED, reason)


def reopen(session: WorkSession, task_id: int) -> Task:
    """Undo the end of a task: it is open again, with its reminder; an open one stays as it is."""
    task = _mine(session, task_id, FINISH)
    if task.state == TaskState.OPEN:
        return task
    task.state, task.result, task.finished_at = TaskState.OPEN.value, "", None
    set_reminder(session, task.id, task.due_at)
    _log(session, task, "reopened")
    return task


def end_with_cause(session: WorkSession, subject: Subject, kind: str) -> int:
    """End the open tasks of one kind of a subject, whosever they are: what they watched over has been done.

    The caller has the right to the deed itself. Returns how many.
    """
    statement = row_rules(session).ruled("tasks with a cause", lambda: select(Task).where(*_WITH_CAUSE))
    cause = {"kind": kind, "type": subject.type, "id": subject.id}
    tasks = session.scalars(statement, cause).all()
    for task in tasks:
        _finish(session, task, TaskState.DONE, "")
    return len(tasks)


_WITH_CAUSE = (
    Task.kind == bindparam("kind"),
    Task.subject_type == bindparam("type"),
    Task.subject_id == bindparam("id"),
    Task.state == TaskState.OPEN.value,
)


def history(session: WorkSession, task_id: int) -> list[TaskEvent]:
    """Every step of a task the person may know of, the first one first.

    :raises NotFound: no such task for this person.
    """
    _known(session, task_id)
    return list(session.scalars(select(TaskEvent).where(TaskEvent.task_id == task_id).order_by(TaskEvent.id)))


def _made_before(session: WorkSession, once_key: str | None) -> Task | None:
    if once_key is None:
        return None
    return session.scalars(select(Task).where(Task.once_key == once_key)).one_or_none()


def _inserted(session: WorkSession, task: Task) -> bool:
    """Whether the task is stored now; not when the same cause has made one at the same moment."""
    try:
        with session.begin_nested():
            session.add(task)
    except IntegrityError:
        if task.once_key is None:
            raise
        return False
    return True


def _winner(session: WorkSession, once_key: str | None) -> Task:
    task = _made_before(session, once_key)
    if task is None:
        raise Conflict("This task has been made by somebody else already.")
    return task


def _check_length(field: str, text: str) -> None:
    """Refuse more words than a note may have: they go on into events and timelines (SEC-36)."""
    if len(text) > LONGEST_NOTE:
        raise Invalid({field: [T("At most 4,000 characters.")]})


def _check(session: WorkSession, new: NewTask) -> None:
    if not new.title.strip():
        raise Invalid({"title": [T("Say what has to be done.")]})
    if len(new.title) > LONGEST_TITLE:
        raise Invalid({"title": [T("Say it shorter; the details have a field of their own.")]})
    if new.assignee_id is None and new.department_id is None and new.role is None:
        raise Invalid({"assignee_id": [T("Say who has to do it.")]})
    if new.parent_id is not None:
        _known(session, new.parent_id)


def _task(session: WorkSession, new: NewTask) -> Task:
    return Task(
        title=str(new.title),
        title_values=dict(new.title_values),
        details=new.details,
        kind=new.kind,
        subject_type=new.subject.type if new.subject else None,
        subject_id=new.subject.id if new.subject else None,
        parent_id=new.parent_id,
        assignee_id=new.assignee_id,
        department_id=new.department_id,
        branch_id=new.branch_id,
        role=new.role,
        due_at=_in_hours(session, new.department_id, new.due_at),
        hidden_until=new.hidden_until,
        origin=new.origin,
        once_key=new.once_key,
    )


def _in_hours(session: WorkSession, department_id: int | None, moment: datetime) -> datetime:
    """The moment, or the next opening of the department when that is closed then (X-06)."""
    if department_id is None:
        return moment
    return next_opening(session, department_id, moment) or moment


def _move(session: WorkSession, task: Task, until: datetime) -> None:
    task.due_at = task.hidden_until = _in_hours(session, task.department_id, until)
    set_reminder(session, task.id, task.due_at)


def _finish(session: WorkSession, task: Task, state: TaskState, result: str) -> Task:
    task.state, task.result, task.finished_at = state.value, result, session.now()
    cancel_reminder(session, task.id)
    _log(session, task, state.value, result)
    close_for_subject(session, subject_of(task), reason=state.value)
    return task


def _known(session: WorkSession, task_id: int) -> Task:
    return expect_record(session, Task, task_id, T("There is no such task."))


def may(access: Access, task: Task, right: str) -> bool:
    """Whether the person may do this with a task he knows of: his own, one he gave, one for his group, or within reach."""
    own = access.user_id in (task.assignee_id, task.created_by_id) or task.waits_for(access)
    return (own and access.may(right)) or access.reaches(right, task.department_id, task.branch_id)


def get_task(session: WorkSession, task_id: int) -> Task:
    """A task the person may know of.

    :raises NotFound: there is none.
    """
    return _known(session, task_id)


def _mine(session: WorkSession, task_id: int, right: str) -> Task:
    task = _known(session, task_id)
    if not may(session.access, task, right):
        raise Forbidden("This is a task of somebody else.")
    return task


def _open_task(session: WorkSession, task_id: int, right: str) -> Task:
    task = _mine(session, task_id, right)
    if task.state != TaskState.OPEN:
        raise Conflict("This task has ended meanwhile.")
    return task


def _taken(session: WorkSession, task: Task) -> Task:
    """What the second one gets: his own task when it is his already, else the winner's name."""
    if task.state != TaskState.OPEN:
        raise Conflict("This task has ended meanwhile.")
    if task.assignee_id is None:
        raise Forbidden("This task is not for your department or role.")
    if task.assignee_id != session.access.user_id:
        raise Conflict("%(name)s has taken this task.", name=name_of(session, task.assignee_id))
    return task


def _log(
    session: WorkSession,
    task: Task,
    action: str,
    comment: str = "",
    *,
    from_user_id: int | None = None,
    to_user_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write one step of the task and tell the open screens of it."""
    session.flush()
    values = {
        "task_id": task.id,
        "at": session.now(),
        "author_id": session.access.user_id,
        "action": action,
        "comment": comment,
        "from_user_id": from_user_id,
        "to_user_id": to_user_id,
        "data": dict(data or {}),
    }
    session.execute(insert(TaskEvent), [values])
    publish(session, "task.changed", task=task.id, user=task.assignee_id)


def _moment(moment: datetime) -> str:
    return moment.isoformat()
