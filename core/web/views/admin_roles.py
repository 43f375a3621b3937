"""The rights table of a role: how far each right reaches, what was edited, and the way back to what was shipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from core.access import roles
from core.access.models import Role, UserRole
from core.access.policy import Scope
from core.access.rights import Right
from core.access.roles import NONE
from core.db.change import expect_record, expect_version
from core.web.http import Request, redirect, whole_number
from core.web.i18n import T
from core.web.routing import Route
from core.web.screens import Panel
from core.web.views.common import addon_title

POST = ("POST",)
FIELD = "grant."
SCOPES = (
    (NONE, T("none")),
    ("own", T("own")),
    ("department", T("department’s")),
    ("branch", T("branch’s")),
    ("all", T("all")),
)


@dataclass(frozen=True, slots=True)
class RightRow:
    """One right of the table: its present scope, which scopes mean anything for it, and what was shipped."""

    name: str
    title: str
    guarded: bool
    scope: str
    possible: frozenset[str]
    shipped: str

    @property
    def edited(self) -> bool:
        """Whether somebody has decided otherwise than the addon's authors."""
        return self.scope != self.shipped


@dataclass(frozen=True, slots=True)
class ThingRows:
    """The rights to one thing."""

    addon: str
    title: str
    rows: list[RightRow]


def routes() -> list[Route]:
    """The addresses beside those generated for the screen."""
    one = "/admin/roles/<int:record_id>"
    return [
        Route(f"{one}/rights", "role_rights", save, POST, right="core.role.change"),
        Route(f"{one}/reset", "role_reset", reset, POST, right="core.role.change"),
    ]


def panels(request: Request, role: Role) -> list[Panel]:
    """The table on the card of a role."""

    def load() -> dict[str, Any]:
        things = list(_things(request, role))
        return {
            "role": role,
            "things": things,
            "scopes": SCOPES,
            "edited": sum(row.edited for thing in things for row in thing.rows),
            "people": request.session.scalar(select(func.count(UserRole.id)).where(UserRole.role_id == role.id)),
            "may_change": request.access.may("core.role.change"),
            "saved": request.args.get("saved", ""),
        }

    return [Panel("rights", T("Rights"), "admin/role_rights.html", load, order=10)]


def _things(request: Request, role: Role) -> Iterator[ThingRows]:
    """All rights of the running addons, grouped by thing, in the reader's language."""
    language = request.translate.language
    grouped: dict[tuple[str, str], list[Right]] = {}
    for right in request.app.rights.rights.values():
        grouped.setdefault((right.addon, right.thing), []).append(right)
    for (addon, _), found in sorted(grouped.items(), key=lambda item: item[0][0] != "core"):
        title = found[0].thing_title_ru if language == "ru" else found[0].thing_title_en
        owner = "" if addon == "core" else addon_title(request, addon)
        yield ThingRows(owner, title, [_row(role, right, language) for right in found])


def _row(role: Role, right: Right, language: str) -> RightRow:
    return RightRow(
        name=right.name,
        title=right.title_ru if language == "ru" else right.title_en,
        guarded=right.guarded,
        scope=role.grants.get(right.name, NONE),
        possible=frozenset({NONE, *(scope.name.lower() for scope in right.scopes)}),
        shipped=role.shipped.get(right.name, NONE),
    )


def save(request: Request, record_id: int) -> Response:
    """The scopes as they were ticked; a right nobody knows and a scope without meaning are refused (SEC-7)."""
    role = _role(request, record_id)
    version = whole_number(request.form.get("version", ""))
    if version is None:
        raise BadRequest
    expect_version(role, version)
    sent = {name.removeprefix(FIELD): scope for name, scope in request.form.items() if name.startswith(FIELD)}
    known = request.app.rights.rights
    scopes = {scope.name.lower() for scope in Scope}
    if not sent.keys() <= known.keys() or not set(sent.values()) <= scopes:
        raise BadRequest
    try:
        roles.edit_grants(request.session, role, sent, request.app.rights)
    except KeyError as error:
        raise BadRequest from error
    return redirect(request.url("core.roles.card", record_id=record_id, saved="1"))


def reset(request: Request, record_id: int) -> Response:
    """Back to what the addons ship."""
    roles.reset_grants(request.session, _role(request, record_id))
    return redirect(request.url("core.roles.card", record_id=record_id, saved="1"))


def _role(request: Request, record_id: int) -> Role:
    return expect_record(request.session, Role, record_id)
