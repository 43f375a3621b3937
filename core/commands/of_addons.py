"""The commands that addons bring: ``forecourt <addon> …``, for each addon that has any.

``forecourt --help`` names the addons by their manifests; the code of an addon is loaded when one of its commands is asked for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.commands.instances import DEFAULT_INSTANCE, existing, tell_addons_in_words
from core.commands.refusals import Commands

if TYPE_CHECKING:
    from core.config import Config
    from core.db.engine import Database
    from core.host.manifest import FoundAddon
    from core.host.registry import Discovery

HOOK = "commands"


class CommandsWithAddons(Commands):
    """The commands of core, and a group for each addon that brings some; core's own come first."""

    def list_commands(self, context: click.Context) -> list[str]:
        own = super().list_commands(context)
        return own + [name for name in _giving(_discovery(context)) if name not in own]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        own = super().get_command(context, name)
        if own is not None:
            return own
        discovery = _discovery(context)
        addon = _giving(discovery).get(name)
        return CommandsOfAddon(addon, discovery, name) if addon is not None else None


class CommandsOfAddon(click.Group):
    """A group of one addon, whose code is loaded by the first who looks into it.

    :param typed: the addon's name, or that of a further group of its manifest.
    """

    def __init__(self, addon: FoundAddon, discovery: Discovery, typed: str) -> None:
        title, words = addon.manifest.title_in("en"), addon.manifest.commands.get(typed, "")
        whole = words or addon.manifest.summary.get("en") or title
        super().__init__(addon.name, help=f"{whole}.", short_help=f"{words or title}.")
        self._addon, self._discovery = addon, discovery
        self._group = "" if typed == addon.name else typed
        self._loaded = False
        self._about_instance: set[str] = set()

    def list_commands(self, context: click.Context) -> list[str]:
        self._load(context)
        return super().list_commands(context)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        self._load(context)
        return super().get_command(context, name)

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        found = super().resolve_command(context, arguments)
        asks = set(context.help_option_names) & set(arguments)
        if found[0] in self._about_instance and not asks:
            _expect_enabled(context, str(self.name))
        return found

    def _load(self, context: click.Context) -> None:
        """Ask the addon for its commands.

        :raises AddonError: when it cannot be loaded, or gives something else.
        """
        if self._loaded:
            return
        from core.host import instance, registry
        from core.host.commands import Command

        tell_addons_in_words(context)
        name = str(self.name)
        host = registry.start(instance.with_needs([name], self._discovery), self._discovery)
        given = [each for addon, each in host.declared(HOOK, Command) if addon == name]
        if name not in host.running:
            raise registry.AddonError(registry.said(each for each in host.failures if each.addon == name))
        for each in given:
            if each.group and each.group not in self._addon.manifest.commands:
                problem = f"«{name}»: its manifest names no group «{each.group}» of commands"
                raise registry.AddonError(f"{problem} (the command «{each.command.name}»)")
            if each.group != self._group:
                continue
            self.add_command(each.command)
            if each.needs_instance:
                self._about_instance.add(str(each.command.name))
        self._loaded = True


def groups(context: click.Context) -> Iterator[CommandsOfAddon]:
    """The groups of all addons that bring commands; the code of each is loaded when it is looked into."""
    discovery = _discovery(context.find_root())
    return (CommandsOfAddon(addon, discovery, typed) for typed, addon in _giving(discovery).items())


@contextmanager
def instance_database(context: click.Context) -> Iterator[Database]:
    """The database of the instance that a command of an addon is about, with the addons that are enabled there.

    :raises click.ClickException: when there is no instance, or the command's addon is not enabled in it.
    """
    from core.host import instance

    addon = context.parent.command.name if context.parent is not None else None
    config = _expect_enabled(context, addon or "")
    with instance.open_database(config, instance.start_host(config)) as database:
        yield database


def _expect_enabled(context: click.Context, name: str) -> Config:
    from core.host import instance

    config = existing(context)
    if name not in instance.enabled(config):
        raise click.ClickException(
            f"«{name}» is not enabled in {config.instance}: «forecourt addon enable {name}» does that."
        )
    return config


def _discovery(context: click.Context) -> Discovery:
    """The addons that are installed, and those of the instance's private folders if its settings can be read."""
    from core.config import ConfigError, load_config
    from core.host import registry

    folder = context.params.get("instance") or Path(DEFAULT_INSTANCE)
    try:
        paths: Any = load_config(folder).addons_path
    except ConfigError:
        paths = ()
    return registry.discover([path for path in paths if path.is_dir()])


def _giving(discovery: Discovery) -> dict[str, FoundAddon]:
    """The addons that bring commands, by the name of each of their groups, none of them loaded."""
    giving = {name: addon for name, addon in sorted(discovery.found.items()) if HOOK in _answers(addon)}
    others = {name: addon for addon in giving.values() for name in addon.manifest.commands}
    return others | giving


def _answers(addon: FoundAddon) -> Iterator[str]:
    """The functions of its hooks; nothing where they cannot be read, which whoever loads it is told."""
    try:
        tree = ast.parse((addon.folder / "hooks.py").read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError):
        return iter(())
    return (each.name for each in tree.body if isinstance(each, ast.FunctionDef) and each.decorator_list)
