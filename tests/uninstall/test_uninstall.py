"""Uninstalling an addon: told before, kept in an archive, and nothing of it left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from core.access.models import Role, User
from core.config import Config, load_config
from core.db import archive
from core.db.audit import AuditEntry, AuditValue
from core.host import addon_archive, instance
from core.host.models import AddonState
from core.host.one_at_a_time import Patience
from core.host.registry import AddonError
from core.host.restoring import restore
from core.host.uninstalling import preview, uninstall
from core.testing.databases import Databases
from core.work.models import TimelineEntry, TimelineSubject
from core.work.task_models import Task
from tests.uninstall import fingerprints
from tests.uninstall.conftest import ADDONS, AT, MIGRATION, _make, session_of, with_other_release, without_code, work


def test_what_was_installed_and_removed_leaves_nothing(office: Config) -> None:
    """X-12, for an addon without documents: the same tables, and the same rows in them."""
    before = fingerprints.taken(office)
    work(office)
    assert fingerprints.data(office)["core_role"] != before["data"]["core_role"]
    instance.disable(office, "testlend")
    uninstall(office, "testlend")
    assert fingerprints.taken(office) == before
    assert not [path for path in office.files_dir.rglob("*") if path.is_file()]


def test_the_code_may_be_gone(office: Config) -> None:
    before = fingerprints.taken(office)
    work(office)
    bare = without_code(office)
    instance.disable(bare, "testlend")
    found = preview(bare, "testlend")
    assert not found.has_code
    assert found.titles["en"] == "Loan cars"
    assert found.contents.settings == {"testlend.days": {"ru": "Days of a loan", "en": "Days of a loan"}}
    assert found.contents.rights["testlend.car.read"] == {"ru": "Машины: Видеть", "en": "Cars: See"}
    assert list(found.contents.menu) == ["testlend"]
    uninstall(bare, "testlend")
    assert fingerprints.taken(office) == before


def test_a_downgrade_that_fails_keeps_nothing(office: Config, tmp_path: Path) -> None:
    """It has never met these rows; what the database knows is enough."""
    before = fingerprints.taken(office)
    work(office)
    instance.disable(office, "testlend")
    words = 'op.drop_search_index("testlend_car", "search_key")'
    uninstall(with_other_release(office, tmp_path / "addons", MIGRATION, words, f"{words}; 1 / 0"), "testlend")
    assert fingerprints.taken(office) == before


def test_an_upgrade_learns_what_an_addon_brings(office: Config) -> None:
    """A new release may have other settings."""
    work(office)
    with session_of(office) as session:
        session.scalars(select(AddonState)).one().contents = {"settings": {"testlend.old": {"en": "Old"}}}
    instance.upgrade(office)
    assert list(preview(office, "testlend").contents.settings) == ["testlend.days"]


def test_the_preview_tells_all_and_changes_nothing(office: Config) -> None:
    work(office)
    before = fingerprints.data(office)
    found = preview(office, "testlend")
    assert [(each.name, each.rows) for each in found.tables] == [("testlend_car", 3), ("testlend_loan", 2)]
    assert "picture" in found.tables[0].columns
    assert [(each.code, each.people) for each in found.roles] == [("testlender", 1)]
    assert found.rows_of_core == {
        "core_addon": 1,
        "core_draft": 1,
        "core_file": 1,
        "core_job_run": 1,
        "core_list_layout": 1,
        "core_notification": 2,
        "core_notification_preference": 1,
        "core_number_series": 1,
        "core_role": 1,
        "core_saved_filter": 1,
        "core_setting": 1,
        "core_shipped_row": 1,
        "core_task": 1,
        "core_task_event": 1,
        "core_task_reminder": 1,
        "core_timeline_entry": 2,
        "core_timeline_subject": 2,
        "core_upgrade_step": 1,
        "core_user_role": 1,
    }
    assert (found.files, found.bytes) == (1, 15)
    assert (found.documents, found.references, found.possible) == ([], [], False)
    assert fingerprints.data(office) == before


def test_the_archive_holds_all_that_went(office: Config, tmp_path: Path) -> None:
    work(office)
    instance.disable(office, "testlend")
    done = uninstall(office, "testlend", tmp_path / "elsewhere")
    assert done.archive.parent == tmp_path / "elsewhere"
    assert done.archive.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(done.archive) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        cars = [json.loads(line) for line in archive.read("tables/testlend_car.jsonl").splitlines()]
        loans = [json.loads(line) for line in archive.read("tables/testlend_loan.jsonl").splitlines()]
        grants = [json.loads(line) for line in archive.read("grants.jsonl").splitlines()]
        (file,) = [name for name in archive.namelist() if name.startswith("files/")]
        assert archive.read(file).startswith(b"%PDF")
    assert (manifest["addon"], manifest["revision"], manifest["rows"]["testlend_car"]) == (
        "testlend",
        "0001_initial",
        3,
    )
    assert [car["name"] for car in cars] == ["First", "Old «Lada»", "New"]
    assert cars[1]["picture"] == "AP8="
    assert loans[0]["terms"] == {"km": 200, "note": None}
    assert loans[0]["since"] == "2026-11-20T11:07:00Z"
    assert {"role": "administrator", "right": "testlend.car.read", "scope": "all", "shipped": "all"} in grants


def test_the_name_of_the_archive_survives_a_power_cut(office: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows are gone for good then: what holds them must not be a file without a name."""
    work(office)
    instance.disable(office, "testlend")
    durable: list[list[str]] = []
    monkeypatch.setattr(archive, "sync_folder", lambda folder: durable.append([each.name for each in folder.iterdir()]))
    done = uninstall(office, "testlend")
    assert durable == [[done.archive.name]]


def test_it_is_in_the_trail(office: Config) -> None:
    """SEC-63."""
    work(office)
    instance.disable(office, "testlend")
    done = uninstall(office, "testlend")
    with session_of(office) as session:
        statement = select(AuditValue.changes).join(AuditEntry, AuditEntry.id == AuditValue.audit_id)
        (told,) = session.scalars(statement.where(AuditEntry.action == "addon_uninstalled"))
    assert (told["addon"], told["archive"]) == ("testlend", done.archive.name)
    assert told["rows"] == sum(done.removed.rows.values())


def test_history_of_others_stays(office: Config) -> None:
    """What the addon wrote on the timeline of somebody else, and a task that was a branch of one of its own."""
    work(office)
    with session_of(office) as session:
        anna = session.scalars(select(User).where(User.login == "anna")).one()
        entry = TimelineEntry(kind="testlend.told", at=AT, title="Told", title_values={}, body="", data={}, link="")
        own = session.scalars(select(Task).where(Task.kind == "testlend.return")).one()
        branch = Task(title="Wash it", kind="core.task", due_at=AT, parent_id=own.id)
        session.add_all([entry, branch])
        session.flush()
        session.add(
            TimelineSubject(entry_id=entry.id, subject_type="core_user", subject_id=anna.id, at=AT, kind=entry.kind)
        )
    instance.disable(office, "testlend")
    uninstall(office, "testlend")
    with session_of(office) as session:
        assert session.scalars(select(TimelineEntry.title)).all() == ["Told"]
        assert session.execute(select(Task.title, Task.parent_id)).all() == [("Wash it", None)]


def test_an_addon_that_is_on_is_refused(office: Config) -> None:
    work(office)
    before = fingerprints.data(office)
    with pytest.raises(AddonError, match="disable it first"):
        uninstall(office, "testlend")
    assert fingerprints.data(office) == before
    assert not list(office.backups.iterdir())


def test_what_others_refer_to_is_refused(office: Config) -> None:
    """Also by rows of an addon that is off, and by an empty table: it could not be without the other."""
    work(office)
    instance.enable(office, ["testnote"])
    instance.disable(office, "testnote")
    instance.disable(office, "testlend")
    before = fingerprints.data(office)
    found = preview(office, "testlend")
    assert [(each.table, each.column, each.rows) for each in found.references] == [
        ("testnote_note", "car_id", 0),
        ("testnote_note", "loan_id", 0),
    ]
    assert (found.holders, found.possible) == (["testnote"], False)
    with pytest.raises(AddonError, match="testnote_note"):
        uninstall(office, "testlend")
    assert fingerprints.data(office) == before
    assert not list(office.backups.iterdir())
    uninstall(office, "testnote")
    uninstall(office, "testlend")
    with pytest.raises(AddonError, match="nothing of"):
        preview(office, "testlend")


def test_there_must_be_something(office: Config) -> None:
    for name, why in (("testlend", "nothing of"), ("nobody", "nothing of"), ("core", "no addon")):
        with pytest.raises(AddonError, match=why):
            uninstall(office, name)


def test_a_name_in_capitals_is_nobodys(office: Config) -> None:
    """To SQLite they are the same letters: rows of core's that belong to an addon that is on would be found."""
    work(office)
    before = fingerprints.data(office)
    for deed in (preview, uninstall):
        with pytest.raises(AddonError, match="nothing of"):
            deed(office, "Testlend")
    assert fingerprints.data(office) == before


def test_it_can_be_installed_again(office: Config) -> None:
    work(office)
    instance.disable(office, "testlend")
    uninstall(office, "testlend")
    assert instance.enable(office, ["testlend"]) == ["testlend"]
    assert [(each.name, each.rows) for each in preview(office, "testlend").tables] == [
        ("testlend_car", 1),
        ("testlend_loan", 0),
    ]


def test_two_instances_have_one_folder_for_archives(
    office: Config, databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One begins while the other one writes."""
    url = databases.prepared("uninstall", _make)
    other = load_config(tmp_path / "other", {}, database=url, addons_path=(ADDONS,))
    for config in (office, other):
        work(config)
        instance.disable(config, "testlend")
    folder, write = tmp_path / "archives", addon_archive.contents_of

    def meanwhile(*arguments: Any) -> Any:
        monkeypatch.setattr(addon_archive, "contents_of", write)
        command = ["-i", str(other.instance), "addon", "uninstall", "testlend", "--yes", "--to", str(folder)]
        settings = {"FORECOURT_DATABASE": url, "FORECOURT_ADDONS_PATH": str(ADDONS)}
        subprocess.run([sys.executable, "-m", "core.cli", *command], check=True, env={**os.environ, **settings})
        return write(*arguments)

    monkeypatch.setattr(addon_archive, "contents_of", meanwhile)
    try:
        uninstall(office, "testlend", folder)
        assert len(list(folder.iterdir())) == 2
        for config in (office, other):
            (archive,) = folder.glob(f"addon-testlend-*-{addon_archive.mark_of(config)}.zip")
            restore(config, archive)
    finally:
        databases.drop(url)


def test_an_archive_of_the_same_second_has_another_name(office: Config, tmp_path: Path) -> None:
    other = msgspec.structs.replace(office, instance=tmp_path / "other")
    names = {
        addon_archive.new_name(tmp_path, "testlend", addon_archive.mark_of(each)).name[-12:] for each in (office, other)
    }
    assert len(names) == 2


def test_whoever_enables_it_meanwhile_comes_after(office: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """He waits, and begins with tables that are new and empty."""
    work(office)
    instance.disable(office, "testlend")
    waits = threading.Event()
    patience = Patience(lambda _: waits.set())
    other = threading.Thread(target=instance.enable, args=(office, ["testlend"], patience))
    write = addon_archive.write

    def meanwhile(*arguments: object) -> object:
        other.start()
        assert waits.wait(20)
        return write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(addon_archive, "write", meanwhile)
    uninstall(office, "testlend")
    other.join()
    assert instance.enabled(office) == ["testlend"]
    assert preview(office, "testlend").rows == 1  # its revision, which has a table of its own


def _roles(config: Config) -> list[Role]:
    with session_of(config) as session:
        return list(session.scalars(select(Role)))
