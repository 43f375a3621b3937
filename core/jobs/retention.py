"""How long each kind of data is kept, and the journal of what was purged (SEC-72).

An addon that keeps something for a time only declares a :class:`Category` and hands :func:`purging` of it to the
``jobs`` hook; the period is a setting that an administrator may change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from core.db.audit import note_action
from core.db.engine import WorkSession
from core.web.i18n import T
from core.work import settings
from core.work.models import Notification
from core.work.settings import Setting

BATCH = 1000
"""Rows in one transaction at most, so that a purge keeps no writer waiting."""


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of data that is not kept for ever.

    :param name: ``<addon>.<what>``, as it stands in the journal.
    :param days: the setting that says how long it is kept; 0 keeps it.
    :param purge: deletes at most so many that are older than the moment; returns how many it has deleted.
    """

    name: str
    days: Setting[int]
    purge: Callable[[WorkSession, datetime, int], int]


def purging(categories: Iterable[Category]) -> Callable[[WorkSession], None]:
    """What a nightly job runs to purge these categories."""
    chosen = tuple(categories)

    def purge(session: WorkSession) -> None:
        for category in chosen:
            purge_category(session, category)

    return purge


def purge_category(session: WorkSession, category: Category) -> int:
    """Delete what is past its time, batch by batch; each batch stands in the journal in its own transaction."""
    days = settings.read(session, category.days)
    if days == 0:
        return 0
    before = session.now() - timedelta(days=days)
    purged, last = 0, BATCH
    while last == BATCH:
        last = category.purge(session, before, BATCH)
        if last:
            note_action(session, "retention_purge", None, category=category.name, rows=last, before=before, days=days)
        session.commit()
        purged += last
    return purged


def _purge_notifications(session: WorkSession, before: datetime, limit: int) -> int:
    """Notifications that ended before the moment; the timeline keeps what happened."""
    oldest = select(Notification.id).where(Notification.closed_at < before).order_by(Notification.id).limit(limit)
    statement = delete(Notification).where(Notification.id.in_(oldest)).returning(Notification.id)
    return len(session.execute(statement.execution_options(synchronize_session=False)).all())


NOTIFICATION_DAYS = Setting(
    "core.notification_days",
    int,
    180,
    title=T("Closed notifications are kept, days"),
    group=T("Retention"),
    help=T("0 keeps them for ever."),
    minimum=0,
    maximum=3650,
)
CORE = (Category("core.notification", NOTIFICATION_DAYS, _purge_notifications),)

purge_core = purging(CORE)
