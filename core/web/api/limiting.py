"""How much one program may ask: a number of requests a minute for each token (SEC-15)."""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING

from core.errors import TooMany
from core.web.i18n import T

if TYPE_CHECKING:
    from limits import RateLimitItemPerMinute
    from limits.strategies import FixedWindowRateLimiter

PER_MINUTE = 600
"""Requests of one token in a minute, in each web process."""


class RateLimit:
    """Counts requests in the memory of one process; with several processes a program may ask as many times more.

    :param per_minute: requests allowed in each minute for one key.
    """

    def __init__(self, per_minute: int = PER_MINUTE) -> None:
        self._per_minute = per_minute

    def spend(self, *key: str) -> None:
        """Count one request.

        :raises TooMany: when the minute's are used up, with the seconds until the next.
        """
        limit, counts = self._counting
        if counts.hit(limit, *key):
            return
        ends = counts.get_window_stats(limit, *key).reset_time
        raise TooMany(T("Too many requests. Wait a little."), retry_after=max(1, round(ends - time.time())))

    @cached_property
    def _counting(self) -> tuple[RateLimitItemPerMinute, FixedWindowRateLimiter]:
        # Made for the first program that asks: most instances have none, and the library brings its asyncio half along.
        from limits import RateLimitItemPerMinute
        from limits.storage import MemoryStorage
        from limits.strategies import FixedWindowRateLimiter

        return RateLimitItemPerMinute(self._per_minute), FixedWindowRateLimiter(MemoryStorage())
