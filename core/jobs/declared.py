"""Which jobs an instance has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from core.jobs.schedule import Job, checked

if TYPE_CHECKING:
    from core.config import Config
    from core.host.plugins import Hooks

log = structlog.get_logger("forecourt.jobs")


def declared_jobs(config: Config, hooks: Hooks) -> dict[str, Job]:
    """The jobs of core and of the running addons by name; those of an addon that declares them badly are left out.

    An addon is asked once, and keeps its place whatever it says: a process that does jobs shows nobody what failed.
    """
    from core.jobs.core_jobs import core_jobs

    jobs = checked("core", core_jobs(config))
    for addon, _ in hooks.implementations("jobs"):
        try:
            jobs |= checked(addon, hooks.declared_by(addon, "jobs"))
        except (Exception, SystemExit) as error:
            log.error("the jobs of an addon do not run", addon=addon, error=f"{type(error).__name__}: {error}")
    return jobs
