"""What every test has: a database of its own, the addon set under test, and no way off this machine."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from core.web.constant_calls import FoldingEnvironment
from core.web.routing import Router
from tests.pbx import fixtures as telephone_exchanges
from tests.pbx.fixtures import asterisk
from tests.support import addons, chromium, network, reruns
from tests.support import databases as stores
from tests.support.addons import addon_set
from tests.support.chromium import axe, browser
from tests.support.databases import database_url, databases, postgres_server
from tests.support.dealership import dealership, furnish, server
from tests.support.visitors import app, visit

__all__ = [
    "addon_set",
    "app",
    "asterisk",
    "axe",
    "browser",
    "database_url",
    "databases",
    "dealership",
    "furnish",
    "postgres_server",
    "server",
    "visit",
]

collect_ignore = ["sample_addon"]
"""A distribution of its own, whose tests run in a process of their own (tests/sample)."""


def pytest_addoption(parser: pytest.Parser) -> None:
    stores.add_option(parser)
    addons.add_option(parser)


def pytest_configure(config: pytest.Config) -> None:
    addons.chosen(config)
    network.guard()
    reruns.configure(config)
    # Each test's application is garbage soon: looking for it as often as Python does by itself took a third of the time.
    gc.set_threshold(20_000, 20, 100)
    # Every test has applications of its own, and nearly all of the same templates and addresses.
    FoldingEnvironment.kept, Router.kept = {}, {}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    stores.parametrize(metafunc)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return addons.ignored(collection_path, config) or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    addons.deselect(config, items)
    stores.deselect(config, items)
    chromium.last(items)
    telephone_exchanges.mark(items)
    reruns.mark(items)
