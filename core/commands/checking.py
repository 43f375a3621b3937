"""``forecourt check`` and ``docs``: what is wrong with an instance, and what hooks there are."""

from __future__ import annotations

from pathlib import Path

import click

from core.commands.instances import config_of


@click.command()
@click.option("--deploy", is_flag=True, help="Also what keeps it from being safe in the open.")
@click.pass_context
def check(context: click.Context, deploy: bool) -> None:
    """Name everything that is wrong with an instance, at once.

    Looked at are settings, addons, hooks, rights, pages, jobs, tables and translations. Nothing is written.
    """
    from core.host import checks, deployment

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


@docs.command("hooks")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), default=Path("docs/hooks.md"))
@click.option("--check", "only_check", is_flag=True, help="Compare instead of writing.")
def docs_hooks(output: Path, only_check: bool) -> None:
    """Write the list of all hooks of core and of the bundled addons."""
    from core.host.hook_docs import hooks_document

    text = hooks_document()
    if only_check:
        if not output.exists() or output.read_text(encoding="utf-8") != text:
            raise click.ClickException(f"{output} is not up to date: run «forecourt docs hooks»")
        click.echo(f"{output} is up to date")
        return
    if not output.parent.is_dir():
        raise click.ClickException(f"There is no folder {output.parent}.")
    output.write_text(text, encoding="utf-8")
    click.echo(f"written: {output}")
