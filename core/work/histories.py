"""Other histories of a record as lines of its timeline: field changes and its tasks.

Each list is the newest first and read as far as somebody takes from it, so that lines which a reader may not see
cost another look and no empty page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Select, select, tuple_

from core.db.audit import AuditEntry, AuditValue
from core.db.engine import WorkSession
from core.work.subjects import Subject
from core.work.task_models import Task, TaskEvent
from core.work.timeline import Line, Position

AUDIT, TASKS = "audit", "task"
PORTION = 60
SHOWN_EVENTS = ("created", "done", "cancelled", "reopened")

Visible = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""``visible(action, values)``: what of an audit entry the reader may see; nothing leaves the entry out."""


def audit_lines(session: WorkSession, subject: Subject, before: Position | None, visible: Visible) -> Iterator[Line]:
    """The changes of a record's fields, as far as its reader may see them; the values are in ``data["values"]``."""
    mine = (AuditEntry.subject_type == subject.type, AuditEntry.subject_id == subject.id)
    columns = (AuditEntry.id, AuditEntry.at, AuditEntry.user_id, AuditEntry.action, AuditValue.changes)
    statement = select(*columns).outerjoin(AuditValue, AuditValue.audit_id == AuditEntry.id).where(*mine)
    for row in _walk(session, statement, AuditEntry, before):
        values = dict(visible(row.action, row.changes or {}))
        if values or row.action == "create":
            data = {"values": values}
            yield Line(at=row.at, id=row.id, source=AUDIT, kind=row.action, title="", author_id=row.user_id, data=data)


def task_lines(session: WorkSession, subject: Subject, before: Position | None) -> Iterator[Line]:
    """When tasks about a record were given and ended, those the reader may know of: ``data`` has ``task``."""
    mine = (Task.subject_type == subject.type, Task.subject_id == subject.id, TaskEvent.action.in_(SHOWN_EVENTS))
    columns = (TaskEvent.id, TaskEvent.at, TaskEvent.author_id, TaskEvent.action, TaskEvent.comment)
    shown = (Task.id.label("task_id"), Task.title, Task.title_values)
    statement = select(*columns, *shown).join(Task, Task.id == TaskEvent.task_id).where(*mine)
    for row in _walk(session, statement, TaskEvent, before):
        yield Line(
            at=row.at,
            id=row.id,
            source=TASKS,
            kind=row.action,
            title=row.title,
            title_values=row.title_values,
            body=row.comment,
            author_id=row.author_id,
            data={"task": row.task_id},
        )


def _walk(session: WorkSession, statement: Select[Any], model: Any, before: Position | None) -> Iterator[Any]:
    """The rows at or before a place, the newest first, a portion at a time."""
    at, number = (before.at, before.id) if before is not None else (None, None)
    inclusive = True
    while True:
        portion = statement
        if at is not None:
            here, place = tuple_(model.at, model.id), tuple_(at, number)
            portion = statement.where(here <= place if inclusive else here < place)
        rows = session.execute(portion.order_by(model.at.desc(), model.id.desc()).limit(PORTION)).all()
        yield from rows
        if len(rows) < PORTION:
            return
        at, number = rows[-1].at, rows[-1].id
        inclusive = False
