"""Addons that installed distributions offer are found by their entry points."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.host import registry

MANIFEST = 'name = "tyres"\nversion = "1.0"\ncore = ">=0.1"\ntitle = {en = "Tyres", ru = "Шины"}\n'
ENTRY_POINTS = """[console_scripts]
tyres = tyres.main:run

[ forecourt.addons ]
# gone = tyres_of_old
tyres = tyres
"""


def test_an_installed_addon_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "tyres").mkdir()
    (tmp_path / "tyres" / "__init__.py").touch()
    (tmp_path / "tyres" / "addon.toml").write_text(MANIFEST, encoding="utf-8")
    (tmp_path / "tyres-1.0.dist-info").mkdir()
    (tmp_path / "tyres-1.0.dist-info" / "entry_points.txt").write_text(ENTRY_POINTS, encoding="utf-8")
    found = registry.discover()
    assert found.failures == []
    assert found.found["tyres"].package == "tyres"
    assert found.found["tyres"].folder == tmp_path / "tyres"
    assert "contacts" in found.found
