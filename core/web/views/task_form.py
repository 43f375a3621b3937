"""A new task: what, by when, and for whom (oneself, a colleague, a department)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from core.access.models import Department
from core.errors import Invalid, NotFound
from core.web.http import Request, checked_text, number_of, redirect
from core.web.i18n import T
from core.web.known_records import find, named, parse
from core.web.local_time import local_moment, moment_input
from core.web.shell import Page
from core.web.views.people import chosen_person
from core.web.views.task_rows import title_of
from core.work import tasks
from core.work.drafts import drop_draft, load_draft
from core.work.subjects import Subject
from core.work.tasks import NewTask

V = TypeVar("V")
FOR = (("me", T("for me")), ("person", T("for a colleague")), ("department", T("for a department")))
LONGEST_DETAILS = 4000


def show_new(request: Request) -> Response:
    """An empty form, or what was being typed into it before; the address may say what it is about or a part of."""
    draft = load_draft(request.session, _draft_key(request))
    return _page(request, MultiDict(draft or {}), restored=bool(draft))


def create(request: Request) -> Response:
    """Give somebody something to do."""
    try:
        task = tasks.create_task(request.session, _read(request))
    except Invalid as refusal:
        request.session.rollback()
        return _page(request, request.form, refusal.errors, refusal.status)
    drop_draft(request.session, _draft_key(request))
    subject = _subject(request)
    if request.form.get("back") == "record" and subject is not None and subject.type in request.app.subjects:
        return redirect(request.app.subjects.url(subject))
    return redirect(request.url("core.task", record_id=task.id))


def drop(request: Request) -> Response:
    """Give up what was typed and not saved."""
    drop_draft(request.session, _draft_key(request))
    about, parent = request.form.get("about"), _number(request, "parent")
    return redirect(request.url("core.task_new", about=about or None, parent=parent))


def _draft_key(request: Request) -> str:
    """What is typed about one record is not offered for another."""
    subject, parent = parse(request.values.get("about", "")), _number(request, "parent")
    parts = ["core.task", "new", f"{subject.type}:{subject.id}" if subject else "", f"{parent or ''}"]
    return "/".join(filter(None, parts))


def _page(
    request: Request,
    entered: Mapping[str, str],
    errors: Mapping[str, list[str]] | None = None,
    status: int = 200,
    *,
    restored: bool = False,
) -> Response:
    subject = _subject(request)
    about = named(request, [subject]).get(subject) if subject is not None else None
    return request.render(
        "tasks/new.html",
        status,
        page=Page(
            request.translate(T("New task")),
            crumbs=((request.translate(T("Tasks")), request.url("core.tasks")),),
            menu="tasks",
            screen_key="core.task.new",
        ),
        about=about,
        subject=f"{subject.type}:{subject.id}" if about is not None and subject is not None else "",
        parent=_parent_title(request),
        parent_id=_number(request, "parent"),
        departments=_departments(request),
        choices=FOR,
        chosen=entered.get("for", "me"),
        due=entered.get("due_at") or moment_input(_next_hour(request), request.access.zone),
        entered=entered,
        draft_key=_draft_key(request),
        restored=restored,
        once=request.form.get("once") or secrets.token_urlsafe(18),
        errors={name: [request.translate(text) for text in texts] for name, texts in (errors or {}).items()},
    )


def _read(request: Request) -> NewTask:
    """The task the form describes; every mistake at its field.

    :raises Invalid: with all of them.
    """
    errors: dict[str, list[str]] = {}
    title, details = request.form.get("title", "").strip(), request.form.get("details", "").strip()
    if not title or not checked_text(title):
        errors["title"] = [T("Say what has to be done.")]
    elif len(title) > tasks.LONGEST_TITLE:
        errors["title"] = [T("Say it shorter; the details have a field of their own.")]
    if len(details) > LONGEST_DETAILS or not checked_text(details):
        errors["details"] = [T("At most 4,000 characters.")]
    due_at = _try(errors, lambda: _due(request))
    assignee_id, department_id = _whose(request, errors)
    if errors or due_at is None:
        raise Invalid(errors)
    return NewTask(
        title=title,
        details=details,
        due_at=due_at,
        subject=_subject(request),
        parent_id=_number(request, "parent"),
        assignee_id=assignee_id,
        department_id=department_id,
    )


def _due(request: Request) -> datetime:
    """By when it has to be done; a task that is late as soon as it is given is a slip of the hand."""
    due_at = read_moment(request, "due_at")
    if due_at <= request.session.now():
        raise Invalid({"due_at": [T("This moment has passed.")]})
    return due_at


def _whose(request: Request, errors: dict[str, list[str]]) -> tuple[int | None, int | None]:
    """The person or the department it is for."""
    wanted = request.form.get("for", "me")
    if wanted == "me":
        return request.access.user_id, None
    if wanted == "department":
        number = _number(request, "department_id")
        if number not in {department_id for department_id, _ in _departments(request)}:
            errors["department_id"] = [T("Choose a department.")]
        return None, number
    return _try(errors, lambda: chosen_person(request, "assignee_id")), None


def _try(errors: dict[str, list[str]], read: Callable[[], V]) -> V | None:
    try:
        return read()
    except Invalid as refusal:
        errors.update(refusal.errors)
        return None


def read_moment(request: Request, name: str) -> datetime:
    """A moment as the browser's own field sends it, in the person's zone.

    :raises Invalid: for the field, when it is empty or none.
    """
    moment = local_moment(request.form.get(name, ""), request.access.zone)
    if moment is None or not 1990 <= moment.year <= 2200:
        raise Invalid({name: [T("This is no date and time.")]})
    return moment


def _subject(request: Request) -> Subject | None:
    """What the task is about.

    :raises NotFound: a record this person may not see.
    """
    text = request.values.get("about", "")
    subject = parse(text)
    if subject is None:
        if text:
            raise NotFound
        return None
    find(request, subject)
    return subject


def _parent_title(request: Request) -> str:
    number = _number(request, "parent")
    return title_of(request, tasks.get_task(request.session, number)) if number is not None else ""


def _number(request: Request, name: str) -> int | None:
    return number_of(request.values.get(name, ""))


def _departments(request: Request) -> list[tuple[int, str]]:
    title = Department.title_ru if request.translate.language == "ru" else Department.title_en
    statement = select(Department.id, title).where(Department.active).order_by(title, Department.id)
    return [(row[0], row[1]) for row in request.session.execute(statement)]


def _next_hour(request: Request) -> datetime:
    return request.session.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
