"""``forecourt run``, ``web``, ``worker``, ``upgrade``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from core.commands.instances import config_of, instance_option, tell_addons_in_words

if TYPE_CHECKING:
    from core.config import Config

TO_DO = 3
"""How ``upgrade --check`` ends when nothing stands in the way of what is to be done; 2 is click's for a wrong line."""

F = TypeVar("F", bound=Callable[..., Any])


def _served(command: F) -> F:
    """The options of the commands that serve pages."""
    options = (
        instance_option,
        click.option("--host", default="127.0.0.1", show_default=True),
        click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535)),
        click.option("--workers", type=int, default=None, help="Worker processes."),
        click.option("--cert", type=click.Path(exists=True, path_type=Path), help="Certificate for HTTPS."),
        click.option("--key", type=click.Path(exists=True, path_type=Path), help="Its private key."),
        click.option(
            "--strict", is_flag=True, help="Stop at the first addon that fails instead of going on without it."
        ),
        click.option("--safe-mode", is_flag=True, help="Leave out all addons but the basic ones, to mend the others."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@_served
@click.option("--demo", is_flag=True, help="A demonstration dealership, made at the first start.")
@click.option("--reload", is_flag=True, help="Start anew when a source file changes, for addon developers.")
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
        safe_mode=options["safe_mode"] or None,
    )
    address = running.Address(options["host"], options["port"], options["cert"], options["key"], options["reload"])
    running.run(config, address)


@click.command()
@_served
@click.pass_context
def web(context: click.Context, /, **options: Any) -> None:
    """Serve pages only; «forecourt worker» does the jobs."""
    from core import running

    config = config_of(
        context,
        instance=options["instance"],
        workers=options["workers"],
        strict=options["strict"] or None,
        safe_mode=options["safe_mode"] or None,
    )
    address = running.Address(options["host"], options["port"], options["cert"], options["key"])
    running.web(config, address)


@click.command()
@instance_option
@click.option("--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Jobs at the same time.")
@click.pass_context
def worker(context: click.Context, instance: Path | None, threads: int) -> None:
    """Do the jobs only: reminders, sweeps, sealing, tidying."""
    from core import running

    running.worker(config_of(context, instance=instance), threads, click.echo)


@click.command()
@click.option("--backup/--no-backup", "back_up", default=True, help="Keep a copy of the database as it is.")
@click.option("--check", "only_check", is_flag=True, help="Only say what stands in the way and what is to be done.")
@click.pass_context
def upgrade(context: click.Context, back_up: bool, only_check: bool) -> None:
    """Bring the database of an instance to the present version.

    It goes addon by addon and can be run again after whatever has happened. An addon that does not go through is left
    out until it does. --check names all problems at once and writes nothing; it ends with 1 when something stands in
    the way, with 3 when nothing does and there is something to do, and with 0 when there is nothing to do.
    """
    tell_addons_in_words(context)
    if only_check:
        _tell_outlook(config_of(context))
        return
    from core import running

    if running.upgrade(config_of(context), click.echo, back_up=back_up):
        raise click.ClickException("The addons named above are left out until they are put right.")
    click.echo("The database is up to date.")


def _tell_outlook(config: Config) -> None:
    """What an upgrade would meet; how it ends says whether that is trouble, work or nothing."""
    from core.host.checks import upgrade_outlook

    outlook = upgrade_outlook(config)
    for pending in outlook.pending:
        click.echo(f"to run: {pending}")
    for problem in outlook.problems:
        click.echo(problem)
    if outlook.problems:
        raise click.exceptions.Exit(1)
    if outlook.pending:
        click.echo("Nothing stands in the way.")
        raise click.exceptions.Exit(TO_DO)
    click.echo("The database is up to date.")
