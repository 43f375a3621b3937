"""``forecourt backup``, ``restore``, ``audit``, ``job``, ``upgrade``."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from core.access.crypto import SecretBox
from core.access.models import SecondFactor, User
from core.access.signin import make_authenticator
from core.db.audit import AuditEntry
from core.db.audit_chain import seal
from core.host import instance, registry
from core.jobs import runs
from core.jobs.core_jobs import audit_key
from core.jobs.leader import open_leader
from core.jobs.models import JobRun
from core.jobs.worker import LEADER
from core.testing.databases import Databases
from tests.cli.conftest import Console
from tests.jobs.depot import MOSCOW, job


@pytest.fixture
def used(console: Console) -> Console:
    """An instance with somebody in it, a stored file, and a sealed trail."""
    console.ok("user", "add", "anna", "--name", "Анна")
    (console.folder / "files").mkdir(parents=True)
    (console.folder / "files" / "contract").write_bytes(b"signed")
    with working(console) as session:
        assert seal(session, audit_key(console.config.secret())) > 0
    return console


def working(console: Console):  # type: ignore[no-untyped-def]
    return instance.working(console.config, registry.start([], registry.Discovery()), "test")


def test_a_backup_brings_everything_back(used: Console, databases: Databases, tmp_path: Path) -> None:
    """SEC-57: made, proved by restoring it aside, restored elsewhere."""
    archive = tmp_path / "backup.zip"
    assert "1 files" in used.ok("backup", archive)
    assert used.ok("backup", "verify", archive) == f"{archive} can be restored.\n"
    elsewhere = Console(tmp_path / "other", {"FORECOURT_DATABASE": databases.create()})

    elsewhere.ok("restore", archive)

    assert "anna" in elsewhere.ok("user", "list")
    assert (elsewhere.folder / "files" / "contract").read_bytes() == b"signed"
    assert "not empty" in elsewhere.refused("restore", archive)
    elsewhere.ok("restore", archive, "--replace")
    databases.drop(elsewhere.environment["FORECOURT_DATABASE"])


def test_a_folder_gets_a_file_named_by_the_date(used: Console, tmp_path: Path) -> None:
    used.ok("backup", tmp_path)

    assert [path.name[:10] for path in tmp_path.glob("*.zip")] == ["forecourt-"]


def test_without_a_target_it_goes_where_the_settings_say(used: Console, tmp_path: Path) -> None:
    """As a daily job runs it; without the setting, into the instance's own folder."""
    used.ok("backup")
    assert len(list((used.folder / "backups").glob("forecourt-*.zip"))) == 1
    used.environment["FORECOURT_BACKUP_DIR"] = str(tmp_path / "disk")
    assert "is not there: make it, or mount it." in used.refused("backup")
    (tmp_path / "disk").mkdir()
    used.ok("backup")
    (kept,) = (tmp_path / "disk").glob("forecourt-*.zip")
    assert used.ok("backup", "verify", kept)


def test_a_backup_of_a_tampered_trail_is_told(used: Console, tmp_path: Path) -> None:
    with instance.engine_of(used.config) as engine, engine.begin() as connection:
        connection.execute(update(AuditEntry).values(action="other"))
    used.ok("backup", tmp_path / "backup.zip")

    assert "seal 1 " in used.refused("backup", "verify", tmp_path / "backup.zip")
    assert "seal 1 " in used.refused("audit", "verify")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["backup", "nowhere/backup.zip"], "There is no folder nowhere"),
        (["backup", "verify", "missing.zip"], "does not exist"),
        (["restore", "missing.zip"], "does not exist"),
        (["job", "retry", "core.nothing"], "There is no job «core.nothing»"),
        (["audit", "verify", "--heads", "missing"], "does not exist"),
    ],
)
def test_a_mistake_is_one_clear_line(used: Console, arguments: list[str], said: str) -> None:
    assert said in used.refused(*arguments)


def test_an_existing_backup_is_not_overwritten(used: Console, tmp_path: Path) -> None:
    (tmp_path / "backup.zip").write_text("mine")

    used.refused("backup", tmp_path / "backup.zip")

    assert (tmp_path / "backup.zip").read_text() == "mine"


def test_what_is_no_backup_is_said_so(used: Console, tmp_path: Path) -> None:
    (tmp_path / "backup.zip").write_text("no archive")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("x", "y")

    for name in ("backup.zip", "other.zip"):
        used.refused("backup", "verify", tmp_path / name)
        used.refused("restore", tmp_path / name, "--replace")
    assert "anna" in used.ok("user", "list")


def test_a_running_instance_is_not_restored_over(used: Console, tmp_path: Path) -> None:
    used.ok("backup", tmp_path / "backup.zip")
    running = open_leader(used.config.database_url, used.folder, LEADER)
    assert running.held()

    said = used.refused("restore", tmp_path / "backup.zip", "--replace")

    running.release()
    assert "This instance is running" in said


def test_the_trail_is_verified_with_its_copies(used: Console, tmp_path: Path) -> None:
    """SEC-64."""
    assert used.ok("audit", "verify") == "The audit trail is whole.\n"
    (tmp_path / "heads").write_text('{"at": "2026-03-10", "seal": 9, "mac": "00"}\n')

    assert "seal 9 was removed" in used.refused("audit", "verify", "--heads", tmp_path / "heads")
    (tmp_path / "heads").write_text("nonsense")
    assert "cannot be read" in used.refused("audit", "verify", "--heads", tmp_path / "heads")


def test_another_key_opens_what_the_former_sealed(used: Console) -> None:
    """SEC-66: code generators go on, the trail stays whole, and nothing is sealed with the former key any more."""
    former = used.config.secret()
    with working(used) as session:
        user = session.scalars(select(User)).one()
        enrolment = make_authenticator(former, "x").second_factors.enrol(session, user)
        key, context = user.id, f"core.second_factor:{user.id}"
    assert used.ok("secret", "rotate") == "sealed anew: 1\n"
    assert used.config.secret() != former
    assert used.config.previous_secrets() == (former,)
    assert used.ok("audit", "verify") == "The audit trail is whole.\n"
    given = {"SECRET": "another, from the environment", "PREVIOUS_SECRETS": f"{used.config.secret()},{former}"}
    used.environment.update({f"FORECOURT_{name}": value for name, value in given.items()})
    assert used.ok("secret", "rotate") == "sealed anew: 1\n"
    assert used.ok("audit", "verify") == "The audit trail is whole.\n"
    with working(used) as session:
        sealed = session.scalars(select(SecondFactor.secret).where(SecondFactor.user_id == key)).one()
    assert SecretBox(given["SECRET"]).open(sealed, context) == enrolment.secret


def test_without_the_key_nothing_is_proved(used: Console) -> None:
    (used.folder / "secret.key").unlink()

    assert "secret.key" in used.refused("audit", "verify")
    assert not (used.folder / "secret.key").exists()


def test_jobs_are_listed_and_a_parked_one_runs_again(used: Console) -> None:
    with working(used) as session:
        runs.register(session, [job(lambda _session: None)], MOSCOW)
        session.execute(update(JobRun).values(parked_at=session.now(), failures=8, outcome="failed", error="it broke"))

    assert used.ok("job", "list").split() == ["core.test", "never", "failed", "parked", "it", "broke"]
    used.ok("job", "retry", "core.test")

    assert "parked" not in used.ok("job", "list")
    with working(used) as session:
        assert session.scalars(select(JobRun.failures)).one() == 0


REVISION = """
revision, down_revision, branch_labels, depends_on = "0001_first", None, None, None

def upgrade():
    pass

def downgrade():
    pass
"""


def test_an_upgrade_keeps_a_copy_of_what_it_changes(used: Console, private: Path) -> None:
    """SEC-56: taken before the first revision is run; an up-to-date database needs none."""
    addon = private / "later"
    (addon / "migrations").mkdir(parents=True)
    (addon / "addon.toml").write_text('name = "later"\nversion = "1"\ncore = ">=0.1"\ntitle = {en = "L", ru = "L"}\n')
    (addon / "__init__.py").write_text("")
    used.environment["FORECOURT_ADDONS_PATH"] = str(addon.parent)
    instance.enable(used.config, ["later"])
    assert used.ok("upgrade") == "The database is up to date.\n"
    assert not (used.folder / "backups").exists()
    (addon / "migrations" / "0001_first.py").write_text(REVISION)
    assert "later: revisions to run: 0001_first" in used.refused("check")

    said = used.ok("upgrade")

    (kept,) = (used.folder / "backups").glob("before-upgrade-*.zip")
    assert str(kept) in said
    assert "applied 0001_first" in said
    assert used.ok("backup", "verify", kept)


def test_a_database_no_upgrade_can_handle_is_left_alone(used: Console) -> None:
    with instance.engine_of(used.config) as engine, engine.begin() as connection:
        connection.execute(text("UPDATE core_alembic_version SET version_num = '0000_before'"))

    assert "core" in used.refused("upgrade")
    assert not (used.folder / "backups").exists()


def test_an_unreachable_database_is_one_clear_line(nothing: Console) -> None:
    away = Console(nothing.folder, {"FORECOURT_DATABASE": "postgresql://nobody@127.0.0.1:1/x"})

    for command in (["user", "list"], ["check"], ["upgrade"], ["job", "list"], ["addon", "list"]):
        assert "The database cannot be used" in away.refused(*command)


def test_a_command_makes_no_instance_by_a_slip(nothing: Console) -> None:
    for command in (["user", "list"], ["backup", "x.zip"], ["addon", "list"], ["audit", "verify"]):
        assert "There is no instance" in nothing.refused(*command)
    assert not nothing.folder.exists()


def test_wrong_settings_are_all_named(nothing: Console) -> None:
    nothing.folder.mkdir()
    (nothing.folder / "forecourt.toml").write_text('time_zone = "Mars"\nlog = "xml"\ncolour = "red"\nworkers = 0\n')

    said = nothing.refused("check")

    for name in ("time_zone", "log", "colour", "workers"):
        assert name in said
