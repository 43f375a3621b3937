"""The way into administration: what there is to look after, as far as the person may."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, func, literal, select
from werkzeug.wrappers import Response

from core.access.policy import Access
from core.jobs.models import JobRun
from core.web.http import Request
from core.web.i18n import T
from core.web.menu import MenuItem
from core.web.routing import Route
from core.web.shell import Page

RIGHT = "core.role.read"


@dataclass(frozen=True, slots=True)
class Tile:
    """One part of administration."""

    title: str
    text: str
    icon: str
    endpoint: str
    right: str


TILES = (
    Tile(T("Users"), T("accounts, roles, one-time codes"), "users", "core.users", "core.user.read"),
    Tile(T("Roles"), T("who may do what, and how far it reaches"), "shield-check", "core.roles", "core.role.read"),
    Tile(T("Branches"), T("sites and their time zones"), "building-store", "core.branches", "core.branch.read"),
    Tile(T("Departments"), T("who works where, working hours"), "sitemap", "core.departments", "core.department.read"),
    Tile(T("Settings"), T("of Forecourt and of every addon"), "settings", "core.settings", "core.setting.read"),
    Tile(T("Addons"), T("what is installed, enabled, failing"), "puzzle", "core.addons", "core.addon.read"),
    Tile(T("Background jobs"), T("last runs, stopped ones"), "clock-cog", "core.jobs", "core.job.read"),
    Tile(T("Audit trail"), T("who changed what from what to what"), "history", "core.audit", "core.audit.read"),
    Tile(T("Sign-ins"), T("who is signed in, and from where"), "device-laptop", "core.sign_ins", "core.sign_in.read"),
    Tile(T("API tokens"), T("keys of programs"), "key", "core.api_tokens", "core.api_token.read"),
    Tile(
        T("Personal data"),
        T("what is held of a person, erasing"),
        "shield-lock",
        "core.personal",
        "core.personal_data.read",
    ),
)


def routes() -> list[Route]:
    """The address of the page."""
    return [Route("/admin", "administration", show, right=RIGHT, menu="administration")]


def menu() -> MenuItem:
    """The item of the rail, with what has stopped and waits for somebody."""
    return MenuItem(
        "administration",
        T("Admin"),
        "settings",
        "core.administration",
        RIGHT,
        order=110,
        group="system",
        count=_parked,
    )


def _parked(access: Access) -> Select[int]:
    """Counts the jobs that have stopped, for those who can do something about it."""
    concerned = literal(access.may("core.job.retry"))
    return select(func.count(JobRun.id)).where(JobRun.parked_at.is_not(None), concerned)


def show(request: Request) -> Response:
    """The parts this person may open."""
    tiles = [tile for tile in TILES if request.access.may(tile.right)]
    page = Page(request.translate(T("Administration")), menu="administration")
    failed = len({failure.addon for failure in request.app.host.failures})
    return request.render("admin/index.html", page=page, tiles=tiles, failed=failed)
