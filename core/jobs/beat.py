"""Once a minute each web process says who has a page open: that is how presence lasts (S0-18).

What else a process holds and the database must have, such as who opened which cards, is written with it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection

import structlog

from core.access.policy import system
from core.db.engine import Database
from core.work import presence

log = structlog.get_logger("forecourt.jobs")


class StreamBeat:
    """The beat of one web process. It is no job of the queue: only this process knows its streams.

    :param present: the users with an open stream.
    :param every: seconds between two beats.
    :param also: what else is written at each.
    """

    def __init__(
        self,
        database: Database,
        present: Callable[[], Collection[int]],
        every: float = presence.HEARTBEAT.total_seconds(),
        also: Callable[[], object] = lambda: None,
    ) -> None:
        self._database = database
        self._present = present
        self._every = every
        self._also = also
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="presence-beat", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; may be called twice, and before the start."""
        self._stopping.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout=2)

    def beat(self) -> None:
        """Say now who is there, and write what else there is."""
        self._also()
        user_ids = self._present()
        if user_ids:
            with self._database.writing(system("presence")) as session:
                presence.seen(session, user_ids)

    def _run(self) -> None:
        while not self._stopping.wait(self._every):
            try:
                self.beat()
            except Exception as error:
                log.warning("the presence of people could not be written", error=str(error))
