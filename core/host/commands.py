"""What an addon gives to the ``forecourt`` command. Servers load no command: this module imports none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click


@dataclass(frozen=True, slots=True)
class Command:
    """A command of an addon, ``forecourt <addon> <name of the command>``.

    :param command: what click makes of a function.
    :param group: a further group of the addon's manifest, ``forecourt <group> <name of the command>``, instead of its own.
    :param needs_instance: whether it is about an instance, in which the addon has to be enabled; it finds the folder in
        ``context.obj``. One that needs none works wherever the addon is installed.
    """

    command: click.Command
    needs_instance: bool = True
    group: str = ""
