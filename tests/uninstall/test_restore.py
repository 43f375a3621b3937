"""Bringing an uninstalled addon back from its archive."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core.access.models import Role, User
from core.config import Config
from core.db.archive import ArchiveReader, BackupError
from core.db.audit import AuditEntry
from core.db.search_index import matches
from core.host import instance
from core.host.registry import AddonError
from core.host.restoring import restore
from core.host.uninstalling import preview, uninstall
from core.work.files import open_file
from core.work.filestore import FileStore
from core.work.models import Notification
from core.work.subjects import Subject
from core.work.task_models import Task, TaskEvent
from tests.support.dealership import Dealership
from tests.uninstall import fingerprints
from tests.uninstall.conftest import AT, MIGRATION, session_of, stored_files, with_other_release, without_code, work
from tests.uninstall.test_documents import sell


def removed(config: Config) -> Path:
    """The archive of the addon that has just been removed."""
    instance.disable(config, "testlend")
    return uninstall(config, "testlend").archive


def _data(config: Config) -> dict[str, list[dict[str, Any]]]:
    """All rows but the moment at which the addon was last enabled."""
    found = fingerprints.data(config)
    for row in found["core_addon"]:
        row.pop("enabled_at")
    return found


def test_everything_comes_back(office: Config) -> None:
    work(office)
    before = fingerprints.schema(office), _data(office)
    done = restore(office, removed(office))
    assert done.left_out == {}
    assert done.rows["testlend_car"] == 3
    assert (fingerprints.schema(office), _data(office)) == before
    with session_of(office) as session:
        from testlend.models import Car

        assert session.scalars(select(Car.name).where(matches(session, Car.search_key, "lad"))).all() == ["Old «Lada»"]
        (stored,) = stored_files(session)
        subject = Subject(stored.subject_type, stored.subject_id)
        _, content = open_file(session, FileStore(office.files_dir), subject, stored.id)
        with content:
            assert content.read().startswith(b"%PDF")
        car = Car(name="Another", search_key="another")
        session.add(car)
        session.flush()
        assert car.id > 3
        assert session.scalars(select(AuditEntry).where(AuditEntry.action == "addon_restored")).one()


def test_rows_of_a_revision_come_from_the_archive(
    office: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A data step fills the new tables again; what people have made of its rows is in the archive."""
    put = (
        "INSERT INTO testlend_car (id, name, search_key, created_at, updated_at, version)"
        " VALUES (1, 'Of the revision', 'x', '2026-01-01', '2026-01-01', 1)"
    )
    words = "def downgrade() -> None:"
    release = with_other_release(office, tmp_path / "addons", MIGRATION, words, f'    op.execute("{put}")\n\n\n{words}')
    work(office)
    before = _data(office)
    archive = removed(release)
    switch_on = instance.switch_on  # with the code that this process has imported
    monkeypatch.setattr(instance, "switch_on", lambda _release, *rest: switch_on(office, *rest))
    assert restore(release, archive).left_out == {}
    assert _data(office) == before


def test_nobody_waits_while_an_archive_is_unpacked(office: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite one may write at a time."""
    work(office)
    archive, extract = removed(office), ArchiveReader.extract

    def with_somebody_at_work(reader: ArchiveReader[Any], folder: Path) -> None:
        with session_of(office) as session:
            session.add(Task(title="Wash it", kind="core.task", due_at=AT))
        extract(reader, folder)

    monkeypatch.setattr(ArchiveReader, "extract", with_somebody_at_work)
    assert restore(office, archive).left_out == {}
    with session_of(office) as session:
        assert session.scalars(select(Task.id).where(Task.title == "Wash it")).one()


def test_numbers_that_others_have_by_now(office: Config) -> None:
    """A task got another one's number meanwhile: the restored one has a new number, and all that refers to it follows."""
    work(office)
    with session_of(office) as session:
        old = session.scalars(select(Task)).one()
        session.add(Task(title="Wash it", kind="core.task", due_at=AT, parent_id=old.id))
    archive = removed(office)
    with session_of(office) as session:
        session.add(Task(id=old.id, title="Another's", kind="core.task", due_at=AT))
    restore(office, archive)
    with session_of(office) as session:
        from testlend.models import Loan

        task = session.scalars(select(Task).where(Task.kind == "testlend.return")).one()
        assert task.id != old.id
        assert session.get_one(Task, old.id).title == "Another's"
        assert session.scalars(select(TaskEvent.task_id)).all() == [task.id]
        assert session.scalars(select(Loan.task_id).where(Loan.task_id.is_not(None))).all() == [task.id]
        about = select(Notification.subject_id).where(Notification.subject_type == "core_task")
        assert session.scalars(about).all() == [task.id]
        assert session.scalar(select(Task.parent_id).where(Task.title == "Wash it")) == task.id


def test_what_has_changed_meanwhile_is_told_and_stays(office: Config) -> None:
    work(office)
    archive = removed(office)
    with session_of(office) as session:
        session.add(Role(code="testlender", title_ru="Своя", title_en="Own", grants={}, shipped={}))
    done = restore(office, archive)
    assert done.left_out == {"core_role": 1, "core_user_role": 1}
    with session_of(office) as session:
        assert session.scalar(select(Role.title_en).where(Role.code == "testlender")) == "Own"


def test_a_person_who_is_gone_leaves_an_empty_column(office: Config) -> None:
    work(office)
    archive = removed(office)
    with session_of(office) as session:
        session.delete(session.scalars(select(User).where(User.login == "anna")).one())
    done = restore(office, archive)
    assert done.rows["testlend_loan"] == 2
    assert done.left_out["core_user_role"] == 1
    with session_of(office) as session:
        from testlend.models import Loan

        assert session.scalars(select(Loan.keeper_id)).all() == [None, None]


def test_nothing_is_put_over_what_is_there(office: Config) -> None:
    work(office)
    archive = removed(office)
    instance.enable(office, ["testlend"])
    before = fingerprints.taken(office)
    with pytest.raises(AddonError, match="already: disable and uninstall it first"):
        restore(office, archive)
    assert fingerprints.taken(office) == before
    with pytest.raises(AddonError, match="code of «testlend» is not installed"):
        restore(without_code(office), archive)


def test_what_could_not_be_enabled_is_not_restored(office: Config, tmp_path: Path) -> None:
    """Code for another Forecourt: said before anything is put back, not after."""
    work(office)
    archive = removed(office)
    before = fingerprints.taken(office)
    release = with_other_release(office, tmp_path / "addons", "addon.toml", 'core = ">=0.1,<0.2"', 'core = ">=9"')
    with pytest.raises(AddonError, match="testlend: It needs Forecourt >=9"):
        restore(release, archive)
    assert fingerprints.taken(office) == before


def test_a_damaged_archive_changes_nothing(office: Config, tmp_path: Path) -> None:
    work(office)
    archive = removed(office)
    before = fingerprints.taken(office)
    for name, change in (("tables/testlend_car.jsonl", b""), ("../../evil", b"x")):
        damaged = tmp_path / "damaged.zip"
        with zipfile.ZipFile(archive) as source, zipfile.ZipFile(damaged, "w") as target:
            members = {each: source.read(each) for each in source.namelist()}
            for each, content in {**members, name: change}.items():
                target.writestr(each, content)
        with pytest.raises(BackupError):
            restore(office, damaged)
    assert fingerprints.taken(office) == before
    assert not list(office.instance.glob(".addon-restore-*"))


def test_a_revision_that_the_code_does_not_know(office: Config, tmp_path: Path) -> None:
    work(office)
    archive = removed(office)
    before = fingerprints.taken(office)
    newer = tmp_path / "newer.zip"
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(newer, "w") as target:
        for each in source.namelist():
            content = source.read(each)
            if each == "manifest.json":
                content = json.dumps({**json.loads(content), "revision": "0009_later"}).encode()
            target.writestr(each, content)
    with pytest.raises(Exception, match="made by a newer release"):
        restore(office, newer)
    assert fingerprints.taken(office) == before


@pytest.mark.addons("contacts", "sales")
def test_documents_find_their_references_again(dealership: Dealership) -> None:
    config = dealership.config
    number = sell(dealership)
    before = fingerprints.data(config)
    instance.disable(config, "sales")
    archive = uninstall(config, "sales").archive
    instance.enable(config, ["sales"])
    sell(dealership)
    instance.disable(config, "sales")
    uninstall(config, "sales")
    with pytest.raises(AddonError, match="nothing of"):
        preview(config, "sales")
    done = restore(config, archive)
    assert done.left_out == {}
    after = fingerprints.data(config)
    assert after["sales_worksheet"] == before["sales_worksheet"]
    assert [row["id"] for row in after["sales_worksheet"]] == [number]
    assert [row["number"] for row in after["contacts_document"]] == ["РЛ-000001", "РЛ-000002"]
