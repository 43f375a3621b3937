"""The arithmetic of a repair order, in kopecks: a line is rounded once, and sums are sums of rounded lines.

So what is printed beside each line adds up to what is printed below them, whatever the rates (rule of the print forms).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

THOUSAND = 1000
"""Quantities are in thousandths of their unit."""
WHOLE = 10_000
"""Discounts and rates of VAT are in hundredths of a percent."""


class Amounts(NamedTuple):
    """The sums of a line in kopecks; ``total`` is ``amount`` less the discount and contains ``vat_amount``."""

    amount: int = 0
    discount_amount: int = 0
    total: int = 0
    vat_amount: int = 0


class Summed(Protocol):
    """Anything that has the sums of a line."""

    @property
    def amount(self) -> int: ...
    @property
    def discount_amount(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def vat_amount(self) -> int: ...


def line_amounts(quantity: int, price: int, discount: int = 0, vat: int = 0) -> Amounts:
    """The sums of a line.

    :param quantity: thousandths of the unit, not below zero.
    :param price: kopecks a unit, VAT included, not below zero.
    :param discount: hundredths of a percent, 0 to 10 000.
    :param vat: hundredths of a percent, contained in the price.
    """
    amount = _halves_up(quantity * price, THOUSAND)
    reduction = _halves_up(amount * discount, WHOLE)
    total = amount - reduction
    return Amounts(amount, reduction, total, _halves_up(total * vat, WHOLE + vat))


def sum_of(lines: Iterable[Summed]) -> Amounts:
    """The sums below the lines."""
    sums = Amounts()
    for line in lines:
        sums = Amounts(
            sums.amount + line.amount,
            sums.discount_amount + line.discount_amount,
            sums.total + line.total,
            sums.vat_amount + line.vat_amount,
        )
    return sums


def _halves_up(dividend: int, divisor: int) -> int:
    """The quotient of two numbers that are not below zero, halves rounded up as accounting does."""
    return (2 * dividend + divisor) // (2 * divisor)
