"""``forecourt check`` and ``docs``: what is wrong with an instance, and the documents that are written from the code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from core.commands.instances import config_of, tell_addons_in_words

F = TypeVar("F", bound=Callable[..., Any])


@click.command()
@click.option("--deploy", is_flag=True, help="Also what keeps it from being safe in the open.")
@click.pass_context
def check(context: click.Context, deploy: bool) -> None:
    """Name everything that is wrong with an instance, at once.

    Looked at are settings, addons, hooks, rights, pages, jobs, tables and translations. Nothing is written.
    """
    from core.host import checks, deployment

    tell_addons_in_words(context)
    config = config_of(context)
    problems = checks.check(config)
    if deploy:
        problems += [f"{finding.what} → {finding.remedy}" for finding in deployment.check_deployment(config)]
    for problem in problems:
        click.echo(problem)
    if problems:
        raise click.exceptions.Exit(1)
    click.echo("Nothing is wrong.")


@click.group()
def docs() -> None:
    """Documents that are written from the code."""


_only_check = click.option("--check", "only_check", is_flag=True, help="Compare instead of writing.")


def _output(name: str) -> Callable[[F], F]:
    """The option that says into which file a document is written."""
    kind: click.Path = click.Path(dir_okay=False, path_type=Path)
    return click.option("--output", type=kind, default=Path("docs") / name, show_default=True)


@docs.command("hooks")
@_output("hooks.md")
@_only_check
def docs_hooks(output: Path, only_check: bool) -> None:
    """Write the list of all hooks of core and of the bundled addons."""
    from core.host.hook_docs import hooks_document

    _write(output, hooks_document(), only_check, "hooks")


@docs.command("slots")
@_output("slots.md")
@_only_check
def docs_slots(output: Path, only_check: bool) -> None:
    """Write the list of the places where addons may add something."""
    from core.host.slot_docs import slots_document

    _write(output, slots_document(), only_check, "slots")


@docs.command("surface")
@_output("surface.md")
@_only_check
def docs_surface(output: Path, only_check: bool) -> None:
    """Write the list of what addons may import from core and draw with."""
    from core.host.surface_docs import surface_document

    _write(output, surface_document(), only_check, "surface")


def _write(output: Path, text: str, only_check: bool, name: str) -> None:
    if only_check:
        if not output.exists() or output.read_text(encoding="utf-8") != text:
            raise click.ClickException(f"{output} is not up to date: run «forecourt docs {name}»")
        click.echo(f"{output} is up to date")
        return
    if not output.parent.is_dir():
        raise click.ClickException(f"There is no folder {output.parent}.")
    output.write_text(text, encoding="utf-8")
    click.echo(f"written: {output}")
