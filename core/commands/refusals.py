"""Errors a person can put right, in one clear line instead of a traceback."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click


class Commands(click.Group):
    """A group that tells refusals and faults of the surroundings as plain errors."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            text = sentence(error)
            if not text:
                raise
            raise click.ClickException(text) from error


_OURS = {
    "core.config": ("ConfigError",),
    "core.db.archive": ("BackupError",),
    "core.db.audit_heads": ("UnreadableHeads",),
    "core.db.moved_away": ("MovedAway",),
    "core.db.migrations": ("MigrationError",),
    "core.access.crypto": ("UnreadableSecret",),
    "core.access.rights": ("RightsError",),
    "core.host.manifest": ("ManifestError",),
    "core.host.registry": ("AddonError",),
    "core.host.relocation": ("MoveError",),
    "core.running": ("NotReady",),
    "core.web.serve": ("UnsafeAddress",),
}
"""Exceptions whose own text is meant for the person who typed the command."""


def sentence(error: BaseException) -> str:
    """What to tell of an error; empty for a fault of the program, whose traceback is wanted."""
    if _is_any(error, _OURS):
        return str(error)
    if _is_any(error, {"core.errors": ("Refusal",)}):
        return _refusal(error)
    if _is_any(error, {"sqlalchemy.exc": ("DBAPIError",)}):
        return _database(error)
    if isinstance(error, OSError):
        return ": ".join(
            part for part in (error.filename and str(error.filename), error.strerror or str(error)) if part
        )
    return ""


def _is_any(error: BaseException, classes: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether the error is of one of these classes; whoever has raised it has imported their modules."""
    found = [
        getattr(sys.modules[module], name)
        for module, names in classes.items()
        if module in sys.modules
        for name in names
    ]
    return isinstance(error, tuple(found))


def _refusal(error: Any) -> str:
    text = error.message % error.values if error.values else str(error.message)
    fields = [f"{name}: {' '.join(map(str, texts))}" for name, texts in getattr(error, "errors", {}).items()]
    return " ".join(fields) or text


def _database(error: Any) -> str:
    """The database is away, locked, read-only, or has not been made; anything else is a fault of the program."""
    from core.web.errors import database_trouble

    what = str(error.orig).strip().split("\n")[0]
    if "no such table" in what or getattr(error.orig, "sqlstate", "") == "42P01":
        return "The database has not been made yet, or is of an older release: run «forecourt upgrade» first."
    if database_trouble(error) or type(error).__name__ == "OperationalError":
        return f"The database cannot be used: {what}"
    return ""
