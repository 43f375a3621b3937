"""The tables of parking."""

from parking.models.passes import KeptPlace, Pass
from parking.models.zones import Zone

__all__ = ["KeptPlace", "Pass", "Zone"]
