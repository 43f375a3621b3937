"""The generated list's addresses: the page, its counts, its filter panel, and what surrounds the rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from werkzeug.wrappers import Response

from core.web.http import Request, redirect
from core.web.i18n import T
from core.web.listing import bulk, page, query, saved
from core.web.listing.cells import Formats
from core.web.listing.filters import Filter
from core.web.listing.state import ListState, groupings, parse, parse_query, usable_filters
from core.web.listing.tags import Titles, tags_of, titles_reads
from core.web.listing.viewer import Viewer
from core.web.mounted import MountedScreen
from core.web.screens import Action, Strip, View
from core.web.shell import Page
from core.web.views.common import addon_title, capped

_STANDARD = "screens/list.html"
_KEPT = "kept filters"


def show_list(mounted: MountedScreen, request: Request) -> Response:
    """The list, or another view of the same rows; opened bare it begins with the person's default filter."""
    screen = mounted.screen
    state = parse(mounted, request.args, request.access)
    viewer = Viewer(request.session, request.translate)
    kept, found = _kept(mounted, request, state, viewer)
    if not request.args and kept.default is not None and kept.default.query:
        return redirect(f"{request.url(screen.endpoint())}?{kept.default.query}")
    chosen = next((view for view in screen.views if view.name == state.view), None)
    if chosen is not None:
        return _show_view(mounted, request, state, viewer, kept, found, chosen)
    context = _table(mounted, request, state, viewer, kept, found)
    return request.render(list_template(mounted), **context)


def list_template(mounted: MountedScreen) -> str:
    """What draws a screen's list: an addon may extend the standard template."""
    return mounted.screen.templates.get("list", _STANDARD)


def printed_table(mounted: MountedScreen, request: Request, state: ListState) -> dict[str, Any]:
    """What a list's template draws of as many rows as go on paper at once, from the first; there is nothing to turn."""
    viewer = Viewer(request.session, request.translate)
    kept, found = _kept(mounted, request, state, viewer)
    context = _table(mounted, request, state, viewer, kept, found, size=page.MOST_PRINTED)
    context["urls"] |= {"counts": "", "print": ""}
    return context


def _kept(mounted: MountedScreen, request: Request, state: ListState, viewer: Viewer) -> tuple[saved.Kept, Titles]:
    """What the person keeps of this list, and the titles of what it is filtered by, read in one go with the frame."""
    found = request.reader.gather(
        {_KEPT: saved.kept_read(request.access, mounted.screen.key), **titles_reads(mounted, state, viewer)}
    )
    return saved.kept_in(found[_KEPT]), found


def _table(
    mounted: MountedScreen,
    request: Request,
    state: ListState,
    viewer: Viewer,
    kept: saved.Kept,
    found: Titles,
    *,
    size: int | None = None,
) -> dict[str, Any]:
    """The rows and what surrounds them; on paper (with a ``size`` of its own) nothing can be selected."""
    formats = Formats(viewer, request.app.assets.icon, mounted.drawn)
    context = _surroundings(mounted, request, state, viewer)
    selectable = size is None and bool(context["bulk"])
    shown = page.read_list(mounted, state, viewer, formats, request.url, kept, found, selectable=selectable, size=size)
    return context | {
        "list": shown,
        "tabs": _tab_items(mounted, request, shown.tabs),
        "shown": _shown(request, shown),
        "failed": [addon_title(request, addon) for addon in shown.failed],
        "strips": _strips(mounted, request, state, viewer),
        "selectable": selectable,
    }


def _show_view(
    mounted: MountedScreen,
    request: Request,
    state: ListState,
    viewer: Viewer,
    kept: saved.Kept,
    titles: Titles,
    view: View,
) -> Response:
    """A board, a calendar or a funnel over the filtered rows, drawn by its own template."""
    wheres = query.conditions(mounted, state, viewer)
    context = _surroundings(mounted, request, state, viewer)
    tabs = page.tabs(mounted, state, viewer, kept)
    context |= {
        "list": page.ViewFrame(state, tags_of(mounted, state, viewer, titles)),
        "tabs": _tab_items(mounted, request, tabs),
        "strips": [],
        "failed": [],
        **view.load(viewer, wheres),
    }
    return request.render(view.template, **context)


def counts(mounted: MountedScreen, request: Request) -> Response:
    """How many rows the list and each tab have, up to «1000+»; ``exact`` counts the list itself to the end."""
    state = parse(mounted, request.args, request.access)
    viewer = Viewer(request.session, request.translate)
    tabs = page.tabs(mounted, state, viewer, saved.kept(request.session, mounted.key))
    states = [state, *(parse_query(mounted, tab.query, request.access) for tab in tabs)]
    wheres = [query.conditions(mounted, each, viewer) for each in states]
    total, *numbers = query.counts(viewer, mounted.screen, wheres)
    exact = request.args.get("exact") == "1"
    if exact:
        total = query.count(viewer, mounted.screen, wheres[0], None)
    items = _tab_items(mounted, request, tabs)
    for item, number, tab in zip(items, numbers, tabs, strict=True):
        item |= {"count": capped(request, number), "kind": tab.tone}
    return request.render(
        "screens/counts.html",
        tabs=items,
        tabs_end=_new_tab(mounted, request, state),
        total=_total_text(mounted, request, state, total, exact=exact),
    )


# --- the filter panel -------------------------------------------------------------------------


def filter_panel(mounted: MountedScreen, request: Request) -> Response:
    """The filter panel as a fragment."""
    state = parse(mounted, request.args, request.access)
    viewer = Viewer(request.session, request.translate)
    urls = list_urls(mounted, request, state)
    return request.render("screens/filters.html", panel=_panel(mounted, viewer, state), urls=urls)


def _panel(mounted: MountedScreen, viewer: Viewer, state: ListState) -> dict[str, Any]:
    filters = usable_filters(mounted, viewer.access)
    names = {each.name for each in filters}
    return {
        "kept": [(name, value) for name, value in state.pairs() if name not in names],
        "controls": [_control(each, viewer, state.filters.get(each.name, ())) for each in filters],
    }


def _control(each: Filter, viewer: Viewer, values: tuple[str, ...]) -> dict[str, Any]:
    first, separator, last = values[0].partition("..") if values else ("", "", "")
    return {
        "name": each.name,
        "label": viewer.translate(each.label),
        "control": each.control,
        "options": each.options(viewer),
        "values": values,
        "first": first if separator else "",
        "last": last,
    }


# --- what surrounds the rows ------------------------------------------------------------------


def _surroundings(mounted: MountedScreen, request: Request, state: ListState, viewer: Viewer) -> dict[str, Any]:
    screen = mounted.screen
    panel = _panel(mounted, viewer, state) if request.args.get("panel") == "1" else None
    return {
        "page": list_page(mounted, request, screen.title, main_class="flush"),
        "screen": screen,
        "urls": list_urls(mounted, request, state),
        "filters": usable_filters(mounted, request.access),
        "panel": panel,
        "groupings": _grouping_items(mounted, request, state),
        "views": _view_items(mounted, request, state),
        "actions": [_action_item(request, each) for each in _allowed(request, screen.actions)],
        "bulk": [
            {
                "text": request.translate(each.label),
                "icon": each.icon,
                "url": request.url(screen.endpoint("bulk"), action=each.name),
            }
            for each in bulk.actions(mounted, request.access)
        ]
        + [_together_item(request, each) for each in _allowed(request, screen.together)],
        "tabs_end": _new_tab(mounted, request, state),
    }


def list_page(
    mounted: MountedScreen, request: Request, title: str, *, main_class: str = "", below: bool = False
) -> Page:
    screen = mounted.screen
    crumbs = ((request.translate(screen.title), request.url(screen.endpoint())),) if below else ()
    return Page(
        title=request.translate(title), crumbs=crumbs, main_class=main_class, screen_key=screen.key, menu=screen.menu
    )


def list_urls(mounted: MountedScreen, request: Request, state: ListState) -> dict[str, str]:
    """The addresses a list's pages lead to; empty for what this person may not do."""
    screen, access = mounted.screen, request.access
    here = state.query()
    address, kept = _address(mounted, request, ""), _address(mounted, request, "saved")
    counted = f"{here}{'&' if here else ''}n={state.first}"
    urls = {
        "list": address,
        "panel": f"{address}?{here}{'&' if here else ''}panel=1",
        "filters": f"{_address(mounted, request, 'filters')}?{here}",
        "counts": f"{_address(mounted, request, 'counts')}?{counted}",
        "columns": f"{_address(mounted, request, 'columns')}?{here}",
        "saved": kept,
        "keep": f"{kept}?{urlencode({'query': here})}",
        "bulk": _address(mounted, request, "bulk", action="none"),
        "export": "",
        "print": "",
        "new": "",
    }
    if screen.export and access.may(screen.right("export")):
        urls["export"] = _address(mounted, request, "export")
        # Other views of the rows print as they are.
        urls["print"] = "" if state.view else _address(mounted, request, "print")
    if "create" in screen.allow and access.may(screen.right("create")):
        urls["new"] = _address(mounted, request, "new")
    return urls


def _address(mounted: MountedScreen, request: Request, part: str, **arguments: str) -> str:
    """The path of one of the screen's pages; it never changes, and building it costs more than remembering."""
    if part not in mounted.addresses:
        mounted.addresses[part] = request.url(mounted.screen.endpoint(part), **arguments)
    return mounted.addresses[part]


def _allowed(request: Request, actions: tuple[Action, ...]) -> Iterator[Action]:
    return (each for each in actions if not each.right or request.access.may(each.right))


def _together_item(request: Request, action: Action) -> dict[str, Any]:
    """A button for what is done with all selected rows together, on a page of its own."""
    return {
        "text": request.translate(action.label),
        "icon": action.icon,
        "url": request.url(action.endpoint, **action.arguments),
    }


def _action_item(request: Request, action: Action) -> dict[str, Any]:
    return {
        "text": request.translate(action.label),
        "url": request.url(action.endpoint, **action.arguments),
        "kind": action.kind,
        "icon": action.icon,
        "key": action.key,
        "post": action.post,
    }


def _tab_items(mounted: MountedScreen, request: Request, tabs: list[page.Tab]) -> list[dict[str, Any]]:
    address = _address(mounted, request, "")
    # The bare address opens the person's default filter, so «all» says something.
    return [
        {"text": tab.title, "url": f"{address}?{tab.query or 'q='}", "current": tab.current, "count": None, "kind": ""}
        for tab in tabs
    ]


def _new_tab(mounted: MountedScreen, request: Request, state: ListState) -> Markup:
    """The last tab: keep what is set now."""
    url = f"{_address(mounted, request, 'saved')}?{urlencode({'query': state.query()})}"
    icon = request.app.assets.icon("plus", "i-14")
    return Markup('<a href="{}" class="muted">{}{}</a>').format(url, icon, request.translate(T("Keep this filter")))


def _grouping_items(mounted: MountedScreen, request: Request, state: ListState) -> list[dict[str, Any]]:
    usable = groupings(mounted, request.access)
    if not usable:
        return []
    rest = replace(state.without_place(), closed=(), group="").query()
    address = f"{_address(mounted, request, '')}?{rest or 'q='}"
    choices = [("", T("Without groups")), *((each.name, each.label) for each in usable)]
    return [
        {
            "text": request.translate(label),
            "url": f"{address}&group={name}" if name else address,
            "current": state.group == name,
        }
        for name, label in choices
    ]


def _view_items(mounted: MountedScreen, request: Request, state: ListState) -> list[dict[str, Any]]:
    usable = [each for each in mounted.screen.views if not each.right or request.access.may(each.right)]
    if not usable:
        return []
    address = request.url(mounted.screen.endpoint())
    choices = [("", T("List"), "list"), *((each.name, each.label, each.icon) for each in usable)]
    return [
        {
            "text": request.translate(label),
            "url": f"{address}?{replace(state.without_place(), view=name).query() or 'q='}",
            "icon": icon,
            "current": state.view == name,
        }
        for name, label, icon in choices
    ]


def _strips(mounted: MountedScreen, request: Request, state: ListState, viewer: Viewer) -> list[dict[str, Any]]:
    """The panels over the table, each guarded like any contributed piece."""
    usable = [each for each in mounted.strips if not each.right or request.access.may(each.right)]
    return [_strip(mounted, request, state, viewer, each) for each in usable]


def _strip(mounted: MountedScreen, request: Request, state: ListState, viewer: Viewer, strip: Strip) -> dict[str, Any]:
    addon = strip.addon or mounted.screen.owner

    def draw() -> Markup:
        context = strip.load(viewer, query.conditions(mounted, state, viewer))
        return Markup(request.app.pages.render(request, strip.template, context))  # noqa: S704 - a rendered template

    answer = request.session.hooks.run_guarded(request.session, addon, "strip", draw)
    return {"html": answer.value, "error": answer.error, "addon": addon_title(request, addon)}


def _shown(request: Request, found: page.ListPage) -> Markup:
    """What the foot says: which rows are shown, and of how many when that is known."""
    if found.total is not None:
        text = _rows(request, found.total)
    elif found.grouping is not None:
        text = ""
    else:
        text = request.translate(T("%(first)s–%(last)s"), first=found.state.first, last=found.last)
    return Markup('<span id="list-total">{}</span>').format(text)


def _rows(request: Request, number: int) -> str:
    return request.translate.plural("%(n)s row", "%(n)s rows", number)


def _total_text(mounted: MountedScreen, request: Request, state: ListState, total: int, *, exact: bool) -> Markup:
    if not total:
        return Markup("{}").format(_rows(request, 0))
    number = request.translate.number(total) if exact else capped(request, total)
    last = min(total, state.first + mounted.screen.page_size - 1) if total <= query.CAP or exact else 0
    last = last or state.first + mounted.screen.page_size - 1
    text = request.translate(T("%(first)s–%(last)s of %(total)s"), first=state.first, last=last, total=number)
    if exact or total <= query.CAP:
        return Markup("{}").format(text)
    pairs = [*state.pairs(), ("n", str(state.first)), ("exact", "1")]
    url = f"{request.url(mounted.screen.endpoint('counts'))}?{urlencode(pairs)}"
    count = request.translate(T("count"))
    return Markup('{} <a href="{}" hx-get="{}" hx-target="#list-tabs">{}</a>').format(text, url, url, count)
