"""Passwords that are guessed first (SEC-14): told by rule, not by a list of somebody's leaked passwords.

The commonest passwords are a well-known word or name with a few digits, a walk over the keyboard,
a repetition or a date. The rules cover these in Russian and English and in either layout, so
«Gfhjkm2024!» (пароль typed without switching) is found as well. The lists of the commonest passwords
are looked through by ``guessing``; an instance may add a list of its own: see ``Passwords``.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from core.access.obvious_words import WORDS

_LATIN_KEYS = "`qwertyuiop[]asdfghjkl;'zxcvbnm,./"
_CYRILLIC_KEYS = "ёйцукенгшщзхъфывапролджэячсмитьбю."
_TO_CYRILLIC = str.maketrans(_LATIN_KEYS, _CYRILLIC_KEYS)
_TO_LATIN = str.maketrans(_CYRILLIC_KEYS[:-1], _LATIN_KEYS[:-1])
_SPELLED = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh sch _ y _ e yu ya".replace("_", "").split(" "),
        strict=True,
    )
)
_TRANSLIT = str.maketrans(_SPELLED)
_SWAPPED = str.maketrans("013457@$!", "oieastasi")

_KEYBOARD = ("1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./")
_PLACES = {key: (row, column) for row, keys in enumerate(_KEYBOARD) for column, key in enumerate(keys)}
_KEYPAD = {key: divmod(index, 3) for index, key in enumerate("789456123")}

_ANALYSED = 64
_SHORT_AFFIX = 5
_RUN = 3


@cache
def _words() -> frozenset[str]:
    """The words as they are looked up: spelled in Latin letters, so both scripts and layouts meet."""
    return frozenset(spelled for word in WORDS.split() for spelled in (word, word.translate(_TRANSLIT)))


def readings(text: str) -> set[str]:
    """What a text may have been meant as: as typed, in the other layout, and all of it in Latin letters."""
    typed = text.casefold().replace("ё", "е")
    layouts = {typed, typed.translate(_TO_CYRILLIC), typed.translate(_TO_LATIN)}
    return layouts | {layout.translate(_TRANSLIT) for layout in layouts}


def to_latin_keys(text: str) -> str:
    """The same keys with the Latin layout on."""
    return text.casefold().translate(_TO_LATIN)


def obvious(password: str) -> bool:
    """Whether a password is among the first anybody would try."""
    folded = password.casefold()
    if len(set(folded)) < 4 or _repeated(folded):
        return True
    if len(folded) > _ANALYSED:
        return False
    return _pattern(folded) or _date_or_phone(folded) or _word_with_affix(folded)


def _pattern(text: str) -> bool:
    """A walk, in either layout, or two woven into each other (``a1b2c3d4``)."""
    typed = text.translate(_TO_LATIN)
    woven = len(text) >= 2 * _RUN and all(_walk(part, spare=0) for part in (typed[::2], typed[1::2]))
    return _walk(text) or _walk(typed) or woven


def _repeated(text: str) -> bool:
    """``abcabc``, ``12341234``: the text is a shorter one said again (it occurs in itself, shifted)."""
    period = (text + text).find(text, 1)
    return period < len(text) and period <= 12


def _walk(text: str, spare: int = 2) -> bool:
    """All but ``spare`` characters are in runs of neighbouring keys, of the alphabet, or of one character."""
    covered, run = 0, 1
    for step in [*(_adjacent(left, right) for left, right in pairwise(text)), False]:
        if step:
            run += 1
            continue
        covered += run if run >= _RUN else 0
        run = 1
    return covered >= max(len(text) - spare, _RUN)


def _adjacent(left: str, right: str) -> bool:
    if abs(ord(left) - ord(right)) <= 1:
        return True
    return any(_neighbours(places.get(left), places.get(right)) for places in (_PLACES, _KEYPAD))


def _neighbours(here: tuple[int, int] | None, there: tuple[int, int] | None) -> bool:
    if here is None or there is None:
        return False
    return abs(here[0] - there[0]) <= 1 and abs(here[1] - there[1]) <= 1


def _date_or_phone(text: str) -> bool:
    """Digits alone that are a day (with a year of the last or this century) or a Russian phone number."""
    digits = re.sub(r"[\s./()+-]", "", text)
    day = r"(0[1-9]|[12]\d|3[01])"
    month = r"(0[1-9]|1[0-2])"
    year = r"(19|20)\d\d"
    forms = (day + month + year, month + day + year, year + month + day, year + day + month, r"[78]?9\d{9}")
    return digits.isdigit() and any(re.fullmatch(form, digits) for form in forms)


def _word_with_affix(text: str) -> bool:
    """A well-known word, or two, with a few characters or an easy number around it."""
    return any(_core_is_known(form) for reading in readings(text) for form in (reading, _unswapped(reading)))


def _unswapped(text: str) -> str:
    """``p@ssw0rd12`` read as ``password12``: signs that stand for letters, digits at the end left alone."""
    body = text.rstrip("0123456789!")
    return body.translate(_SWAPPED) + text[len(body) :]


def _core_is_known(text: str) -> bool:
    letters = re.search(r"[^\W\d_](?:.*[^\W\d_])?", text)
    if letters is None:
        return False
    core = "".join(letter for letter in letters.group() if letter.isalpha())
    affix = text[: letters.start()] + text[letters.end() :]
    easy = len(affix) <= _SHORT_AFFIX or _walk(affix) or _repeated(affix) or _date_or_phone(affix)
    return easy and (core in _words() or _two_words(core))


def _two_words(core: str) -> bool:
    return any(core[:cut] in _words() and core[cut:] in _words() for cut in range(3, len(core) - 2))
