"""What every sub-command begins with: the settings of the instance it is about."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.config import PREFIX, Config, ConfigError, load_config

if TYPE_CHECKING:
    from core.db.engine import WorkSession

DEFAULT_INSTANCE = "var"

instance_option = click.option(
    "--instance", "-i", type=click.Path(path_type=Path), default=None, help="Folder of the instance (var)."
)


def folder_of(context: click.Context, given: Path | None = None) -> Path:
    """The folder of the instance: said with this command, said before it, or the usual one."""
    return given or context.obj or Path(DEFAULT_INSTANCE)


def config_of(context: click.Context, *, instance: Path | None = None, **given: Any) -> Config:
    """The instance's settings, or a list of what is wrong with them."""
    try:
        return load_config(folder_of(context, instance), **given)
    except ConfigError as error:
        raise click.ClickException("\n".join(["These settings cannot be used:", *error.problems])) from error


def existing(context: click.Context) -> Config:
    """The settings of an instance that has its database; a command must not make an empty one by a slip."""
    config = config_of(context)
    os.umask(0o077)
    path = sqlite_file(config)
    if path is not None and not path.exists():
        raise click.ClickException(f"There is no instance in {config.instance}: make it with «forecourt run».")
    return config


def tell_addons_in_words(context: click.Context) -> None:
    """For a command that names each addon that fails, and why: the log would say it once more beside that."""
    from core import logs

    context.with_resource(logs.without("forecourt.host"))


def sqlite_file(config: Config) -> Path | None:
    """The file of a SQLite database; nothing for another kind."""
    prefix = "sqlite:///"
    return Path(config.database_url.removeprefix(prefix)) if config.database_url.startswith(prefix) else None


@contextmanager
def working(config: Config, reason: str) -> Iterator[WorkSession]:
    """A writing session of the command, without the addons: people and the audit trail are core's."""
    from core.host import instance, registry

    host = registry.start([], registry.Discovery())
    with instance.working(config, host, reason) as session:
        yield session


@contextmanager
def reading(config: Config, reason: str) -> Iterator[WorkSession]:
    """A reading session of the command."""
    from core.access.policy import system
    from core.host import instance, registry

    host = registry.start([], registry.Discovery())
    with instance.open_database(config, host) as database, database.reading(system(reason)) as session:
        yield session


def key_holding(config: Config) -> Config:
    """The settings, if the instance's key is here: without it a new one would be made that fits nothing."""
    if not os.environ.get(f"{PREFIX}SECRET") and not (config.instance / "secret.key").exists():
        raise click.ClickException(f"The key of the instance, {config.instance / 'secret.key'}, is not here.")
    return config
