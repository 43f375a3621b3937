"""Number plates and VINs: one storage key whichever alphabet they were typed in, and the form people read (S2-28)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from core.text.letters import fold, rewrite, shape_pieces

MAX_PLATE = 20
"""Characters of a stored plate; the longest real ones have eleven."""

VIN_LENGTH = 17
_MAX_VIN_READ = 40

PlateKind = Literal["car", "taxi", "trailer", "motorcycle", "transit", "police", "diplomatic", "other"]
VinFault = Literal["too_short", "too_long", "bad_character"]

_L = "[ABEKMHOPCTYX]"
_REGION = r"([0-9]{2,3})?"
_PLATES: tuple[tuple[PlateKind, re.Pattern[str]], ...] = (
    ("car", re.compile(rf"({_L})([0-9]{{3}})({_L}{{2}}){_REGION}")),
    ("transit", re.compile(rf"({_L}{{2}})([0-9]{{3}})({_L}){_REGION}")),
    # Six digits after two letters can be 1237|77 of a trailer or 123|777 of a taxi: three-digit regions
    # begin with 1, 2, 7 or 9, and taxis of such a region are met more often than trailers.
    ("taxi", re.compile(rf"({_L}{{2}})([0-9]{{3}})([1279][0-9]{{2}}|[0-9]{{2}})?")),
    ("trailer", re.compile(rf"({_L}{{2}})([0-9]{{4}}){_REGION}")),
    ("motorcycle", re.compile(rf"([0-9]{{4}})({_L}{{2}}){_REGION}")),
    ("police", re.compile(rf"({_L})([0-9]{{4}}){_REGION}")),
    ("diplomatic", re.compile(rf"([0-9]{{3}})(CD[0-9]|[DT][0-9]{{3}}){_REGION}")),
)
_BEGUN = re.compile(
    rf"{_L}[0-9]{{1,3}}(?:{_L}{{1,2}}(?:[0-9]{{1,3}})?)?"
    rf"|{_L}{{2}}[0-9]{{1,4}}(?:{_L}?[0-9]{{1,3}})?"
    rf"|[0-9]{{4}}{_L}{{1,2}}(?:[0-9]{{1,3}})?"
)
_COUNTRY_MARKS = ("RUS", "PYC")  # RUS, and РУС with its letters folded
_TO_CYRILLIC = str.maketrans("ABEKMHOPCTYX", "АВЕКМНОРСТУХ")

_VIN_CHARACTERS = frozenset("0123456789ABCDEFGHJKLMNPRSTUVWXYZ")
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_VALUES = {digit: int(digit) for digit in "0123456789"} | dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)
)


def normalise_plate(raw: str) -> str:
    """The key a plate is stored and found by: upper case Latin, no spaces or dashes; empty if nothing is left.

    А123ВС77 and A123BC 77 are one plate. A plate of another country keeps its letters;
    at most :data:`MAX_PLATE` characters. A Russian plate loses the RUS under its region.
    """
    key = _code(raw)[:MAX_PLATE]
    for mark in _COUNTRY_MARKS:
        bare = key.removesuffix(mark)
        if bare != key and plate_kind(bare) != "other":
            return bare
    return key


def plate_kind(key: str) -> PlateKind:
    """What kind of Russian plate a key is, by its shape; ``other`` for foreign and unknown ones."""
    return next((kind for kind, pattern in _PLATES if pattern.fullmatch(key)), "other")


def format_plate(key: str) -> tuple[str, str]:
    """A stored key for the eye: («А 123 ВС», «777»); a plate that is not Russian comes back as it is, no region."""
    for kind, pattern in _PLATES:
        match = pattern.fullmatch(key)
        if match:
            *main, region = match.groups()
            letters = " ".join(main)
            return letters if kind == "diplomatic" else letters.translate(_TO_CYRILLIC), region or ""
    return key, ""


def plate_being_typed(text: str) -> str | None:
    """The key, or the beginning of one, if a text with its spaces is nothing but a Russian plate; else None.

    A space between two digits is a plate's only before its region: «а4 123» is a model and a number.
    """
    key = normalise_plate(text[:_MAX_VIN_READ])
    if plate_kind(key) == "other" and not _BEGUN.fullmatch(key):
        return None
    folded = fold(text[:_MAX_VIN_READ])
    parted = re.search(r"[0-9] [0-9]", folded)
    return None if parted and folded.split()[-1] != format_plate(key)[1] else key


@dataclass(frozen=True, slots=True)
class VinProblem:
    """Why a VIN is refused; ``position`` (from 1) and ``character`` name a bad one, else they are None."""

    fault: VinFault
    position: int | None = None
    character: str | None = None


@dataclass(frozen=True, slots=True)
class Vin:
    """A VIN as it was understood; valid if it has no problems.

    ``check_digit_agrees`` is information only: the ninth character is a check digit in North America and China,
    not in Europe. None where it cannot be counted.
    """

    value: str
    problems: tuple[VinProblem, ...]
    check_digit_agrees: bool | None

    @property
    def valid(self) -> bool:
        """Seventeen characters of the VIN alphabet."""
        return not self.problems


def normalise_vin(raw: str) -> Vin:
    """Read a VIN typed in either alphabet, spaces and dashes allowed: upper case, problems as data.

    The VIN alphabet has no I, O and Q; Cyrillic look-alikes are taken for Latin letters.
    """
    value = _code(raw)[:_MAX_VIN_READ]
    problems = tuple(_vin_problems(value))
    return Vin(value, problems, None if problems else _check_digit_agrees(value))


def _code(raw: str) -> str:
    return rewrite(fold(raw), shape_pieces).replace(" ", "").upper()


def _vin_problems(value: str) -> list[VinProblem]:
    problems = [
        VinProblem("bad_character", position, character)
        for position, character in enumerate(value, 1)
        if character not in _VIN_CHARACTERS
    ]
    if len(value) < VIN_LENGTH:
        problems.append(VinProblem("too_short"))
    if len(value) > VIN_LENGTH:
        problems.append(VinProblem("too_long"))
    return problems


def _check_digit_agrees(value: str) -> bool:
    total = sum(weight * _VIN_VALUES[char] for weight, char in zip(_VIN_WEIGHTS, value, strict=True))
    return value[8] == "0123456789X"[total % 11]
