"""The thread that reads a connection: nothing holds it up, so the exchange never cuts us for being slow."""

from __future__ import annotations

import threading
import time
from collections import deque

from addons.telephony.services.asterisk.messages import Message
from addons.telephony.services.link.wire import LinkError, Wire

MOST_WAITING = 200_000
"""Messages that wait to be reduced; all that comes once there are more is thrown away, and counted: the link is then made anew."""


class Reader:
    """Reads a wire into a queue, from the moment it is made until the connection ends or it is closed.

    :param most: messages that may wait.
    """

    def __init__(self, wire: Wire, most: int = MOST_WAITING) -> None:
        self._wire, self._most = wire, most
        self._waiting: deque[tuple[float, Message]] = deque()
        self._something = threading.Event()
        self._closed = False
        self.dropped = 0
        """Messages that were thrown away."""
        self.ended: LinkError | None = None
        """Why the connection has ended; nothing while it lasts."""
        self._thread = threading.Thread(target=self._run, name="telephony-reader", daemon=True)
        self._thread.start()

    def take(self, most: int, seconds: float) -> list[tuple[float, Message]]:
        """Messages with the moments of their arrival, the earliest first; waits so long for the first one."""
        if not self._waiting:
            self._something.wait(seconds)
        self._something.clear()
        return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]

    def __len__(self) -> int:
        return len(self._waiting)

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
                messages, now = self._wire.read(), time.time()
                room = max(0, self._most - len(self._waiting)) if not self.dropped else 0
                self.dropped += max(0, len(messages) - room)
                self._waiting.extend((now, message) for message in messages[:room])
                if messages:
                    self._something.set()
        except LinkError as error:
            self.ended = error
        except Exception as error:
            self.ended = LinkError(f"{type(error).__name__}: {error}")
        finally:
            self._something.set()
