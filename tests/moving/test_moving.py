"""``forecourt move``: an SQLite instance comes to PostgreSQL whole, or not at all."""

from __future__ import annotations

import hashlib
import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import inspect, select

from core.access.models import User
from core.cli import main
from core.config import PREFIX, Config, ConfigError, load_config, set_database
from core.db.base import Base
from core.db.migrations import Migrations
from core.db.moved_away import MovedAway
from core.db.search_index import matches
from core.host import instance, registry, relocation
from core.host import tables as tables_of_core
from core.host.instance import MIGRATIONS, engine_of
from core.host.one_at_a_time import one_at_a_time
from core.host.registry import AddonError
from core.live.models import Event
from core.testing.databases import PostgresDatabases, SqliteDatabases
from core.testing.postgres import PostgresServer
from tests.support.dealership import fill
from tests.uninstall import fingerprints
from tests.uninstall.conftest import ADDONS, AT, _make, session_of, without_code, work

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    """Where the instances to be moved are made."""
    return SqliteDatabases(tmp_path_factory.mktemp("moving"))


@pytest.fixture
def office(files: SqliteDatabases, tmp_path: Path) -> Config:
    """An instance on SQLite: one addon in use, another one disabled again."""
    folder = tmp_path / "var"
    folder.mkdir()
    url = files.prepared("moving", _make)
    Path(url.removeprefix("sqlite:///")).rename(folder / "forecourt.db")
    (folder / "forecourt.toml").write_text(f'dealership = "Автосалон"\naddons_path = ["{ADDONS}"]\n')
    config = load_config(folder, {})
    config.secret()
    work(config)
    instance.enable(config, ["testnote"])
    instance.disable(config, "testnote")
    return config


@pytest.fixture
def target(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    databases = PostgresDatabases(postgres_server)
    url = databases.create()
    yield url
    databases.drop(url)


def moved(config: Config, target: str) -> Config:
    """The instance as it is when its settings name the target."""
    return msgspec.structs.replace(config, database=target)


def command(config: Config, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["-i", str(config.instance), *arguments], catch_exceptions=False)


def tables(url: str) -> list[str]:
    with engine_of(Config(instance=Path("unused"), database=url)) as engine:
        return inspect(engine).get_table_names()


def rows_of(config: Config) -> dict[str, list[dict[str, object]]]:
    """All rows; what SQLite keeps without a zone is in UTC."""
    return {
        name: [{column: _in_utc(value) for column, value in row.items()} for row in rows]
        for name, rows in fingerprints.data(config).items()
    }


def _in_utc(value: object) -> object:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def change(config: Config, *statements: str, script: tuple[object, ...] = ()) -> None:
    """Put into the file what Forecourt would never write."""
    with closing(sqlite3.connect(config.instance / "forecourt.db")) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        for statement in statements:
            connection.execute(statement, script)
        connection.commit()


def content(config: Config) -> str:
    """All that is in the file."""
    with closing(sqlite3.connect(config.instance / "forecourt.db")) as connection:
        return hashlib.sha256(connection.serialize()).hexdigest()


def refused(config: Config, target: str, *words: str) -> None:
    """Moving is refused in these words, and neither side is changed."""
    before, there = content(config), tables(target)
    with pytest.raises(relocation.MoveError) as caught:
        relocation.move(config, target, print)
    for each in words:
        assert each in str(caught.value)
    assert (content(config), tables(target)) == (before, there)


def differences(config: Config, addon: str) -> list[str]:
    """What distinguishes the tables of an addon from its models."""
    found = registry.discover(config.addons_path).found[addon]
    registry.start([addon], registry.discover(config.addons_path))
    with engine_of(config) as engine:
        return Migrations(engine).check(addon, found.folder / MIGRATIONS, Base.metadata)


def test_everything_arrives_and_is_told(office: Config, target: str) -> None:
    before, rows = content(office), rows_of(office)
    result = command(office, "move", "--to", target)
    assert result.exit_code == 0, result.output
    assert "testlend_car: 3 rows, the same on both sides" in result.output
    assert "This was a rehearsal" in result.output
    assert "Now change" not in result.output
    there = moved(office, target)
    assert rows_of(there) == rows
    assert content(office) == before
    assert instance.enabled(there) == ["testlend"]
    assert instance.upgrade(there).revisions == []
    assert differences(there, "testlend") == differences(there, "testnote") == []


def test_work_goes_on_there(office: Config, target: str) -> None:
    """Numbers go on, also those of rows that are gone; what is searched for is found; the trail is whole."""
    with session_of(office) as session:
        gone = Event(at=AT, topic="x", payload={})
        session.add(gone)
        session.flush()
        number = gone.id
        session.delete(gone)
    assert command(office, "move", "--to", target, "--switch").exit_code == 0
    there = load_config(office.instance, {})
    assert (there.database, there.dealership) == (target, "Автосалон")
    with session_of(there) as session:
        from testlend.models import Car

        car, happened = Car(name="Another", search_key="another"), Event(at=AT, topic="x", payload={})
        session.add_all([car, happened])
        session.flush()
        assert car.id == 4
        assert happened.id == number + 1
        assert session.scalars(select(Car.name).where(matches(session, Car.search_key, "lad"))).all() == ["Old «Lada»"]
    assert "whole" in command(there, "audit", "verify").output


def test_tables_without_code_come_too(office: Config, target: str) -> None:
    """They are what their revisions would make, so that the code may come back."""
    rows = rows_of(office)
    change(
        office,
        "CREATE TABLE left_over (name TEXT, flag BOOLEAN NOT NULL DEFAULT 0)",
        "INSERT INTO left_over VALUES ('x', 1)",
    )
    relocation.move(without_code(office), target, print)
    there = moved(office, target)
    found = rows_of(there)
    assert found.pop("left_over") == [{"name": "x", "flag": True}]
    assert found == rows
    assert differences(there, "testlend") == []
    with session_of(there) as session:
        from testlend.models import Car

        session.add(Car(name="Another", search_key="another"))
        session.flush()
        assert session.scalars(select(Car.name).where(matches(session, Car.search_key, "ano"))).all() == ["Another"]


def test_conditions_and_indexes_of_tables_without_code_come_or_are_told(office: Config, target: str) -> None:
    change(
        office,
        "CREATE TABLE left_over (name TEXT UNIQUE COLLATE NOCASE, flag BOOLEAN NOT NULL DEFAULT 0, n INTEGER,"
        " CONSTRAINT ck_flag CHECK (flag IN (0, 1)),"
        " CONSTRAINT ck_n CHECK (n > 1 OR flag == 0 OR name LIKE '5%: x'),"
        " CONSTRAINT ck_name CHECK (name GLOB 'a*'))",
        "CREATE UNIQUE INDEX ix_chosen ON left_over (n) WHERE flag = 1",
        "CREATE INDEX ix_glob ON left_over (n) WHERE name GLOB 'a*'",
        "CREATE INDEX ix_lower ON left_over (lower(name))",
        "CREATE INDEX ix_nocase ON left_over (n, name COLLATE NOCASE)",
        "INSERT INTO left_over VALUES ('a', 1, 2)",
    )
    result = command(office, "move", "--to", target)
    told = [line for line in result.output.splitlines() if line.startswith("otherwise there: left_over: ")]
    assert sorted(line.removeprefix("otherwise there: left_over: ").partition(": ")[0] for line in told) == [
        "the index ix_nocase compares without COLLATE NOCASE",
        "the key name compares without COLLATE NOCASE",
        "without the condition «name GLOB 'a*'»",
        "without the index ix_glob",
        "without the index ix_lower, which is over an expression",
    ]
    with engine_of(moved(office, target)) as engine:
        inspector = inspect(engine)
        checks = {each["name"]: each["sqltext"] for each in inspector.get_check_constraints("left_over")}
        indexes = {each["name"]: each for each in inspector.get_indexes("left_over")}
    assert checks == {
        "ck_flag": "flag = ANY (ARRAY[false, true])",
        "ck_n": "n > 1 OR flag = false OR name ~~ '5%: x'::text",
    }
    assert indexes["ix_chosen"]["unique"]
    assert indexes["ix_chosen"]["dialect_options"]["postgresql_where"] == "(flag = true)"


def test_values_that_do_not_fit_are_all_named(office: Config, target: str) -> None:
    change(office, "UPDATE core_user SET full_name = ?", script=("А" * 300,))
    change(office, "UPDATE testlend_car SET name = ? WHERE id = 2", script=("Lada\0",))
    change(office, "UPDATE testlend_car SET created_at = ? WHERE id = 1", script=("yesterday",))
    change(office, "UPDATE testlend_loan SET version = ? WHERE id = 1", script=(1 << 40,))
    change(office, "UPDATE testlend_loan SET terms = ? WHERE id = 2", script=("{",))
    change(office, "UPDATE testlend_car SET search_key = CAST(x'ff' AS TEXT) WHERE id = 3")
    refused(
        office,
        target,
        "core_user, id 1: full_name: 'АА",
        "has 300 characters, the column takes",
        "testlend_car, id 2: name: 'Lada\\x00' has a NUL character",
        "testlend_car, id 1: created_at: 'yesterday' is no date with a time",
        "testlend_loan, id 1: version: 1099511627776 is beyond",
        "testlend_loan, id 2: terms: '{' is no JSON",
        "testlend_car, id 3: search_key: b'\\xff' is no text in UTF-8",
    )


def test_rows_that_refer_to_nothing_are_named(office: Config, target: str) -> None:
    change(office, "UPDATE testlend_loan SET car_id = 99 WHERE id = 1")
    refused(office, target, "testlend_loan, row 1: refers to a row of testlend_car that is not there")


def test_only_an_empty_database_is_filled(office: Config, target: str) -> None:
    relocation.move(office, target, print)
    refused(office, target, "is not empty", "If it holds a rehearsal of this move, make it anew (dropdb, createdb)")


def test_nobody_else_works_meanwhile(office: Config, target: str) -> None:
    with closing(sqlite3.connect(office.instance / "forecourt.db")) as somebody:
        somebody.execute("SELECT * FROM core_user").fetchall()
        with pytest.raises(relocation.MoveError, match="is in use: stop the servers"):
            relocation.move(office, target, print)
    assert tables(target) == []


def test_nobody_reads_the_file_meanwhile_whatever_its_journal(office: Config, target: str) -> None:
    change(office, "PRAGMA journal_mode=DELETE")
    file, seen = office.instance / "forecourt.db", []

    def say(_text: str) -> None:
        with (
            closing(sqlite3.connect(file, timeout=0)) as somebody,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            somebody.execute("SELECT * FROM core_user").fetchall()
        seen.append(_text)

    with relocation._alone(file):
        say("begun")
    assert seen


def test_what_is_wrong_with_the_file_is_not_said_of_postgresql(office: Config, target: str) -> None:
    change(
        office,
        "CREATE TABLE left_parent (name TEXT)",
        "CREATE TABLE left_child (name TEXT REFERENCES left_parent(name))",
        "INSERT INTO left_child VALUES ('x')",
    )
    refused(office, target, "forecourt.db cannot be read: foreign key mismatch")
    (office.instance / "forecourt.db").write_bytes(b"no database" * 1000)
    with pytest.raises(relocation.MoveError, match=r"forecourt\.db is damaged: file is not a database"):
        relocation.move(office, target, print)


def test_tables_that_refer_to_each_other_or_to_nothing_are_named(office: Config, target: str) -> None:
    change(office, "CREATE TABLE left_child (id INTEGER PRIMARY KEY, gone INTEGER REFERENCES right_gone(id))")
    refused(office, target, "left_child: refers to a table right_gone that is not there")
    change(
        office,
        "DROP TABLE left_child",
        "CREATE TABLE left_one (id INTEGER PRIMARY KEY, other INTEGER REFERENCES right_one(id))",
        "CREATE TABLE right_one (id INTEGER PRIMARY KEY, other INTEGER REFERENCES left_one(id))",
    )
    refused(office, target, "refer to each other", "left → right → left")


def test_columns_may_have_the_names_of_key_words(office: Config, target: str) -> None:
    change(
        office,
        'CREATE TABLE "left_order" ("values" TEXT, "index" TEXT, "set" TEXT, "update" TEXT, "group" TEXT)',
        "INSERT INTO left_order VALUES ('1', '2', '3', '4', '5')",
    )
    relocation.move(office, target, print)
    row = {"values": "1", "index": "2", "set": "3", "update": "4", "group": "5"}
    assert rows_of(moved(office, target))["left_order"] == [row]


def test_what_came_with_an_extension_is_no_content(office: Config, target: str) -> None:
    with engine_of(moved(office, target)) as engine, engine.begin() as connection:
        for statement in (
            "CREATE EXTENSION IF NOT EXISTS pg_trgm",
            "CREATE TABLE statistics (number INTEGER)",
            "CREATE VIEW known AS SELECT * FROM statistics",
            "ALTER EXTENSION pg_trgm ADD TABLE statistics",
            "ALTER EXTENSION pg_trgm ADD VIEW known",
        ):
            connection.exec_driver_sql(statement)
    relocation.move(office, target, print)
    assert instance.enabled(moved(office, target)) == ["testlend"]


def test_what_cannot_be_meant_is_refused(office: Config, target: str) -> None:
    assert "Only to PostgreSQL" in command(office, "move", "--to", "sqlite:////tmp/x.db").output
    assert "no address" in command(office, "move", "--to", "nonsense").output
    assert "cannot be used" in command(office, "move", "--to", "postgresql://nobody@127.0.0.1:1/none").output
    there = msgspec.structs.replace(office, database=target)
    with pytest.raises(relocation.MoveError, match="on PostgreSQL already"):
        relocation.move(there, target, print)


def test_a_row_that_arrives_otherwise_is_found(office: Config, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = relocation._Move._go_on_counting

    def spoilt(self: relocation._Move, found: object) -> None:
        self._target.exec_driver_sql("UPDATE testlend_car SET name = 'Other' WHERE id = 2")
        whole(self, found)  # type: ignore[arg-type]

    monkeypatch.setattr(relocation._Move, "_go_on_counting", spoilt)
    refused(office, target, "testlend_car: 3 rows here, 3 there; digests")


def test_long_work_is_told_and_done_in_portions(office: Config, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relocation, "AT_ONCE", 1)
    monkeypatch.setattr(relocation, "PROGRESS", 2)
    said: list[str] = []
    relocation.move(office, target, said.append)
    assert {"  testlend_car: 2 rows sent …", "  testlend_car: 2 rows compared …"} <= set(said)


def move_killed(office: Config, target: str, step: str) -> None:
    """Move in a process of its own that is killed after a step."""
    child = os.fork()
    if not child:
        try:
            setattr(relocation._Move, step, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
            relocation.move(office, target, lambda _: None)
        finally:
            os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_killed_at_any_step_it_has_changed_nothing(office: Config, target: str) -> None:
    before = content(office)
    for step in ("_take_references_off", "_send", "_go_on_counting", "_compare"):
        move_killed(office, target, step)
        assert (tables(target), content(office)) == ([], before), step
    relocation.move(office, target, print)
    with session_of(moved(office, target)) as session:
        assert session.scalar(select(User.login)) == "anna"


# --- from the old file to the new address ----------------------------------------------------------


def test_the_old_file_is_refused_and_says_where_its_rows_are(
    office: Config, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = f"{target}{'&' if '?' in target else '?'}password=swordfish"
    assert command(office, "move", "--to", secret, "--switch").exit_code == 0
    for old in (instance.enabled, instance.upgrade):
        with pytest.raises(MovedAway, match="was moved to postgresql://") as caught:
            old(office)
        assert "swordfish" not in str(caught.value)
    assert b"swordfish" not in (office.instance / "forecourt.db").read_bytes()
    monkeypatch.setenv(f"{PREFIX}DATABASE", f"sqlite:///{office.instance / 'forecourt.db'}")
    for line in (("addon", "list"), ("backup", str(office.instance)), ("move", "--to", target)):
        result = command(office, *line)
        assert (result.exit_code, "was moved to postgresql://" in result.output) == (1, True), line
    change(office, "DROP TABLE moved_to")
    assert instance.enabled(office) == ["testlend"]


def test_nobody_comes_between_the_copy_and_the_new_address(office: Config, target: str) -> None:
    happened: list[str] = []

    def take_over() -> str:
        assert "testlend_car" in tables(target)
        with (
            closing(sqlite3.connect(office.instance / "forecourt.db", timeout=0)) as somebody,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            somebody.execute("SELECT * FROM core_user").fetchall()
        return "taken over"

    relocation.move(office, target, happened.append, take_over)
    assert happened.index("taken over") < happened.index("Gathering what the planner of PostgreSQL needs to know …")


def test_whoever_has_waited_for_a_move_does_not_go_on_with_the_old_file(office: Config, target: str) -> None:
    waits, refusals = threading.Event(), []

    def upgrade() -> None:
        try:
            instance.upgrade(office, lambda _: waits.set())
        except AddonError as error:
            refusals.append(str(error))

    with one_at_a_time(office, "move"):
        second = threading.Thread(target=upgrade)
        second.start()
        assert waits.wait(20)
        set_database(office, target)
    second.join()
    assert refusals == ["the instance was moved to another database meanwhile; run this again"]


def test_an_address_in_the_environment_is_left_to_whoever_keeps_it(
    office: Config, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{PREFIX}DATABASE", f"sqlite:///{office.instance / 'forecourt.db'}")
    result = command(office, "move", "--to", target, "--switch")
    assert f"Now change {PREFIX}DATABASE in the environment" in result.output
    assert "was moved to" in command(office, "addon", "list").output


def test_settings_that_cannot_be_changed_are_found_before_anything_is_copied(
    office: Config, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    monkeypatch.setattr(os, "chown", refuse)
    result = command(office, "move", "--to", target, "--switch")
    assert "forecourt.toml belongs to somebody else" in result.output
    assert (tables(target), instance.enabled(office)) == ([], ["testlend"])
    assert not list(office.instance.glob("*forecourt.toml*.new*"))


def test_settings_that_fail_afterwards_are_told_with_what_to_do(office: Config, target: str) -> None:
    def fail() -> str:
        raise OSError("the disk is full")

    with pytest.raises(relocation.NotTakenOver, match=r"All rows have arrived in postgresql://.*: the disk is full"):
        relocation.move(office, target, print, fail)
    with pytest.raises(MovedAway):
        instance.enabled(office)
    assert instance.enabled(moved(office, target)) == ["testlend"]


def test_killed_before_the_settings_are_changed_it_says_where_the_rows_are(office: Config, target: str) -> None:
    child = os.fork()
    if not child:
        try:
            relocation.move(office, target, lambda _: None, lambda: str(os.kill(os.getpid(), signal.SIGKILL)))
        finally:
            os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    with pytest.raises(MovedAway, match="was moved to postgresql://"):
        instance.enabled(office)
    assert rows_of(moved(office, target))["testlend_car"]


def test_statistics_that_cannot_be_gathered_are_no_failure(
    office: Config, target: str, postgres_server: PostgresServer
) -> None:
    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        if text.startswith("Gathering"):
            PostgresDatabases(postgres_server).drop(target)

    relocation.move(office, target, say)
    assert said[-1].startswith("That failed; run VACUUM ANALYZE there some time: ")


def test_no_password_is_shown(office: Config) -> None:
    for address in ("postgresql://a:sword@red:fish@b/c", "sword fish"):
        output = command(office, "move", "--to", address).output
        assert "--to: this is no address" in output, address
        assert "fish" not in output


def test_settings_that_cannot_hold_the_address_are_left(tmp_path: Path) -> None:
    file = tmp_path / "forecourt.toml"
    for unfit in ('dealership = """\ndatabase = ours"""\n', "database = [\n]\n"):
        file.write_text(unfit)
        with pytest.raises(ConfigError, match="cannot be changed") as caught:
            set_database(Config(instance=tmp_path), "postgresql://a:swordfish@b/c")
        assert "swordfish" not in str(caught.value)
        assert [each.name for each in tmp_path.iterdir()] == ["forecourt.toml"]
        assert file.read_text() == unfit


def test_the_settings_stay_as_they_are_but_for_the_address(tmp_path: Path) -> None:
    file = tmp_path / "forecourt.toml"
    file.write_text('# ours\nworkers = 3\n database = "sqlite:////old.db"  # the file\nlanguage = "en"\n')
    file.chmod(0o640)
    set_database(load_config(tmp_path, {}), 'postgresql://a@/b?options=-c%20x="y"')
    config = load_config(tmp_path, {})
    assert (config.workers, config.language) == (3, "en")
    assert config.database == 'postgresql://a@/b?options=-c%20x="y"'
    assert file.read_text().startswith("# ours\n")
    assert file.stat().st_mode & 0o777 == 0o640


def test_the_addons_that_come_with_it_go_on_there(
    files: SqliteDatabases, target: str, addon_set: tuple[str, ...], tmp_path: Path
) -> None:
    """Their tables are what their models say, and nothing is left to be upgraded."""
    config = load_config(tmp_path / "var", {}, database=files.prepared(f"dealership {addon_set}", filled(addon_set)))
    config.instance.mkdir()
    relocation.move(config, target, print)
    there = moved(config, target)
    tables_of_core.load_core_models()
    assert [each for name in addon_set for each in differences(there, name)] == []
    with engine_of(there) as engine:
        assert Migrations(engine).check("core", instance.CORE / MIGRATIONS, Base.metadata) == []
    assert rows_of(there) == rows_of(config)
    assert set(instance.upgrade(there).untouched) == set(addon_set)


def filled(addon_set: tuple[str, ...]) -> Callable[[str], None]:
    return lambda url: fill(url, addon_set)
