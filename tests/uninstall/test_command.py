"""``forecourt addon disable`` and ``uninstall``: what a person reads and answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.access.models import Role
from core.cli import main
from core.config import Config
from core.host import instance
from tests.cli.conftest import _process_as_before
from tests.uninstall.conftest import ADDONS, session_of, work

__all__ = ["_process_as_before"]


def run(config: Config, *arguments: str, answer: str = "") -> Result:
    environment = {"FORECOURT_DATABASE": str(config.database), "FORECOURT_ADDONS_PATH": str(ADDONS)}
    command = ["-i", str(config.instance), "addon", *arguments]
    return CliRunner().invoke(main, command, input=answer, env=environment, catch_exceptions=False)


def test_disabling_says_what_is_still_held(office: Config) -> None:
    work(office)
    instance.enable(office, ["testnote"])
    said = run(office, "disable", "testnote").output
    assert "It still holds 0 rows in 1 tables, and 0 files:" in said
    assert "Rows of testnote_note go when the rows of testlend_loan that they belong to are deleted" in said
    said = run(office, "disable", "testlend").output
    assert "It still holds 5 rows in 2 tables, and 1 files:" in said
    assert "  testlend_car: 3 rows" in said
    assert "«forecourt addon uninstall testlend» exports all that and removes it." in said


def test_what_goes_is_told_and_confirmed_by_its_name(office: Config) -> None:
    work(office)
    refused = run(office, "uninstall", "testlend")
    assert refused.exit_code == 1
    assert "«testlend» is enabled: disable it first, «forecourt addon disable testlend»." in refused.output
    instance.disable(office, "testlend")
    wrong = run(office, "uninstall", "testlend", answer="yes\n")
    assert wrong.exit_code == 1
    assert "nothing was changed" in wrong.output
    assert not office.backups.exists()
    done = run(office, "uninstall", "testlend", answer="testlend\n")
    assert done.exit_code == 0
    for line in (
        "Loan cars (testlend 0.1.0), disabled; its code is installed",
        "  table testlend_car: 3 rows, 10 columns",
        "  Settings that were changed: 1",
        "  role «Lends cars», people who have it: 1",
        "  setting testlend.days: Days of a loan",
        "  right testlend.car.read: Cars: See",
        "  menu item testlend: Loan cars",
        "  files: 1, 15 bytes",
    ):
        assert line in done.output
    assert "core_" not in done.output
    (archive,) = office.backups.iterdir()
    assert f"uninstalled: testlend; the archive is {archive}" in done.output


def test_a_preview_only_looks(office: Config) -> None:
    work(office)
    done = run(office, "uninstall", "testlend", "--preview")
    assert done.exit_code == 0
    assert done.output.endswith("«testlend» is enabled: disable it first, «forecourt addon disable testlend».\n")
    assert instance.enabled(office) == ["testlend"]


def test_who_refers_to_it_is_named(office: Config) -> None:
    work(office)
    instance.enable(office, ["testnote"])
    instance.disable(office, "testnote")
    instance.disable(office, "testlend")
    refused = run(office, "uninstall", "testlend", "--yes")
    assert refused.exit_code == 1
    assert "testnote_note.car_id refers to testlend_car: 0 rows" in refused.output
    assert "Others refer to it: uninstall «testnote» first." in refused.output


def test_a_script_says_yes_and_where(office: Config, tmp_path: Path) -> None:
    work(office)
    instance.disable(office, "testlend")
    folder = tmp_path / "kept"
    assert run(office, "uninstall", "testlend", "--yes", "--to", str(folder)).exit_code == 0
    assert len(list(folder.iterdir())) == 1
    again = run(office, "uninstall", "testlend", "--yes")
    assert "there is nothing of «testlend» in this instance" in again.output


@pytest.mark.parametrize("name", ["core", "../etc"])
def test_what_is_no_addon_is_refused(office: Config, name: str) -> None:
    assert run(office, "uninstall", name, "--yes").exit_code == 1


def test_the_archive_brings_it_back(office: Config) -> None:
    work(office)
    instance.disable(office, "testlend")
    run(office, "uninstall", "testlend", "--yes")
    (archive,) = office.backups.iterdir()
    with session_of(office) as session:
        session.add(Role(code="testlender", title_ru="Своя", title_en="Own", grants={}, shipped={}))
    said = run(office, "restore", str(archive)).output
    assert "restored and enabled: testlend; 25 rows" in said
    assert "left out of core_role: 1 rows" in said
    assert instance.enabled(office) == ["testlend"]
    archive.write_bytes(b"no zip")
    assert "cannot be read" in run(office, "restore", str(archive)).output
