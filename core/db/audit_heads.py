"""Copies of the audit chain's newest seal outside the database: who cuts the chain's end off is found out.

The file only grows, a line a day. It belongs where the program may add but not change: another machine's share,
a folder with the append-only attribute.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from core.db.audit_chain import Head, head
from core.db.engine import WorkSession


class UnreadableHeads(Exception):
    """A file of heads with a line that is none."""


class _Line(msgspec.Struct):
    """One line of the file."""

    at: str
    seal: int
    mac: str


def keep_head(session: WorkSession, path: Path) -> bool:
    """Add the newest seal to the file, unless it is its last line already; whether something was added.

    :raises OSError: the file cannot be written.
    """
    newest = head(session)
    if newest is None or newest in read_heads(path)[-1:]:
        return False
    line = msgspec.json.encode(_Line(session.now().isoformat(), newest.id, newest.mac)) + b"\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "ab") as stream:
        stream.write(line)
        stream.flush()
        os.fsync(stream.fileno())
    return True


def read_heads(path: Path) -> list[Head]:
    """The seals in the file, oldest first; none while there is no file.

    :raises UnreadableHeads: for a line that is none.
    """
    if not path.exists():
        return []
    decoder = msgspec.json.Decoder(_Line)
    try:
        lines = [decoder.decode(line) for line in path.read_bytes().splitlines() if line.strip()]
    except msgspec.MsgspecError as error:
        raise UnreadableHeads(f"{path} cannot be read: {error}") from error
    return [Head(line.seal, line.mac) for line in lines]
