"""Which jobs an instance has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from core.config import load_config
from core.host import hookspecs
from core.host.plugins import Hooks, hookimpl
from core.jobs.declared import declared_jobs
from core.jobs.schedule import Job


def test_an_addon_is_asked_once(tmp_path: Path) -> None:
    asked = []

    def jobs() -> list[Job]:
        asked.append("tyres")
        return [job("tyres.sweep")]

    config, hooks = load_config(tmp_path, {}), addons(tyres=jobs)
    assert "tyres.sweep" in declared_jobs(config, hooks)
    assert "tyres.sweep" in declared_jobs(config, hooks)
    assert asked == ["tyres"]


def test_an_addon_that_declares_badly_spoils_nobody_elses(tmp_path: Path) -> None:
    hooks = addons(
        broken=lambda: 1 / 0,
        strange=lambda: ["sweep"],
        stray=lambda: [job("tyres.wash")],
        tyres=lambda: [job("tyres.sweep")],
    )
    found = declared_jobs(load_config(tmp_path, {}), hooks)
    assert [name for name in found if not name.startswith("core.")] == ["tyres.sweep"]


def job(name: str) -> Job:
    return Job(name, lambda session: None, timedelta(minutes=1), "x")


def addons(**jobs: Callable[[], Any]) -> Hooks:
    """Addons that implement nothing but ``jobs``."""
    hooks = Hooks()
    hooks.add_specs(hookspecs)
    for addon, implementation in jobs.items():
        module = ModuleType(addon)
        vars(module)["jobs"] = hookimpl(implementation)
        hooks.register(addon, module)
    return hooks
