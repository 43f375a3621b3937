"""The sample addon's own tests, run as its author runs them: from its folder, with the test kit, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.addons import ROOT
from tests.support.sample import write_sample

pytestmark = [pytest.mark.slow, pytest.mark.addons("contacts", "sales")]

_SECOND_ALONE = ("-k", "chargers or migrations or runs")


@pytest.mark.parametrize("second", [False, True], ids=["first", "second"])
def test_it_passes_them(tmp_path: Path, database_kind: str, second: bool) -> None:
    folder = write_sample(tmp_path / "parking", second=second)
    plugin = ["-p", "core.testing", "-p", "no:forecourt", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-W", "error", *plugin),
            *("--forecourt-database", database_kind, *(_SECOND_ALONE if second else ())),
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
