"""All tables of core in one place, so that whoever needs the whole metadata cannot miss one."""

from __future__ import annotations

import importlib

MODULES = (
    "core.access.models",
    "core.db.audit",
    "core.db.audit_chain",
    "core.host.models",
    "core.jobs.models",
    "core.live.models",
    "core.web.listing.saved",
    "core.web.once",
    "core.work.models",
    "core.work.office_models",
    "core.work.personal_models",
    "core.work.task_models",
)


def load_core_models() -> None:
    """Import every module of core that maps a table."""
    for name in MODULES:
        importlib.import_module(name)
