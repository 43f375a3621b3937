"""Who runs a job, how it went, and what follows from a failure (SEC-52).

A run begins and ends with an update of the job's row. Both stand in the transaction of the work itself: a
process that dies leaves the job due as before, and of two that begin at once one finds the row taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Update, select, update

from core.access.people import ADMINISTRATOR
from core.db.audit import note_action
from core.db.engine import WorkSession
from core.errors import NotFound
from core.jobs.models import JobRun
from core.jobs.schedule import Job
from core.logs import escaped
from core.text.msgids import T
from core.work.notifications import Message, Sound, close_for_subject, notify
from core.work.people import colleagues
from core.work.subjects import Subject
from core.work.upserts import insert_into

RETRY = "core.job.retry"
PARKED = "core.job_parked"
ATTEMPTS = 8
"""Failures in a row after which a job is parked: with the pauses between them, after twenty minutes."""

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
LEASE = timedelta(minutes=15)
"""How long a job that commits on its way has before another process may think that it died."""

_ERROR_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class Run:
    """A run that has begun."""

    job: Job
    started_at: datetime


def register(session: WorkSession, jobs: Iterable[Job], zone: ZoneInfo) -> None:
    """Give new jobs their rows, and bring forward those whose interval has become shorter."""
    now = session.now()
    for job in jobs:
        due = now if isinstance(job.every, timedelta) else job.next_after(now, zone)
        row = {"name": job.name, "next_at": due, "outcome": "", "seconds": 0.0, "error": "", "failures": 0}
        session.execute(insert_into(session, JobRun).values(**row).on_conflict_do_nothing())
        late = (JobRun.name == job.name, JobRun.failures == 0, JobRun.next_at > job.next_after(now, zone))
        session.execute(_quiet_update().where(*late).values(next_at=job.next_after(now, zone)))


def due(session: WorkSession, names: Iterable[str]) -> dict[str, datetime]:
    """Which of these jobs are due, and since when."""
    statement = select(JobRun.name, JobRun.next_at).where(
        JobRun.name.in_(sorted(names)), JobRun.next_at <= session.now(), JobRun.parked_at.is_(None)
    )
    return {row.name: row.next_at for row in session.execute(statement)}


def begin(session: WorkSession, job: Job) -> Run | None:
    """Take a job that is due, for the session's transaction; ``None`` when somebody else has it."""
    now = session.now()
    is_due = (JobRun.name == job.name, JobRun.next_at <= now, JobRun.parked_at.is_(None))
    free = select(JobRun.id).where(*is_due).with_for_update(skip_locked=True)
    taken = _quiet_update().where(JobRun.id.in_(free), *is_due).values(started_at=now, next_at=now + LEASE)
    return Run(job, now) if session.execute(taken.returning(JobRun.id)).first() else None


def finish(session: WorkSession, run: Run, zone: ZoneInfo) -> None:
    """Write down that a run went well, unless another one has begun since."""
    now = session.now()
    mine = (JobRun.name == run.job.name, JobRun.started_at == run.started_at)
    session.execute(
        _quiet_update()
        .where(*mine)
        .values(
            ended_at=now,
            outcome="ok",
            seconds=(now - run.started_at).total_seconds(),
            error="",
            failures=0,
            next_at=max(run.job.next_after(run.started_at, zone), now),
        )
    )


def fail(session: WorkSession, run: Run, error: BaseException) -> bool:
    """Write down that a run failed, after it was rolled back; at the last attempt the job is parked.

    :returns: whether it is parked now; its administrators have been told.
    """
    now = session.now()
    row = session.scalars(select(JobRun).where(JobRun.name == run.job.name).with_for_update()).one()
    row.started_at, row.ended_at, row.outcome = run.started_at, now, "failed"
    row.seconds = (now - run.started_at).total_seconds()
    row.error = escaped(f"{type(error).__name__}: {error}")[:_ERROR_LENGTH]
    row.failures += 1
    row.next_at = now + pause_after(row.failures)
    if row.failures >= ATTEMPTS:
        row.parked_at = now
        _tell(session, run.job, row)
    session.flush()
    return row.parked_at is not None


def pause_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row."""
    return min(FIRST_PAUSE * (1 << min(failures - 1, 20)), LONGEST_PAUSE)


def run_again(session: WorkSession, job_run_id: int) -> None:
    """Have a job run as soon as possible, also a parked one; for an administrator.

    :raises NotFound: there is no such job.
    """
    session.access.require(RETRY)
    soon = _quiet_update().where(JobRun.id == job_run_id)
    values = {"next_at": session.now(), "parked_at": None, "failures": 0}
    name = session.scalar(soon.values(**values).returning(JobRun.name))
    if name is None:
        raise NotFound(T("There is no such job."))
    note_action(session, "job_retry", None, job=name)
    close_for_subject(session, Subject(JobRun.__tablename__, job_run_id), reason="done")


def _tell(session: WorkSession, job: Job, row: JobRun) -> None:
    message = Message(
        T("A background job is stopped: %(job)s"),
        {"job": {"msgid": str(job.title)}},
        T("It failed %(times)s times in a row and waits for you."),
        {"times": row.failures},
        icon="alert-triangle",
        sound=Sound.ONCE,
    )
    administrators = colleagues(session, role=ADMINISTRATOR)
    notify(session, administrators, PARKED, Subject(JobRun.__tablename__, row.id), message, group=True)


def _quiet_update() -> Update:
    return update(JobRun).execution_options(synchronize_session=False)
