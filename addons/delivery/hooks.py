"""What delivery adds: every hook implementation, one line each into services or views."""

from __future__ import annotations

from core import Command, hookimpl


@hookimpl
def commands() -> list[Command]:
    from addons.delivery.views import commands as views  # only where a command is typed

    return [Command(views.split, needs_instance=False)]
