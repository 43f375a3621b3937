"""Global search and the command palette (Ctrl+K): one address, a fragment or a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from core.text.folding import highlight
from core.web.commands import Command, commands, matching
from core.web.http import Request, checked_text
from core.web.i18n import T
from core.web.search import Gathered, Group, Hit, Pieces, Ranked, clean_query, gather
from core.web.shell import Page

IN_PALETTE = 6
ON_PAGE = 25
_COMMANDS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the results. ``keys`` do the same from the keyboard; the pieces are the texts cut up for marking."""

    url: str
    title: str
    text: str
    icon: str
    kind: str = "grey"
    mark: str = ""
    keys: tuple[str, ...] = ()
    title_pieces: Pieces | None = None
    text_pieces: Pieces | None = None


def find(request: Request) -> Response:
    """What was found for ``q``: the list of the palette, or a whole page for who asks without scripts."""
    typed = request.args.get("q", "")
    if not checked_text(typed):
        raise BadRequest
    query = clean_query(typed)
    found = gather(request.session, request.app.search_sources, query, IN_PALETTE if request.fragment else ON_PAGE)
    context: dict[str, Any] = {
        "query": query,
        "groups": _groups(request, query, found),
        "note": _note(request, found),
        "failures": [
            request.app.host.running[addon].manifest.title_in(request.translate.language) for addon in found.failed
        ],
    }
    if request.fragment:
        return request.render("palette.html", **context)
    return request.render("search.html", page=Page(request.translate(T("Search"))), **context)


def _note(request: Request, found: Gathered) -> str:
    return request.translate(T("Layout corrected: %(text)s"), text=found.read_as) if found.read_as else ""


def _groups(request: Request, query: str, found: Gathered) -> list[tuple[str, list[Item]]]:
    """The groups of records, and the commands among them by how well the best of them answers."""
    groups = [(group.best, request.translate(group.source.title), _items(request, group)) for group in found.groups]
    named = matching(_commands(request), query)[: None if not query else _COMMANDS_SHOWN]
    if named:
        items = [_command_item(request, command, query) for command, _ in named]
        groups.append((named[0][1], request.translate(T("Commands")), items))
    groups.sort(key=lambda group: -group[0])
    return [(title, items) for _, title, items in groups if items]


def _items(request: Request, group: Group) -> list[Item]:
    items = (_item(request, group, each) for each in group.hits)
    return [item for item in items if item is not None]


def _item(request: Request, group: Group, ranked: Ranked) -> Item | None:
    hit = ranked.hit
    url = _address(request, hit)
    if url is None:
        return None
    return Item(
        url=url,
        title=hit.title,
        text="".join(text for text, _ in ranked.text),
        icon=hit.icon or group.source.icon,
        kind=hit.kind,
        mark=request.translate(hit.mark),
        title_pieces=ranked.title,
        text_pieces=ranked.text,
    )


def _address(request: Request, hit: Hit) -> str | None:
    """The first of the hit's pages that is there and open to the person."""
    addresses = (request.open_url(place.endpoint, **place.arguments) for place in hit.places)
    return next(filter(None, addresses), None)


def _commands(request: Request) -> list[Command]:
    app = request.app
    screens = (mounted.screen for mounted in app.screens)
    every: Iterable[Command] = commands(app.menu, screens, request.access, request.translate)
    return [command for command in every if app.router.open_to(request.access, command.endpoint)]


def _command_item(request: Request, command: Command, query: str) -> Item:
    pieces = highlight(command.title, query) if query else None
    url = request.url(command.endpoint)
    return Item(url, command.title, "", command.icon, keys=command.keys, title_pieces=pieces)
