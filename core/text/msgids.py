"""Texts for people, as code keeps them until somebody reads them in his language."""

from __future__ import annotations

LANGUAGES = ("ru", "en")


class T(str):
    """A msgid that will be shown to people, kept as it is until somebody reads it."""

    __slots__ = ()
