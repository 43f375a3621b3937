"""The folder of stored files: written whole or not at all, named by us, two folders deep."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.durable import sync_folder

_NAME = re.compile(r"[0-9a-f]{40}\Z")
_BLOCK = 1 << 16


class TooLarge(Exception):
    """More bytes came than a file may have."""


@dataclass(frozen=True, slots=True)
class Received:
    """A file that has arrived whole but has no name yet."""

    content: BinaryIO
    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class FileStore:
    """Where files lie and how large they may be; ``limit`` is in bytes."""

    folder: Path
    limit: int = 20 * 1024 * 1024

    @contextmanager
    def receive(self, stream: BinaryIO) -> Iterator[Received]:
        """Write what comes into a temporary file, which is gone afterwards unless it was kept.

        :raises TooLarge: more than ``limit`` bytes; at most one block more has been read.
        """
        incoming = self.folder / "incoming"
        incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=incoming)
        try:
            with os.fdopen(descriptor, "w+b") as content:
                size, sha256 = self._copy(stream, content)
                content.flush()
                os.fsync(content.fileno())
                yield Received(content, Path(name), size, sha256)
        finally:
            Path(name).unlink(missing_ok=True)

    def keep(self, received: Received) -> str:
        """Give a received file its place and its name, in one step; returns the name."""
        name = secrets.token_hex(20)
        self.put(received.path, name)
        return name

    def put(self, source: Path, name: str) -> None:
        """Give a file of the same file system the place of this name, in one step."""
        target = self.path(name)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        source.rename(target)
        sync_folder(target.parent)

    def path(self, name: str) -> Path:
        """Where the file of this name lies.

        :raises ValueError: no name of ours, so that nothing outside the folder can be meant.
        """
        if not _NAME.match(name):
            raise ValueError("not the name of a stored file")
        return self.folder / name[:2] / name[2:4] / name

    def names_older_than(self, moment: float) -> Iterator[str]:
        """The names of the files last written before a POSIX time."""
        for path in self.folder.glob("??/??/*"):
            if _NAME.match(path.name) and path.stat().st_mtime < moment:
                yield path.name

    def clear_incoming(self, moment: float) -> None:
        """Remove what a crash left of files that never arrived, written before a POSIX time."""
        for path in (self.folder / "incoming").glob("*"):
            if path.stat().st_mtime < moment:
                path.unlink(missing_ok=True)

    def _copy(self, stream: BinaryIO, content: BinaryIO) -> tuple[int, str]:
        digest, size = hashlib.sha256(), 0
        while block := stream.read(_BLOCK):
            size += len(block)
            if size > self.limit:
                raise TooLarge
            digest.update(block)
            content.write(block)
        return size, digest.hexdigest()
