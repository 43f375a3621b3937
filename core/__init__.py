"""Forecourt's host and platform. Addons import what they need from here: :mod:`core.public` lists it."""

from __future__ import annotations

from core.postponed import postpone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"

postpone()  # here, for it must be before any library is imported


def __getattr__(name: str) -> Any:
    """A public name, whose module is imported by the first who asks."""
    if name.startswith("_"):
        raise AttributeError(name)
    from core.public import give

    found = globals()[name] = give(name)
    return found


def __dir__() -> list[str]:
    from core.public import names

    return [*globals(), *names()]
