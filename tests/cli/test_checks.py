"""``forecourt check``: all problems at once, nothing written (SEC-1, SEC-67)."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import inspect, text

from core.access.demo import DemoPerson, add_people
from core.config import SHORTEST_SECRET, Config, ConfigError
from core.host import deployment, instance, registry
from core.web import administration
from tests.cli.conftest import Console
from tests.live.running import free_port
from tests.support.addons import forget

MANIFEST = 'name = "{name}"\nversion = "1.0"\ncore = ">=0.1"\ntitle = {{en = "{name}", ru = "{name}"}}\n'


@pytest.fixture
def private(private: Path, console: Console) -> Path:
    """The folder, which the instance looks into."""
    console.environment["FORECOURT_ADDONS_PATH"] = str(private)
    return private


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
        "unguarded: Its address «/x» (unguarded.x) asks for no right.",
        "sloppy: JobError: job «other.sweep»",
        "sloppy: ValueError: no menu today",
        "wordless: ru.po: not translated: «Never done»",
        "wordless: ru.po: other places than the text has: «Hello, %(name)s»",
        "gone: Its code is not installed.",
    ):
        assert part in said


def test_tables_of_another_release_are_named(console: Console) -> None:
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


LOST = """
from core.host.plugins import hookimpl
from core.web.screens import Column, Screen

USERS = "core.no_more_users"

@hookimpl
def list_columns(screen_key):
    return [Column("x", label="X", order=1)] if screen_key == USERS else None

@hookimpl
def card_panels(session, screen_key, subject):
    if screen_key not in ("core.no_more_users", "elsewhere.things"):
        return None
    return session.scalars()
"""
NO_COLUMN = """
from core.access.models import Branch
from core.host.plugins import hookimpl
from core.web.screens import Column, Screen

@hookimpl
def screens():
    about = {"thing": "columnless.branch", "path": "/columnless", "title": "Branches", "one": "Branch"}
    return [Screen(key="columnless.branches", model=Branch, columns=(Column("colour"),), **about)]
"""
ANSWERS = """
from core.host.plugins import hookimpl

@hookimpl
def fax_received():
    return None
"""
COLOURS = """
from core import Vocabulary, hookspec

@hookspec
@Vocabulary(object, has={}, longest={"code": 20})
def colours_known():
    pass
"""
PAINTS = """
from core import hookimpl

@hookimpl
def colours_known():
    return ["red"]
"""
REVISION = (
    'revision = "{id}"\ndown_revision = {before}\nbranch_labels = None\ndepends_on = None\n\ndef upgrade():\n    pass\n'
)


def test_all_that_stands_in_the_way_of_an_upgrade_is_named_at_once(console: Console, private: Path) -> None:
    """And nothing is written."""
    names = ("lostscreen", "columnless", "fax", "engine", "needy", "later", "other", "colours", "paint")
    for name in names:
        addon(private, name)
    (private / "colours" / "hookspecs.py").write_text(COLOURS)
    for name in ("later", "other"):
        (private / name / "migrations").mkdir()
        revise(private / name, "0001_first", "None")
    instance.enable(console.config, names)
    assert console.ok("upgrade", "--check") == "The database is up to date.\n"
    for name, source in (
        ("lostscreen", LOST),
        ("columnless", NO_COLUMN),
        ("fax", ANSWERS),
        ("engine", "import none"),
        ("paint", PAINTS),
    ):
        (private / name / "hooks.py").write_text(source)
    needs = MANIFEST.format(name="needy") + 'depends = {gone = ">=1"}'
    (private / "needy" / "addon.toml").write_text(needs, encoding="utf-8")
    revise(private / "later", "0002_second", '"0001_first"')
    (private / "other" / "migrations" / "0001_first.py").unlink()
    revise(private / "other", "0001_another", "None")
    before = contents(console)

    said = console.refused("upgrade", "--check")

    for part in (
        "to run: later: 0002_second",
        "lostscreen: list_columns: there is no screen «core.no_more_users» any more",
        "lostscreen: card_panels: there is no screen «core.no_more_users» any more",
        "columnless: It declares its screens wrongly:",
        "colour",
        "fax: It answers a hook that nobody offers:",
        "paint: Its hook «colours_known» gave 'red', whose «code» is None, which is no str.",
        "engine: Its code cannot be loaded: ModuleNotFoundError",
        "needy: It needs the addon «gone», which is not enabled.",
        "other: the database is at 0001_first, which is not in this release's history",
    ):
        assert part in said
    assert "elsewhere" not in said
    assert contents(console) == before


def outlook(console: Console) -> tuple[int, list[str]]:
    """How ``upgrade --check`` ends, and what it says."""
    result = console("upgrade", "--check")
    return result.exit_code, result.output.splitlines()


def test_what_an_upgrade_has_to_do_stands_in_nobodys_way(console: Console, private: Path) -> None:
    addon(private, "soon")
    instance.enable(console.config, ["soon"])
    (private / "soon" / "migrations").mkdir()
    revise(private / "soon", "0001_first", "None")
    assert outlook(console) == (3, ["to run: soon: 0001_first", "Nothing stands in the way."])
    assert "applied 0001_first" in console.ok("upgrade", "--no-backup")
    assert outlook(console) == (0, ["The database is up to date."])
    (private / "soon" / "more.py").write_text("# nothing for the tables")
    assert outlook(console) == (
        3,
        ["to run: soon: its files are others than the last time", "Nothing stands in the way."],
    )
    console.ok("upgrade", "--no-backup")
    assert outlook(console) == (0, ["The database is up to date."])
    (private / "soon" / "migrations" / "0002_second.py").write_text("1 / 0")
    said = console.refused("upgrade", "--no-backup")
    assert "soon: It could not be brought up to date: soon: ZeroDivisionError" in said
    assert "left out until they are put right" in said


RAISES = """
from core.host.plugins import hookimpl

@hookimpl
def {hook}():
    return 1 / 0
"""
"""A hook that nobody calls before the pages are put together."""
TAKES_TOO_MUCH = """
from core.host.plugins import hookimpl

@hookimpl
def list_columns(screen_key, colour):
    return None
"""


@pytest.mark.parametrize("hook", ["list_columns", "audit_words", "search_sources", "jobs"])
def test_an_upgrade_names_whom_the_servers_will_leave_out(console: Console, private: Path, hook: str) -> None:
    """Also when the tables could be brought up to date: a script must not take that for a success."""
    addon(private, "soon")
    addon(private, "later")
    instance.enable(console.config, ["soon", "later"])
    (private / "soon" / "hooks.py").write_text(RAISES.format(hook=hook))
    for _ in range(2):
        said = console.refused("upgrade")
        assert f"soon: Its hook «{hook}» failed: ZeroDivisionError" in said
        assert "The addons named above are left out until they are put right." in said
        assert "later" not in said
    (private / "soon" / "hooks.py").unlink()
    forget(private)
    assert "up to date" in console.ok("upgrade")


def test_the_list_of_addons_says_which_one_does_not_run_and_why(console: Console, private: Path) -> None:
    """As the servers will find, whatever the database says of it."""
    broken = {"syntax": "def", "signature": TAKES_TOO_MUCH, "raising": RAISES.format(hook="list_columns")}
    for name in (*broken, "healthy"):
        addon(private, name)
    instance.enable(console.config, [*broken, "healthy"])
    for name, source in broken.items():
        (private / name / "hooks.py").write_text(source)
    lines = {line.split()[0]: line for line in console.ok("addon", "list").splitlines()}
    assert lines["syntax"].startswith(
        "syntax               1.0        failed     Its code cannot be loaded: SyntaxError"
    )
    assert lines["signature"].endswith(
        "failed     Its hook «list_columns» takes «colour», and is called as list_columns(screen_key)."
    )
    assert "failed     Its hook «list_columns» failed: ZeroDivisionError" in lines["raising"]
    assert lines["healthy"] == "healthy              1.0        enabled"


@pytest.mark.parametrize("command", [["check"], ["upgrade", "--check"], ["upgrade"], ["addon", "list"]])
def test_a_broken_addon_is_told_in_words_and_not_by_the_log_beside_them(
    console: Console, private: Path, command: list[str]
) -> None:
    addon(private, "syntax")
    instance.enable(console.config, ["syntax"])
    (private / "syntax" / "hooks.py").write_text("def")
    said = console(*command)
    assert "Its code cannot be loaded: SyntaxError" in said.output
    assert '"event"' not in said.stderr


def test_files_that_cannot_be_read_are_their_addon_s_trouble(
    console: Console, private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    addon(private, "shut")
    addon(private, "soon")
    instance.enable(console.config, ["shut", "soon"])
    (private / "soon" / "more.py").write_text("# nothing for the tables")
    read = Path.read_bytes

    def refused(file: Path) -> bytes:
        if file.parent == private / "shut":
            raise PermissionError(13, "Permission denied", str(file))
        return read(file)

    monkeypatch.setattr(Path, "read_bytes", refused)
    code, (pending, problem) = outlook(console)
    assert (code, pending) == (1, "to run: soon: its files are others than the last time")
    assert problem.startswith("shut: its files cannot be read: [Errno 13] Permission denied")


def revise(folder: Path, revision: str, before: str) -> None:
    """Write a migration."""
    text = REVISION.format(id=revision, before=before)
    (folder / "migrations" / f"{revision}.py").write_text(text, encoding="utf-8")


def contents(console: Console) -> dict[str, list[str]]:
    """Every row of the database."""
    with instance.looking(console.config) as connection:
        tables = inspect(connection).get_table_names()
        return {name: sorted(map(str, connection.execute(text(f'SELECT * FROM "{name}"')))) for name in tables}


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
