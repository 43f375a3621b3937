"""A process that is killed in the middle leaves everything as it was, or the addon gone; the next run finishes."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from core.clock import utcnow
from core.config import Config
from core.host import instance
from core.host.one_at_a_time import Patience
from core.host.restoring import restore
from core.host.uninstalling import preview, uninstall
from core.work.files import remove_strays
from core.work.filestore import FileStore
from tests.uninstall import fingerprints
from tests.uninstall.conftest import session_of, work

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import os, signal, sys
from pathlib import Path
from core.config import load_config
from core.db import archive, migrations
from core.host import addon_archive, instance, restoring, uninstalling

place, deed, argument, folder, database, addons = sys.argv[1:]

def die(*_arguments, **_named):
    os.kill(os.getpid(), signal.SIGKILL)

owner, name, when = place.split(" ")
owner = {"archive": addon_archive, "instance": instance, "migrations": migrations, "restoring": restoring,
         "uninstalling": uninstalling, "writer": archive.ArchiveWriter}[owner]
whole = getattr(owner, name)

def done_and_die(*arguments, **named):
    whole(*arguments, **named)
    die()

setattr(owner, name, die if when == "before" else done_and_die)
config = load_config(Path(folder), {}, database=database, addons_path=(Path(addons),))
if deed == "uninstall":
    uninstalling.uninstall(config, argument)
else:
    restoring.restore(config, Path(argument))
"""

UNDONE = [
    "uninstalling _claimed after",
    "writer finish before",
    "archive write after",
    "migrations purge_within before",
    "migrations purge_within after",
    "uninstalling _take_rights after",
    "uninstalling _delete after",
    "uninstalling _note after",
]
"""Moments before the commit."""

RESTORE_UNDONE = [
    "migrations make_within after",
    "restoring _filled after",
    "restoring _note after",
]


def killed(config: Config, place: str, deed: str, argument: str) -> None:
    """Do it in a process that is killed at that place."""
    addons = str(config.addons_path[0])
    command = [sys.executable, "-c", PROGRAM, place, deed, argument, str(config.instance), str(config.database), addons]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == -9, done.stderr


def killed_before(commits: int, work: Callable[[], object]) -> bool:
    """Do it in a process that is killed when it is about to commit once more; false when it ended before."""
    child = os.fork()
    if not child:
        left = itertools.count(commits, -1)
        try:
            event.listen(Engine, "commit", lambda _: next(left) or os.kill(os.getpid(), signal.SIGKILL))
            work()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def enabled_data(config: Config) -> dict[str, object]:
    """All rows, but for their numbers and the moments at which they were made."""
    others = {"id", "record_id", "created_at", "enabled_at"}
    return {
        name: [{key: row[key] for key in row if key not in others} for row in rows]
        for name, rows in fingerprints.data(config).items()
    }


def test_enabling_that_was_killed_is_finished_by_the_next(office: Config) -> None:
    """kill -9 before each commit in turn; nobody serves an addon that is half there, and the lock is free."""
    bare = fingerprints.taken(office)
    instance.enable(office, ["testlend"])
    whole = enabled_data(office)
    for commits in itertools.count():
        instance.disable(office, "testlend")
        uninstall(office, "testlend")
        assert fingerprints.taken(office) == bare
        if not killed_before(commits, lambda: instance.enable(office, ["testlend"])):
            break
        assert instance.enabled(office) == []
        assert instance.enable(office, ["testlend"], Patience(seconds=5)) == ["testlend"]
        assert enabled_data(office) == whole, commits
    assert commits >= 3, "its tables, its rows, its state"


def test_enabling_that_was_killed_can_be_taken_back(office: Config) -> None:
    """By whoever wants the addon no more: uninstalling takes what was made of it."""
    bare = fingerprints.taken(office)
    assert killed_before(2, lambda: instance.enable(office, ["testlend"]))
    assert preview(office, "testlend").tables
    uninstall(office, "testlend")
    assert fingerprints.taken(office) == bare


def test_disabling_that_was_killed_has_not_happened(office: Config) -> None:
    instance.enable(office, ["testlend"])
    before = fingerprints.taken(office)
    assert killed_before(0, lambda: instance.disable(office, "testlend"))
    assert fingerprints.taken(office) == before
    instance.disable(office, "testlend", Patience(seconds=5))
    assert instance.enabled(office) == []


def test_before_the_commit_nothing_has_happened(office: Config) -> None:
    bare = fingerprints.taken(office)
    work(office)
    instance.disable(office, "testlend")
    before = fingerprints.taken(office)
    contents = sorted(office.files_dir.rglob("*"))
    for place in UNDONE:
        killed(office, place, "uninstall", "testlend")
        assert fingerprints.taken(office) == before, place
        assert sorted(office.files_dir.rglob("*")) == contents, place
    done = uninstall(office, "testlend")
    assert fingerprints.taken(office) == bare
    assert done.removed.rows["testlend_car"] == 3
    assert not list(office.backups.glob(".*"))


def test_after_the_commit_only_stray_content_is_left(office: Config) -> None:
    """The daily sweep takes what no row knows of."""
    bare = fingerprints.taken(office)
    work(office)
    instance.disable(office, "testlend")
    killed(office, "uninstalling _forget before", "uninstall", "testlend")
    assert fingerprints.taken(office) == bare
    (left,) = [path for path in office.files_dir.rglob("*") if path.is_file()]
    with session_of(office) as session:
        assert remove_strays(session, utcnow() + timedelta(days=2), FileStore(office.files_dir)) == 1
    assert not left.exists()


def test_a_restore_that_was_killed_begins_anew(office: Config) -> None:
    work(office)
    instance.disable(office, "testlend")
    archive = str(uninstall(office, "testlend").archive)
    before = fingerprints.taken(office)
    for place in RESTORE_UNDONE:
        killed(office, place, "restore", archive)
        assert fingerprints.taken(office) == before, place
    assert list(office.instance.glob(".addon-restore-*"))
    restore(office, Path(archive))
    assert preview(office, "testlend").rows == 5
    assert not list(office.instance.glob(".addon-restore-*"))


def test_a_restore_that_was_not_enabled_any_more_can_be(office: Config) -> None:
    work(office)
    instance.disable(office, "testlend")
    archive = str(uninstall(office, "testlend").archive)
    killed(office, "instance switch_on before", "restore", archive)
    assert instance.enabled(office) == []
    assert preview(office, "testlend").rows == 5
    assert instance.enable(office, ["testlend"]) == ["testlend"]
