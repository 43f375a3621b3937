"""Running revisions: one history per addon, nothing half-done, nothing that stops the others (SEC-56)."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from core.db import migration_lock
from core.db.engine import create_database_engine
from core.db.migrations import MigrationError, Migrations, State
from core.errors import Conflict
from tests.db.histories import create_table, write_revision

FIRST, SECOND = "0001_step", "0002_step"


@pytest.fixture
def migrations(engine: Engine) -> Migrations:
    return Migrations(engine)


def test_an_upgrade_runs_what_is_pending_and_tells_what(migrations: Migrations, tmp_path: Path) -> None:
    write_revision(tmp_path, 1, create_table("shop_one"))
    write_revision(tmp_path, 2, create_table("shop_two"))
    before = migrations.status("shop", tmp_path)
    assert (before.state, before.current, before.pending) == (State.PENDING, None, (FIRST, SECOND))
    assert migrations.upgrade("shop", tmp_path) == [FIRST, SECOND]
    assert migrations.upgrade("shop", tmp_path) == []
    after = migrations.status("shop", tmp_path)
    assert (after.state, after.current, after.head, after.pending) == (State.UP_TO_DATE, SECOND, SECOND, ())
    assert migrations.current("shop") == SECOND


def test_each_addon_has_a_version_table_of_its_own(migrations: Migrations, engine: Engine, tmp_path: Path) -> None:
    write_revision(tmp_path / "shop", 1, create_table("shop_one"))
    write_revision(tmp_path / "stock", 1, create_table("stock_one"))
    migrations.upgrade("shop", tmp_path / "shop")
    assert migrations.current("stock") is None
    migrations.upgrade("stock", tmp_path / "stock")
    assert {"shop_alembic_version", "stock_alembic_version"} <= set(inspect(engine).get_table_names())


def test_an_addon_without_revisions_is_up_to_date(migrations: Migrations, engine: Engine, tmp_path: Path) -> None:
    assert migrations.status("shop", tmp_path / "none").state is State.UP_TO_DATE
    assert migrations.upgrade("shop", tmp_path / "none") == []
    assert inspect(engine).get_table_names() == []


def test_a_failing_step_leaves_nothing_and_the_next_try_goes_on(
    migrations: Migrations, engine: Engine, tmp_path: Path
) -> None:
    """SEC-56: the step before it stays, of the failing one nothing does."""
    write_revision(tmp_path, 1, create_table("shop_one"))
    write_revision(tmp_path, 2, create_table("shop_two") + "; op.execute('INSERT INTO missing VALUES (1)')")
    with pytest.raises(MigrationError, match=r"shop: revision 0002_step: .*missing") as failure:
        migrations.upgrade("shop", tmp_path)
    assert (failure.value.addon, failure.value.revision) == ("shop", SECOND)
    assert inspect(engine).get_table_names() == ["shop_alembic_version", "shop_one"]
    assert migrations.current("shop") == FIRST
    write_revision(tmp_path, 2, create_table("shop_two"))
    assert migrations.upgrade("shop", tmp_path) == [SECOND]


def test_a_step_that_exits_is_a_failed_step(migrations: Migrations, engine: Engine, tmp_path: Path) -> None:
    write_revision(tmp_path, 1, create_table("shop_one") + "; raise SystemExit(3)")
    with pytest.raises(MigrationError, match="SystemExit: 3"):
        migrations.upgrade("shop", tmp_path)
    assert inspect(engine).get_table_names() == []


def _order_with_cascaded_lines(migrations: Migrations, engine: Engine, folder: Path) -> None:
    write_revision(folder / "shop", 1, create_table("shop_order"))
    write_revision(folder / "extra", 1, create_table("extra_line", "shop_order"))
    migrations.upgrade("shop", folder / "shop")
    migrations.upgrade("extra", folder / "extra")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO shop_order (id, title) VALUES (1, 'a'), (2, 'b')"))
        connection.execute(text("INSERT INTO extra_line (id, parent_id) VALUES (1, 1), (2, 2)"))


def test_a_table_rebuild_keeps_the_rows_that_cascade_from_it(
    migrations: Migrations, engine: Engine, tmp_path: Path
) -> None:
    _order_with_cascaded_lines(migrations, engine, tmp_path)
    write_revision(
        tmp_path / "shop",
        2,
        'with op.batch_alter_table("shop_order") as batch: batch.alter_column("title", type_=sa.String(80))',
    )
    migrations.upgrade("shop", tmp_path / "shop")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM extra_line")).scalar() == 2
        assert connection.execute(text("SELECT count(*) FROM shop_order")).scalar() == 2


def test_a_table_rebuild_keeps_named_checks_and_partial_indexes(
    migrations: Migrations, engine: Engine, tmp_path: Path
) -> None:
    open_ones = ", ".join(f'{dialect}_where=sa.text("open")' for dialect in ("sqlite", "postgresql"))
    write_revision(
        tmp_path,
        1,
        'op.create_table("shop_order", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("open", sa.Boolean()),'
        ' sa.Column("line", sa.Integer()), sa.CheckConstraint("line > 0", name="ck_shop_order_line"))\n'
        f'    op.create_index("ix_shop_order_open", "shop_order", ["line"], unique=True, {open_ones})',
    )
    write_revision(
        tmp_path,
        2,
        'with op.batch_alter_table("shop_order") as batch: batch.alter_column("line", type_=sa.BigInteger())',
    )
    migrations.upgrade("shop", tmp_path)
    insert = text("INSERT INTO shop_order (id, line, open) VALUES (:id, :line, :open)")
    with engine.begin() as connection:
        connection.execute(insert, [{"id": 1, "line": 1, "open": True}, {"id": 2, "line": 1, "open": False}])
    for row in ({"id": 3, "line": 1, "open": True}, {"id": 3, "line": 0, "open": False}):
        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.execute(insert, row)


def test_foreign_keys_hold_again_after_a_migration(migrations: Migrations, engine: Engine, tmp_path: Path) -> None:
    _order_with_cascaded_lines(migrations, engine, tmp_path)
    with engine.connect() as one, engine.connect() as other:
        for connection in (one, other):
            with pytest.raises(IntegrityError), connection.begin():
                connection.execute(text("INSERT INTO extra_line (id, parent_id) VALUES (9, 99)"))


def test_a_step_that_would_leave_rows_referring_to_nothing_is_undone(
    migrations: Migrations, engine: Engine, tmp_path: Path
) -> None:
    _order_with_cascaded_lines(migrations, engine, tmp_path)
    write_revision(tmp_path / "extra", 2, 'op.execute("UPDATE extra_line SET parent_id = 77 WHERE id = 2")')
    with pytest.raises(MigrationError, match=r"extra: revision 0002_step: .*extra_line"):
        migrations.upgrade("extra", tmp_path / "extra")
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT parent_id FROM extra_line ORDER BY id"))
        assert rows.scalars().all() == [1, 2]


def test_threads_that_start_at_once_all_succeed(database_url: str, tmp_path: Path) -> None:
    for number in range(1, 4):
        write_revision(tmp_path, number, create_table(f"shop_t{number}"))

    def start(_worker: int) -> list[str]:
        engine = create_database_engine(database_url)
        try:
            return Migrations(engine).upgrade("shop", tmp_path)
        finally:
            engine.dispose()

    with ThreadPoolExecutor(4) as workers:
        done = [revision for applied in workers.map(start, range(4)) for revision in applied]
    assert sorted(done) == ["0001_step", "0002_step", "0003_step"]


def test_processes_that_start_at_once_all_succeed(database_url: str, tmp_path: Path) -> None:
    for number in range(1, 4):
        write_revision(tmp_path, number, create_table(f"shop_t{number}"))
    program = (
        "import sys; from pathlib import Path\n"
        "from core.db.engine import create_database_engine\n"
        "from core.db.migrations import Migrations\n"
        "print(*Migrations(create_database_engine(sys.argv[1])).upgrade('shop', Path(sys.argv[2])))\n"
    )
    command = [sys.executable, "-c", program, database_url, str(tmp_path)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    outputs = [process.communicate(timeout=120)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0, 0]
    assert sorted(" ".join(outputs).split()) == ["0001_step", "0002_step", "0003_step"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("def upgrade(:", "SyntaxError"),
        ("import a_module_nobody_has", "ModuleNotFoundError.*0002_broken.py, line 1"),
        ("raise SystemExit(1)", "SystemExit"),
        ('revision = "0002_x"\ndown_revision = None', "two lines of revisions, ending in 0001_step and 0002_x"),
        ('revision = "0002_x"\ndown_revision = "0001_step"\ndepends_on = "0001_stock"', "0001_stock"),
        ('revision = "0002_x"\ndown_revision = "0000_gone"', "0000_gone"),
        ("pass", "0002_broken"),
    ],
)
@pytest.mark.filterwarnings("ignore:Revision 0000_gone:UserWarning")
def test_a_broken_file_stops_only_its_own_addon(
    migrations: Migrations, engine: Engine, tmp_path: Path, body: str, problem: str
) -> None:
    write_revision(tmp_path / "shop", 1, create_table("shop_one"))
    write_revision(tmp_path / "stock", 1, create_table("stock_one"))
    (tmp_path / "shop" / "0002_broken.py").write_text(body)
    status = migrations.status("shop", tmp_path / "shop")
    assert status.state is State.BROKEN
    with pytest.raises(MigrationError, match=problem):
        migrations.upgrade("shop", tmp_path / "shop")
    assert migrations.upgrade("stock", tmp_path / "stock") == [FIRST]
    assert "shop_one" not in inspect(engine).get_table_names()


def test_an_uninstalled_addon_does_not_stop_the_others(migrations: Migrations, tmp_path: Path) -> None:
    write_revision(tmp_path / "shop", 1, create_table("shop_order"))
    write_revision(tmp_path / "extra", 1, create_table("extra_line", "shop_order"))
    migrations.upgrade("shop", tmp_path / "shop")
    migrations.upgrade("extra", tmp_path / "extra")
    (tmp_path / "extra" / "0001_step.py").unlink()
    write_revision(tmp_path / "shop", 2, create_table("shop_two"))
    assert migrations.upgrade("shop", tmp_path / "shop") == [SECOND]
    assert migrations.current("extra") == FIRST


def test_a_newer_database_is_reported_and_left_alone(migrations: Migrations, tmp_path: Path) -> None:
    """SEC-56: the previous release refuses a newer schema."""
    write_revision(tmp_path, 1, create_table("shop_one"))
    write_revision(tmp_path, 2, create_table("shop_two"))
    migrations.upgrade("shop", tmp_path)
    (tmp_path / "0002_step.py").unlink()
    status = migrations.status("shop", tmp_path)
    assert (status.state, status.current, status.head) == (State.AHEAD, SECOND, FIRST)
    with pytest.raises(MigrationError, match="made by a newer release"):
        migrations.upgrade("shop", tmp_path)
    with pytest.raises(MigrationError, match="made by a newer release"):
        migrations.downgrade("shop", tmp_path)
    assert migrations.current("shop") == SECOND


def test_another_history_is_reported(migrations: Migrations, engine: Engine, tmp_path: Path) -> None:
    write_revision(tmp_path, 1, create_table("shop_one"))
    migrations.upgrade("shop", tmp_path)
    with engine.begin() as connection:
        connection.execute(text("UPDATE shop_alembic_version SET version_num = '0001_other'"))
    assert migrations.status("shop", tmp_path).state is State.DIVERGED
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO shop_alembic_version VALUES ('0001_step')"))
    status = migrations.status("shop", tmp_path)
    assert status.state is State.DIVERGED
    assert "0001_other, 0001_step" in status.problem
    with pytest.raises(MigrationError, match="several revisions"):
        migrations.current("shop")


def test_purge_is_refused_while_another_addon_refers(migrations: Migrations, engine: Engine, tmp_path: Path) -> None:
    _order_with_cascaded_lines(migrations, engine, tmp_path)
    for attempt in (
        lambda: migrations.purge("shop", tmp_path / "shop"),
        lambda: migrations.purge("shop"),
        lambda: migrations.downgrade("shop", tmp_path / "shop"),
    ):
        with pytest.raises(Conflict) as refusal:
            attempt()
        assert refusal.value.values == {"tables": "extra_line"}
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM extra_line")).scalar() == 2


@pytest.mark.parametrize("code", ["there", "gone", "broken"])
def test_purge_removes_everything_and_the_addon_can_come_back(
    migrations: Migrations, engine: Engine, tmp_path: Path, code: str
) -> None:
    folder = tmp_path / "shop"
    write_revision(tmp_path / "stock", 1, create_table("stock_one"))
    step = create_table("shop_one")
    write_revision(folder, 1, f'{step}; op.create_search_index("shop_one", "title")', "pass")
    write_revision(folder, 2, create_table("shop_two", "shop_one"), 'op.drop_table("shop_two")')
    migrations.upgrade("stock", tmp_path / "stock")
    migrations.upgrade("shop", folder)
    broken = folder / "0003_broken.py"
    if code == "broken":
        broken.write_text("def")
    tables = migrations.purge("shop", None if code == "gone" else folder)
    assert {"shop_one", "shop_two", "shop_alembic_version"} <= set(tables)
    assert inspect(engine).get_table_names() == ["stock_alembic_version", "stock_one"]
    assert migrations.current("shop") is None
    broken.unlink(missing_ok=True)
    assert migrations.upgrade("shop", folder) == [FIRST, SECOND]


def test_a_failing_downgrade_purges_nothing(migrations: Migrations, engine: Engine, tmp_path: Path) -> None:
    write_revision(tmp_path, 1, create_table("shop_one"), 'op.drop_table("shop_one")')
    write_revision(tmp_path, 2, create_table("shop_two"), 'op.drop_table("shop_two"); 1 / 0')
    migrations.upgrade("shop", tmp_path)
    with pytest.raises(MigrationError, match="revision 0002_step: ZeroDivisionError"):
        migrations.purge("shop", tmp_path)
    assert inspect(engine).get_table_names() == ["shop_alembic_version", "shop_one", "shop_two"]
    assert migrations.current("shop") == SECOND


def test_purging_what_is_not_there_does_nothing(migrations: Migrations, tmp_path: Path) -> None:
    assert migrations.purge("shop", tmp_path) == []


def test_a_table_in_use_does_not_hold_everybody_up(
    migrations: Migrations, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step that cannot get its tables gives up in time and can be run again."""
    write_revision(tmp_path, 1, create_table("shop_one"))
    migrations.upgrade("shop", tmp_path)
    write_revision(tmp_path, 2, 'op.add_column("shop_one", sa.Column("extra", sa.Integer()))')
    monkeypatch.setattr(migration_lock, "_WAIT_MS", 100)
    monkeypatch.setattr(migration_lock, "_TABLE_WAIT_MS", 100)
    with engine.begin() as user:
        user.execute(text("INSERT INTO shop_one (id) VALUES (1)"))
        with pytest.raises(MigrationError, match=r"locked|lock timeout"):
            migrations.upgrade("shop", tmp_path)
    assert migrations.upgrade("shop", tmp_path) == [SECOND]
