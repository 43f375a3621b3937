"""``forecourt secret``: the key of an instance, and changing it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from core.commands.instances import existing, key_holding, working
from core.config import PREFIX, Config, new_secret, replace_secret

if TYPE_CHECKING:
    from core.db.engine import WorkSession


@click.group()
def secret() -> None:
    """The key that seals secrets and signs cookies."""


@secret.command("rotate")
@click.pass_context
def rotate(context: click.Context) -> None:
    """Give the instance a new key; seal anew what has been.

    The earlier keys stay in secret.previous: the seals of the audit trail were made with them. A key from the
    environment is changed there first: the new one in FORECOURT_SECRET, the earlier ones in
    FORECOURT_PREVIOUS_SECRETS, the server restarted.
    """
    config = key_holding(existing(context))
    given = bool(os.environ.get(f"{PREFIX}SECRET"))
    key = config.secret() if given else new_secret()
    earlier = config.previous_secrets() if given else (config.secret(), *config.previous_secrets())
    with working(config, "secret rotate") as session:
        number = _seal_anew(session, config, key, earlier)
        if not given:
            # Before the commit: what is sealed with either key opens from now on, whatever happens next.
            replace_secret(config, key, earlier)
    click.echo(f"sealed anew: {number}")


def _seal_anew(session: WorkSession, config: Config, key: str, earlier: tuple[str, ...]) -> int:
    from core.access.signin import make_authenticator
    from core.db.audit import note_action
    from core.host.registry import next_generation

    number = make_authenticator(key, config.dealership, previous_secrets=earlier).second_factors.reseal(session)
    note_action(session, "secret_rotated", None, number=number)
    next_generation(session)  # the workers take up the new key
    return number
