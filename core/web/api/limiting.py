"""How much one program may ask: a number of requests a minute for each token (SEC-15)."""

from __future__ import annotations

import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from core.errors import TooMany
from core.web.i18n import T

PER_MINUTE = 600
"""Requests of one token in a minute, in each web process."""


class RateLimit:
    """Counts requests in the memory of one process; with several processes a program may ask as many times more.

    :param per_minute: requests allowed in each minute for one key.
    """

    def __init__(self, per_minute: int = PER_MINUTE) -> None:
        self._limit = RateLimitItemPerMinute(per_minute)
        self._counts = FixedWindowRateLimiter(MemoryStorage())

    def spend(self, *key: str) -> None:
        """Count one request.

        :raises TooMany: when the minute's are used up, with the seconds until the next.
        """
        if self._counts.hit(self._limit, *key):
            return
        ends = self._counts.get_window_stats(self._limit, *key).reset_time
        raise TooMany(T("Too many requests. Wait a little."), retry_after=max(1, round(ends - time.time())))
