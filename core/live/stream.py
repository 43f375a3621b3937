"""The live events of one person as an HTTP answer (server-sent events)."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence

from core.live.hub import Hub, StreamClosed

HEADERS = (
    ("Content-Type", "text/event-stream; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("X-Accel-Buffering", "no"),
)
"""The headers of the answer: not stored, and not buffered by nginx."""

BEAT = 5.0
"""Seconds between signs of life. A browser that hears none reconnects; a server that cannot send one
learns that the browser is gone."""

RECHECK = 15.0
"""Seconds after which the session is looked at again."""

RETRY = (500, 2500)
"""Milliseconds a browser waits before it reconnects; spread, so that a restart is no stampede."""

_BEAT_FRAME = b"event: beat\ndata: 1\n"

logger = logging.getLogger(__name__)


def stream(
    hub: Hub,
    user_id: int,
    last_event_id: str | None,
    still_valid: Callable[[], bool],
    *,
    beat: float = BEAT,
    recheck: float = RECHECK,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[bytes]:
    """The body of ``GET /live``: events, and beats in between, until the browser or the server goes.

    :param last_event_id: where this browser left off; anything it sent is accepted.
    :param still_valid: whether the session is still signed in; asked again every ``recheck`` seconds,
        before anything more is sent. False or an error ends the stream.
    """
    subscription = hub.subscribe(user_id, last_event_id)
    checked = clock()
    try:
        yield b"retry: %d\n\n" % random.randint(*RETRY)  # noqa: S311 - spreads load, hides nothing
        while True:
            frames, position = subscription.take(beat)
            if clock() - checked >= recheck:
                if not _valid(still_valid):
                    return
                checked = clock()
            yield chunk(frames or [_BEAT_FRAME], position)
    except StreamClosed:
        return
    finally:
        hub.unsubscribe(subscription)


def chunk(frames: Sequence[bytes], position: str) -> bytes:
    """Several events as one piece; only the last carries the position.

    A browser cut off in the middle thus asks for all of them again and drops what it has seen.
    """
    marked = [*frames[:-1], frames[-1] + b"id: " + position.encode() + b"\n"] if position else frames
    return b"".join(frame + b"\n" for frame in marked)


def _valid(still_valid: Callable[[], bool]) -> bool:
    try:
        return still_valid()
    except Exception:
        logger.exception("The session of a live stream could not be checked; the stream ends.")
        return False
