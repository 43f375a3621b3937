"""``docs/surface.md``: what addons import from core and draw with, from the modules and macros themselves."""

from __future__ import annotations

import ast
import importlib
import inspect
import itertools
import re
from collections.abc import Iterator
from functools import cache
from types import ModuleType

from core import public
from core.host.instance import CORE

_HEAD = """# The public surface

Written by `forecourt docs surface` from the code; do not edit.

An addon builds on what stands here, on the [hooks](hooks.md) and on the [slots](slots.md); the rest of core may change
with any release, and conformance refuses an addon that imports it. Everything is imported from `core` itself:

```python
from core import Column, Record, Screen, T, hookimpl, tasks
```

The modules behind the names are imported by the first who asks for one, so the list costs nothing.
"""
_MODULES = """## Modules

Their functions are called with the module's name: `from core import tasks`, then `tasks.cancel(…)`.
"""
_MACROS = """## UI macros

Pages draw with these: `{% import "ui.html" as ui %}`, then `{{ ui.card(…) }}`.
"""
_MACRO = re.compile(
    r"(?:\{#-? ?(?P<about>(?:(?!#\}).)*?)-?#\}\s*)?\{%-? macro (?P<name>[a-z]\w*)\((?P<arguments>[^%]*)\)", re.DOTALL
)


def surface_document() -> str:
    """The text of ``docs/surface.md``."""
    parts = [_HEAD]
    for subject, homes in public.NAMES.items():
        found = sorted((name, home) for home, names in homes.items() for name in names.split())
        parts += [f"## {subject}\n", _table((name, name, home) for name, home in found)]
    parts.append(_MODULES)
    for module, (home, _) in sorted(public.MODULES.items()):
        parts += [f"### `{module}`\n", _table((f"{module}.{part}", part, home) for part in public.parts(module))]
    parts += [_MACROS, "\n".join(_macros()), ""]
    return "\n".join(parts)


def _table(rows: Iterator[tuple[str, str, str]]) -> str:
    lines = [f"| `{shown}` | {about(importlib.import_module(home), name)} |" for shown, name, home in rows]
    return "\n".join(["| name | what it is for |", "| --- | --- |", *lines, ""])


def about(module: ModuleType, name: str) -> str:
    """The first sentence that a module's source says of a name, on one line."""
    value = getattr(module, name)
    described = inspect.isclass(value) or inspect.isfunction(inspect.unwrap(value))
    said = (inspect.getdoc(value) if described else _notes(module).get(name)) or ""
    first = " ".join(said.split("\n\n")[0].split())
    return re.split(r"(?<=[^.]\.) ", first)[0].replace("``", "`").replace("|", "\\|")


@cache
def _notes(module: ModuleType) -> dict[str, str]:
    """The texts that stand below the constants of a module."""
    body = ast.parse(inspect.getsource(module)).body
    return {
        name: node.value.value
        for before, node in itertools.pairwise(body)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for name in _assigned(before)
    }


def _assigned(node: ast.stmt) -> list[str]:
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return []
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]


def _macros() -> Iterator[str]:
    text = (CORE / "web" / "templates" / "ui.html").read_text(encoding="utf-8")
    for found in _MACRO.finditer(text):
        said = " ".join((found["about"] or "").split()).removeprefix(f"{found['name']}: ")
        yield f"* `ui.{found['name']}({' '.join(found['arguments'].split())})`{f' — {said}' if said else ''}"
