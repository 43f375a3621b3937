"""Requests of one process take turns.

A process runs one thread of Python at a time. Threads that are in the middle of their requests side by side hand the
interpreter to and fro at every row they read, which costs more than it gains: a third of the processor time of a page
at eight clients. So a request waits until it may run through, and one that is slow is overtaken.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 0.05
"""Seconds after which whoever has a turn no longer keeps others waiting: an export, a lock, a sleeping disk."""


class Turns:
    """At most so many requests at a time, not counting those that have been at it for long.

    :param number: how many; more than one where a request waits for another process, as for PostgreSQL.
    :param patience: seconds after which a request is overtaken.
    """

    def __init__(self, number: int, patience: float = PATIENCE) -> None:
        self._free = threading.Semaphore(number)
        self._patience = patience
        self._holders: dict[object, float] = {}
        self._lock = threading.Lock()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for a turn and have it for the length of the block."""
        while not self._free.acquire(timeout=self._patience):
            self._overtake()
        turn = object()
        with self._lock:
            self._holders[turn] = time.monotonic()
        try:
            yield
        finally:
            self._give_up(turn)

    def _overtake(self) -> None:
        """Take the turn from whoever has had it for longest, if that is long; he goes on without."""
        with self._lock:
            turn, began = next(iter(self._holders.items()), (None, 0.0))
        if turn is not None and time.monotonic() - began >= self._patience:
            self._give_up(turn)

    def _give_up(self, turn: object) -> None:
        """Let the next one begin; once for each turn."""
        with self._lock:
            had = self._holders.pop(turn, None)
        if had is not None:
            self._free.release()
