"""Every generated screen of service."""

from __future__ import annotations

from addons.service.screens.bookings import BOOKINGS
from addons.service.screens.orders import ORDERS
from addons.service.screens.visits import VISITS
from addons.service.screens.workshop import SCREENS
from core import Screen


def screens() -> list[Screen]:
    """The documents of service and the directories of the workshop."""
    return [BOOKINGS, VISITS, ORDERS, *SCREENS]
