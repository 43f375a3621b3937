"""What was missed while a link was away, read from the exchange's log: once at the login, and once more a moment later."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice

import structlog

from addons.telephony.services.asterisk.cel import Row
from addons.telephony.services.asterisk.reducer import Reducer
from addons.telephony.services.link.desk import Desk
from addons.telephony.services.link.logbook import Logbook, Recordbook, book
from addons.telephony.services.vocabulary import BEGINS_LATER, NO_LOG, ONLY_RECORDS, UNREADABLE
from core import database_trouble, worth_repeating

log = structlog.get_logger("forecourt.telephony")

AT_ONCE = 2_000
"""Rows that are reduced before the desk may store."""
WAIT = 0.1
"""Seconds between two looks at whether the desk takes more."""


class Filling:
    """The gaps of one link.

    :param place: where the log of the exchange is; empty where there is none.
    :param again: seconds after which what was logged late is read; less than a call takes to settle.
    :param retry: seconds between two tries to read a log that cannot be read.
    """

    def __init__(self, place: str, desk: Desk, reducer: Reducer, *, again: float = 1.0, retry: float = 60.0) -> None:
        self._place = place
        self._book: Logbook | Recordbook | None = None
        self._desk, self._reducer = desk, reducer
        self._again, self._retry = again, retry
        self._due: float | None = None

    def begin(self) -> None:
        """Read what was missed; before what is on the line is taken in."""
        self._book = None
        self._look()

    def go_on(self) -> None:
        """Read what is due by now."""
        if self._due is not None and time.monotonic() >= self._due:
            self._look()

    def _look(self) -> None:
        self._due = None
        try:
            if self._book is None:
                self._look_back()
            else:
                self._take(self._book, self._book.more())
                self._end(self._book)
        except OSError as error:
            log.warning("the log of an exchange cannot be read", reason=str(error))
            self._desk.filled(UNREADABLE)
            self._book, self._due = None, time.monotonic() + self._retry
        except Exception as error:
            if not (database_trouble(error) or worth_repeating(error)):
                log.exception("the log of an exchange could not be taken in, which is tried again")
            self._book, self._due = None, time.monotonic() + self._retry

    def _look_back(self) -> None:
        since = self._desk.missed_since()
        if since is None:
            return
        if not self._place:
            self._desk.filled(NO_LOG)
            return
        found = book(self._place)
        self._take(found, found.since(since))
        self._book, self._due = found, time.monotonic() + self._again

    def _take(self, found: Logbook | Recordbook, rows: Iterator[Row]) -> None:
        if not found.is_exact:  # what is known of a call already is better than its records
            rough = list(rows)
            known = {row.linkedid for row in rough if self._reducer.knows(row.linkedid)}
            rows = (row for row in rough if row.linkedid not in known)
        while self._has_room() and (some := list(islice(rows, AT_ONCE))):
            self._desk.tell(self._reducer.fill(some))
            self._desk.store()

    def _has_room(self) -> bool:
        """Whether to go on, once the desk takes more: while the database is away what is read waits in the log."""
        while (goes_on := self._desk.goes_on()) and not self._desk.has_room:
            self._desk.store()
            time.sleep(WAIT)
        return goes_on

    def _end(self, found: Logbook | Recordbook) -> None:
        if not self._desk.goes_on():
            return
        problem = "" if found.is_exact else ONLY_RECORDS
        self._desk.filled(problem if found.is_whole else BEGINS_LATER)
