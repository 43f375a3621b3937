"""The jobs of core itself: short sweeps all day, tidying up at night."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path

from sqlalchemy import delete

from core.access.crypto import derive_key
from core.access.own_account import forget_sign_ins
from core.access.throttle import forget_tries
from core.config import Config
from core.db import audit_chain, audit_heads
from core.db.engine import WorkSession
from core.jobs.schedule import Daily, Job
from core.live import events
from core.text.msgids import T
from core.web import once
from core.work import drafts, files, notifications, personal_retention, personal_watch, presence, reminders
from core.work.filestore import FileStore
from core.work.models import Notification

OFTEN = timedelta(seconds=5)
NIGHT = Daily(time(3, 15))
EVENTS_KEPT = timedelta(hours=24)
NOTIFICATIONS_KEPT = timedelta(days=180)


def core_jobs(config: Config) -> list[Job]:
    """Core's own jobs for an instance."""
    key, store = audit_key(config.secret()), FileStore(config.files_dir)
    jobs = [
        Job("core.reminders", _remind, OFTEN, T("Reminders of tasks")),
        Job("core.snoozed", _wake, OFTEN, T("Notifications put off")),
        Job("core.presence", _lapse, timedelta(seconds=30), T("Presence of people")),
        Job("core.audit_seal", _sealing(key), timedelta(minutes=1), T("Sealing the audit trail")),
        Job("core.live_events", _prune_events, timedelta(hours=1), T("Old live events")),
        Job("core.tidy", _tidy, NIGHT, T("Old drafts, form keys, sign-ins and notifications")),
        Job("core.files", _purging(store), NIGHT, T("Files that were removed")),
        Job("core.personal_watch", _watch, timedelta(minutes=1), T("Watch over personal data")),
        Job("core.personal_terms", _erasing(store), timedelta(minutes=15), T("Retention periods")),
        Job("core.personal_clean", personal_retention.clean_up, timedelta(minutes=1), T("Cleaning after erasures")),
    ]
    if config.audit_heads is not None:
        keeping = _keeping_head(config.audit_heads)
        jobs.append(Job("core.audit_head", keeping, NIGHT, T("Copy of the audit seal")))
    return jobs


def audit_key(secret: str) -> bytes:
    """The key of the audit chain."""
    return derive_key(secret, "audit chain")


def earlier_audit_keys(config: Config) -> list[bytes]:
    """The keys of the seals that were made before the instance got another secret."""
    return [audit_key(secret) for secret in config.previous_secrets()]


def _remind(session: WorkSession) -> None:
    while reminders.due_reminders(session, session.now()) == reminders.AT_ONCE:
        session.commit()


def _wake(session: WorkSession) -> None:
    notifications.wake_snoozed(session, session.now())


def _lapse(session: WorkSession) -> None:
    presence.lapse(session, session.now())


def _sealing(key: bytes) -> Callable[[WorkSession], None]:
    def seal(session: WorkSession) -> None:
        while audit_chain.seal(session, key) == audit_chain.BATCH:
            session.commit()

    return seal


def _keeping_head(path: Path) -> Callable[[WorkSession], None]:
    def keep(session: WorkSession) -> None:
        audit_heads.keep_head(session, path)

    return keep


def _watch(session: WorkSession) -> None:
    personal_watch.warn(session, session.now())


def _erasing(store: FileStore) -> Callable[[WorkSession], None]:
    def erase(session: WorkSession) -> None:
        personal_retention.purge(session, session.now(), store)

    return erase


def _purging(store: FileStore) -> Callable[[WorkSession], None]:
    def purge(session: WorkSession) -> None:
        while files.purge_removed(session, session.now(), store) == files.AT_ONCE:
            session.commit()
        files.remove_strays(session, session.now(), store)

    return purge


def _prune_events(session: WorkSession) -> None:
    events.prune(session, session.now() - EVENTS_KEPT)


def _tidy(session: WorkSession) -> None:
    for sweep in (_prune_drafts, once.prune, forget_tries, forget_sign_ins, _forget_notifications):
        sweep(session)
        session.commit()


def _prune_drafts(session: WorkSession) -> None:
    drafts.prune_drafts(session, session.now())


def _forget_notifications(session: WorkSession) -> None:
    """Those that ended long ago; the timelines keep what happened."""
    old = delete(Notification).where(Notification.closed_at < session.now() - NOTIFICATIONS_KEPT)
    session.execute(old.execution_options(synchronize_session=False))
