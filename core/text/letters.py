"""Letters across two alphabets and two keyboards: folding, layout, transliteration, look-alikes, sound.

Each rewriting works on one folded word and yields pieces, (what is written, how many characters it stands for),
so that a match found in the rewritten word can be shown in the original one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

Piece = tuple[str, int]
Rewriting = Callable[[str], Iterator[Piece]]

_BREVE = "\u0306"
_DROPPED = frozenset("'’‘ʼʹʺ`´")  # O'Brien is one word, and so is Vasil'ev

_LATIN_KEYS = "`qwertyuiop[]asdfghjkl;'zxcvbnm,.~QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>"
_RUSSIAN_KEYS = "ёйцукенгшщзхъфывапролджэячсмитьбюЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ"
_TO_LATIN_KEYS = str.maketrans(_RUSSIAN_KEYS, _LATIN_KEYS)
_TO_RUSSIAN_KEYS = str.maketrans(_LATIN_KEYS, _RUSSIAN_KEYS)
_SWAPPED_LETTERS = _TO_LATIN_KEYS | {
    key: letter for key, letter in _TO_RUSSIAN_KEYS.items() if chr(key).isalpha() and chr(key).isascii()
}

_SHAPES = dict(zip("авекмнорстух", "abekmhopctyx", strict=True))
_SHAPES_BACK = {latin: cyrillic for cyrillic, latin in _SHAPES.items()}

_SPELLED = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u",
    "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e",
    "ю": "yu", "я": "ya", "і": "i", "є": "ye", "ґ": "g",
}  # fmt: skip
_SOUNDS = _SPELLED | {"й": "i", "х": "h", "ш": "s", "щ": "s", "ы": "i", "ю": "iu", "я": "ia", "є": "e"}

# Latin spellings of one sound, the longer first; what is not listed stands for itself.
_LATIN_SOUNDS: tuple[tuple[str, str], ...] = (
    (r"(?<![aeiouyj])[yj][eo]", "e"),
    (r"shch|sch|sh", "s"),
    (r"ch(?=r)", "k"),
    (r"tch|ch", "ch"),
    (r"zh", "zh"),
    (r"kh", "h"),
    (r"gh", "g"),
    (r"ph", "f"),
    (r"th", "t"),
    (r"ck", "k"),
    (r"tz", "ts"),
    (r"nz$", "nts"),
    (r"qu", "kv"),
    (r"c(?=[eiy])", "s"),
    (r"[cq]", "k"),
    (r"w", "v"),
    (r"x", "ks"),
    (r"[yj]", "i"),
)
_CYRILLIC_SPELLINGS: tuple[tuple[str, str], ...] = (
    (r"shch", "щ"),
    (r"sch|sh", "ш"),
    (r"zh", "ж"),
    (r"kh", "х"),
    (r"ts|tz", "ц"),
    (r"tch|ch", "ч"),
    (r"y[ou]", "ю"),
    (r"ya", "я"),
    (r"ye", "е"),
    (r"(?<=[^aeiouy])y$", "ий"),
    (r"(?<=[aeiou])y|[j]", "й"),
    (r"c(?=[eiy])", "с"),
    (r"ck|[ckq]", "к"),
    (r"x", "кс"),
    (r"[vw]", "в"),
    (r"ph|f", "ф"),
)
_ONE_TO_ONE = dict(zip("abdeghilmnoprstuyz", "абдегхилмнопрстуыз", strict=True))


def _alternatives(rules: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"({pattern})" for pattern, _ in rules) + "|.", re.DOTALL)


_LATIN_SOUND = _alternatives(_LATIN_SOUNDS)
_CYRILLIC_SPELLING = _alternatives(_CYRILLIC_SPELLINGS)


def fold(text: str) -> str:
    """Text as it is compared: lower case, no accents, ё as е, one space for whatever is no letter or digit.

    Marks go (Š is s), but й stays: it is a letter with its own key, not an и with a sign, and dropping it would spell
    corrected names wrong. ё does become е, for people write either. Apostrophes vanish inside words.
    """
    return " ".join("".join(written for written, _ in fold_pieces(text)).split())


def fold_pieces(text: str) -> Iterator[Piece]:
    """The folded form of each character; a separator is a space, runs of them are not yet joined."""
    skip = False
    for char, following in zip(text, text[1:] + " ", strict=False):
        if skip:
            skip = False
        elif following == _BREVE and char in "иИ":
            skip = True
            yield "й", 2
        elif char in _COMMON:
            yield _COMMON[char], 1
        else:
            yield _fold_char(char), 1


def _fold_char(char: str) -> str:
    if char in "йЙ":
        return "й"
    if char in _DROPPED or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return ""
    if char == "№":
        return " "
    bare = _without_marks(_without_marks(char).casefold())
    return "".join(part if part.isalnum() else " " for part in bare if part not in _DROPPED)


def _without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if unicodedata.category(char) not in ("Mn", "Me"))


_COMMON = {char: _fold_char(char) for char in map(chr, (*range(0x20, 0x7F), *range(0x400, 0x460)))}


def is_cyrillic(char: str) -> bool:
    """Whether it is a letter of the Cyrillic block."""
    return "\u0400" <= char <= "\u052f"


def swap_layout(text: str) -> str:
    """What the same keys give in the other layout, ЙЦУКЕН and QWERTY (S2-32).

    Letters go both ways. A punctuation key becomes its Russian letter unless the text has Cyrillic letters already:
    then the comma is a comma. Text of one alphabet swapped twice is itself.
    """
    return text.translate(_SWAPPED_LETTERS if any(map(is_cyrillic, text)) else _TO_RUSSIAN_KEYS)


def has_digit(word: str) -> bool:
    """Whether it is a code rather than a name: a plate, a VIN, a document or part number."""
    return any(char.isdigit() for char in word)


def shape_pieces(word: str) -> Iterator[Piece]:
    """A code with Cyrillic letters as the Latin ones that look the same; a letter without a twin (Б) stays itself."""
    for char in word:
        yield _SHAPES.get(char, char), 1


def all_look_alike(word: str) -> bool:
    """Whether each letter exists in both alphabets: a piece of a plate or a VIN typed in the wrong one."""
    return bool(word) and all(char in _SHAPES for char in word)


def latin_pieces(word: str) -> Iterator[Piece]:
    """A word spelled in Latin letters the way passports and people do: Щукин is shchukin."""
    for char in word:
        yield _SPELLED.get(char, char), 1


def cyrillic_pieces(word: str) -> Iterator[Piece]:
    """A Latin word in Cyrillic letters: ivanov is иванов."""
    for match in _CYRILLIC_SPELLING.finditer(word):
        written = match[0]
        rule = match.lastindex
        yield _CYRILLIC_SPELLINGS[rule - 1][1] if rule else _ONE_TO_ONE.get(written, written), len(written)


def neutral_pieces(word: str) -> Iterator[Piece]:
    """The one Latin form in which both alphabets' spellings of a word meet; of a code, its shapes.

    Шкода, Škoda and Skoda are skoda; Дмитрий, Dmitry and Dmitrii are dmitri; А123ВС and A123BC are a123bc.
    """
    return shape_pieces(word) if has_digit(word) else _without_repeats(_sound_pieces(_unmixed(word)))


def _sound_pieces(word: str) -> Iterator[Piece]:
    for match in _LATIN_SOUND.finditer(word):
        written = match[0]
        rule = match.lastindex
        yield _LATIN_SOUNDS[rule - 1][1] if rule else _SOUNDS.get(written, written), len(written)


def _unmixed(word: str) -> str:
    """A Cyrillic word cleaned of Latin letters typed for the ones that look the same."""
    if not any(map(is_cyrillic, word)):
        return word
    latin = {char for char in word if not is_cyrillic(char)}
    if not latin <= _SHAPES_BACK.keys():
        return word
    return "".join(_SHAPES_BACK.get(char, char) for char in word)


def _without_repeats(pieces: Iterator[Piece]) -> Iterator[Piece]:
    last = ""
    for written, length in pieces:
        kept = ""
        for char in written:
            if char != last:
                kept += char
            last = char
        yield kept, length


def rewrite(text: str, rewriting: Rewriting) -> str:
    """A folded text with each word rewritten; words that leave nothing go."""
    return " ".join(filter(None, (_rewritten(word, rewriting) for word in text.split())))


def _rewritten(word: str, rewriting: Rewriting) -> str:
    """A word's pieces put together; where they are letters, all at once."""
    table = _BY_LETTER.get(shape_pieces if rewriting is neutral_pieces and has_digit(word) else rewriting)
    return "".join([written for written, _ in rewriting(word)]) if table is None else word.translate(table)


_BY_LETTER: dict[Rewriting, dict[int, str]] = {
    latin_pieces: str.maketrans(_SPELLED),
    shape_pieces: str.maketrans(_SHAPES),
}
