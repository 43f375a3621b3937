"""Whether a courier would still have questions: what of an order's delivery is filled in, and what is not (S4-48)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from addons.delivery.services.vocabulary import PART_TITLES
from core import T


@dataclass(frozen=True, slots=True)
class Completeness:
    """How much of what a courier needs is there; ``missing`` are the msgids of what is not."""

    done: int
    of: int
    missing: tuple[str, ...]

    @property
    def percent(self) -> int:
        """The share that is there."""
        return self.done * 100 // self.of


def missing_of(order: Mapping[str, str], parts: Mapping[str, str], *, checked: bool) -> Completeness:
    """What is still to be filled in.

    :param order: the fields of the order as a form holds them.
    :param parts: the fields of its address.
    :param checked: whether a person has checked all that was split.
    """
    wanted = list(_wanted(order, parts, checked=checked))
    missing = tuple(title for title, there in wanted if not there)
    return Completeness(len(wanted) - len(missing), len(wanted), missing)


def _wanted(order: Mapping[str, str], parts: Mapping[str, str], *, checked: bool) -> Iterator[tuple[str, object]]:
    yield T("Way of delivery"), order.get("method")
    yield T("Phone"), order.get("phone") or order.get("customer_id")
    yield T("Payment"), order.get("payment_method")
    if order.get("method") == "pickup":
        return
    yield T("Delivery address"), order.get("address", "").strip()
    yield T("Delivery date"), order.get("delivery_on")
    yield T("Delivery time"), order.get("window")
    yield PART_TITLES["city"], parts.get("city") or parts.get("settlement")
    yield PART_TITLES["street"], parts.get("street") or parts.get("territory") or parts.get("km")
    yield PART_TITLES["house"], parts.get("house") or parts.get("stead")
    if parts.get("flat") or parts.get("room"):
        yield PART_TITLES["entrance"], parts.get("entrance")
        yield PART_TITLES["floor"], parts.get("floor")
    yield T("Address checked"), checked and any(parts.values())
