"""Recordings in a folder of this machine, or one that is mounted here."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from addons.telephony.services.recordings.paths import BLOCK, Missing, OutOfReach, checked_size, steps

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""A link that appears between looking and opening is not followed, and a pipe keeps nobody waiting."""


class Folder:
    """A folder; links in it may lead to other places within it, and nowhere else."""

    def __init__(self, location: str) -> None:
        self._location = location

    def open(self, path: str) -> FileSource:
        """Open a recording; see ``Place``."""
        found = self._find(path)
        try:
            return FileSource(os.open(found, _FLAGS))
        except FileNotFoundError as error:
            raise Missing(path) from error
        except OSError as error:
            raise OutOfReach(str(error)) from error

    def remove(self, path: str) -> None:
        """Delete a recording; see ``Place``."""
        try:
            self._find(path).unlink(missing_ok=True)
        except Missing:
            return
        except OSError as error:
            raise OutOfReach(str(error)) from error

    def _find(self, path: str) -> Path:
        """The file itself, whatever links lead to it.

        :raises Missing: when it is not there, or not within the folder.
        :raises OutOfReach: when the folder is away.
        """
        wanted = steps(path, self._location)
        try:
            folder = Path(self._location).resolve(strict=True)
        except (OSError, RuntimeError) as error:
            raise OutOfReach(str(error)) from error
        try:
            found = folder.joinpath(*wanted).resolve(strict=True)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise Missing(path) from error
        except (OSError, RuntimeError) as error:  # a name too long, links that lead to each other
            raise Missing(path) from error
        if not found.is_relative_to(folder):
            raise Missing(path)
        return found


class FileSource:
    """An open file."""

    def __init__(self, descriptor: int) -> None:
        self._file = os.fdopen(descriptor, "rb")
        try:
            told = os.fstat(descriptor)
            if not stat.S_ISREG(told.st_mode):
                raise Missing("no file")
            self.size = checked_size(told.st_size)
        except Missing:
            self._file.close()
            raise

    def read(self, first: int, last: int) -> Iterator[bytes]:
        """These bytes; see ``Source``."""
        with self._file as file:
            file.seek(first)
            left = last - first + 1
            while left > 0 and (block := file.read(min(left, BLOCK))):
                left -= len(block)
                yield block

    def close(self) -> None:
        """Let go of it."""
        self._file.close()
