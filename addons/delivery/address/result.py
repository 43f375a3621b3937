"""What an address comes to: its fields, each with the words it was read from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

FIELDS = (
    "postal_code", "country", "region", "region_type", "area", "area_type", "sub_area", "sub_area_type",
    "city", "city_type", "city_area", "city_district", "city_district_type", "settlement", "settlement_type",
    "territory", "territory_type", "street", "street_type", "km", "house", "house_type", "block",
    "structure", "structure_type", "letter", "stead", "entrance", "floor", "flat", "flat_type", "room", "room_type",
    "intercom", "metro", "postal_box", "comment",
)  # fmt: skip
"""The fields of an address, from the largest to the smallest; a ``_type`` belongs to the field before it."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """The value of one field.

    :ivar value: as it is kept: ``Санкт-Петербург`` where the text says ``спб``.
    :ivar span: where in the text its words are, end exclusive; nothing where the text does not say it.
    :ivar confidence: from 0 to 1, for ordering and marking; not a probability.
    :ivar assumed: whether it was filled in without being said (S4-55): the home city, the region of a known town.
    :ivar candidates: what else the text may mean; with an empty value, nothing was chosen (S4-56).
    """

    value: str
    span: Span | None = None
    confidence: float = 1.0
    assumed: bool = False
    candidates: tuple[str, ...] = ()

    @property
    def needs_choice(self) -> bool:
        """Whether a person has to choose: nothing was, and there are candidates."""
        return not self.value and bool(self.candidates)


@dataclass(frozen=True, slots=True)
class Address(Mapping[str, object]):
    """An address split into fields.

    As a mapping it has the value of each field that is known, and ``assumed``, the fields that the text does not
    say; :meth:`part` tells more of one field.
    """

    text: str
    parts: Mapping[str, Part] = field(default_factory=dict)

    def __getitem__(self, name: str) -> object:
        if name == "assumed":
            return self.assumed
        value = self.parts[name].value
        if not value:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        yield from (name for name in FIELDS if name in self.parts and self.parts[name].value)
        if self.assumed:
            yield "assumed"

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @property
    def assumed(self) -> list[str]:
        """The fields, without types, that were filled in without being said."""
        return [name for name, part in self.parts.items() if part.assumed and not name.endswith("_type")]

    def part(self, name: str) -> Part | None:
        """A field with all that is known of it; nothing where the text says nothing."""
        return self.parts.get(name)

    def value(self, name: str) -> str:
        """A field's value, empty where there is none."""
        part = self.parts.get(name)
        return part.value if part else ""

    def words(self, name: str) -> str:
        """The words of the text that a field was read from, empty where the text does not say it."""
        part = self.parts.get(name)
        return self.text[slice(*part.span)] if part and part.span else ""

    def with_part(self, name: str, part: Part) -> Address:
        """The same address with one field other."""
        return replace(self, parts={**self.parts, name: part})

    def canonical(self) -> str:
        """The address in one line, in the order and with the short words of the state register; it splits into the same."""
        return ", ".join(_canonical(self))


# The word that stands before a number; a type, where the field has one, stands there instead.
_WORDS_BEFORE = {
    "house": "д", "block": "к", "structure": "стр", "letter": "литера", "stead": "уч", "entrance": "подъезд",
    "floor": "этаж", "flat": "кв", "room": "комн", "intercom": "домофон", "metro": "метро", "postal_box": "а/я", "city": "г",
}  # fmt: skip
_WORDS_AFTER = {"km": "км"}
# Types that stand after an adjective name: Московская обл, but респ Коми.
_TYPE_AFTER = {"обл", "край", "АО", "Аобл", "р-н", "м.р-н"}


def _canonical(address: Address) -> Iterator[str]:
    for name in FIELDS:
        value = address.value(name)
        if not value or name.endswith("_type"):
            continue
        if name == "territory" and " " in value:
            value = f"«{value}»"
        kind = address.value(f"{name}_type") or _WORDS_BEFORE.get(name, "")
        after = _WORDS_AFTER.get(name, kind if kind in _TYPE_AFTER or value.endswith("ская Республика") else "")
        if after:
            yield f"{value} {after}"
        else:
            yield f"{kind} {value}".strip()
