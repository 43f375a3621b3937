"""The ``forecourt`` command."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from core import __version__
from core.config import Config, ConfigError, load_config

DEFAULT_INSTANCE = "var"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="forecourt")
@click.option("--instance", "-i", type=click.Path(path_type=Path), default=None, help="Folder of the instance (var).")
@click.pass_context
def main(context: click.Context, instance: Path | None) -> None:
    """Forecourt: an add-on platform for car dealerships."""
    context.obj = instance


def config_of(context: click.Context, **given: Any) -> Config:
    """The instance's settings, or a list of what is wrong with them."""
    folder = given.pop("instance", None) or context.obj or Path(DEFAULT_INSTANCE)
    try:
        return load_config(folder, **given)
    except ConfigError as error:
        raise click.ClickException("\n".join(["These settings cannot be used:", *error.problems])) from error


@main.command()
@click.option("--instance", "-i", type=click.Path(path_type=Path), default=None, help="Folder of the instance (var).")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", type=int, default=None, help="Worker processes.")
@click.option("--demo", is_flag=True, help="A demonstration dealership, made at the first start.")
@click.option("--reload", is_flag=True, help="Start anew when a source file changes, for addon developers.")
@click.option("--cert", type=click.Path(exists=True, path_type=Path), help="Certificate for HTTPS.")
@click.option("--key", type=click.Path(exists=True, path_type=Path), help="Its private key.")
@click.option("--strict", is_flag=True, help="Stop at the first addon that fails instead of going on without it.")
@click.pass_context
def run(context: click.Context, /, **options: Any) -> None:
    """Serve an instance; everything it needs is made or upgraded first."""
    from core import running

    config = config_of(
        context,
        instance=options["instance"],
        workers=options["workers"],
        demo=options["demo"] or None,
        strict=options["strict"] or None,
    )
    running.run(
        config,
        host=options["host"],
        port=options["port"],
        reload=options["reload"],
        cert=options["cert"],
        key=options["key"],
        say=click.echo,
    )


@main.command()
@click.pass_context
def upgrade(context: click.Context) -> None:
    """Bring the database of an instance to the present version."""
    from core.host import instance

    report = instance.upgrade(config_of(context))
    for revision in report.revisions:
        click.echo(f"applied {revision}")
    for kept in report.kept:
        click.echo(f"kept yours: {kept}")
    click.echo("The database is up to date.")


@main.group()
def addon() -> None:
    """Addons: which there are, switch them on and off."""


@addon.command("list")
@click.pass_context
def addon_list(context: click.Context) -> None:
    """All addons with their states, and why one does not run."""
    from core.host import instance

    for name, version, state, reason in instance.listing(config_of(context)):
        click.echo(f"{name:<20} {version:<10} {state:<10} {reason}".rstrip())


@addon.command("enable")
@click.argument("names", nargs=-1, required=True)
@click.pass_context
def addon_enable(context: click.Context, names: tuple[str, ...]) -> None:
    """Switch addons on, with everything they depend on."""
    from core.host import instance
    from core.host.registry import AddonError

    try:
        new = instance.enable(config_of(context), names)
    except AddonError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"enabled: {', '.join(new)}" if new else "already enabled")


@addon.command("disable")
@click.argument("name")
@click.pass_context
def addon_disable(context: click.Context, name: str) -> None:
    """Switch an addon off; its data stays."""
    from core.host import instance
    from core.host.registry import AddonError

    try:
        instance.disable(config_of(context), name)
    except AddonError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"disabled: {name}; its data is kept")


@main.group()
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


if __name__ == "__main__":
    sys.exit(main())
