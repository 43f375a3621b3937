"""Letters typed in the wrong way: the other keyboard layout, Latin letters that look Cyrillic."""

from __future__ import annotations

import re

_KEYS = str.maketrans(
    "qwertyuiop[]asdfghjkl;'zxcvbnm,.`QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>~?",
    "йцукенгшщзхъфывапролджэячсмитьбюёЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮЁ,",
)
_LOOKALIKES = str.maketrans("ABCEHKMOPTXYaceopxykmhtb", "АВСЕНКМОРТХУасеорхукмнтв")
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_LATIN = re.compile("[a-z]", re.IGNORECASE)
# A comma or full stop that ends a word is what it seems to be; inside one it is a letter (, is б; . is ю).
_END = re.compile(r"[,.;:](?=\s|\d|$)|(?<=\d)[,.;:]")


def as_meant(text: str) -> str:
    """The text as if it had been typed in the Russian layout; each letter keeps its place.

    Marks that end a word stay marks. Meant for a text without a single Cyrillic letter.
    """
    typed = text.translate(_KEYS)
    return "".join(
        kept if _stays(text, at) else letter for at, (kept, letter) in enumerate(zip(text, typed, strict=True))
    )


def _stays(text: str, at: int) -> bool:
    return text[at] in ",.;:" and _END.match(text, at) is not None


def is_latin_only(text: str) -> bool:
    """Whether the text has Latin letters and no Cyrillic one."""
    return _LATIN.search(text) is not None and _CYRILLIC.search(text) is None


def folded(word: str) -> str:
    """A word with Latin letters among Cyrillic ones, or a lone Latin letter, in Cyrillic letters.

    Words wholly in Latin letters stay: they are names (MEGA) or Roman numerals.
    """
    if word.isascii():
        return word.translate(_LOOKALIKES) if len(word) == 1 else word
    return word.translate(_LOOKALIKES)
