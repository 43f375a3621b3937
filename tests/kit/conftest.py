"""New addons, written by the command and tested in a process of their own, as their authors do it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.host.new_addon import write_addon
from tests.support.addons import ROOT


@dataclass(frozen=True, slots=True)
class Workshop:
    """The folder of a new addon called «tyres»."""

    folder: Path

    @property
    def package(self) -> Path:
        """Its package."""
        return self.folder / "tyres"

    def change(self, file: str, before: str, after: str) -> None:
        """Change a file of the addon, which holds what is to be changed."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")

    def run_tests(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run pytest there, with every warning an error."""
        # The plugin is named, for an editable installation may be older than its entry point.
        plugin = ["-p", "core.testing", "-p", "no:forecourt", "-p", "no:cacheprovider"]
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-W", "error", *plugin, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """A new addon."""
    folder = tmp_path / "store"
    write_addon("tyres", folder, "Tyre store", "Склад шин")
    return Workshop(folder)
