"""A text cut into words, numbers and marks that know where they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from addons.delivery.address.layout import folded

Kind = Literal["word", "number", "ordinal", "mark"]

# What lies beyond is no address any more; it stays in the text as typed and is not read.
MOST_TOKENS = 400

_ABBREVIATIONS = [
    "м/м",
    "а/м",
    "а/я",
    "р/п",
    "с/т",
    "з/у",
    "с/о",
    "с/с",
    "с/п",
    "г/п",
    "к/п",
    "д/п",
    "б/ц",
    "т/ц",
    "ж/д",
    "в/ч",
    "н/п",
    "м/р",
    "г/к",
    "п/о",
    "с/пос",
    "а/д",
    "м/р-н",
    "п/з",
    "в/г",
    "ж/к",
    "ж/р",
    "д/ф",
    "п/ст",
    "г/о",
    "д/вл",
    "с/совет",
]
_SECOND_NAMES = "югра|кузбасс|чувашия|алания"  # of a region, after its hyphen
_TOKEN = re.compile(
    rf"""
      (?P<ordinal> \d+ (?: -?(?:ый|ий|ой|й|ая|яя|ое|го|ому|ти|летия|летие|летья|лет) | -?я | -(?:е|ее|х|ых)) (?![^\W\d_]) )
    | (?P<number>  \d+ )
    | (?P<word>    (?<![\d/])(?:{"|".join(sorted(_ABBREVIATIONS, key=len, reverse=True))})(?![^\W\d_])
                 | ростов[ -]?н[/.]?[ ]?д(?![^\W\d_])
                 | с\.\s?-\s?петербург[а-я]*
                 | [^\W\d_]+ (?: [-–‑](?!(?:{_SECOND_NAMES})\b) [^\W\d_]+ )* )
    | (?P<mark>    \S )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DASHES = "-‐‑‒–—−"
_QUOTES = "\"'`«»„“”‚‘’"
_IGNORED = "\u200b\u200e\u200f\ufeff_"
# "10ак2": the last letter before a digit is the word for a block (к) or a building (с).
_GLUED_UNIT = re.compile(r"[а-я][кс]", re.IGNORECASE)


@dataclass(slots=True)
class Token:
    """One word, number or mark of a text.

    :ivar low: the word for comparison: lower case, ё as е, Latin look-alikes as Cyrillic.
    :ivar gap: whether a space stands before it.
    :ivar dot: whether a full stop follows it at once.
    :ivar opens: whether a quotation mark stands before it; ``closes``: after it.
    """

    kind: Kind
    text: str
    low: str
    start: int
    end: int
    gap: bool
    dot: bool = False
    opens: bool = False
    closes: bool = False


def tokenize(text: str) -> list[Token]:
    """The tokens of a text, at most :data:`MOST_TOKENS`; full stops and quotation marks are told by their neighbours."""
    tokens: list[Token] = []
    opens, last = False, 0
    for found in _TOKEN.finditer(text):
        start, end = found.span()
        gap, last = start > last, end
        kind, word = found.lastgroup, found.group()
        if kind == "mark":
            if word == ".":
                if tokens:
                    tokens[-1].dot = True
                continue
            if word in _QUOTES:
                closes = bool(tokens) and not gap and tokens[-1].end == start
                if closes:
                    tokens[-1].closes = True
                opens = not closes
                continue
            if word in _IGNORED:
                continue
            low = "-" if word in _DASHES else ";" if word == "|" else word
            tokens.append(Token("mark", word, low, start, end, gap))
        elif kind == "word":
            _add_word(tokens, text, start, end, gap, opens)
        else:
            tokens.append(Token(kind, word, word.lower(), start, end, gap, opens=opens))  # type: ignore[arg-type]  # a group of _TOKEN
        opens = False
        if len(tokens) >= MOST_TOKENS:
            break
    return tokens


def _add_word(tokens: list[Token], text: str, start: int, end: int, gap: bool, opens: bool) -> None:
    word = text[start:end]
    glued = bool(tokens) and tokens[-1].kind == "number" and tokens[-1].end == start
    if glued and _GLUED_UNIT.fullmatch(word) and text[end : end + 1].isdigit():
        tokens.append(_word(text, start, start + 1, gap, opens))
        start, gap, opens = start + 1, False, False
    tokens.append(_word(text, start, end, gap, opens))


def _word(text: str, start: int, end: int, gap: bool, opens: bool) -> Token:
    word = text[start:end]
    low = folded(word).lower().replace("ё", "е")
    if not low.isalpha():
        low = low.replace("–", "-").replace("‑", "-").replace(".", "").replace(" ", "")
    return Token("word", word, low, start, end, gap, opens=opens)
