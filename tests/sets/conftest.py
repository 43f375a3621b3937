"""A dealership with the addons under test, come about in two ways: made with them, or left of one that had all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import Config, load_config
from core.host import instance
from core.testing.databases import Databases
from core.web.app import Application
from tests.support.addons import bundled
from tests.support.houses import ALL, fill, fill_with_all


def leave(url: str, addons: tuple[str, ...]) -> None:
    """Switch off what is not wanted in a dealership of all addons."""
    with tempfile.TemporaryDirectory() as folder:
        config = load_config(Path(folder), {}, database=url, demo=True)
        for name in reversed(list(bundled())):
            if name not in addons:
                instance.disable(config, name)


def made(databases: Databases, addons: tuple[str, ...]) -> str:
    """The URL of a dealership of an owner who enabled these addons."""
    return databases.prepared(f"made {addons}", lambda empty: fill(empty, list(addons)))


def left(databases: Databases, addons: tuple[str, ...]) -> str:
    """The URL of a dealership of an owner who had all addons."""
    return databases.prepared(
        f"left {addons}", lambda full: leave(full, addons), lambda: databases.prepared(ALL, fill_with_all)
    )


@pytest.fixture(params=[made, left], ids=["made", "left"])
def house(
    request: pytest.FixtureRequest, databases: Databases, addon_set: tuple[str, ...], tmp_path: Path
) -> Iterator[Config]:
    """An instance with two months of data (X-11, X-12)."""
    url = request.param(databases, addon_set)
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
