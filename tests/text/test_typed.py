"""What a text typed into a search box may mean."""

from __future__ import annotations

import pytest

from core.text.typed import read_typed


@pytest.mark.parametrize("typed", ["8 903 123-45-67", "+7 (903) 123-45-67", "9031234567"])
def test_a_whole_number_is_looked_for_by_its_digits(typed: str) -> None:
    assert read_typed(typed).ways == [(("79031234567",),)]


def test_a_part_of_a_number_is_looked_for_as_words_too() -> None:
    assert (("1234567",),) in read_typed("123-45-67").ways
    assert read_typed("4567").ways == [(("4567",),)]


def test_beside_letters_a_number_is_one_of_two_ways() -> None:
    words, number = read_typed("Иванов, 8 903 123-45-67").ways
    assert number == (("79031234567",),)
    assert words != number


def test_nothing_typed_is_nothing_to_look_for() -> None:
    assert read_typed(" - ").ways == []
