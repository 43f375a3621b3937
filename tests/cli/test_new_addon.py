"""``forecourt addon new``: what it writes, and what it refuses."""

from __future__ import annotations

import tomllib
from pathlib import Path

from core.host.manifest import read_manifest
from tests.cli.conftest import Console


def test_a_new_addon_is_a_repository_of_its_own(nothing: Console, tmp_path: Path) -> None:
    folder = tmp_path / "store"

    said = nothing.ok("addon", "new", "tyres", "--folder", folder, "--title", "Tyre store", "--title-ru", "Склад шин")

    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert {".gitignore", ".github/workflows/test.yml", "README.md", "pyproject.toml", "tyres/py.typed"} <= files
    assert all(file in said for file in files)
    assert read_manifest(folder / "tyres" / "addon.toml").title == {"en": "Tyre store", "ru": "Склад шин"}
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["entry-points"]["forecourt.addons"] == {"tyres": "tyres"}
    for file in (".github/workflows/test.yml", "README.md"):
        before, _, _ = (folder / file).read_text(encoding="utf-8").partition("pip install --editable")
        assert "pip install wheels/forecourt-*.whl" in before, "no package index has Forecourt"
    assert not [file for file in files if "$" in (folder / file).read_text(encoding="utf-8")]


def test_a_name_is_refused_that_cannot_be_used(nothing: Console, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    for name, reason in {
        "Tyres": "one lowercase word",
        "core": "not «core»",
        "contacts": "an addon «contacts» already",
        "class": "cannot be the name of a package",
        "tests": "beside its tests",
        "json": "a Python module «json»",
        "jinja2": "a Python module «jinja2»",
    }.items():
        assert reason in nothing.refused("addon", "new", name, "--folder", folder)
    assert not folder.exists()


def test_a_title_is_refused_that_cannot_be_quoted(nothing: Console, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    for title in ('Bob "x"', "Bob\\", "Bob\nx"):
        for option in ("--title", "--title-ru"):
            assert "no straight quotation marks" in nothing.refused(
                "addon", "new", "tyres", "--folder", folder, option, title
            )
    assert not folder.exists()


def test_nobody_s_files_are_written_over(nothing: Console, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "README.md").write_text("Mine.", encoding="utf-8")

    assert "holds something" in nothing.refused("addon", "new", "tyres", "--folder", tmp_path / "store")

    assert [path.name for path in (tmp_path / "store").iterdir()] == ["README.md"]
