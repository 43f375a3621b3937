"""A PostgreSQL of the test run's own: unprivileged, in its own folder, reached by a socket only it has."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg

OWNER = "forecourt"
_ADMIN = "admin"
_START_SECONDS = 60
_PLENTY = 4 << 30
"""Bytes free in memory that a cluster is not noticed in."""
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    # The data are thrown away: nothing has to survive a crash of the machine.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "log_min_messages": "warning",
}


class RunningServer:
    """A cluster that runs, whoever started it.

    Its databases belong to ``OWNER``, who is no superuser, as in a real installation.


    :param folder: where its socket is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def url(self, database: str, user: str = OWNER) -> str:
        """The address of a database, as SQLAlchemy and psycopg read it."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def admin(self, statement: str) -> None:
        """Run one statement outside a transaction, as the superuser."""
        self._superuser.execute(statement.encode())

    def close(self) -> None:
        """End one's own connection to it."""
        if "_superuser" in vars(self):
            self._superuser.close()

    @cached_property
    def _superuser(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url("postgres", _ADMIN), autocommit=True)


def _roomy() -> str:
    """The folder for a cluster: in memory where there is plenty, because each test copies and removes some 1,500 files.

    Either has a short name: the path of a socket has 107 bytes.
    """
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > _PLENTY else "/tmp"


class PostgresServer(RunningServer):
    """A cluster of one's own, until :meth:`stop`.

    :param initdb: the program beside which the others lie.
    """

    def __init__(self, initdb: Path) -> None:
        super().__init__(Path(tempfile.mkdtemp(prefix="fc-pg-", dir=_roomy())))
        self._programs = initdb.parent
        self._as_user = _drop_root(self.folder)
        self._process = self._start()
        self.admin(f"CREATE ROLE {OWNER} LOGIN CREATEDB")

    def stop(self) -> None:
        """End the server at once and remove everything it wrote."""
        self.close()
        self._process.send_signal(signal.SIGINT)  # at once, whoever is still connected
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> subprocess.Popen[bytes]:
        data = str(self.folder / "data")
        self._run("initdb", "-D", data, "-U", _ADMIN, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*self._as_user, self._programs / "postgres", "-D", data, "-k", str(self.folder), *settings],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait(process)
        return process

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._as_user, self._programs / program, *arguments], cwd=self.folder, capture_output=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.decode(errors='replace')}")

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg.connect(self.url("postgres", _ADMIN)).close()
                return
            except psycopg.OperationalError as error:
                if process.poll() is not None or time.monotonic() > end:
                    log = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
                    raise RuntimeError(f"PostgreSQL did not start: {log}") from error
                time.sleep(0.05)


def find_initdb() -> Path | None:
    """``initdb`` of the newest PostgreSQL on this machine."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_major)
    if versions:
        return versions[-1]
    found = shutil.which("initdb")
    return Path(found).resolve() if found else None


def _major(program: Path) -> int:
    found = re.search(r"/(\d+)/bin/", str(program))
    return int(found[1]) if found else 0


def _drop_root(folder: Path) -> list[str]:
    """What to put before a command so that it neither runs as root nor outlives the test run."""
    mortal = ["setpriv", "--pdeathsig=INT"] if shutil.which("setpriv") else []
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return mortal
    user, group = _unprivileged()
    os.chown(folder, user, group)
    # In this order: a change of user takes the signal at the parent's death away again.
    return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", *mortal]


def _unprivileged() -> tuple[int, int]:
    """The user and group PostgreSQL runs as when the tests are run by root, whom it refuses."""
    import pwd  # there is none on Windows, where nobody is root

    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return found.pw_uid, found.pw_gid
    raise RuntimeError("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
