"""``forecourt addon new``: a small addon that works at once, in a folder that is a repository of its own."""

from __future__ import annotations

import importlib.util
import keyword
import sys
from pathlib import Path
from string import Template

from core import __version__
from core.host import registry
from core.host.manifest import is_name
from core.host.registry import AddonError

_SKELETON = Path(__file__).parent / "templates" / "addon"
_TESTS = "tests"
_HIDDEN = "dot-"
"""What the name of a file begins with that will be hidden: packages leave hidden files out."""


def write_addon(name: str, folder: Path, title: str = "", title_ru: str = "") -> list[Path]:
    """Write the files of a new addon into a folder that is not there yet, or empty.

    :returns: the files, as they lie in the folder.
    :raises AddonError: for a name or a title that cannot be used, and for a folder that holds something.
    """
    problem = _problem(name, folder) or _unquotable(title + title_ru)
    if problem:
        raise AddonError(problem)
    title = title or name.capitalize()
    words = {"name": name, "title": title, "title_ru": title_ru or title, "range": _range()}
    written = []
    for source in sorted(_SKELETON.rglob("*.in")):
        path = _place(source.relative_to(_SKELETON), name)
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(Template(source.read_text(encoding="utf-8")).substitute(words), encoding="utf-8")
        written.append(path)
    return written


def _problem(name: str, folder: Path) -> str:
    if not is_name(name):
        return f"«{name}» is no addon name: one lowercase word of Latin letters and digits, not «core»"
    if name in registry.discover().found:
        return f"there is an addon «{name}» already"
    if keyword.iskeyword(name) or name == _TESTS:
        return f"«{name}» cannot be the name of a package beside its tests"
    if name in sys.stdlib_module_names or importlib.util.find_spec(name) is not None:
        return f"there is a Python module «{name}» already, which the addon would hide"
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        return f"{folder} is there already and holds something"
    return ""


def _unquotable(title: str) -> str:
    """Titles stand between quotation marks, in TOML and in Python."""
    if '"' in title or "\\" in title or not title.isprintable():
        return "a title has no straight quotation marks, backslashes and line ends; «…» and “…” will do"
    return ""


def _range() -> str:
    """The versions of core that promise what this one does: all of the same minor release."""
    major, minor = __version__.split(".")[:2]
    return f">={major}.{minor},<{major}.{int(minor) + 1}"


def _place(path: Path, name: str) -> Path:
    """Where a file of the skeleton goes."""
    parts = [name if part == "package" else part for part in path.with_suffix("").parts]
    return Path(*(part.replace(_HIDDEN, ".", 1) if part.startswith(_HIDDEN) else part for part in parts))
