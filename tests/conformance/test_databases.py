"""Conformance in the database: an addon's tables, its migrations, switching it off, taking it away."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
from sqlalchemy import func, inspect, select

from core.config import load_config
from core.db.base import Base
from core.db.engine import create_database_engine
from core.db.migrations import Migrations
from core.host import instance, registry, tables
from core.host.one_at_a_time import Patience
from tests.support.addons import ROOT, bundled
from tests.support.dealership import Dealership

MIGRATIONS = "migrations"


def everything(addon_set: tuple[str, ...]) -> list[tuple[str, object]]:
    found = registry.discover().found
    return [("core", ROOT / "core" / MIGRATIONS), *((name, found[name].folder / MIGRATIONS) for name in addon_set)]


def with_tables(addon_set: tuple[str, ...]) -> list[tuple[str, object]]:
    """Core and the addons that have tables: an addon may do without."""
    found = registry.discover().found
    kept = [name for name in addon_set if any((found[name].folder / MIGRATIONS).glob("*.py"))]
    return everything(tuple(kept))


def test_models_and_migrations_agree(dealership: Dealership, addon_set: tuple[str, ...]) -> None:
    tables.load_core_models()
    with instance.engine_of(dealership.config) as engine:
        migrations = Migrations(engine)
        differences = [
            each for name, folder in everything(addon_set) for each in migrations.check(name, folder, Base.metadata)
        ]
    assert differences == []


def test_tables_carry_the_prefix(dealership: Dealership, addon_set: tuple[str, ...]) -> None:
    with instance.engine_of(dealership.config) as engine:
        names = inspect(engine).get_table_names()
    owners = ("core_", *(f"{name}_" for name in addon_set))
    assert [name for name in names if not name.startswith(owners)] == []


def test_up_down_and_up_again(database_url: str, addon_set: tuple[str, ...]) -> None:
    engine = create_database_engine(database_url)
    try:
        migrations = Migrations(engine)
        steps = with_tables(addon_set)
        for name, folder in steps:
            assert migrations.upgrade(name, folder)
        for name, folder in reversed(steps):
            assert migrations.downgrade(name, folder)
        for name, folder in steps:
            assert migrations.upgrade(name, folder)
    finally:
        engine.dispose()


def test_purging_leaves_no_table(database_url: str, addon_set: tuple[str, ...]) -> None:
    engine = create_database_engine(database_url)
    try:
        migrations = Migrations(engine)
        steps = everything(addon_set)
        for name, folder in steps:
            migrations.upgrade(name, folder)
        for name, folder in reversed(steps):
            migrations.purge(name, folder)
        assert inspect(engine).get_table_names() == []
    finally:
        engine.dispose()


def test_disabling_keeps_every_row(dealership: Dealership, addon_set: tuple[str, ...]) -> None:
    """SEC-61: the tables of an addon that is switched off stay as they are, and are seen when it is on again."""
    for name in reversed(addon_set):
        instance.disable(dealership.config, name)
    assert instance.enabled(dealership.config) == []
    with instance.engine_of(dealership.config) as engine:
        kept = {name for name in inspect(engine).get_table_names() if not name.startswith("core_")}
    assert {name.partition("_")[0] for name in kept} == {name for name, _ in with_tables(addon_set)} - {"core"}
    if addon_set:
        assert instance.enable(dealership.config, addon_set) == list(addon_set)
    assert instance.enabled(dealership.config) == sorted(addon_set)


def test_each_change_of_the_set_has_a_number(dealership: Dealership, addon_set: tuple[str, ...]) -> None:
    before = instance.present_generation(dealership.config)
    for name in reversed(addon_set):
        instance.disable(dealership.config, name)
    assert instance.present_generation(dealership.config) == before + len(addon_set)


def test_a_needed_addon_cannot_be_disabled(dealership: Dealership, addon_set: tuple[str, ...]) -> None:
    depends = bundled()
    for name in addon_set:
        needing = [other for other in addon_set if name in depends[other]]
        if needing:
            with pytest.raises(registry.AddonError, match=needing[0]):
                instance.disable(dealership.config, name)


@pytest.mark.addons("contacts", "sales")
def test_two_who_switch_at_once_see_each_other(
    dealership: Dealership, addon_set: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SEC-61: no addon is left enabled without what it needs; the second waits and finds what the first has done."""
    config, start = dealership.config, registry.start
    for name in reversed(addon_set):
        if name != "contacts":
            instance.disable(config, name)
    waits, refused = threading.Event(), []

    def second() -> None:
        try:
            instance.disable(config, "contacts", Patience(lambda _: waits.set()))
        except registry.AddonError as error:
            refused.append(str(error))

    other = threading.Thread(target=second)

    def meanwhile(*arguments: object, **options: object) -> registry.Host:
        monkeypatch.setattr(registry, "start", start)
        other.start()
        assert waits.wait(20)
        return start(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(registry, "start", meanwhile)
    instance.enable(config, ["sales"])
    other.join()
    assert refused == ["«contacts» is needed by «sales»: disable those first"]
    assert instance.enabled(config) == ["contacts", "sales"]


@pytest.mark.parametrize("name", sorted(bundled()))
def test_starts_with_only_what_it_needs(name: str) -> None:
    """A process that runs an addon and its dependencies has imported no other addon."""
    wanted = sorted({name, *bundled()[name]})
    program = (
        "from core.host import registry\n"
        "from core import conformance\n"
        f"host = registry.start({wanted!r}, registry.discover(), strict=True)\n"
        f"print(conformance.loaded_strangers({wanted!r}, host.discovery.found))\n"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (result.stdout.strip(), result.returncode) == ("[]", 0), result.stderr


def test_shipped_rows_come_once(dealership: Dealership) -> None:
    """Running the upgrade again brings nothing new."""
    counts = row_counts(dealership)
    instance.upgrade(load_config(dealership.config.instance, {}, database=dealership.config.database))
    assert row_counts(dealership) == counts


def row_counts(dealership: Dealership) -> dict[str, int]:
    """The rows of every table."""
    with instance.engine_of(dealership.config) as engine, engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
            if inspect(connection).has_table(table.name)
        }
