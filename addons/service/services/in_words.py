"""A sum of money in Russian words, as accounting papers want it: «Одна тысяча двести рублей 05 копеек».

Roubles are masculine and thousands feminine, and a noun after a number takes one of three forms. Papers of accounting
are in Russian in whatever language the program is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

MOST = 10**15
"""Roubles that have a name here: less than this."""


class Noun(NamedTuple):
    """The forms of a counted noun: after 1, after 2 to 4, after all others; and its gender."""

    one: str
    few: str
    many: str
    feminine: bool = False

    def after(self, number: int) -> str:
        """The form that goes with a number: 21 рубль, 22 рубля, 25 рублей, 11 рублей."""
        if number % 100 // 10 == 1:
            return self.many
        return {1: self.one, 2: self.few, 3: self.few, 4: self.few}.get(number % 10, self.many)


ROUBLE = Noun("рубль", "рубля", "рублей")
KOPECK = Noun("копейка", "копейки", "копеек", feminine=True)
_GROUPS = (
    Noun("", "", ""),
    Noun("тысяча", "тысячи", "тысяч", feminine=True),
    Noun("миллион", "миллиона", "миллионов"),
    Noun("миллиард", "миллиарда", "миллиардов"),
    Noun("триллион", "триллиона", "триллионов"),
)
_UNITS = ("", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять")
_FEMININE = {1: "одна", 2: "две"}
_TEENS = (
    *("десять", "одиннадцать", "двенадцать", "тринадцать", "четырнадцать"),
    *("пятнадцать", "шестнадцать", "семнадцать", "восемнадцать", "девятнадцать"),
)
_TENS = (
    *("", "", "двадцать", "тридцать", "сорок"),
    *("пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто"),
)
_HUNDREDS = (
    *("", "сто", "двести", "триста", "четыреста"),
    *("пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот"),
)


def money_in_words(kopecks: int) -> str:
    """A sum in words, kopecks in figures; with a capital letter.

    :param kopecks: not below zero, less than :data:`MOST` roubles.
    """
    roubles, rest = divmod(kopecks, 100)
    text = f"{number_in_words(roubles)} {ROUBLE.after(roubles)} {rest:02d} {KOPECK.after(rest)}"
    return text[0].upper() + text[1:]


def number_in_words(number: int) -> str:
    """A whole number in words, as it counts something masculine.

    :param number: from 0 to less than :data:`MOST`.
    """
    if not 0 <= number < MOST:
        raise ValueError(f"{number} has no name here")
    groups = [(number // 1000**place % 1000, noun) for place, noun in enumerate(_GROUPS)]
    words = [word for group, noun in reversed(groups) if group for word in _group(group, noun)]
    return " ".join(words) or "ноль"


def _group(number: int, noun: Noun) -> Iterator[str]:
    """Three digits with what they count."""
    hundreds, rest = divmod(number, 100)
    tens, units = divmod(rest, 10)
    unit = _FEMININE.get(units, _UNITS[units]) if noun.feminine else _UNITS[units]
    below = [_TEENS[units]] if tens == 1 else [_TENS[tens], unit]
    return (word for word in (_HUNDREDS[hundreds], *below, noun.after(number)) if word)
