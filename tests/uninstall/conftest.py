"""An instance of core that knows two small addons, and one that has been worked with."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from core.access.models import Role, User, UserRole
from core.config import Config, load_config
from core.db.engine import WorkSession
from core.host import instance, registry
from core.host.models import UpgradeStep
from core.jobs.models import JobRun
from core.testing.databases import Databases
from core.web.listing.saved import ListLayout, SavedFilter
from core.work.files import store_file
from core.work.filestore import FileStore
from core.work.filetypes import FILE_TYPES
from core.work.models import (
    Draft,
    Notification,
    NotificationPreference,
    StoredFile,
    TimelineEntry,
    TimelineSubject,
)
from core.work.office_models import NumberSeries, SettingValue
from core.work.subjects import subject_of
from core.work.task_models import Task, TaskEvent, TaskReminder

ADDONS = Path(__file__).parent / "addons"
MIGRATION = "migrations/0001_initial.py"
AT = datetime(2026, 11, 20, 11, 7, tzinfo=UTC)


@pytest.fixture
def office(databases: Databases, tmp_path: Path) -> Iterator[Config]:
    """Core alone with one person; the addons are there to be enabled."""
    url = databases.prepared("uninstall", _make)
    yield load_config(tmp_path / "var", {}, database=url, addons_path=(ADDONS,))
    databases.drop(url)


def _make(url: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        config = load_config(Path(folder), {}, database=url)
        instance.upgrade(config)
        with session_of(config) as session:
            session.add(User(login="anna", full_name="Anna"))


@contextmanager
def session_of(config: Config) -> Iterator[WorkSession]:
    """A writing session of the system with the addons that are on."""
    host = registry.start(instance.enabled(config), registry.discover(config.addons_path))
    with instance.working(config, host, "test") as session:
        yield session


def without_code(config: Config) -> Config:
    """The same instance on a machine that lacks the addons."""
    return msgspec.structs.replace(config, addons_path=())


def with_other_release(config: Config, folder: Path, name: str, words: str, instead: str) -> Config:
    """The same instance with another release of the addon: one of its files says something ``instead`` of these ``words``."""
    shutil.copytree(config.addons_path[0], folder)
    file = folder / "testlend" / name
    source = file.read_text(encoding="utf-8")
    assert words in source
    file.write_text(source.replace(words, instead), encoding="utf-8")
    return msgspec.structs.replace(config, addons_path=(folder,))


def work(config: Config) -> None:
    """Enable the addon and leave a row of it wherever one can be."""
    instance.enable(config, ["testlend"])
    with session_of(config) as session:
        leave_rows(session, FileStore(config.files_dir))


def leave_rows(session: WorkSession, files: FileStore) -> None:
    """Rows of the addon in its own tables, and in all of core's that can have any."""
    from testlend.models import Car, Loan

    anna = session.scalars(select(User).where(User.login == "anna")).one()
    role = session.scalars(select(Role).where(Role.code == "testlender")).one()
    old = Car(name="Old «Lada»", search_key="old lada", picture=b"\x00\xff")
    new = Car(name="New", search_key="new")
    task = Task(title="Get it back", kind="testlend.return", due_at=AT, assignee_id=anna.id, once_key="testlend.1")
    session.add_all([UserRole(user_id=anna.id, role_id=role.id), old, new, task])
    session.flush()
    old.replaced_by_id = new.id
    loan = Loan(car_id=old.id, keeper_id=anna.id, task_id=task.id, since=AT, terms={"km": 200, "note": None})
    session.add_all([loan, Loan(car_id=new.id, since=AT)])
    session.flush()
    entry = _entry("testlend.lent")
    session.add_all(
        [
            TaskEvent(task_id=task.id, at=AT, action="created", comment="", data={}),
            TaskReminder(task_id=task.id, remind_at=AT),
            _notification(anna, "testlend.overdue", "core_user", anna.id),
            _notification(anna, "core.task", "core_task", task.id),
            NotificationPreference(user_id=anna.id, kind="testlend.overdue", sound="none"),
            SavedFilter(user_id=anna.id, screen="testlend.cars", name="Mine", query="q=1"),
            ListLayout(user_id=anna.id, screen="testlend.cars", columns="name"),
            Draft(user_id=anna.id, key="testlend.cars/new", fields={"name": "x"}, updated_at=AT),
            JobRun(name="testlend.overdue", next_at=AT),
            NumberSeries(code="testlend.loan", branch_id=0, year=0, last=7),
            SettingValue(name="testlend.days", value=5),
            UpgradeStep(addon="testlend", step="tables", began_at=AT, ended_at=AT),
            entry,
        ]
    )
    session.flush()
    subject = subject_of(loan)
    session.add(
        TimelineSubject(entry_id=entry.id, subject_type=subject.type, subject_id=subject.id, at=AT, kind=entry.kind)
    )
    with session.unlimited("test"):
        store_file(session, files, io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "loan.pdf", subject, FILE_TYPES)


def stored_files(session: WorkSession) -> list[StoredFile]:
    """The rows of all files."""
    return list(session.scalars(select(StoredFile)))


def _entry(kind: str) -> TimelineEntry:
    return TimelineEntry(kind=kind, at=AT, title="Lent", title_values={}, body="", data={}, link="")


def _notification(person: User, kind: str, subject_type: str, subject_id: int) -> Notification:
    return Notification(
        user_id=person.id,
        kind=kind,
        subject_type=subject_type,
        subject_id=subject_id,
        title="Look",
        title_values={},
        body="",
        body_values={},
        icon="bell",
        sound="none",
        created_at=AT,
    )
