"""Backups: complete, private, provable, and restored only where nothing is lost by it (SEC-57)."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, table, text
from sqlalchemy.orm import Session

from core.db import dumps
from core.db.backup import BackupError, BackupReport, backup, restore, verify
from core.db.migrations import Migrations
from tests.db.histories import create_table, write_revision

VERSIONS = {"core": "0.1.0", "shop": "1.2"}


@pytest.fixture
def histories(tmp_path: Path) -> dict[str, Path]:
    folder = tmp_path / "shop"
    write_revision(folder, 1, create_table("shop_one") + '; op.create_search_index("shop_one", "title")')
    write_revision(folder, 2, create_table("shop_two", "shop_one"))
    return {"shop": folder}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    (folder / "ab").mkdir(parents=True)
    (folder / "ab" / "one.pdf").write_bytes(b"one")
    (folder / "two.wav").write_bytes(bytes(3_000_000))
    return folder


@pytest.fixture
def filled(engine: Engine, histories: dict[str, Path]) -> Engine:
    """The database under test with a history, two tables and seven rows."""
    Migrations(engine).upgrade("shop", histories["shop"])
    with engine.begin() as connection:
        for number in range(1, 6):
            connection.execute(text("INSERT INTO shop_one (title) VALUES (:title)"), {"title": f"запись {number}"})
        connection.execute(text("INSERT INTO shop_two (parent_id) VALUES (1), (5)"))
    return engine


@pytest.fixture
def saved(filled: Engine, database_url: str, files: Path, tmp_path: Path) -> BackupReport:
    return backup(database_url, files, tmp_path / "saved.zip", versions=VERSIONS)


def _count(engine: Engine, name: str) -> int:
    with engine.begin() as connection:
        return connection.execute(select(func.count()).select_from(table(name))).scalar_one()


def _tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_backup_says_what_it_holds(saved: BackupReport) -> None:
    manifest = saved.manifest
    assert manifest.versions == VERSIONS
    assert manifest.revisions == {"shop": "0002_step"}
    assert manifest.rows == {"shop_alembic_version": 1, "shop_one": 5, "shop_two": 2}
    assert (saved.rows, saved.files) == (8, 2)
    assert manifest.members["files/ab/one.pdf"].sha256 == hashlib.sha256(b"one").hexdigest()
    assert saved.size == saved.archive.stat().st_size


def test_a_backup_is_readable_by_its_owner_only_and_leaves_nothing_beside_it(
    saved: BackupReport, tmp_path: Path
) -> None:
    assert stat.S_IMODE(saved.archive.stat().st_mode) == 0o600
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_backup_proves_itself(saved: BackupReport, database_url: str, filled: Engine) -> None:
    assert verify(saved.archive, database_url) == []
    assert _count(filled, "shop_one") == 5


def test_further_checks_see_the_restored_rows(saved: BackupReport, database_url: str) -> None:
    """The audit chain is checked this way."""
    problems = verify(saved.archive, database_url, checks=[lambda engine: [f"{_count(engine, 'shop_one')} rows"]])
    assert problems == ["5 rows"]


def test_rows_written_meanwhile_are_not_counted(
    filled: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dump and counts are of one moment, also when work goes on."""
    counted = dumps._facts

    def write_then_count(connection: Any) -> dumps.Facts:
        with filled.begin() as writer:
            writer.execute(text("INSERT INTO shop_one (title) VALUES ('late')"))
        return counted(connection)

    with monkeypatch.context() as patch:
        patch.setattr(dumps, "_facts", write_then_count)
        saved = backup(database_url, None, tmp_path / "late.zip", versions={})
    assert saved.manifest.rows["shop_one"] == 5
    assert verify(saved.archive, database_url) == []


def _spoil_rows(content: dict[str, Any]) -> None:
    content["rows"]["shop_one"] = 6


def _spoil_revision(content: dict[str, Any]) -> None:
    content["revisions"]["shop"] = "0001_step"


def _spoil_sum(content: dict[str, Any]) -> None:
    content["members"]["files/ab/one.pdf"]["sha256"] = "0" * 64


def _spoil_size(content: dict[str, Any]) -> None:
    content["members"]["files/two.wav"]["size"] = 1000


def _spoil_free_space(content: dict[str, Any]) -> None:
    content["members"]["files/two.wav"]["size"] = 2**62


def _spoil_list(content: dict[str, Any]) -> None:
    del content["members"]["files/two.wav"]


def _spoil_format(content: dict[str, Any]) -> None:
    content["format"] = 2


def _spoil_time(content: dict[str, Any]) -> None:
    content["created_at"] = "yesterday"


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (_spoil_rows, "shop_one: 6 rows backed up, 5 restored"),
        (_spoil_revision, "schema revisions differ"),
        (_spoil_sum, "files/ab/one.pdf is not what the manifest says"),
        (_spoil_size, "longer than the manifest says"),
        (_spoil_free_space, "not enough free space"),
        (_spoil_list, "exactly what its manifest lists"),
        (_spoil_format, "format 2"),
        (_spoil_time, "no readable manifest"),
    ],
)
def test_a_spoiled_archive_is_found_out(
    saved: BackupReport, database_url: str, tmp_path: Path, spoil: Callable[[dict[str, Any]], None], problem: str
) -> None:
    (found,) = verify(_rewritten(saved.archive, tmp_path / "spoiled.zip", spoil=spoil), database_url)
    assert problem in found


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "files/../../evil",
        "/evil",
        "files//evil",
        "files/.. /evil",
        "files/a\\..\\evil",
        "files/c:evil",
        "other",
    ],
)
def test_names_that_lead_elsewhere_are_refused(
    saved: BackupReport, database_url: str, tmp_path: Path, name: str
) -> None:
    """SEC-33"""

    def add(content: dict[str, Any]) -> None:
        content["members"][name] = {"size": 4, "sha256": hashlib.sha256(b"evil").hexdigest()}

    archive = _rewritten(saved.archive, tmp_path / "evil.zip", spoil=add, extra={name: b"evil"})
    (found,) = verify(archive, database_url)
    assert "forbidden name" in found
    with pytest.raises(BackupError, match="forbidden name"):
        restore(archive, database_url, tmp_path / "new", histories={}, replace=True)
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize("member", ["database", "manifest.json"])
def test_flipped_bytes_are_found_out(saved: BackupReport, database_url: str, tmp_path: Path, member: str) -> None:
    """Whatever the inflater makes of them."""
    with zipfile.ZipFile(saved.archive) as archive:
        [packed] = [each for each in archive.infolist() if each.filename.startswith(member)]
    content = bytearray(saved.archive.read_bytes())
    start = packed.header_offset + 30 + len(packed.filename)
    for place in range(start, start + packed.compress_size):
        content[place] ^= 0xFF
    (tmp_path / "flipped.zip").write_bytes(content)
    (problem,) = verify(tmp_path / "flipped.zip", database_url)
    assert "damaged" in problem or "no readable manifest" in problem


@pytest.mark.parametrize("content", [b"", b"PK not a zip", b"x" * 5000])
def test_what_is_no_archive_is_refused(database_url: str, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "no.zip").write_bytes(content)
    (problem,) = verify(tmp_path / "no.zip", database_url)
    assert "cannot be read as a backup" in problem


def test_a_restore_brings_everything_back(
    saved: BackupReport, filled: Engine, database_url: str, files: Path, histories: dict[str, Path]
) -> None:
    before = _tree(files)
    with filled.begin() as connection:
        connection.execute(text("DELETE FROM shop_two"))
        connection.execute(text("CREATE TABLE later_table (id INTEGER PRIMARY KEY)"))
    (files / "ab" / "one.pdf").write_bytes(b"changed")
    (files / "later.pdf").write_bytes(b"later")
    report = restore(saved.archive, database_url, files, histories=histories, replace=True)
    assert report.rows == 8
    assert _count(filled, "shop_two") == 2
    assert dumps.facts(database_url).rows == saved.manifest.rows
    assert _tree(files) == before
    assert not [path.name for path in files.parent.iterdir() if path.name.startswith(".")]


def test_what_a_failed_restore_left_is_found_before_anything_is_touched(
    saved: BackupReport, filled: Engine, database_url: str, files: Path, histories: dict[str, Path]
) -> None:
    with filled.begin() as connection:
        connection.execute(text("DELETE FROM shop_two"))
    files.with_name(f".{files.name}.before-restore").mkdir()
    with pytest.raises(BackupError, match="left of a restore"):
        restore(saved.archive, database_url, files, histories=histories, replace=True)
    assert _count(filled, "shop_two") == 0


def test_a_restored_database_works_on(
    saved: BackupReport, filled: Engine, database_url: str, files: Path, histories: dict[str, Path]
) -> None:
    """Search index, numbering and migrations go on where they were."""
    restore(saved.archive, database_url, files, histories=histories, replace=True)
    with Session(filled) as session:
        session.execute(text("INSERT INTO shop_one (title) VALUES ('новая')"))
        assert session.execute(text("SELECT max(id) FROM shop_one")).scalar() == 6
        session.commit()
    write_revision(histories["shop"], 3, create_table("shop_three"))
    assert Migrations(filled).upgrade("shop", histories["shop"]) == ["0003_step"]


def test_a_restore_into_something_new_needs_no_permission(
    saved: BackupReport, filled: Engine, database_url: str, files: Path, tmp_path: Path, histories: dict[str, Path]
) -> None:
    with dumps.scratch(database_url, tmp_path) as fresh:
        restore(saved.archive, fresh, tmp_path / "new" / "files", histories=histories)
        assert dumps.facts(fresh).rows == saved.manifest.rows
    assert _tree(tmp_path / "new" / "files") == _tree(files)


def test_a_restore_overwrites_nothing_unless_told(
    saved: BackupReport, filled: Engine, database_url: str, files: Path, tmp_path: Path, histories: dict[str, Path]
) -> None:
    with pytest.raises(BackupError, match="the database is not empty"):
        restore(saved.archive, database_url, tmp_path / "new", histories=histories)
    with dumps.scratch(database_url, tmp_path) as fresh:
        with pytest.raises(BackupError, match="files is not empty"):
            restore(saved.archive, fresh, files, histories=histories)
        assert dumps.is_empty(fresh)


def test_an_archive_of_a_newer_release_is_refused(
    saved: BackupReport, filled: Engine, database_url: str, files: Path, histories: dict[str, Path]
) -> None:
    """SEC-56"""
    (histories["shop"] / "0002_step.py").unlink()
    with filled.begin() as connection:
        connection.execute(text("DELETE FROM shop_two"))
    with pytest.raises(BackupError, match="newer release: shop is at 0002_step"):
        restore(saved.archive, database_url, files, histories=histories, replace=True)
    assert _count(filled, "shop_two") == 0


def test_rows_of_an_addon_that_is_not_installed_come_back_too(
    saved: BackupReport, filled: Engine, database_url: str, files: Path
) -> None:
    restore(saved.archive, database_url, files, histories={}, replace=True)
    assert _count(filled, "shop_one") == 5


def test_a_damaged_archive_touches_nothing(
    saved: BackupReport, filled: Engine, database_url: str, files: Path, tmp_path: Path, histories: dict[str, Path]
) -> None:
    before = _tree(files)
    with filled.begin() as connection:
        connection.execute(text("DELETE FROM shop_two"))
    archive = _rewritten(saved.archive, tmp_path / "damaged.zip", spoil=_spoil_sum)
    with pytest.raises(BackupError, match="damaged"):
        restore(archive, database_url, files, histories=histories, replace=True)
    assert _count(filled, "shop_two") == 0
    assert _tree(files) == before


def test_an_archive_of_the_other_database_is_refused(saved: BackupReport, database_url: str, tmp_path: Path) -> None:
    def other(content: dict[str, Any]) -> None:
        content["dialect"] = {"sqlite": "postgresql", "postgresql": "sqlite"}[content["dialect"]]

    archive = _rewritten(saved.archive, tmp_path / "other.zip", spoil=other)
    (problem,) = verify(archive, database_url)
    assert "move it instead" in problem


def test_an_existing_archive_is_not_overwritten(saved: BackupReport, database_url: str, files: Path) -> None:
    with pytest.raises(BackupError, match="exists already"):
        backup(database_url, files, saved.archive, versions={})


def test_a_failing_backup_leaves_no_archive(filled: Engine, database_url: str, files: Path, tmp_path: Path) -> None:
    (files / "c:evil").write_bytes(b"")
    (tmp_path / "out").mkdir()
    with pytest.raises(BackupError, match="cannot be restored everywhere"):
        backup(database_url, files, tmp_path / "out" / "x.zip", versions={})
    assert list((tmp_path / "out").iterdir()) == []


def test_links_are_not_followed(filled: Engine, database_url: str, files: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (files / "link").symlink_to(tmp_path / "secret")
    saved = backup(database_url, files, tmp_path / "saved.zip", versions={})
    assert "files/link" not in saved.manifest.members


def test_a_missing_database_file_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="there is no database file"):
        backup(f"sqlite:///{tmp_path}/none.db", None, tmp_path / "x.zip", versions={})
    assert list(tmp_path.iterdir()) == []


def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(dumps, "_DEBIAN", tmp_path)
    with pytest.raises(BackupError, match="pg_dump is needed and not installed"):
        dumps._find("pg_dump")


def test_lost_references_in_an_archive_are_found(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "bad.db") as connection:
        connection.executescript("CREATE TABLE a (id INTEGER PRIMARY KEY REFERENCES a); INSERT INTO a VALUES (1);")
        connection.executescript("CREATE TABLE b (id INTEGER REFERENCES a); INSERT INTO b VALUES (7);")
    connection.close()
    saved = backup(f"sqlite:///{tmp_path}/bad.db", None, tmp_path / "bad.zip", versions={})
    (problem,) = verify(saved.archive, f"sqlite:///{tmp_path}/bad.db")
    assert "1 lost references" in problem


def _rewritten(
    source: Path, target: Path, *, spoil: Callable[[dict[str, Any]], None], extra: dict[str, bytes] | None = None
) -> Path:
    """A copy of an archive with a changed manifest and further members."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "manifest.json":
                manifest = json.loads(content)
                spoil(manifest)
                content = json.dumps(manifest).encode()
            new.writestr(name, content)
        for name, content in (extra or {}).items():
            new.writestr(name, content)
    return target
