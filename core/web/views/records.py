"""The generated card of a record, and its deletion."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from markupsafe import Markup
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from core.db.base import Record
from core.db.change import Reach, expect_reach, expect_version, reach_of
from core.db.kept import Read, read
from core.errors import Obstacle, Refusal
from core.web import cards, deletion
from core.web.http import Request, redirect, whole_number
from core.web.i18n import T
from core.web.listing.cells import Formats
from core.web.listing.place import place_in_list
from core.web.listing.query import CAP
from core.web.listing.state import parse_query
from core.web.listing.viewer import Viewer
from core.web.mounted import MountedScreen
from core.web.screens import Action, Panel
from core.web.views.common import addon_title, capped, card_url, plain_card_url, record_of, record_page
from core.web.views.task_panel import task_panels

Rows = dict[str, Sequence[Any]]
"""What the reads of a panel found, by name."""
Fill = Callable[[str, Mapping[str, Any]], str]
"""Draws a template with its own names."""


@dataclass(frozen=True, slots=True)
class DrawnPanel:
    """A contributed panel as a template shows it; with ``error`` it is the box of an addon that did not answer."""

    addon: str
    place: str = "main"
    name: str = ""
    title: str = ""
    html: str = ""
    error: bool = False
    early: bool = False


def show_card(
    mounted: MountedScreen, request: Request, record_id: int, refused: Sequence[Obstacle] = (), status: int = 200
) -> Response:
    """A record to read, with what the addons show beside it.

    :param refused: what stood in the way of a step that was asked for on this card; ``status`` is that of the refusal.
    """
    screen = mounted.screen
    record = record_of(mounted, request, record_id)
    successor = screen.successor(record) if screen.successor is not None else None
    if successor is not None:
        return redirect(plain_card_url(mounted, request, successor))
    elsewhere = screen.shown_at(request, record) if screen.shown_at is not None else ""
    if elsewhere:
        return redirect(elsewhere)
    request.app.note_read(request, record)
    viewer = Viewer(request.session, request.translate)
    formats = Formats(viewer, request.app.assets.icon, mounted.drawn)
    extra = screen.card_context(request.session, record) if screen.card_context is not None else {}
    reach = _reach(mounted, request, record)
    drawn, rows = draw_panels(request, {"panels": _panels(mounted, request, record)}, reach.reads)
    return request.render(
        screen.templates.get("card", "screens/card.html"),
        status,
        refused=refused,
        page=record_page(mounted, request, screen.name_of(record)),
        screen=screen,
        record=record,
        sections=cards.sections(mounted, record, viewer, formats, request.url),
        panels=drawn["panels"],
        actions=[_action(request, each, record) for each in cards.actions(request.session, mounted, record)],
        pager=_pager(mounted, request, viewer, record_id),
        urls=_card_urls(mounted, request, record, reach.rights(*rows.values())),
        **extra,
    )


def _panels(mounted: MountedScreen, request: Request, record: Record) -> list[cards.ContributedPanel]:
    return cards.panels(request.session, mounted, record, _own_panels(mounted, request, record))


def _own_panels(mounted: MountedScreen, request: Request, record: Record) -> list[cards.ContributedPanel]:
    """What the screen's owner shows beside the fields, and what core shows on every card that can be pointed at."""
    found = [cards.ContributedPanel("core", each) for each in task_panels(request, record)]
    if mounted.screen.panels is None:
        return found
    owner, panels = mounted.screen.owner, mounted.screen.panels
    answer = request.session.hooks.run_guarded(request.session, owner, "panels", lambda: list(panels(request, record)))
    if answer.error:
        return [*found, cards.ContributedPanel(owner, None)]
    return [*found, *(cards.ContributedPanel(owner, each) for each in answer.value)]


def draw_panels(
    request: Request, parts: Mapping[str, Sequence[cards.ContributedPanel]], beside: Mapping[str, Read] | None = None
) -> tuple[dict[str, list[DrawnPanel]], Rows]:
    """The contributed panels of each part of a page that have something to show, drawn; and what else the page reads.

    All is read by one statement. What fails in one panel is its own affair (SEC-59).

    :param beside: what else the page reads.
    """
    panels = [each.panel for part in parts.values() for each in part]
    found = _gathered(request, [panel for panel in panels if panel is not None and panel.reads], beside or {})
    fill = request.app.pages.fragments(request)
    drawn = {
        name: [_draw_panel(request, fill, each, found.get(id(each.panel))) for each in part]
        for name, part in parts.items()
    }
    return {name: [each for each in part if each is not None] for name, part in drawn.items()}, found[_BESIDE]


_BESIDE = 0
"""Where what the page itself reads is found; everything else by the number of its panel, which is never this."""


def _gathered(request: Request, panels: Sequence[Panel], beside: Mapping[str, Read]) -> dict[int, Rows]:
    """The rows all panels need, from one statement; nothing when it fails: then each reads for itself."""
    session = request.session
    parts = {_BESIDE: beside} | {id(panel): panel.reads for panel in panels}
    wanted = {(part, name): each for part, reads in parts.items() for name, each in reads.items()}
    answer = session.hooks.run_guarded(session, "core", "card_panels", lambda: request.reader.gather(wanted))
    if answer.error:
        return {_BESIDE: {name: read(session, each) for name, each in beside.items()}}
    return {part: {name: answer.value[part, name] for name in reads} for part, reads in parts.items()}


def _draw_panel(
    request: Request, fill: Fill, contributed: cards.ContributedPanel, rows: Rows | None
) -> DrawnPanel | None:
    panel, addon = contributed.panel, contributed.addon
    if panel is None:
        return DrawnPanel(addon_title(request, addon), error=True)

    def draw() -> Markup | None:
        found = {name: read(request.session, each) for name, each in panel.reads.items()} if rows is None else rows
        context = panel.load(**found)
        if context is None:
            return None
        return Markup(fill(panel.template, context))  # noqa: S704 - a template

    answer = request.session.hooks.run_guarded(request.session, addon, f"card_panels {panel.name}", draw)
    if answer.value is None and not answer.error:
        return None
    title, html = request.translate(panel.title), answer.value or ""
    return DrawnPanel(
        addon_title(request, addon), panel.place, panel.name, title, html, bool(answer.error), panel.early
    )


def _action(request: Request, action: Action, record: Record) -> dict[str, Any]:
    return {
        "text": request.translate(action.label),
        "url": request.url(action.endpoint, **{"record_id": record.id, **action.arguments}),
        "kind": action.kind,
        "icon": action.icon,
        "key": action.key,
        "post": action.post,
    }


def _pager(mounted: MountedScreen, request: Request, viewer: Viewer, record_id: int) -> dict[str, Any] | None:
    """«3 of 61» and the neighbours in the list the card was opened from."""
    text = request.args.get("list", "")
    if "list" not in request.args:
        return None
    try:
        state = parse_query(mounted, text, request.access).without_place()
        place = place_in_list(mounted, state, viewer, record_id)
    except Refusal:
        return None
    if place is None:
        return None
    words = request.translate(T("%(number)s of %(total)s"), number=place.number, total=capped(request, place.total))
    return {
        "text": words if place.number <= CAP else "",
        "previous": card_url(mounted, request, place.previous_id, text),
        "next": card_url(mounted, request, place.next_id, text),
    }


def _reach(mounted: MountedScreen, request: Request, record: Record) -> Reach:
    """Whether the person may change or delete this very record, where the screen offers that."""
    screen = mounted.screen
    wanted = [screen.right(action) for action in ("change", "delete") if action in screen.allow]
    return reach_of(request.session, record, wanted)


def _card_urls(mounted: MountedScreen, request: Request, record: Record, held: Collection[str]) -> dict[str, str]:
    screen = mounted.screen
    came_from = request.args.get("list", "")
    address = request.url(screen.endpoint())
    urls = {
        "list": f"{address}?{came_from or 'q='}#row-{record.id}",
        "card": request.url(screen.endpoint("card"), record_id=record.id),
        "edit": "",
        "delete": "",
        "timeline": "",
    }
    if screen.sections and screen.right("change") in held:
        urls["edit"] = request.url(screen.endpoint("edit"), record_id=record.id)
    if screen.right("delete") in held:
        urls["delete"] = request.url(screen.endpoint("delete"), record_id=record.id)
    if isinstance(record, Record):
        urls["timeline"] = request.url("core.timeline", subject_type=record.__tablename__, subject_id=record.id)
    return urls


def ask_delete(mounted: MountedScreen, request: Request, record_id: int) -> Response:
    """Ask before deleting: by name, or say why it cannot be."""
    record = record_of(mounted, request, record_id)
    expect_reach(request.session, record, mounted.screen.right("delete"))
    reasons = deletion.obstacles(request.session, record, request.translate, partial(addon_title, request))
    name = mounted.screen.name_of(record)
    return request.render(
        "screens/delete.html",
        page=record_page(mounted, request, name),
        name=name,
        reasons=reasons,
        action=request.url(mounted.screen.endpoint("delete_do"), record_id=record_id),
        version=record.version,
        back=plain_card_url(mounted, request, record_id),
    )


def delete(mounted: MountedScreen, request: Request, record_id: int) -> Response:
    """Delete a record as it was when its reader was asked, and go back to the list (SEC-49)."""
    record = record_of(mounted, request, record_id)
    expect_reach(request.session, record, mounted.screen.right("delete"))
    version = whole_number(request.form.get("version", ""))
    if version is None:
        raise BadRequest
    expect_version(record, version)
    deletion.delete(request.session, mounted.screen, record, request.translate, partial(addon_title, request))
    return redirect(f"{request.url(mounted.screen.endpoint())}?{request.form.get('list') or 'q='}")
