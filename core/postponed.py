"""Modules that libraries import at their start and that few use, or nobody: they wait until somebody does.

Each process of a server would hold them, and each start would read them. What is postponed is run by the first
who asks for something of it; a package's other modules can be imported without that.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

TYPE_CHECKING = False  # typing is a megabyte, and the parent of a server has nothing else that needs it
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.abc import Loader
    from typing import Any
else:
    Loader = object

POSTPONED = (
    "asyncio",  # imported by SQLAlchemy and structlog for their asynchronous halves
    "calendar",  # by email, for dates in time zones with names
    "difflib",  # by werkzeug, to guess which address was meant
    "granian",  # its command, its event loops and its processes: core.web.http_server uses none of them
    "importlib.metadata",  # with email and zipfile: SQLAlchemy looks for other people's dialects there
    "logging.config",  # granian's own log, which core.logs replaces
    "psycopg",  # imported by Huey, whatever the database is
    "shutil",  # with four compressions: by tempfile, for its folders
    "sqlalchemy.dialects.postgresql.asyncpg",  # other drivers, as the next three
    "sqlalchemy.dialects.postgresql.pg8000",
    "sqlalchemy.dialects.postgresql.psycopg2",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "structlog.threadlocal",  # deprecated, and brings greenlet
    "subprocess",  # by packaging, to look at wheels
    "werkzeug",  # its development server and its test client
)

_FOUND_IN = {"asyncio.iscoroutine": "asyncio.coroutines"}
"""Names that are fetched at once, and the module that has them."""


class _Waiting(ModuleType):
    """A module that has not run."""

    def __getattr__(self, name: str) -> Any:
        spec = self.__spec__
        assert spec is not None
        if home := _FOUND_IN.get(f"{spec.name}.{name}"):
            return getattr(import_module(home), name)
        if spec.submodule_search_locations and PathFinder.find_spec(name, spec.submodule_search_locations):
            return import_module(f"{spec.name}.{name}")
        if isinstance(spec.loader, _Later):
            __import__(_TURN + spec.name.replace(".", "/"))
        if type(self) is _Waiting:
            raise AttributeError(name)  # asked by itself, while it runs
        return getattr(self, name)


class _Later(Loader):
    """Loads a module by letting it wait; ``loader`` is the one that can run it."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__class__ = _Waiting

    def run(self, module: ModuleType) -> None:
        """Run the module; it may ask for something of itself meanwhile."""
        self._loader.exec_module(module)
        assert module.__spec__ is not None
        module.__class__ = ModuleType  # before its loader: who finds that one no longer waits
        module.__spec__.loader = self._loader


_TURN = "turn of "


class _Turn(Loader):
    """Runs a waiting module, as the import of a module that nobody sees.

    So it is done as every import: by one thread, while the others wait, but not two for each other; and anew for the
    next who asks when it has failed.
    """

    def create_module(self, _spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        waiting = sys.modules[module.__name__.removeprefix(_TURN).replace("/", ".")]
        assert waiting.__spec__ is not None
        if isinstance(waiting.__spec__.loader, _Later):
            waiting.__spec__.loader.run(waiting)


class _Finder:
    """Finds the postponed modules where they are, before anybody else does."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.startswith(_TURN):
            return ModuleSpec(name, _Turn())
        if name not in POSTPONED or target is not None:  # who loads one again wants it now
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            spec.loader = _Later(spec.loader)
        return spec


def postpone() -> None:
    """Let the modules wait from now on; one that has been imported already stays as it is."""
    sys.meta_path.insert(0, _Finder())
