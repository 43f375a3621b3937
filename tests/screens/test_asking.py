"""The fields of a step that asks something first."""

from __future__ import annotations

import pytest

from core.web.asking import Box, _entered
from tests.ui.contract import assets, environment

SHELF, CELLAR = ("shelf", "Полка"), ("cellar", "Подвал")


def drawn(box: Box) -> str:
    made = environment("ru", assets())
    page = made.from_string('{% import "ui.html" as ui with context %}{% include "screens/ask_boxes.html" %}')
    return page.render(boxes=[box], entered={box.name: box.value}, ticked=set(), errors={})


@pytest.mark.parametrize(("value", "words"), [("cellar", "Подвал"), ("attic", "attic")])
@pytest.mark.parametrize("required", [False, True])
def test_a_select_shows_what_was_chosen_before(value: str, words: str, *, required: bool) -> None:
    """Also what is offered no more: saving something else must not lose it, nor choose another one instead."""
    box = Box("place", "Where", "select", value, (SHELF, CELLAR), required)
    page = drawn(box)
    assert f'<option value="{value}" selected>{words}</option>' in page
    assert page.count(" selected") == 1
    assert page.count(f'value="{value}"') == 1
    assert box.fault(value) == ""
    assert box.fault("roof")


def test_what_another_answer_asks_is_named_at_its_place() -> None:
    box = Box("depth", "Depth", when=("place", {"shelf", "cellar"}))
    assert '<div class="asked-with" data-asked-with="place" data-asked="cellar shelf">' in drawn(box)
    assert [box.asked({"place": place}) for place in ("shelf", "attic", "")] == [True, False, False]
    assert not box.asked({})
    assert Box("note", "Note").asked({})


@pytest.mark.parametrize(
    ("entered", "stands"),
    [
        (None, "1"),
        ({"note": ""}, ""),
        ({"flag": "1"}, "1"),
    ],
)
def test_a_flag_that_nobody_ticked_stays_so(entered: dict[str, str] | None, stands: str) -> None:
    assert _entered(entered, Box("flag", "Flag", "flag", "1")) == stands
