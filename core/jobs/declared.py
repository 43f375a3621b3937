"""Which jobs an instance has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from core.jobs.schedule import Job, JobError, checked

if TYPE_CHECKING:
    from core.config import Config
    from core.host.plugins import Hooks

log = structlog.get_logger("forecourt.jobs")


def declared_jobs(config: Config, hooks: Hooks) -> dict[str, Job]:
    """The jobs of core and of the running addons by name; those of an addon that declares them badly are left out."""
    from core.jobs.core_jobs import core_jobs

    jobs = checked("core", core_jobs(config))
    for answer in hooks.each("jobs"):
        try:
            jobs |= checked(answer.addon, answer.value or ())
        except JobError as error:
            log.error("the jobs of an addon do not run", addon=answer.addon, error=str(error))
    return jobs
