"""``forecourt telephony replay``: which calls a recording holds, without an instance."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.cli import main
from tests.telephony.recorded import TRACES, differences

NAME = "c1-abandoned-in-queue-busy"


def typed(folder: Path, *arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["-i", str(folder / "none"), "telephony", *map(str, arguments)])


@pytest.mark.parametrize("more", [(), ("--classes", "call,agent,reporting")])
def test_as_json(tmp_path: Path, more: tuple[str, ...]) -> None:
    result = typed(tmp_path, "replay", TRACES / f"{NAME}.ami", "--json", *more)
    assert result.exit_code == 0, result.output
    assert differences(NAME, json.loads(result.stdout)) == []
    assert not (tmp_path / "none").exists()


def test_the_connections_after_the_first_are_read_too(tmp_path: Path) -> None:
    result = typed(tmp_path, "replay", TRACES / "o1-reconnect-while-talking.ami", "--json")
    assert differences("o1-reconnect-while-talking", json.loads(result.stdout)) == []


def test_classes_leave_out_what_belongs_to_others(tmp_path: Path) -> None:
    result = typed(tmp_path, "replay", TRACES / f"{NAME}.ami", "--json", "--classes", "agent")
    assert json.loads(result.stdout)["calls"][0]["disposition"] != "answered"


def test_as_a_table(tmp_path: Path) -> None:
    lines = typed(tmp_path, "replay", TRACES / f"{NAME}.ami").stdout.splitlines()
    assert lines[0].startswith("STARTED (UTC)")
    assert "waiting_queue" in lines[2]
    assert len(lines) == 3


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    result = typed(tmp_path, "replay", "nothing.ami")
    assert result.exit_code == 2
    assert "nothing.ami" in result.output


def test_endpoints_may_be_named(tmp_path: Path) -> None:
    """A provider's line with a short number for a name, as some are."""
    data = (TRACES / "b1-abandoned-in-ivr.ami").read_bytes().replace(b"PJSIP/trunk-", b"PJSIP/0027-")
    (tmp_path / "call.ami").write_bytes(data)
    guessed = json.loads(typed(tmp_path, "replay", tmp_path / "call.ami", "--json").stdout)
    named = json.loads(typed(tmp_path, "replay", tmp_path / "call.ami", "--json", "--trunk", "0027").stdout)
    assert guessed["client_contacts"] == 0
    assert named["client_contacts"] == 1


@pytest.mark.parametrize("path", [("--help",), ("replay", "--help")])
def test_it_explains_itself(tmp_path: Path, path: tuple[str, ...]) -> None:
    result = typed(tmp_path, *path)
    assert result.exit_code == 0
    assert "replay" in result.output
