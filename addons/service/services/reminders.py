"""The tasks that go with a booking: to remind the client the day before, and to call one who did not come (S1-39)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from addons.contacts.services.documents import head_of
from addons.service.models import Booking
from core import T, Task, WorkSession, set_reminder, subject_of, tasks

REMIND = "service.remind"
"""The kind of the task to remind a client of his booking."""
MISSED = "service.missed"
"""The kind of the task to call a client who did not come."""
REMIND_TITLE = T("Remind of the booking: %(client)s")
BEFORE = timedelta(days=1)
"""How long before the client comes he is reminded."""


def keep(session: WorkSession, booking: Booking, *, new_time: bool = False) -> None:
    """Let the tasks follow the booking: none is left of a booking that needs none, and they name its client.

    Whatever somebody has done with the task himself stays: put off, handed over, done (S1-77).

    :param new_time: whether its time was given or changed, so that the client has to be reminded of another one.
    """
    with session.unlimited("the reminder of a booking"):
        if booking.state != "scheduled" or booking.starts_at is None:
            tasks.end_with_cause(session, subject_of(booking), REMIND)
        elif new_time:
            _remind(session, booking, booking.starts_at - BEFORE)
        if booking.state == "no_show":
            _ask_to_call(session, booking)
        else:
            tasks.end_with_cause(session, subject_of(booking), MISSED)
        for task in _open(session, booking):
            task.title_values = _whom(session, booking)


def hand_over(session: WorkSession, booking: Booking, adviser_id: int | None) -> None:
    """Somebody else receives the client now: the tasks that were still with the adviser before, ``adviser_id``, are his."""
    if booking.adviser_id is None:
        return
    with session.unlimited("the reminder of a booking"):
        for task in _open(session, booking):
            if task.assignee_id == adviser_id:
                tasks.hand_over(session, task.id, booking.adviser_id)


def _remind(session: WorkSession, booking: Booking, due: datetime) -> None:
    """Who has got a time within a day needs no reminder: it was agreed with him just now."""
    task = next((task for task in _open(session, booking) if task.kind == REMIND), None)
    if due <= session.now():
        tasks.end_with_cause(session, subject_of(booking), REMIND)
    elif task is None:
        _make(session, booking, tasks.NewTask(title=REMIND_TITLE, due_at=due, kind=REMIND))
    else:
        task.due_at, task.hidden_until = due, None
        set_reminder(session, task.id, due)


def _ask_to_call(session: WorkSession, booking: Booking) -> None:
    """Once for each time the client stayed away."""
    title = T("Did not come, call: %(client)s")
    once = f"{MISSED}/{booking.id}/{booking.state_since.isoformat()}"
    _make(session, booking, tasks.NewTask(title=title, due_at=session.now(), kind=MISSED, once_key=once))


def _open(session: WorkSession, booking: Booking) -> Sequence[Task]:
    subject = subject_of(booking)
    same = (Task.kind.in_((REMIND, MISSED)), Task.subject_type == subject.type, Task.subject_id == subject.id)
    return session.scalars(select(Task).where(*same, Task.state == tasks.TaskState.OPEN.value)).all()


def _whom(session: WorkSession, booking: Booking) -> dict[str, str]:
    return {"client": head_of(session, booking.id).customer_text}


def _make(session: WorkSession, booking: Booking, new: tasks.NewTask) -> None:
    whole = replace(
        new,
        title_values=_whom(session, booking),
        subject=subject_of(booking),
        assignee_id=booking.adviser_id,
        department_id=booking.department_id,
        branch_id=booking.branch_id,
        origin=booking.number,
    )
    tasks.create_task(session, whole)
