"""A server process to measure: ours or the floor, run as a program of its own.

Usage: ``python -m bench.serving ours|floor INSTANCE DATABASE PORT STARTED``; ``STARTED`` is the moment, in seconds
since 1970, at which the invented dealership's present began. Both are served alike: ``tests.support.serving``, one worker.
"""

from __future__ import annotations

import functools
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from core.config import Config, load_config
from core.host import instance
from core.web.serve import ServeOptions
from core.web.worker import Loaded, Shutdown
from tests.support.dealership import free_port
from tests.support.serving import serve

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ROOT = Path(__file__).resolve().parents[1]
READY_WITHIN = 120.0


def load_ours(config: Config, started: datetime) -> Loaded:
    """The application, as ``forecourt run`` loads it, but for its clock."""
    from bench.inside import shifted_clock
    from core import logs
    from core.web.app import Application

    logs.setup(config.log)
    app = Application(config, clock=shifted_clock(started))
    return Loaded(app.start)


def load_floor(url: str) -> Loaded:
    """The floor's application."""

    def start(_shutdown: Shutdown) -> WSGIApplication:
        from bench.floor import Floor

        return Floor(url)

    return Loaded(start)


def main() -> None:
    """Serve until told to stop."""
    what, folder, database, port, started = sys.argv[1:]
    config = load_config(Path(folder), {}, database=database, require_second_factor=False, log="json")
    options = ServeOptions(port=int(port), workers=1, threads=config.threads)
    if what == "floor":
        serve(functools.partial(load_floor, config.database_url), options)
        return
    load = functools.partial(load_ours, config, datetime.fromtimestamp(float(started), UTC))
    serve(load, options, generation=lambda: instance.present_generation(config))


@dataclass(slots=True)
class Served:
    """A running server."""

    port: int
    process: psutil.Process

    def cpu(self) -> float:
        """Seconds of processor time the server and its workers have used."""
        return sum(_used(each) for each in (self.process, *self.process.children(recursive=True)))


def _used(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def database_cpu(postmaster: int | None) -> float:
    """Seconds of processor time of PostgreSQL's processes, those that have gone among them; nothing on SQLite."""
    if postmaster is None:
        return 0.0
    process = psutil.Process(postmaster)
    times = process.cpu_times()
    gone = times.user + times.system + times.children_user + times.children_system
    return float(gone + sum(_used(each) for each in process.children()))


@contextmanager
def served(what: str, config: Config, started: datetime) -> Iterator[Served]:
    """A server for the length of a measurement."""
    port = free_port()
    command = [
        sys.executable, "-W", "ignore", "-m", "bench.serving",
        what, str(config.instance), config.database, str(port), str(started.timestamp()),
    ]  # fmt: skip
    with (config.instance / f"{what}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=dict(os.environ), stdout=log, stderr=log)
    try:
        _wait(port, process, config.instance / f"{what}.log")
        yield Served(port, psutil.Process(process.pid))
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        if answers(port):
            return
        time.sleep(0.05)
    raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')[-4000:]}")


def answers(port: int) -> bool:
    """Whether somebody answers there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    main()
