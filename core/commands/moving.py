"""``forecourt move``: from SQLite to PostgreSQL."""

from __future__ import annotations

import os

import click

from core.commands.instances import existing, key_holding
from core.config import FILE, PREFIX, Config, set_database, try_database


@click.command()
@click.option("--to", "target", required=True, metavar="postgresql://…", help="An empty PostgreSQL database.")
@click.option(
    "--switch",
    is_flag=True,
    help=f"Work there from now on: the new address is written into {FILE}, and the old file is refused.",
)
@click.pass_context
def move(context: click.Context, target: str, switch: bool) -> None:
    """Copy an instance from SQLite into an empty PostgreSQL database.

    Every row is compared there; unless all are the same, the database stays empty. The rows of the SQLite file stay as
    they are. Stop the servers of the instance first. The key and the stored files lie in the instance's folder and stay.
    Without --switch this is a rehearsal: the instance works with its file as before.
    """
    from core.db.address import UnreadableAddress, without_secrets
    from core.host.relocation import move as carry

    config = key_holding(existing(context))
    try:
        shown = without_secrets(target)
    except UnreadableAddress as error:
        raise click.ClickException(f"--to: {error}") from error
    by_environment = f"{PREFIX}DATABASE" in os.environ
    place = f"{PREFIX}DATABASE in the environment" if by_environment else str(config.instance / FILE)

    def take_over() -> str:
        if by_environment:
            return f"Now change {place}: {shown}. Until then nothing starts."
        set_database(config, target)
        return f"{place} names {shown} now."

    if switch and not by_environment:
        try_database(config, target)
    moved = carry(config, target, click.echo, take_over if switch else None)
    filled = sum(1 for proof in moved.proofs.values() if proof.rows)
    click.echo(
        f"moved and compared: {moved.rows} rows of {filled} tables; {len(moved.proofs) - filled} tables are empty"
    )
    for each in moved.unlike:
        click.echo(f"otherwise there: {each}")
    if not switch:
        click.echo(
            f"This was a rehearsal: the instance works with {_file(config)} as before, and what is entered there from now on"
            f" is not in {shown}.\nTo move, make that database anew (dropdb, createdb) and run this command with --switch."
        )
        return
    click.echo(f"{_file(config)} keeps its rows; remove it when you are sure. Stored files and the key stay in place.")


def _file(config: Config) -> str:
    return config.database_url.removeprefix("sqlite:///")
