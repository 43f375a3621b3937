"""What the splitter promises of every text (S4-53 to S4-58)."""

from __future__ import annotations

import sys
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.delivery.address import FIELDS, Address, parse
from tests.delivery.scoring import load

RECORDS = load("addresses.jsonl") + load("written.jsonl")
HOME = {"home_city": "Москва", "home_region": "Москва", "home_region_type": "г"}

PIECES = [
    "ул",
    "Ленина",
    "д.",
    "5",
    "кв",
    "12",
    "корп",
    "2",
    "стр",
    "1",
    "лит",
    "А",
    "под",
    "3",
    "эт",
    "4",
    "домофон",
    "12к345",
    "Москва",
    "мск",
    "спб",
    "г.",
    "обл",
    "Московская",
    "р-н",
    "мкр",
    "5-й",
    "снт",
    "Ромашка",
    "уч",
    "78",
    "км",
    "МКАД",
    "шоссе",
    "пер",
    "1905",
    "года",
    "метро",
    "Сокол",
    "ТЦ",
    "Мега",
    ",",
    ";",
    "(",
    ")",
    "№",
    "/",
    "-",
    "#",
    "«",
    "»",
    "123456",
    "89160000000",
    "с",
    "п",
    "х",
    "х.",
    "до",
    "10",
    "II",
    "этаж",
    "цокольный",
    "вход",
    "угол",
    "Ha",
    "vjcrdf",
    "ktybyf",
]
typed = st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join)
anything = st.one_of(st.text(max_size=300), typed, st.text(alphabet="абвк 12,./-№\"'()\n", max_size=200))


def values(address: Address) -> dict[str, str]:
    return {
        name: address.value(name) for name in FIELDS if address.value(name) and name not in ("comment", "city_type")
    }


def names_and_numbers(address: Address) -> dict[str, str]:
    return {name: value for name, value in values(address).items() if not name.endswith("_type")}


@given(anything, st.sampled_from([None, HOME, {}]))
def test_no_text_is_refused(text: str, context: dict[str, str] | None) -> None:
    address = parse(text, context)

    assert set(address) <= {*FIELDS, "assumed"}
    assert len(dict(address)) == len(address)


@given(anything)
def test_values_come_from_the_words_of_the_text(text: str) -> None:
    """S4-55: what is not said is marked as assumed."""
    address = parse(text)

    for name, part in address.parts.items():
        if part.span is None:
            assert part.assumed or part.needs_choice or name.endswith("_type")
        else:
            start, end = part.span
            assert 0 <= start < end <= len(text)
            assert address.words(name) == text[start:end]


@given(anything)
def test_numbers_are_in_the_text(text: str) -> None:
    """S4-55: no house or flat is made up."""
    address = parse(text)

    for name in ("house", "flat", "block", "structure", "stead", "km"):
        if address.value(name) and address.words(name).isascii():
            assert address.value(name).lstrip("-")[0].upper() in address.words(name).upper()


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["id"])
def test_what_was_split_splits_the_same_again(record: dict[str, str]) -> None:
    once = parse(record["text"])
    again = parse(once.canonical())

    assert values(parse(again.canonical())) == values(again)


def test_most_addresses_keep_every_value_in_their_canonical_form() -> None:
    once = {record["text"]: parse(record["text"]) for record in RECORDS}
    changed = [
        text for text, first in once.items() if names_and_numbers(parse(first.canonical())) != names_and_numbers(first)
    ]

    assert len(changed) <= len(RECORDS) * 0.05, changed


def steps(text: str) -> int:
    """How many functions a split calls: its work, whatever the machine."""
    count = 0

    def profile(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        parse(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "piece",
    [
        "ул ", "д. 5 ", "a", "1", "1-", "/", "кв 5, ", "д ", "с ", "Большая ", "1-я ", "«", "снт «", "МКАД ", "1 этаж ", "к",
        "область ", "г. Москва ", "5/", "№", "\u200b", "\U0001f600", "ст. м. ", "12:00 ", "+7 ", "(", "тер. СНТ ", "vjcrdf ", "8 (916) ",
    ],
)  # fmt: skip
def test_ten_kilobytes_of_anything_take_bounded_work(piece: str) -> None:
    short, long = (piece * (size // len(piece) + 1) for size in (5_000, 10_000))
    parse(long)  # each table is read once, by the first text that needs it

    assert steps(long) <= 2.2 * steps(short) + 100
    assert steps(long) <= 120_000


@pytest.mark.parametrize("text", ["ул. Ленина д. 32", "ленина 32", "проспект Мира 5 кв 1"])
def test_no_city_is_chosen_silently(text: str) -> None:
    """S4-56."""
    city = parse(text).part("city")

    assert "city" not in parse(text)
    assert city is not None
    assert city.needs_choice
    assert {"Москва", "Химки"} <= set(city.candidates)


def test_the_home_city_is_marked_as_assumed() -> None:
    """S4-55."""
    address = parse("ул. Ленина д. 32", HOME)
    city = address.part("city")

    assert address["city"] == "Москва"
    assert "city" in address.assumed
    assert city is not None
    assert city.span is None


def test_a_metro_station_narrows_the_cities() -> None:
    """S4-58."""
    city = parse("м. Купчино, Малая Балканская 26").part("city")

    assert city is not None
    assert city.candidates == ("Санкт-Петербург",)


def test_a_part_tells_the_words_it_came_from() -> None:
    address = parse("спб невский 28 лит а")

    assert address.value("city") == "Санкт-Петербург"
    assert address.words("city") == "спб"
    assert address.words("house") == "28"


def test_remarks_are_kept_apart_from_the_address() -> None:
    """S4-51."""
    assert parse("казань баумана 19, позвонить за час")["comment"] == "позвонить за час"
