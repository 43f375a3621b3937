"""Phone numbers: every spelling is one number, any text is harmless, the fast path agrees with the library (X-04)."""

from __future__ import annotations

import subprocess
import sys

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.text.phones import MAX_MATERIAL, format_phone, last7, parse_phone, phone_query

NUMBER = "+79257184233"
SPELLINGS = (
    "89257184233",
    "8 (925) 718-42-33",
    "+7(925)7184233",
    "9257184233",
    "79257184233",
    "810 7 925 718 42 33",
)

mobiles = st.from_regex(r"9[0-24-9][0-9]{8}", fullmatch=True)


def spellings_of(national: str) -> list[str]:
    """The ways people, exchanges and address books write a Russian number."""
    a, b, c, d = national[:3], national[3:6], national[6:8], national[8:]
    return [
        f"8{national}",
        f"7{national}",
        f"+7{national}",
        national,
        f"8 ({a}) {b}-{c}-{d}",
        f"+7 ({a}) {b} {c} {d}",
        f"+7({a}){b}{c}{d}",
        f"({a}) {b}-{c}-{d}",
        f"810 7 {a} {b} {c} {d}",
        f"8.{a}.{b}.{c}.{d}",
        f"8–{a}–{b}–{c}–{d}",
        f"\u202a+7\u00a0{a}\u00a0{b}\u2011{c}\u2011{d}\u202c",
        f"Виктор, 8-{a}-{b}-{c}-{d}",
        f"8-{a}-{b}-{c}-{d} Виктор",
        f"{a} {b} {c} {d} доб. 12",
        f"tel:+7{national};ext=12",
        f"sip:8{national}@pbx",
        f"2 машины 8{national}",
        f"12.03.2025 8{national}",
    ]


@pytest.mark.parametrize("text", SPELLINGS)
def test_six_spellings_are_one_number(text: str) -> None:
    """X-04, the first row of the table of spellings."""
    phone = parse_phone(text)
    assert phone is not None
    assert (phone.e164, phone.last7, phone.raw) == (NUMBER, "7184233", text)
    assert (phone.mobile, phone.foreign, phone.extension) == (True, False, None)


@pytest.mark.parametrize(
    ("text", "e164", "extension"),
    [
        ("(925) 718-42-33 доб. 12", NUMBER, "12"),
        ("8 925 718 42 33 доб.12", NUMBER, "12"),
        ("8 925 718 42 33, добавочный 12", NUMBER, "12"),
        ("8 925 718 42 33 (доб. 12)", NUMBER, "12"),
        ("+7 925 718-42-33 ext 12", NUMBER, "12"),
        ("+7 925 718-42-33 x12", NUMBER, "12"),
        ("+7 925 718-42-33 вн. 12", NUMBER, "12"),
        ("8-925-718-42-33 Виктор", NUMBER, None),
        ("8-925-718-42-33 X5", NUMBER, None),
        ("Виктор 8-925-718-42-33", NUMBER, None),
        ("8 925 718-42-33, 8 926 111-22-33", NUMBER, None),
        ("8 800 555-35-35", "+78005553535", None),
        ("+375291234567", "+375291234567", None),
        ("375291234567", "+375291234567", None),
        ("8 10 375 29 1234567", "+375291234567", None),
        ("77011234567", "+77011234567", None),
    ],
)
def test_table_of_spellings(text: str, e164: str, extension: str | None) -> None:
    """X-04: extensions, names, toll-free and foreign numbers."""
    phone = parse_phone(text)
    assert phone is not None
    assert (phone.e164, phone.extension) == (e164, extension)


@pytest.mark.parametrize(
    "text",
    [
        "718-42-33",
        "02",
        "007 925 7184233",
        "anonymous",
        "",
        " ",
        "+",
        "+7",
        "8 925 718-42-3",
        "8 925 718 42 33 44 55",
        "9" * 10000,
        "+" * 10000,
        "8 925 " * 1000,
        "1" * (MAX_MATERIAL + 1),
    ],
)
def test_no_number_is_no_error(text: str) -> None:
    assert parse_phone(text) is None


def test_local_number_needs_the_area_code() -> None:
    assert parse_phone("718-42-33") is None
    local = parse_phone("718-42-33 Пётр", area_code="495")
    assert local is not None
    assert (local.e164, local.mobile) == ("+74957184233", False)
    shorter = parse_phone("12-34-56", area_code="4852")
    assert shorter is not None
    assert shorter.e164 == "+74852123456"
    assert parse_phone("12-34-56", area_code="495") is None


def test_foreign_and_mobile_are_told() -> None:
    """S4-40: a number from another country is known as one."""
    flags = {
        text: (phone.foreign, phone.mobile)
        for text in ("+375291234567", "+77011234567", "+74951234567", "88005553535", NUMBER)
        if (phone := parse_phone(text))
    }
    assert flags == {
        "+375291234567": (True, True),
        "+77011234567": (True, True),
        "+74951234567": (False, False),
        "88005553535": (False, False),
        NUMBER: (False, True),
    }


def test_raw_can_be_stored() -> None:
    """No NUL for PostgreSQL, no lone surrogate for the encoder, no bidi marks for the reader."""
    phone = parse_phone("\u202e8\xa0925\u200b7184233\x00\ud800" + "ы" * 500)
    assert phone is not None
    assert phone.e164 == NUMBER
    assert phone.raw.isprintable()
    assert len(phone.raw) <= 100
    phone.raw.encode()


@given(mobiles)
def test_every_spelling_of_a_mobile_number(national: str) -> None:
    parsed = {spelling: parse_phone(spelling) for spelling in spellings_of(national)}
    assert {spelling: phone and phone.e164 for spelling, phone in parsed.items()} == dict.fromkeys(
        parsed, f"+7{national}"
    )


def library_reading(text: str) -> tuple[str, bool, bool] | None:
    try:
        number = phonenumbers.parse(text, "RU")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    mobile = phonenumbers.number_type(number) in (
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    )
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return e164, phonenumbers.region_code_for_number(number) != "RU", mobile


def our_reading(text: str) -> tuple[str, bool, bool] | None:
    phone = parse_phone(text)
    return phone and (phone.e164, phone.foreign, phone.mobile)


@given(
    st.sampled_from(["", "8", "7", "+7", "+", "810", "8107"]),
    st.from_regex(r"[0-9]{10}", fullmatch=True),
)
@example("", "9300000000")
@example("8", "9300508123")
@example("", "8121234567")
@example("", "7011234567")
def test_fast_path_agrees_with_the_library(prefix: str, digits: str) -> None:
    text = prefix + digits
    assert our_reading(text) == library_reading(text)


@pytest.mark.parametrize("prefix", ["", "8", "+7"])
def test_every_code_agrees_with_the_library(prefix: str) -> None:
    """All thousand codes, so that no range of the plan is left to chance."""
    texts = [f"{prefix}{code:03}{rest}" for code in range(1000) for rest in ("0001234", "1234567", "9876543")]
    assert [our_reading(text) for text in texts] == [library_reading(text) for text in texts]


def test_russian_numbers_do_not_load_the_library() -> None:
    code = (
        "import sys; from core.text.phones import *\n"
        f"for text in {[*SPELLINGS, '8 800 555-35-35', '+7 495 123-45-67', '8 (812) 123-45-67 доб. 3']!r}:\n"
        "    assert format_phone(parse_phone(text).e164) and phone_query(text).e164\n"
        "phone_query('718-42'); parse_phone('anonymous'); parse_phone('718-42-33', area_code='495')\n"
        "assert 'phonenumbers' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr == ""


@given(st.text(max_size=300) | st.text("0123456789+() -.доб,x#", max_size=300))
@example("+" * 3000 + "8")
@example("1 " * 5000)
@example("٨٩٢٥٧١٨٤٢٣٣")
def test_any_text_is_harmless(text: str) -> None:
    phone = parse_phone(text, area_code="495")
    assert phone is None or phonenumbers.is_valid_number(phonenumbers.parse(phone.e164))
    assert phone is None or parse_phone(phone.e164).e164 == phone.e164
    asked = phone_query(text)
    assert asked is None or asked.e164 or asked.inside
    assert isinstance(format_phone(text), str)


@pytest.mark.parametrize(
    ("e164", "shown"),
    [
        ("+79031234567", "+7 903 123-45-67"),
        ("+78005553535", "+7 800 555-35-35"),
        ("+375291234567", "+375 29 123-45-67"),
        ("+77011234567", "+7 701 123 4567"),
        ("not a number", "not a number"),
        ("", ""),
        ("+9999999", "+9999999"),
    ],
)
def test_format(e164: str, shown: str) -> None:
    assert format_phone(e164) == shown


@given(mobiles)
def test_format_reads_back(national: str) -> None:
    shown = parse_phone(format_phone(f"+7{national}"))
    assert shown is not None
    assert shown.e164 == f"+7{national}"


@pytest.mark.parametrize("text", [*SPELLINGS, "8-925-718-42-33 Виктор", "(925) 718-42-33 доб. 12"])
def test_query_in_any_spelling_is_equality(text: str) -> None:
    """S2-26, X-04: the whole number, however typed."""
    asked = phone_query(text)
    assert asked is not None
    assert (asked.e164, asked.tail, asked.inside) == (NUMBER, None, ())


@pytest.mark.parametrize("text", ["4233", "42-33", "718-42-33", "57184233", "(25) 718 42 33", "925 718-42-33"])
def test_query_by_last_digits(text: str) -> None:
    """S2-26: four digits and more, as read from a display; another number with them inside is found as well."""
    asked = phone_query(text)
    assert asked is not None
    assert asked.matches(NUMBER)
    assert asked.e164 == NUMBER or asked.tail == asked.inside[0] == "".join(filter(str.isdigit, text))
    assert not asked.matches("+79257184234")


@given(mobiles, st.data())
def test_query_finds_the_number_at_every_keystroke(national: str, data: st.DataObject) -> None:
    """From the third digit on, whichever way of writing was begun."""
    spelling = data.draw(st.sampled_from([f"+7{national}", f"8{national}", f"7{national}", national, national[3:]]))
    for length in range(5, len(spelling) + 1):
        asked = phone_query(spelling[:length])
        assert asked is not None
        assert asked.matches(f"+7{national}"), (spelling[:length], asked)


@pytest.mark.parametrize("text", ["", "12", "Иванов", "а123вс77", "Иванов 4233", "1" * 16])
def test_query_about_something_else(text: str) -> None:
    assert phone_query(text) is None


def test_last7() -> None:
    assert last7(NUMBER) == "7184233"
