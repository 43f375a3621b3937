"""What people are told about tasks."""

from __future__ import annotations

from core.db.engine import WorkSession
from core.work.notifications import Message, Sound, notify
from core.work.people import colleagues
from core.work.subjects import subject_of
from core.work.task_models import Task


def tell(session: WorkSession, task: Task, title: str, *, everybody: bool = False, sound: Sound = Sound.ONCE) -> None:
    """Notify the assignee, or the whole group of an untaken task.

    :param everybody: also the one who works in this session, as a reminder does.
    """
    users = audience(session, task)
    if not everybody:
        users = [user_id for user_id in users if user_id != session.access.user_id]
    message = Message(title, body=task.title, body_values=task.title_values, icon="square-check", sound=sound)
    notify(session, users, task.kind, subject_of(task), message, group=task.assignee_id is None)


def audience(session: WorkSession, task: Task) -> list[int]:
    """Whom the task concerns: its assignee, else the people of its role in its department, or of its department."""
    if task.assignee_id is not None:
        return [task.assignee_id]
    return colleagues(session, role=task.role, department_id=task.department_id, branch_id=task.branch_id)
