"""Numbers as people type them: «1 250,50» roubles, «1,5» hours, «12,5 %»."""

from __future__ import annotations

from decimal import Decimal

from core.errors import Invalid
from core.web.i18n import T

_MOST = Decimal(10) ** 12


def scaled(name: str, text: str, scale: int) -> int | None:
    """A number times ``scale``; nothing for an empty field.

    :raises Invalid: at the field, for what is no number or has more digits than are kept.
    """
    typed = "".join(text.split()).replace(",", ".").replace("−", "-").rstrip("%₽")
    if not typed:
        return None
    try:
        number = Decimal(typed) * scale
    except ArithmeticError as error:
        raise Invalid({name: [T("This is no number.")]}) from error
    if not number.is_finite() or abs(number) > _MOST or number != number.to_integral_value():
        raise Invalid({name: [T("This is no number.")]})
    return int(number)


def typed(number: int | None, scale: int) -> str:
    """The number as it is typed: 1500 thousandths are «1,5»."""
    if number is None:
        return ""
    return f"{(Decimal(number) / scale).normalize():f}".replace(".", ",")
