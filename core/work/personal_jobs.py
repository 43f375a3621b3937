"""The jobs of the care for personal data: purge, cleaning up, warnings (SEC-63, SEC-70, SEC-72, SEC-75)."""

from __future__ import annotations

from datetime import time, timedelta

from core.db.engine import WorkSession
from core.jobs.schedule import Daily, Job
from core.web.i18n import T
from core.work import personal_retention, personal_watch
from core.work.filestore import FileStore

NIGHT = Daily(time(3, 45))


def personal_jobs(files: FileStore) -> list[Job]:
    """The jobs of an instance whose files lie here."""

    def purge(session: WorkSession) -> None:
        while personal_retention.purge(session, session.now(), files) == personal_retention.AT_ONCE:
            session.commit()

    return [
        Job("core.personal_purge", purge, NIGHT, T("Personal data whose term is over")),
        Job("core.personal_clean", personal_retention.clean_up, timedelta(minutes=1), T("Cleaning after erasures")),
        Job("core.personal_watch", _watch, timedelta(minutes=1), T("Warnings about personal data")),
    ]


def _watch(session: WorkSession) -> None:
    personal_watch.warn(session, session.now())
