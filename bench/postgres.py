"""A PostgreSQL of the benchmarks' own whose data outlive the run; reached by a socket only it has."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from core.testing import postgres
from core.testing.postgres import OWNER, PostgresServer, find_initdb
from tests.support.system import need

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "400",
    "shared_buffers": "512MB",
    "effective_cache_size": "4GB",
    "maintenance_work_mem": "512MB",
    "random_page_cost": "1.1",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "log_min_messages": "warning",
}
"""As somebody would set it up for one dealership on a small server; commits are durable."""


class KeptPostgres(PostgresServer):
    """A cluster in a folder that stays. ``pid`` is that of the postmaster."""

    def __init__(self, folder: Path) -> None:
        self._programs = need(find_initdb, "postgresql", "the benchmarks on PostgreSQL").parent
        self.folder = Path(tempfile.mkdtemp(prefix="fc-pg-", dir="/tmp"))
        self._as_user = postgres._drop_root(self.folder)
        self._data = folder.resolve() / "postgresql"
        self._is_new = not (self._data / "PG_VERSION").exists()
        if self._is_new:
            shutil.rmtree(self._data, ignore_errors=True)
        self._data.mkdir(parents=True, exist_ok=True)
        shutil.chown(self._data, self.folder.owner(), self.folder.group())
        self._process = self._start()
        if self._is_new:
            self.admin(f"CREATE ROLE {OWNER} LOGIN CREATEDB")

    @property
    def pid(self) -> int:
        """The postmaster."""
        return self._process.pid

    def _start(self) -> subprocess.Popen[bytes]:

        if self._is_new:
            self._run("initdb", "-D", str(self._data), "-U", "admin", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*self._as_user, self._programs / "postgres", "-D", self._data, "-k", str(self.folder), *settings],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait(process)
        return process

    def stop(self) -> None:
        """Stop it in order; the data stay."""

        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(60)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
