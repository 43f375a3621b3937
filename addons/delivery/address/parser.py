"""The splitter: readers that claim words one after another, from what is most certain to what is least."""

from __future__ import annotations

from collections.abc import Mapping

from addons.delivery.address import names, numbers, places, remarks, settling, shapes
from addons.delivery.address.reading import Reading
from addons.delivery.address.result import FIELDS, Address

_ORDER = (
    shapes.read_shapes,
    places.read_country,
    places.read_region,
    places.read_okrug,
    places.read_metro,
    places.read_towns,
    places.read_districts,
    remarks.set_remarks_aside,
    names.read_highway,
    names.read_names,
    numbers.read_bare_street,
    numbers.read_units,
    names.leave_highway,
    remarks.read_remark,
    settling.settle_federal,
)


def parse(text: str, context: Mapping[str, str] | None = None) -> Address:
    """Split an address as people type it into its fields.

    :param text: the address, in any order and spelling. What is longer than a page is read up to its first words.
    :param context: the dealership's ``home_city``, ``home_region`` and ``home_region_type``; without it nothing is
        assumed of a text that names no place.
    :returns: the fields that the text says, each with its words; never an error, whatever the text.

    (S4-52, S4-53, S4-55, S4-56, S4-58)
    """
    reading = Reading(str(text or ""))
    for read in _ORDER:
        read(reading)
    settling.settle(reading, context)
    return Address(reading.text, {name: reading.parts[name] for name in FIELDS if name in reading.parts})
