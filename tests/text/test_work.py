"""No text makes these functions work more than in proportion to its length (SEC-36)."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from types import FrameType, ModuleType
from typing import Any

import pytest

from core.text import folding, letters, phones, plates, traces

HOSTILE = {
    "digits": "9",
    "pluses": "+",
    "brackets": "(",
    "spaces": " ",
    "almost a number": "8 925 71 ",
    "numbers": "89257184233 Виктор ",
    "marks": "а\u0301\u0316\u0327",
    "breves": "и\u0306\u0306",
    "one letter": "ы",
    "digraphs": "shchyo",
    "words": "Мерседес mercedes ",
    "plates": "а123вс77 ",
    "layout": "[];',.`",
    "astral": "𝔄😀",
    "surrogates": "\ud800",
    "ligature": "\ufdfa",
}
FUNCTIONS: dict[str, Callable[[str], object]] = {
    "parse_phone": lambda text: phones.parse_phone(text, area_code="495"),
    "format_phone": phones.format_phone,
    "phone_query": phones.phone_query,
    "normalise_plate": plates.normalise_plate,
    "format_plate": plates.format_plate,
    "plate_being_typed": plates.plate_being_typed,
    "normalise_vin": plates.normalise_vin,
    "fold": folding.fold,
    "swap_layout": folding.swap_layout,
    "search_key": folding.search_key,
    "variants": folding.variants,
    "terms": folding.terms,
    "match_score of a query": lambda text: folding.match_score(text, "Мерседес-Бенц"),
    "match_score of a text": lambda text: folding.match_score("мерс", text),
    "highlight a query": lambda text: folding.highlight("Мерседес-Бенц", text),
    "highlight a text": lambda text: folding.highlight(text, "мерс"),
    "corrected_layout": lambda text: folding.corrected_layout(text, [text]),
}


def work(function: Callable[[str], object], text: str) -> int:
    """How many calls, of Python and of C, one use makes."""
    calls = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        function(text)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_work_is_linear(function: Callable[[str], object]) -> None:
    function("+375291234567")  # whatever is loaded on first use is loaded now
    for name, unit in HOSTILE.items():
        small, large = (work(function, (unit * size)[:size]) for size in (1_000, 10_000))
        assert large <= 11 * small + 1_000, name


def patterns(module: ModuleType) -> Iterable[re.Pattern[str]]:
    for value in vars(module).values():
        if isinstance(value, re.Pattern):
            yield value
    yield from (pattern for _, pattern in getattr(module, "_PLATES", ()))


def unbounded_repeats(tree: Any, inside: bool = False) -> Iterable[bool]:
    """For each unbounded repeat of a parsed expression, whether it stands inside another repeat."""
    for operation, argument in tree:
        repeat = operation in (re._constants.MAX_REPEAT, re._constants.MIN_REPEAT)
        if repeat and argument[1] is re._constants.MAXREPEAT:
            yield inside
        for part in argument if isinstance(argument, (tuple, list)) else ():
            branches = part if isinstance(part, list) else [part]
            for branch in branches:
                if isinstance(branch, re._parser.SubPattern):
                    yield from unbounded_repeats(branch, inside or repeat)


def test_no_nested_repeats() -> None:
    """SEC-36, by the expressions' own syntax trees."""
    found = {
        pattern.pattern: list(unbounded_repeats(re._parser.parse(pattern.pattern)))
        for module in (folding, letters, phones, plates, traces)
        for pattern in patterns(module)
    }
    assert len(found) >= 10
    assert all(len(repeats) <= 1 and not any(repeats) for repeats in found.values())
    assert any(unbounded_repeats(re._parser.parse("(?:a+)+")))
