"""Numbers as people type them: «1 250,50» roubles, «1,5» hours, «12,5 %»."""

from __future__ import annotations

from decimal import Decimal

from core.errors import Invalid
from core.web.i18n import T

_MOST = Decimal(10) ** 12
_FINEST = {
    100: T("At most two digits after the comma: kopecks are the smallest part."),
    1000: T("At most three digits after the comma."),
}


def scaled(name: str, text: str, scale: int) -> int | None:
    """A number times ``scale``; nothing for an empty field.

    :raises Invalid: at the field, for what is no number, is finer than is kept, or over a million million.
    """
    typed = "".join(text.split()).replace(",", ".").replace("−", "-").rstrip("%₽")
    if not typed:
        return None
    try:
        number = Decimal(typed) * scale
    except ArithmeticError as error:
        raise Invalid({name: [T("This is no number.")]}) from error
    if fault := _fault(number, scale):
        raise Invalid({name: [fault]})
    return int(number)


def _fault(number: Decimal, scale: int) -> str:
    if not number.is_finite():
        return T("This is no number.")
    if abs(number) > _MOST:
        return T("This is too much.")
    return "" if number == number.to_integral_value() else _FINEST.get(scale, T("Whole numbers only."))


def typed(number: int | None, scale: int, language: str) -> str:
    """The number as it is typed in a language: 1500 thousandths are «1,5», in English 1.5."""
    if number is None:
        return ""
    text = f"{(Decimal(number) / scale).normalize():f}"
    return text.replace(".", ",") if language == "ru" else text
