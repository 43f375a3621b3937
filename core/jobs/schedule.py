"""What a job is, and when it is to run next."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from core.db.engine import WorkSession

SHORTEST = timedelta(seconds=1)
LONGEST_NAME = 80


class JobError(Exception):
    """A job that is not declared properly."""


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a day at this time of the dealership."""

    at: time


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is done again and again, by one process at a time.

    ``run`` is a sweep: it finds in the database what is due, by conditional updates, so that running it twice
    or not to the end does no harm. It gets a session of its own that is committed after it; a long one commits
    in between, and one that waits for something outside commits before, or every writer of a SQLite instance
    waits with it.

    :param name: ``<addon>.<what>``.
    """

    name: str
    run: Callable[[WorkSession], object]
    every: timedelta | Daily
    title: str

    def next_after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """When it is due again after a run that began at this moment."""
        if isinstance(self.every, timedelta):
            return moment + self.every
        day = moment.astimezone(zone).date()
        due = _at(day.toordinal(), self.every.at, zone)
        return due if due > moment else _at(day.toordinal() + 1, self.every.at, zone)


def _at(day: int, clock: time, zone: ZoneInfo) -> datetime:
    local = datetime.combine(datetime.fromordinal(day), clock, tzinfo=zone)
    return local.astimezone(UTC)


def checked(owner: str, jobs: Iterable[Job]) -> dict[str, Job]:
    """An owner's jobs by name.

    :raises JobError: for a name that is taken, too long or not the owner's, and for an impossible interval.
    """
    found: dict[str, Job] = {}
    for job in jobs:
        problem = _problem(owner, job, found)
        if problem:
            raise JobError(f"job «{job.name}»: {problem}")
        found[job.name] = job
    return found


def _problem(owner: str, job: Job, found: dict[str, Job]) -> str:
    if not job.name.startswith(f"{owner}."):
        return f"its name must begin with «{owner}.»"
    if len(job.name) > LONGEST_NAME:
        return f"its name has more than {LONGEST_NAME} characters"
    if job.name in found:
        return "declared twice"
    if isinstance(job.every, timedelta) and job.every < SHORTEST:
        return "it can run once a second at most"
    return ""
