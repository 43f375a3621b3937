"""What goes on all the time in one process of an instance: a link to another machine, which a job cannot be.

Each duty has a thread of its own in every process of the jobs, and a post (:mod:`core.jobs.leader`) that one of them holds:
the thread that has it does the duty, the others wait for their turn. A duty that fails is begun anew after a pause.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from core import logs
from core.jobs.leader import Leader, open_leader
from core.jobs.schedule import LONGEST_NAME

if TYPE_CHECKING:
    from core.config import Config
    from core.db.engine import Database
    from core.host.plugins import Hooks

LOOK = 1.0
"""Seconds between two looks at whether the post is free."""
PAUSES = (1.0, 5.0, 15.0)
"""Seconds until a duty is begun anew after its first failure, its second one and all that follow."""
STEADY = 60.0
"""Seconds after which a duty that fails counts as one that went well before."""
STOP_WITHIN = 2.0

log = structlog.get_logger("forecourt.jobs")


class DutyError(Exception):
    """A duty that is not declared properly."""


class OnDuty:
    """What a duty works with.

    :param database: its own sessions come from here.
    :param stopping: set when the process is to end.
    """

    def __init__(self, database: Database, leader: Leader, stopping: threading.Event) -> None:
        self.database = database
        self._leader = leader
        self._stopping = stopping

    def goes_on(self, seconds: float = 0.0) -> bool:
        """Whether to go on, after a pause of so many seconds: not when the process ends or the post is lost.

        To be asked every few seconds, by the thread that the duty was begun in.
        """
        return not self._stopping.wait(seconds) and self._leader.held()


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that goes on all the time, in one process of the instance.

    :param name: ``<addon>.<what>``.
    :param run: does it, and returns soon after ``goes_on`` of what it is given says no.
    """

    name: str
    run: Callable[[OnDuty], object]


class Duties:
    """The duties of one process."""

    def __init__(self, config: Config, database: Database, duties: list[Duty]) -> None:
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep, args=(config, database, duty), name=duty.name, daemon=True)
            for duty in duties
        ]

    def start(self) -> None:
        """Begin to wait for the posts."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End them; what has not ended in time goes with the process."""
        self._stopping.set()
        until = time.monotonic() + STOP_WITHIN
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _keep(self, config: Config, database: Database, duty: Duty) -> None:
        leader = open_leader(config.database_url, config.instance, duty.name)
        failures = 0
        try:
            while not self._stopping.is_set():
                began = time.monotonic()
                well = self._tried(database, leader, duty)
                failures = 0 if well else failures_by(failures, time.monotonic() - began)
                self._stopping.wait(pause_after(failures))
        finally:
            leader.release()

    def _tried(self, database: Database, leader: Leader, duty: Duty) -> bool:
        """Whether nothing failed: another process has the post, or the duty was done and ended of its own accord."""
        with logs.about(duty=duty.name, addon=duty.name.partition(".")[0]):
            try:
                if leader.held():
                    duty.run(OnDuty(database, leader, self._stopping))
            except (Exception, SystemExit) as error:
                log.error("a duty failed and is begun anew", exc_info=error)
                return False
        return True


def failures_by(before: int, lasted: float) -> int:
    """The failures in a row with the one at this moment, after so many before it and a run of so many seconds."""
    return 1 if lasted > STEADY else before + 1


def pause_after(failures: int) -> float:
    """Seconds until the post is looked at again, after so many failures in a row; the same as usual after none."""
    return PAUSES[min(failures, len(PAUSES)) - 1] if failures else LOOK


def declared_duties(hooks: Hooks) -> list[Duty]:
    """The duties of the running addons; those of an addon that declares them badly are left out."""
    found: list[Duty] = []
    for addon, _ in hooks.implementations("duties"):
        try:
            found += _checked(addon, hooks.declared_by(addon, "duties"))
        except (Exception, SystemExit) as error:
            log.error("the duties of an addon are not done", addon=addon, error=f"{type(error).__name__}: {error}")
    return found


def _checked(addon: str, duties: list[Duty]) -> list[Duty]:
    for duty in duties:
        if not duty.name.startswith(f"{addon}.") or len(duty.name) > LONGEST_NAME:
            raise DutyError(f"duty «{duty.name}»: its name must begin with «{addon}.» and be short")
    if len({duty.name for duty in duties}) < len(duties):
        raise DutyError("a duty is declared twice")
    return duties
