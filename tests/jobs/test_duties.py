"""What goes on all the time in one process: begun, begun anew when it fails, handed on when its process ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from core.config import Config, load_config
from core.db.engine import Database
from core.host import hookspecs
from core.host.plugins import Hooks, hookimpl
from core.jobs import duties
from core.jobs.duties import Duties, Duty, OnDuty, declared_duties

SOON = 30.0


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load_config(tmp_path, {})


@pytest.fixture
def database(config: Config) -> Iterator[Database]:
    found = Database(config.database_url, Hooks())
    yield found
    found.dispose()


def until_stopped(began: threading.Event, ended: threading.Event) -> Duty:
    def run(duty: OnDuty) -> None:
        began.set()
        while duty.goes_on(0.01):
            pass
        ended.set()

    return Duty("parking.gate", run)


def test_one_of_several_does_it_and_the_next_one_follows(config: Config, database: Database) -> None:
    first, second = [(threading.Event(), threading.Event()) for _ in range(2)]
    holder = Duties(config, database, [until_stopped(*first)])
    waiting = Duties(config, database, [until_stopped(*second)])
    holder.start()
    assert first[0].wait(SOON)
    waiting.start()
    assert not second[0].is_set()
    holder.stop()
    assert first[1].is_set()
    assert second[0].wait(SOON)
    waiting.stop()
    assert second[1].is_set()


def test_one_that_fails_is_begun_anew(config: Config, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duties, "PAUSES", (0.0,))
    times = []
    again = threading.Event()

    def run(_duty: OnDuty) -> None:
        times.append(1)
        if len(times) > 2:
            again.set()
        raise ValueError("broken")

    found = Duties(config, database, [Duty("parking.gate", run)])
    found.start()
    assert again.wait(SOON)
    found.stop()


@pytest.mark.parametrize("names", [["other.gate"], ["parking." + "x" * 100], ["parking.gate", "parking.gate"]])
def test_those_of_an_addon_that_declares_them_badly_are_left_out(names: list[str]) -> None:
    def of(addon: str, *given: str) -> ModuleType:
        module = ModuleType(addon)
        vars(module)["duties"] = hookimpl(lambda: [Duty(name, lambda _: None) for name in given])
        return module

    hooks = Hooks()
    hooks.add_specs(hookspecs)
    hooks.register("parking", of("parking", *names))
    hooks.register("garden", of("garden", "garden.gate"))
    assert [duty.name for duty in declared_duties(hooks)] == ["garden.gate"]
