"""``forecourt delivery split``: into which fields addresses are split, without an instance (S4-52, S4-55)."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from core.cli import main


def typed(folder: Path, *arguments: str, sent: str = "") -> Result:
    return CliRunner().invoke(main, ["-i", str(folder / "none"), "delivery", "split", *arguments], input=sent)


def test_each_field_with_its_words(tmp_path: Path) -> None:
    result = typed(tmp_path, "Ленина 5-12", "спб невский 20", "--home-city", "Химки")
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["city", "Химки", "assumed"] in lines
    assert ["house", "5", "«5»"] in lines
    assert ["city", "Санкт-Петербург", "«спб»"] in lines
    assert not (tmp_path / "none").exists()


def test_lines_of_the_input_as_json(tmp_path: Path) -> None:
    result = typed(tmp_path, "--json", sent="Москва, ул. Тверская, д. 7\n\nКазань Баумана 3\n")
    first, empty, last = map(json.loads, result.stdout.splitlines())
    assert (first["city"], first["street"], first["house"]) == ("Москва", "Тверская", "7")
    assert empty == {"text": ""}
    assert (last["city"], last["house"]) == ("Казань", "3")
