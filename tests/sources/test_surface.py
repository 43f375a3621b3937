"""The public surface: its list is whole, says the same to Python and to the type checker, and costs nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import core
from core import conformance, public
from tests.support.addons import ROOT

LISTED = {
    **{
        (home, name): name for homes in public.NAMES.values() for home, names in homes.items() for name in names.split()
    },
    **{tuple(home.rsplit(".", 1)): name for name, (home, _) in public.MODULES.items()},
}
"""What the list says: by home and name there, the name that addons use."""


def test_the_type_checker_knows_the_same_list() -> None:
    stub = ast.parse((ROOT / "core" / "__init__.pyi").read_text(encoding="utf-8"))
    told = {
        (node.module, each.name): each.asname
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for each in node.names
    }
    assert told == LISTED


def test_no_name_is_offered_twice() -> None:
    names = [name for homes in public.NAMES.values() for each in homes.values() for name in each.split()]
    assert sorted([*names, *public.MODULES]) == public.names()


@pytest.mark.parametrize("name", public.names())
def test_every_name_is_there(name: str) -> None:
    given = getattr(core, name)
    assert name in dir(core)
    assert [part for part in public.MODULES.get(name, ("", ""))[1].split() if not hasattr(given, part)] == []


def test_every_name_is_explained() -> None:
    document = (ROOT / "docs" / "surface.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in document.splitlines() if line.startswith("| `")]
    assert len(rows) > len(public.names())
    assert [row[0] for row in rows if not row[1].strip(" |")] == []


def test_what_is_not_public_is_refused_by_name() -> None:
    with pytest.raises(ImportError, match="cannot import name 'KeptQuery'"):
        exec("from core import KeptQuery")
    with pytest.raises(AttributeError, match="not public"):
        _ = core.KeptQuery  # type: ignore[attr-defined]


def test_importing_core_imports_nothing_of_it() -> None:
    program = "import sys, core; print(*sorted(name for name in sys.modules if name.startswith('core')))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["core", "core.postponed"]


class TestAnAddon:
    def told(self, folder: Path, source: str) -> list[str]:
        (folder / "views.py").write_text(source, encoding="utf-8")
        return conformance.private_imports(folder)

    def test_imports_public_names(self, tmp_path: Path) -> None:
        source = "from core import Record, __version__, tasks as work\n\nwork.cancel(Record, 1)\n"
        assert self.told(tmp_path, source) == []

    def test_imports_no_module_of_core(self, tmp_path: Path) -> None:
        told = self.told(tmp_path, "import core.db\nfrom core.db.base import Record\n")
        assert told == [
            "views.py:1 imports core.db: say «from core import …»",
            "views.py:2 imports core.db.base: say «from core import …»",
        ]

    def test_imports_no_private_name(self, tmp_path: Path) -> None:
        assert self.told(tmp_path, "from core import KeptQuery\n") == ["views.py:1 KeptQuery is not public"]

    def test_uses_no_private_part_of_a_module(self, tmp_path: Path) -> None:
        told = self.told(tmp_path, "from core import tasks as work\n\nwork.end_all()\n")
        assert told == ["views.py:3 tasks.end_all is not public"]
