"""Runs the tests that depend on the addon set in every valid set: ``python -m tests.support.sets``.

A set has a process of its own, because mappers and imported addons live as long as the process.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from tests.support.addons import CORE_ONLY, ROOT, bundled, valid_sets

_SHARED = {"conformance", "stories"}
_UNCHANGED = {"build"}


def main() -> int:
    """Run all sets; returns the exit code."""
    parser = argparse.ArgumentParser(description="run the suite in every valid set of bundled addons")
    parser.add_argument("--jobs", type=int, default=2, help="how many sets at a time")
    parser.add_argument("--database", default="both", help="see pytest --help")
    options = parser.parse_args()
    with ThreadPoolExecutor(options.jobs) as pool:
        codes = list(pool.map(lambda names: _run(names, options.database), valid_sets()))
    sys.stdout.write(f"addon sets: {codes.count(0)} passed, {len(codes) - codes.count(0)} failed\n")
    return 1 if any(codes) else 0


def _run(names: tuple[str, ...], database: str) -> int:
    """Run one set; shows its closing line, and everything when it failed."""
    start = monotonic()
    chosen = ",".join(names) or CORE_ONLY
    arguments = ["-q", f"--addons={chosen}", f"--database={database}", "-m", "not browser and not slow"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments, "-p", "no:cacheprovider", *_paths(names)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    shown = done.stdout.strip() if done.returncode else done.stdout.strip().rpartition("\n")[2]
    sys.stdout.write(f"{chosen}: {shown} ({monotonic() - start:.0f} s)\n")
    sys.stdout.flush()
    return done.returncode


def _paths(names: tuple[str, ...]) -> list[str]:
    """What depends on the set: its addons' suites and what goes over all of them; core alone has all its own."""
    folders = {file.relative_to(ROOT / "tests").parts[0] for file in (ROOT / "tests").glob("*/**/test_*.py")}
    core = folders - set(bundled()) - _UNCHANGED
    return [f"tests/{name}" for name in sorted(folders & {*_SHARED, *names} if names else core)]


if __name__ == "__main__":
    sys.exit(main())
