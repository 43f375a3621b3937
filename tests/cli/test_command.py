"""The command itself: quick to answer, clear when it refuses, and its documents up to date."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path

import click
import msgspec
import pytest

from core.cli import main
from core.commands.refusals import Commands
from core.config import Config
from core.host import hook_docs, hookspecs
from tests.cli.conftest import Console

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("sqlalchemy", "alembic", "jinja2", "werkzeug", "granian", "huey", "babel", "core.web", "core.db")


def test_help_loads_nothing_that_only_work_needs() -> None:
    program = "import sys, core.cli\nfor name in sys.modules:\n    if type(sys.modules[name]).__name__ != '_Waiting':\n        print(name)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    loaded = set(done.stdout.split())
    assert not [name for name in HEAVY if name in loaded]


def walk(command: click.Command, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(command, click.Group):
        return [path]
    return [path, *(each for name, sub in command.commands.items() for each in walk(sub, (*path, name)))]


@pytest.mark.parametrize("path", walk(main), ids=lambda path: " ".join(path) or "forecourt")
def test_every_command_explains_itself(nothing: Console, path: tuple[str, ...]) -> None:
    said = nothing.ok(*path, "--help")

    assert "Usage:" in said
    assert len(said.splitlines()) > 4
    assert "..." not in re.sub(r"(ARGS|NAMES|ROLES)\]?\.\.\.", "", said)


def test_an_unknown_command_is_told(nothing: Console) -> None:
    assert "No such command" in nothing.refused("fly")


def test_a_fault_of_the_program_shows_where_it_is() -> None:
    """Only what a person can put right is told in a line; a bug keeps its traceback."""

    @click.group(cls=Commands)
    def group() -> None: ...

    @group.command("go")
    def go() -> None:
        raise KeyError("a bug")

    from click.testing import CliRunner

    assert isinstance(CliRunner().invoke(group, ["go"]).exception, KeyError)


def test_the_network_gets_no_plain_http(console: Console) -> None:
    """SEC-20."""
    for command in ("run", "web"):
        assert "--cert" in console.refused(command, "--host", "0.0.0.0")


# --- the document of all hooks --------------------------------------------------------------------


def test_a_taken_port_is_told_before_anything_is_made(nothing: Console) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"127.0.0.1:{port}: stop it, or choose another --port" in nothing.refused("run", "--port", str(port))
    assert not list(nothing.folder.glob("*.db"))


def test_every_hook_of_core_is_in_the_document() -> None:
    text = hook_docs.hooks_document()

    for spec in hook_docs.specs_of(hookspecs):
        assert f"### `{spec.__name__}`" in text
        assert f"def {spec.__name__}(" in text
    assert "'" not in hook_docs.signature(hookspecs.before_delete)


def test_hooks_stand_in_the_order_of_the_source() -> None:
    source = (ROOT / "core" / "host" / "hookspecs.py").read_text(encoding="utf-8")
    names = re.findall(r"@hookspec\n(?:@\w+\n)?def (\w+)\(", source)

    assert [spec.__name__ for spec in hook_docs.specs_of(hookspecs)] == names


def test_every_setting_is_listed_with_its_default() -> None:
    """In the table of docs/operations.md; the folder is chosen by ``--instance``. Words stand for defaults that are none."""
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| (`\w+`(?:, `\w+`)*) \| (.+?) \| .+ \|$",
        text.partition("| setting |")[2].partition("\n\n")[0],
        re.MULTILINE,
    )
    listed = {
        name.strip("`"): default.strip("`")
        for names, defaults in rows
        for name, default in zip(names.split(", "), defaults.split(", "), strict=True)
    }
    given = {each.name: each.default for each in msgspec.structs.fields(Config) if each.name != "instance"}
    assert set(listed) == set(given)
    said = {name: str(default).lower() for name, default in given.items() if default not in ("", None, ())}
    assert {name: listed[name].lower() for name in said} == said


def test_the_document_is_written_and_compared(nothing: Console, tmp_path: Path) -> None:
    path = tmp_path / "hooks.md"
    assert "not up to date" in nothing.refused("docs", "hooks", "--output", path, "--check")

    nothing.ok("docs", "hooks", "--output", path)

    assert "is up to date" in nothing.ok("docs", "hooks", "--output", path, "--check")
    path.write_text(path.read_text(encoding="utf-8") + "x", encoding="utf-8")
    assert "not up to date" in nothing.refused("docs", "hooks", "--output", path, "--check")
    assert "no folder" in nothing.refused("docs", "hooks", "--output", tmp_path / "missing" / "hooks.md")


@pytest.mark.parametrize("name", ["hooks", "slots", "surface"])
def test_the_written_documents_are_up_to_date(name: str) -> None:
    """In a process of its own, for the bundled addons are imported to write them."""
    command = [sys.executable, "-m", "core.cli", "docs", name, "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
