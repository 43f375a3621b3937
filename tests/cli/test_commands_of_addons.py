"""Commands that addons bring: named without loading anybody, refused where they do not fit, a faulty giver is named."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Console

MANIFEST = """
name = "{name}"
version = "0.1.0"
core = ">=0.1,<0.2"
title = {{ ru = "Кран", en = "Crane" }}
summary = {{ ru = "Поднимает", en = "Lifts things" }}
"""
HOOKS = """
import click
from core import Command, hookimpl

@click.command()
def lift():
    "Lift something."
    click.echo("lifted")

@click.command()
@click.pass_context
def weigh(context):
    "Weigh what the instance holds."
    click.echo(f"weighed {{context.obj}}")

@hookimpl
def commands():
    return {given}
"""
GOOD = "[Command(lift, needs_instance=False), Command(weigh)]"


def write(folder: Path, name: str, given: str = GOOD) -> None:
    addon = folder / name
    addon.mkdir()
    (addon / "addon.toml").write_text(MANIFEST.format(name=name), encoding="utf-8")
    (addon / "__init__.py").write_text("", encoding="utf-8")
    (addon / "hooks.py").write_text(HOOKS.format(given=given), encoding="utf-8")


@pytest.fixture
def crane(private: Path, nothing: Console) -> Console:
    """A folder with settings and without a database, whose private addon brings two commands."""
    write(private, "crane")
    _use(nothing.folder, private)
    return nothing


def _use(instance: Path, private: Path) -> None:
    instance.mkdir(exist_ok=True)
    (instance / "forecourt.toml").write_text(f'addons_path = ["{private}"]', encoding="utf-8")


def test_help_names_them_and_loads_nobody(crane: Console) -> None:
    assert "Crane." in crane.ok("--help")
    assert "crane" not in sys.modules


def test_the_group_names_its_commands(crane: Console) -> None:
    said = crane.ok("crane", "--help")
    assert "Lifts things." in said
    assert "Lift something." in said
    assert "Weigh what the instance holds." in said


def test_a_group_that_the_manifest_does_not_name_is_told(private: Path, nothing: Console) -> None:
    write(private, "crane", '[Command(lift, group="hoist")]')
    _use(nothing.folder, private)
    assert "its manifest names no group «hoist»" in nothing.refused("crane", "--help")


def test_one_that_needs_no_instance_works_without(crane: Console) -> None:
    assert crane.ok("crane", "lift") == "lifted\n"
    assert not (crane.folder / "forecourt.db").exists()


def test_one_that_needs_an_instance_is_refused_without(crane: Console) -> None:
    assert "There is no instance" in crane.refused("crane", "weigh")
    assert "Usage:" in crane.ok("crane", "weigh", "--help")


def test_one_that_needs_an_instance_needs_its_addon_enabled(console: Console, private: Path) -> None:
    write(private, "crane")
    _use(console.folder, private)
    assert "«crane» is not enabled" in console.refused("crane", "weigh")
    console.ok("addon", "enable", "crane")
    assert console.ok("crane", "weigh") == f"weighed {console.folder}\n"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("[lift]", "gave <Command lift>, whose «command» is None"),
        ("[Command('lift')]", "whose «command» is 'lift'"),
        ("[Command(lift, needs_instance=None)]", "whose «needs_instance» is None"),
        ("['lift']", "which is no Command"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_faulty_giver_is_named(private: Path, nothing: Console, given: str, why: str) -> None:
    """SEC-59."""
    write(private, "crane", given)
    _use(nothing.folder, private)
    said = nothing.refused("crane", "lift")
    assert "crane: Its hook «commands»" in said
    assert why in said
    assert "Usage:" in nothing.ok("--help")


def test_a_command_of_core_cannot_be_taken_away(private: Path, nothing: Console) -> None:
    write(private, "backup")
    _use(nothing.folder, private)
    assert "Write the database" in nothing.ok("backup", "--help")


def test_hooks_that_cannot_be_read_bring_none(private: Path, nothing: Console) -> None:
    write(private, "crane")
    (private / "crane" / "hooks.py").write_text("def (", encoding="utf-8")
    _use(nothing.folder, private)
    assert "No such command" in nothing.refused("crane", "lift")
