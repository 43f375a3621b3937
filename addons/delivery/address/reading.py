"""One address while it is read: its tokens, and which field has claimed which of them."""

from __future__ import annotations

from collections.abc import Sequence

from addons.delivery.address import gazetteer, layout, vocabulary
from addons.delivery.address.result import Part
from addons.delivery.address.tokens import Token, tokenize
from addons.delivery.address.vocabulary import NAME_LEVELS, UNIT_LEVELS, Meaning

_LINKS = frozenset("№:-=#")
_STOPS = frozenset(",;()[]\n")
# Words that a unit's name may be instead of a number.
_FLOOR_WORDS = frozenset(["цокольный", "цоколь", "цок", "подвальный"])


class Reading:
    """Tokens of one text and the fields read so far.

    :ivar tokens: what the text consists of.
    :ivar free: for each token, whether no field has claimed it.
    :ivar units: type words that introduce numbers, by the token they begin at; ``names``: those of names.
    :ivar valued: the units that have a number beside them.
    :ivar quoted: the tokens between quotation marks, but for the first of them.
    :ivar typed: all tokens of type words.
    :ivar parts: the fields found; ``ends``: the token after each of them.
    :ivar aside: tokens that belong to a remark whatever they look like, such as telephones.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.meant = layout.as_meant(text) if layout.is_latin_only(text) and _makes_sense(text) else text
        self.tokens: Sequence[Token] = tokenize(self.meant)
        self.size = len(self.tokens)
        self.free = [token.kind != "mark" for token in self.tokens]
        self.parts: dict[str, Part] = {}
        self.ends: dict[str, int] = {}
        self.aside: set[int] = set()
        self.units: dict[int, Meaning] = {}
        self.names: dict[int, Meaning] = {}
        self.typed: set[int] = set()
        self.valued: set[int] = set()
        self.quoted = _quoted(self.tokens)
        self._classify()

    def _classify(self) -> None:
        at = 0
        while at < self.size:
            at += self._classify_word(at) if self.tokens[at].kind == "word" else 1

    def _classify_word(self, at: int) -> int:
        """Decide which type word begins here, if one does; how many tokens to go on by."""
        if self._is_second_initial(at):
            return 1
        unit = vocabulary.meaning(self.tokens, at, UNIT_LEVELS)
        name = vocabulary.meaning(self.tokens, at, NAME_LEVELS)
        if unit and (name is None or unit.size >= name.size) and self._has_value(at, unit):
            self.units[at] = chosen = self._entry_phone(at) or unit
            self.valued.add(at)
        elif name and self._may_name(at, name):
            self.names[at] = chosen = name
        elif unit and not unit.short:
            self.units[at] = chosen = unit
        else:
            return 1
        self.typed.update(range(at, at + chosen.size))
        return chosen.size

    def _is_second_initial(self, at: int) -> bool:
        """В.И. Ленина, Чернышевского Н.Г.: the second letter is no type word."""
        token = self.tokens[at]
        if at == 0 or len(token.low) != 1 or not token.dot or token.gap or at - 1 in self.typed:
            return False
        before = self.tokens[at - 1]
        return before.kind == "word" and len(before.low) == 1 and before.dot

    def _entry_phone(self, at: int) -> Meaning | None:
        """``дом.`` after a flat is short for домофон: кв. 98, дом. 98."""
        if (
            self.tokens[at].low == "дом"
            and self.tokens[at].dot
            and any(unit.level == "flat" for unit in self.units.values())
        ):
            return Meaning("intercom", "код", 1, False)
        return None

    def _has_value(self, at: int, unit: Meaning) -> bool:
        """Whether a number, or what may stand for one, follows a unit's word, or stands before it where it may."""
        value = self.after_links(at + unit.size)
        if value is not None:
            token = self.tokens[value]
            if token.kind == "number":
                # "с 10 до 13" is a time, not a building.
                return not (token.low.isdigit() and self.low(value + 1) == "до" and unit.short)
            if token.kind == "ordinal":
                return unit.level in vocabulary.BEFORE_TOO or unit.level == "stead"
            if token.kind == "word" and self._is_letter_value(value, unit):
                return True
        if unit.level == "house" and self.low(at + 1) == "," and self.kind(at + 2) == "number":
            return not unit.short or at == 0 or self.tokens[at - 1].kind == "mark"
        if unit.level == "floor" and (self.low(at - 1) in _FLOOR_WORDS or self.low(at + unit.size) in _FLOOR_WORDS):
            return True
        if unit.level == "flat" and self.kind(at - 1) == "number" and not self.tokens[at].gap:
            return True
        return unit.level in vocabulary.BEFORE_TOO and (
            self.kind(at - 1) in ("number", "ordinal") or self.low(at - 1) in vocabulary.ORDINALS
        )

    def _is_letter_value(self, value: int, unit: Meaning) -> bool:
        """Whether a word may be the "number" of a unit: литера А, корпус Б, пом. II, офис А302."""
        token = self.tokens[value]
        if unit.level in ("flat", "room") and vocabulary.is_roman(token.text.lower()):
            return True
        if unit.level == "letter":
            return len(token.low) <= 2 and (not unit.short or len(token.low) == 1)
        if len(token.low) != 1 or unit.level not in ("block", "structure", "flat", "stead"):
            return False
        glued_number = self.kind(value + 1) == "number" and not self.tokens[value + 1].gap
        if unit.level == "flat" or unit.level == "stead":
            return glued_number or (self.low(value + 1) == "-" and self.kind(value + 2) == "number")
        return glued_number or self.is_end(value + 1) or (not unit.short and not token.dot)

    def _may_name(self, at: int, name: Meaning) -> bool:
        """Whether a type word of names is one here: short words need a name beside them."""
        if not name.short or name.level == "street":
            return True
        after, before = self.kind(at + name.size), self.kind(at - 1)
        if name.level == "metro":
            return after == "word" and self._is_metro(at)
        if len(self.tokens[at].low) == 1 and name.size == 1 and name.level == "settlement":
            # с, д, п, х: a village where a name follows at once, or ends the segment after its name.
            if at - 1 in self.names and self.names[at - 1].level == "street":
                return False
            if after == "word" and self.low(at + 1) not in vocabulary.REMARKS:
                return len(self.tokens[at + 1].low) > 2 and (self.tokens[at].dot or self._begins_place(at))
            return before == "word" and self.is_end(at + 1) and self._ends_segment(at)
        return after in ("word", "ordinal", "number") or before in ("word", "ordinal", "number")

    def _ends_segment(self, at: int) -> bool:
        """Whether one to three plain words and this one are a whole segment: Медвежьи Озера д."""
        start = next((at - back for back in (1, 2, 3) if self.is_end(at - back - 1)), None)
        return start is not None and not any(place in self.typed for place in range(start, at))

    def _begins_place(self, at: int) -> bool:
        """Whether a place may begin here: a segment does, or a larger place has just ended."""
        if self.is_end(at - 1):
            return True
        before = self.names.get(at - 1)
        if before is not None and before.level in ("area", "sub_area", "city"):
            return True
        if vocabulary.meaning(self.tokens, at - 1, vocabulary.REGION_TYPES) is not None:
            return True
        return self.tokens[at + 1].text[:1].isupper() and self.tokens[at].text.islower() and self.kind(at - 1) == "word"

    def _is_metro(self, at: int) -> bool:
        """Whether ``м`` is metro: a station follows, or it begins a segment; elsewhere it is an initial."""
        before = self.names.get(at - 1)
        if before is not None and before.level == "street":
            return False
        if gazetteer.stations().at(self.tokens, at + 1) is not None:
            return self.is_end(at - 1) or not self.tokens[at].dot or self.tokens[at + 1].gap
        return self.is_end(at - 1) and self.tokens[at + 1].text[:1].isupper() and self.is_end(at + 2)

    # looking around

    def kind(self, at: int) -> str:
        """The kind of a token, empty beyond the ends."""
        return self.tokens[at].kind if 0 <= at < self.size else ""

    def low(self, at: int) -> str:
        """A token for comparison, empty beyond the ends."""
        return self.tokens[at].low if 0 <= at < self.size else ""

    def is_end(self, at: int) -> bool:
        """Whether a name or number ends before this token: the text does, a comma, a bracket."""
        return not 0 <= at < self.size or self.tokens[at].low in _STOPS

    def is_free(self, at: int) -> bool:
        """Whether there is a token here that nothing has claimed."""
        return 0 <= at < self.size and self.free[at]

    def is_plain(self, at: int) -> bool:
        """Whether here is a free word that may be part of a name: no type word, no remark."""
        return (
            0 <= at < self.size
            and self.free[at]
            and self.tokens[at].kind != "number"
            and at not in self.typed
            and at not in self.aside
            and (
                self.tokens[at].low not in vocabulary.REMARKS or (self.tokens[at].dot and len(self.tokens[at].low) == 1)
            )
        )

    def after_links(self, at: int) -> int | None:
        """The first token from here on that is not №, a colon or a dash; nothing at a comma or the end."""
        for value in range(at, min(at + 3, self.size)):
            if self.tokens[value].low not in _LINKS:
                return None if self.is_end(value) else value
        return None

    # claiming

    def claim(self, start: int, end: int) -> None:
        """Take the tokens from ``start`` up to ``end`` out of what is free."""
        for at in range(start, end):
            self.free[at] = False

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the text the tokens from ``start`` up to ``end`` stand."""
        return self.tokens[start].start, self.tokens[end - 1].end

    def put(self, field: str, value: str, start: int, end: int, confidence: float = 1.0) -> None:
        """Give a field its value, read from the tokens from ``start`` up to ``end``, which are claimed."""
        self.parts[field] = Part(value, self.span(start, end), confidence)
        self.ends[field] = end
        self.claim(start, end)

    def put_type(self, field: str, meaning: Meaning, at: int) -> None:
        """Give a field its type, said by a type word, which is claimed."""
        self.put(f"{field}_type", meaning.type, at, at + meaning.size)

    def has(self, *fields: str) -> bool:
        """Whether one of the fields has been read."""
        return any(field in self.parts for field in fields)

    def value(self, field: str) -> str:
        """A field's value, empty when it has none."""
        part = self.parts.get(field)
        return part.value if part else ""


def _quoted(tokens: Sequence[Token]) -> set[int]:
    """Tokens inside a pair of quotation marks, but for the first."""
    found: set[int] = set()
    start = None
    for at, token in enumerate(tokens):
        if token.opens:
            start = at
        if token.closes and start is not None:
            found.update(range(start + 1, at + 1))
            start = None
    return found


def _makes_sense(text: str) -> bool:
    """Whether a text without Cyrillic letters says something known when read in the Russian layout."""
    tokens = tokenize(layout.as_meant(text))
    for at, token in enumerate(tokens):
        if token.kind != "word" or len(token.low) == 1:
            continue
        if gazetteer.towns().at(tokens, at) or vocabulary.meaning(tokens, at, NAME_LEVELS | UNIT_LEVELS):
            return True
    return False
