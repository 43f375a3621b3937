"""The lines of the Asterisk Manager Interface, cut into messages however the network has cut them.

Whoever sends may send anything: nothing here raises, and what is kept is bounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Message = Mapping[str, str]
"""One message: its headers by name. Of a header that comes twice the first counts: what a stranger can put into a message
(a variable, a caller's name) stands behind what Asterisk says itself."""

LONGEST_LINE: Final = 65_536
"""Bytes of a line that are kept; the rest of it is dropped."""

MOST_HEADERS: Final = 1_000
"""Headers of a message that are kept: ``Status`` with all variables of a channel has some hundreds."""

MOST_KEPT: Final = 1_048_576
"""Bytes of a message that are kept."""


class Parser:
    """Bytes in any pieces to messages: the same messages whatever the pieces."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._headers: dict[str, str] = {}
        self._kept = 0

    def feed(self, data: bytes) -> list[Message]:
        """The messages that these bytes complete."""
        first, *others = data.split(b"\n")
        self._hold(first)
        done: list[Message] = []
        for piece in others:
            self._end_line(done)
            self._hold(piece)
        return done

    @property
    def held(self) -> int:
        """Bytes that are kept of the message that has not ended."""
        return len(self._line) + self._kept

    def _hold(self, piece: bytes) -> None:
        self._line += piece[: LONGEST_LINE - len(self._line)]

    def _end_line(self, done: list[Message]) -> None:
        line = self._line.decode("utf-8", "replace").rstrip("\r")
        self._line.clear()
        if line:
            self._keep(line)
        elif self._headers:
            done.append(self._headers)
            self._headers, self._kept = {}, 0

    def _keep(self, line: str) -> None:
        name, colon, value = line.partition(":")
        fits = len(self._headers) < MOST_HEADERS and self._kept + len(line) <= MOST_KEPT
        if colon and fits and name not in self._headers:
            self._headers[name] = value.strip()
            self._kept += len(line)
