"""The process of the jobs as it really runs: started, stopped, killed, replaced (SEC-52, SEC-61)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from core.access.policy import system
from core.config import Config, load_config
from core.db.engine import Database
from core.host import instance
from core.host.plugins import Hooks
from core.jobs.models import JobRun
from tests.live.running import free_port
from tests.support.addons import forget

SOON = 60.0
ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow

ADDON = {
    "addon.toml": 'name = "ticking"\nversion = "1.0"\ncore = ">=0.1"\ntitle = {en = "Ticking", ru = "Тик"}\n',
    "__init__.py": "",
    "hooks.py": """
from datetime import timedelta
import time
from core.host.plugins import hookimpl
from core.jobs.schedule import Job

@hookimpl
def jobs():
    return [
        Job("ticking.bad", lambda session: 1 / 0, timedelta(seconds=1), "bad"),
        Job("ticking.good", lambda session: None, timedelta(seconds=1), "good"),
        Job("ticking.hung", hang, timedelta(days=1), "hung"),
    ]

def hang(session):
    session.commit()
    time.sleep(3600)
""",
}


class Instance:
    """An instance with its database, and the commands that are run on it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.folder, self.url = folder, url
        self.addons = folder / "private"
        (self.addons / "ticking").mkdir(parents=True)
        for name, source in ADDON.items():
            (self.addons / "ticking" / name).write_text(source, encoding="utf-8")
        self.started: list[subprocess.Popen[str]] = []

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "FORECOURT_DATABASE": self.url,
            "FORECOURT_ADDONS_PATH": str(self.addons),
            "FORECOURT_LOG": "json",
        }

    @property
    def config(self) -> Config:
        return load_config(self.folder / "var", self.environment)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "core.cli", "-i", str(self.folder / "var"), *arguments]
        with (self.folder / "log").open("a") as log:
            process = subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=log, stderr=log, text=True)
        self.started.append(process)
        return process

    def row(self, name: str) -> JobRun | None:
        database = Database(self.url, Hooks())
        try:
            with database.reading(system("test")) as session:
                return session.scalars(select(JobRun).where(JobRun.name == name)).one_or_none()
        finally:
            database.dispose()

    def outcome(self, name: str) -> str:
        row = self.row(name)
        return row.outcome if row else ""

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def close(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait()


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Iterator[Instance]:
    found = Instance(database_url, tmp_path)
    instance.upgrade(found.config)
    yield found
    found.close()
    forget(found.addons)


def until(condition: Callable[[], Any], place: Instance) -> Any:
    deadline = time.monotonic() + SOON
    while not (found := condition()):
        assert time.monotonic() < deadline, place.log
        time.sleep(0.05)
    return found


def children(process: subprocess.Popen[str]) -> list[int]:
    """The job processes of ``forecourt worker``: those that run Python's spawn."""
    return [pid for pid in descendants(process.pid) if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def descendants(pid: int) -> list[int]:
    """All processes below this one."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    direct = [int(number) for thread in threads for number in thread.read_text().split()]
    return [*direct, *(each for child in direct for each in descendants(child))]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def stop(process: subprocess.Popen[str]) -> float:
    began = time.monotonic()
    process.terminate()
    process.wait(SOON)
    return time.monotonic() - began


def test_the_worker_does_the_jobs_and_leaves_nothing_running(place: Instance) -> None:
    worker = place.start("worker")
    until(lambda: place.outcome("core.reminders") == "ok", place)
    (child,) = children(worker)

    stop(worker)

    assert worker.returncode == 0
    assert not alive(child)


def test_a_killed_process_is_started_anew(place: Instance) -> None:
    worker = place.start("worker")
    until(lambda: place.outcome("core.reminders") == "ok", place)
    (first,) = children(worker)
    before = place.row("core.reminders")
    assert before is not None

    os.kill(first, signal.SIGKILL)

    until(lambda: (now := place.row("core.reminders")) and now.ended_at > before.ended_at, place)
    assert children(worker) != [first]


def test_nothing_outlives_a_killed_parent(place: Instance) -> None:
    worker = place.start("worker")
    until(lambda: place.outcome("core.reminders") == "ok", place)
    (child,) = children(worker)

    worker.kill()
    worker.wait()

    until(lambda: not alive(child), place)


def test_of_two_workers_one_ticks_and_the_other_takes_over(place: Instance) -> None:
    first = place.start("worker")
    until(lambda: place.outcome("core.reminders") == "ok", place)
    second = place.start("worker")
    until(lambda: children(second), place)
    before = place.row("core.reminders")
    assert before is not None

    first.kill()

    until(lambda: (now := place.row("core.reminders")) and now.ended_at > before.ended_at, place)
    assert second.poll() is None


def test_a_switched_on_addon_brings_its_jobs_and_a_bad_one_hurts_no_other(place: Instance) -> None:
    """SEC-52, SEC-61: its jobs begin and rest with it; one that hangs is cut off when the worker stops."""
    worker = place.start("worker")
    until(lambda: place.outcome("core.reminders") == "ok", place)
    (first,) = children(worker)

    instance.enable(place.config, ["ticking"])

    until(lambda: place.outcome("ticking.good") == "ok", place)
    until(lambda: place.outcome("ticking.bad") == "failed", place)
    assert "ZeroDivisionError" in place.log
    assert not alive(first)
    until(lambda: place.outcome("core.snoozed") == "ok", place)
    hung = place.row("ticking.hung")
    assert hung is not None
    assert hung.outcome == ""
    (second,) = children(worker)
    stop(worker)
    assert not alive(second)


def test_one_command_serves_and_does_the_jobs(place: Instance) -> None:
    """Embedded, everything is in ``forecourt run``, and ends with it."""
    port = free_port()
    server = place.start("run", "--port", str(port))
    until(lambda: answers(port), place)
    until(lambda: place.outcome("core.reminders") == "ok", place)
    loader, worker, jobs = descendants(server.pid)
    assert {parent_of(worker), parent_of(jobs)} == {loader}, "what the loader has loaded is theirs too"

    stop(server)

    assert server.returncode == 0
    assert not any(alive(pid) for pid in (loader, worker, jobs))
    assert not answers(port)


def test_jobs_that_are_killed_are_started_anew_and_the_pages_stay(place: Instance) -> None:
    port = free_port()
    server = place.start("run", "--port", str(port))
    until(lambda: len(descendants(server.pid)) == 3, place)
    until(lambda: place.outcome("core.reminders") == "ok", place)
    before = descendants(server.pid)

    os.kill(before[-1], signal.SIGKILL)

    until(lambda: len(now := descendants(server.pid)) == 3 and now[-1] != before[-1], place)
    assert descendants(server.pid)[:2] == before[:2]
    assert answers(port)


def test_of_a_killed_command_nothing_is_left(place: Instance) -> None:
    server = place.start("run", "--port", str(free_port()))
    until(lambda: len(descendants(server.pid)) == 3, place)
    below = descendants(server.pid)

    server.kill()
    server.wait()

    until(lambda: not any(alive(pid) for pid in below), place)


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=SOON) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_a_database_of_another_release_is_not_worked_on(database_url: str, tmp_path: Path) -> None:
    """SEC-56: one line, no traceback, nothing written."""
    place = Instance(database_url, tmp_path)
    (tmp_path / "var").mkdir()
    for command in ("worker", "web"):
        process = place.start(command)
        assert process.wait(SOON) == 1
    place.close()

    assert "forecourt upgrade" in place.log
    assert "Traceback" not in place.log


def test_work_left_by_a_dead_process_is_done_by_the_next(place: Instance) -> None:
    """A turn that was begun and committed, but not ended, comes back when its lease is over."""
    worker = place.start("worker")
    until(lambda: place.outcome("core.reminders") == "ok", place)
    stop(worker)
    with instance.engine_of(place.config) as engine, engine.begin() as connection:
        old = place.row("core.reminders")
        assert old is not None
        connection.execute(
            update(JobRun).where(JobRun.name == "core.reminders").values(outcome="", next_at=old.started_at)
        )

    place.start("worker")

    until(lambda: place.outcome("core.reminders") == "ok", place)
