"""Whoever changes the instance asks before he commits whether it is still his turn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection, text, update

from core.config import Config
from core.host import instance, registry, uninstalling
from core.host.models import AddonState
from core.host.one_at_a_time import Turn, TurnLost, one_at_a_time
from core.host.registry import AddonError
from core.jobs import leader
from tests.host.private import Private, page

NEEDS = 'depends = {snow = ">=1"}'


@pytest.fixture
def snow(private: Private) -> Private:
    """Two addons that are off, one of which needs the other."""
    private.write("snow", hooks=page("snow"))
    private.revision("snow", 1, "pass")
    private.write("boots", needs=NEEDS, hooks=page("boots"))
    return private


class Lost:
    """A lock whose session is ended as soon as it has it; by now somebody else may have it, or nobody."""

    def __init__(self) -> None:
        self._asked = 0

    def held(self) -> bool:
        self._asked += 1
        return self._asked != 2

    def holder(self) -> str:
        return ""

    def release(self) -> None:
        pass


CHANGES: dict[str, Callable[[Config, Path], object]] = {
    "enable": lambda config, _: instance.enable(config, ["boots"]),
    "disable": lambda config, _: instance.disable(config, "snow"),
    "uninstall": lambda config, folder: uninstalling.uninstall(config, "snow", folder),
    "upgrade": lambda config, _: instance.upgrade(config),
}


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_is_switched_by_whoever_has_lost_the_lock(
    snow: Private, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    instance.enable(snow.config, ["snow"])
    if change == "uninstall":
        instance.disable(snow.config, "snow")
    (snow.folder / "snow" / "new.py").write_text("# for an upgrade")
    before = instance.enabled(snow.config), instance.present_generation(snow.config), states(snow)
    with monkeypatch.context() as patch:
        patch.setattr(leader, "open_leader", lambda *_: Lost())
        with pytest.raises(TurnLost):
            CHANGES[change](snow.config, tmp_path)
    assert (instance.enabled(snow.config), instance.present_generation(snow.config), states(snow)) == before
    assert not list(tmp_path.glob("*.zip"))
    CHANGES[change](snow.config, tmp_path)


def states(private: Private) -> dict[str, tuple[str, str]]:
    with instance.looking(private.config) as connection:
        known = registry.known_states(connection)
    return {name: (row.state, row.content_hash) for name, row in known.items()}


def meanwhile(monkeypatch: pytest.MonkeyPatch, private: Private, statement: str) -> None:
    """What somebody else does, who has taken the lock that was lost, while this one starts the addons to switch."""
    start = registry.start

    def started(*arguments: object, **options: object) -> registry.Host:
        with instance.engine_of(private.config) as engine, engine.begin() as connection:
            connection.execute(text(statement))
        return start(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(registry, "start", started)


def test_what_an_addon_needs_is_looked_at_again(snow: Private, monkeypatch: pytest.MonkeyPatch) -> None:
    instance.enable(snow.config, ["snow"])
    meanwhile(monkeypatch, snow, "UPDATE core_addon SET state = 'disabled' WHERE name = 'snow'")
    with pytest.raises(AddonError, match="«snow» was disabled meanwhile"):
        instance.enable(snow.config, ["boots"])


def test_its_tables_are_looked_at_again(snow: Private, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(monkeypatch, snow, "DROP TABLE IF EXISTS snow_alembic_version")
    with pytest.raises(AddonError, match="«snow» was uninstalled meanwhile"):
        instance.enable(snow.config, ["snow"])


def test_who_needs_an_addon_is_looked_at_again(snow: Private, monkeypatch: pytest.MonkeyPatch) -> None:
    instance.enable(snow.config, ["boots"])
    with instance.engine_of(snow.config) as engine, engine.begin() as connection:
        connection.execute(update(AddonState).where(AddonState.name == "boots").values(state="disabled"))
    meanwhile(monkeypatch, snow, "UPDATE core_addon SET state = 'enabled' WHERE name = 'boots'")
    with pytest.raises(AddonError, match="«snow» is needed by «boots»"):
        instance.disable(snow.config, "snow")


def session_of(turn: Turn) -> Connection:
    """The session that holds the lock."""
    assert isinstance(turn._lock, leader.PostgresLeader)
    assert turn._lock._connection is not None
    return turn._lock._connection


@pytest.mark.only_on("postgresql")  # a lock on a file has no session
def test_the_lock_does_not_end_for_having_nothing_to_do(snow: Private) -> None:
    """PostgreSQL can be told to end sessions that do nothing."""
    with instance.engine_of(snow.config) as engine, engine.connect() as connection:
        autocommit = connection.execution_options(isolation_level="AUTOCOMMIT")
        autocommit.exec_driver_sql(f"ALTER DATABASE \"{engine.url.database}\" SET idle_session_timeout = '1h'")
    url = f"{snow.config.database}{'&' if '?' in snow.config.database else '?'}options=-c%20work_mem%3D5MB"
    with one_at_a_time(msgspec.structs.replace(snow.config, database=url), "upgrade") as turn:
        assert session_of(turn).scalar(text("SHOW idle_session_timeout")) == "0"
        assert session_of(turn).scalar(text("SHOW work_mem")) == "5MB"


@pytest.mark.only_on("postgresql")  # a lock on a file has no session
def test_a_session_that_the_database_ends_has_lost_its_turn(snow: Private) -> None:
    with one_at_a_time(snow.config, "upgrade") as turn, instance.engine_of(snow.config) as engine:
        turn.expect_held()
        with engine.connect() as connection:
            number = session_of(turn).scalar(text("SELECT pg_backend_pid()"))
            connection.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})
        for _ in range(2):
            with pytest.raises(TurnLost):
                turn.expect_held()
