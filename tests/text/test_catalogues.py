"""Catalogues of words are read as Babel reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from core.text.catalogues import Catalogue, Texts, read_texts
from core.web.i18n import load_translators
from tests.cli.conftest import ROOT

FILES = [*ROOT.glob("core/locale/*.po"), *ROOT.glob("addons/*/locale/*.po")]
HEADER = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n'


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_the_shipped_ones(file: Path) -> None:
    expected: Texts = {}
    with file.open("rb") as stream:
        for message in read_po(stream):
            if isinstance(message.id, tuple):
                expected |= {(message.id[0], number): text for number, text in enumerate(message.string)}
            elif message.string:
                expected[message.id] = str(message.string)
    found = read_texts(file)
    assert "Plural-Forms" in found.pop("")
    expected.pop("")
    assert found == expected


def test_the_shipped_ones_say_one_thing_for_one_text() -> None:
    """The first file says the text for all: two addons that mean different things ask for them in different words."""
    said: dict[object, dict[str, list[str]]] = {}
    for file in FILES:
        texts = read_texts(file)
        texts.pop("")
        for text, translated in texts.items():
            said.setdefault(text, {}).setdefault(translated, []).append(str(file.relative_to(ROOT)))
    assert {text: given for text, given in said.items() if len(given) > 1} == {}


def test_what_is_fuzzy_old_empty_or_has_a_context_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "ru.po"
    file.write_text(
        'msgid "a"\nmsgstr "one"\n'
        '#, fuzzy, python-format\nmsgid "b"\nmsgstr "two"\n'
        '#~ msgid "c"\n#~ msgstr "three"\n'
        'msgctxt "menu"\nmsgid "d"\nmsgstr "four"\n'
        'msgid "e"\nmsgstr ""\n'
        '# a remark\n#: at.py:1\nmsgid ""\n"f\\n"\n"\\"f\\" \\\\n"\nmsgstr ""\n"fi\\t"\n"ve"\n'
    )
    assert read_texts(file) == {"a": "one", 'f\n"f" \\n': "fi\tve"}


def test_an_entry_that_is_gone_takes_its_mark_with_it(tmp_path: Path) -> None:
    file = tmp_path / "ru.po"
    file.write_text('#, fuzzy\n#~ msgid "a"\n#~ msgstr "one"\n\nmsgid "b"\nmsgstr "two"\n')
    assert read_texts(file) == {"b": "two"}


def test_lines_end_where_the_file_ends_them_and_may_be_indented(tmp_path: Path) -> None:
    file = tmp_path / "ru.po"
    file.write_text('  msgid "a"\n\tmsgstr ""\n  "one\u2028"\n  "two\x85"\r\n', encoding="utf-8")
    assert read_texts(file) == {"a": "one\u2028two\x85"}


def test_the_first_file_says_the_text_and_each_may_add_some(tmp_path: Path) -> None:
    first, second = tmp_path / "first.po", tmp_path / "second.po"
    first.write_text(HEADER + 'msgid "a"\nmsgstr "one"\n')
    plural = 'msgid "thing"\nmsgid_plural "things"\nmsgstr[0] "chose"\nmsgstr[1] "choses"\n'
    second.write_text('msgid "a"\nmsgstr "two"\n' + plural)
    catalogue = Catalogue([first, second])
    assert catalogue.gettext("a") == "one"
    assert [catalogue.ngettext("thing", "things", number) for number in (0, 1, 2)] == ["chose", "chose", "choses"]
    assert catalogue.gettext("unknown") == "unknown"
    assert Catalogue(()).ngettext("thing", "things", 2) == "things"


def test_the_first_header_counts(tmp_path: Path) -> None:
    """An addon made with another tool, or for another language, leaves everybody else's plurals as they are."""
    first, second = tmp_path / "first.po", tmp_path / "second.po"
    first.write_text(HEADER + 'msgid "thing"\nmsgid_plural "things"\nmsgstr[0] "chose"\nmsgstr[1] "choses"\n')
    second.write_text('msgid ""\nmsgstr "Plural-Forms: nplurals=1; plural=0;\\n"\nmsgid "a"\nmsgstr "one"\n')
    catalogue = Catalogue([first, second])
    assert catalogue.gettext("a") == "one"
    assert [catalogue.ngettext("thing", "things", number) for number in (1, 2)] == ["chose", "choses"]
    bare = tmp_path / "bare.po"
    bare.write_text('msgid "a"\nmsgstr "un"\n')
    assert Catalogue([bare, first]).ngettext("thing", "things", 0) == "chose"


@pytest.mark.parametrize(
    ("language", "number", "money"),
    [("en", "15,035", "15,035.50 ₽"), ("ru", "15 035", "15 035,50 ₽")],
)
def test_numbers_and_amounts_are_written_alike(language: str, number: str, money: str) -> None:
    """A mileage and a price stand on one card."""
    translate = load_translators([])[language]
    assert translate.number(15035).replace("\N{NO-BREAK SPACE}", " ") == number
    assert translate.money(1_503_550).replace("\N{NO-BREAK SPACE}", " ") == money
    assert translate.money(1_503_500).replace("\N{NO-BREAK SPACE}", " ") == f"{number} ₽"
