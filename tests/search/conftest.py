"""The dealership of the tests with somebody to search for."""

from __future__ import annotations

import pytest

from tests.support.dealership import Dealership


@pytest.fixture
def dealership(dealership: Dealership, addon_set: tuple[str, ...]) -> Dealership:
    """The dealership, with a few clients and documents where there are clients at all."""
    if "contacts" in addon_set:
        from tests.search import office

        with dealership.session() as session:
            office.fill(session)
    return dealership
