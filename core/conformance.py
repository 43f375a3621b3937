"""What every addon must honour, checked from its files: the promises of the architecture as functions.

Each returns the list of what is wrong, empty when all is well, so that a test says everything at once.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeGuard

from core import public
from core.host.manifest import FoundAddon

_CYRILLIC = re.compile("[А-Яа-яЁё]")
_LITERAL = re.compile(r">\s*([A-Za-zА-Яа-яЁё][^<>{}]*?)\s*<")
_KEYS = re.compile(r"<kbd\b.*?</kbd>", re.DOTALL)
_TAGS = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
_STYLE = re.compile(r"<[^>]+\sstyle\s*=|<style\b|<script(?![^>]*\bsrc=)|\son[a-z]+\s*=\s*[\"']", re.IGNORECASE)
UNSAFE = re.compile(r"\|\s*safe\b")


def sources(folder: Path) -> Iterator[Path]:
    """The Python files of an addon or of core, migrations left out."""
    return (file for file in sorted(folder.rglob("*.py")) if "migrations" not in file.parts)


def imports_of(file: Path) -> Iterator[tuple[str, int]]:
    """The modules a file imports, with the lines."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((name.name, node.lineno) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node.lineno


def foreign_imports(addon: FoundAddon, found: Mapping[str, FoundAddon]) -> list[str]:
    """Imports of addons that the manifest does not depend on; optional ones are met through hooks only."""
    allowed = {addon.name, *addon.manifest.depends}
    packages = {other.package: name for name, other in found.items()}
    problems = []
    for file in sources(addon.folder):
        for module, line in imports_of(file):
            owner = _owner(module, packages)
            if owner is not None and owner not in allowed:
                problems.append(f"{file.name}:{line} imports {module}, but «{owner}» is not in depends")
    return problems


def _owner(module: str, packages: Mapping[str, str]) -> str | None:
    return next((name for package, name in packages.items() if f"{module}.".startswith(f"{package}.")), None)


def private_imports(folder: Path) -> list[str]:
    """What an addon takes of core that is not public: another module than ``core``, another name, part of a module."""
    problems = []
    known = {*public.names(), "__version__"}
    for file in sources(folder):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        where = file.relative_to(folder)
        problems += [f"{where}:{line} imports {module}: say «from core import …»" for module, line in _deep(tree)]
        offered = [(name, node.lineno) for node in ast.walk(tree) if _from_core(node) for name in node.names]
        problems += [f"{where}:{line} {each.name} is not public" for each, line in offered if each.name not in known]
        modules = {each.asname or each.name: each.name for each, _ in offered if each.name in public.MODULES}
        problems += [f"{where}:{line} {part} is not public" for part, line in _private_parts(tree, modules)]
    return problems


def _deep(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((each.name, node.lineno) for each in node.names if each.name.partition(".")[0] == "core")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("core."):
            yield str(node.module), node.lineno


def _from_core(node: ast.AST) -> TypeGuard[ast.ImportFrom]:
    return isinstance(node, ast.ImportFrom) and node.module == "core" and not node.level


def _private_parts(tree: ast.Module, modules: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            module = modules[node.value.id]
            if node.attr not in public.parts(module):
                yield f"{module}.{node.attr}", node.lineno


def core_names_addons(core: Path, names: Iterable[str]) -> list[str]:
    """Places where core imports an addon or names one in a text: core knows none of them."""
    problems = []
    words = re.compile(rf"\baddons\.({'|'.join(names)})\b")
    for file in sources(core):
        for module, line in imports_of(file):
            if module.startswith("addons."):
                problems.append(f"{file}:{line} imports {module}")
        text = _without_docstrings(file)
        problems += [f"{file}: names {match.group()}" for match in words.finditer(text)]
    return problems


def _without_docstrings(file: Path) -> str:
    """The code of a file: examples in docstrings may name addons, code may not."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            node.body = [each for each in node.body if not _is_text(each)] or [ast.Pass()]
    return ast.unparse(tree)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def init_imports(addon: FoundAddon) -> list[str]:
    """What ``__init__.py`` imports: it must be a docstring only."""
    return [f"__init__.py:{line} imports {module}" for module, line in imports_of(addon.folder / "__init__.py")]


def raw_queries(folder: Path) -> list[str]:
    """Queries that the row rules would not reach: ``__table__``, ``text()`` and SQL in strings (SEC-29)."""
    problems = []
    for file in sources(folder):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == "__table__":
                problems.append(f"{file}:{node.lineno} uses __table__")
            if isinstance(node, ast.ImportFrom) and node.module == "sqlalchemy":
                problems += [f"{file}:{node.lineno} imports text" for name in node.names if name.name == "text"]
    return problems


def hook_problems(addon: FoundAddon) -> list[str]:
    """Implementations outside ``hooks.py``, with defaults, or imported into it."""
    problems = []
    for file in sources(addon.folder):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and any(_named(each) == "hookimpl" for each in node.decorator_list):
                if file.name != "hooks.py":
                    problems.append(f"{file.name}:{node.lineno} {node.name}: implementations stand in hooks.py")
                if node.args.defaults or node.args.kw_defaults:
                    problems.append(f"{file.name}:{node.lineno} {node.name}: arguments with defaults")
    return problems


def _named(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return _named(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def migration_imports(addon_folder: Path) -> list[str]:
    """Migrations that import project code: they must run when the models have moved on."""
    return [
        f"{file.name}:{line} imports {module}"
        for file in sorted((addon_folder / "migrations").glob("*.py"))
        for module, line in imports_of(file)
        if module.partition(".")[0] in ("core", "addons")
    ]


def literal_texts(folder: Path) -> list[str]:
    """Words in templates that are not passed through ``_()``, and Russian msgids in code."""
    problems = []
    for file in sorted(folder.rglob("*.html")):
        text = file.read_text(encoding="utf-8")
        bare = _KEYS.sub(" ", _TAGS.sub(" ", text))
        problems += [f"{file.name}: {word!r} is not translated" for word in _words(bare)]
        if _CYRILLIC.search(_TAGS.sub("", text)):
            problems.append(f"{file.name}: Russian words outside the catalogue")
    return problems


def _words(bare: str) -> list[str]:
    shown = (match.group(1).strip() for match in _LITERAL.finditer(bare))
    return [
        word for word in shown if "=" not in word and re.search(r"[A-Za-zА-Яа-яЁё]{3,}", word) and word not in _NAMES
    ]


_NAMES = {"Forecourt", "Excel"}
"""Names that are the same in every language."""


def template_dangers(folder: Path) -> list[str]:
    """Inline styles and scripts, which the CSP forbids, and values passed around escaping (SEC-25, SEC-26)."""
    problems = []
    for file in sorted(folder.rglob("*.html")):
        text = file.read_text(encoding="utf-8")
        problems += [f"{file.name}: {match.group().strip()[:60]}" for match in _STYLE.finditer(text)]
        problems += [f"{file.name}: |safe" for _ in UNSAFE.finditer(text)]
    return problems


def loaded_strangers(allowed: Iterable[str], found: Mapping[str, FoundAddon]) -> list[str]:
    """Packages of other addons that this process has imported although only ``allowed`` ones run."""
    names = set(allowed)
    packages = [other.package for name, other in found.items() if name not in names]
    return sorted(module for module in sys.modules if any(f"{module}.".startswith(f"{each}.") for each in packages))
