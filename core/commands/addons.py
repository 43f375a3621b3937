"""``forecourt addon`` and ``forecourt db``: which addons there are, and the tables of those who change them."""

from __future__ import annotations

import click

from core.commands.instances import config_of, existing


@click.group()
def addon() -> None:
    """Addons: which there are, switch them on and off."""


@addon.command("list")
@click.pass_context
def addon_list(context: click.Context) -> None:
    """All addons with their states, and why one does not run."""
    from core.host import instance

    for name, version, state, reason in instance.listing(existing(context)):
        click.echo(f"{name:<20} {version:<10} {state:<10} {reason}".rstrip())


@addon.command("enable")
@click.argument("names", nargs=-1, required=True)
@click.pass_context
def addon_enable(context: click.Context, names: tuple[str, ...]) -> None:
    """Switch addons on, with everything they depend on."""
    from core.host import instance

    new = instance.enable(existing(context), names)
    click.echo(f"enabled: {', '.join(new)}" if new else "already enabled")


@addon.command("disable")
@click.argument("name")
@click.pass_context
def addon_disable(context: click.Context, name: str) -> None:
    """Switch an addon off; its data stays."""
    from core.host import instance

    instance.disable(existing(context), name)
    click.echo(f"disabled: {name}; its data is kept")


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
