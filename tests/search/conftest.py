"""The dealership of the tests with somebody to search for."""

from __future__ import annotations

import pytest

from tests.support.dealership import Furnish


@pytest.fixture(scope="session")
def furnish(addon_set: tuple[str, ...]) -> Furnish | None:
    """A few clients and documents where there are clients at all."""
    if "contacts" not in addon_set:
        return None
    from tests.search import office

    return office.fill
