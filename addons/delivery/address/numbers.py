"""Houses, flats and all else that is a number: д. 31А к2 стр. 1, кв. 5, 2-й подъезд, 78 км."""

from __future__ import annotations

import re

from addons.delivery.address import vocabulary
from addons.delivery.address.places import clean_name
from addons.delivery.address.reading import Reading
from addons.delivery.address.vocabulary import BEFORE_TOO, NUMBERED, Meaning, is_adjective

# Parts of a house's number; a bare number after one of them is a flat.
_HOUSE_FIELDS = frozenset(("house", "block", "structure", "letter"))
# A letter after a space that is more likely a word: 5 в ТЦ, 7 у метро.
_PREPOSITIONS = frozenset(["в", "с", "у", "к", "и", "о"])
# House numbers this far apart are one house on two plots (62-64); others are house and flat (17-19 is not: rule 6).
_DOUBLE_HOUSE = 2
_MOST_TIED = 2
_WORDS_OF_PLACE = frozenset(
    ["street", "territory", "settlement", "city", "metro", "area", "sub_area", "km", "city_district"]
)
_NUMERIC = re.compile(r"\d+")
_LONGEST_CODE = 8
_CODE_LINKS = frozenset(["№", ":", "-", "=", "набрать", "набирать", "наберите", "номер", "вызов"])


def read_units(reading: Reading) -> None:
    """All numbers of an address, from left to right."""
    at = 0
    marked_flat = any(unit.level == "flat" for unit in reading.units.values())
    while at < reading.size:
        if not reading.free[at] or at in reading.aside:
            at += 1
        elif at in reading.units:
            at = _read_marked(reading, at, reading.units[at])
        elif reading.tokens[at].kind in ("number", "ordinal"):
            at = _read_bare(reading, at, marked_flat)
        else:
            at += 1
    _settle_lone_block(reading)


# numbers after their word


def _read_marked(reading: Reading, at: int, unit: Meaning) -> int:
    """A unit's word with its value after it; where to read on."""
    after = at + unit.size
    if unit.level == "intercom":
        return _read_code(reading, at, unit)
    if unit.level in BEFORE_TOO and (end := _in_words(reading, at, unit)):
        return end
    value = reading.after_links(after)
    if value is None and unit.level == "house" and reading.low(after) == ",":
        value = after + 1
    if value is None or not reading.is_free(value) or value in reading.aside or reading.kind(value) == "mark":
        return after
    if unit.level == "floor" and reading.low(value - 1) == "-" and reading.kind(value) == "number":
        _put_unit(reading, unit, at, "-" + reading.low(value), value, value + 1)
        return value + 1
    text, end = _value(reading, value, unit)
    if not text:
        return after
    if unit.level == "house":
        return _put_house(reading, value, unit, at)
    _put_unit(reading, unit, at, text, value, end)
    return end


def _value(reading: Reading, at: int, unit: Meaning) -> tuple[str, int]:
    """The value of a unit that begins at a token, and where it ends."""
    token = reading.tokens[at]
    if token.kind == "ordinal":
        found = _NUMERIC.match(token.low)
        return (found.group() if found else "", at + 1)
    if token.kind == "number":
        return _number(reading, at, unit.level)
    if unit.level in ("flat", "room") and vocabulary.is_roman(token.text.lower()):
        return token.text.upper(), at + 1
    if unit.level == "letter" and len(token.low) <= 2:
        return _lettered(reading, at)
    if len(token.low) == 1 and unit.level in ("block", "structure", "flat", "stead", "room", "letter"):
        return _lettered(reading, at)
    return "", at


def _lettered(reading: Reading, at: int) -> tuple[str, int]:
    """А, А1, Б-12."""
    text, end = reading.low(at).upper(), at + 1
    hyphen = reading.low(end) == "-"
    number = end + hyphen
    if reading.kind(number) == "number" and not reading.tokens[number].gap and not reading.tokens[end].gap:
        return text + ("-" if hyphen else "") + reading.low(number), number + 1
    return text, end


def _number(reading: Reading, at: int, level: str) -> tuple[str, int]:
    """A number with what is tied to it: 31А, 31-а, 12/А, 5/2, 93 б, 14 «г», 2.15, 12Н; for flats also 1-5."""
    text, end = reading.tokens[at].low, at + 1
    for _ in range(4):
        piece, after = _piece(reading, end, level)
        if after == end:
            break
        text, end = text + piece, after
    return text, end


def _piece(reading: Reading, at: int, level: str) -> tuple[str, int]:
    """What is tied to a number at this place, and where it ends; nothing and the place itself otherwise."""
    if at >= reading.size or at in reading.aside:
        return "", at
    token = reading.tokens[at]
    if token.kind == "word":
        return (token.low.upper(), at + 1) if reading.free[at] and _is_house_letter(reading, at, level) else ("", at)
    if token.kind == "number":
        return ("." + token.low, at + 1) if _is_decimal(reading, at, level) else ("", at)
    if token.low in ("/", "-") and reading.is_free(at + 1) and at + 1 not in reading.aside:
        return _tied_by_mark(reading, at, level)
    return "", at


def _is_decimal(reading: Reading, at: int, level: str) -> bool:
    """Whether a number follows the one before it over a full stop: корп. 12.2."""
    before, token = reading.tokens[at - 1], reading.tokens[at]
    return before.dot and token.start == before.end + 1 and level not in BEFORE_TOO


def _tied_by_mark(reading: Reading, at: int, level: str) -> tuple[str, int]:
    """5/2, 12/А, 31-а; for all but houses also 1-5."""
    mark, following = reading.tokens[at], reading.tokens[at + 1]
    is_letter = following.kind == "word" and len(following.low) == 1
    if mark.low == "/":
        if following.kind == "number" or is_letter:
            return "/" + following.low.upper(), at + 2
    elif not mark.gap and not following.gap:
        if is_letter:
            return following.low.upper(), at + 2
        if following.kind == "number" and level not in ("house", "km", "entrance"):
            return "-" + following.low, at + 2
    return "", at


def _is_house_letter(reading: Reading, at: int, level: str) -> bool:
    token = reading.tokens[at]
    if len(token.low) != 1 or not ("а" <= token.low <= "я"):
        return level == "flat" and not token.gap and token.low == "н"
    if at in reading.units or level in ("entrance", "floor", "km"):
        return False
    if not token.gap or token.opens:
        return True
    if level not in ("house", "block", "structure", "stead"):
        return False
    if (token.low in _PREPOSITIONS and reading.is_plain(at + 1)) or reading.low(at + 1) in vocabulary.REMARKS:
        return False
    return at not in reading.names or reading.names[at].level == "city" or reading.is_end(at + 1)


def _in_words(reading: Reading, at: int, unit: Meaning) -> int:
    """Второй этаж, цокольный этаж, этаж цокольный: where it ends, nothing when it is not that."""
    said = vocabulary.ORDINALS.get(reading.low(at - 1))
    if said is not None and reading.is_free(at - 1) and not reading.has(unit.level):
        reading.put(unit.level, said, at - 1, at)
        reading.claim(at, at + unit.size)
        return at + unit.size
    if unit.level != "floor":
        return 0
    for word in (at - 1, at + unit.size):
        if reading.is_free(word) and reading.low(word).startswith("цок"):
            start, end = min(word, at), max(word + 1, at + unit.size)
            reading.put("floor", "цокольный", word, word + 1)
            reading.claim(start, end)
            return end
    return 0


def _read_code(reading: Reading, at: int, unit: Meaning) -> int:
    """The code of an entry phone as it is typed: 15к3214, 34#5678, 12 ключ 345."""
    start = at + unit.size
    while reading.low(start) in _CODE_LINKS or (start in reading.units and reading.units[start].level == "intercom"):
        start += 1
    end = start
    while end < min(start + _LONGEST_CODE, reading.size) and _is_code(reading, start, end):
        end += 1
    if end == start or not any(
        reading.kind(place) in ("number", "ordinal") or reading.low(place) in "#*" for place in range(start, end)
    ):
        return start
    first, last = reading.span(start, end)
    _put_once(reading, "intercom", "".join(reading.meant[first:last].split()), at, start, end)
    return end


def _is_code(reading: Reading, start: int, at: int) -> bool:
    token = reading.tokens[at]
    if token.kind == "number":
        return at == start or not token.gap or reading.low(at - 1) in ("к", "k", "в", "v", "#", "*", "ключ")
    if token.low in ("#", "*"):
        return True
    if token.kind == "ordinal":
        return at == start
    if token.kind != "word" or (at == start and reading.kind(at + 1) != "number"):
        return False
    if len(token.low) <= 2 and not token.gap:
        return True
    return token.low in ("к", "k", "в", "ключ") and reading.kind(at + 1) == "number"


def _put_unit(reading: Reading, unit: Meaning, at: int, text: str, start: int, end: int) -> None:
    """Give a unit its value, or leave it to the remark where the field has one."""
    field = unit.level
    if field == "room" and not reading.has("flat"):
        field = "flat"
    elif field == "flat" and reading.has("flat") and not reading.has("room"):
        field = "room"
    if reading.has(field):
        return
    _put_once(reading, field, text, at, start, end)
    if field in ("house", "structure", "flat", "room"):
        reading.put_type(field, unit, at)


def _put_once(reading: Reading, field: str, text: str, at: int, start: int, end: int) -> None:
    if not reading.has(field):
        reading.put(field, text, start, end)
        reading.claim(at, end)


# numbers by themselves


def _read_bare(reading: Reading, at: int, marked_flat: bool) -> int:
    """A number without a word before it; where to read on."""
    end = _before_its_word(reading, at)
    if end:
        return end
    if reading.tokens[at].kind == "ordinal":
        return at + 1
    if not reading.has("house") and _may_be_house(reading, at):
        return _put_house(reading, at, None, at)
    if not reading.has("flat") and not marked_flat and _may_be_flat(reading, at):
        text, end = _number(reading, at, "flat")
        if reading.is_end(end) or end in reading.units:
            reading.put("flat", text, at, end, 0.8)
            return end
    return at + 1


def _before_its_word(reading: Reading, at: int) -> int:
    """2-й подъезд, 4 эт., 78 км: where it ends, nothing when the number is not its word's."""
    word = at + 1
    if reading.low(word) == "-" and reading.units.get(word + 1) is not None:
        word += 1
    unit = reading.units.get(word)
    if unit is None or reading.has(unit.level):
        return 0
    glued_flat = unit.level == "flat" and not reading.tokens[word].gap
    if unit.level not in BEFORE_TOO and not (glued_flat and reading.has("house")):
        return 0
    after = reading.after_links(word + unit.size)
    followed = after is not None and reading.kind(after) == "number" and reading.is_free(after)
    is_ordinal = reading.tokens[at].kind == "ordinal"
    if (
        followed
        and not is_ordinal
        and not reading.has("house", "stead")
        and unit.level != "km"
        and _next_belongs(reading, after)
    ):
        return 0
    if unit.level == "km" and reading.low(word + unit.size) == "от":
        return 0
    found = _NUMERIC.match(reading.tokens[at].low)
    if found is None:
        return 0
    text = found.group()
    reading.put(unit.level, text, at, at + 1)
    if glued_flat:
        reading.put_type("flat", unit, word)
    reading.claim(at, word + unit.size)
    return word + unit.size


def _next_belongs(reading: Reading, after: int | None) -> bool:
    """Whether the number after a word is that word's: no other word claims it from behind."""
    if after is None:
        return False
    following = reading.units.get(after + 1)
    return following is None or following.level not in BEFORE_TOO or reading.kind(after + 2) == "number"


def _may_be_house(reading: Reading, at: int) -> bool:
    """Whether a bare number is a house: a street or place was said before it, or a street stands right before it."""
    if any(reading.units[place].level == "house" and reading.free[place] for place in reading.valued):
        return False
    if reading.low(at + 1) in NUMBERED or not reading.has(*_WORDS_OF_PLACE):
        return False
    if not reading.has("street") and any(reading.units[place].level == "stead" for place in reading.valued):
        return False
    ends = [reading.ends[field] for field in _WORDS_OF_PLACE if field in reading.ends]
    place = reading.ends.get("street") or max((end for end in ends if end <= at), default=at + 1)
    between = range(place, at)
    if any(reading.free[token] for token in between):
        return not any(reading.free[token] for token in range(_segment(reading, at), at)) and not reading.has("house")
    return at >= place


def _segment(reading: Reading, at: int) -> int:
    """Where the segment between commas begins that a token stands in."""
    while at > 0 and not reading.is_end(at - 1):
        at -= 1
    return at


def _may_be_flat(reading: Reading, at: int) -> bool:
    """Whether a bare number stands right after the house and its parts."""
    before = at - 1
    while before > 0 and reading.kind(before) == "mark" and reading.low(before) in (",", "-"):
        before -= 1
    return any(reading.ends.get(field) == before + 1 for field in _HOUSE_FIELDS)


def _put_house(reading: Reading, at: int, unit: Meaning | None, word: int) -> int:
    """The house that begins at a token, and the flat that a hyphen may tie to it; where to read on."""
    text, end = _number(reading, at, "house")
    if reading.has("house"):
        return end
    tied = _tied_numbers(reading, end)
    if len(tied) == 1 and (
        _is_double(text, tied[0][0]) or any(other.level == "flat" for other in reading.units.values())
    ):
        text, end = f"{text}-{tied[0][0]}", tied[0][2]
        tied = []
    reading.put("house", text, at, end, 1.0 if unit else 0.9)
    if unit is not None:
        reading.claim(word, end)
        reading.put_type("house", unit, word)
    # 101-56 is house and flat; 65-2-14 is house, block and flat.
    for field, (value, start, end) in zip(("block", "flat")[-len(tied) :], tied, strict=False):
        if not reading.has(field):
            reading.put(field, value, start, end, 0.8)
            reading.ends["house"] = end
    return end


def _tied_numbers(reading: Reading, at: int) -> list[tuple[str, int, int]]:
    """The one or two numbers that hyphens tie to a house, each with its first token and the one after its last."""
    found: list[tuple[str, int, int]] = []
    while len(found) < _MOST_TIED and reading.low(at) == "-" and reading.kind(at + 1) == "number":
        if not reading.is_free(at + 1) or at + 1 in reading.aside:
            break
        text, end = _number(reading, at + 1, "house")
        found.append((text, at + 1, end))
        at = end
    return found


def _is_double(first: str, second: str) -> bool:
    """Whether two numbers with a hyphen between them are one house: 62-64."""
    if not first.isdigit() or not (found := _NUMERIC.match(second)):
        return False
    return 0 < int(found.group()) - int(first) <= _DOUBLE_HOUSE


def _settle_lone_block(reading: Reading) -> None:
    """``стр. 7а`` or ``корп. 456`` with no house is the house (rule 5)."""
    if reading.has("house", "stead") or not reading.has(*_WORDS_OF_PLACE):
        return
    for field, kind in (("structure", ""), ("block", "корп")):
        part = reading.parts.get(field)
        if part is None:
            continue
        if reading.has("block") and field == "structure":
            continue
        reading.parts["house"] = reading.parts.pop(field)
        reading.ends["house"] = reading.ends.pop(field)
        said = reading.parts.pop(f"{field}_type", None)
        reading.parts["house_type"] = said if said is not None else part.__class__(kind, part.span)
        return


# streets without a word for them


def read_bare_street(reading: Reading) -> None:
    """A street that only stands where streets stand: before the house. ``мск ленина 32``; ``9 Мая, 72``."""
    if reading.has("street") or any(name.level == "street" and reading.free[at] for at, name in reading.names.items()):
        return
    for at in range(reading.size):
        if not reading.is_free(at) or at in reading.aside:
            continue
        unit = reading.units.get(at)
        is_house = unit is not None and unit.level == "house"
        if is_house or (reading.kind(at) == "number" and _ends_street(reading, at)):
            extent = _street_before(reading, at)
            if extent is not None:
                start, end = extent
                reading.put("street", clean_name(reading, start, end), start, end, 0.8)
                return
            if is_house:
                return


def _ends_street(reading: Reading, at: int) -> bool:
    """Whether a number may be the house right after a street's name."""
    unit = reading.units.get(at + 1)
    if unit is not None and unit.level == "km":
        return False
    return reading.low(at + 1) not in NUMBERED and not _is_ordinal_of_name(reading, at)


def _is_ordinal_of_name(reading: Reading, at: int) -> bool:
    """3 Парковая 12: a number that begins a name, with the house after it."""
    word = at + 1
    return (
        reading.is_plain(word)
        and len(reading.low(word)) > 3
        and is_adjective(reading.low(word))
        and (reading.is_end(at - 1) or not reading.is_free(at - 1))
        and (reading.kind(word + 1) in ("number", "mark") or word + 1 in reading.units or reading.is_plain(word + 1))
    )


def _street_before(reading: Reading, at: int) -> tuple[int, int] | None:
    """The run of plain words before a house's number, over one comma if need be."""
    end = at
    if end > 0 and reading.low(end - 1) in (",", "-"):
        end -= 1
    start = end
    while start > 0 and end - start < 5 and _belongs_to_bare(reading, start - 1):
        start -= 1
    if start == end or not any(
        reading.kind(place) == "word" and len(reading.low(place)) > 2 for place in range(start, end)
    ):
        return None
    before = start - 1
    if before >= 0 and reading.is_free(before) and reading.low(before) in vocabulary.LANDMARKS:
        return None
    if reading.low(start) in vocabulary.LANDMARKS or reading.low(start) in vocabulary.INTRODUCTIONS:
        while start < end and reading.low(start) in vocabulary.INTRODUCTIONS:
            start += 1
        if start == end or reading.low(start) in vocabulary.LANDMARKS:
            return None
    if (
        before >= 0
        and reading.is_free(before)
        and reading.low(before) in vocabulary.REMARKS
        and reading.low(before) not in ("в", "на")
    ):
        return None
    return start, end


def _belongs_to_bare(reading: Reading, at: int) -> bool:
    if reading.is_plain(at):
        return True
    if not reading.is_free(at) or at in reading.aside or reading.kind(at) != "number":
        return False
    return reading.low(at + 1) in NUMBERED or _is_ordinal_of_name(reading, at)
