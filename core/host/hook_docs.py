"""``docs/hooks.md``: every hook with its signature and description, from the specifications themselves."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any

from core.host import hookspecs, registry
from core.host.manifest import FoundAddon
from core.host.plugins import PROJECT

_HEAD = """# Hooks

Written by `forecourt docs hooks` from the specifications; do not edit.

An addon implements a hook in its `hooks.py` with `@hookimpl` (`from core import hookimpl`), with the arguments it needs of
those listed. `None` means «not mine». What it declares «at start» is tested there: an item that is not as the hook says fails
the addon that gives it, and nobody else. An addon that offers a hook of this kind says with a `Vocabulary` what it takes:

```python
@hookspec
@Vocabulary(Colour, has={"title": str, "icon": str}, longest={"code": 20}, icons=["icon"])
def paint_colours() -> list[Colour]: ...
```
"""


def hooks_document() -> str:
    """The text of ``docs/hooks.md`` for core and the bundled addons."""
    addons = {name: addon for name, addon in registry.discover().found.items() if addon.package.startswith("addons.")}
    users = {name: _implemented(addon) for name, addon in sorted(addons.items())}
    parts = [_HEAD, *_section("core", hookspecs, users)]
    for name, addon in sorted(addons.items()):
        module = _module(addon, "hookspecs")
        if module is not None:
            parts += _section(name, module, users)
    return "\n".join(parts)


def _section(owner: str, module: ModuleType, users: dict[str, set[str]]) -> Iterator[str]:
    yield f"## {owner}\n"
    yield inspect.cleandoc(module.__doc__ or "") + "\n"
    for spec in specs_of(module):
        used_by = [name for name, hooks in users.items() if spec.__name__ in hooks]
        yield f"### `{spec.__name__}`\n"
        yield f"```python\n{signature(spec)}\n```\n"
        yield inspect.cleandoc(spec.__doc__ or "") + "\n"
        if used_by:
            yield f"Used by: {', '.join(used_by)}.\n"


def specs_of(module: ModuleType) -> list[Callable[..., Any]]:
    """The hooks a module specifies, in the order in which they stand there."""
    marked = [each for each in vars(module).values() if hasattr(each, f"{PROJECT}_spec")]
    return sorted(marked, key=lambda spec: spec.__code__.co_firstlineno)


def signature(spec: Callable[..., Any]) -> str:
    """A hook's first line, as it stands in the source."""
    annotations = spec.__annotations__
    arguments = [f"{name}: {_written(annotations.get(name, 'Any'))}" for name in inspect.signature(spec).parameters]
    return f"def {spec.__name__}({', '.join(arguments)}) -> {_written(annotations.get('return', 'None'))}"


def _written(annotation: object) -> str:
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))


def _implemented(addon: FoundAddon) -> set[str]:
    module = _module(addon, "hooks")
    return _marked(vars(module).items()) if module is not None else set()


def _marked(items: Iterable[tuple[str, Any]]) -> set[str]:
    return {name for name, each in items if hasattr(each, f"{PROJECT}_impl")}


def _module(addon: FoundAddon, name: str) -> ModuleType | None:
    full = f"{addon.package}.{name}"
    return importlib.import_module(full) if importlib.util.find_spec(full) else None
