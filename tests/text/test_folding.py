"""Search keys and variants: a name is found in either alphabet and either layout (S2-27, S2-28, S2-32, C-19)."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from core.text.folding import (
    MAX_VARIANTS,
    corrected_layout,
    fold,
    highlight,
    match_score,
    search_key,
    swap_layout,
    terms,
    variants,
)
from core.text.letters import latin_pieces, rewrite

CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
LATIN = "abcdefghijklmnopqrstuvwxyz"
cyrillic_words = st.text(CYRILLIC, min_size=2, max_size=15)
latin_words = st.text(LATIN, min_size=2, max_size=15)
names = cyrillic_words | latin_words
anything = st.text(max_size=80) | st.text(
    CYRILLIC + LATIN + CYRILLIC.upper() + "0123456789 -.,;'[]`\u0306\u0308", max_size=80
)


def found(query: str, *parts: str) -> bool:
    """As the search does it: some variant is a part of the stored key."""
    key = search_key(*parts)
    return any(variant in key for variant in variants(query))


@pytest.mark.parametrize("name", ["Mercedes-Benz", "Мерседес-Бенц"])
@pytest.mark.parametrize("query", ["мерс", "mers", "vthc", "ьукы", "Мерседес", "MERSEDES", "мерседес-бенц", "бенц"])
def test_mercedes(query: str, name: str) -> None:
    """S2-32, C-19: Cyrillic, Latin, and each typed in the wrong layout; the directory may hold one name alone."""
    assert found(query, name)
    assert match_score(query, name) > 0
    assert any(marked for _, marked in highlight(name, query))


@pytest.mark.parametrize("name", ["Škoda", "Шкода", "Skoda", "SKODA"])
@pytest.mark.parametrize("query", ["Шкода", "škoda", "skoda", "irjlf", "ылщвф", "S\u030ckoda"])
def test_skoda(query: str, name: str) -> None:
    assert found(query, name)
    assert match_score(query, name) > 0


@pytest.mark.parametrize("query", ["bdfyjd", "ivanov", "Иванов", "ИВА", "шмфтщм", "анов", "Bdfyjd"])
def test_ivanov(query: str) -> None:
    """S2-27."""
    assert found(query, "Иванов", "Виктор")
    assert found(query, "Ivanov")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        (".hmtd", "Юрьев"),
        (",fnfkby", "Баталин"),
        ("'qytq", "Эйней"),
        ("[tqa", "Хейф"),
        ("]]]", "ъъъ"),
        (";erjd", "Жуков"),
        ("`;by", "Ёжин"),
        ("королев", "Королёв"),
        ("korolyov", "Королёв"),
        ("dmitry", "Дмитрий"),
        ("Dmitrii", "Дмитрий"),
        ("юрий", "Yuri"),
        ("щукин", "Shchukin"),
        ("кузнецов", "Kuznetsov"),
        ("наталья", "Natalia"),
        ("андрей", "Andrey"),
        ("o'brien", "OBrien"),
        ("иvanov", "Иванов"),
        ("сидоров", "Cидоров"),
        ("порше", "Porsche"),
        ("тойота", "Toyota"),
        ("лексус", "Lexus"),
        ("кадиллак", "Cadillac"),
        ("бмв", "BMW"),
    ],
)
def test_spellings_met_in_life(query: str, name: str) -> None:
    assert found(query, name)


@pytest.mark.parametrize("stored", ["A123BC77", "А 123 ВС 77", "а123вс77"])
@pytest.mark.parametrize(
    "query",
    [
        "а123вс77",
        "A123BC 77",
        "А 123 ВС",
        "а123",
        "123вс",
        "123bc",
        "вс",
        "bc",
        "f123dc77",
        "f 123 dc 77",
        "ф123иси"[:4],
    ],
)
def test_plates_in_either_alphabet(query: str, stored: str) -> None:
    """S2-28."""
    assert found(query, stored)


@pytest.mark.parametrize(
    "query", ["xta210800", "ХТА210800", "хта", "XTA", "чеф", "2512345", "у2512345", "xta 210800 y2512345"]
)
def test_pieces_of_a_vin(query: str) -> None:
    assert found(query, "XTA210800Y2512345")


def test_search_key_is_readable() -> None:
    assert search_key("Иванов", "Виктор") == "иванов виктор ivanov viktor"
    assert search_key("Иванов", None, "", "—", "Иванов") == "иванов ivanov"
    assert search_key() == ""


def test_fold() -> None:
    assert fold("  Ёлкин—Šmíd,  №5 (O’Brien) ²") == "елкин smid 5 obrien 2"
    assert fold("Йод") == fold("Йод") == "йод"
    assert fold("Straße ﬁ Ａ１") == "strasse fi a1"
    assert fold("+7 (925) 718-42-33") == "7 925 718 42 33"


def test_fold_of_every_character_is_stable() -> None:
    """Each assigned character: folding twice is folding once and leaves letters, digits and spaces only."""
    changed = [
        hex(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) not in ("Cn", "Co", "Cs")
        if fold(once := fold(chr(code))) != once or (not once.replace(" ", "a").isalnum() and once)
    ]
    assert changed == []


@given(anything)
@example("ŉ\u0306И\u0306\u0306")
def test_fold_is_idempotent(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert once == once.strip()
    assert "  " not in once
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.text(CYRILLIC + CYRILLIC.upper()) | st.text(LATIN + LATIN.upper()))
def test_layout_swapped_twice_is_itself(text: str) -> None:
    assert swap_layout(swap_layout(text)) == text


def test_layout_covers_every_key() -> None:
    assert swap_layout("qwertyuiop[]asdfghjkl;'zxcvbnm,.`") == "йцукенгшщзхъфывапролджэячсмитьбюё"
    assert swap_layout('{}:"<>~') == "ХЪЖЭБЮЁ"
    assert swap_layout("ХЪЖЭБЮЁ") == '{}:"<>~'
    assert swap_layout("да, нет") == "lf, ytn"


@given(anything)
def test_variants_are_few_and_different(query: str) -> None:
    read = variants(query)
    assert len(read) <= MAX_VARIANTS
    assert len(set(read)) == len(read)
    assert all(variant.strip() for variant in read)
    assert read == variants(query)


def test_variants_come_likeliest_first() -> None:
    assert variants("bdfyjd")[:2] == ("bdfyjd", "иванов")
    assert variants("ivanov")[:3] == ("ivanov", "шмфтщм", "иванов")
    assert variants("") == variants(" —") == ()


@given(names, st.data())
def test_any_part_of_a_name_finds_it(name: str, data: st.DataObject) -> None:
    """Prefixes and middles, typed as they are or in the wrong layout."""
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    part = name[start:end]
    assert found(part, name)
    assert found(swap_layout(part), name)


@given(cyrillic_words, st.data())
def test_any_part_in_usual_latin_spelling_finds_the_cyrillic(name: str, data: st.DataObject) -> None:
    latin = rewrite(fold(name), latin_pieces)
    assume(latin)
    start = data.draw(st.integers(0, len(latin) - 1))
    end = data.draw(st.integers(start + 1, len(latin)))
    assert found(latin[start:end], name)
    assert found(swap_layout(latin[start:end]), name)


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [
        ("Смирнов", "Smirnov"),
        ("Кузнецов", "Kuznetsov"),
        ("Соловьёв", "Solovyov"),
        ("Васильев", "Vasil'ev"),
        ("Михайлов", "Mikhailov"),
        ("Чернышёв", "Chernyshev"),
        ("Щербаков", "Shcherbakov"),
        ("Жуковский", "Zhukovsky"),
        ("Яковлев", "Yakovlev"),
        ("Юсупов", "Iusupov"),
        ("Шарипов", "Sharipov"),
        ("Хабибуллин", "Khabibullin"),
        ("Цветаева", "Tsvetaeva"),
        ("Егоров", "Yegorov"),
        ("Эльвира", "Elvira"),
        ("Анна", "Anna"),
        ("Филипп", "Philipp"),
        ("Кристина", "Christina"),
        ("Алексей", "Aleksey"),
        ("Ильхам", "Ilham"),
    ],
)
def test_cyrillic_finds_latin_at_every_keystroke(cyrillic: str, latin: str) -> None:
    """The record holds a Latin spelling alone: each beginning typed in Cyrillic, in either layout, finds it."""
    for length in range(1, len(cyrillic) + 1):
        assert found(cyrillic[:length], latin)
        assert found(swap_layout(cyrillic[:length]), latin)


@given(names)
def test_what_scores_is_found_and_marked(name: str) -> None:
    for query in (name, swap_layout(name), name[:2]):
        assert match_score(query, name) > 0
        assert any(marked for _, marked in highlight(name, query))


@given(anything, anything)
def test_highlight_is_the_text_cut(text: str, query: str) -> None:
    pieces = highlight(text, query)
    assert "".join(piece for piece, _ in pieces) == text
    assert all(piece for piece, _ in pieces)
    if match_score(query, text):
        assert any(marked for _, marked in pieces)


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("Мерседес-Бенц", "mers", ["Мерс"]),
        ("Mercedes-Benz", "ьукы", ["Merc"]),
        ("Mercedes-Benz", "мерседес-бенц", ["Mercedes-Benz"]),
        ("Шкода Октавия", "skoda okt", ["Шкода", "Окт"]),
        ("Иванов Виктор", "dbrnjh bdfyjd", ["Иванов", "Виктор"]),
        ("Анна Баннова", "ан", ["Ан"]),
        ("Королёв", "короле", ["Королё"]),
        ("S\u030ckoda", "sko", ["S\u030cko"]),
        ("А 123 ВС 777", "a123bc", ["А 123 ВС"]),
        ("+7 925 718-42-33", "7184233", ["718-42-33"]),
        ("+7 925 718-42-33", "8 (925) 718-42-33", ["7 925 718-42-33"]),
        ("Иванов", "петров", []),
        ("Иванов", "", []),
        ("", "иванов", []),
    ],
)
def test_highlight(text: str, query: str, marked: list[str]) -> None:
    assert [piece for piece, matched in highlight(text, query) if matched] == marked


def test_ranking() -> None:
    """The exact name first, then beginnings, then words, then middles; as typed before other readings."""
    ranked = ["Иванов", "Иванов Виктор", "Иванова Анна", "Виктор Иванов", "Переиванов", "Петров"]
    scores = [match_score("иванов", name) for name in ranked]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] == 0
    assert len(set(scores)) == len(scores)
    assert match_score("иванов", "Иванов") > match_score("ivanov", "Иванов")
    assert match_score("виктор иванов", "Иванов Виктор") > 0
    assert match_score("виктор петров", "Иванов Виктор") == 0
    assert match_score("7184233", "+7 925 718-42-33") > 0


@pytest.mark.parametrize(
    ("query", "hits", "shown"),
    [
        ("bdfyjd", ["Иванов Виктор"], "иванов"),
        ("Bdfyjd dbrnjh", ["Петров", "Иванов Виктор"], "Иванов виктор"),
        ("Иванов dbrnjh", ["Иванов Виктор"], "Иванов виктор"),
        ("ьукы", ["Мерседес-Бенц"], "mers"),
        ("irjlf", [search_key("Škoda")], "шкода"),
        ("ivanov", ["Иванов Виктор"], None),
        ("иванов", ["Иванов Виктор"], None),
        ("bdfyjd", ["Иванов", "Bdfyjd"], None),
        ("bdfyjd", ["Петров"], None),
        ("bdfyjd", [], None),
        ("", ["Иванов"], None),
    ],
)
def test_corrected_layout(query: str, hits: list[str], shown: str | None) -> None:
    """C-19: «Раскладка исправлена: иванов»."""
    assert corrected_layout(query, hits) == shown


def test_terms_are_words_in_any_order() -> None:
    assert [term[0] for term in terms("Виктор  Иванов")] == ["виктор", "иванов"]
    assert len(terms("а 123 вс 77")) == 1
    assert len(terms("f 123 dc 77")) == 1
    assert len(terms("слово " * 50)) <= 8
    assert terms("") == terms(" — ") == ()
