"""The thread that reads a connection: nothing holds it up, so the exchange never cuts us for being slow.

What it has read waits as bytes, which take a sixth of the room of messages, and are cut into messages by whoever takes them.
"""

from __future__ import annotations

import threading
import time
from collections import deque

from addons.telephony.services.asterisk.messages import Message, Parser
from addons.telephony.services.link.wire import LinkError, Wire

MOST_WAITING = 128 * 1024 * 1024
"""Bytes that wait to be reduced: 300 000 events or so. All that comes once there are more is thrown away, and its messages are
counted: the link is then made anew."""


class Reader:
    """Reads a wire into a queue, from the moment it is made until the connection ends or it is closed.

    :param most: bytes that may wait.
    """

    def __init__(self, wire: Wire, most: int = MOST_WAITING) -> None:
        self._wire, self._most = wire, most
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._parser = Parser()
        self._came = self._taken = 0
        """Bytes that were put into the queue, and taken out of it: each is counted by one thread only."""
        self._something = threading.Event()
        self._closed = False
        self.dropped = 0
        """Messages that were thrown away, the ends of which were counted."""
        self.ended: LinkError | None = None
        """Why the connection has ended; nothing while it lasts."""
        self._thread = threading.Thread(target=self._run, name="telephony-reader", daemon=True)
        self._thread.start()

    def take(self, most: int, seconds: float) -> list[tuple[float, Message]]:
        """Messages with the moments of their arrival, the earliest first; waits so long for the first one.

        :param most: messages after which no more bytes are cut.
        """
        if not self._waiting:
            self._something.wait(seconds)
        self._something.clear()
        found: list[tuple[float, Message]] = []
        while self._waiting and len(found) < most:
            received, data = self._waiting.popleft()
            found += [(received, message) for message in self._parser.feed(data)]
            self._taken += len(data)
        return found

    def __len__(self) -> int:
        """Bytes that wait."""
        return self._came - self._taken

    def wait(self) -> None:
        """Wait until the connection has ended."""
        self._thread.join()

    def close(self) -> None:
        """End the thread, and the connection with it."""
        self._closed = True
        self._wire.close()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._closed:
                self._put(self._wire.receive(), time.time())
        except LinkError as error:
            self.ended = error
        except Exception as error:
            self.ended = LinkError(f"{type(error).__name__}: {error}")
        finally:
            self._something.set()

    def _put(self, data: bytes, now: float) -> None:
        if not data:
            return
        if self.dropped or len(self) + len(data) > self._most:
            self.dropped += max(1, data.count(b"\r\n\r\n"))
            return
        self._waiting.append((now, data))
        self._came += len(data)
        self._something.set()
