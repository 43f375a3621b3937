"""``forecourt run``, ``web``, ``worker``, ``upgrade``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from core.commands.instances import config_of, instance_option

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
        context, instance=options["instance"], workers=options["workers"], strict=options["strict"] or None
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
@click.pass_context
def upgrade(context: click.Context, back_up: bool) -> None:
    """Bring the database of an instance to the present version."""
    from core import running

    running.upgrade(config_of(context), click.echo, back_up=back_up)
    click.echo("The database is up to date.")
