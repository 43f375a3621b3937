"""The directories of all addons on one page: each addon declares its own, and this page leads to them (S0-06)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from werkzeug.wrappers import Response

from core.web.http import Request
from core.web.i18n import T
from core.web.menu import MenuItem
from core.web.routing import SIGNED_IN, Route
from core.web.screens import Screen
from core.web.shell import Page
from core.web.views.common import addon_title

ENDPOINT = "core.directories"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The directories of one addon, with how many records each has."""

    title: str
    directories: list[tuple[Screen, int]]


def routes() -> list[Route]:
    """The address of the page; it shows what its reader may open."""
    return [Route("/directories", "directories", show, right=SIGNED_IN, menu="directories")]


def menu(screens: Iterable[Screen]) -> Iterator[MenuItem]:
    """The item of the rail, for those who look after a directory; none while no addon has any."""
    rights = [screen.right(action) for screen in screens if screen.directory for action in ("create", "change")]
    if rights:
        yield MenuItem(
            "directories",
            T("Directories"),
            "books",
            ENDPOINT,
            rights[0],
            more_rights=tuple(dict.fromkeys(rights[1:])),
            order=100,
            group="system",
        )


def show(request: Request) -> Response:
    """The directories this person may read, addon by addon."""
    readable = [
        mounted.screen
        for mounted in request.app.screens
        if mounted.screen.directory and request.access.may(mounted.screen.right("read"))
    ]
    page = Page(request.translate(T("Directories")), menu="directories")
    return request.render("directories.html", page=page, shelves=_shelves(request, readable))


def _shelves(request: Request, screens: list[Screen]) -> list[Shelf]:
    numbers = _sizes(request, screens)
    owners = dict.fromkeys(screen.owner for screen in screens)
    return [
        Shelf(
            addon_title(request, owner), [pair for pair in zip(screens, numbers, strict=True) if pair[0].owner == owner]
        )
        for owner in owners
    ]


def _sizes(request: Request, screens: list[Screen]) -> list[int]:
    """How many records each directory has, in one statement."""
    if not screens:
        return []
    counted = [select(func.count(screen.model.id)).where(*screen.where).scalar_subquery() for screen in screens]
    return list(request.session.execute(select(*counted)).one())
