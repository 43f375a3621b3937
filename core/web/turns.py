"""Requests of one process take turns.

A process runs one thread of Python at a time. Threads that are in the middle of their requests side by side hand the
interpreter to and fro at every row they read, which costs more than it gains: a third of the processor time of a page
at eight clients. So a request waits until it may run through, and one that is slow is overtaken.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 0.02
"""Seconds after which whoever has a turn no longer keeps others waiting: an export, a lock, a sleeping disk."""

_LEAST = 0.001


class Turns:
    """At most so many requests at a time, not counting those that have been at it for long; first come, first served.

    :param number: how many; more than one where a request waits for another process, as for PostgreSQL.
    :param patience: seconds after which a request is overtaken.
    """

    def __init__(self, number: int, patience: float = PATIENCE) -> None:
        self._lock = threading.Lock()
        self._free = number
        self._patience = patience
        self._began: dict[object, float] = {}
        self._waiting: deque[tuple[object, threading.Lock]] = deque()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for a turn and have it for the length of the block."""
        turn = object()
        called = self._ask(turn)
        while called is not None and not called.acquire(timeout=self._until_overtaken()):
            self._overtake()
        try:
            yield
        finally:
            self._give_up(turn)

    def _ask(self, turn: object) -> threading.Lock | None:
        """Nothing when the turn has come already; else what is released when it comes."""
        with self._lock:
            if self._free:
                self._free -= 1
                self._began[turn] = time.monotonic()
                return None
            called = threading.Lock()
            called.acquire()
            self._waiting.append((turn, called))
            return called

    def _until_overtaken(self) -> float:
        """Seconds until whoever is at it for longest has had his time."""
        with self._lock:
            began = next(iter(self._began.values()), time.monotonic())
        return max(began + self._patience - time.monotonic(), _LEAST)

    def _overtake(self) -> None:
        """Take the turn from whoever has had it for longest, if that is long; he goes on without."""
        with self._lock:
            turn, began = next(iter(self._began.items()), (None, 0.0))
        if turn is not None and time.monotonic() - began >= self._patience:
            self._give_up(turn)

    def _give_up(self, turn: object) -> None:
        """Hand a turn to who waits for longest; once for each turn."""
        with self._lock:
            if self._began.pop(turn, None) is None:
                return
            if not self._waiting:
                self._free += 1
                return
            following, called = self._waiting.popleft()
            self._began[following] = time.monotonic()
            called.release()
