"""Where the recordings of an exchange are read: a folder of this machine, or an address (S0-49)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

from addons.telephony.models import Pbx
from addons.telephony.services.recordings.folder import Folder
from addons.telephony.services.recordings.web import Web
from core import T, UnreadableSecret, WorkSession, unseal

NO_PLACE = T("Write a folder of this machine, or an address that begins with http:// or https://.")


class Source(Protocol):
    """An open recording; whoever has opened it closes it."""

    size: int
    """Bytes of the whole of it."""

    def read(self, first: int, last: int) -> Iterator[bytes]:
        """The bytes from the first to the last, both counted from 0; whoever reads to the end need not close."""

    def close(self) -> None:
        """Let go of it."""


class Place(Protocol):
    """Where recordings lie. Both ways raise ``Missing`` and ``OutOfReach`` of ``paths``."""

    def open(self, path: str) -> Source:
        """Open what the exchange calls so.

        :raises Missing: there is no such file, or it is none that is listened to.
        :raises OutOfReach: it cannot be told now.
        """

    def remove(self, path: str) -> None:
        """Delete it; what is not there is as good as deleted.

        :raises OutOfReach: it cannot be deleted now.
        """


def fault(location: str) -> str:
    """What is wrong with a place that was typed; nothing where recordings are read nowhere."""
    if not location or (location.startswith("/") and location.strip("/")):
        return ""
    return "" if _address(location) is not None else NO_PLACE


def place_of(session: WorkSession, pbx: Pbx) -> Place | None:
    """The place of an exchange's recordings, or nothing where it has none that can be used."""
    if not pbx.recordings or fault(pbx.recordings):
        return None
    address = _address(pbx.recordings)
    if address is None:
        return Folder(pbx.recordings)
    try:
        secret = unseal(session, pbx.sealed_recordings_secret, whose(pbx)) if pbx.sealed_recordings_secret else ""
    except UnreadableSecret:
        return None
    return Web(address, pbx.recordings_account, secret)


def whose(pbx: Pbx) -> str:
    """What binds the secret of a place to its exchange: copied elsewhere it does not open."""
    return f"{Pbx.__tablename__}.{pbx.id}.recordings"


def _address(location: str) -> SplitResult | None:
    """The parts of an address that can be asked; nothing for what is none."""
    try:
        parts = urlsplit(location)
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1) > 0
    except ValueError:  # such as a port that is no number
        return None
    return parts if usable and not (parts.username or parts.password or parts.query or parts.fragment) else None
