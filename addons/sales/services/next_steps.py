"""The next step of a worksheet as a task of its responsible: made, moved and ended with what it watches over (S1-39)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from addons.contacts.services.documents import head_of
from addons.sales.models import Worksheet
from addons.sales.services.stages import OPEN_STAGES
from core.db.engine import WorkSession
from core.live.events import publish
from core.web.i18n import T
from core.work import tasks
from core.work.reminders import set_reminder
from core.work.subjects import subject_of
from core.work.task_models import Task

KIND = "sales.next_step"
"""The kind of these tasks, and of what people are told of them."""


class Step(NamedTuple):
    """What is to be done, by whom and when."""

    title: str
    values: dict[str, Any]
    assignee_id: int
    at: datetime


def keep(session: WorkSession, worksheet: Worksheet) -> None:
    """Let the task follow the worksheet: its time, its person, its words; none is left when the deal is over."""
    step = _step(session, worksheet)
    with session.unlimited("the next step of a worksheet"):
        task = _last(session, worksheet)
        is_open = task is not None and task.state == tasks.TaskState.OPEN
        if step is None:
            tasks.end_with_cause(session, subject_of(worksheet), KIND)
        elif task is None or (not is_open and _says(task) != step):
            _make(session, worksheet, step)
        elif is_open and _says(task) != step:
            _move(session, task, step)


def _step(session: WorkSession, worksheet: Worksheet) -> Step | None:
    if worksheet.stage not in OPEN_STAGES or worksheet.next_step_at is None or worksheet.responsible_id is None:
        return None
    client = head_of(session, worksheet.id).customer_text
    values = {"client": client} | ({"step": worksheet.next_step} if worksheet.next_step else {})
    title = T("%(step)s: %(client)s") if worksheet.next_step else T("Next step: %(client)s")
    return Step(str(title), values, worksheet.responsible_id, worksheet.next_step_at)


def _says(task: Task) -> Step:
    return Step(task.title, dict(task.title_values), task.assignee_id or 0, task.due_at)


def _last(session: WorkSession, worksheet: Worksheet) -> Task | None:
    subject = subject_of(worksheet)
    same = (Task.kind == KIND, Task.subject_type == subject.type, Task.subject_id == subject.id)
    return session.scalars(select(Task).where(*same).order_by(Task.id.desc()).limit(1)).one_or_none()


def _make(session: WorkSession, worksheet: Worksheet, step: Step) -> None:
    tasks.create_task(
        session,
        tasks.NewTask(
            title=step.title,
            title_values=step.values,
            due_at=step.at,
            kind=KIND,
            subject=subject_of(worksheet),
            assignee_id=step.assignee_id,
            branch_id=worksheet.branch_id,
            origin=worksheet.number,
        ),
    )


def _move(session: WorkSession, task: Task, step: Step) -> None:
    task.title, task.title_values, task.hidden_until = step.title, step.values, None
    if task.assignee_id != step.assignee_id:
        tasks.hand_over(session, task.id, step.assignee_id, step.at)
    elif task.due_at != step.at:
        task.due_at = step.at
        set_reminder(session, task.id, step.at)
        publish(session, "task.changed", task=task.id, user=task.assignee_id)
