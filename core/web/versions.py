"""Two people change one record: what each of them changed, and which side of a field is taken (SEC-49).

A form carries what its fields held when it was opened (:data:`WAS`). Compared with that, a field that one of the two
changed is his, and a field that both changed otherwise has to be chosen; the choices come back as :data:`TAKE` fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from werkzeug.datastructures import MultiDict

WAS = "was"
"""The hidden field with what the fields held when the form was opened, as JSON by name."""
TAKE = "take."
"""Begins the names of the fields that say which side of a field is taken."""
CHOOSING = "choosing"
"""The hidden field that says that both versions were seen: what the other one held then, as JSON by name."""
MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True, slots=True)
class Choice:
    """A field whose two versions differ: the side that is taken, empty while nobody has said."""

    side: str
    contested: bool
    """Whether both have changed it, or nobody knows."""


def written(values: Mapping[str, Any]) -> str:
    """The values of a form as it carries them."""
    return msgspec.json.encode(values).decode()


def held(text: str) -> dict[str, Any]:
    """What a form says its fields held; nothing of what is no such thing."""
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return {}


def choices(mine: Mapping[str, Any], theirs: Mapping[str, Any], sent: Mapping[str, str]) -> dict[str, Choice]:
    """The fields that differ, each with its side: the chosen one, else that of the only one who changed it.

    A field that only one of the two versions has is none of them: what an addon could not load is left as it is.

    :param sent: the form, with what its fields held at first and the choices that were made.
    """
    was = held(sent.get(WAS, ""))
    return {
        name: _choice(name, value, theirs[name], was, sent)
        for name, value in mine.items()
        if name in theirs and value != theirs[name]
    }


def changed(stored: Mapping[str, Any], seen_as: str) -> set[str]:
    """The fields whose stored values are no longer those of a form; it says nothing of what it did not hold.

    :param seen_as: what the fields held when they were seen, a form's :data:`WAS` or :data:`CHOOSING`.
    """
    seen = held(seen_as)
    return {name for name, value in stored.items() if name in seen and seen[name] != value}


def merged(mine: Mapping[str, Any], theirs: Mapping[str, Any], chosen: Mapping[str, Choice]) -> dict[str, Any]:
    """What is to be saved: theirs where that side is taken, else mine."""
    return {
        name: theirs[name] if name in chosen and chosen[name].side == THEIRS else value for name, value in mine.items()
    }


def carried(sent: MultiDict[str, str], version: int, theirs: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The hidden fields of the page with both versions: the whole form, now over the version that is seen there."""
    own = ("csrf_token", "version", CHOOSING)
    kept = [pair for pair in sent.items(multi=True) if pair[0] not in own and not pair[0].startswith(TAKE)]
    return [*kept, ("version", str(version)), (CHOOSING, written(theirs))]


def _choice(name: str, mine: Any, theirs: Any, was: Mapping[str, Any], sent: Mapping[str, str]) -> Choice:
    i_did, they_did = name not in was or was[name] != mine, name not in was or was[name] != theirs
    taken = sent.get(f"{TAKE}{name}", "")
    if taken not in (MINE, THEIRS):
        taken = "" if i_did and they_did else MINE if i_did else THEIRS
    return Choice(taken, contested=i_did and they_did)
