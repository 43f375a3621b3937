"""All screens of one application object, gathered from the addons and checked before the first request."""

from __future__ import annotations

import traceback
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

from core.host.misfits import NO_SUCH_KIND
from core.host.plugins import Hooks
from core.host.registry import RAISED, Host, named
from core.text.msgids import T
from core.web.mounted import MountedScreen, mount
from core.web.routing import Route
from core.web.screen_checks import check_mounted
from core.web.screens import Column, Filter, FormSection, Grouping, Screen, Strip
from core.web.views.screens import routes


class ScreenSet:
    """The screens in use, by key."""

    def __init__(self, mounted: Iterable[MountedScreen]) -> None:
        self._by_key = {each.key: each for each in mounted}

    def __iter__(self) -> Iterator[MountedScreen]:
        return iter(self._by_key.values())

    def __getitem__(self, key: str) -> MountedScreen:
        return self._by_key[key]

    def __contains__(self, key: object) -> bool:
        return key in self._by_key

    def of_table(self, table: str) -> list[MountedScreen]:
        """The screens of a table's records, in the order of their declaration."""
        return [each for each in self if each.screen.model.__tablename__ == table]

    def routes(self) -> Iterator[tuple[str, Route]]:
        """The generated addresses with the addon each belongs to."""
        for mounted in self:
            for route in routes(mounted):
                yield mounted.screen.owner, route


def gather(host: Host, rights: Collection[str], own: Iterable[Screen] = ()) -> ScreenSet:
    """The screens of core and of the running addons with what other addons add to them.

    An addon with a wrong declaration fails with all its mistakes named, and is left out with its dependants;
    the rest is gathered anew without it.

    :raises ValueError: for mistakes in core's own screens.
    """
    while True:
        culprit = ""
        try:
            declared = list(_declared(host, own))
            mounted = [_mounted(host, screen) for screen in declared]
        except _Failed as failure:
            host.fail(failure.addon, failure.message, failure.details, **failure.values)
            continue
        for each in mounted:
            problems = check_mounted(each, rights)
            if problems:
                culprit = _culprit(each, rights)
                if culprit == "core":
                    raise ValueError("; ".join(problems))
                host.fail(culprit, T("It declares its screens wrongly: %(problems)s"), problems="; ".join(problems))
                break
        if not culprit:
            return ScreenSet(mounted)


class _Failed(Exception):
    """An addon's hook that raised or gave something wrong."""

    def __init__(self, addon: str, message: str, details: str = "", /, **values: str) -> None:
        super().__init__(message % values)
        self.addon, self.message, self.details, self.values = addon, message, details, values


def screens_of_addons(host: Host) -> list[tuple[str, Screen]]:
    """What the running addons declare, unchecked."""
    return _given(host.hooks, "screens", Screen, hooks=host.hooks)


def _declared(host: Host, own: Iterable[Screen]) -> Iterator[Screen]:
    taken: dict[str, str] = {}
    for addon, screen in [*(("core", each) for each in own), *screens_of_addons(host)]:
        if screen.owner != addon:
            raise _Failed(
                addon, T("Its screen %(screen)s does not begin with the addon's name."), screen=repr(screen.key)
            )
        if screen.key in taken:
            raise _Failed(addon, T("Its screen %(screen)s is declared twice."), screen=repr(screen.key))
        taken[screen.key] = addon
        yield screen


def _mounted(host: Host, screen: Screen) -> MountedScreen:
    hooks = host.hooks
    columns = [replace(each, addon=name) for name, each in _given(hooks, "list_columns", Column, screen_key=screen.key)]
    for column in columns:
        if column.fetch is None:
            message = T("Its column %(column)s in the list %(screen)s needs fetch, as it is another addon's list.")
            raise _Failed(column.addon, message, column=column.name, screen=screen.key)
    filters = [replace(each, addon=name) for name, each in _given(hooks, "list_filters", Filter, screen_key=screen.key)]
    sections = [
        replace(each, addon=name) for name, each in _given(hooks, "form_sections", FormSection, screen_key=screen.key)
    ]
    groupings = [
        replace(each, addon=name) for name, each in _given(hooks, "list_groupings", Grouping, screen_key=screen.key)
    ]
    strips = [replace(each, addon=name) for name, each in _given(hooks, "list_strips", Strip, screen_key=screen.key)]
    return mount(screen, columns, filters, sections, groupings, strips)


def _given(known: Hooks, hook: str, kind: type[Any], /, **arguments: Any) -> list[tuple[str, Any]]:
    """What the addons give to a hook, each item of the kind the hook wants."""
    found: list[tuple[str, Any]] = []
    for addon, _ in known.implementations(hook):
        try:
            items: Any = known.asked_of(addon, hook, **arguments) or ()
        except (Exception, SystemExit) as error:
            raise _Failed(addon, RAISED, traceback.format_exc(), hook=hook, error=named(error)) from error
        for item in items:
            if not isinstance(item, kind):
                raise _Failed(addon, NO_SUCH_KIND, hook=hook, item=repr(item), kind=kind.__name__)
            found.append((addon, item))
    return found


def _culprit(mounted: MountedScreen, rights: Collection[str]) -> str:
    """Whose mistake it is: the owner's if his declaration is wrong by itself, else the addon's that makes it so."""
    owner = mounted.screen.owner
    if check_mounted(mount(mounted.screen), rights):
        return owner
    added: list[Any] = [*mounted.columns, *mounted.filters, *mounted.form_sections, *mounted.groupings, *mounted.strips]
    for addon in dict.fromkeys(each.addon for each in added if each.addon):
        alone = mount(
            mounted.screen,
            [each for each in mounted.columns if each.addon == addon],
            [each for each in mounted.filters if each.addon == addon],
            [each for each in mounted.form_sections if each.addon == addon],
            [each for each in mounted.groupings if each.addon == addon],
            [each for each in mounted.strips if each.addon == addon],
        )
        if check_mounted(alone, rights):
            return str(addon)
    last: str = next((each.addon for each in reversed(added) if each.addon), owner)
    return last
