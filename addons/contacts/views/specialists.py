"""Who handles a contact goal: chosen on its card, with search and presence (S0-07)."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from addons.contacts.models import ContactGoal
from addons.contacts.services import goals
from core import (
    PRESENCE_TITLES,
    Page,
    Panel,
    Record,
    Request,
    Route,
    T,
    WorkSession,
    expect_record,
    number_of,
    presence,
    redirect,
)

POST = ("POST",)
CHANGE = "contacts.goal.change"


def routes() -> list[Route]:
    """The addresses of the panel."""
    one = "/goals/<int:record_id>/specialists"
    return [
        Route(one, "specialists", show, right=CHANGE, menu="directories"),
        Route(f"{one}/add", "specialist_add", add, POST, right=CHANGE),
        Route(f"{one}/remove", "specialist_remove", remove, POST, right=CHANGE),
    ]


def panels(session: WorkSession, subject: Record) -> list[Panel]:
    """The panel on the card of a goal."""
    if not isinstance(subject, ContactGoal):
        return []

    def load() -> dict[str, Any]:
        return _context(session, subject, "")

    return [
        Panel(
            "specialists",
            T("Who handles it"),
            "contacts/specialists.html",
            load,
            order=10,
            place="side",
            right="contacts.goal.read",
        )
    ]


def _context(session: WorkSession, goal: ContactGoal, typed: str) -> dict[str, Any]:
    chosen, lost = goals.specialists(session, goal.id), goals.out_of_reach(session, goal.id)
    offered = goals.candidates(session, goal, typed) if session.access.may(CHANGE) else []
    return {
        "goal": goal,
        "chosen": chosen,
        "lost": lost,
        "offered": offered,
        "typed": typed,
        "where": presence.presence_of(session, [each.id for each in (*chosen, *lost, *offered)]),
        "words": PRESENCE_TITLES,
    }


def show(request: Request, record_id: int) -> Response:
    """The panel as it is now, with the colleagues whom the typed words find; without scripts a page of its own."""
    return _answer(request, _goal(request, record_id), request.args.get("q", "").strip()[:100])


def _answer(request: Request, goal: ContactGoal, typed: str) -> Response:
    context = _context(request.session, goal, typed)
    if request.fragment:
        return request.render("contacts/specialists_body.html", **context)
    name = goal.purpose_ru if request.translate.language == "ru" else goal.purpose_en
    page = Page(
        request.translate(T("Who handles it")),
        crumbs=(
            (request.translate(T("Contact goals")), request.url("contacts.goals")),
            (name, request.url("contacts.goals.card", record_id=goal.id)),
        ),
        menu="directories",
    )
    return request.render("contacts/specialists_page.html", page=page, **context)


def add(request: Request, record_id: int) -> Response:
    """One more colleague handles the goal."""
    goal = _goal(request, record_id)
    goals.add_specialist(request.session, goal, _user_id(request))
    return _done(request, goal)


def remove(request: Request, record_id: int) -> Response:
    """A colleague handles it no more."""
    goal = _goal(request, record_id)
    goals.remove_specialist(request.session, goal, _user_id(request))
    return _done(request, goal)


def _done(request: Request, goal: ContactGoal) -> Response:
    typed = request.form.get("q", "").strip()[:100]
    if request.fragment:
        return _answer(request, goal, typed)
    return redirect(request.url("contacts.specialists", record_id=goal.id, q=typed or None))


def _user_id(request: Request) -> int:
    return number_of(request.form.get("user_id", "")) or 0


def _goal(request: Request, record_id: int) -> ContactGoal:
    return expect_record(request.session, ContactGoal, record_id, T("There is no such goal."))
