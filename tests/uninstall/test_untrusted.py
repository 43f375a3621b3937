"""An archive that says more than it may: nothing is put back that is not the addon's."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core.access.models import Role, User, UserRole
from core.config import Config
from core.db.archive import BackupError
from core.db.migrations import MigrationError
from core.host import instance, restoring
from core.host.belongings import Belongings
from core.host.restoring import restore
from core.host.uninstalling import uninstall
from core.work.models import StoredFile, TimelineEntry
from core.work.task_models import Task
from tests.uninstall import fingerprints
from tests.uninstall.conftest import AT, MIGRATION, session_of, with_other_release, work
from tests.uninstall.test_restore import removed

Members = dict[str, bytes]
Rows = list[dict[str, Any]]

CORE_RIGHT = "core.user.change"


def rewritten(archive: Path, change: Callable[[Members], None]) -> Path:
    """Another archive with sums that are right: by somebody who knows how they are written."""
    with zipfile.ZipFile(archive) as source:
        members = {name: source.read(name) for name in source.namelist()}
    change(members)
    manifest = json.loads(members.pop("manifest.json"))
    manifest["members"] = {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in members.items()
    }
    for name, content in members.items():
        if name.startswith("tables/"):
            manifest["rows"].setdefault(name.removeprefix("tables/").removesuffix(".jsonl"), len(content.splitlines()))
    target = archive.with_name("rewritten.zip")
    with zipfile.ZipFile(target, "w") as written:
        for name, content in {**members, "manifest.json": json.dumps(manifest).encode()}.items():
            written.writestr(name, content)
    return target


def lines(members: Members, member: str) -> Rows:
    return [json.loads(line) for line in members.get(member, b"").splitlines()]


def put(members: Members, member: str, rows: Rows) -> None:
    members[member] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def added(member: str, **row: Any) -> Callable[[Members], None]:
    """A change that adds a row."""

    def change(members: Members) -> None:
        rows = lines(members, member)
        put(members, member, [*rows, {**(rows[0] if rows else {}), **row}])

    return change


def changed(member: str, **values: Any) -> Callable[[Members], None]:
    """A change of the first row."""

    def change(members: Members) -> None:
        rows = lines(members, member)
        put(members, member, [{**rows[0], **values}, *rows[1:]])

    return change


def without(member: str) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        del members[member]

    return change


NOT_ITS_OWN = {
    "an account": added("tables/core_user.jsonl", id=900, login="eve", full_name="Eve"),
    "a role of core": added("tables/core_role.jsonl", id=900, code="eve", addon="", grants={}, shipped={}),
    "a role given to somebody": added("tables/core_user_role.jsonl", id=900, user_id=1, role_id=1),
    "a setting of core": added("tables/core_setting.jsonl", id=900, name="core.retention_days"),
    "a task of core": added("tables/core_task.jsonl", id=900, kind="core.task", once_key=None, subject_type=None),
    "an entry of the trail": added("tables/core_audit.jsonl", id=900, subject_type="testlend_car", subject_id=1),
    "an entry on another's timeline": added(
        "tables/core_timeline_subject.jsonl", id=900, subject_type="core_user", subject_id=1
    ),
    "another addon": added("tables/core_addon.jsonl", id=900, name="testnote"),
    "a row of another addon": added("tables/testnote_note.jsonl", id=1),
    "its version table": added("tables/testlend_alembic_version.jsonl", version_num="0001_initial"),
    "a right of core": added("grants.jsonl", role="administrator", right=CORE_RIGHT, scope="all", shipped=""),
    "a column of core": added("emptied.jsonl", table="core_user", column="created_by_id", key=[1], value=1),
    "a column of a stranger's row": added("emptied.jsonl", table="core_task", column="assignee_id", key=[1], value=1),
}

DAMAGED = {
    "no rows": without("tables/testlend_car.jsonl"),
    "no rights": without("grants.jsonl"),
    "no emptied columns": without("emptied.jsonl"),
    "no rows of core": without("tables/core_role.jsonl"),
    "a table that it has not": added("tables/testlend_boat.jsonl", id=1),
    "a right without its role": lambda members: put(members, "grants.jsonl", [{"right": "testlend.car.read"}]),
    "a scope that there is not": added(
        "grants.jsonl", role="administrator", right="testlend.car.read", scope="world", shipped=""
    ),
    "a role with such a scope": changed("tables/core_role.jsonl", grants={"testlend.car.read": "world"}),
    "a row without its number": changed("tables/testlend_car.jsonl", id=None),
    "a row of core without its number": changed("tables/core_task.jsonl", id=None),
    "a moment that is none": changed("tables/testlend_loan.jsonl", since="soon"),
    "no JSON": lambda members: members.update({"tables/testlend_car.jsonl": b"{\n"}),
    "content of another folder": changed("tables/core_file.jsonl", storage_name="../../forecourt.sqlite3"),
    "an addon that is on": changed("tables/core_addon.jsonl", state="enabled"),
}


@pytest.mark.parametrize("what", NOT_ITS_OWN)
def test_what_is_not_its_own_is_refused(office: Config, what: str) -> None:
    work(office)
    archive = removed(office)
    before = fingerprints.taken(office)
    with pytest.raises(BackupError, match="holds what is not «testlend»'s"):
        restore(office, rewritten(archive, NOT_ITS_OWN[what]))
    assert fingerprints.taken(office) == before


@pytest.mark.parametrize("what", DAMAGED)
def test_what_is_damaged_is_told(office: Config, what: str) -> None:
    work(office)
    archive = removed(office)
    before = fingerprints.taken(office)
    with pytest.raises(BackupError, match=r"the archive (is damaged|has rows of testlend_boat)"):
        restore(office, rewritten(archive, DAMAGED[what]))
    assert fingerprints.taken(office) == before


def test_a_role_gets_no_rights_of_others(office: Config) -> None:
    """What was given to it here is told, and what was taken away stays away."""
    work(office)
    rights = {CORE_RIGHT: "all", "testlend.car.read": "all"}
    archive = rewritten(
        removed(office),
        changed("tables/core_role.jsonl", grants=rights, shipped={"core.user.read": "all", "core.role.read": "all"}),
    )
    assert restore(office, archive).rights == [("testlender", CORE_RIGHT)]
    with session_of(office) as session:
        role = session.scalars(select(Role).where(Role.code == "testlender")).one()
        assert role.grants == {"testlend.car.read": "all", "testlend.car.change": "all"}
        assert session.scalars(select(UserRole.role_id)).all() == [role.id]


def test_content_that_is_there_already_stays(office: Config) -> None:
    work(office)
    archive = removed(office)
    with session_of(office) as session:
        anna = session.scalars(select(User)).one()
        (name,) = (name.removeprefix("files/") for name in zipfile.ZipFile(archive).namelist() if "files/" in name)
        session.add(_file(name, anna.id))
    done = restore(office, archive)
    assert done.left_out == {"core_file": 1}


def _file(name: str, number: int) -> StoredFile:
    return StoredFile(
        subject_type="core_user",
        subject_id=number,
        name="another.pdf",
        content_type="application/pdf",
        size=1,
        sha256="0" * 64,
        storage_name=name,
    )


# --- references --------------------------------------------------------------------------------------


def test_no_reference_is_left_broken_by_an_uninstall(office: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite does not look at keys while tables are changed."""
    work(office)
    with session_of(office) as session:
        old = session.scalars(select(Task)).one()
        session.add(Task(title="Wash it", kind="core.task", due_at=AT, parent_id=old.id))
    instance.disable(office, "testlend")
    before = fingerprints.taken(office)
    monkeypatch.setattr(Belongings, "emptied", lambda _self: [])
    with pytest.raises(MigrationError, match=r"rows would refer to nothing: 1 in core_task|ForeignKeyViolation"):
        uninstall(office, "testlend")
    assert fingerprints.taken(office) == before
    assert list(office.backups.iterdir()) == []


def test_no_reference_is_left_broken_by_a_restore(office: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    work(office)
    archive = removed(office)
    with session_of(office) as session:
        session.delete(session.scalars(select(User).where(User.login == "anna")).one())
    before = fingerprints.taken(office)
    monkeypatch.setattr(restoring._Loader, "_absent", lambda *_arguments: set())
    with pytest.raises(MigrationError, match=r"rows would refer to nothing: .*testlend_loan|ForeignKeyViolation"):
        restore(office, archive)
    assert fingerprints.taken(office) == before


def test_a_key_that_must_not_be_empty_by_a_rule_of_its_table(
    office: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old car names the one after it, which must be there at once; the loan without its keeper cannot be."""
    release = office
    for place, name, rule in (
        ("replaced_by_id", "old", "name <> 'Old «Lada»' OR replaced_by_id IS NOT NULL"),
        ("car_id", "kept", "keeper_id IS NOT NULL OR task_id IS NULL"),
    ):
        words = f'        sa.ForeignKeyConstraint(["{place}"]'
        check = f'        sa.CheckConstraint("{rule}", name="{name}"),\n'
        release = with_other_release(release, tmp_path / name, MIGRATION, words, check + words)
    work(office)
    archive = removed(office)
    with session_of(office) as session:
        session.delete(session.scalars(select(User).where(User.login == "anna")).one())
    switch_on = instance.switch_on  # with the code that this process has imported
    monkeypatch.setattr(instance, "switch_on", lambda _release, *rest: switch_on(office, *rest))
    done = restore(release, archive)
    assert done.rows["testlend_car"] == 3
    assert (done.rows["testlend_loan"], done.left_out["testlend_loan"]) == (1, 1)


def test_what_hangs_on_an_entry_that_nobody_finds_goes_with_it(office: Config) -> None:
    """A file of an entry on the addon's timeline; its content too."""
    work(office)
    with session_of(office) as session:
        anna = session.scalars(select(User)).one()
        entry = session.scalars(select(TimelineEntry).where(TimelineEntry.kind == "testlend.lent")).one()
        file = _file("a" * 40, anna.id)
        file.subject_type, file.subject_id = "core_timeline_entry", entry.id
        session.add(file)
    before = fingerprints.data(office)["core_file"]
    archive = removed(office)
    assert "core_file" not in fingerprints.data(office)
    assert restore(office, archive).left_out == {}
    assert fingerprints.data(office)["core_file"] == before
