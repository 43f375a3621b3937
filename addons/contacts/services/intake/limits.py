"""How often a source may come, asked before anything else is done for it (SEC-42)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from core import T, TooMany

PER_MINUTE, BURST = 60.0, 120.0
MOST_KEYS = 10_000


class Buckets:
    """Requests by key: so many a minute, so many more at once. Counted in the memory of one process.

    :param clock: seconds that only go forward.
    """

    def __init__(
        self, per_minute: float = PER_MINUTE, burst: float = BURST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._burst, self._clock = per_minute / 60.0, burst, clock
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def spend(self, key: str) -> None:
        """Count one request.

        :raises TooMany: with the seconds until the next may come.
        """
        with self._lock:
            now = self._clock()
            left, since = self._left.get(key, (self._burst, now))
            left = min(self._burst, left + (now - since) * self._rate)
            if left < 1.0:
                raise TooMany(T("Too many requests. Wait a little."), retry_after=1 + int((1.0 - left) / self._rate))
            if len(self._left) >= MOST_KEYS and key not in self._left:
                self._forget(now)
            self._left[key] = (left - 1.0, now)

    def __len__(self) -> int:
        return len(self._left)

    def _forget(self, now: float) -> None:
        """Whoever has all of his left again is as one who never came; where those are too few, so are the earlier half."""
        full = self._burst / self._rate
        self._left = {key: kept for key, kept in self._left.items() if now - kept[1] < full}
        if len(self._left) >= MOST_KEYS:
            self._left = dict(list(self._left.items())[MOST_KEYS // 2 :])
