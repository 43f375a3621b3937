"""Whether a database is up to date, told without Alembic; and never told otherwise than Alembic would (SEC-56)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from core.db.migrations import Migrations, revision_ids
from core.db.revisions import Unclear, are_present, newest_revision
from tests.db.histories import create_table, write_revision

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = [ROOT / "core" / "migrations", *sorted((ROOT / "addons").glob("*/migrations"))]


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.parent.name)
def test_shipped_histories_are_plain(folder: Path) -> None:
    assert newest_revision(folder) == revision_ids(folder.parent.name, folder)[-1]


KEPT = {
    "0001_initial": "b991f6b7566e2e31338b9fd3d8ccd57746c33109eae43df35a196d04f9856f93",
    "0002_audit_action": "9785cb78ce20af946e6f14f7500a2d082d09aa0f2b0d276fcec4b4add499ac9c",
}
"""SHA-256 of core's revisions that instances have run."""


@pytest.mark.parametrize("revision", KEPT)
def test_a_revision_that_was_run_says_what_it_said(revision: str) -> None:
    """Nobody runs it again: what is added to it later never comes to those who have."""
    content = (ROOT / "core" / "migrations" / f"{revision}.py").read_bytes()
    assert hashlib.sha256(content).hexdigest() == KEPT[revision]


def test_a_folder_without_revisions_has_no_newest(tmp_path: Path) -> None:
    assert newest_revision(tmp_path) is None
    assert newest_revision(tmp_path / "none") is None


def test_what_is_pending_is_not_present(engine: Engine, tmp_path: Path) -> None:
    write_revision(tmp_path, 1, create_table("shop_one"))
    assert not present(engine, tmp_path)
    Migrations(engine).upgrade("shop", tmp_path)
    assert present(engine, tmp_path)
    write_revision(tmp_path, 2, create_table("shop_two"))
    assert not present(engine, tmp_path)


def test_a_newer_database_is_not_present(engine: Engine, tmp_path: Path) -> None:
    write_revision(tmp_path, 1, create_table("shop_one"))
    Migrations(engine).upgrade("shop", tmp_path)
    with engine.begin() as connection:
        connection.execute(text("UPDATE shop_alembic_version SET version_num = '9999_future'"))
    assert not present(engine, tmp_path)


@pytest.mark.parametrize(
    "source",
    [
        "revision = '0002_a'\ndown_revision = None",
        "revision = '0002_a'\ndown_revision = '0009_gone'",
        "revision = '0002_a'\ndown_revision = '0001_step'\ndepends_on = 'other'",
        "revision = '0002_' + 'a'\ndown_revision = '0001_step'",
        "down_revision = '0001_step'",
    ],
)
def test_files_that_are_not_one_plain_line_are_left_to_alembic(engine: Engine, tmp_path: Path, source: str) -> None:
    write_revision(tmp_path, 1, create_table("shop_one"))
    Migrations(engine).upgrade("shop", tmp_path)
    (tmp_path / "0002_a.py").write_text(source)
    with pytest.raises(Unclear):
        newest_revision(tmp_path)
    assert not present(engine, tmp_path)


def present(engine: Engine, folder: Path) -> bool:
    with engine.connect() as connection:
        return are_present(connection, {"shop": folder})
