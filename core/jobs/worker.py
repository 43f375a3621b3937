"""The process that does an instance's jobs, and the one that looks after it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from core import logs, processes
from core.access.policy import NOBODY
from core.config import Config
from core.jobs.declared import declared_jobs
from core.web.supervisor import LEAVE, STOP

if TYPE_CHECKING:
    from core.db.engine import Database

THREADS = 4
STOP_WITHIN = 2.8
"""Seconds after which a process that was told to stop is cut off."""

_LOOK = 1.0
_PAUSES = (0.2, 1.0, 5.0, 15.0, 60.0)
_STEADY = 60.0
LEADER = "jobs"

log = structlog.get_logger("forecourt.jobs")


class Supervisor:
    """Keeps one job process running: starts it, starts it anew when it ends, stops it in time.

    A new set of addons needs a new process, as imported code stays; the process ends by itself then.
    """

    def __init__(self, config: Config, threads: int = THREADS) -> None:
        self._config = config
        self._threads = threads
        self._told, self._tell = multiprocessing.Pipe(duplex=False)
        self._thread = threading.Thread(target=self.run, name="job-supervisor", daemon=True)

    def start(self) -> None:
        """Look after the process in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the process; returns when it is gone if it was started with :meth:`start`."""
        with contextlib.suppress(OSError):
            self._tell.send_bytes(b"stop")
        if self._thread.is_alive():
            self._thread.join()

    def run(self) -> None:
        """Look after the process until :meth:`stop` is called."""
        failures = 0
        while True:
            began = time.monotonic()
            process = self._spawn()
            if self._told in wait([self._told, process.sentinel]):
                _stop(process)
                return
            process.join()
            failures = 0 if process.exitcode == 0 or time.monotonic() - began > _STEADY else failures + 1
            if process.exitcode:
                log.error("the job process ended and is started anew", exit_code=process.exitcode)
            if failures and self._told.poll(_PAUSES[min(failures, len(_PAUSES)) - 1]):
                return

    def _spawn(self) -> SpawnProcess:
        # Not a fork: the parent has threads, and must hold none of the addons' code.
        process = multiprocessing.get_context("spawn").Process(
            target=work, args=(self._config, self._threads), name="jobs", daemon=True
        )
        process.start()
        return process


def _stop(process: SpawnProcess) -> None:
    process.terminate()
    process.join(STOP_WITHIN)
    if process.is_alive():
        log.warning("the job process did not stop in time")
        process.kill()
        process.join()


def supervise(config: Config, threads: int = THREADS) -> None:
    """``forecourt worker``: do the jobs until SIGTERM or SIGINT. Called in the main thread."""
    supervisor = Supervisor(config, threads)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: supervisor.stop())
    supervisor.run()


# --- inside the process --------------------------------------------------------------------------


def work(config: Config, threads: int = THREADS) -> None:
    """Do the jobs of an instance until told to stop, until the addons change, or until the parent is gone."""
    if sys.platform != "win32":
        os.setpgid(0, 0)  # Ctrl+C is for the parent, which then stops this process
    logs.setup(config.log)
    _follow_parent()
    from core.host import instance, registry

    processes.private_umask()
    generation = instance.present_generation(config)
    host = instance.start_host(config)
    with instance.open_database(config, host, pool_size=threads + 2) as database:

        def present() -> int:
            with database.reading(NOBODY) as session:
                return registry.generation(session.connection())

        threading.Thread(target=_follow_generation, args=(present, generation), daemon=True).start()
        _consume(config, database, threads)


def work_beside(config: Config, database: Database, parent: int, threads: int = THREADS) -> None:
    """Do the jobs with addons that are loaded already, until told to stop or until the parent is gone.

    Called in a forked process; its parent replaces it when the addons change.

    :param database: has no connections yet.
    """
    for number in (LEAVE, STOP):
        signal.signal(number, _stop_itself)
    threading.Thread(target=_end_without, args=(parent,), name="parent", daemon=True).start()
    try:
        _consume(config, database, threads)
    finally:
        database.dispose()


def _stop_itself(_number: int, _frame: object) -> None:
    """What stops web workers stops the jobs beside them, once: Huey takes a second signal for impatience."""
    for number in (LEAVE, STOP):
        signal.signal(number, signal.SIG_IGN)
    signal.raise_signal(signal.SIGTERM)


def _consume(config: Config, database: Database, threads: int) -> None:
    """Do jobs until SIGTERM."""
    from core.jobs.duties import Duties, declared_duties
    from core.jobs.executor import Executor
    from core.jobs.leader import open_leader
    from core.jobs.queue import JobConsumer, open_queue

    leader = open_leader(config.database_url, config.instance, LEADER)
    executor = Executor(database, declared_jobs(config, database.hooks), ZoneInfo(config.time_zone))
    executor.register()

    duties = Duties(config, database, declared_duties(database.hooks))

    def due() -> Mapping[str, datetime]:
        return executor.due() if leader.held() else {}

    duties.start()
    try:
        JobConsumer(open_queue(config.database_url, config.instance), due, executor.run, threads=threads).run()
    finally:
        duties.stop()
        leader.release()


def _follow_parent() -> None:
    """End with the parent, also when it was killed and could not say anything."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), name="parent", daemon=True).start()


def _end_without(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK)
    _end()


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    _end()


def _end() -> None:
    signal.raise_signal(signal.SIGTERM)
    time.sleep(STOP_WITHIN)
    os._exit(1)


def _follow_generation(present: Callable[[], int], served: int) -> None:
    """End this process when the set of addons changes; its supervisor starts one with the new set."""
    while True:
        time.sleep(_LOOK)
        try:
            changed = present() != served
        except Exception as error:
            log.warning("the generation of the addons could not be read", error=str(error))
            continue
        if changed:
            signal.raise_signal(signal.SIGTERM)
            return
