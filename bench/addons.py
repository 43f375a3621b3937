"""``python -m bench.addons``: what addons cost – the start with many, a hook nobody answers, a slot of three.

    python -m bench.addons                # on SQLite
    python -m bench.addons --starts 5     # the median of so many starts, with and without fifty more, in turns

The start is that of the process that serves: from the command to the first answer, with an instance that is up to
date. The fifty more are what ``forecourt addon new`` writes, with nothing taken out of it but its tests.
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import psutil

from bench.report import mark, say
from bench.serving import ROOT, answers
from core.config import Config, load_config
from core.host import hookspecs, instance, registry
from core.host.new_addon import write_addon
from core.host.plugins import Hooks, hookimpl
from tests.support.dealership import free_port

MORE = 50
START_SECONDS, MORE_SECONDS = 2.0, 1.0
NOBODY_MICROSECONDS, SLOT_MICROSECONDS = 5.0, 100.0
CALLS = 20_000
LONGEST = 120.0


class Start(NamedTuple):
    """A start: its length, and the processor time of all its processes, in seconds."""

    seconds: float
    processor: float


def main() -> None:
    """Measure all of it and print it."""
    parser = argparse.ArgumentParser(
        "python -m bench.addons", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--starts", type=int, default=5, help="how many starts of each kind")
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)
    say(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    _calls()
    _starts(chosen.starts)


# --- calls -----------------------------------------------------------------------------------------


def _calls() -> None:
    hooks = Hooks()
    hooks.add_specs(hookspecs)
    nobody = _microseconds(lambda: hooks.each("card_panels", session=None, screen_key="x", subject=None))
    for number in range(3):
        hooks.register(f"three{number}", _answering(f"three{number}"))
    three = _microseconds(lambda: hooks.each("card_panels", session=None, screen_key="x", subject=None))
    say(
        f"a hook without implementations: {nobody:.2f} µs (≤ {NOBODY_MICROSECONDS:g}: {mark(nobody <= NOBODY_MICROSECONDS)})"
    )
    say(f"a slot of three addons:         {three:.2f} µs (≤ {SLOT_MICROSECONDS:g}: {mark(three <= SLOT_MICROSECONDS)})")


def _answering(name: str) -> ModuleType:
    module = ModuleType(name)

    def card_panels(screen_key: str) -> list[str]:
        return [screen_key]

    module.card_panels = hookimpl(card_panels)  # type: ignore[attr-defined]
    return module


def _microseconds(call: Callable[[], object]) -> float:
    """Of one call, the best of five rounds: what else the machine does only adds."""
    call()
    rounds = []
    for _ in range(5):
        started = time.perf_counter()
        for _ in range(CALLS):
            call()
        rounds.append((time.perf_counter() - started) * 1e6 / CALLS)
    return min(rounds)


# --- starts ----------------------------------------------------------------------------------------


def _starts(number: int) -> None:
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as folder:
        plain = _prepared(Path(folder) / "plain", ())
        private = Path(folder) / "addons"
        names = _write_more(private)
        many = _prepared(Path(folder) / "many", (private,), names)
        starts: dict[str, list[Start]] = {"plain": [], "many": []}
        for _ in range(number):
            starts["plain"].append(_start(plain))
            starts["many"].append(_start(many))
    bundled, everything = (Start(*map(statistics.median, zip(*each, strict=True))) for each in starts.values())
    more = Start(everything.seconds - bundled.seconds, everything.processor - bundled.processor)
    _tell("start with the bundled addons", bundled, START_SECONDS)
    _tell(f"what {MORE} more addons add", more, MORE_SECONDS)
    for name, each in starts.items():
        say(f"  {name}: " + ", ".join(f"{start.seconds:.2f}" for start in each))


def _tell(what: str, start: Start, most: float) -> None:
    met = mark(start.seconds <= most)
    say(f"{what}: {start.seconds:.2f} s (≤ {most:g}: {met}), processor time {start.processor:.2f} s")


def _write_more(folder: Path) -> list[str]:
    """Addons as they are begun, each in a folder of the path for addons."""
    names = [f"more{number:02d}" for number in range(MORE)]
    for name in names:
        repository = folder.with_name("written") / name
        write_addon(name, repository)
        shutil.copytree(repository / name, folder / name)
    return names


def _prepared(folder: Path, path: tuple[Path, ...], more: Sequence[str] = ()) -> Config:
    """An instance with all bundled addons, and these."""
    config = load_config(folder, {}, addons_path=path, require_second_factor=False, log="json")
    bundled = [name for name, each in registry.discover().found.items() if each.package.startswith("addons.")]
    instance.upgrade(config)
    instance.enable(config, [*bundled, *more])
    return config


def _start(config: Config) -> Start:
    """``forecourt web`` from the command to its first answer."""
    started = time.perf_counter()
    with _served(config) as (port, process):
        while not answers(port):
            if process.poll() is not None or time.perf_counter() - started > LONGEST:
                raise RuntimeError(f"no answer; see {config.instance / 'boot.log'}")
            time.sleep(0.01)
        return Start(time.perf_counter() - started, _processor_time(process.pid))


def _processor_time(pid: int) -> float:
    """Of a process and those it has started, ended ones included."""
    root = psutil.Process(pid)
    times = [each.cpu_times() for each in (root, *root.children(recursive=True))]
    return float(sum(each.user + each.system + each.children_user + each.children_system for each in times))


@contextmanager
def _served(config: Config) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = free_port()
    arguments = [sys.executable, "-m", "core.cli", "web", "--instance", str(config.instance)]
    arguments += ["--port", str(port), "--workers", "1"]
    environment = {
        "FORECOURT_ADDONS_PATH": os.pathsep.join(map(str, config.addons_path)),
        "FORECOURT_REQUIRE_SECOND_FACTOR": "false",
        "PATH": "/usr/bin:/bin",
    }
    with (config.instance / "boot.log").open("wb") as log:
        process = subprocess.Popen(arguments, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            yield port, process
        finally:
            process.terminate()
            process.wait(30)


if __name__ == "__main__":
    main()
