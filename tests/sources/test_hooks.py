"""Hooks by their sources: each is called by its owner, used by an addon, and says what it promises (LAYOUT §12)."""

from __future__ import annotations

import inspect
import re

import pytest

from core.host import hookspecs
from tests.support.addons import ROOT

SPECS = [
    name
    for name, function in inspect.getmembers(hookspecs, inspect.isfunction)
    if function.__module__ == hookspecs.__name__
]
OFFERED = [
    (file.parent.name, name)
    for file in sorted((ROOT / "addons").glob("*/hookspecs.py"))
    for name in re.findall(r"^def (\w+)\(", file.read_text(encoding="utf-8"), re.MULTILINE)
]
"""What bundled addons offer: the addon and the hook."""
SOURCES = {
    file: file.read_text(encoding="utf-8") for folder in ("core", "addons") for file in (ROOT / folder).rglob("*.py")
}


@pytest.mark.parametrize("name", SPECS)
def test_every_spec_is_called_and_used(name: str) -> None:
    """A hook has an owner that calls it and a real addon that uses it."""
    called = [file for file, text in SOURCES.items() if f'"{name}"' in text]
    used = [
        file
        for file, text in SOURCES.items()
        if file.name == "hooks.py" and re.search(rf"^def {name}\(", text, re.MULTILINE)
    ]
    assert called, f"nobody calls {name}"
    assert used, f"no bundled addon uses {name}"


@pytest.mark.parametrize(("owner", "name"), OFFERED)
def test_every_spec_of_an_addon_carries_its_name_and_is_called_by_it(owner: str, name: str) -> None:
    """The sample addon answers all of them (tests/sample)."""
    called = [file for file, text in SOURCES.items() if f'"{name}"' in text]
    assert name.startswith(f"{owner}_")
    assert {file.relative_to(ROOT / "addons").parts[0] for file in called} == {owner}


@pytest.mark.parametrize("name", SPECS)
def test_every_spec_says_what_it_promises(name: str) -> None:
    text = inspect.getdoc(getattr(hookspecs, name)) or ""
    assert "When:" in text
    assert "Since 0." in text
