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
from core.jobs.leader import FileLeader

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


@pytest.mark.parametrize("failure", [ValueError("broken"), SystemExit(1)], ids=["fault", "exit"])
def test_one_that_fails_is_begun_anew(
    config: Config, database: Database, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    """`SEC-59`: whatever an addon's duty raises, it is done again."""
    monkeypatch.setattr(duties, "PAUSES", (0.0,))
    times = []
    again = threading.Event()

    def run(_duty: OnDuty) -> None:
        times.append(1)
        if len(times) > 2:
            again.set()
        raise failure

    found = Duties(config, database, [Duty("parking.gate", run)])
    found.start()
    assert again.wait(SOON)
    found.stop()


def test_a_post_that_cannot_be_asked_for_is_asked_for_again(
    config: Config, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock file of another user, or no descriptor left: it may pass."""
    monkeypatch.setattr(duties, "PAUSES", (0.0,))
    faults = [PermissionError("a file of another user"), OSError("too many open files")]
    held = FileLeader.held

    def failing_at_first(leader: FileLeader) -> bool:
        if faults:
            raise faults.pop()
        return held(leader)

    monkeypatch.setattr(FileLeader, "held", failing_at_first)
    began, ended = threading.Event(), threading.Event()
    found = Duties(config, database, [until_stopped(began, ended)])
    found.start()
    assert began.wait(SOON)
    found.stop()
    assert ended.is_set()


def test_one_that_ends_of_its_own_accord_is_not_begun_again_at_once(
    config: Config, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duties, "LOOK", SOON)
    times = []
    once = threading.Event()

    def run(_duty: OnDuty) -> None:
        times.append(1)
        once.set()

    found = Duties(config, database, [Duty("parking.gate", run)])
    found.start()
    assert once.wait(SOON)
    found.stop()
    assert len(times) == 1


def test_the_pause_grows_with_failures_in_a_row_and_is_the_shortest_after_a_steady_run() -> None:
    brief, steady = 0.0, duties.STEADY + 1
    assert duties.failures_by(2, brief) == 3
    assert duties.failures_by(2, steady) == 1
    assert duties.failures_by(0, steady) == 1
    assert [duties.pause_after(failures) for failures in range(5)] == [duties.LOOK, 1.0, 5.0, 15.0, 15.0]


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
