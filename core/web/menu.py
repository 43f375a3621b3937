"""The rail: what each person may open, with what is waiting for him there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.access.policy import Access
from core.work.standing import Counter


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One item of the rail.

    ``key`` is also the letter target of «G then letter» when ``letter`` (an ``event.code`` such as
    ``KeyR``) is given. ``count`` makes the statement that counts what is waiting; all of a page's are one statement.
    """

    key: str
    title: str
    icon: str
    endpoint: str
    right: str
    order: int = 100
    group: str = "main"
    letter: str = ""
    count: Counter | None = None
    home_for: tuple[str, ...] = ()
    """The roles whose people start here after signing in (S0-01)."""
    more_rights: tuple[str, ...] = ()
    """Any of these opens it as well."""

    def opens(self, access: Access) -> bool:
        """Whether this person may open it."""
        return any(access.may(right) for right in (self.right, *self.more_rights))


@dataclass(frozen=True, slots=True)
class FrameStrip:
    """Something over every page of a person that comes and goes by itself.

    ``count`` makes the statement that counts what there is to say, as that of a :class:`MenuItem`; ``topics`` names the
    live events, with blanks between them, after which it is drawn anew for this person.
    """

    name: str
    endpoint: str
    right: str
    count: Counter
    topics: Callable[[Access], str]
    script: str = ""


def allowed(items: list[MenuItem], access: Access) -> list[MenuItem]:
    """The items this person may open, in order."""
    return [item for item in items if item.opens(access)]


def home(items: list[MenuItem], access: Access) -> MenuItem | None:
    """Where a person starts: his role's own workplace, else the first item he may open."""
    shown = allowed(items, access)
    own = [item for item in shown if access.roles.intersection(item.home_for)]
    return next(iter(own or shown), None)
