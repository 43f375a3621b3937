"""What a cell means: days, whole numbers, yes and no, numbers of clients and cars. Nothing is guessed silently."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from addons.contacts.services.customers import email_fault
from core import Phone, T, fold, parse_phone

_YES = frozenset(("1", "да", "yes", "y", "true", "истина", "+", "x", "х", "vip", "v"))
_NO = frozenset(("0", "нет", "no", "n", "false", "ложь", "-"))
_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})")
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_CLOCK = re.compile(r"[ T]+(\d{1,2}):(\d{2})(?::\d{2})?")
_WHOLE = re.compile(r"(\d{1,9})(?:[.,]0+)?")
_SUM = re.compile(r"\d{1,10}(?:[.,]\d+)?")
_CURRENCY = re.compile(r"[\s\u00a0\u202f']+|(?:₽|руб(?:лей|ля|ль)?|р|rub)\.?$", re.IGNORECASE)
_UNIT = re.compile(r"[\s\u00a0\u202f']+|(?:км|km|г|год|года)\.?$", re.IGNORECASE)
_EXTENSION = r"(?!\s*(?:доб|вн|ext|#))"
_BETWEEN_PHONES = re.compile(rf"[,;/\n|]+{_EXTENSION}|\s+и\s+|(?<=\d{{10}})\s+(?=\+?\d{{10}})", re.IGNORECASE)
_YEARS = range(1900, 2101)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row cannot be imported: the field, a msgid with its values, and what stands in the cell."""

    target: str
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)
    value: str = ""

    def stored(self) -> list[Any]:
        """The problem as JSON keeps it; :meth:`restored` reads it."""
        return [self.target, str(self.message), dict(self.values), self.value[:200]]

    @classmethod
    def restored(cls, stored: list[Any]) -> Problem:
        """A problem that was kept."""
        return cls(*stored)


class Wrong(Exception):
    """A cell that cannot be understood; the message is a msgid."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message)
        self.message = message
        self.values = values


def whole(text: str, low: int, high: int) -> int:
    """A whole number, with its thousands apart and its unit if need be: ``120 000 км``.

    :raises Wrong: no number, or out of its limits.
    """
    bare = _UNIT.sub("", _UNIT.sub("", text.strip()))
    match = _WHOLE.fullmatch(bare)
    if match is None:
        raise Wrong(T("This is no whole number."))
    number = int(match[1])
    if not low <= number <= high:
        raise Wrong(T("A number from %(low)s to %(high)s."), low=low, high=high)
    return number


def kopecks(text: str) -> int:
    """A sum in roubles, as kopecks: ``12 500,50 ₽``; a spreadsheet's further digits are rounded.

    :raises Wrong: no sum, or below zero.
    """
    bare = _CURRENCY.sub("", _CURRENCY.sub("", text.strip()))
    if _SUM.fullmatch(bare) is None:
        raise Wrong(T("This is no sum of money."))
    return int((Decimal(bare.replace(",", ".")) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def year(text: str) -> int:
    """A model year: ``2019``, ``2019 г.``, or the year of a day.

    :raises Wrong: none of these.
    """
    read = _day_of(text.strip())
    return read.year if read is not None else whole(text, _YEARS.start, _YEARS.stop - 1)


def moment(text: str, zone: ZoneInfo) -> datetime:
    """A day or a moment in the zone: ``1.5.2024``, ``2024-05-01 13:40``; a day begins at midnight.

    :raises Wrong: no day there ever was.
    """
    text = text.strip()
    clock = _CLOCK.search(text)
    day = _day_of(text[: clock.start()] if clock else text)
    if day is None or day.year not in _YEARS:
        raise Wrong(T("This is no day. Write it as 31.12.2024."))
    try:
        at = time(int(clock[1]), int(clock[2])) if clock else time()
    except ValueError as error:
        raise Wrong(T("This is no time of day.")) from error
    return datetime.combine(day, at, tzinfo=zone)


def _day_of(text: str) -> date | None:
    iso, usual = _ISO_DAY.fullmatch(text), _DAY.fullmatch(text)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if usual:
            number = int(usual[3])
            century = 0 if number > 99 else 2000 if number < 70 else 1900
            return date(century + number, int(usual[2]), int(usual[1]))
    except ValueError:
        return None
    return None


def yes_or_no(text: str) -> bool:
    """«Да», «1», «+»; or their opposites.

    :raises Wrong: neither.
    """
    word = text.strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Wrong(T("Write yes or no."))


def one_of(text: str, words: Mapping[str, str]) -> str:
    """The code a word stands for; ``words`` maps folded words to codes.

    :raises Wrong: none of them.
    """
    code = words.get(fold(text))
    if code is None:
        raise Wrong(T("There is no such choice."))
    return code


def email(text: str) -> str:
    """An e-mail address.

    :raises Wrong: none.
    """
    fault = email_fault(text)
    if fault:
        raise Wrong(fault)
    return text


def phones(text: str) -> list[Phone]:
    """The numbers of a cell, whatever separates them; words beside them are left out.

    :raises Wrong: a piece with digits is no number.
    """
    pieces = [piece.strip() for piece in _BETWEEN_PHONES.split(text) if any(map(str.isdecimal, piece))]
    read = [(piece, parse_phone(piece)) for piece in pieces]
    wrong = next((piece for piece, phone in read if phone is None), None)
    if wrong is not None:
        raise Wrong(T("“%(piece)s” is no phone number."), piece=wrong[:60])
    return [phone for _, phone in read if phone is not None]
