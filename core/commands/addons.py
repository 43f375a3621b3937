"""``forecourt addon`` and ``forecourt db``: which addons there are, and the tables of those who change them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.commands.instances import config_of, existing, tell_addons_in_words
from core.host.things import THINGS

if TYPE_CHECKING:
    from core.host.uninstalling import Preview


@click.group()
@click.pass_context
def addon(context: click.Context) -> None:
    """Addons: which there are, switch them on and off."""
    tell_addons_in_words(context)


@addon.command("list")
@click.pass_context
def addon_list(context: click.Context) -> None:
    """All addons with their states, and why one does not run."""
    from core.host import checks, instance

    config = existing(context)
    for name, version, state, reason in instance.listing(config, checks.left_out(config)):
        click.echo(f"{name:<20} {version:<10} {state:<10} {reason}".rstrip())


@addon.command("enable")
@click.argument("names", nargs=-1, required=True)
@click.pass_context
def addon_enable(context: click.Context, names: tuple[str, ...]) -> None:
    """Switch addons on, with everything they depend on."""
    from core.host import instance, registry
    from core.host.one_at_a_time import Patience

    config = existing(context)
    new = instance.enable(config, names, Patience(click.echo))
    click.echo(f"enabled: {', '.join(new)}" if new else "already enabled")
    found = registry.discover(config.addons_path).found
    for name in new:
        if registry.is_editable(found[name]):
            click.echo(
                f"{name} is installed as editable: stop and start the servers and workers that ran before it was."
            )


@addon.command("disable")
@click.argument("name")
@click.pass_context
def addon_disable(context: click.Context, name: str) -> None:
    """Switch an addon off; its data stays."""
    from core.host import instance, uninstalling
    from core.host.one_at_a_time import Patience

    config = existing(context)
    instance.disable(config, name, Patience(click.echo))
    click.echo(f"disabled: {name}; its data is kept")
    for line in _held(uninstalling.preview(config, name)):
        click.echo(line)


@addon.command("uninstall")
@click.argument("name")
@click.option("--preview", "only_look", is_flag=True, help="Only tell what would go.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Folder for the archive (that of the backups).",
)
@click.pass_context
def addon_uninstall(context: click.Context, name: str, only_look: bool, yes: bool, folder: Path | None) -> None:
    """Remove an addon with its data.

    What goes is told first and kept in a dated archive, from which «forecourt addon restore» brings it back.
    Works also when the addon's code is gone.
    """
    from core.host import uninstalling
    from core.host.one_at_a_time import Patience

    config = existing(context)
    found = uninstalling.preview(config, name)
    for line in _previewed(found):
        click.echo(line)
    if only_look:
        if not found.possible:
            click.echo(_hindrance(found))
        return
    if not found.possible:
        raise click.ClickException(_hindrance(found))
    if not yes and click.prompt(f"Type «{name}» to remove it") != name:
        raise click.ClickException("That is another name; nothing was changed.")
    done = uninstalling.uninstall(config, name, folder, Patience(click.echo))
    click.echo(f"uninstalled: {name}; the archive is {done.archive}")


@addon.command("restore")
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def addon_restore(context: click.Context, archive: Path) -> None:
    """Bring an uninstalled addon back from its archive.

    Its code has to be installed. What refers to rows that are gone by now is emptied or left out, and told.
    """
    from core.host import restoring
    from core.host.one_at_a_time import Patience

    done = restoring.restore(existing(context), archive, Patience(click.echo))
    click.echo(f"restored and enabled: {done.addon}; {sum(done.rows.values())} rows")
    for table, rows in sorted(done.left_out.items()):
        click.echo(f"left out of {table}: {rows} rows that are there already, or refer to what is gone")
    for role, right in done.rights:
        click.echo(f"left out of the role {role}: {right}, a right of others that it had been given here; give it anew")


@addon.command("new")
@click.argument("name")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Where to write it (./NAME).")
@click.option("--title", default="", help="What people call it in English.")
@click.option("--title-ru", default="", help="What people call it in Russian.")
def addon_new(name: str, folder: Path | None, title: str, title_ru: str) -> None:
    """Write a small addon that works, to begin with.

    It is a repository of its own: a model with its list, form, search and API, tests and their CI.
    """
    from core.host.new_addon import write_addon

    folder = folder or Path(name)
    for path in write_addon(name, folder, title, title_ru):
        click.echo(f"written: {folder / path}")
    click.echo(
        f"Next: cd {folder}, and what its README.md says: Forecourt's wheel, pip install --editable '.[test]', pytest"
    )


# --- telling what an addon holds -------------------------------------------------------------------


def _held(found: Preview) -> list[str]:
    """What an addon that is off still holds, and what may happen to it."""
    lines = [f"It still holds {found.rows} rows in {len(found.tables)} tables, and {found.files} files:"]
    lines += [f"  {each.name}: {each.rows} rows" for each in found.tables if each.rows]
    lines += [
        f"Rows of {link.table} go when the rows of {link.referred} that they belong to are deleted, also while it is off."
        for link in found.cascading
    ]
    return [*lines, f"«forecourt addon uninstall {found.addon}» exports all that and removes it."]


def _previewed(found: Preview) -> list[str]:
    """What an uninstall takes, line by line."""
    title = found.titles.get("en") or found.addon
    code = "its code is installed" if found.has_code else "its code is gone"
    return [
        f"{title} ({found.addon} {found.version}), {found.state}; {code}",
        "This goes, into an archive:",
        *(f"  table {each.name}: {each.rows} rows, {len(each.columns)} columns" for each in found.tables),
        *(f"  {what}: {rows}" for what, rows in _things(found.rows_of_core)),
        *(f"  role «{each.titles.get('en') or each.code}», people who have it: {each.people}" for each in found.roles),
        *_named("setting", found.contents.settings),
        *_named("right", found.contents.rights),
        *_named("menu item", found.contents.menu),
        f"  files: {found.files}, {found.bytes} bytes",
        *(
            f"Documents: {each.rows} in {each.table}; their rows in {each.head} stay, as names in the history"
            for each in found.documents
        ),
        *(f"{each.table}.{each.column} refers to {each.referred}: {each.rows} rows" for each in found.references),
    ]


def _things(rows_of_core: Mapping[str, int]) -> list[tuple[str, int]]:
    """What goes of core's tables, by the names that people know; what has none is the program's own bookkeeping."""
    known = [(str(THINGS[table]), rows) for table, rows in rows_of_core.items() if table in THINGS]
    rest = sum(rows for table, rows in rows_of_core.items() if table not in THINGS)
    return [*known, *([("Entries of the program's own bookkeeping", rest)] if rest else [])]


def _named(what: str, titles: dict[str, dict[str, str]]) -> list[str]:
    return [f"  {what} {name}: {words.get('en') or name}" for name, words in titles.items()]


def _hindrance(found: Preview) -> str:
    if found.state == "enabled":
        return f"«{found.addon}» is enabled: disable it first, «forecourt addon disable {found.addon}»."
    return f"Others refer to it: uninstall {', '.join(f'«{each}»' for each in found.holders)} first."


@click.group()
def db() -> None:
    """The database: for those who change the tables."""


@db.command("revision")
@click.argument("addon")
@click.argument("message")
@click.pass_context
def db_revision(context: click.Context, addon: str, message: str) -> None:
    """Write the next migration of core or of an addon from its models."""
    from core.host import developing

    click.echo(developing.write_revision(config_of(context), addon, message))
