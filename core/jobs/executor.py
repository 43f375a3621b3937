"""Running a job by name: taken, done and written down, or rolled back and counted as failed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from core import logs
from core.access.policy import Access, system
from core.db.engine import Database
from core.jobs import runs
from core.jobs.runs import Run
from core.jobs.schedule import Job
from core.web.errors import database_trouble, worth_repeating

log = structlog.get_logger("forecourt.jobs")


class Executor:
    """The jobs of one process; several threads may use it at once."""

    def __init__(self, database: Database, jobs: Mapping[str, Job], zone: ZoneInfo) -> None:
        self._database = database
        self._jobs = dict(jobs)
        self._zone = zone

    def register(self) -> None:
        """Make the jobs known to the database."""
        with self._database.writing(system("jobs")) as session:
            runs.register(session, self._jobs.values(), self._zone)

    def due(self) -> dict[str, datetime]:
        """The names of the jobs that are due, and since when."""
        with self._database.reading(system("jobs")) as session:
            return runs.due(session, self._jobs)

    def run(self, name: str) -> bool:
        """Run a job if it is due and nobody else has it; whether it was run to its end. Raises nothing.

        A job of an addon that this process does not have is left to others.
        """
        job = self._jobs.get(name)
        if job is None:
            return False
        addon = name.partition(".")[0]
        with logs.about(job=name, addon=addon if addon != "core" else None):
            try:
                return self._run(job)
            except Exception as error:
                # It stays due as it was; the next turn finds the database again, or fails at the job itself.
                log.warning("a job could not be begun or written down", error=str(error))
                return False

    def _run(self, job: Job) -> bool:
        with self._database.session(_access(job), write=True) as session:
            run = runs.begin(session, job)
            if run is None:
                return False
            try:
                job.run(session)
                runs.finish(session, run, self._zone)
                session.commit()
            except (Exception, SystemExit) as error:
                session.rollback()
                self._failed(run, error)
                return False
        return True

    def _failed(self, run: Run, error: BaseException) -> None:
        if isinstance(error, Exception) and (database_trouble(error) or worth_repeating(error)):
            log.warning("the database is busy or away; the job is tried again", error=str(error))
            return
        log.error("a job failed", exc_info=error)
        with self._database.writing(_access(run.job)) as session:
            if runs.fail(session, run, error):
                log.error("a job is parked and waits for an administrator")


def _access(job: Job) -> Access:
    return system(f"job {job.name}")
