"""What a person has to do, and what is being done for a subject."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)

from core.access.policy import Access
from core.db.engine import WorkSession
from core.db.kept import Read
from core.work.moments import PRESENT, TOMORROW, tomorrow
from core.work.subjects import Subject
from core.work.task_models import Task, untaken

SHOWN_AT_ONCE = 500
SHOWN_FINISHED = 100


@dataclass(frozen=True, slots=True)
class DueList:
    """A person's open tasks by urgency; the day is that of his own time zone (X-05)."""

    overdue: list[Task] = field(default_factory=list)
    today: list[Task] = field(default_factory=list)
    later: list[Task] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TaskNode:
    """A task with the tasks it is made of."""

    task: Task
    children: list[TaskNode] = field(default_factory=list)


def due_list(session: WorkSession) -> DueList:
    """The person's open tasks and the untaken ones of his groups, without those put off to later (S1-39)."""
    now = session.now()
    tasks = session.scalars(
        select(Task).where(_for_me(session), _in_sight(now)).order_by(Task.due_at, Task.id).limit(SHOWN_AT_ONCE)
    )
    return by_urgency(tasks, now, session.access.zone)


def due_count(access: Access) -> Select[int]:
    """Counts the tasks that are late or for today: the figure beside «Tasks» in the rail."""
    return select(func.count(Task.id)).where(_for(access), _in_sight(PRESENT), Task.due_at < TOMORROW)


def put_off(session: WorkSession) -> list[Task]:
    """The person's open tasks that are out of sight until their time comes (S1-39)."""
    hidden = (Task.finished_at.is_(None), Task.hidden_until > session.now())
    statement = select(Task).where(_for_me(session), *hidden).order_by(Task.hidden_until, Task.id)
    return list(session.scalars(statement.limit(SHOWN_AT_ONCE)))


def given(session: WorkSession) -> list[Task]:
    """What the person has asked others to do and is not done yet."""
    me = session.access.user_id
    for_others = or_(Task.assignee_id.is_(None), Task.assignee_id != me)
    statement = select(Task).where(Task.created_by_id == me, for_others, Task.finished_at.is_(None))
    return list(session.scalars(statement.order_by(Task.due_at, Task.id).limit(SHOWN_AT_ONCE)))


def finished(session: WorkSession) -> list[Task]:
    """What the person has done or called off, the latest first."""
    mine = (Task.assignee_id == session.access.user_id, Task.finished_at.is_not(None))
    statement = select(Task).where(*mine).order_by(Task.finished_at.desc(), Task.id.desc())
    return list(session.scalars(statement.limit(SHOWN_FINISHED)))


def parts_of(session: WorkSession, task_id: int) -> list[Task]:
    """The tasks a task is made of, as far as the person may know of them."""
    statement = select(Task).where(Task.parent_id == task_id).order_by(Task.id).limit(SHOWN_AT_ONCE)
    return list(session.scalars(statement))


def by_urgency(tasks: Iterable[Task], now: datetime, zone: ZoneInfo) -> DueList:
    """Tasks divided into what is late, what is for today and what comes later."""
    day_ends = tomorrow(now, zone)
    found = DueList()
    for task in tasks:
        if task.due_at < now:
            found.overdue.append(task)
        elif task.due_at < day_ends:
            found.today.append(task)
        else:
            found.later.append(task)
    return found


_ANY: Select[*tuple[Any, ...]] = (
    select(Task.id)
    .where(
        Task.subject_type == bindparam("subject_type", type_=String),
        Task.subject_id == bindparam("subject_id", type_=BigInteger),
    )
    .limit(literal_column("1"))
)


def any_task(subject: Subject) -> Read:
    """Reads whether a subject has tasks the person may know of; most have none, and need no tree."""
    return Read(_ANY, {"subject_type": subject.type, "subject_id": subject.id})


def task_tree(session: WorkSession, subject: Subject) -> list[TaskNode]:
    """All tasks of a subject the person may know of, each with its parts, the oldest first (S1-60).

    A part whose parent is another subject's, or not this person's to know of, stands at the top.
    """
    statement = (
        select(Task)
        .where(Task.subject_type == subject.type, Task.subject_id == subject.id)
        .order_by(Task.id)
        .limit(SHOWN_AT_ONCE)
    )
    nodes = {task.id: TaskNode(task) for task in session.scalars(statement)}
    top: list[TaskNode] = []
    for node in nodes.values():
        parent = nodes.get(node.task.parent_id or 0)
        (parent.children if parent else top).append(node)
    return top


def _in_sight(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return and_(Task.finished_at.is_(None), or_(Task.hidden_until.is_(None), Task.hidden_until <= now))


def _for_me(session: WorkSession) -> ColumnElement[bool]:
    return _for(session.access)


def _for(access: Access) -> ColumnElement[bool]:
    return or_(Task.assignee_id == access.user_id, untaken(access))
