"""What is settled once all is read: the home city, regions that follow from towns, what is ambiguous."""

from __future__ import annotations

from collections.abc import Mapping

from addons.delivery.address import gazetteer
from addons.delivery.address.gazetteer import FEDERAL_CITIES
from addons.delivery.address.reading import Reading
from addons.delivery.address.result import Part

_COUNTRYSIDE = frozenset(["снт", "днп", "днт", "дпк", "дск", "дк", "тсн", "онт", "снп", "кп", "массив", "урочище"])
# A text without a city may mean any of these near each other; S4-56 names Москва and Химки.
_NEIGHBOURS = ("Москва", "Химки")


def settle(reading: Reading, context: Mapping[str, str] | None) -> None:
    """Add what the text does not say but what follows from it, marked as assumed."""
    if context:
        _assume_home(reading, context)
    if not reading.has("city", "settlement"):
        _offer_cities(reading, context)
    _derive_region(reading)


def _assume_home(reading: Reading, context: Mapping[str, str]) -> None:
    home = str(context.get("home_city") or "")
    home_region = str(context.get("home_region") or "")
    if not home or reading.has("city", "settlement", "area", "sub_area", "country_other"):
        return
    if reading.value("territory_type") in _COUNTRYSIDE or reading.value("country") not in ("", "Россия"):
        return
    if reading.has("region") and gazetteer.key(reading.value("region")) != gazetteer.key(home_region):
        return
    if not reading.has("street", "house", "territory", "metro", "city_district"):
        return
    reading.parts["city"] = Part(home, None, 0.5, assumed=True)
    reading.parts["city_type"] = Part("г", None, 0.5, assumed=True)
    if home_region and not reading.has("region"):
        reading.parts["region"] = Part(home_region, None, 0.5, assumed=True)
        if context.get("home_region_type"):
            reading.parts["region_type"] = Part(str(context["home_region_type"]), None, 0.5, assumed=True)


def _offer_cities(reading: Reading, context: Mapping[str, str] | None) -> None:
    """Say which cities may be meant where none is named; none is chosen (S4-56). A metro station narrows them (S4-58)."""
    if not reading.has("street", "metro") or reading.has("area", "region", "sub_area"):
        return
    cities = gazetteer.cities_of_station(reading.value("metro")) if reading.has("metro") else ()
    if not cities:
        home = str(context.get("home_city") or "") if context else ""
        cities = tuple(dict.fromkeys(filter(None, (home, *_NEIGHBOURS))))
    reading.parts["city"] = Part("", None, 0.0, candidates=cities)


def _derive_region(reading: Reading) -> None:
    """The region of a town that has no namesake of its size."""
    if (reading.has("region", "country") and reading.value("country") != "Россия") or reading.has("region"):
        return
    town = gazetteer.towns().get(reading.value("city")) if reading.value("city") else None
    if town is None or not town.is_certain or reading.parts["city"].assumed:
        return
    kind = gazetteer.region_type(town.region)
    if kind is not None:
        reading.parts["region"] = Part(town.region, None, 0.9, assumed=True)
        reading.parts["region_type"] = Part(kind, None, 0.9, assumed=True)


def settle_federal(reading: Reading) -> None:
    """A federal city that is only said as the region of another town, or as a region by itself."""
    if reading.value("region") in FEDERAL_CITIES and not reading.has("city", "settlement", "area"):
        reading.parts["city"] = reading.parts.pop("region")
        reading.parts.pop("region_type", None)
