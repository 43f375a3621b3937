"""``forecourt check``: all problems at once, nothing written (SEC-1, SEC-67)."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec
import pytest

from core.access.demo import DemoPerson, add_people
from core.config import SHORTEST_SECRET, Config, ConfigError
from core.host import deployment, instance, registry
from core.web import administration
from tests.cli.conftest import Console
from tests.live.running import free_port

MANIFEST = 'name = "{name}"\nversion = "1.0"\ncore = ">=0.1"\ntitle = {{en = "{name}", ru = "{name}"}}\n'


@pytest.fixture
def private(console: Console, tmp_path: Path) -> Path:
    """A folder for addons of the test's own, which the instance looks into."""
    folder = tmp_path / "private"
    folder.mkdir()
    console.environment["FORECOURT_ADDONS_PATH"] = str(folder)
    return folder


def addon(folder: Path, name: str, **files: str) -> None:
    """Write an addon; files by their names without ending."""
    (folder / name / "locale").mkdir(parents=True)
    (folder / name / "addon.toml").write_text(MANIFEST.format(name=name), encoding="utf-8")
    (folder / name / "__init__.py").write_text("")
    for file, source in files.items():
        path = {"ru": "locale/ru.po", "rights": "rights.toml"}.get(file, f"{file}.py")
        (folder / name / path).write_text(source, encoding="utf-8")


def test_a_healthy_instance_has_nothing_wrong(console: Console) -> None:
    assert console.ok("check") == "Nothing is wrong.\n"


def test_an_instance_without_a_database_is_told_and_none_is_made(nothing: Console) -> None:
    assert "there is no database yet" in nothing.refused("check")
    assert "there is no database yet" in nothing.refused("check", "--deploy")
    assert not nothing.folder.exists()


ROUTE = """
from core.host.plugins import hookimpl
from core.web.routing import Route

@hookimpl
def routes():
    return [Route("/x", "x", print)]
"""
WORDS = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"

msgid "Hello, %(name)s"
msgstr "Привет, %(login)s"

msgid "Never done"
msgstr ""
"""
JOBS = """
from datetime import timedelta
from core.host.plugins import hookimpl
from core.jobs.schedule import Job

@hookimpl
def jobs():
    return [Job("other.sweep", print, timedelta(minutes=1), "x")]

@hookimpl
def menu():
    raise ValueError("no menu today")
"""


def test_everything_that_is_wrong_is_named_at_once(console: Console, private: Path) -> None:
    for name in ("unguarded", "sloppy", "wordless", "gone"):
        addon(private, name)
    instance.enable(console.config, ["unguarded", "sloppy", "wordless", "gone"])
    (private / "unguarded" / "hooks.py").write_text(ROUTE)
    (private / "sloppy" / "hooks.py").write_text(JOBS)
    (private / "wordless" / "locale" / "ru.po").write_text(WORDS, encoding="utf-8")
    (private / "gone" / "addon.toml").unlink()

    said = console.refused("check")

    for part in (
        "unguarded: RouteError: unguarded.x: no right declared",
        "sloppy: JobError: job «other.sweep»",
        "sloppy: ValueError: no menu today",
        "wordless: ru.po: not translated: «Never done»",
        "wordless: ru.po: other places than the text has: «Hello, %(name)s»",
        "gone: its code is not installed",
    ):
        assert part in said


def test_tables_of_another_release_are_named(console: Console) -> None:
    from sqlalchemy import text

    with instance.engine_of(console.config) as engine, engine.begin() as connection:
        connection.execute(text("UPDATE core_alembic_version SET version_num = '9999_future'"))

    assert "made by a newer release" in console.refused("check")
    assert "does not fit this release" in console.refused("worker")
    assert "does not fit this release" in console.served("web", "--port", str(free_port()))


def test_a_check_changes_no_byte(console: Console) -> None:
    console.ok("user", "add", "anna", "--name", "Анна")
    url = console.config.database_url
    files = [path for path in (console.folder, Path(url.removeprefix("sqlite:///"))) if path.exists()]
    before = [_digest(path) for path in files]

    console("check")
    console("check", "--deploy")

    assert [_digest(path) for path in files] == before
    assert not (console.folder / "secret.key").exists()


def _digest(path: Path) -> list[tuple[str, str]]:
    paths = sorted(path.rglob("*")) if path.is_dir() else [path]
    return [(each.name, hashlib.sha256(each.read_bytes()).hexdigest()) for each in paths if each.is_file()]


# --- in the open ---------------------------------------------------------------------------------


def found(config: Config, mounts: Path = Path("/nowhere")) -> str:
    return "\n".join(f"{finding.what} → {finding.remedy}" for finding in deployment.check_deployment(config, mounts))


@pytest.fixture
def safe(tmp_path: Path, console: Console) -> Config:
    """An instance as it should be."""
    folder, backups = tmp_path / "safe", tmp_path / "backups"
    folder.mkdir(mode=0o700)
    backups.mkdir(mode=0o700)
    return Config(
        instance=folder,
        database=console.config.database_url,
        public_url="https://crm.example.ru",
        backup_dir=backups,
        audit_heads=tmp_path / "elsewhere" / "heads",
    )


def test_a_safe_instance_has_no_finding_but_what_the_test_itself_does(safe: Config) -> None:
    lines = [line for line in found(safe).splitlines() if "root" not in line and "PostgreSQL runs with" not in line]

    assert lines == []


def test_each_weakness_is_found_with_what_to_do(safe: Config, tmp_path: Path) -> None:
    """SEC-67, SEC-66, SEC-20, SEC-18, SEC-64."""
    (safe.instance / "secret.key").write_text("secret")
    (safe.instance / "forecourt.toml").write_text("")
    (safe.instance / "forecourt.toml").chmod(0o644)
    weak = Config(instance=safe.instance, database=safe.database, public_url="http://crm.example.ru", demo=True)

    said = found(weak)

    for part in ("demonstration", "without TLS", f"chmod 600 {safe.instance / 'forecourt.toml'}", "can be guessed"):
        assert part in said
    assert "no place for backups" in said
    assert "No copy of the audit seal" in said


def test_a_second_factor_nobody_is_asked_for_is_found(safe: Config) -> None:
    """SEC-67."""
    assert "second factor" not in found(safe)
    assert "second factor" in found(msgspec.structs.replace(safe, require_second_factor=False))


@pytest.mark.parametrize("content", ["", "\n", "cut off"])
def test_a_key_that_is_none_is_not_used(safe: Config, content: str) -> None:
    """SEC-66: of an empty key everybody could forge a form, and read what it seals."""
    made = safe.secret()
    assert safe.secret() == made
    assert [path.name for path in safe.instance.iterdir()] == ["secret.key"]
    (safe.instance / "secret.key").write_text(content)
    with pytest.raises(ConfigError, match="no key"):
        safe.secret()


def test_a_key_is_made_also_where_there_are_no_hard_links(safe: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise PermissionError("no hard links here")

    monkeypatch.setattr(os, "link", none)
    assert len(safe.secret()) >= SHORTEST_SECRET
    assert [path.name for path in safe.instance.iterdir()] == ["secret.key"]


def test_mistakes_in_the_screens_of_core_are_found(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_words: object) -> list[object]:
        raise ValueError("a column that there is not")

    monkeypatch.setattr(administration, "screens", broken)
    assert "a column that there is not" in console.refused("check")


def test_places_inside_the_instance_protect_from_nothing(safe: Config) -> None:
    (safe.instance / "backups").mkdir(mode=0o700)
    inside = Config(
        instance=safe.instance,
        database=safe.database,
        public_url="https://x.ru",
        backup_dir=safe.instance / "backups",
        audit_heads=safe.instance / "heads",
    )

    assert "Backups lie in the instance's own folder" in found(inside)
    assert "seal lies in the instance's own folder" in found(inside)


def test_people_with_the_demonstration_password_are_found(safe: Config) -> None:
    """Also when the instance no longer calls itself a demonstration."""
    with instance.working(safe, registry.start([], registry.Discovery()), "test") as session:
        add_people(session, [DemoPerson("anna", "Анна", "Анна"), DemoPerson("boris", "Борис", "Борис")])

    assert "common password of a demonstration" in found(safe)


def test_sqlite_on_a_network_file_system_is_found(tmp_path: Path) -> None:
    """SEC-50."""
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"/dev/sda / ext4 rw 0 0\nserver:/x {tmp_path.resolve()} nfs4 rw 0 0\ntmpfs /dev/shm tmpfs rw 0 0\n"
    )

    assert "network file system (nfs4)" in found(Config(instance=tmp_path / "var"), mounts)
    mounts.write_text("/dev/sda / ext4 rw 0 0\n")
    assert "network file system" not in found(Config(instance=tmp_path / "var"), mounts)


def test_a_superuser_of_postgresql_is_found(safe: Config, console: Console) -> None:
    url = console.config.database_url
    if url.startswith("sqlite"):
        assert "superuser" not in found(safe)
        return
    assert "superuser" not in found(safe)
    assert "superuser" in found(Config(instance=safe.instance, database=url.replace("forecourt@", "admin@")))


def test_the_command_ends_with_one(console: Console) -> None:
    assert "→" in console.refused("check", "--deploy")
