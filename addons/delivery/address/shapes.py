"""What is known by its shape alone: postal codes, telephones, hours."""

from __future__ import annotations

import re

from addons.delivery.address.reading import Reading

# A Russian postal code begins with 1 to 6; six digits that belong to nothing longer.
_POSTAL_CODE = re.compile(r"(?<![\d/#*№)-])[1-6]\d{5}(?![\d/#*]|-\d)")
_TELEPHONE = re.compile(
    r"(?<!\d)(?:\+7|8) ?\(\d{3,5}\) ?\d[\d -]{4,9}|(?<!\d)(?:\+7|8|7)?[ (-]{0,2}\d{3}[ )-]{1,2}\d{3}[ -]?\d{2}[ -]?\d{2}(?!\d)|(?<!\d)(?:\+7|8|7|9)\d{9,10}(?!\d)"
)
_HOURS = re.compile(
    r"(?<!\d)\d{1,2}[:.-]00(?!\d)|(?<![\d/])\d{1,2}:[0-5]\d(?!\d)|\bс \d{1,2} до \d{1,2}\b|\b(?:до|после) \d{1,2}\b(?=\s*(?:$|[,.;)]|час|ч\b))"
)
_CADASTRAL = re.compile(r"(?<!\d)\d{2}:\d{2}:\d{4,7}:\d+")
_WORDS_OF_CODES = frozenset(("код", "домофон", "кв", "тел"))


def read_shapes(reading: Reading) -> None:
    """Claim the postal code, and keep numbers of telephones and hours from being read as houses."""
    text = reading.meant
    _put_postal_code(reading)
    for shape in (_TELEPHONE, _HOURS, _CADASTRAL):
        for found in shape.finditer(text):
            _set_aside(reading, *found.span())


def _put_postal_code(reading: Reading) -> None:
    for at, token in enumerate(reading.tokens):
        if (
            token.kind == "number"
            and _POSTAL_CODE.fullmatch(reading.meant, token.start, token.end)
            and reading.low(at - 1) not in _WORDS_OF_CODES
            and (
                reading.is_end(at - 1)
                or reading.is_end(at + 1)
                or at == 0
                or reading.low(at - 1) == "индекс"
                or token.end - token.start == 6
            )
            and reading.low(at + 1) not in ("#", "*")
        ):
            start = at - 1 if reading.low(at - 1) in ("индекс", "инд") else at
            reading.put("postal_code", token.text, at, at + 1)
            reading.claim(start, at)
            return


def _set_aside(reading: Reading, start: int, end: int) -> None:
    """Mark tokens between two places of the text as part of a remark."""
    for at, token in enumerate(reading.tokens):
        if start <= token.start < end and token.kind != "mark":
            reading.aside.add(at)
