"""A sum in words says the sum, and is counted as Russian counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.service.services.in_words import MOST, ROUBLE, money_in_words, number_in_words

VALUES = {
    **dict(
        zip(
            ["ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять"],
            range(10),
            strict=True,
        )
    ),
    "одна": 1,
    "две": 2,
    "десять": 10,
    "одиннадцать": 11,
    "двенадцать": 12,
    "тринадцать": 13,
    "четырнадцать": 14,
    "пятнадцать": 15,
    "шестнадцать": 16,
    "семнадцать": 17,
    "восемнадцать": 18,
    "девятнадцать": 19,
    "двадцать": 20,
    "тридцать": 30,
    "сорок": 40,
    "пятьдесят": 50,
    "шестьдесят": 60,
    "семьдесят": 70,
    "восемьдесят": 80,
    "девяносто": 90,
    "сто": 100,
    "двести": 200,
    "триста": 300,
    "четыреста": 400,
    "пятьсот": 500,
    "шестьсот": 600,
    "семьсот": 700,
    "восемьсот": 800,
    "девятьсот": 900,
}
STEPS = {"тысяч": 10**3, "миллион": 10**6, "миллиард": 10**9, "триллион": 10**12}


def _read(words: str) -> int:
    """The number that the words say."""
    whole = group = 0
    for word in words.split():
        if word in VALUES:
            group += VALUES[word]
        else:
            [step] = [value for stem, value in STEPS.items() if word.removesuffix("ов").rstrip("аи") == stem]
            whole, group = whole + group * step, 0
    return whole + group


@given(st.integers(0, MOST - 1) | st.integers(0, 1_000_000))
def test_the_words_say_the_number(number: int) -> None:
    words = number_in_words(number)
    assert _read(words) == number
    assert words == " ".join(words.split())


@pytest.mark.parametrize(
    ("kopecks", "words"),
    [
        (18_100_00, "Восемнадцать тысяч сто рублей 00 копеек"),
        (0, "Ноль рублей 00 копеек"),
        (1_01, "Один рубль 01 копейка"),
        (2_002_02, "Две тысячи два рубля 02 копейки"),
        (21_011_11, "Двадцать одна тысяча одиннадцать рублей 11 копеек"),
        (1_000_000_00, "Один миллион рублей 00 копеек"),
    ],
)
def test_a_sum_as_it_stands_on_paper(kopecks: int, words: str) -> None:
    assert money_in_words(kopecks) == words


@given(st.integers(0, 10_000))
def test_a_noun_follows_the_last_digits(number: int) -> None:
    teens, last = number % 100 in range(11, 20), number % 10
    wanted = "рублей" if teens or last in (0, 5, 6, 7, 8, 9) else "рубль" if last == 1 else "рубля"
    assert ROUBLE.after(number) == wanted


@pytest.mark.parametrize("number", [-1, MOST])
def test_what_has_no_name_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="no name"):
        number_in_words(number)
