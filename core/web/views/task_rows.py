"""Tasks as pages show them: in the reader's words, with whose they are, what they are about, what can be done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from core.access.models import Branch, Department, Role
from core.web.i18n import T
from core.web.known_records import Named, named
from core.web.subjects import words
from core.work import tasks
from core.work.people import names_of
from core.work.subjects import Subject
from core.work.task_lists import TaskNode
from core.work.task_models import Task
from core.work.tasks import TaskState

if TYPE_CHECKING:
    from core.web.http import Request

STATES = {
    TaskState.OPEN.value: (T("to be done"), ""),
    TaskState.DONE.value: (T("done"), "ok"),
    TaskState.CANCELLED.value: (T("called off"), "warn"),
}


@dataclass(frozen=True, slots=True)
class ShownTask:
    """One task ready to be drawn; ``who`` is a person or the group that may take it."""

    task: Task
    title: str
    who: str
    is_group: bool
    subject: Named | None
    late: bool
    may_finish: bool
    may_change: bool
    may_hand_over: bool
    may_take: bool

    @property
    def id(self) -> int:
        """The task's number."""
        return self.task.id

    @property
    def open(self) -> bool:
        """Whether it is still to be done."""
        return self.task.state == TaskState.OPEN


@dataclass(frozen=True, slots=True)
class ShownNode:
    """A task of a tree with its parts."""

    row: ShownTask
    children: list[ShownNode] = field(default_factory=list)


def title_of(request: Request, task: Task) -> str:
    """What is to be done, in the reader's language."""
    return request.translate(task.title, **words(dict(task.title_values), request.translate.language))


def shown(request: Request, found: Sequence[Task]) -> list[ShownTask]:
    """The tasks of a page, with what each is about."""
    return _rows(request, found, [subject for task in found if (subject := subject_of_task(task)) is not None])


def _rows(request: Request, found: Sequence[Task], subjects: Sequence[Subject]) -> list[ShownTask]:
    """The tasks, with one query for each kind of names in them; of what they are about, these are named."""
    people = names_of(request.session, [task.assignee_id for task in found])
    groups = _Groups(request, found)
    about = named(request, subjects)
    return [_row(request, task, people, groups, about) for task in found]


def shown_tree(request: Request, nodes: Sequence[TaskNode]) -> list[ShownNode]:
    """A tree of tasks, drawn in one go; what they are about is what stands on the page, and is not named."""
    rows = {row.id: row for row in _rows(request, [node.task for node in _flat(nodes)], ())}

    def draw(node: TaskNode) -> ShownNode:
        return ShownNode(rows[node.task.id], [draw(child) for child in node.children])

    return [draw(node) for node in nodes]


def _flat(nodes: Iterable[TaskNode]) -> list[TaskNode]:
    return [each for node in nodes for each in (node, *_flat(node.children))]


def subject_of_task(task: Task) -> Subject | None:
    """What a task is about, if anything."""
    if task.subject_type is None or task.subject_id is None:
        return None
    return Subject(task.subject_type, task.subject_id)


def _row(
    request: Request, task: Task, people: dict[int, str], groups: _Groups, about: dict[Subject, Named]
) -> ShownTask:
    access = request.access
    is_open = task.state == TaskState.OPEN
    subject = subject_of_task(task)
    return ShownTask(
        task=task,
        title=title_of(request, task),
        who=people.get(task.assignee_id, "") if task.assignee_id is not None else groups.name(task),
        is_group=task.assignee_id is None,
        subject=about.get(subject) if subject is not None else None,
        late=is_open and task.due_at < request.session.now(),
        may_finish=tasks.may(access, task, tasks.FINISH),
        may_change=is_open and tasks.may(access, task, tasks.CHANGE),
        may_hand_over=is_open and tasks.may(access, task, tasks.ASSIGN),
        may_take=is_open and task.assignee_id is None and _may_take(request, task),
    )


def _may_take(request: Request, task: Task) -> bool:
    return task.waits_for(request.access) or request.access.reaches(tasks.ASSIGN, task.department_id, task.branch_id)


class _Groups:
    """Who may take the untaken ones among some tasks: titles of departments, branches and roles."""

    def __init__(self, request: Request, found: Sequence[Task]) -> None:
        untaken = [task for task in found if task.assignee_id is None]
        self._language = request.translate.language
        self._departments = self._titles(request, Department, Department.id, {task.department_id for task in untaken})
        self._branches = self._titles(request, Branch, Branch.id, {task.branch_id for task in untaken})
        self._roles = self._titles(request, Role, Role.code, {task.role for task in untaken})

    def _titles(self, request: Request, model: Any, key: Any, wanted: set[Any]) -> dict[Any, str]:
        wanted = wanted - {None}
        if not wanted:
            return {}
        title = model.title_ru if self._language == "ru" else model.title_en
        return {row[0]: row[1] for row in request.session.execute(select(key, title).where(key.in_(wanted)))}

    def name(self, task: Task) -> str:
        """All that has to fit, in words."""
        parts = (
            self._departments.get(task.department_id),
            self._branches.get(task.branch_id),
            self._roles.get(task.role),
        )
        return " · ".join(part for part in parts if part)
