"""What the staff of the demonstration know of their clients and have to do for them: notes and tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from addons.contacts.models import Customer
from addons.contacts.services.demo_clients import Client
from addons.contacts.services.demo_names import NOTES_ON_CLIENTS, TASKS
from addons.contacts.services.demo_office import ZONE, Office
from core import Subject, Task, TaskEvent, TaskReminder, WorkSession, demo

NOTES = 90
PLAN = ((-2, 10), (-1, 17), (0, 12), (0, 18), (1, 11), (3, 15))
"""When the open tasks of each specialist are due: in how many days, at which hour; some are overdue."""

DONE = 2
"""How many more tasks each of them has done."""


def add_notes(session: WorkSession, office: Office, clients: Sequence[Client]) -> None:
    """Notes on clients, written during the last year."""
    rng = office.rng
    authors = list(office.people.values())
    entries: list[tuple[Subject, Mapping[str, Any]]] = []
    for client in rng.sample(list(clients), NOTES):
        at = office.now - timedelta(days=rng.randint(1, 360), minutes=rng.randrange(600))
        note = demo.entry("core.note", at, rng.choice(authors), body=rng.choice(NOTES_ON_CLIENTS))
        entries.append((Subject(Customer.__tablename__, client.id), note))
    demo.add_entries(session, sorted(entries, key=lambda pair: pair[1]["at"]))


def add_tasks(session: WorkSession, office: Office, clients: Sequence[Client]) -> None:
    """Open tasks of the managers and masters, some due today, some overdue, and a few that are done."""
    specialists = {
        user_id: place.partition(".")[2]
        for place in ("north.showroom", "north.workshop", "south.showroom", "south.workshop")
        for user_id in office.staff[office.departments[place]]
    }
    tasks = [task for user_id, kind in specialists.items() for task in _tasks_of(office, user_id, kind, clients)]
    ids = demo.add_records(session, Task, tasks)
    demo.add_rows(session, TaskEvent, [task_created(number, task) for number, task in zip(ids, tasks, strict=True)])
    demo.add_rows(
        session, TaskReminder, [_reminder(office, number, task) for number, task in zip(ids, tasks, strict=True)]
    )


def _tasks_of(office: Office, user_id: int, kind: str, clients: Sequence[Client]) -> list[dict[str, Any]]:
    rng = office.rng
    today = datetime.combine(office.now.astimezone(ZONE).date(), time(), ZONE)
    planned = rng.sample(PLAN, rng.randint(3, len(PLAN)))
    titles = rng.sample(TASKS[kind], len(planned) + DONE)
    moments = [today + timedelta(days=days, hours=hour, minutes=rng.choice((0, 15, 30))) for days, hour in planned]
    moments += [today - timedelta(days=rng.randint(2, 20), hours=-14) for _ in range(DONE)]
    return [
        _task(office, user_id, rng.choice(clients), title, moment, done=position >= len(planned))
        for position, (title, moment) in enumerate(zip(titles, moments, strict=True))
    ]


def _task(office: Office, user_id: int, client: Client, title: str, due_at: datetime, *, done: bool) -> dict[str, Any]:
    created = min(due_at, office.now) - timedelta(days=office.rng.randint(1, 4), minutes=office.rng.randrange(300))
    return {
        "title": title,
        "title_values": {},
        "subject_type": Customer.__tablename__,
        "subject_id": client.id,
        "assignee_id": user_id,
        "branch_id": office.branches[client.branch],
        "due_at": due_at,
        "state": "done" if done else "open",
        "result": "Сделано" if done else "",
        "finished_at": due_at - timedelta(minutes=office.rng.randint(5, 200)) if done else None,
        "created_at": created,
        "created_by_id": user_id,
    }


def task_created(number: int, task: Mapping[str, Any]) -> dict[str, Any]:
    """The first event of a task that is written as a row."""
    return {
        "task_id": number,
        "at": task["created_at"],
        "author_id": task["created_by_id"],
        "action": "created",
        "comment": "",
        "from_user_id": None,
        "to_user_id": task["assignee_id"],
        "data": {},
    }


def _reminder(office: Office, number: int, task: Mapping[str, Any]) -> dict[str, Any]:
    """People have been reminded of what is late, so that the demonstration does not begin with an uproar."""
    past = task["state"] == "done" or task["due_at"] <= office.now
    return {"task_id": number, "remind_at": task["due_at"], "sent_at": task["due_at"] if past else None}
