"""Lists read through the API stand in the audit trail as exports do (SEC-63)."""

from __future__ import annotations

from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING

from core.db.audit import note_action
from core.work.personal_watch import hour_of

if TYPE_CHECKING:
    from core.web.http import Request


class ListExports:
    """Which accounts read which lists in this hour; one object an application.

    A program reads page after page, again and again. The trail gets one line for each account and list in an hour (in
    each process), before the first page leaves; which records it read in all is known from the reads of cards.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._hour: datetime | None = None
        self._noted: set[tuple[int | None, str]] = set()

    def note(self, request: Request, screen: str, query: str, rows: int) -> None:
        """Write the line if there is none of this hour; when it cannot be written, the list does not leave."""
        key = (request.access.user_id, screen)
        if self._known(key, hour_of(request.app.clock())):
            return
        with request.app.database.writing(request.access) as session:
            note_action(session, "export", screen=screen, format="api", filter=query, rows=rows)
        with self._lock:
            self._noted.add(key)

    def _known(self, key: tuple[int | None, str], hour: datetime) -> bool:
        with self._lock:
            if self._hour != hour:
                self._hour, self._noted = hour, set()
            return key in self._noted
