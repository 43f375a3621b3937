"""What a submitted text says as a number of a record (SEC-30)."""

from __future__ import annotations

import pytest

from core.db.base import MAX_ID
from core.web.http import number_of, whole_number


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("007", 7), (str(MAX_ID), MAX_ID)])
def test_a_number_is_read(text: str, number: int) -> None:
    assert (number_of(text), whole_number(text)) == (number, number)


@pytest.mark.parametrize("text", ["", " 1", "-1", "+1", "1.0", "1_0", "٣", "²", str(MAX_ID + 1), "9" * 5000])
def test_what_no_database_could_hold_is_none(text: str) -> None:
    assert (number_of(text), whole_number(text)) == (None, None)


def test_records_are_numbered_from_one() -> None:
    assert (number_of("0"), whole_number("0")) == (None, 0)
