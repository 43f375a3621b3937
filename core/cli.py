"""The ``forecourt`` command."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from core import __version__
from core.commands import addons, checking, demonstrating, keeping, moving, people, secrets, serving
from core.commands.of_addons import CommandsWithAddons


@click.group(cls=CommandsWithAddons, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="forecourt")
@click.option(
    "--instance",
    "-i",
    type=click.Path(path_type=Path),
    default=None,
    is_eager=True,  # --help tells the commands of its private addons, too
    help="Folder of the instance (var).",
)
@click.pass_context
def main(context: click.Context, instance: Path | None) -> None:
    """Forecourt: an add-on platform for car dealerships."""
    from core import logs

    context.obj = instance
    logs.setup()


for _command in (
    serving.run,
    serving.web,
    serving.worker,
    serving.upgrade,
    demonstrating.demo,
    checking.check,
    checking.docs,
    people.user,
    addons.addon,
    addons.db,
    keeping.backup,
    keeping.restore,
    moving.move,
    keeping.audit,
    keeping.job,
    secrets.secret,
):
    main.add_command(_command)


if __name__ == "__main__":
    sys.exit(main())
