"""What contacts does outside any request: imports go on, nobody's contact is left, what is past its time is deleted."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from addons.contacts.services import releasing
from addons.contacts.services.importing import steps
from addons.contacts.services.intake import receiving, requests, sending
from addons.contacts.services.merging import UNDO_DAYS, purge_merges
from core import Daily, Job, Setting, T, WorkSession, note_action, settings

SETTINGS: tuple[Setting[Any], ...] = (UNDO_DAYS, steps.KEEP_DAYS, receiving.KEEP_DAYS, sending.HOSTS)
_BATCH = 200
_PURGES = (
    ("contacts.merge", UNDO_DAYS, purge_merges),
    ("contacts.import", steps.KEEP_DAYS, steps.purge_imports),
    ("contacts.delivery", receiving.KEEP_DAYS, receiving.purge),
)


def jobs() -> list[Job]:
    """The jobs of contacts."""
    return [
        Job("contacts.import", steps.sweep, timedelta(seconds=2), T("Imports from files")),
        Job("contacts.release", releasing.sweep, timedelta(minutes=1), T("Contacts that nobody can take")),
        Job("contacts.requests", requests.release_overdue, timedelta(seconds=5), T("Requests that were called for")),
        Job("contacts.messages", sending.send_due, timedelta(seconds=2), T("Messages to clients")),
        Job("contacts.tidy", tidy, Daily(time(3, 40)), T("Old merges, imports and deliveries")),
    ]


def tidy(session: WorkSession) -> None:
    """Delete merges that can no longer be undone, and old imports with their problem rows, batch by batch."""
    for name, setting, purge in _PURGES:
        days = settings.read(session, setting)
        if not days:
            continue
        before, last = session.now() - timedelta(days=days), _BATCH
        while last == _BATCH:
            last = purge(session, before, _BATCH)
            if last:
                note_action(session, "retention_purge", None, category=name, rows=last, days=days)
            session.commit()
