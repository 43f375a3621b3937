"""How long an instance takes to answer after its start, and what it holds in memory when nobody asks."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

from bench.data import Dealership
from bench.instances import Prepared
from bench.serving import ROOT, answers
from tests.support.dealership import free_port

SETTLED = 3.0


def measure(prepared: Prepared[Dealership], command: str, workers: int) -> dict[str, float]:
    """Seconds until ``forecourt web`` or ``run`` answers, and megabytes (PSS) of all its processes when idle."""
    port = free_port()
    arguments = [sys.executable, "-m", "core.cli", command, "--instance", str(prepared.config.instance)]
    arguments += ["--port", str(port), "--workers", str(workers)]
    environment = {
        "FORECOURT_DATABASE": prepared.config.database,
        "FORECOURT_REQUIRE_SECOND_FACTOR": "false",
        "PATH": "/usr/bin:/bin",
    }
    with (prepared.config.instance / "boot.log").open("wb") as log:
        started = time.perf_counter()
        process = subprocess.Popen(arguments, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            while not answers(port) and process.poll() is None and time.perf_counter() - started < 60:
                time.sleep(0.01)
            seconds = time.perf_counter() - started
            time.sleep(SETTLED)
            return {"seconds": seconds, "megabytes": _memory(process.pid)}
        finally:
            process.terminate()
            process.wait(30)


def _memory(pid: int) -> float:
    root = psutil.Process(pid)
    total = 0
    for process in (root, *root.children(recursive=True)):
        with suppress(OSError):
            lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024
