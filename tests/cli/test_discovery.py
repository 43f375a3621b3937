"""Addons that installed distributions offer are found by their entry points."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.host import registry
from tests.cli.conftest import Console
from tests.support.addons import forget

MANIFEST = 'name = "tyres"\nversion = "1.0"\ncore = ">=0.1"\ntitle = {en = "Tyres", ru = "Шины"}\n'
ENTRY_POINTS = """[console_scripts]
tyres = tyres.main:run

[ forecourt.addons ]
# gone = tyres_of_old
tyres = tyres
"""


def test_an_installed_addon_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    install(tmp_path)
    found = registry.discover()
    assert found.failures == []
    assert found.found["tyres"].package == "tyres"
    assert found.found["tyres"].folder == tmp_path / "tyres"
    assert "contacts" in found.found


def test_a_copy_that_is_not_imported_offers_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newer one is no addon any more; the older one's package is still there to be found."""
    old, new = tmp_path / "old", tmp_path / "new"
    monkeypatch.syspath_prepend(old)
    monkeypatch.syspath_prepend(new)
    install(old)
    (new / "Tyres-2.0.dist-info").mkdir(parents=True)
    assert "tyres" not in registry.discover().found


def test_files_that_cannot_be_read_keep_nobody_from_starting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    install(tmp_path)
    (tmp_path / "a-1.0.dist-info" / "entry_points.txt").mkdir(parents=True)
    (tmp_path / "b-1.0.dist-info").mkdir()
    (tmp_path / "b-1.0.dist-info" / "entry_points.txt").write_bytes(b"\xff")
    assert "tyres" in registry.discover().found


def install(folder: Path) -> None:
    """Put a distribution with an addon into a folder."""
    (folder / "tyres").mkdir(parents=True)
    (folder / "tyres" / "__init__.py").touch()
    (folder / "tyres" / "addon.toml").write_text(MANIFEST, encoding="utf-8")
    (folder / "tyres-1.0.dist-info").mkdir()
    (folder / "tyres-1.0.dist-info" / "entry_points.txt").write_text(ENTRY_POINTS, encoding="utf-8")


@pytest.mark.parametrize("apart", [True, False])
def test_enabling_says_that_servers_do_not_see_what_was_installed_as_editable(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, apart: bool
) -> None:
    """The code lies apart from what pip has written of it, and a running interpreter does not learn of the place."""
    site, source = tmp_path / "site", tmp_path / "source"
    place = source if apart else site
    (place / "tyres").mkdir(parents=True)
    (place / "tyres" / "__init__.py").touch()
    (place / "tyres" / "addon.toml").write_text(
        'name = "tyres"\nversion = "1"\ncore = ">=0.1"\ntitle = {en = "T", ru = "T"}\n'
    )
    about = site / "tyres-1.dist-info"
    about.mkdir(parents=True)
    (about / "entry_points.txt").write_text("[forecourt.addons]\ntyres = tyres\n")
    for each in (site, place):
        monkeypatch.syspath_prepend(str(each))
    try:
        said = console.ok("addon", "enable", "tyres")
    finally:
        forget(place)
    assert said.startswith("enabled: tyres\n")
    assert ("stop and start the servers and workers" in said) is apart
