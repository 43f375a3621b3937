"""«Перезвонить клиенту»: what is left for somebody who cannot talk now (X-01, S1-55, S2-23, S2-35, S2-36)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from addons.contacts.models import InboundContact
from addons.contacts.services.states import STATE
from core import T, Task, WorkSession, calendar_of, format_phone, publish, subject_of, tasks

KIND = "contacts.callback"
"""The kind of these tasks, and of what people are told of them."""

REQUEST = "contacts.request"
"""The kind of the tasks for requests of sites, apps and messengers (S1-26, S1-34)."""
_KINDS = (KIND, REQUEST)
"""The tasks that go with their contact wherever it goes, and end with it."""

SOON = timedelta(minutes=30)
_STEP = timedelta(minutes=5)


def propose(session: WorkSession, department_id: int) -> datetime:
    """When to call back unless somebody says otherwise: after half an hour of the department's work (X-06)."""
    calendar = calendar_of(session, department_id)
    now = session.now()
    then = calendar.add_working_time(now, SOON) or now + SOON
    return then + (datetime.min.replace(tzinfo=then.tzinfo) - then) % _STEP


def plan(session: WorkSession, contact: InboundContact, at: datetime) -> Task:
    """The task for the responsible; off hours it moves to the next opening (X-06). He is told of the task alone."""
    new = tasks.NewTask(
        title=T("Call back: %(client)s, %(phone)s"),
        title_values=whom(contact),
        details="\n".join(text for text in (contact.topic, contact.wish, contact.note) if text),
        due_at=at,
        kind=KIND,
        subject=subject_of(contact),
        assignee_id=contact.responsible_id,
        department_id=contact.department_id,
        branch_id=contact.branch_id,
        origin=contact.number,
        once_key=f"{KIND}.{contact.id}",
    )
    return tasks.create_task(session, new)


def whom(contact: InboundContact) -> dict[str, str]:
    """What the title of such a task says of the client."""
    return {"client": contact.client_text, "phone": format_phone(contact.phone)}


def name_anew(session: WorkSession, contact: InboundContact) -> None:
    """The client of the contact is another one: he is to be called, and not who was taken for him (S1-66)."""
    session.flush()
    with session.unlimited("the call back of a contact"):
        for task in _open(session, contact):
            task.title_values = whom(contact)
            session.flush()
            publish(session, "task.changed", task=task.id, user=task.assignee_id)


def follow(session: WorkSession, contact: InboundContact) -> None:
    """What became of the contact holds for the call as well, whoever may see it: it has ended, or another is to call.

    While nobody has the contact, the call is its department's.
    """
    with session.unlimited("the call back of a contact"):
        if STATE[contact.state].terminal:
            for kind in _KINDS:
                tasks.end_with_cause(session, subject_of(contact), kind)
            return
        for task in _open(session, contact):
            if contact.responsible_id is None:
                tasks.put_back(session, task.id, contact.department_id)
            elif task.assignee_id != contact.responsible_id:
                tasks.hand_over(session, task.id, contact.responsible_id)


def resume(session: WorkSession, contact: InboundContact, ended_at: datetime) -> None:
    """The end of the contact is taken back, and so is that of the call which ended with it."""
    subject = subject_of(contact)
    mine = (Task.kind.in_(_KINDS), Task.subject_type == subject.type, Task.subject_id == subject.id)
    with session.unlimited("the call back of a contact"):
        ended = Task.state == tasks.TaskState.DONE.value, Task.finished_at >= ended_at
        for number in session.scalars(select(Task.id).where(*mine, *ended)).all():
            tasks.reopen(session, number)


def call_off(session: WorkSession, contact: InboundContact) -> None:
    """The contact was registered by mistake: the call is not due, and was not made."""
    with session.unlimited("the call back of a contact"):
        for task in _open(session, contact):
            tasks.cancel(session, task.id)


def _open(session: WorkSession, contact: InboundContact) -> list[Task]:
    subject = subject_of(contact)
    mine = (Task.kind.in_(_KINDS), Task.subject_type == subject.type, Task.subject_id == subject.id)
    return list(session.scalars(select(Task).where(*mine, Task.state == tasks.TaskState.OPEN.value)))
