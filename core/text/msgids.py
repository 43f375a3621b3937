"""Texts for people, as code keeps them until somebody reads them in his language."""

from __future__ import annotations

LANGUAGES = ("ru", "en")


class T(str):
    """A msgid that will be shown to people, kept as it is until somebody reads it."""

    __slots__ = ()


class Kopecks(int):
    """A sum among the values of a msgid: its reader sees «10 357,25 ₽» or ``10,357.25 ₽``, the text says no ``₽``."""

    __slots__ = ()


class Figure(int):
    """A number among the values of a msgid whose thousands are set apart: «45 000»."""

    __slots__ = ()
