"""Fixtures: an instance of core alone, and the command as a person types it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result

from core.cli import main
from core.config import Config, load_config
from core.host import instance
from core.testing.databases import Databases
from tests.support.addons import forget

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def private(tmp_path: Path) -> Iterator[Path]:
    """A folder for addons of the test's own, which are out of the process afterwards."""
    folder = tmp_path / "private"
    folder.mkdir()
    yield folder
    forget(folder)


@dataclass
class Console:
    """Runs commands on one instance; an exception that is none of click's fails the test."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str | Path) -> Result:
        command = ["-i", str(self.folder), *map(str, arguments)]
        return CliRunner().invoke(main, command, env=self.environment, catch_exceptions=False)

    def ok(self, *arguments: str | Path) -> str:
        """What a command says that goes well."""
        result = self(*arguments)
        assert result.exit_code == 0, result.output
        return result.output

    def refused(self, *arguments: str | Path) -> str:
        """What a command says that does not."""
        result = self(*arguments)
        assert result.exit_code in (1, 2), result.output
        assert "Traceback" not in result.output
        return result.output

    def served(self, *arguments: str | Path) -> str:
        """What a command says that serves, and so forks, but does not get that far here."""
        command = [sys.executable, "-m", "core.cli", "-i", str(self.folder), *map(str, arguments)]
        environment = {**os.environ, **self.environment}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    @property
    def config(self) -> Config:
        return load_config(self.folder, {**os.environ, **self.environment})


@pytest.fixture(autouse=True)
def _process_as_before() -> Iterator[None]:
    """A command sets up the log and the umask of its process, which here is that of the tests."""
    root = logging.getLogger()
    handlers, level, mask = root.handlers[:], root.level, os.umask(0o022)
    yield
    os.umask(mask)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def nothing(tmp_path: Path) -> Console:
    """A folder without an instance."""
    return Console(tmp_path / "var")


@pytest.fixture
def console(databases: Databases, tmp_path: Path) -> Iterator[Console]:
    """An instance with its tables and roles, and nobody in it."""
    url = databases.prepared("cli", lambda url: _make(url, tmp_path / "made"))
    yield Console(tmp_path / "var", {"FORECOURT_DATABASE": url})
    databases.drop(url)


def _make(url: str, folder: Path) -> None:
    instance.upgrade(Config(instance=folder, database=url))
