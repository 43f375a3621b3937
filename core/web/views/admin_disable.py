"""Asking before an addon is switched off: what is gone for everybody then, and what is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from core.errors import NotFound
from core.host import registry
from core.web.http import Request
from core.web.i18n import T
from core.web.routing import Route
from core.web.shell import Page
from core.web.views.admin_addons import needed_by
from core.web.views.common import cascading_words, table_words

if TYPE_CHECKING:
    from core.host.uninstalling import Preview


def routes() -> list[Route]:
    """The address of the question; the answer goes to the switch itself."""
    path = "/admin/addons/<name>/disable"
    return [Route(path, "addon_disable_ask", ask, right="core.addon.disable", menu="administration")]


def ask(request: Request, name: str) -> Response:
    """What switching it off means."""
    # Only now: a server that switches no addon off does without.
    from core.host import uninstalling

    try:
        found = uninstalling.look(request.session.connection(), request.app.config, name)
    except registry.AddonError as error:
        raise NotFound(T("There is no such addon.")) from error
    language = request.translate.language
    kept, rest = _kept(request, found)
    context: dict[str, Any] = {
        "found": found,
        "menu": sorted(words.get(language) or code for code, words in found.contents.menu.items()),
        "roles": [(each.titles.get(language) or each.code, each.people) for each in found.roles],
        "kept": kept,
        "rest": rest,
        "cascading": cascading_words(request, found),
        "needed_by": needed_by(request, name),
    }
    crumbs = (
        (request.translate(T("Administration")), request.url("core.administration")),
        (request.translate(T("Addons")), request.url("core.addons")),
    )
    heading = request.translate(T("Switch off “%(addon)s”?"), addon=found.titles.get(language) or name)
    return request.render(
        "admin/addon_disable.html", page=Page(heading, crumbs=crumbs, menu="administration"), **context
    )


def _kept(request: Request, found: Preview) -> tuple[list[tuple[str, int]], int]:
    """The records that have a list, by its title, and the number of all other rows."""
    listed = {each.name for each in found.tables if request.app.screens.of_table(each.name)}
    kept = [(table_words(request, each.name), each.rows) for each in found.tables if each.name in listed]
    return sorted(kept), sum(each.rows for each in found.tables if each.name not in listed)
