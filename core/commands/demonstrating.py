"""``forecourt demo --<what>``: what addons let happen in a demonstration that runs.

An addon gives a command called ``demo-<what>``; this is its short way.
"""

from __future__ import annotations

from collections.abc import Iterator

import click

from core.commands.of_addons import CommandsOfAddon, groups

PREFIX = "demo-"


class Demonstrations(click.Command):
    """The command with the ways of the addons in its help."""

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Its options are the commands of addons."""
        found = [(f"--{name}", given.get_short_help_str(100)) for _, name, given in _given(context)]
        with formatter.section("Options"):
            formatter.write_dl([*found, ("-h, --help", "Show this message and exit.")])


def _given(context: click.Context) -> Iterator[tuple[CommandsOfAddon, str, click.Command]]:
    """What can be shown: the addon, the word, its command."""
    for group in groups(context):
        for name in group.list_commands(context):
            given = group.get_command(context, name)
            if name.startswith(PREFIX) and given is not None:
                yield group, name.removeprefix(PREFIX), given


@click.command(
    cls=Demonstrations,
    options_metavar="",
    add_help_option=False,  # «demo --calls --help» asks for the help of the calls
    context_settings={"ignore_unknown_options": True},
)
@click.argument("what", nargs=-1, type=click.UNPROCESSED, metavar="--WHAT [OPTIONS]")
@click.pass_context
def demo(context: click.Context, what: tuple[str, ...]) -> None:
    """Let something happen in a demonstration that runs."""
    asked, *options = what or ("",)
    if asked in context.help_option_names:
        click.echo(context.get_help())
        return
    for group, name, _ in _given(context):
        if asked == f"--{name}":
            arguments = [f"{PREFIX}{name}", *options]
            with group.make_context(str(group.name), arguments, parent=context.parent) as inner:
                group.invoke(inner)
            return
    known = ", ".join(f"--{name}" for _, name, _ in _given(context))
    raise click.UsageError(f"Say what is to happen: {known or 'no addon shows anything'}.", context)
