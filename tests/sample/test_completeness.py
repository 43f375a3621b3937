"""The sample addon uses all that there is: what is new in core or in a bundled addon is missing here until it does, too."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.support.addons import ROOT
from tests.support.sample import PACKAGE, SAMPLE

SPECS = [ROOT / "core" / "host" / "hookspecs.py", *sorted(ROOT.glob("addons/*/hookspecs.py"))]
ANSWERS = SAMPLE / PACKAGE / "hooks.py"
SLOTS = (ROOT / "docs" / "slots.md").read_text(encoding="utf-8")
SLOT = re.compile(r"^\| `?([a-z.]+)`? \| `([a-z_]+)` \|", re.MULTILINE)


def marked(file: Path, mark: str) -> set[str]:
    """The functions of a file that are marked as specifications or as implementations of hooks."""
    functions = [each for each in ast.parse(file.read_text(encoding="utf-8")).body if isinstance(each, ast.FunctionDef)]
    return {each.name for each in functions for decorator in each.decorator_list if mark in ast.unparse(decorator)}


@pytest.mark.parametrize("file", SPECS, ids=lambda file: file.parent.name)
def test_it_answers_every_hook(file: Path) -> None:
    offered = marked(file, "hookspec")
    assert offered
    assert offered - marked(ANSWERS, "hookimpl") == set()


def test_it_fills_every_slot() -> None:
    slots = dict(SLOT.findall(SLOTS))
    assert {"columns", "panels", "client.badge"} <= slots.keys()
    assert {slot: hook for slot, hook in slots.items() if hook not in marked(ANSWERS, "hookimpl")} == {}


def test_it_puts_a_panel_in_every_place() -> None:
    said = next(line for line in SLOTS.splitlines() if line.startswith("| panels |"))
    places = re.findall(r"`(before|[a-z]+)` \(|`([a-z]+)`$", said.partition("`place`")[2])
    known = {"before", "main", "side"}
    assert {word for found in places for word in found if word} <= known
    source = (SAMPLE / PACKAGE / "services" / "clients.py").read_text(encoding="utf-8")
    assert {place for place in known if f'"{place}"' not in source} == set()
