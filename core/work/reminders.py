"""Reminding of tasks in time, exactly once, whatever number of workers looks after it (SEC-52)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from core.db.engine import WorkSession
from core.text.msgids import T
from core.work.notifications import Sound
from core.work.task_models import Task, TaskReminder
from core.work.task_notices import tell
from core.work.upserts import upsert

AT_ONCE = 200


def set_reminder(session: WorkSession, task_id: int, remind_at: datetime) -> None:
    """Remind of the task at this moment, instead of any other."""
    upsert(session, TaskReminder, ("task_id",), {"task_id": task_id, "remind_at": remind_at, "sent_at": None})


def cancel_reminder(session: WorkSession, task_id: int) -> None:
    """Remind of the task no more."""
    statement = update(TaskReminder).where(TaskReminder.task_id == task_id, TaskReminder.sent_at.is_(None))
    session.execute(statement.values(sent_at=session.now()).execution_options(synchronize_session=False))


def due_reminders(session: WorkSession, now: datetime) -> int:
    """Notify of the open tasks whose time has come; the rows are claimed by one conditional update.

    A job calls it every few seconds until it returns less than :data:`AT_ONCE`.

    :returns: how many reminders were sent.
    """
    claimed = _claim(session, now)
    if not claimed:
        return 0
    for task in session.scalars(select(Task).where(Task.id.in_(claimed), Task.state == "open").order_by(Task.id)):
        tell(session, task, T("It is time for a task"), everybody=True, sound=Sound.UNTIL_TAKEN)
    return len(claimed)


def _claim(session: WorkSession, now: datetime) -> list[int]:
    due = TaskReminder.sent_at.is_(None)
    next_ones = (
        select(TaskReminder.task_id)
        .where(due, TaskReminder.remind_at <= now)
        .order_by(TaskReminder.remind_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(TaskReminder)
        .where(TaskReminder.task_id.in_(next_ones), due)
        .values(sent_at=now)
        .returning(TaskReminder.task_id)
        .execution_options(synchronize_session=False)
    )
    return list(session.execute(statement).scalars())
