"""The addresses of a generated screen, each with its right (SEC-1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from werkzeug.wrappers import Response

from core.web.mounted import MountedScreen
from core.web.routing import Route
from core.web.views import list_actions, list_choices, lists, record_forms, records

_View = Callable[..., Response]
POST = ("POST",)


def routes(mounted: MountedScreen) -> list[Route]:
    """Everything generated for one screen; endpoints begin with the screen's word."""
    found = [*_list(mounted), *_choices(mounted), *_record(mounted)]
    screen = mounted.screen
    if "create" in screen.allow:
        found += [
            _route(mounted, "/new", "new", record_forms.show_new, "create"),
            _route(mounted, "/new", "create", record_forms.create, "create", POST),
        ]
        if any(each.made is not None for each in screen.fields()):
            aside = _route(mounted, "/new/aside/<field>", "aside", record_forms.make_first, "create", POST)
            found.append(replace(aside, aside=True))
    if "change" in screen.allow:
        found += [
            _route(mounted, "/<int:record_id>/edit", "edit", record_forms.show_edit, "change"),
            _route(mounted, "/<int:record_id>/edit", "save", record_forms.save, "change", POST),
        ]
    if "delete" in screen.allow:
        found += [
            _route(mounted, "/<int:record_id>/delete", "delete", records.ask_delete, "delete"),
            _route(mounted, "/<int:record_id>/delete", "delete_do", records.delete, "delete", POST),
        ]
    return found


def _list(mounted: MountedScreen) -> list[Route]:
    found = [
        _route(mounted, "", "", lists.show_list, "read"),
        _route(mounted, "/counts", "counts", lists.counts, "read"),
        _route(mounted, "/filters", "filters", lists.filter_panel, "read"),
        _route(mounted, "/bulk/<action>", "bulk", list_actions.run_bulk, "read", POST),
    ]
    if mounted.screen.export:
        found += [
            _route(mounted, "/export", "export", list_actions.export_list, "export", POST),
            _route(mounted, "/print", "print", list_actions.print_list, "export", POST),
        ]
    return found


def _choices(mounted: MountedScreen) -> list[Route]:
    return [
        _route(mounted, "/columns", "columns", list_choices.show_columns, "read"),
        _route(mounted, "/columns", "columns_save", list_choices.save_columns, "read", POST),
        _route(mounted, "/saved", "saved", list_choices.show_saved, "read"),
        _route(mounted, "/saved", "saved_add", list_choices.save_filter, "read", POST),
        _route(mounted, "/saved/<int:filter_id>", "saved_change", list_choices.change_filter, "read", POST),
        _route(mounted, "/saved/<int:filter_id>/delete", "saved_delete", list_choices.delete_filter, "read", POST),
    ]


def _record(mounted: MountedScreen) -> list[Route]:
    found = [
        _route(mounted, "/<int:record_id>", "card", records.show_card, "read"),
        _route(mounted, "/lookup/<field>", "lookup", record_forms.lookup, "read"),
    ]
    if mounted.screen.allow & {"create", "change"}:
        found.append(_route(mounted, "/drop-draft", "drop_draft", record_forms.drop, "read", POST))
    return found


def _route(
    mounted: MountedScreen, rule: str, part: str, view: _View, action: str, methods: tuple[str, ...] = ("GET",)
) -> Route:
    screen = mounted.screen
    bound: Callable[..., Any] = partial(view, mounted)
    return Route(
        f"{screen.path}{rule}",
        f"{screen.word}.{part}" if part else screen.word,
        bound,
        methods=methods,
        right=screen.right(action),
        menu=screen.menu,
    )
