"""What has to be done about a record, as a tree on its card (S1-60)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from core.db.base import Record
from core.web.i18n import T
from core.web.screens import Panel
from core.web.views.task_rows import ShownNode, shown_tree
from core.work.subjects import Subject, subject_of
from core.work.task_lists import any_task, task_tree

if TYPE_CHECKING:
    from core.web.http import Request

READ = "core.task.read"
UNTRACKED = frozenset({"core_user"})
"""Records with a page that nobody has tasks about."""


def task_panels(request: Request, record: Record, *, empty: bool = True) -> list[Panel]:
    """The panel of tasks on the card of any record that can be pointed at.

    :param empty: whether it stands there without any task, to begin one.
    """
    table = record.__tablename__
    if table not in request.app.subjects or table in UNTRACKED:
        return []
    subject = subject_of(record)
    load, reads = partial(_loaded, request, subject, empty), {"some": any_task(subject)}
    return [Panel("core.tasks", T("Tasks"), "tasks/panel.html", load, order=15, place="side", right=READ, reads=reads)]


def _loaded(request: Request, subject: Subject, empty: bool, some: Sequence[Any]) -> dict[str, Any] | None:
    if not some:
        return _context(subject, []) if empty else None
    return context(request, subject)


def context(request: Request, subject: Subject) -> dict[str, Any]:
    """What the panel's template needs; the caller has seen to it that the person may see the record."""
    return _context(subject, shown_tree(request, task_tree(request.session, subject)))


def _context(subject: Subject, nodes: Sequence[ShownNode]) -> dict[str, Any]:
    return {"subject": subject, "nodes": nodes, "came_from": f"panel:{subject.type}:{subject.id}"}
