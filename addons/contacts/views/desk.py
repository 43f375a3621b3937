"""The specialist's desk: what is his, what anybody of his goals may take, what comes next (S0-01)."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from addons.contacts.services import desk
from addons.contacts.services.states import STATE
from addons.contacts.services.vocabulary import channels
from core import Page, Request, T, task_rows

SHOWN_LATER = 5


def show(request: Request) -> Response:
    """The desk."""
    page = Page(request.translate(T("My desk")), menu="desk", screen_key="contacts.desk")
    return request.render("contacts/desk.html", page=page, **_context(request))


def fragment(request: Request) -> Response:
    """The lists of the desk as they are now."""
    return request.render("contacts/desk_lists.html", **_context(request))


def _tasks(request: Request) -> dict[str, Any]:
    """The person's open tasks in his words, and how many of them are late or for today."""
    due = desk.tasks(request.session)
    found = [*due.overdue, *due.today, *due.later[:SHOWN_LATER]]
    return {
        "tasks": task_rows.shown(request, found),
        "tasks_due": len(due.overdue) + len(due.today),
        "tasks_late": bool(due.overdue),
    }


def _context(request: Request) -> dict[str, Any]:
    session = request.session
    return {
        "mine": desk.mine(session),
        "free": desk.free(session),
        **_tasks(request),
        "finished": desk.finished_today(session),
        "states": STATE,
        "channel_of": channels(session.hooks),
        "now": session.now(),
    }
