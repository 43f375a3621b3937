"""Upgrading: addon by addon, only what has changed, and again after whatever has happened to the last one."""

from __future__ import annotations

import itertools
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import delete, event, inspect, select, text, update
from sqlalchemy.engine import Engine

from core import preparing
from core.db.migrations import Migrations
from core.host import instance, mapping, registry, uninstalling
from core.host.models import AddonState, ShippedRow, UpgradeStep
from core.host.one_at_a_time import Patience, one_at_a_time
from core.host.registry import AddonError
from core.host.shipped import KeptRow
from core.web.app import Application
from tests.host.private import Private, page
from tests.support.visitors import Visitor

MODELS = """
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column
from core.db.base import Record

class Thing(Record):
    __tablename__ = "tyres_thing"
    title_ru: Mapped[str] = mapped_column(String(50))
"""
SHIPS = """
from core.host.plugins import hookimpl

@hookimpl
def shipped_data(session):
    from core.host.shipped import ship
    from tyres.models import Thing
    ship(session, Thing, {"winter": {"title_ru": "Зима"}, "summer": {"title_ru": "Лето"}}, ["title_ru"])
"""
TABLE = """op.create_table(
        "tyres_thing",
        sa.Column("title_ru", sa.String(50), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger()),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger()),
        sa.Column("version", sa.Integer(), nullable=False),
    )"""
INDEX = 'op.create_index("ix_tyres_thing_title_ru", "tyres_thing", ["title_ru"])'


@pytest.fixture
def tyres(private: Private) -> Private:
    """An enabled addon with a table, two revisions and shipped rows, not brought in yet; another one needs it."""
    private.write("tyres", models=MODELS, hooks=page("tyres") + SHIPS)
    private.revision("tyres", 1, TABLE)
    private.revision("tyres", 2, INDEX)
    private.write("wheels", needs='depends = {tyres = ">=1"}', hooks=page("wheels"))
    private.enable(["tyres", "wheels"])
    return private


def steps(private: Private) -> list[tuple[str, str, bool, str]]:
    """What was written down: the addon, the step, whether it ended, and how."""
    columns = (UpgradeStep.addon, UpgradeStep.step, UpgradeStep.ended_at, UpgradeStep.problem)
    with instance.looking(private.config) as connection:
        rows = connection.execute(select(*columns).order_by(UpgradeStep.id)).all()
    return [(addon, step, ended is not None, problem) for addon, step, ended, problem in rows]


def problems(private: Private) -> dict[str, str]:
    with instance.looking(private.config) as connection:
        return dict(connection.execute(select(AddonState.name, AddonState.problem)).all())


def things(private: Private) -> list[str]:
    with instance.looking(private.config) as connection:
        return list(connection.scalars(text("SELECT title_ru FROM tyres_thing ORDER BY title_ru")))


def test_each_addon_in_its_turn_with_its_steps(tyres: Private, addon_set: tuple[str, ...]) -> None:
    report = instance.upgrade(tyres.config)
    assert report.revisions == ["0001_step", "0002_step"]
    assert report.untouched == list(addon_set)
    tables, rows = steps(tyres)[:2], steps(tyres)[2:]
    assert tables == [("tyres", "tables", True, ""), ("wheels", "tables", True, "")]
    assert [each for each in rows if each[0] in ("tyres", "wheels")] == [
        ("tyres", "shipped rows", True, ""),
        ("wheels", "shipped rows", True, ""),
    ]
    assert {name for name, *_ in rows} == {*addon_set, "tyres", "wheels"}
    assert things(tyres) == ["Зима", "Лето"]


def test_only_what_has_changed_is_touched(tyres: Private, addon_set: tuple[str, ...]) -> None:
    instance.upgrade(tyres.config)
    before = len(steps(tyres))
    assert set(instance.upgrade(tyres.config).untouched) == {*addon_set, "tyres", "wheels"}
    assert len(steps(tyres)) == before
    tyres.write("wheels", needs='depends = {tyres = ">=1"}', hooks=page("wheels"), services="# new")
    assert set(instance.upgrade(tyres.config).untouched) == {*addon_set, "tyres"}
    assert [addon for addon, step, *_ in steps(tyres)[before:] if step == "tables"] == ["wheels"]


def test_what_an_addon_ships_is_made_of_what_others_give_by_now(tyres: Private) -> None:
    """An addon's new release reaches what another one, which has not changed, ships for it."""
    asks = SHIPS.replace(
        '{"winter": {"title_ru": "Зима"}, "summer": {"title_ru": "Лето"}}',
        '{each: {"title_ru": each} for answer in session.hooks.each("tyres_names") for each in answer.value}',
    )
    offers = "from core.host.plugins import hookspec\n\n@hookspec\ndef tyres_names(): ..."
    gives = "\n@hookimpl\ndef tyres_names():\n    return ['Winter']\n"
    tyres.write("tyres", models=MODELS, hooks=page("tyres") + asks, hookspecs=offers)
    tyres.write("wheels", needs='depends = {tyres = ">=1"}', hooks=page("wheels") + gives)
    instance.upgrade(tyres.config)
    assert things(tyres) == ["Winter"]
    release = page("wheels") + gives.replace("]", ", 'Summer']")
    tyres.write("wheels", needs='depends = {tyres = ">=1"}', hooks=release)
    mapping.forget("wheels")
    assert "tyres" in instance.upgrade(tyres.config).untouched
    assert things(tyres) == ["Summer", "Winter"]


def test_whose_files_cannot_be_read_is_left_out(
    tyres: Private, addon_set: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what needs it, and by name; the rest is upgraded."""
    private, read = tyres.write("others", hooks=page("others")) / "hooks.py", Path.read_bytes
    tyres.enable(["others"])

    def refused(file: Path) -> bytes:
        if file == private:
            raise PermissionError(13, "Permission denied", str(file))
        return read(file)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refused)
        report = instance.upgrade(tyres.config)
    assert [failure.addon for failure in report.failures] == ["others"]
    assert "its files cannot be read" in problems(tyres)["others"]
    assert "hooks.py" in problems(tyres)["others"]
    assert report.revisions == ["0001_step", "0002_step"]
    assert instance.upgrade(tyres.config).failures == []


def test_a_folder_that_nobody_may_look_into_is_named(tyres: Private, monkeypatch: pytest.MonkeyPatch) -> None:
    tyres.write("others")

    def shut(whole: Callable[..., Any]) -> Callable[..., Any]:
        def refused(file: Path, *arguments: Any, **options: Any) -> Any:
            if file.parent.name == "others":
                raise PermissionError(13, "Permission denied", str(file))
            return whole(file, *arguments, **options)

        return refused

    with monkeypatch.context() as patch:
        patch.setattr(Path, "exists", shut(Path.exists))
        patch.setattr(Path, "read_text", shut(Path.read_text))
        found = registry.discover(tyres.config.addons_path)
    assert {"tyres", "wheels"} <= set(found.found)
    assert [(each.addon, "Permission denied" in each.reason) for each in found.failures] == [("others", True)]


def test_what_fails_is_left_out_until_it_is_mended(tyres: Private, addon_set: tuple[str, ...]) -> None:
    """With what needs it; everything else is upgraded, and served. The step that failed has left nothing."""
    tyres.revision("tyres", 2, f"{INDEX}; 1 / 0")
    report = instance.upgrade(tyres.config)
    assert [failure.addon for failure in report.failures] == ["tyres", "wheels"]
    assert "revision 0002_step: ZeroDivisionError" in problems(tyres)["tyres"]
    assert "«tyres»" in problems(tyres)["wheels"]
    with instance.looking(tyres.config) as connection:
        assert inspect(connection).get_indexes("tyres_thing") == []
    listed = {name: (state, why) for name, _, state, why in instance.listing(tyres.config)}
    assert listed["tyres"][0] == "failed"
    assert "0002_step" in listed["tyres"][1]
    preparing.require_present_schema(tyres.config)
    app = Application(tyres.config)
    try:
        assert set(app.host.running) == set(addon_set)
        assert [failure.addon for failure in app.host.failures] == ["tyres", "wheels"]
        assert app.host.failures[1].reason == "It needs «tyres», which failed."
        assert Visitor(app, "lebedeva").get("/profile").status_code == 200
    finally:
        app.close()
    tyres.revision("tyres", 2, INDEX)
    assert instance.upgrade(tyres.config).failures == []
    assert set(problems(tyres).values()) == {""}
    assert things(tyres) == ["Зима", "Лето"]


def test_shipped_rows_that_fail_leave_the_others_theirs(tyres: Private) -> None:
    tyres.write("ships", hooks=SHIPS.replace("from tyres.models import Thing", "raise ValueError('no rows')"))
    tyres.enable(["ships"])
    report = instance.upgrade(tyres.config)
    assert [(failure.addon, failure.values) for failure in report.failures] == [
        ("ships", {"error": "ValueError: no rows"})
    ]
    assert things(tyres) == ["Зима", "Лето"]


def test_what_is_shipped_otherwise_now_comes_but_for_what_was_edited(tyres: Private) -> None:
    """The edit is kept and told of, once; a deleted row stays away."""
    instance.upgrade(tyres.config)
    edit(tyres, "UPDATE tyres_thing SET title_ru = 'Моя зима' WHERE title_ru = 'Зима'")
    release = SHIPS.replace('"Зима"', '"Зимние"').replace('"Лето"', '"Летние"')
    tyres.write("tyres", models=MODELS, hooks=page("tyres") + release)
    mapping.forget("tyres")
    report = instance.upgrade(tyres.config)
    assert report.kept == [KeptRow("tyres_thing", "winter", "title_ru", "Моя зима", "Зимние")]
    assert things(tyres) == ["Летние", "Моя зима"]
    edit(tyres, "DELETE FROM tyres_thing WHERE title_ru = 'Летние'")
    tyres.write("tyres", models=MODELS, hooks=page("tyres") + release.replace('"Летние"', '"На лето"'))
    mapping.forget("tyres")
    assert instance.upgrade(tyres.config).kept == []
    assert things(tyres) == ["Моя зима"]


def test_a_name_that_somebody_else_has_is_not_taken(tyres: Private) -> None:
    instance.upgrade(tyres.config)
    edit(tyres, "UPDATE tyres_thing SET title_ru = 'Летние' WHERE title_ru = 'Зима'")
    tyres.write("tyres", models=MODELS, hooks=page("tyres") + SHIPS.replace('"Лето"', '"Летние"'))
    mapping.forget("tyres")
    assert [each.yours for each in instance.upgrade(tyres.config).kept] == ["Лето"]
    assert things(tyres) == ["Летние", "Лето"]


def edit(private: Private, statement: str) -> None:
    """What people do in the directory."""
    with instance.engine_of(private.config) as engine, engine.begin() as connection:
        connection.execute(text(statement))


def test_a_strict_instance_stops(tyres: Private) -> None:
    tyres.revision("tyres", 2, "1 / 0")
    with pytest.raises(AddonError, match="tyres: It could not be brought up to date"):
        instance.upgrade(msgspec.structs.replace(tyres.config, strict=True))


# --- killed on the way ---------------------------------------------------------------------------


def upgrade_killed(private: Private, commits: int) -> bool:
    """Upgrade in a process of its own, killed when it is about to commit once more; false when it ended before."""
    child = os.fork()
    if not child:
        left = itertools.count(commits, -1)
        try:
            event.listen(Engine, "commit", lambda _: next(left) or os.kill(os.getpid(), signal.SIGKILL))
            instance.upgrade(private.config)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def as_never_upgraded(private: Private) -> None:
    """Take back what upgrades have done."""
    with instance.engine_of(private.config) as engine:
        Migrations(engine).purge("tyres")
        with engine.begin() as connection:
            connection.execute(delete(UpgradeStep))
            connection.execute(delete(ShippedRow).where(ShippedRow.kind == "tyres_thing"))
            connection.execute(
                update(AddonState).where(AddonState.name.in_(["tyres", "wheels"])).values(content_hash="")
            )


@pytest.mark.slow
def test_killed_at_any_step_it_is_finished_by_the_next(tyres: Private) -> None:
    """kill -9 before each commit in turn: what each step has left is what the next upgrade goes on from."""
    cut_off = []
    for commits in itertools.count():
        if not upgrade_killed(tyres, commits):
            break
        said: list[str] = []
        assert instance.upgrade(tyres.config, said.append).failures == []
        assert things(tyres) == ["Зима", "Лето"]
        assert all(ended for _, _, ended, _ in steps(tyres))
        assert len(instance.upgrade(tyres.config).untouched) == len(instance.enabled(tyres.config))
        cut_off += said
        as_never_upgraded(tyres)
    assert commits > 8
    for step in ("tyres: tables", "tyres: shipped rows", "wheels: tables", "wheels: shipped rows"):
        assert f"The last upgrade was cut off ({step}); this one goes on from there." in cut_off


# --- one at a time -------------------------------------------------------------------------------


@pytest.fixture
def held(tyres: Private) -> Iterator[None]:
    """Another upgrade is under way."""
    with one_at_a_time(tyres.config, "addon enable snow"):
        yield


@pytest.mark.usefixtures("held")
def test_two_at_once_do_not_meet(tyres: Private, tmp_path: Path) -> None:
    """Whatever the second wants: he is told who is at it, and is refused when that takes too long."""
    said: list[str] = []
    hurry = Patience(said.append, seconds=-1)
    for second in (
        lambda: instance.upgrade(tyres.config, said.append, seconds=-1),
        lambda: instance.enable(tyres.config, ["tyres"], hurry),
        lambda: instance.disable(tyres.config, "tyres", hurry),
        lambda: uninstalling.uninstall(tyres.config, "tyres", tmp_path, hurry),
    ):
        with pytest.raises(AddonError, match=f"under way already: addon enable snow, process {os.getpid()} on"):
            second()
    assert len(said) == 4
    assert all(f"addon enable snow, process {os.getpid()} on" in each for each in said)
    assert {"tyres", "wheels"} <= set(instance.enabled(tyres.config))


def test_no_copy_is_kept_of_what_somebody_else_upgrades(tyres: Private) -> None:
    """SEC-56: whether there is anything to upgrade is looked at by whoever has the turn."""
    waits = threading.Event()
    with one_at_a_time(tyres.config, "addon enable snow"), instance.engine_of(tyres.config) as engine:
        second = threading.Thread(target=preparing.upgrade, args=(tyres.config, lambda _: waits.set()))
        second.start()
        assert waits.wait(20)
        Migrations(engine).upgrade("tyres", tyres.folder / "tyres" / "migrations")
    second.join()
    assert things(tyres) == ["Зима", "Лето"]
    assert not tyres.config.backups.exists()


def test_whoever_waits_goes_on_when_the_first_is_done(tyres: Private) -> None:
    waits = threading.Event()
    with one_at_a_time(tyres.config, "addon enable snow"):
        second = threading.Thread(target=instance.upgrade, args=(tyres.config, lambda _: waits.set()))
        second.start()
        assert waits.wait(20)
        assert steps(tyres) == []
    second.join()
    assert things(tyres) == ["Зима", "Лето"]
