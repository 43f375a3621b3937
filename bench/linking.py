"""The process that keeps the links of an instance, as ``forecourt run`` has one: ``python -m bench.linking INSTANCE DATABASE``."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from addons.telephony.services.link import keeper
from core.config import Config, load_config
from core.host import instance, registry
from core.jobs.duties import OnDuty
from core.jobs.leader import FileLeader

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Keep the links until told to stop."""
    folder, database_url = sys.argv[1:]
    config = load_config(Path(folder), {}, database=database_url, require_second_factor=False, log="json")
    host = registry.start(instance.enabled(config), registry.discover(), strict=True)
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    with instance.open_database(config, host, pool_size=4) as database:
        keeper.keep(OnDuty(database, FileLeader(config.instance / "links.lock"), stopping))


@contextmanager
def links_kept(config: Config) -> Iterator[psutil.Process]:
    """The process for the length of a measurement."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.linking", str(config.instance), config.database]
    with (config.instance / "links.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
