"""What a demonstration says when it starts: who can sign in, as what, and how; each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import preparing
from core.access.demo import PASSWORD
from core.config import load_config
from core.testing.databases import Databases


def _told(databases: Databases, folder: Path, *, demo: bool) -> tuple[list[str], list[str]]:
    folder.mkdir()
    url = databases.create()
    try:
        config = load_config(folder, {}, database=url, demo=demo, language="ru")
        first: list[str] = []
        second: list[str] = []
        preparing.prepare(config, lambda words: first.append(str(words)))
        preparing.prepare(config, lambda words: second.append(str(words)))
    finally:
        databases.drop(url)
    return first, second


@pytest.mark.addons("contacts", "sales")
@pytest.mark.slow
def test_it_names_its_people_at_every_start(databases: Databases, tmp_path: Path) -> None:
    """README: `make run` shows who can sign in."""
    for told in _told(databases, tmp_path / "demo", demo=True):
        words = "\n".join(told)
        assert f"«{PASSWORD}»" in words
        for login, role in (("lebedeva", "Ресепшн"), ("petukhov", "Менеджер по продажам"), ("admin", "Администратор")):
            assert any(line.split()[:1] == [login] and role in line for line in told), (login, words)


def test_a_real_instance_names_nobody_but_its_first_administrator(databases: Databases, tmp_path: Path) -> None:
    first, second = _told(databases, tmp_path / "real", demo=False)
    assert any("one-time code" in line for line in first)
    assert not any(PASSWORD in line for line in [*first, *second])
    assert second == []
