"""Choosing a colleague in a form: found by what is typed, in any spelling, with where he is just now."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from werkzeug.wrappers import Response

from core.access.models import Department, User, UserDepartment
from core.db.engine import WorkSession
from core.errors import Invalid
from core.web.http import Request, number_of
from core.web.i18n import T
from core.web.shell import PRESENCE_TITLES
from core.work import presence
from core.work.people import name_score

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person to choose: his name, where he works, where he is."""

    id: int
    name: str
    department: str
    state: str
    note: str


def find(request: Request) -> Response:
    """The answers of a look-up field for people."""
    found = colleagues(request.session, request.args.get("q", "").strip()[:100], request.translate.language)
    return request.render("tasks/people.html", people=found, words=PRESENCE_TITLES)


def colleagues(session: WorkSession, typed: str, language: str, limit: int = SHOWN) -> list[Colleague]:
    """The active people whose name answers what was typed, the best first; all by name when nothing was."""
    rows = session.execute(select(User.id, User.full_name).where(User.active).order_by(User.full_name, User.id)).all()
    if typed:
        scored = [(name_score(typed, row.full_name), row) for row in rows]
        rows = [row for score, row in sorted(scored, key=lambda pair: -pair[0]) if score]
    chosen = rows[:limit]
    ids = [row.id for row in chosen]
    where, departments = presence.presence_of(session, ids), _departments(session, ids, language)
    return [
        Colleague(row.id, row.full_name, departments.get(row.id, ""), where[row.id].shown, where[row.id].note)
        for row in chosen
    ]


def _departments(session: WorkSession, ids: list[int], language: str) -> dict[int, str]:
    title = Department.title_ru if language == "ru" else Department.title_en
    statement = (
        select(UserDepartment.user_id, title)
        .join(Department, Department.id == UserDepartment.department_id)
        .where(UserDepartment.user_id.in_(ids))
        .order_by(UserDepartment.id)
    )
    found: dict[int, str] = {}
    for user_id, name in session.execute(statement):
        found.setdefault(user_id, name)
    return found


def chosen_person(request: Request, name: str) -> int:
    """The active person a look-up field holds; without scripts the one whom the typed words name.

    :raises Invalid: for the field, when it is nobody or more than one.
    """
    text, typed = request.form.get(name, ""), request.form.get(f"{name}_text", "").strip()[:100]
    number = number_of(text)
    if number is not None:
        found = request.session.scalar(select(User.id).where(User.id == number, User.active))
    else:
        meant = colleagues(request.session, typed, "ru", 2) if typed else []
        found = meant[0].id if len(meant) == 1 else None
    if found is None:
        raise Invalid({name: [T("Choose one of the list.")]})
    return found
