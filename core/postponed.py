"""Modules that libraries import at their start and that few use, or nobody: they wait until somebody does.

Each process of a server would hold them, and each start would read them. What is postponed is run by the first
who asks for something of it; a package's other modules can be imported without that.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from threading import RLock
from types import ModuleType
from typing import Any

POSTPONED = (
    "asyncio",  # imported by SQLAlchemy and structlog for their asynchronous halves
    "granian",  # its command, its event loops and its processes: core.web.http_server uses none of them
    "psycopg",  # imported by Huey, whatever the database is
    "werkzeug",  # its development server and its test client
)

_FOUND_IN = {"asyncio.iscoroutine": "asyncio.coroutines"}
"""Names that are fetched at once, and the module that has them."""

_ONE_AT_A_TIME = RLock()


class _Waiting(ModuleType):
    """A module that has not run."""

    def __getattr__(self, name: str) -> Any:
        spec = self.__spec__
        assert spec is not None
        assert spec.loader is not None
        if home := _FOUND_IN.get(f"{spec.name}.{name}"):
            return getattr(import_module(home), name)
        if spec.submodule_search_locations is not None and find_spec(f"{spec.name}.{name}"):
            return import_module(f"{spec.name}.{name}")
        with _ONE_AT_A_TIME:
            if "_begun" not in vars(self):
                self._begun = True
                spec.loader.exec_module(self)
                self.__class__ = ModuleType  # type: ignore[assignment]
        if type(self) is _Waiting:
            raise AttributeError(name)  # asked by itself, while it runs
        return getattr(self, name)


def postpone() -> None:
    """Put the waiting modules where an import finds them; one that has been imported already stays as it is."""
    for name in POSTPONED:
        spec = None if name in sys.modules else find_spec(name)
        if spec is not None:
            sys.modules[name] = module_from_spec(spec)
            sys.modules[name].__class__ = _Waiting
