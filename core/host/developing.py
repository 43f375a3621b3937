"""For those who change tables: writing the next migration of core or of an addon."""

from __future__ import annotations

import importlib
from pathlib import Path

from core.config import Config
from core.db.base import Base
from core.db.migrations import Migrations
from core.host import registry, tables
from core.host.instance import CORE, MIGRATIONS, engine_of


def write_revision(config: Config, addon: str, message: str) -> Path:
    """Write ``NNNN_<message>.py`` from the difference between models and database.

    The database must be at the newest revision; see :meth:`core.db.migrations.Migrations.revision`.
    """
    tables.load_core_models()
    if addon == "core":
        folder = CORE / MIGRATIONS
    else:
        discovery = registry.discover(config.addons_path)
        for name in [*_needs(addon, discovery), addon]:
            importlib.import_module(f"{discovery.found[name].package}.models")
        folder = discovery.found[addon].folder / MIGRATIONS
    with engine_of(config) as engine:
        migrations = Migrations(engine)
        migrations.upgrade(addon, folder)
        return migrations.revision(addon, folder, Base.metadata, message)


def _needs(addon: str, discovery: registry.Discovery) -> list[str]:
    found = discovery.found.get(addon)
    direct = list(found.manifest.depends) if found else []
    return [*direct, *(name for other in direct for name in _needs(other, discovery))]
