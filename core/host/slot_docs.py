"""``docs/slots.md``: the places on screens where addons may add something, from the declarations themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

from core.host import registry
from core.host.hook_docs import specs_of
from core.host.registry import Host
from core.web.mounted import MountedScreen, mount
from core.web.screen_set import screens_of_addons

_HEAD = """# Slots

Written by `forecourt docs slots` from the screens; do not edit.

A slot is a place on somebody's screen where other addons add something. Nothing of the owner's is replaced or taken
away, and a slot keeps its name until the owner's next major version. The name of a screen is the argument
(`screen_key`) of the hooks that fill its slots; [hooks.md](hooks.md) describes them:

| slot | hook | where it is |
| --- | --- | --- |
| columns | `list_columns` | in the list, by their `order` among the owner's, whose places stand below |
| filters | `list_filters` | in the filter panel of the list, after the owner's |
| groups | `list_groupings` | among the ways to group the list, after the owner's |
| sections | `form_sections` | in the form, below the owner's sections; a section's name is its slot name there |
| panels | `card_panels` | on the card: `place` is `before` (over the fields), `main` (below them) or `side` |
| actions | `card_actions` | in the head of the card, by `order`, after the owner's |
"""
_OWN = """## Slots of addons

Places on the pages that an addon draws itself, filled by hooks of its own.

| slot | hook | what it holds |
| --- | --- | --- |"""
_SLOT = re.compile(r"\(slot ``([a-z.]+)``\)")


def slots_document() -> str:
    """The text of ``docs/slots.md`` for the bundled addons."""
    host = _bundled()
    screens = sorted((mount(screen) for _, screen in screens_of_addons(host)), key=lambda each: each.key)
    parts = [_HEAD, "## Screens\n", *(_screen(each) for each in screens), _OWN, *_own_slots(host), ""]
    return "\n".join(parts)


def _bundled() -> Host:
    discovery = registry.discover()
    names = [name for name, addon in discovery.found.items() if addon.package.startswith("addons.")]
    return registry.start(names, discovery, strict=True)


def _screen(mounted: MountedScreen) -> str:
    screen = mounted.screen
    lines = [
        f"### `{mounted.key}`\n",
        f"{screen.title} (`{screen.path}`), records of `{screen.model.__tablename__}`.\n",
    ]
    lines.append(f"* columns: {_named((each.name, each.order) for each in mounted.columns)}")
    if mounted.filters:
        lines.append(f"* filters: {_named((each.name, each.order) for each in mounted.filters)}")
    if mounted.groupings:
        lines.append(f"* groups: {', '.join(f'`{each.name}`' for each in mounted.groupings)}")
    if screen.sections and screen.allow & {"create", "change"}:
        lines.append("* sections, in the form")
    where = ", where a record has no page of its own" if screen.shown_at is not None else ""
    lines.append(f"* panels and actions, on the card{where}\n")
    return "\n".join(lines)


def _named(places: Any) -> str:
    return ", ".join(f"`{name}` {order}" for name, order in places)


def _own_slots(host: Host) -> Iterator[str]:
    for addon in host.running:
        module = host.module(addon, "hookspecs")
        for spec in specs_of(module) if module is not None else ():
            said = inspect.cleandoc(spec.__doc__ or "").split("\n\n")[0].replace("\n", " ")
            for slot in _SLOT.findall(said):
                yield f"| `{slot}` | `{spec.__name__}` | {_SLOT.sub('', said).replace(' .', '.').strip()} |"
