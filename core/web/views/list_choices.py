"""What a person keeps of a generated list: his columns, and filters under names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from werkzeug.wrappers import Response

from core.errors import Invalid
from core.web.http import Request, redirect
from core.web.i18n import T
from core.web.listing import export, page, saved
from core.web.listing.state import ListState, parse, parse_query, usable_columns
from core.web.listing.viewer import Viewer
from core.web.mounted import MountedScreen
from core.web.views.lists import list_page, list_urls


def show_columns(mounted: MountedScreen, request: Request) -> Response:
    """Where a person chooses his columns: a dialog over the list, or a page of its own."""
    state = parse(mounted, request.args, request.access)
    viewer = Viewer(request.session, request.translate)
    shown = page.shown_columns(mounted, state, viewer, saved.kept(request.session, mounted.key))
    rest = [column for column in usable_columns(mounted, request.access) if column not in shown]
    columns = [
        {"name": column.name, "label": request.translate(column.label or column.title), "shown": column in shown}
        for column in [*shown, *rest]
    ]
    return request.render(
        "screens/columns_dialog.html" if request.fragment else "screens/columns.html",
        page=list_page(mounted, request, T("Columns"), below=True),
        urls=list_urls(mounted, request, state),
        query=state.query(),
        columns=columns,
    )


def save_columns(mounted: MountedScreen, request: Request) -> Response:
    """Remember the chosen columns, in the order they were sent in; without scripts by their numbers."""
    state = parse_query(mounted, request.form.get("query", ""), request.access)
    known = [column.name for column in usable_columns(mounted, request.access)]
    chosen = [name for name in request.form.getlist("column") if name in known]
    if request.form.get("reset") or not chosen:
        chosen = [column.name for column in usable_columns(mounted, request.access) if column.shown]
    else:
        chosen.sort(key=lambda name: request.form.get(f"place.{name}", type=int) or 0)
    saved.save_columns(request.session, mounted.key, chosen)
    return redirect(f"{request.url(mounted.screen.endpoint())}?{replace(state, columns=None).query()}")


def show_saved(mounted: MountedScreen, request: Request) -> Response:
    """The page of kept filters."""
    return _saved_page(mounted, request, request.args.get("query", ""))


def save_filter(mounted: MountedScreen, request: Request) -> Response:
    """Keep the filter a list was opened with, under a name."""
    text, name = request.form.get("query", ""), request.form.get("name", "")
    state = parse_query(mounted, text, request.access)
    try:
        saved.save_filter(request.session, mounted.key, name, state.query(), shared=request.form.get("shared") == "1")
    except Invalid as refusal:
        return _saved_page(mounted, request, state.query(), typed=name, errors=refusal.errors)
    return redirect(f"{request.url(mounted.screen.endpoint())}?{state.query()}")


def change_filter(mounted: MountedScreen, request: Request, filter_id: int) -> Response:
    """Rename, share or prefer a kept filter."""
    saved.change_filter(
        request.session,
        mounted.key,
        filter_id,
        name=request.form.get("name", ""),
        shared=request.form.get("shared") == "1",
        default=request.form.get("default") == "1",
    )
    return redirect(request.url(mounted.screen.endpoint("saved")))


def delete_filter(mounted: MountedScreen, request: Request, filter_id: int) -> Response:
    """Forget a kept filter."""
    saved.delete_filter(request.session, mounted.key, filter_id)
    return redirect(request.url(mounted.screen.endpoint("saved")))


def _kept_words(mounted: MountedScreen, request: Request, state: ListState) -> list[str]:
    """What a list shows with this state, as it is said in an export: its filters, its search, its groups."""
    words = export.filters_in_words(mounted, state, Viewer(request.session, request.translate))
    grouping = next((each for each in mounted.groupings if each.name == state.group), None)
    if grouping is not None:
        words.append(request.translate(T("Groups: %(name)s"), name=request.translate(grouping.label)))
    return words


def _saved_page(
    mounted: MountedScreen,
    request: Request,
    text: str,
    *,
    typed: str = "",
    errors: Mapping[str, list[str]] | None = None,
) -> Response:
    state = parse_query(mounted, text, request.access)
    endpoint = mounted.screen.endpoint
    filters = [
        {
            "id": each.id,
            "name": each.name,
            "query": each.query,
            "mine": each.mine,
            "shared": each.shared,
            "is_default": each.is_default,
            "change_url": request.url(endpoint("saved_change"), filter_id=each.id),
            "delete_url": request.url(endpoint("saved_delete"), filter_id=each.id),
        }
        for each in saved.kept(request.session, mounted.key).filters
    ]
    return request.render(
        "screens/saved.html",
        422 if errors else 200,
        page=list_page(mounted, request, T("Saved filters"), below=True),
        urls=list_urls(mounted, request, state),
        query=state.query(),
        words=_kept_words(mounted, request, state),
        filters=filters,
        typed=typed,
        errors={name: [request.translate(text) for text in texts] for name, texts in (errors or {}).items()},
        may_share=request.access.may(saved.SHARE),
    )
