"""``forecourt telephony replay``: which calls a recording holds, told without an instance or stored in one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from addons.telephony.models import Call
from addons.telephony.services import replaying
from addons.telephony.views import commands
from core.cli import main
from tests.support.dealership import Dealership
from tests.telephony.recorded import TRACES, differences
from tests.telephony.told import call

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


def test_a_class_that_there_is_not_is_refused(tmp_path: Path) -> None:
    result = typed(tmp_path, "replay", TRACES / f"{NAME}.ami", "--json", "--classes", "call,agents")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "agents" in result.stderr
    assert "agent," in result.stderr


@pytest.mark.parametrize("data", [b"", b"\x00\xff\n\n\x80:" * 99, b"Dear: Sir\n\nnothing\n\n"])
def test_what_is_no_recording_is_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "call.ami").write_bytes(data)
    result = typed(tmp_path, "replay", tmp_path / "call.ami", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "no recording of a manager interface" in result.stderr


def test_a_recording_in_which_nothing_happens_is_one(tmp_path: Path) -> None:
    (tmp_path / "call.ami").write_bytes(b"Asterisk Call Manager/9.0.0\r\n")
    result = typed(tmp_path, "replay", tmp_path / "call.ami", "--json")
    assert (result.exit_code, json.loads(result.stdout)["calls"]) == (0, [])
    assert "no event" in result.stderr


def test_files_beside_a_recording_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    stream = tmp_path / "call.ami"
    stream.write_bytes((TRACES / f"{NAME}.ami").read_bytes())
    plain = typed(tmp_path, "replay", stream, "--json")
    for ending in ("times", "snapshots.jsonl", "cel.csv"):
        (tmp_path / f"call.{ending}").write_text("what\n{\n", encoding="utf-8")
    result = typed(tmp_path, "replay", stream, "--json")
    assert (result.exit_code, result.stdout, plain.stderr) == (0, plain.stdout, "")
    assert len(result.stderr.splitlines()) == 3
    assert "call.times: 2 of 2 lines cannot be read" in result.stderr


def test_stored_in_the_instance_once_x_09(dealership: Dealership, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORECOURT_DATABASE", dealership.config.database)
    runner, arguments = CliRunner(), ["-i", str(dealership.config.instance), "telephony", "replay"]
    stream = str(TRACES / f"{NAME}.ami")
    results = [runner.invoke(main, [*arguments, stream, "--pbx", "north"]) for _ in range(2)]
    assert [result.exit_code for result in results] == [0, 0], results[0].output
    lines = results[0].stdout.splitlines()
    assert lines[0].startswith("STARTED (UTC)")
    assert "waiting_queue" in lines[2]
    assert [result.stdout.splitlines()[-1] for result in results] == [
        "stored: 2 new, 0 known",
        "stored: 0 new, 2 known",
    ]
    with dealership.session() as session:
        assert len(session.scalars(select(Call)).all()) == 2


def test_it_stores_nothing_without_an_instance(tmp_path: Path) -> None:
    result = typed(tmp_path, "replay", TRACES / f"{NAME}.ami")
    assert result.exit_code == 1
    assert "There is no instance" in result.output


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


def test_each_group_has_its_own_words_and_commands() -> None:
    told = [CliRunner().invoke(main, arguments).stdout for arguments in (["pbx", "--help"], ["telephony", "--help"])]
    assert [["check" in each, "replay" in each] for each in told] == [[True, False], [False, True]]
    assert "Checks of telephone exchanges." in told[0]


@pytest.mark.parametrize("path", [("--help",), ("replay", "--help")])
def test_it_explains_itself(tmp_path: Path, path: tuple[str, ...]) -> None:
    result = typed(tmp_path, *path)
    assert result.exit_code == 0
    assert "replay" in result.output


def test_what_could_not_be_stored_is_told_and_a_long_recording_is_stored_in_parts(
    dealership: Dealership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORECOURT_DATABASE", dealership.config.database)
    monkeypatch.setattr(commands, "TOGETHER", 1)
    with dealership.session() as session:
        at = session.now()
    told = [call(at, "1.1", ended=1e18), call(at, "1.2"), call(at, "1.3")]
    monkeypatch.setattr(replaying, "reduce", lambda *_: told)
    arguments = ["-i", str(dealership.config.instance), "telephony", "replay", str(TRACES / f"{NAME}.ami")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "stored: 2 new, 0 known, 1 refused: see the log"
