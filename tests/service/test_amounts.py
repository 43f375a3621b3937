"""The sums of a repair order always add up."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from addons.service.services.amounts import Amounts, line_amounts, sum_of

quantities = st.integers(0, 1_000_000)
prices = st.integers(0, 10_000_000_00)
shares = st.integers(0, 10_000)
lines = st.builds(line_amounts, quantities, prices, shares, st.sampled_from([0, 500, 700, 1000, 2000, 2200]))


@given(quantities, prices, shares, shares)
def test_a_line_is_rounded_as_accounting_does(quantity: int, price: int, discount: int, vat: int) -> None:
    found = line_amounts(quantity, price, discount, vat)
    assert found.amount == _rounded(Decimal(quantity) * price / 1000)
    assert found.discount_amount == _rounded(Decimal(found.amount) * discount / 10_000)
    assert found.vat_amount == _rounded(Decimal(found.total) * vat / (10_000 + vat))


@given(st.lists(lines, max_size=200))
def test_what_stands_beside_the_lines_adds_up_to_what_stands_below(found: list[Amounts]) -> None:
    below = sum_of(found)
    assert below == tuple(sum(column) for column in zip(*found, strict=True)) if found else below == Amounts()
    assert below.total == below.amount - below.discount_amount
    assert 0 <= below.vat_amount <= below.total <= below.amount


def test_an_hour_and_a_half_with_a_discount_and_vat() -> None:
    assert line_amounts(1500, 2_500_00, 1_000, 2_200) == Amounts(3_750_00, 375_00, 3_375_00, 608_61)


def _rounded(number: Decimal) -> int:
    return int(number.quantize(Decimal(1), rounding=ROUND_HALF_UP))
