"""S4-62…64: an interval of delivery in any spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.delivery.services.windows import BACKWARDS, NO_SUCH_TIME, UNREADABLE, BadWindow, Window, parse_window

MINUTES = st.integers(0, 24 * 60)
SPELLINGS = ("с {0} до {1}", "С {0} по {1}", "{0}-{1}", "{0}–{1}", " {0} — {1} ", "{0}-{1} ч", "from {0} to {1}")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("с 10 до 13", "10:00–13:00"),
        ("10-13", "10:00–13:00"),
        ("10:00–13:00", "10:00–13:00"),
        ("13.00 - 18.00", "13:00–18:00"),
        ("с 18 до 22 часов", "18:00–22:00"),
        ("с 9 ч. до 12 ч.", "09:00–12:00"),
        ("21-24", "21:00–24:00"),
        ("10–12:59", "10:00–12:59"),
    ],
)
def test_spellings_s4_62_63(typed: str, read: str) -> None:
    assert str(parse_window(typed)) == read


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("25:00", UNREADABLE),
        ("", UNREADABLE),
        ("утром", UNREADABLE),
        ("10-13-18", UNREADABLE),
        ("10-25", NO_SUCH_TIME),
        ("10:60-13", NO_SUCH_TIME),
        ("23-24:01", NO_SUCH_TIME),
        ("13-10", BACKWARDS),
        ("10-10", BACKWARDS),
    ],
)
def test_what_is_no_interval_is_refused_in_words(typed: str, why: str) -> None:
    with pytest.raises(BadWindow) as refusal:
        parse_window(typed)
    assert str(refusal.value) == why


@given(MINUTES, MINUTES, st.sampled_from(SPELLINGS))
def test_every_interval_is_read_as_it_was_written(first: int, second: int, spelling: str) -> None:
    start, end = sorted((first, second))
    typed = spelling.format(f"{start // 60}:{start % 60:02}", f"{end // 60:02}.{end % 60:02}")
    if start == end:
        with pytest.raises(BadWindow):
            parse_window(typed)
        return
    window = parse_window(typed)
    assert window == Window(start, end)
    assert parse_window(str(window)) == window


@given(st.text(max_size=40))
def test_any_text_is_an_interval_or_is_refused(text: str) -> None:
    try:
        window = parse_window(text)
    except BadWindow:
        return
    assert 0 <= window.start < window.end <= 24 * 60
