"""Phone numbers: read in any spelling, stored as E.164, shown grouped, looked up while being typed (X-04).

A valid Russian number is read by rules of this module; everything else asks ``phonenumbers``,
which is imported only then because the import alone takes about 0.1 s.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

MAX_MATERIAL = 40
"""Characters of one written number, separators included, that are read at all (SEC-36)."""

MAX_RAW = 100
"""Characters of :attr:`Phone.raw`."""

MAX_QUERY = 200
"""Characters of a typed text that are looked at."""

_MAX_CANDIDATES = 5
_MIN_DIGITS, _MAX_DIGITS = 5, 17

# Joiners inside one number: space, brackets, dot, all the dashes, and the invisible marks that copying leaves behind.
_JOINERS = r"\s().\-\u00ad\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_MATERIAL = re.compile(rf"[+＋(\s]{{0,4}}\d[\d{_JOINERS}]*")
_EXTENSION = re.compile(
    r"[\s,;(]{0,3}(?:(?:добавочный|доб|внутренний|внутр|вн|extension|ext|#)[\s.:=№#]{0,3}(\d{1,7})"
    r"|[xх]\s?(\d{2,7}))",  # x and one digit is somebody's abbreviation
    re.IGNORECASE,
)
_EXTENSION_WINDOW = 30

# Codes of the Russian numbering plan that are no mobile ones: two digits, and which third digits follow them.
_AREA_CODES = {
    "30": "12", "33": "6", "34": "1235679", "35": "123", "36": "5", "38": "123458", "39": "0145",
    "40": "1", "41": "1356", "42": "13467", "47": "12345", "48": "1234567", "49": "12345689",
    "80": "03489", "81": "12345678", "82": "01", "83": "13456", "84": "012345678", "85": "1567", "86": "01235679",
    "87": "123789",
}  # fmt: skip
_PARTLY_USED_MOBILE = "9300"
# Neighbours whose exchanges hand the caller's number over without the plus; too long to be a Russian number.
_NEIGHBOUR = re.compile(r"(?:375|380|99[2-68])\d{9}")


@dataclass(frozen=True, slots=True)
class Phone:
    """A valid number as it is stored: E.164, the extension's digits, what was written, the last seven digits."""

    e164: str
    extension: str | None
    raw: str
    last7: str
    foreign: bool
    mobile: bool


@dataclass(frozen=True, slots=True)
class PhoneQuery:
    """What to look for in stored E.164 numbers; a number is found if any of the three holds.

    ``e164`` equals it, ``tail`` (4 to 10 digits) ends it, or one of ``inside`` occurs in it, the likeliest first.
    ``tail`` is always one of ``inside`` too: an index on parts needs ``inside`` alone.
    """

    e164: str | None
    tail: str | None
    inside: tuple[str, ...]

    def matches(self, e164: str) -> bool:
        """Whether a stored number is among those meant."""
        ends = self.tail is not None and e164.endswith(self.tail)
        return e164 == self.e164 or ends or any(digits in e164 for digits in self.inside)


@dataclass(frozen=True, slots=True)
class _Written:
    """One number cut out of a text: whether a plus stood before it, its ASCII digits, its extension."""

    plus: bool
    digits: str
    extension: str | None


@dataclass(frozen=True, slots=True)
class _Number:
    e164: str
    foreign: bool
    mobile: bool


def parse_phone(raw: str, *, region: str = "RU", area_code: str | None = None) -> Phone | None:
    """Read the first valid number in a text, names and extensions around it allowed; None if there is none.

    Five to seven digits count only with ``area_code``, the dealership's own city code.
    Any text is taken, never an error (X-04).
    """
    for written in _written_numbers(raw):
        number = _read(written, region, area_code)
        if number is not None:
            return Phone(
                e164=number.e164,
                extension=written.extension,
                raw=_printable(raw),
                last7=last7(number.e164),
                foreign=number.foreign,
                mobile=number.mobile,
            )
    return None


def last7(e164: str) -> str:
    """The digits a local caller would dial, for matching numbers known without their city code."""
    return e164[-7:]


def format_phone(e164: str) -> str:
    """A stored number for the eye: ``+7 903 123-45-67``, foreign ones in their international style.

    What is not a stored number comes back as it is.
    """
    if re.fullmatch(r"\+7[3489][0-9]{9}", e164):
        return f"{e164[:2]} {e164[2:5]} {e164[5:8]}-{e164[8:10]}-{e164[10:]}"
    if re.fullmatch(r"\+[1-9][0-9]{5,14}", e164):
        return _international_style(e164)
    return e164


def phone_query(text: str, *, region: str = "RU") -> PhoneQuery | None:
    """What to look up for a typed text (S2-26): a whole number, or its part while it is being typed.

    None if the text is about something else: letters without a whole number, fewer than three digits.
    """
    text = text[:MAX_QUERY]
    phone = parse_phone(text, region=region)
    plus = text.lstrip().startswith(("+", "＋"))
    digits = _ascii_digits(text)
    if phone is not None:
        # A foreign number may be valid before its end is typed, and so may ten digits that begin like a trunk code.
        begun = not plus and len(digits) == 10 and digits[0] in "78"
        inside = ((phone.e164[1:],) if phone.foreign else ()) + (_inside(digits) if begun else ())
        return PhoneQuery(phone.e164, None, inside)
    if any(letter.isalpha() for letter in text) or not 3 <= len(digits) <= 15:
        return None
    if plus:
        return PhoneQuery(None, None, (digits,))
    return PhoneQuery(None, digits if 4 <= len(digits) <= 10 else None, _inside(digits))


def _inside(digits: str) -> tuple[str, ...]:
    """Typed digits as they would stand in E.164: as typed, after the trunk 8, after the 810 or 00 of a call abroad."""
    readings = [digits]
    if digits.startswith("8") and len(digits) >= 4:
        readings.append("7" + digits[1:])
    abroad = re.match(r"810|00", digits)
    if abroad and len(digits) >= abroad.end() + 3:
        readings.append(digits[abroad.end() :])
    return tuple(readings)


def _printable(raw: str) -> str:
    """What was written as it can be stored and shown: no control or bidi characters, no lone surrogates."""
    return " ".join("".join(char if char.isprintable() else " " for char in raw).split())[:MAX_RAW]


def _ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(char)) for char in text if char.isdecimal())


def _written_numbers(text: str) -> Iterator[_Written]:
    """Cut the text into at most five runs that can be numbers; each whole, then its longer words."""
    runs = 0
    for match in _MATERIAL.finditer(text):
        digits = _ascii_digits(match[0]) if len(match[0].strip()) <= MAX_MATERIAL else ""
        if len(digits) < _MIN_DIGITS:
            continue
        runs += 1
        if runs > _MAX_CANDIDATES:
            return
        extension = _extension_after(text, match.end())
        if len(digits) <= _MAX_DIGITS:
            yield _Written(_has_plus(match[0]), digits, extension)
        yield from _long_words(match[0], extension)


def _long_words(material: str, extension: str | None) -> Iterator[_Written]:
    """Words that are whole numbers by themselves: a date or an ordinal may stand beside the number."""
    words = material.split()
    if len(words) < 2:
        return
    for word in words:
        digits = _ascii_digits(word)
        if 10 <= len(digits) <= _MAX_DIGITS:
            yield _Written(_has_plus(word), digits, extension)


def _has_plus(material: str) -> bool:
    return "+" in material or "＋" in material


def _extension_after(text: str, end: int) -> str | None:
    match = _EXTENSION.match(text[end : end + _EXTENSION_WINDOW])
    return _ascii_digits(match[1] or match[2]) if match else None


def _read(written: _Written, region: str, area_code: str | None) -> _Number | None:
    if len(written.digits) < 10:
        return _read_local(written, region, area_code)
    if region == "RU":
        national = _russian_national(written)
        if national is not None:
            return _Number("+7" + national, foreign=False, mobile=national[0] == "9")
    return _read_with_library(written, region)


def _read_local(written: _Written, region: str, area_code: str | None) -> _Number | None:
    """A number without its city code; a short number with its country's code is the library's."""
    if written.plus:
        return _read_with_library(written, region)
    code = _ascii_digits(area_code or "")
    if not code or not 5 <= len(written.digits) <= 7 or len(code) + len(written.digits) != 10:
        return None
    return _read(_Written(plus=False, digits=code + written.digits, extension=None), region, None)


def _russian_national(written: _Written) -> str | None:
    """The ten national digits if they are surely a valid Russian number, else None: the library decides."""
    digits = written.digits
    if len(digits) == 11 and (digits[0] == "7" or (digits[0] == "8" and not written.plus)):
        digits = digits[1:]
    elif len(digits) == 14 and digits.startswith("8107") and not written.plus:
        digits = digits[4:]
    elif written.plus:
        return None
    if len(digits) != 10:
        return None
    mobile = digits[0] == "9" and not digits.startswith(_PARTLY_USED_MOBILE)
    return digits if mobile or digits[2] in _AREA_CODES.get(digits[:2], "") else None


def _read_with_library(written: _Written, region: str) -> _Number | None:
    import phonenumbers

    plus = written.plus or _NEIGHBOUR.fullmatch(written.digits) is not None
    try:
        parsed = phonenumbers.parse("+" + written.digits if plus else written.digits, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    kind = phonenumbers.number_type(parsed)
    return _Number(
        phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164),
        foreign=phonenumbers.region_code_for_number(parsed) != region,
        mobile=kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE),
    )


def _international_style(e164: str) -> str:
    import phonenumbers

    try:
        parsed = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
