"""The tables and mapped classes an addon brings when it is imported, and taking them back when it cannot be used.

They belong to the process: a class that cannot be mapped would keep every other one from being used, and a table that
somebody else's addon declares under your name would keep yours from being declared.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy.orm import ClassManager, configure_mappers

from core.db.base import Base


@contextmanager
def undone_if_it_fails(package: str) -> Iterator[Callable[[], set[str]]]:
    """Import a package within: its classes are mapped at the end, or nothing of it stays.

    Gives a function that names the tables it has brought.
    """
    configure_mappers()  # what was there before fails for no mistake of this package's
    before = set(Base.metadata.tables)

    def brought() -> set[str]:
        # A package that was imported before, for another application object, brings its classes only.
        return (set(Base.metadata.tables) - before) | _tables(package)

    try:
        yield brought
        configure_mappers()
    except BaseException:
        forget(package, brought())
        raise


def forget(package: str, tables: Iterable[str] = ()) -> None:
    """Take back a package's modules, classes and tables, and these ``tables``.

    Whoever imports it again then finds its mistake again.
    """
    for name in {*tables, *_tables(package)} & set(Base.metadata.tables):
        Base.metadata.remove(Base.metadata.tables[name])
    for manager in _classes(package):
        # SQLAlchemy disposes of all classes of a base or of none; this is what it does with each.
        del Base.registry._managers[manager]
        Base.registry._dispose_manager_and_mapper(manager)
    for name in [each for each in sys.modules if f"{each}.".startswith(f"{package}.")]:
        del sys.modules[name]


def _classes(package: str) -> list[ClassManager[object]]:
    """The package's classes, also those whose mapping broke off."""
    managers = list(Base.registry._managers)
    return [each for each in managers if f"{each.class_.__module__}.".startswith(f"{package}.")]


def _tables(package: str) -> set[str]:
    return {str(manager.mapper.local_table) for manager in _classes(package) if manager.is_mapped}
