"""Every action that an addon notes in the audit trail has words there (SEC-63)."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from core.web.changes import ACTIONS
from core.web.i18n import load_translators
from tests.support.addons import ROOT, bundled

ADDONS = ROOT / "addons"
NOTED = re.compile(r"""action="([^"]+)"|note_action\(\s*\w+,\s*"([^"]+)"|"((?:contact|worksheet)\.[a-z]+)\"""")


@pytest.mark.parametrize("addon", [name for name in bundled() if (ADDONS / name / "services").is_dir()])
def test_every_action_has_words(addon: str) -> None:
    sources = [file.read_text(encoding="utf-8") for file in (ADDONS / addon / "services").rglob("*.py")]
    noted = {name for source in sources for found in NOTED.findall(source) for name in found if name}
    words = dict(ACTIONS)
    for each in getattr(import_module(f"addons.{addon}.hooks"), "audit_words", list)():
        words |= each.actions
    assert noted or addon not in ("contacts", "sales")
    assert sorted(noted - words.keys()) == []
    russian = load_translators([ADDONS.parent / "core" / "locale", ADDONS / addon / "locale"])["ru"]
    assert [words[name] for name in sorted(noted) if not russian.has(words[name])] == []
