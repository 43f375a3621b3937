"""The commands of parking: ``forecourt parking …``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.pass_context
def zones(context: click.Context) -> None:
    """Tell of which instance the zones would be told."""
    folder: Path | None = context.obj
    click.echo(f"zones of {folder or 'var'}")


@click.command()
@click.argument("hours", type=click.IntRange(min=1))
def tariff(hours: int) -> None:
    """Tell what some HOURS of parking cost, in roubles."""
    click.echo(f"{hours * 100} RUB")
