"""Delivering live events: one thread per process reads them, every open stream gets its own."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from types import TracebackType
from typing import Self

from sqlalchemy.engine import URL

from core.live.position import Position
from core.live.tail import Row, Tail, open_tail, tail_engine

BUFFER = 1000
"""Events a stream may lag behind before it is cut off, and the most that are replayed to one."""

STREAMS = 300
"""Streams one process carries. Each occupies a thread of the server while it is open."""

GATHER = 0.1
"""Seconds between two times that every stream is woken for what everybody is told: waking hundreds takes a server's
whole processor when each commit does it. What one person is told wakes his streams at once."""

RESYNC = b"event: resync\ndata: 1\n"
"""Tells a browser that events were left out, so that it fetches what it shows anew."""

_BACKOFF = (0.1, 0.5, 1.0, 2.0, 5.0)

logger = logging.getLogger(__name__)


class StreamClosed(Exception):
    """The stream is over: the server stops, or the browser could not keep up."""


class Subscription:
    """What one open stream still has to send. The hub puts in, the stream's thread takes out."""

    def __init__(self, user_id: int, last_event_id: str | None) -> None:
        self.user_id = user_id
        self.last_event_id = last_event_id
        self._changed = threading.Condition()
        self._frames: list[bytes] = []
        self._position = ""
        self._news = False
        self._closed = False

    def take(self, timeout: float) -> tuple[list[bytes], str]:
        """The frames since the last call, and the position after them.

        The list is empty after ``timeout`` seconds without any, and once at the start, when the hub
        has taken the stream in; before that the position is empty. Frames and position belong
        together: whoever has received all of them has missed nothing up to it.

        :raises StreamClosed: nothing more will come.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._news or self._closed, timeout)
            if self._closed:
                raise StreamClosed
            frames, self._frames, self._news = self._frames, [], False
            return frames, self._position

    def offer(self, frames: Sequence[bytes], position: str, *, at_once: bool = True) -> None:
        """Add frames; a stream that lags too far behind is closed instead, to reconnect and be replayed.

        :param at_once: whether its thread is woken for them, and not by the next :meth:`send`.
        """
        with self._changed:
            if len(self._frames) + len(frames) > BUFFER:
                self._closed = True
            self._news = self._news or not self._position
            self._frames += frames
            self._position = position
        if at_once:
            self.send()

    def send(self) -> None:
        """Wake the stream's thread if there is something for it."""
        with self._changed:
            self._news = self._news or bool(self._frames)
            if self._news or self._closed:
                self._changed.notify()

    def close(self) -> None:
        """End the stream."""
        with self._changed:
            self._closed = True
            self._changed.notify()


class Hub:
    """The live events of one process.

    Start it after a fork, once per process; ``wake`` is the ``after_commit`` of the ``Database``.

    :param url: the database; on PostgreSQL a direct connection, as poolers in transaction mode
        do not pass LISTEN on (events then arrive within five seconds only).
    :param limit: streams it carries; the server needs more threads than that.
    """

    def __init__(
        self, url: str | URL, *, limit: int = STREAMS, open_tail: Callable[[str | URL], Tail] = open_tail
    ) -> None:
        self._url = url
        self._limit = limit
        self._open_tail = open_tail
        self._lock = threading.Lock()
        self._joined: set[Subscription] = set()
        self._joining: list[Subscription] = []
        self._tail: Tail | None = None
        self._position: Position | None = None
        self._failures = 0
        self._all_at = 0.0
        """From when on all streams may be woken again."""
        self._gathered = False
        """Whether something that everybody is told waits for that."""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live-hub", daemon=True)

    def prepare(self) -> None:
        """Learn before the fork what all processes would have to learn; nothing stays open, and none must."""
        self._open_tail = partial(open_tail, engine=tail_engine(self._url))

    def start(self) -> None:
        """Begin to read events."""
        self._thread.start()

    def stop(self) -> None:
        """End all streams, then the thread; returns when it is gone. May be called twice."""
        with self._lock:
            self._stopping.set()
            ended = [*self._joined, *self._joining]
            self._joined.clear()
            self._joining.clear()
        for subscription in ended:
            subscription.close()
        self.wake()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout=2)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def wake(self) -> None:
        """Look for new events now; from any thread, also when the hub does not run."""
        with self._lock:
            if self._tail is not None:
                self._tail.wake()

    def subscribe(self, user_id: int, last_event_id: str | None = None) -> Subscription:
        """A new stream for a person, from where his browser left off. Returns at once.

        It is closed from the start when the process stops or carries as many as it may.
        """
        subscription = Subscription(user_id, last_event_id)
        with self._lock:
            if self._stopping.is_set() or len(self._joined) + len(self._joining) >= self._limit:
                subscription.close()
            else:
                self._joining.append(subscription)
        self.wake()
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Forget a stream that has ended."""
        with self._lock:
            self._joined.discard(subscription)
            if subscription in self._joining:
                self._joining.remove(subscription)

    @property
    def user_ids(self) -> set[int]:
        """The people who have a stream open."""
        with self._lock:
            return {subscription.user_id for subscription in (*self._joined, *self._joining)}

    @property
    def streams(self) -> int:
        """How many streams are open."""
        with self._lock:
            return len(self._joined) + len(self._joining)

    def _run(self) -> None:
        """Follow the table for ever; a lost database is waited for, and what it missed is read then."""
        while not self._stopping.is_set():
            try:
                self._follow()
            except Exception:
                logger.exception("The live events lost their database; trying again.")
                self._stopping.wait(_BACKOFF[min(self._failures, len(_BACKOFF) - 1)])
                self._failures += 1

    def _follow(self) -> None:
        tail = self._open_tail(self._url)
        try:
            with self._lock:
                self._tail = tail
            position = self._position or tail.now()
            while not self._stopping.is_set():
                position = self._deliver(tail, position)
                self._take_in(tail, position)
                self._send_gathered()
                self._failures = 0
                self._wait(tail)
        finally:
            with self._lock:
                self._tail = None
            tail.close()

    def _wait(self, tail: Tail) -> None:
        """Until there is something to read or somebody to take in."""
        while not tail.wait(max(0.0, self._all_at - time.monotonic()) if self._gathered else None):
            with self._lock:
                if self._joining or self._stopping.is_set():
                    return
            self._send_gathered()

    def _deliver(self, tail: Tail, since: Position) -> Position:
        """Read what is new and hand it to every stream; the position is moved for all of them."""
        rows, position = tail.read(since)
        self._position = position
        frames_for = cache(lambda user_id: frames(rows, user_id))
        told = {row.user_id for row in rows}
        self._gathered = self._gathered or None in told
        with self._lock:
            joined = list(self._joined)
        for subscription in joined:
            mine = subscription.user_id in told
            subscription.offer(frames_for(subscription.user_id), str(position), at_once=mine)
        return position

    def _send_gathered(self) -> None:
        """Wake everybody for what everybody is told, if that was not done just now."""
        now = time.monotonic()
        if not self._gathered or now < self._all_at:
            return
        self._gathered, self._all_at = False, now + GATHER
        with self._lock:
            joined = list(self._joined)
        for subscription in joined:
            subscription.send()

    def _take_in(self, tail: Tail, position: Position) -> None:
        """Bring new streams up to this position; from then on they get what the others get."""
        with self._lock:
            joining = list(self._joining)
        for subscription in joining:
            subscription.offer(_missed(tail, subscription, position), str(position))
            with self._lock:
                if subscription in self._joining:
                    self._joining.remove(subscription)
                    self._joined.add(subscription)


def frames(rows: Iterable[Row], user_id: int) -> list[bytes]:
    """The rows a person may hear of, as server-sent events still without a position."""
    return [_frame(row) for row in rows if row.user_id is None or row.user_id == user_id]


def _frame(row: Row) -> bytes:
    body = {**row.payload, "id": row.id, "topic": row.topic}
    return b"data: " + json.dumps(body, separators=(",", ":")).encode() + b"\n"


def _missed(tail: Tail, subscription: Subscription, position: Position) -> list[bytes]:
    """What a returning browser did not get: committed since it left, and covered by ``position``."""
    if not subscription.last_event_id:
        return []
    left_at = tail.parse(subscription.last_event_id)
    if left_at is None:
        return [RESYNC]
    rows, _ = tail.read(left_at, only_for=subscription.user_id, limit=BUFFER + 1)
    if len(rows) > BUFFER:
        return [RESYNC]
    return frames([row for row in rows if position.covers(row.order)], subscription.user_id)
