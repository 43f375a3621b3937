"""Paths of recordings as an exchange tells them, and what may be listened to: nothing outside its place (SEC-34)."""

from __future__ import annotations

from collections.abc import Mapping

PLAYED: Mapping[str, str] = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "m4a": "audio/mp4",
    "flac": "audio/flac",
}
"""What browsers play, by the ending that Asterisk gives; ``WAV`` is another format than ``wav``."""
KEPT = frozenset({*PLAYED, "WAV", "wav49", "gsm", "g722", "alaw", "ulaw", "al", "ul", "sln", "sln16", "sln48"})
"""What recordings are at all: no other file is ever opened."""
OTHER = "application/octet-stream"
MOST_BYTES = 1 << 30
"""A recording is smaller than this: eighteen hours as Asterisk keeps it."""
BLOCK = 1 << 16
"""Bytes that are read at once."""


class Missing(Exception):
    """There is no such recording, or what is there is none."""


class OutOfReach(Exception):
    """Whether it is there cannot be told now: the folder is away, or the address does not answer."""


def steps(path: str, below: str = "") -> list[str]:
    """The folders and the file of a path below its place.

    :param below: a folder that a whole path may begin with.
    :raises Missing: for a path that leads anywhere else, and for what is no recording.
    """
    if below:
        path = path.removeprefix(below.rstrip("/") + "/")
    found = path.split("/")
    odd = any(each in ("", ".", "..") or "\\" in each or not each.isprintable() for each in found)
    if odd or ending(path) not in KEPT:
        raise Missing(path)
    return found


def ending(path: str) -> str:
    """What follows the last dot of the name; empty without a dot."""
    name, dot, found = path.rpartition("/")[2].rpartition(".")
    return found if dot and name else ""


def is_played(path: str) -> bool:
    """Whether browsers play what is called so."""
    return ending(path) in PLAYED


def content_type(path: str) -> str:
    """As what it is sent; never as anything that a browser would run."""
    return PLAYED.get(ending(path), OTHER)


def checked_size(size: int) -> int:
    """A size that a recording may have.

    :raises Missing: for nothing at all, and for what is too large to be one.
    """
    if not 0 < size <= MOST_BYTES:
        raise Missing(size)
    return size
