"""Numbers as people type them (SEC-30)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.web.typed_numbers import scaled, typed


def test_a_number_is_read_as_people_write_it() -> None:
    assert scaled("price", "1 250,50 ₽", 100) == 125_050
    assert scaled("price", " ", 100) is None


@pytest.mark.parametrize(
    ("text", "scale", "said"),
    [
        ("0.001", 100, "kopecks are the smallest part"),
        ("0,0001", 1000, "three digits"),
        ("1,5", 1, "Whole numbers"),
        ("99999999999999", 1000, "too much"),
        ("ten", 100, "no number"),
    ],
)
def test_a_refusal_says_what_is_wrong_with_the_number(text: str, scale: int, said: str) -> None:
    with pytest.raises(Invalid, match="Check") as refused:
        scaled("quantity", text, scale)
    assert said in refused.value.errors["quantity"][0]


@pytest.mark.parametrize("text", ["9e999999", "-9e999999", "1e-999999", "1,234", "nan", "inf", "ten", "9" * 20])
def test_what_is_none_is_refused_at_its_field(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        scaled("price", text, 100)
    assert list(refused.value.errors) == ["price"]


def test_a_number_is_shown_as_it_is_typed() -> None:
    assert [typed(1_250_500, 1000, language) for language in ("ru", "en")] == ["1250,5", "1250.5"]
    assert typed(-500, 100, "ru") == "-5"
    assert typed(None, 100, "en") == ""
    assert scaled("amount", "−5,5", 100) == -550


@pytest.mark.parametrize("language", ["ru", "en"])
@given(number=st.integers(-(10**12), 10**12), scale=st.sampled_from([1, 100, 1000]))
def test_what_is_shown_is_read_as_the_same_number(number: int, scale: int, language: str) -> None:
    assert scaled("amount", typed(number, scale, language), scale) == number
