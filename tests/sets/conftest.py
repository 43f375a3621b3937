"""A dealership with the addons under test, come about in two ways: made with them, or left of one that had all."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import Config, load_config
from core.host import instance, registry
from core.testing.databases import Databases
from core.web.app import Application
from tests.support.addons import ROOT, bundled
from tests.support.dealership import hire

# A process of its own: it loads addons that this one must not have loaded.
_WITH_ALL = """
import sys
from tests.sets.conftest import fill
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


def leave(url: str, addons: tuple[str, ...]) -> None:
    """Make the dealership of all addons, with its data, and switch off those that are not wanted."""
    names = list(bundled())
    made = subprocess.run(
        [sys.executable, "-c", _WITH_ALL, url, ",".join(names)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    with tempfile.TemporaryDirectory() as folder:
        config = load_config(Path(folder), {}, database=url, demo=True)
        for name in reversed(names):
            if name not in addons:
                instance.disable(config, name)


@pytest.fixture(params=["made", "left"])
def house(
    request: pytest.FixtureRequest, databases: Databases, addon_set: tuple[str, ...], tmp_path: Path
) -> Iterator[Config]:
    """An instance with two months of data: of an owner who enabled these addons, and of one who had all (X-11, X-12)."""
    if request.param == "made":
        url = databases.prepared(f"made {addon_set}", lambda empty: fill(empty, list(addon_set)))
    else:
        url = databases.prepared(f"left {addon_set}", lambda empty: leave(empty, addon_set))
    config = load_config(tmp_path / "instance", {}, database=url, demo=True)
    config.instance.mkdir()
    yield config
    databases.drop(url)


@pytest.fixture
def app(house: Config) -> Iterator[Application]:
    """Its application."""
    app = Application(house)
    yield app
    app.close()
