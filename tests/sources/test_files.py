"""The promises of addons that their files show, whatever set runs: what each addon's sources must and must not hold (LAYOUT §12)."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from core import conformance
from core.host import messages, registry
from core.host.manifest import FoundAddon
from tests.support.addons import ROOT

CORE = ROOT / "core"
FOUND = registry.discover().found


@pytest.fixture(params=sorted(FOUND))
def addon(request: pytest.FixtureRequest, addon_set: tuple[str, ...]) -> FoundAddon:
    """Each bundled addon, whatever set is under test: files can be read without running them."""
    return FOUND[request.param]


def test_core_names_no_addon() -> None:
    assert conformance.core_names_addons(CORE, FOUND) == []


def test_no_manifest_is_broken() -> None:
    assert registry.discover().failures == []


def test_imports_only_what_the_manifest_says(addon: FoundAddon) -> None:
    assert conformance.foreign_imports(addon, FOUND) == []


def test_uses_core_by_its_public_names(addon: FoundAddon) -> None:
    """docs/surface.md lists them; what lies beneath may be moved at any time."""
    assert conformance.private_imports(addon.folder) == []


def test_init_is_a_docstring(addon: FoundAddon) -> None:
    assert conformance.init_imports(addon) == []


def test_hooks_stand_in_hooks(addon: FoundAddon) -> None:
    assert conformance.hook_problems(addon) == []


def test_queries_cannot_escape_the_row_rules(addon: FoundAddon) -> None:
    """SEC-2, SEC-29."""
    assert conformance.raw_queries(addon.folder) == []


def test_migrations_import_no_models(addon: FoundAddon) -> None:
    assert conformance.migration_imports(addon.folder) == []


def test_core_migrations_import_no_models() -> None:
    assert conformance.migration_imports(CORE) == []


@pytest.mark.parametrize("folder", [CORE, *(each.folder for each in FOUND.values())], ids=lambda folder: folder.name)
class TestWords:
    def test_every_text_is_in_russian_too(self, folder: Path) -> None:
        """X-03."""
        assert [f"{text.place}: {text.msgid}" for text in messages.untranslated(folder)] == []

    def test_templates_hold_no_words_of_their_own(self, folder: Path) -> None:
        assert conformance.literal_texts(folder) == []

    def test_templates_hold_nothing_the_csp_forbids(self, folder: Path) -> None:
        """SEC-25, SEC-26."""
        assert conformance.template_dangers(folder) == []


def test_addons_are_typed(addon: FoundAddon) -> None:
    assert (addon.folder / "py.typed").is_file()


def test_an_addon_has_its_few_entries_only(addon: FoundAddon) -> None:
    known = {
        "addon.toml",
        "address",  # of delivery: a grammar with its tables, which knows nothing of sessions and screens
        "__init__.py",
        "models",
        "services",
        "screens",
        "views",
        "hooks",
        "hookspecs",
        "rights.toml",
        "migrations",
        "templates",
        "locale",
        "static",
        "py.typed",
    }
    entries = {
        entry.name.removesuffix(".py") if entry.suffix == ".py" else entry.name for entry in addon.folder.iterdir()
    }
    entries = {"__init__.py" if entry == "__init__" else entry for entry in entries} - {"__pycache__"}
    assert entries <= known


def test_an_addon_does_not_give_core_words_another_meaning(addon: FoundAddon) -> None:
    """All catalogues are read as one: of two translations of a text, one would never be seen."""
    ours, theirs = _translations(CORE), _translations(addon.folder)
    assert {text for text in ours.keys() & theirs.keys() if ours[text] != theirs[text]} == set()


def _translations(folder: Path) -> dict[str, str]:
    with (folder / "locale" / "ru.po").open("rb") as file:
        return {each.id: each.string for each in read_po(file) if each.id and isinstance(each.id, str)}
