"""What is in the sdist and in the wheel built from it, with no way to the network."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.support.addons import ROOT, bundled

pytestmark = pytest.mark.slow
_LEFT_OUT = (".git", ".venv", "var", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources, so that building leaves nothing in the checkout."""
    folder = tmp_path_factory.mktemp("build") / "checkout"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    return folder


@pytest.fixture(scope="module")
def built(checkout: Path) -> Path:
    """The folder with the sdist and the wheel built from it; npm would fail if it were asked."""
    environment = os.environ | {"npm_config_offline": "true", "npm_config_cache": str(checkout.parent / "npm")}
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(checkout.parent / "dist")],
        cwd=checkout,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return checkout.parent / "dist"


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(next(built.glob("*.whl")))


def sources(*patterns: str) -> set[str]:
    """The files of core and of the bundled addons that match, as paths from the root."""
    folders = [ROOT / "core", *(ROOT / "addons" / name for name in bundled())]
    return {
        file.relative_to(ROOT).as_posix() for folder in folders for pattern in patterns for file in folder.glob(pattern)
    }


@pytest.mark.parametrize(
    "pattern",
    [
        "**/*.py",
        "**/*.toml",
        "**/py.typed",
        "**/templates/**/*.*",
        "**/locale/**/*.*",
        "**/migrations/**/*.*",
        "**/tables/**/*.*",
        "**/CREDITS.md",
        "**/static/**/*.*",
    ],
)
def test_the_wheel_holds_every_file_of_core_and_the_addons(wheel: zipfile.ZipFile, pattern: str) -> None:
    wanted = {name for name in sources(pattern) if "__pycache__" not in name and (ROOT / name).is_file()}

    assert wanted - set(wheel.namelist()) == set()


def test_the_wheel_holds_the_front_end_parts_and_their_licenses(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()

    assert "core/web/static/vendor/htmx.min.js" in names
    assert "core/web/static/vendor/licenses/htmx.txt" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} <= {"core", "addons"}
    assert "addons/__init__.py" not in wheel.namelist()
    assert not [name for name in wheel.namelist() if "axe" in name or "node_modules" in name]


def test_the_command_and_every_bundled_addon_are_registered(wheel: zipfile.ZipFile) -> None:
    points = configparser.ConfigParser()
    file = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    points.read_string(wheel.read(file).decode())

    assert points["console_scripts"]["forecourt"] == "core.cli:main"
    registered = dict(points["forecourt.addons"]) if points.has_section("forecourt.addons") else {}
    assert registered == {name: f"addons.{name}" for name in bundled()}


def test_core_and_every_addon_say_that_they_are_typed() -> None:
    missing = [
        folder
        for folder in ["core", *(f"addons/{name}" for name in bundled())]
        if not (ROOT / folder / "py.typed").is_file()
    ]

    assert missing == []


def test_the_sdist_can_build_the_parts_again(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {"_build.py", "assets/package.json", "assets/package-lock.json", "assets/.npmrc", "LICENSE"} <= names
    assert "core/web/static/vendor/.stamp" in names
