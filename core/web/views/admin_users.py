"""A user's card and what an administrator does with an account: roles, departments, codes, sign-ins (SEC-10…22)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from werkzeug.wrappers import Response

from core.access import own_account, people
from core.access.models import Branch, Department, Role, SignIn, User, UserDepartment, UserRole
from core.access.policy import Access, Scope
from core.access.user_agents import browser_name
from core.db.change import expect_record, get_record
from core.errors import Invalid
from core.web.http import Request, number_of, redirect
from core.web.i18n import LANGUAGES, T
from core.web.routing import Route
from core.web.screens import Panel
from core.web.shell import Page

POST = ("POST",)
ASSIGN, CHANGE, DISABLE = "core.user.assign_roles", "core.user.change", "core.user.disable"
GIVE_CODE, END = "core.user.give_code", "core.sign_in.end"
DONE: Mapping[str, str] = {
    "roles": T("The roles are set; they count from the next click on."),
    "departments": T("The departments are set."),
    "disabled": T("The account is disabled; all its sign-ins have ended."),
    "enabled": T("The account is open again."),
    "sign_ins": T("The sign-ins have ended."),
    "second_factor": T("The second factor is off."),
}


def routes() -> list[Route]:
    """The addresses beside those generated for the screen."""
    one = "/admin/users/<int:record_id>"
    return [
        Route("/admin/users/new", "user_new", show_new, right="core.user.create", menu="administration"),
        Route("/admin/users/new", "user_create", create, POST, right="core.user.create", menu="administration"),
        Route(f"{one}/roles", "user_roles", set_roles, POST, right=ASSIGN),
        Route(f"{one}/departments", "user_departments", set_departments, POST, right=CHANGE),
        Route(f"{one}/disable", "user_disable", disable, POST, right=DISABLE),
        Route(f"{one}/enable", "user_enable", enable, POST, right=DISABLE),
        Route(f"{one}/code", "user_code", give_code, POST, right=GIVE_CODE),
        Route(f"{one}/second-factor/remove", "user_factor_remove", remove_factor, POST, right=GIVE_CODE),
        Route(f"{one}/sign-ins/end", "user_sign_ins_end", end_sign_ins, POST, right=END),
        Route(f"{one}/sign-ins/<int:sign_in_id>/end", "user_sign_in_end", end_sign_in, POST, right=END),
    ]


# --- the panels of the card -------------------------------------------------------------------


def panels(request: Request, user: User) -> list[Panel]:
    """What stands beside the fields of an account."""
    return [
        Panel("account", T("State of the account"), "admin/user_state.html", lambda: _state(request, user), order=1),
        Panel("roles", T("Roles"), "admin/user_roles.html", lambda: _role_choices(request, user), order=2),
        Panel("departments", T("Departments"), "admin/user_departments.html", lambda: _places(request, user), order=3),
        *_sign_ins_panel(request, user),
    ]


def _state(request: Request, user: User) -> dict[str, Any]:
    return {
        "user": user,
        "done": DONE.get(request.args.get("done", ""), ""),
        "has_factor": request.app.authenticator.second_factors.enrolled(request.session, user.id),
        "waits_for_code": user.code_expires_at is not None and bool(user.password_hash),
        "is_me": user.id == request.access.user_id,
    }


def _role_choices(request: Request, user: User) -> dict[str, Any]:
    held = set(request.session.scalars(select(UserRole.role_id).where(UserRole.user_id == user.id)))
    return {"user": user, "roles": _roles(request), "held": held}


def _roles(request: Request) -> list[tuple[int, str, str]]:
    """The roles that can be given: number, code, title."""
    title = Role.title_ru if request.translate.language == "ru" else Role.title_en
    rows = request.session.execute(select(Role.id, Role.code, title).where(~Role.everyone).order_by(title))
    return [(row[0], row[1], row[2]) for row in rows]


def _places(request: Request, user: User) -> dict[str, Any]:
    statement = select(UserDepartment.department_id).where(UserDepartment.user_id == user.id)
    held = set(request.session.scalars(statement))
    return {"user": user, "branches": _departments(request), "held": held}


def _departments(request: Request) -> list[tuple[str, list[tuple[int, str]]]]:
    """The departments that can be given, under their branches."""
    russian = request.translate.language == "ru"
    branch, title = (Branch.title_ru, Department.title_ru) if russian else (Branch.title_en, Department.title_en)
    found: dict[str, list[tuple[int, str]]] = {}
    for place, id_, name in request.session.execute(
        select(branch, Department.id, title)
        .join(Department, Department.branch_id == Branch.id)
        .where(Department.active)
        .order_by(branch, title)
    ):
        found.setdefault(place, []).append((id_, name))
    return list(found.items())


def _sees_sign_ins(access: Access, user_id: int) -> bool:
    scope = access.scope("core.sign_in.read")
    return scope == Scope.ALL or (scope > Scope.NONE and user_id == access.user_id)


def _sign_ins_panel(request: Request, user: User) -> list[Panel]:
    if not _sees_sign_ins(request.access, user.id):
        return []

    def load() -> dict[str, Any]:
        return {
            "user": user,
            "sign_ins": _shown_sign_ins(request, own_account.living_sign_ins(request.session, user.id)),
        }

    return [Panel("sign_ins", T("Where this person is signed in"), "admin/user_sign_ins.html", load, order=4)]


def _shown_sign_ins(request: Request, found: Sequence[SignIn]) -> list[dict[str, Any]]:
    mine = request.identity.sign_in_id if request.identity is not None else None
    return [
        {
            "id": each.id,
            "user_id": each.user_id,
            "browser": browser_name(each.user_agent),
            "address": each.address,
            "created_at": each.created_at,
            "last_seen_at": each.last_seen_at,
            "this": each.id == mine,
        }
        for each in found
    ]


def sign_in_panels(request: Request, sign_in: SignIn) -> list[Panel]:
    """The one sign-in of its own card, with the way to end it."""
    ended = sign_in.revoked_at is not None or sign_in.expires_at <= request.session.now()

    def load() -> dict[str, Any]:
        user = get_record(request.session, User, sign_in.user_id)
        return {"user": user, "sign_ins": _shown_sign_ins(request, [sign_in]), "ended": ended}

    return [Panel("sign_in", T("Sign-in"), "admin/user_sign_ins.html", load, order=1)]


# --- a new account ----------------------------------------------------------------------------


def show_new(request: Request) -> Response:
    """The form of a new account."""
    return _new(request)


def _new(request: Request, errors: Mapping[str, list[str]] | None = None, status: int = 200) -> Response:
    return request.render(
        "admin/user_new.html",
        status,
        page=_page(request, request.translate(T("New user"))),
        roles=_roles(request),
        branches=_departments(request),
        languages=LANGUAGES,
        entered=request.form,
        chosen_roles=request.form.getlist("roles"),
        chosen_departments=request.form.getlist("departments"),
        may_assign=request.access.may(ASSIGN),
        errors={name: [request.translate(text) for text in texts] for name, texts in (errors or {}).items()},
    )


def create(request: Request) -> Response:
    """A new account; its one-time code is shown this once and kept nowhere (SEC-18)."""
    form = request.form
    language = form.get("language", "ru")
    try:
        user, code = people.create_user(
            request.session,
            request.app.authenticator.passwords,
            login=form.get("login", "")[:200],
            full_name=form.get("full_name", "").strip()[:160],
            roles=form.getlist("roles") if request.access.may(ASSIGN) else (),
            departments=_numbers(form.getlist("departments")),
            language=language if language in LANGUAGES else "ru",
        )
    except Invalid as refusal:
        request.session.rollback()
        return _new(request, refusal.errors, refusal.status)
    return _code(request, user, code)


def _code(request: Request, user: User, code: str) -> Response:
    page = _page(request, request.translate(T("One-time code")))
    return request.render("admin/user_code.html", page=page, user=user, code=code)


def _page(request: Request, title: str) -> Page:
    crumbs = ((request.translate(T("Users")), request.url("core.users")),)
    return Page(title, crumbs=crumbs, menu="administration")


def _numbers(texts: Sequence[str]) -> list[int]:
    """Numbers of records; what is none becomes one that there is not."""
    return [number if (number := number_of(text)) is not None else -1 for text in texts]


# --- an account that is there -----------------------------------------------------------------


def set_roles(request: Request, record_id: int) -> Response:
    """Exactly the ticked roles."""
    user = _user(request, record_id)
    people.set_roles(request.session, user, _ticked(request, "roles", [link.role.code for link in user.role_links]))
    return _back(request, record_id, "roles")


def set_departments(request: Request, record_id: int) -> Response:
    """Exactly the ticked departments."""
    user = _user(request, record_id)
    held = [str(link.department_id) for link in user.department_links]
    people.set_departments(request.session, user, _numbers(_ticked(request, "departments", held)))
    return _back(request, record_id, "departments")


def _ticked(request: Request, name: str, held: Iterable[str]) -> list[str]:
    """What the form makes of what is held: what others gave or took since it was opened stays so (SEC-49)."""
    ticked = set(request.form.getlist(name))
    before = set(request.form["was"].split()) if "was" in request.form else set(held)
    return sorted(set(held) - (before - ticked) | (ticked - before))


def disable(request: Request, record_id: int) -> Response:
    """Close the account; the person is out at once (SEC-11)."""
    people.disable(request.session, _user(request, record_id))
    return _back(request, record_id, "disabled")


def enable(request: Request, record_id: int) -> Response:
    """Open the account again."""
    people.enable(request.session, _user(request, record_id))
    return _back(request, record_id, "enabled")


def give_code(request: Request, record_id: int) -> Response:
    """A one-time code instead of the password, shown this once."""
    user = _user(request, record_id)
    return _code(request, user, people.give_code(request.session, request.app.authenticator.passwords, user))


def remove_factor(request: Request, record_id: int) -> Response:
    """Turn off the code generator of somebody who has lost it."""
    factors = request.app.authenticator.second_factors
    people.remove_second_factor(request.session, factors, _user(request, record_id))
    return _back(request, record_id, "second_factor")


def end_sign_ins(request: Request, record_id: int) -> Response:
    """End all sign-ins of the person; an administrator's own browser stays signed in."""
    user = _user(request, record_id)
    keep = request.identity if user.id == request.access.user_id else None
    own_account.end_sign_ins(request.session, user.id, keep=keep)
    return _back(request, record_id, "sign_ins")


def end_sign_in(request: Request, record_id: int, sign_in_id: int) -> Response:
    """End one sign-in (SEC-21)."""
    _user(request, record_id)
    own_account.end_sign_in(request.session, sign_in_id)
    return _back(request, record_id, "sign_ins")


def _user(request: Request, record_id: int) -> User:
    return expect_record(request.session, User, record_id)


def _back(request: Request, record_id: int, done: str) -> Response:
    return redirect(request.url("core.users.card", record_id=record_id, done=done))
