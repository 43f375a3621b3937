"""The addon set under test: mappers live as long as a process, so each set has a process of its own."""

from __future__ import annotations

import contextlib
import itertools
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORE_ONLY = "core"


def bundled() -> dict[str, frozenset[str]]:
    """The addons of this checkout and what each depends on, dependencies first."""
    found: dict[str, frozenset[str]] = {}
    for file in sorted(ROOT.glob("addons/*/addon.toml")):
        manifest = tomllib.loads(file.read_text(encoding="utf-8"))
        found[file.parent.name] = frozenset(manifest.get("depends", {}))
    return dict(sorted(found.items(), key=lambda item: (len(_needed(item[0], found)), item[0])))


def _needed(name: str, depends: dict[str, frozenset[str]]) -> set[str]:
    """Everything an addon needs, directly or not."""
    direct = depends.get(name, frozenset())
    return set(direct).union(*(_needed(other, depends) for other in direct))


def valid_sets() -> list[tuple[str, ...]]:
    """All sets of bundled addons that can be enabled together, the empty one first and that of all last."""
    depends = bundled()
    chosen = [names for size in range(len(depends) + 1) for names in itertools.combinations(depends, size)]
    return [names for names in chosen if all(depends[name] <= set(names) for name in names)]


def minimal_sets() -> list[tuple[str, ...]]:
    """Core alone, and each addon with what it needs, but for the set of all."""
    depends = bundled()
    needed = [{name, *_needed(name, depends)} for name in depends]
    chosen = [(), *(tuple(name for name in depends if name in names) for names in needed)]
    return [names for names in chosen if len(names) < len(depends)]


def add_option(parser: pytest.Parser) -> None:
    """``--addons``: the set this process tests."""
    parser.addoption(
        "--addons", default=None, help=f"addons under test, with commas; {CORE_ONLY!r} for none (default: all bundled)"
    )


def chosen(config: pytest.Config) -> tuple[str, ...]:
    """The set under test, dependencies first.

    :raises pytest.UsageError: for an unknown addon and for a set that lacks a dependency.
    """
    wanted = config.getoption("--addons")
    depends = bundled()
    if wanted is None:
        return tuple(depends)
    names = set() if wanted == CORE_ONLY else {name.strip() for name in wanted.split(",") if name.strip()}
    for name in sorted(names):
        if name not in depends:
            raise pytest.UsageError(f"--addons: there is no addon {name!r}; there are: {', '.join(depends)}")
        if not depends[name] <= names:
            raise pytest.UsageError(f"--addons: {name} needs {', '.join(sorted(depends[name] - names))}")
    return tuple(name for name in depends if name in names)


def ignored(path: Path, config: pytest.Config) -> bool:
    """Whether a folder holds the tests of an addon outside the set."""
    return path.parent == ROOT / "tests" and path.name in set(bundled()) - set(chosen(config))


def deselect(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests marked ``addons(…)`` whose addons are not all in the set."""
    names = set(chosen(config))
    out = [item for item in items if any(not set(mark.args) <= names for mark in item.iter_markers("addons"))]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in set(out)]


def forget(folder: Path) -> None:
    """Take the addons of a private folder out of the process: the next test may have others of their names."""
    from core.host import mapping

    # A test may have taken away an addon's manifest, or half of its files.
    for name in {file.parent.name for part in ("addon.toml", "__init__.py") for file in folder.glob(f"*/{part}")}:
        mapping.forget(name)
    with contextlib.suppress(ValueError):
        sys.path.remove(str(folder))


@pytest.fixture(scope="session")
def addon_set(pytestconfig: pytest.Config) -> tuple[str, ...]:
    """The names of the addons under test, dependencies first."""
    return chosen(pytestconfig)
