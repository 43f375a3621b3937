"""Secrets of others that the program has to read back: sealed with the instance's key, kept in a column (decision 0004)."""

from __future__ import annotations

from core.access.crypto import SecretBox, UnreadableSecret
from core.config import Config
from core.db.engine import WorkSession

__all__ = ["UnreadableSecret", "box_of", "seal", "unseal"]

KEY = "secret_box"
"""Under which name a session has the instance's keys."""


def box_of(config: Config) -> SecretBox:
    """What seals with the instance's key, and opens what was sealed with an earlier one."""
    return SecretBox(config.secret(), *config.previous_secrets())


def seal(session: WorkSession, text: str, context: str) -> str:
    """A secret as it may be kept in the database; its column says ``info={"secret": True}``.

    :param context: whose it is, ``parking_gate.7``: elsewhere it does not open.
    """
    return _box(session).seal(text, context)


def unseal(session: WorkSession, sealed: str, context: str) -> str:
    """The secret again.

    :raises UnreadableSecret: when it was sealed with a key that is lost, or for another context.
    """
    return _box(session).open(sealed, context)


def _box(session: WorkSession) -> SecretBox:
    make = session.info.get(KEY)
    if make is None:
        raise UnreadableSecret("this session has no key")
    box: SecretBox = make()
    return box
