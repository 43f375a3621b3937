"""Demonstration dealerships for tests: of some addons, or of all."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from core.config import load_config
from core.host import instance, registry
from tests.support.addons import ROOT, bundled
from tests.support.dealership import hire

ALL = "the dealership of all addons"

# A process of its own: it loads addons that this one must not have loaded.
_WITH_ALL = """
import sys
from tests.support.houses import fill
fill(sys.argv[1], sys.argv[2].split(","))
"""


def fill(url: str, addons: list[str]) -> None:
    """Make the demonstration dealership of some addons in an empty database."""
    with tempfile.TemporaryDirectory() as folder:
        config = load_config(Path(folder), {}, database=url, demo=True)
        instance.upgrade(config)
        if addons:
            instance.enable(config, addons)
        host = registry.start(instance.enabled(config), registry.discover(), strict=True)
        instance.fill_demo(config, host)
        if instance.is_empty(config):  # its people come with an addon
            with instance.working(config, host, "people of a test") as session:
                hire(session, tuple(addons))


def fill_with_all(url: str) -> None:
    """Make the demonstration dealership of all bundled addons, whichever this process has loaded."""
    command = [sys.executable, "-c", _WITH_ALL, url, ",".join(bundled())]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
