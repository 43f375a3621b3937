"""Tasks: what I have to do, what I asked of others, and the card of one with everything that happened to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from core.errors import Invalid, NotFound
from core.web.cards import ContributedPanel
from core.web.http import Request, number_of, own_path, redirect
from core.web.i18n import T
from core.web.known_records import find, parse
from core.web.local_time import moment_input
from core.web.menu import MenuItem
from core.web.routing import Route
from core.web.shell import Page
from core.web.subjects import SubjectPage
from core.web.views import task_form, task_panel
from core.web.views.people import chosen_person
from core.web.views.records import DrawnPanel, draw_panels
from core.web.views.task_form import read_moment
from core.web.views.task_rows import STATES, shown, title_of
from core.work import task_lists, tasks
from core.work.people import names_of
from core.work.subjects import Subject
from core.work.task_models import Task, TaskEvent

POST = ("POST",)
READ = "core.task.read"
SCREEN = "core.task"
"""What the hook for panels of cards is given for a task."""
MORNING = time(9)

VIEWS: Mapping[str, str] = {
    "": T("For me"),
    "later": T("Postponed"),
    "given": T("Given to others"),
    "done": T("Done"),
}
PRESETS: Mapping[str, str] = {
    "hour": T("in an hour"),
    "tomorrow": T("tomorrow morning"),
    "days": T("in three days"),
    "week": T("in a week"),
}
EVENTS: Mapping[str, tuple[str, str]] = {
    "created": (T("Task given"), "plus"),
    "taken": (T("Taken"), "hand-grab"),
    "postponed": (T("Put off to later"), "clock-pause"),
    "handed_over": (T("Handed over"), "arrow-forward-up"),
    "put_back": (T("Given to the department"), "users"),
    "done": (T("Done"), "check"),
    "cancelled": (T("Called off"), "x"),
    "reopened": (T("Open again"), "arrow-back-up"),
}


def routes() -> list[Route]:
    """The addresses of tasks."""
    one = "/tasks/<int:record_id>"
    return [
        Route("/tasks", "tasks", show, right=READ, menu="tasks"),
        Route("/tasks/new", "task_new", task_form.show_new, right="core.task.create", menu="tasks"),
        Route("/tasks/new", "task_create", task_form.create, POST, right="core.task.create", menu="tasks"),
        Route("/tasks/drop-draft", "task_drop_draft", task_form.drop, POST, right="core.task.create", menu="tasks"),
        Route("/tasks/of/<subject_type>/<int:subject_id>", "tasks_of", of_record, right=READ),
        Route(one, "task", show_one, right=READ, menu="tasks"),
        Route(f"{one}/take", "task_take", take, POST, right=READ),
        Route(f"{one}/complete", "task_complete", complete, POST, right=tasks.FINISH),
        Route(f"{one}/cancel", "task_cancel", cancel, POST, right=tasks.FINISH),
        Route(f"{one}/reopen", "task_reopen", reopen, POST, right=tasks.FINISH),
        Route(f"{one}/postpone", "task_postpone", postpone, POST, right=tasks.CHANGE, menu="tasks"),
        Route(f"{one}/hand-over", "task_hand_over", hand_over, POST, right=tasks.ASSIGN, menu="tasks"),
    ]


def menu() -> MenuItem:
    """The item of the rail, with what is late or for today."""
    return MenuItem(
        "tasks", T("Tasks"), "checklist", "core.tasks", READ, order=18, letter="KeyW", count=task_lists.due_count
    )


def subject_pages() -> list[SubjectPage]:
    """Where notifications of tasks lead."""
    return [SubjectPage(Task.__tablename__, "core.task", claim="core.task_take")]


# --- lists ------------------------------------------------------------------------------------


def show(request: Request) -> Response:
    """My tasks by urgency, or one of the other views; as a fragment the rows alone."""
    view = request.args.get("view", "")
    if view not in VIEWS:
        raise BadRequest
    context = _list(request, view)
    if request.fragment:
        return request.render("tasks/rows.html", **context)
    return request.render(
        "tasks/index.html",
        page=Page(request.translate(T("Tasks")), menu="tasks", screen_key="core.tasks"),
        tabs=[
            {
                "text": request.translate(title),
                "url": request.url("core.tasks", view=name or None),
                "current": name == view,
            }
            for name, title in VIEWS.items()
        ],
        ended=_just(request, "ended"),
        reopened=_just(request, "reopened"),
        **context,
    )


def _list(request: Request, view: str) -> dict[str, Any]:
    return {
        "view": view,
        "groups": [(kind, title, shown(request, rows)) for kind, title, rows in _groups(request, view)],
        "came_from": f"list:{view}",
        "presets": PRESETS,
        "states": STATES,
    }


def _groups(request: Request, view: str) -> list[tuple[str, str, list[Task]]]:
    """The tasks of a view under their headings; empty headings are left out."""
    session = request.session
    if view == "later":
        return [("", T("Postponed"), task_lists.put_off(session))]
    if view == "given":
        return [("", T("Given to others"), task_lists.given(session))]
    if view == "done":
        return [("", T("Done"), task_lists.finished(session))]
    due = task_lists.due_list(session)
    groups = [("bad", T("Late"), due.overdue), ("", T("Today"), due.today), ("", T("Later"), due.later)]
    return [group for group in groups if group[2]]


def _just(request: Request, name: str) -> Task | None:
    """The task that has just been «ended» or «reopened», for a page without scripts."""
    number = number_of(request.args.get(name, ""))
    if number is None:
        return None
    task = tasks.get_task(request.session, number)
    as_told = bool(task.finished_at) == (name == "ended")
    return task if as_told and tasks.may(request.access, task, tasks.FINISH) else None


def of_record(request: Request, subject_type: str, subject_id: int) -> Response:
    """The tasks of one record as they are now: the panel of its card."""
    subject = Subject(subject_type, subject_id)
    find(request, subject)
    return request.render("tasks/panel_body.html", **task_panel.context(request, subject))


# --- one task ---------------------------------------------------------------------------------


def show_one(request: Request, record_id: int) -> Response:
    """A task with its history, its parts, and what can be done with it."""
    return _card(request, record_id)


def _card(
    request: Request, record_id: int, errors: Mapping[str, list[str]] | None = None, form: str = "", status: int = 200
) -> Response:
    task = tasks.get_task(request.session, record_id)
    row, *parts = shown(request, [task, *task_lists.parts_of(request.session, record_id)])
    return request.render(
        "tasks/card.html",
        status,
        page=Page(
            row.title,
            crumbs=((request.translate(T("Tasks")), request.url("core.tasks")),),
            menu="tasks",
            screen_key=SCREEN,
        ),
        row=row,
        task=task,
        parts=parts,
        parent=_parent(request, task),
        given_by=names_of(request.session, [task.created_by_id]).get(task.created_by_id or 0, ""),
        events=_events(request, record_id),
        presets=PRESETS,
        states=STATES,
        proposed=moment_input(_moment_of(request, "tomorrow"), request.access.zone),
        came_from="card:",
        wrong=form,
        entered=request.form,
        errors={name: [request.translate(text) for text in texts] for name, texts in (errors or {}).items()},
        panels=_panels(request, task),
    )


def _panels(request: Request, task: Task) -> list[DrawnPanel]:
    """What the addons show and offer with a task of theirs."""
    answers = request.session.hooks.each("card_panels", session=request.session, screen_key=SCREEN, subject=task)
    found = [
        ContributedPanel(answer.addon, panel)
        for answer in answers
        for panel in ([None] if answer.error else answer.value)
        if panel is None or not panel.right or request.access.may(panel.right)
    ]
    drawn, _ = draw_panels(request, {"panels": found})
    return drawn["panels"]


def _parent(request: Request, task: Task) -> tuple[int, str] | None:
    if task.parent_id is None:
        return None
    try:
        parent = tasks.get_task(request.session, task.parent_id)
    except NotFound:
        return None
    return parent.id, title_of(request, parent)


def _events(request: Request, record_id: int) -> list[dict[str, Any]]:
    """The history in words, the newest first (S1-77)."""
    found = tasks.history(request.session, record_id)
    people = names_of(
        request.session, [user_id for each in found for user_id in (each.author_id, each.from_user_id, each.to_user_id)]
    )
    return [_event(request, each, people) for each in reversed(found)]


def _event(request: Request, event: TaskEvent, people: Mapping[int, str]) -> dict[str, Any]:
    title, icon = EVENTS[event.action]
    lines = []
    if event.action == "handed_over":
        names = [people.get(user_id or 0, "") for user_id in (event.from_user_id, event.to_user_id)]
        lines.append(" → ".join(name for name in names if name))
    if event.data.get("to") and event.data.get("from") != event.data["to"]:
        moments = [_stored_moment(request, event.data[name]) for name in ("from", "to")]
        lines.append(request.translate(T("Due: %(before)s → %(after)s"), before=moments[0], after=moments[1]))
    if event.comment:
        lines.append(event.comment)
    return {
        "title": request.translate(title),
        "icon": icon,
        "at": event.at,
        "who": people.get(event.author_id or 0, "") or request.translate(T("the program")),
        "lines": lines,
    }


def _stored_moment(request: Request, text: str) -> str:
    zone = request.access.zone
    return request.translate.moment(datetime.fromisoformat(text), zone, now=request.session.now())


# --- what is done with one --------------------------------------------------------------------


def take(request: Request, record_id: int) -> Response:
    """Make an untaken task mine."""
    tasks.take(request.session, record_id)
    return _after(request, record_id)


def complete(request: Request, record_id: int) -> Response:
    """Done; for ten seconds it can be undone with one press."""
    tasks.complete(request.session, record_id, request.form.get("result", "").strip())
    return _after(request, record_id, ended=T("Done"))


def cancel(request: Request, record_id: int) -> Response:
    """Nobody has to do it any more."""
    tasks.cancel(request.session, record_id, request.form.get("reason", "").strip())
    return _after(request, record_id, ended=T("Called off"))


def reopen(request: Request, record_id: int) -> Response:
    """Undo the end of a task."""
    tasks.reopen(request.session, record_id)
    return _after(request, record_id, reopened=T("Reopened"))


def postpone(request: Request, record_id: int) -> Response:
    """Put it off to a moment, or by one of the usual spans (S1-39)."""

    def step() -> None:
        tasks.postpone(request.session, record_id, _until(request), request.form.get("comment", "").strip())

    return _step(request, record_id, step, "postpone")


def hand_over(request: Request, record_id: int) -> Response:
    """Give it to a colleague, with a new time if need be (S1-77)."""

    def step() -> None:
        person = chosen_person(request, "to_user_id")
        due_at = read_moment(request, "due_at") if request.form.get("due_at") else None
        tasks.hand_over(request.session, record_id, person, due_at, request.form.get("comment", "").strip())

    return _step(request, record_id, step, "hand_over")


def _step(request: Request, record_id: int, work: Callable[[], None], form: str) -> Response:
    """Do one step; what was entered wrongly is shown on the card again."""
    try:
        work()
    except Invalid as refusal:
        request.session.rollback()
        return _card(request, record_id, refusal.errors, form, refusal.status)
    return _after(request, record_id)


def _until(request: Request) -> datetime:
    preset = request.form.get("preset", "")
    if preset in PRESETS:
        return _moment_of(request, preset)
    moment = read_moment(request, "until")
    if moment <= request.session.now():
        raise Invalid({"until": [T("This moment has passed.")]})
    return moment


def _moment_of(request: Request, preset: str) -> datetime:
    """When a usual span ends, in the person's own day."""
    now = request.session.now()
    if preset == "hour":
        return now + timedelta(hours=1)
    days = {"tomorrow": 1, "days": 3, "week": 7}[preset]
    zone = request.access.zone
    day = now.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, MORNING, zone).astimezone(UTC)


def _after(request: Request, record_id: int, *, ended: str = "", reopened: str = "") -> Response:
    """Back to where the form stood: for a page with scripts its rows as they are now and a word, with «undo» of an end."""
    place, _, rest = request.form.get("came_from", "").partition(":")
    if request.fragment and place in ("list", "panel"):
        return _rows(request, place, rest, _told(request, record_id, ended or reopened, can_undo=bool(ended)))
    if place == "list" and rest in VIEWS:
        told = {"ended": record_id if ended else None, "reopened": record_id if reopened else None}
        return redirect(request.url("core.tasks", view=rest or None, **told))
    subject = parse(rest) if place == "panel" else None
    if subject is not None and subject.type in request.app.subjects:
        return redirect(request.app.subjects.url(subject))
    return redirect(own_path(request.form.get("next", ""), request.url("core.task", record_id=record_id)))


def _told(request: Request, record_id: int, words: str, *, can_undo: bool) -> dict[str, Any] | None:
    """The word after an end, or after its undoing."""
    if not words:
        return None
    task = tasks.get_task(request.session, record_id)
    return {"text": request.translate(words), "task": task, "title": title_of(request, task), "can_undo": can_undo}


def _rows(request: Request, place: str, rest: str, toast: dict[str, Any] | None) -> Response:
    if place == "list":
        if rest not in VIEWS:
            raise BadRequest
        return request.render("tasks/rows.html", **_list(request, rest), toast=toast)
    subject = parse(rest)
    if subject is None:
        raise BadRequest
    find(request, subject)
    context = task_panel.context(request, subject)
    return request.render("tasks/panel_body.html", **context, toast=toast)
