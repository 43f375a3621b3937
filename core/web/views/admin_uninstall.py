"""Uninstalling an addon from the page of addons: what would go, and its name typed by whoever wants it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from core.db.audit import note_action
from core.errors import NotFound
from core.host.switching import GOES_ON, UNINSTALL, Outcome, switch
from core.host.things import THINGS
from core.web.http import Request, redirect
from core.web.i18n import T
from core.web.routing import Route
from core.web.shell import Page
from core.web.views.admin_addons import SOMETHING_ELSE, under_way
from core.web.views.common import addon_title

if TYPE_CHECKING:
    from core.host.contents import Titles
    from core.host.uninstalling import Preview

RIGHT = "core.addon.uninstall"


def routes() -> list[Route]:
    """The addresses of the page."""
    path = "/admin/addons/<name>/uninstall"
    return [
        Route(path, "addon_uninstall", ask, right=RIGHT, menu="administration"),
        Route(path, "addon_uninstall_do", uninstall, ("POST",), right=RIGHT, menu="administration"),
    ]


def ask(request: Request, name: str) -> Response:
    """What would go, what would stay, and what keeps it from being done."""
    return _page(request, _looked_at(request, name))


def uninstall(request: Request, name: str) -> Response:
    """Write down who wants it, then have another process do it, as with the switches (SEC-63)."""
    found = _looked_at(request, name)
    if request.form.get("name", "").strip() != name:
        return _page(request, found, wrong=True, status=422)
    note_action(request.session, f"addon_{UNINSTALL}", None, addon=name)
    request.session.commit()
    outcome = switch(request.app.config, UNINSTALL, name)
    if outcome.goes_on:
        return redirect(request.url("core.addons", done=GOES_ON, names=name))
    if outcome.done:
        return redirect(request.url("core.addons", done=UNINSTALL, names=name))
    note_action(request.session, "addon_refused", None, addon=name, why=outcome.reason)
    request.session.commit()
    # What stands against it now is told as before anybody tries; the process that refused it speaks English only.
    return _page(request, _looked_at(request, name), refused=outcome, status=409)


def _looked_at(request: Request, name: str) -> Preview:
    # Only now: a server that removes no addon does without.
    from core.host import uninstalling
    from core.host.registry import AddonError

    try:
        return uninstalling.look(request.session.connection(), request.app.config, name)
    except AddonError as error:
        raise NotFound(T("There is no such addon.")) from error


def _page(
    request: Request, found: Preview, *, wrong: bool = False, refused: Outcome | None = None, status: int = 200
) -> Response:
    title = found.titles.get(request.translate.language) or found.addon
    context: dict[str, Any] = {
        "found": found,
        "title": title,
        "things": [(THINGS[table], rows) for table, rows in found.rows_of_core.items() if table in THINGS],
        "named": [
            (T("Settings"), _words(request, found.contents.settings)),
            (T("Rights"), _words(request, found.contents.rights)),
            (T("Menu items"), _words(request, found.contents.menu)),
        ],
        "roles": [(each.titles.get(request.translate.language), each.people) for each in found.roles],
        "holders": [addon_title(request, holder) for holder in found.holders],
        "wrong": wrong,
        "refused": refused,
        "refused_why": _why_not(request, found, refused) if refused is not None else "",
    }
    crumbs = (
        (request.translate(T("Administration")), request.url("core.administration")),
        (request.translate(T("Addons")), request.url("core.addons")),
    )
    heading = request.translate(T("Remove “%(addon)s” with its data"), addon=title)
    page = Page(heading, crumbs=crumbs, menu="administration")
    return request.render("admin/addon_uninstall.html", status, page=page, **context)


def _why_not(request: Request, found: Preview, refused: Outcome) -> str:
    """What is not told by the page itself, which shows what stands against it."""
    if refused.under_way:
        return under_way(request, refused)
    return request.translate(SOMETHING_ELSE) if found.possible else ""


def _words(request: Request, titles: Mapping[str, Titles]) -> list[str]:
    language = request.translate.language
    return sorted(words.get(language) or name for name, words in titles.items())
