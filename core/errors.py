"""The refusals a service may raise; the web layer and the API turn each into one status code.

Texts are msgids with named placeholders; they are translated where they are shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

NO_RECORD = "There is no such page or record, or it is not yours to see."


class Refusal(Exception):
    """A request that cannot be done, said in the user's words. Nothing was changed.

    ``message`` is a msgid, ``values`` fill its ``%(name)s`` places. ``title`` is the msgid that stands over it; empty:
    that of its status. ``members`` is what programs are told beside the words, ready to be sent.
    """

    status = 400
    title = ""
    members: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, message: str, /, **values: Any) -> None:
        super().__init__(message)
        self.message = message
        self.values = values


class Invalid(Refusal):
    """Input that breaks a rule: 422 with the field each message belongs to."""

    status = 422

    def __init__(
        self, errors: Mapping[str, Sequence[str]], message: str = "Check the marked fields.", **values: Any
    ) -> None:
        super().__init__(message, **values)
        self.errors = {field: list(texts) for field, texts in errors.items()}


class NotSignedIn(Refusal):
    """Nobody is signed in: the sign-in page, or 401 in the API."""

    status = 401


class Forbidden(Refusal):
    """The person may know of the record but not do this: 403."""

    status = 403


class NotFound(Refusal):
    """No such record, or one this person must not know of: 404 (SEC-3)."""

    status = 404

    def __init__(self, message: str = NO_RECORD, /, **values: Any) -> None:
        super().__init__(message, **values)


class Conflict(Refusal):
    """Somebody was first: 409 with who and what (SEC-48, SEC-49)."""

    status = 409


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands in the way of a step; ``text`` is a msgid, ``values`` fill its places.

    :param place: the id of the part of the card where it is seen to; empty where no part of it is.
    """

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""


class Blocked(Conflict):
    """A step that something stands in the way of: 409 with all of it, the first thing as its words."""

    def __init__(self, first: Obstacle, *more: Obstacle) -> None:
        super().__init__(first.text, **first.values)
        self.obstacles = (first, *more)


@dataclass(frozen=True, slots=True)
class Remedy:
    """What can be done instead of going on: ``label`` is a msgid, ``endpoint`` a page that takes the arguments.

    ``aside``: it is opened beside the form, which stays as it is.
    """

    label: str
    endpoint: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing to look at before going on.

    ``key`` names it in the answer that confirms it (``duplicate.17``, without spaces). ``title`` and ``lines``
    are data and shown as they are; ``reasons`` are msgids that say why it matters, ``values`` fill their places.
    """

    key: str
    title: str
    lines: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


class Confirmation(Refusal):
    """Allowed once the person has looked at these doubts: 409 with what they are.

    Sent again with the keys of all of them (the field ``confirmed``), it is done; a doubt that has come up
    meanwhile is asked again.
    """

    status = 409

    def __init__(self, doubts: Sequence[Doubt], message: str, /, **values: Any) -> None:
        super().__init__(message, **values)
        self.doubts = tuple(doubts)

    @property
    def keys(self) -> str:
        """What the confirming answer carries."""
        return " ".join(doubt.key for doubt in self.doubts)


def confirm(
    doubts: Sequence[Doubt],
    confirmed: Collection[str],
    message: str = "Look at this before you save.",
    /,
    **values: Any,
) -> None:
    """Go on only if every doubt has been confirmed.

    :param confirmed: the keys the person has confirmed.
    :raises Confirmation: with all the doubts, also those confirmed before.
    """
    if any(doubt.key not in confirmed for doubt in doubts):
        raise Confirmation(doubts, message, **values)


class TooMany(Refusal):
    """Too many tries: 429 with ``retry_after`` seconds (SEC-15)."""

    status = 429

    def __init__(self, message: str, /, retry_after: int, **values: Any) -> None:
        super().__init__(message, **values)
        self.retry_after = retry_after
