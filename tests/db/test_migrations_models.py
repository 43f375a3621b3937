"""Revisions made from the models, and the comparison of models and tables."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Column, Engine, Index, Integer, MetaData, String, Table, func, inspect, text
from sqlalchemy.types import UserDefinedType

from core.db.base import NAMING, Base
from core.db.engine import create_database_engine
from core.db.migrations import MigrationError, Migrations
from core.host.tables import load_core_models
from tests.db.histories import shop_models

CORE = Path(__file__).resolve().parents[2] / "core" / "migrations"


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """First revisions of both addons, made from the models on a scratch SQLite database."""
    engine = create_database_engine(f"sqlite:///{tmp_path}/scratch.db")
    folders = {addon: tmp_path / addon for addon in ("stock", "shop")}
    migrations = Migrations(engine)
    for addon, folder in folders.items():
        migrations.revision(addon, folder, shop_models(), "First tables")
        migrations.upgrade(addon, folder)
    engine.dispose()
    return folders


@pytest.fixture
def migrations(engine: Engine, folders: dict[str, Path]) -> Migrations:
    """Both addons migrated on the database under test."""
    migrations = Migrations(engine)
    for addon, folder in folders.items():
        migrations.upgrade(addon, folder)
    return migrations


def test_revisions_from_the_models_make_the_same_tables_on_both_databases(
    migrations: Migrations, folders: dict[str, Path]
) -> None:
    assert [migrations.check(addon, folder, shop_models()) for addon, folder in folders.items()] == [[], []]


def test_a_revision_goes_down_and_up_again(migrations: Migrations, engine: Engine, folders: dict[str, Path]) -> None:
    assert migrations.downgrade("shop", folders["shop"]) == ["0001_first_tables"]
    assert "shop_customer" not in inspect(engine).get_table_names()
    assert migrations.upgrade("shop", folders["shop"]) == ["0001_first_tables"]
    assert migrations.check("shop", folders["shop"], shop_models()) == []


def test_a_revision_imports_nothing_of_the_project(folders: dict[str, Path]) -> None:
    for folder in folders.values():
        (file,) = folder.glob("*.py")
        assert _imported(file.read_text()) <= {"sqlalchemy", "alembic"}


def test_a_revision_is_numbered_named_and_chained(migrations: Migrations, folders: dict[str, Path]) -> None:
    path = migrations.revision("shop", folders["shop"], shop_models(), 'Add "Phone" & e-mail of the customer\\')
    assert path.name == "0002_add_phone_e_mail_of_the_cus.py"
    assert migrations.upgrade("shop", folders["shop"]) == [path.stem]


def test_a_revision_sees_only_its_own_addons_tables(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE stock_forgotten (id INTEGER PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE unrelated (id INTEGER PRIMARY KEY)"))
    models = shop_models()
    source = Migrations(engine).revision("shop", tmp_path, models, "first").read_text()
    assert "shop_order" in source
    assert "create_table('stock_item'" not in source
    assert "stock_forgotten" not in source
    assert "unrelated" not in source


def test_a_revision_is_made_only_when_the_database_is_up_to_date(engine: Engine, folders: dict[str, Path]) -> None:
    with pytest.raises(MigrationError, match="upgrade first: revisions not run yet: 0001_first_tables"):
        Migrations(engine).revision("stock", folders["stock"], shop_models(), "too early")


def test_a_type_that_cannot_be_written_plainly_is_refused(engine: Engine, tmp_path: Path) -> None:
    class Point(UserDefinedType[str]):
        def get_col_spec(self) -> str:
            return "POINT"

    models = MetaData(naming_convention=NAMING)
    Table("shop_place", models, Column("id", Integer, primary_key=True), Column("where", Point()))
    with pytest.raises(MigrationError, match="Point cannot be written as a plain SQLAlchemy type"):
        Migrations(engine).revision("shop", tmp_path, models, "first")
    assert list(tmp_path.glob("*.py")) == []


def test_an_index_on_an_expression_is_refused(engine: Engine, tmp_path: Path) -> None:
    """SQLite would leave it out without an error."""
    models = shop_models()
    customers = models.tables["shop_customer"]
    Index("ix_shop_customer_latest", customers.c.name, customers.c.id.desc())
    migrations = Migrations(engine)
    migrations.revision("stock", tmp_path / "stock", models, "first")
    migrations.upgrade("stock", tmp_path / "stock")
    migrations.revision("shop", tmp_path / "shop", models, "first")
    migrations.upgrade("shop", tmp_path / "shop")
    assert migrations.check("shop", tmp_path / "shop", models) == []
    Index("ix_shop_customer_lower", func.lower(customers.c.name))
    with pytest.raises(MigrationError, match="ix_shop_customer_lower: an index on an expression"):
        migrations.check("shop", tmp_path / "shop", models)


Change = Callable[[MetaData], None]


def _new_table(models: MetaData) -> None:
    Table("shop_extra", models, Column("id", Integer, primary_key=True))


def _new_column(models: MetaData) -> None:
    models.tables["shop_customer"].append_column(Column("phone", String(16)))


def _other_type(models: MetaData) -> None:
    models.tables["shop_customer"].c.name.type = String(200)


def _nullable(models: MetaData) -> None:
    models.tables["shop_customer"].c.name.nullable = True


def _new_index(models: MetaData) -> None:
    Index("ix_shop_customer_name", models.tables["shop_customer"].c.name)


def _new_search(models: MetaData) -> None:
    models.tables["stock_item"].c.code.info["search_index"] = True


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_new_table, "create_table('shop_extra'"),
        (_new_column, "add_column('shop_customer', sa.Column('phone'"),
        (_other_type, "alter_column('shop_customer', 'name'"),
        (_nullable, "nullable=True"),
        (_new_index, "create_index('ix_shop_customer_name'"),
        (_new_search, 'create_search_index("stock_item", "code")'),
    ],
)
def test_check_finds_what_the_tables_lack(
    migrations: Migrations, folders: dict[str, Path], change: Change, expected: str
) -> None:
    models = shop_models()
    change(models)
    found = [line for addon, folder in folders.items() for line in migrations.check(addon, folder, models)]
    assert len(found) == 1
    assert expected in found[0]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("CREATE TABLE shop_left_over (id INTEGER PRIMARY KEY)", "drop_table('shop_left_over')"),
        ("ALTER TABLE shop_customer ADD COLUMN old INTEGER", "drop_column('shop_customer', 'old')"),
        ("DROP INDEX ix_shop_order_customer_id", "create_index(op.f('ix_shop_order_customer_id')"),
        ("CREATE UNIQUE INDEX ix_shop_other ON shop_customer (name)", "drop_index(op.f('ix_shop_other')"),
    ],
)
def test_check_finds_what_the_models_lack(
    migrations: Migrations, engine: Engine, folders: dict[str, Path], statement: str, expected: str
) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))
    (found,) = migrations.check("shop", folders["shop"], shop_models())
    assert expected in found


def test_check_finds_lost_keys(migrations: Migrations, folders: dict[str, Path]) -> None:
    models = shop_models()
    orders = models.tables["shop_order"]
    for constraint in [*orders.foreign_key_constraints, *orders.constraints]:
        if constraint.name in ("fk_shop_order_item_id", "uq_shop_order_customer_id_line"):
            orders.constraints.discard(constraint)
    orders.foreign_keys.clear()
    found = migrations.check("shop", folders["shop"], models)
    assert [line for line in found if "fk_shop_order_item_id" in line]
    assert [line for line in found if "uq_shop_order_customer_id_line" in line]


def test_check_names_revisions_that_were_not_run(engine: Engine, folders: dict[str, Path]) -> None:
    found = Migrations(engine).check("stock", folders["stock"], shop_models())
    assert found[0] == "stock: revisions not run yet: 0001_first_tables"
    assert "create_table('stock_item'" in found[1]


def _imported(source: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return names


def test_numbers_that_are_never_used_twice_survive_all_of_cores_revisions(tmp_path: Path) -> None:
    """A revision that rebuilds a table on SQLite forgets AUTOINCREMENT, and no comparison of models and tables tells."""
    load_core_models()
    wanted = {table.name for table in Base.metadata.tables.values() if table.dialect_options["sqlite"]["autoincrement"]}
    assert "core_event" in wanted
    engine = create_database_engine(f"sqlite:///{tmp_path}/core.db")
    Migrations(engine).upgrade("core", CORE)
    with engine.connect() as connection:
        made = dict(connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all())
    engine.dispose()
    assert {name for name, sql in made.items() if "AUTOINCREMENT" in sql} == wanted
