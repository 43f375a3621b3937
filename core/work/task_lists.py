"""What a person has to do, and what is being done for a subject."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select

from core.db.engine import WorkSession
from core.work.subjects import Subject
from core.work.task_models import Task, untaken

SHOWN_AT_ONCE = 500


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
        select(Task)
        .where(_for_me(session), Task.finished_at.is_(None), or_(Task.hidden_until.is_(None), Task.hidden_until <= now))
        .order_by(Task.due_at, Task.id)
        .limit(SHOWN_AT_ONCE)
    )
    return by_urgency(tasks, now, ZoneInfo(session.access.time_zone))


def by_urgency(tasks: Iterable[Task], now: datetime, zone: ZoneInfo) -> DueList:
    """Tasks divided into what is late, what is for today and what comes later."""
    tomorrow = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
    found = DueList()
    for task in tasks:
        if task.due_at < now:
            found.overdue.append(task)
        elif task.due_at < tomorrow:
            found.today.append(task)
        else:
            found.later.append(task)
    return found


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


def _for_me(session: WorkSession) -> ColumnElement[bool]:
    return or_(Task.assignee_id == session.access.user_id, untaken(session.access))
