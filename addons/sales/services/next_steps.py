"""The next step of a worksheet as a task of its responsible: made, moved and ended with what it watches over (S1-39)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from addons.contacts.services.documents import head_of
from addons.sales.models import Worksheet
from addons.sales.services.stages import CLOSED_STAGES
from core import T, Task, WorkSession, publish, set_reminder, subject_of, tasks

KIND = "sales.next_step"
"""The kind of these tasks, and of what people are told of them."""


class Step(NamedTuple):
    """What is to be done for which client, by whom and when."""

    words: str
    client: str
    assignee_id: int
    at: datetime

    @property
    def title(self) -> str:
        return str(T("%(step)s: %(client)s") if self.words else T("Next step: %(client)s"))

    @property
    def values(self) -> dict[str, Any]:
        return {"client": self.client} | ({"step": self.words} if self.words else {})

    def asks_the_same(self, other: Step | None) -> bool:
        """Whether it is the same step, whatever its client is called."""
        return other is not None and self._replace(client="") == other._replace(client="")


def wanted(session: WorkSession, worksheet: Worksheet) -> Step | None:
    """The next step as the worksheet says it now; none without a date, or when the deal is over."""
    if worksheet.stage in CLOSED_STAGES or worksheet.next_step_at is None or worksheet.responsible_id is None:
        return None
    client = head_of(session, worksheet.id).customer_text
    return Step(worksheet.next_step, client, worksheet.responsible_id, worksheet.next_step_at)


def keep(session: WorkSession, worksheet: Worksheet, before: Step | None = None) -> None:
    """Let the task follow what has changed in the worksheet; none is left when the deal is over.

    What somebody has done with the task itself stays: put off, handed over, done (S1-39, S1-77).

    :param before: what the worksheet wanted until now.
    """
    step = wanted(session, worksheet)
    with session.unlimited("the next step of a worksheet"):
        task = _last(session, worksheet)
        if step is None:
            tasks.end_with_cause(session, subject_of(worksheet), KIND)
        elif task is not None and task.state == tasks.TaskState.OPEN:
            _follow(session, task, before, step)
        elif task is None or not step.asks_the_same(before):
            _make(session, worksheet, step)


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


def _follow(session: WorkSession, task: Task, before: Step | None, step: Step) -> None:
    task.title, task.title_values = step.title, step.values
    at = step.at if before is None or before.at != step.at else None
    assignee_id = step.assignee_id if before is None or before.assignee_id != step.assignee_id else task.assignee_id
    if assignee_id is not None and assignee_id != task.assignee_id:
        tasks.hand_over(session, task.id, assignee_id, at)
    elif at is not None:
        task.due_at, task.hidden_until = at, None
        set_reminder(session, task.id, at)
        publish(session, "task.changed", task=task.id, user=task.assignee_id)
