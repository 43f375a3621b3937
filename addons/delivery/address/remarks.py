"""What is left over: the remark to the courier."""

from __future__ import annotations

from addons.delivery.address.reading import Reading
from addons.delivery.address.result import Part
from addons.delivery.address.vocabulary import BEFORE_TOO, INTRODUCTIONS, LANDMARKS, REMARKS

# Words of a time or a distance: the numbers between them are no houses.
_OPENERS = REMARKS - {"в", "на", "у", "по", "к", "с", "о", "и", "под", "над", "из", "во", "со"}
_ABBREVIATION = 3


def set_remarks_aside(reading: Reading) -> None:
    """Mark what follows a word like ``вход`` or ``ТЦ`` as a remark, up to a comma or a unit with its number."""
    inside = in_name = False
    for at, token in enumerate(reading.tokens):
        if reading.is_end(at) or at in reading.units or at in reading.names or not reading.free[at]:
            inside = False
            in_name = at in reading.names and reading.names[at].level == "street"
        elif not inside and token.kind == "word":
            # "площадь Московского вокзала": in a street's name only abbreviations begin a remark.
            inside = token.low in _OPENERS or (
                token.low in LANDMARKS and (not in_name or len(token.low) <= _ABBREVIATION)
            )
            if inside:
                reading.aside.add(at)
        elif inside and at + 1 in reading.units and token.kind != "word" and reading.units[at + 1].level in BEFORE_TOO:
            inside = False
        elif inside:
            reading.aside.add(at)


def read_remark(reading: Reading) -> None:
    """Put together what no field has claimed, in its order."""
    pieces: list[str] = []
    first = last = None
    for at, token in enumerate(reading.tokens):
        if not reading.free[at] or token.low in INTRODUCTIONS or _is_empty_word(reading, at):
            continue
        first = token.start if first is None else first
        glued = last is not None and token.start == last and pieces
        if glued:
            pieces[-1] += token.text
        else:
            pieces.append(token.text)
        last = token.end
    if pieces and first is not None and last is not None:
        reading.parts["comment"] = Part(" ".join(pieces), (first, last))


def _is_empty_word(reading: Reading, at: int) -> bool:
    """A type word that is left without a name or a number says nothing."""
    name = reading.names.get(at)
    return name is not None and len(reading.tokens[at].low) <= 3 and name.level in ("city", "street", "settlement")
