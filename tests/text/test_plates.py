"""Plates and VINs have one key in both alphabets (S2-28)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.plates import (
    MAX_PLATE,
    VinProblem,
    format_plate,
    normalise_plate,
    normalise_vin,
    plate_being_typed,
    plate_kind,
)

CYRILLIC, LATIN = "АВЕКМНОРСТУХ", "ABEKMHOPCTYX"


@pytest.mark.parametrize(
    "text", ["а123вс77", "A123BC 77", "А 123 ВС 77", "a-123-bc-77", "А123ВС77RUS", "А123ВС 77 рус", "Ａ１２３ＢＣ７７"]
)
def test_one_plate_however_typed(text: str) -> None:
    """S2-28."""
    assert normalise_plate(text) == "A123BC77"


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        ("а123вс777", "car", ("А 123 ВС", "777")),
        ("а123вс", "car", ("А 123 ВС", "")),
        ("ав 123 77", "taxi", ("АВ 123", "77")),
        ("ав 123 777", "taxi", ("АВ 123", "777")),
        ("ав 1234 50", "trailer", ("АВ 1234", "50")),
        ("ав 1234 777", "trailer", ("АВ 1234", "777")),
        ("1234 ав 77", "motorcycle", ("1234 АВ", "77")),
        ("ав 123 с 77", "transit", ("АВ 123 С", "77")),
        ("а 1234 77", "police", ("А 1234", "77")),
        ("004 D 123 77", "diplomatic", ("004 D123", "77")),
        ("1234 AB-7", "other", ("1234AB7", "")),
        ("AA 1234 BB", "other", ("AA1234BB", "")),
        ("B MW 1234", "other", ("BMW1234", "")),
        ("Б123ВС", "other", ("Б123BC", "")),
        ("", "other", ("", "")),
    ],
)
def test_kinds_and_how_they_are_shown(text: str, kind: str, shown: tuple[str, str]) -> None:
    key = normalise_plate(text)
    assert plate_kind(key) == kind
    assert format_plate(key) == shown


@given(st.from_regex(rf"[{LATIN}][0-9]{{3}}[{LATIN}]{{2}}[0-9]{{2,3}}", fullmatch=True), st.booleans())
def test_alphabets_meet(key: str, lower: bool) -> None:
    typed = key.translate(str.maketrans(LATIN, CYRILLIC))
    assert normalise_plate(typed.lower() if lower else typed) == key
    main, region = format_plate(key)
    assert normalise_plate(f"{main} {region}") == key


@given(st.text())
def test_normalising_twice_is_once(text: str) -> None:
    key = normalise_plate(text)
    assert normalise_plate(key) == key
    assert len(key) <= MAX_PLATE
    assert "".join(format_plate(key)).replace(" ", "") or not key
    vin = normalise_vin(text)
    assert normalise_vin(vin.value) == vin


@pytest.mark.parametrize("text", ["а", "123", "а4 123", "а4 2019", "иванов 77", "bmw 5", ""])
def test_what_is_no_beginning_of_a_plate(text: str) -> None:
    assert plate_being_typed(text) is None


@pytest.mark.parametrize("text", ["а 1", "а 123", "а 123 в", "а 123 вс 7", "ав 123 77", "1234 ав"])
def test_a_plate_is_known_while_typed(text: str) -> None:
    assert plate_being_typed(text) == normalise_plate(text)


@pytest.mark.parametrize("text", ["XTA210800Y2512345", "хта210800у2512345", "XTA 210800-Y2512345"])
def test_vin_in_either_alphabet(text: str) -> None:
    vin = normalise_vin(text)
    assert vin.value == "XTA210800Y2512345"
    assert vin.valid


def test_vin_problems_are_data() -> None:
    assert normalise_vin("XTA210").problems == (VinProblem("too_short"),)
    assert normalise_vin("XTA210800Y25123456").problems == (VinProblem("too_long"),)
    assert normalise_vin("XTA2108O0Y2512345").problems == (VinProblem("bad_character", 8, "O"),)
    assert normalise_vin("ЖTA21080QY2512345").problems == (
        VinProblem("bad_character", 1, "Ж"),
        VinProblem("bad_character", 9, "Q"),
    )
    assert not normalise_vin("").valid


@pytest.mark.parametrize(
    ("text", "agrees"),
    [
        ("1M8GDM9AXKP042788", True),
        ("11111111111111111", True),
        ("1M8GDM9A1KP042788", False),
        ("WVWZZZ1JZXW000001", False),
        ("short", None),
    ],
)
def test_check_digit_is_information(text: str, agrees: bool | None) -> None:
    vin = normalise_vin(text)
    assert vin.check_digit_agrees is agrees
    assert vin.valid or agrees is None
