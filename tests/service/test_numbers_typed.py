"""Numbers as people type them into the steps of an order (SEC-30)."""

from __future__ import annotations

import pytest

from addons.service.views.numbers_typed import scaled
from core.errors import Invalid


def test_a_number_is_read_as_people_write_it() -> None:
    assert scaled("price", "1 250,50 ₽", 100) == 125_050
    assert scaled("price", " ", 100) is None


@pytest.mark.parametrize("typed", ["9e999999", "-9e999999", "1e-999999", "1,234", "nan", "inf", "ten", "9" * 20])
def test_what_is_none_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        scaled("price", typed, 100)
    assert list(refused.value.errors) == ["price"]
