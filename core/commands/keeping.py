"""``forecourt backup``, ``restore``, ``audit``, ``job``: keeping an instance and looking after it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.commands.instances import config_of, existing, key_holding, reading, working
from core.config import Config

if TYPE_CHECKING:
    from sqlalchemy import Engine


class _BackupGroup(click.Group):
    """``backup`` and ``backup TARGET`` make one; ``backup verify`` and the like stay sub-commands."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(context, args or ["create"])

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            args = ["create", *args]
        return super().resolve_command(context, args)


@click.group(cls=_BackupGroup, subcommand_metavar="[TARGET | COMMAND [ARGS]...]")
def backup() -> None:
    """Write the database and the stored files into one archive.

    Work goes on meanwhile. TARGET is a new file, or a folder that gets a file named by the date; without it, the folder is
    the backup_dir of the settings.
    """


@backup.command("create", hidden=True)
@click.argument("target", type=click.Path(path_type=Path), required=False)
@click.pass_context
def backup_create(context: click.Context, target: Path | None) -> None:
    """Make a backup."""
    from core.clock import utcnow
    from core.db.backup import backup as make

    config = existing(context)
    target = target or _usual_folder(config)
    if target.is_dir():
        target = target / f"forecourt-{utcnow():%Y%m%d-%H%M%S}.zip"
    if not target.parent.is_dir():
        raise click.ClickException(f"There is no folder {target.parent}.")
    report = make(config.database_url, config.files_dir, target, versions=_versions(config))
    click.echo(f"{report.archive}: {report.rows} rows, {report.files} files, {report.size} bytes")


def _usual_folder(config: Config) -> Path:
    """Where backups go; a folder of the settings is not made here, for a disk that is not mounted would be hidden by it."""
    if config.backup_dir is None:
        config.backups.mkdir(exist_ok=True)
    elif not config.backup_dir.is_dir():
        raise click.ClickException(f"The folder for backups, {config.backup_dir}, is not there: make it, or mount it.")
    return config.backups


@backup.command("verify")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def backup_verify(context: click.Context, source: Path) -> None:
    """Prove an archive by restoring it aside.

    Sums, counts of all tables and the audit chain are compared. The instance is not touched.
    """
    from core.db.backup import verify

    config = config_of(context)
    _report(verify(source, config.database_url, checks=[_chain_check(config)]), f"{source} can be restored.")


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Overwrite a database that has tables and a folder that has files.")
@click.pass_context
def restore(context: click.Context, source: Path, replace: bool) -> None:
    """Put an archive back into an empty or stopped instance."""
    from core.db import backup as backups
    from core.host.checks import histories
    from core.host.one_at_a_time import Patience, one_at_a_time
    from core.jobs.leader import open_leader
    from core.jobs.worker import LEADER

    config = config_of(context)
    config.instance.mkdir(parents=True, exist_ok=True)
    leader = open_leader(config.database_url, config.instance, LEADER)
    try:
        if not leader.held():
            raise click.ClickException("This instance is running: stop it first.")
        with one_at_a_time(config, "restore", Patience(click.echo)):
            report = backups.restore(
                source, config.database_url, config.files_dir, histories=histories(config), replace=replace
            )
    finally:
        leader.release()
    click.echo(f"restored: {report.rows} rows, {report.files} files")


@click.group()
def audit() -> None:
    """The audit trail: who did what, sealed against later changes."""


@audit.command("verify")
@click.option(
    "--heads", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="File with copies of the seals."
)
@click.pass_context
def audit_verify(context: click.Context, heads: Path | None) -> None:
    """Look for entries that were tampered with.

    Found is what was changed, removed, swapped or added since it was sealed.
    """
    from core.db.audit_chain import verify
    from core.db.audit_heads import read_heads
    from core.jobs.core_jobs import audit_key, earlier_audit_keys

    config = existing(context)
    path = heads or config.audit_heads
    kept = read_heads(path) if path else []
    with reading(config, "audit verify") as session:
        problems = verify(session, audit_key(key_holding(config).secret()), kept, earlier=earlier_audit_keys(config))
    _report(problems, "The audit trail is whole.")


@click.group()
def job() -> None:
    """Background jobs: how they go, and running one again."""


@job.command("list")
@click.pass_context
def job_list(context: click.Context) -> None:
    """All jobs: when they ran, how it went, when they run next."""
    from sqlalchemy import select

    from core.jobs.models import JobRun

    with reading(existing(context), "job list") as session:
        for row in session.scalars(select(JobRun).order_by(JobRun.name)):
            last = f"{row.ended_at:%Y-%m-%d %H:%M:%S}" if row.ended_at else "never"
            coming = "parked" if row.parked_at else f"{row.next_at:%Y-%m-%d %H:%M:%S}"
            click.echo(f"{row.name:<30} {last:<20} {row.outcome or '-':<8} {coming:<20} {row.error}".rstrip())


@job.command("retry")
@click.argument("name")
@click.pass_context
def job_retry(context: click.Context, name: str) -> None:
    """Have a job run as soon as possible, also a parked one."""
    from sqlalchemy import select

    from core.jobs.models import JobRun
    from core.jobs.runs import run_again

    with working(existing(context), "job retry") as session:
        number = session.scalar(select(JobRun.id).where(JobRun.name == name))
        if number is None:
            raise click.ClickException(f"There is no job «{name}»: «forecourt job list» shows them all.")
        run_again(session, number)
    click.echo(f"{name} runs again")


def _versions(config: Config) -> dict[str, str]:
    from core import __version__
    from core.host import instance

    states = instance.listing(config)
    return {"core": __version__, **{name: version for name, version, state, _ in states if state != "available"}}


def _chain_check(config: Config) -> Callable[[Engine], list[str]]:
    """What :func:`core.db.backup.verify` asks of a restored database."""
    from core.db.audit_chain import verify
    from core.jobs.core_jobs import audit_key, earlier_audit_keys

    key, earlier = audit_key(key_holding(config).secret()), earlier_audit_keys(config)

    def check(engine: Engine) -> list[str]:
        from core.access.policy import system
        from core.db.engine import Database
        from core.host.plugins import Hooks

        database = Database(engine.url, Hooks(), pool_size=1)
        try:
            with database.reading(system("backup verify")) as session:
                return verify(session, key, earlier=earlier)
        finally:
            database.dispose()

    return check


def _report(problems: list[str], well: str) -> None:
    """Tell all problems, and end with 1 when there are any."""
    for problem in problems:
        click.echo(problem)
    if problems:
        raise click.exceptions.Exit(1)
    click.echo(well)
