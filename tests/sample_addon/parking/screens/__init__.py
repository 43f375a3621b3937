"""The lists, cards and forms of parking, as declarations."""

from parking.screens.passes import PASSES
from parking.screens.zones import ZONES

__all__ = ["PASSES", "ZONES"]
