"""Tests in sets of addons: ``python -m tests.support.sets``, what every valid set has to pass; ``--minimal``, the other
suites of core alone and of each addon with no more than it needs. Arguments after ``--`` go to pytest.

The set of all addons is what pytest tests without any of this. A set has a process of its own, because mappers and
imported addons live as long as the process.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from time import monotonic

from tests.support.addons import CORE_ONLY, ROOT, bundled, minimal_sets, valid_sets
from tests.support.houses import ALL, fill_with_all
from tests.support.sharing import shared

_EACH = ("tests/conformance", "tests/sets")
"""What every set has to pass."""
_OF_ALL = [
    "--deselect=tests/conformance/test_rights.py::test_every_address_as_every_role[postgresql]",
    "--deselect=tests/sets/test_opening.py::test_every_page_opens[made-postgresql]",
    "--deselect=tests/sets/test_opening.py::test_every_page_opens[left-sqlite]",
]
"""What takes long is asked of both databases in the set of all only. The smaller sets ask what an address answers to a role
on SQLite; and every page there in a house made of them, on PostgreSQL in one where the rest has left its data."""

_SHARED = {"stories"}
_UNCHANGED = {"build", "sample_addon", "sources"}
"""What depends on no set of bundled addons; the sample addon's tests run in an environment of their own."""
_OF_EACH_SET = {path.rpartition("/")[2] for path in _EACH}
_NOTHING_COLLECTED = 5
_ONE_DATABASE = ["--database=sqlite"]
"""A whole suite has passed on both already; what it lacks without the other addons is the same on either."""


def main() -> int:
    """Run all sets; returns the exit code."""
    parser = argparse.ArgumentParser(description="run tests in sets of bundled addons")
    parser.add_argument("--minimal", action="store_true", help="the whole suites of the smallest sets instead")
    parser.add_argument("--jobs", type=int, default=2, help="how many sets at a time")
    parser.add_argument("more", nargs="*", help="for pytest")
    options = parser.parse_args()
    if options.minimal:
        sets, paths, more = minimal_sets(), _suites, [*_ONE_DATABASE, *options.more]
    else:
        sets, paths, more = valid_sets()[:-1], lambda _names: list(_EACH), [*_OF_ALL, *options.more]
    with (
        nullcontext({}) if options.minimal else shared(ALL, fill_with_all) as given,
        ThreadPoolExecutor(options.jobs) as pool,
    ):
        codes = list(pool.map(lambda names: _run(names, [*more, *paths(names)], given), sets))
    sys.stdout.write(f"addon sets: {codes.count(0)} passed, {len(codes) - codes.count(0)} failed\n")
    return 1 if any(codes) else 0


def _run(names: tuple[str, ...], more: list[str], given: Mapping[str, str]) -> int:
    """Run one set; shows its closing line, and everything when it failed."""
    start = monotonic()
    chosen = ",".join(names) or CORE_ONLY
    arguments = ["-q", f"--addons={chosen}", "-m", "not browser and not slow"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments, "-p", "no:cacheprovider", *more],
        cwd=ROOT,
        env=os.environ | given,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    shown = done.stdout.strip() if done.returncode else done.stdout.strip().rpartition("\n")[2]
    sys.stdout.write(f"{chosen}: {shown} ({monotonic() - start:.0f} s)\n")
    sys.stdout.flush()
    return 0 if done.returncode == _NOTHING_COLLECTED else done.returncode


def _suites(names: tuple[str, ...]) -> list[str]:
    """What depends on the set: the suite of the addon it is for, the last, and what goes over all; core has all its own.

    The addons that it needs have theirs in their own sets, and with all others.
    """
    folders = {file.relative_to(ROOT / "tests").parts[0] for file in (ROOT / "tests").glob("*/**/test_*.py")}
    core = folders - set(bundled()) - _UNCHANGED - _OF_EACH_SET
    return [f"tests/{name}" for name in sorted(folders & {*_SHARED, names[-1]} if names else core)]


if __name__ == "__main__":
    sys.exit(main())
